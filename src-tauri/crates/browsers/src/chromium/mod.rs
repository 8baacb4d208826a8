//! What Chromium and its family keep.

pub(crate) mod cookies;
mod elsewhere;
mod folders;
mod key;
mod leveldbs;
pub(crate) mod session;

pub(crate) use elsewhere::cache_key;
pub(crate) use key::{identifier, storage_key};

use crate::look::Look;

/// Lists everything.
pub(crate) async fn see(look: &mut Look<'_>) {
    cookies::see(look).await;
    leveldbs::see(look).await;
    folders::see(look).await;
    elsewhere::see(look).await;
}
