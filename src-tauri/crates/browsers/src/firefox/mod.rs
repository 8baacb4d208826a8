//! What Firefox keeps.

mod attributes;
pub(crate) mod cookies;
mod elsewhere;
pub(crate) mod session;
mod storage;

pub(crate) use attributes::partition;
pub(crate) use elsewhere::{BOOKMARKED, VISITED, cache_key, unpacked};
pub(crate) use storage::{older_origin, quota_origin};

use crate::look::Look;

/// Lists everything.
pub(crate) async fn see(look: &mut Look<'_>) {
    cookies::see(look).await;
    storage::see(look).await;
    elsewhere::see(look).await;
}
