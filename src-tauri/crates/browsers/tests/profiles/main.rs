//! Made-up profiles: every layout, look-alike hosts, stale locks, and what is broken.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test's panic is the failure it reports")]

mod broken;
mod cleared;
mod deciding;
mod deciding_faults;
mod discovery;
mod disks;
mod elsewhere;
mod faults;
mod full;
mod killed;
mod large;
mod made;
mod made_of_history;
mod offered;
mod older;
mod opened;
mod policies;
mod shown;
mod visited;
