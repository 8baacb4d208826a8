//! Made-up profiles: every layout, look-alike hosts, stale locks, and what is broken.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test's panic is the failure it reports")]

mod broken;
mod cleared;
mod discovery;
mod disks;
mod faults;
mod full;
mod killed;
mod made;
mod opened;
mod shown;
