//! What Chromium and its family keep.

mod cookies;
mod elsewhere;
mod folders;
mod key;
mod leveldbs;

use crate::look::Look;

/// Lists everything.
pub(crate) async fn see(look: &mut Look<'_>) {
    cookies::see(look).await;
    leveldbs::see(look).await;
    folders::see(look).await;
    elsewhere::see(look).await;
}
