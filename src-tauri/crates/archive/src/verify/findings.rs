//! What was found, in the order in which it was found.

use settings_privacy_core::archive::{Fault, Finding, MOST_FINDINGS};

/// What was found, up to a number.
#[derive(Default)]
pub(super) struct Findings {
    list: Vec<Finding>,
    more: u64,
}

impl Findings {
    pub(super) fn add(&mut self, fault: Fault) {
        if self.list.iter().any(|found| found.fault == fault) {
            return;
        }
        if self.list.len() < MOST_FINDINGS {
            self.list.push(fault.into());
        } else {
            self.more += 1;
        }
    }

    pub(super) fn add_all(&mut self, faults: impl IntoIterator<Item = Fault>) {
        faults.into_iter().for_each(|fault| self.add(fault));
    }

    pub(super) fn finish(self) -> (Vec<Finding>, u64) {
        (self.list, self.more)
    }
}
