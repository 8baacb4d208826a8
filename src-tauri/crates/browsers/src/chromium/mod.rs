//! What Chromium and its family keep.

pub(crate) mod cookies;
mod elsewhere;
mod folders;
mod key;
mod leveldbs;
mod made_of_history;
pub(crate) mod session;

pub(crate) use elsewhere::cache_key;
pub(crate) use key::{identifier, storage_key};
pub(crate) use made_of_history::{DOWNLOAD_NAMES, DOWNLOADED, PREDICTIONS, SHORTCUTS, TOP_SITES};

use crate::look::Look;

/// Lists everything.
pub(crate) async fn see(look: &mut Look<'_>) {
    cookies::see(look).await;
    leveldbs::see(look).await;
    folders::see(look).await;
    elsewhere::see(look).await;
}
