//! What Firefox keeps.

mod attributes;
mod cookies;
mod elsewhere;
mod storage;

use crate::look::Look;

/// Lists everything.
pub(crate) async fn see(look: &mut Look<'_>) {
    cookies::see(look).await;
    storage::see(look).await;
    elsewhere::see(look).await;
}
