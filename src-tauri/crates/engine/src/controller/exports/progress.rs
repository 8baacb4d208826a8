//! How a download and a check come along, for whoever looks.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use settings_privacy_core::export::WorkflowId;

use super::Desk;

/// Nobody is told more often than this.
pub(super) const EVERY: Duration = Duration::from_millis(200);

/// A download, as it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transfer {
    /// Bytes that are here, those of earlier tries among them.
    pub received: u64,
    /// Bytes there are.
    pub of: u64,
    /// Bytes a second, over the last seconds; `None` until it can be told.
    pub per_second: Option<u64>,
    /// How long the rest takes at that rate.
    pub left: Option<Duration>,
}

/// A check, as it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checking {
    /// Bytes checked.
    pub done: u64,
    /// Bytes there are to check; 0 until that is known.
    pub of: u64,
}

impl Checking {
    pub(super) fn of(progress: &settings_privacy_archive::Progress) -> Self {
        Self {
            done: progress.done.load(Ordering::Relaxed),
            of: progress.of.load(Ordering::Relaxed),
        }
    }
}

impl Desk {
    /// Tells whoever looks that something moved.
    pub(super) fn moved(&self) {
        if self.progress.receiver_count() > 0 {
            self.progress.send_modify(|tick| *tick = tick.wrapping_add(1));
        }
    }

    /// Tells it again and again, while somebody looks, until `work` is done.
    pub(super) async fn moving<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        loop {
            match tokio::time::timeout(EVERY, &mut work).await {
                Ok(done) => return done,
                // Nothing ended yet; whoever looks is told that time went on.
                Err(_) => self.moved(),
            }
        }
    }
}

/// Measures a download.
pub(super) struct Meter {
    id: WorkflowId,
    of: u64,
    received: u64,
    told: Instant,
    told_at: u64,
    rate: Option<f64>,
}

impl Meter {
    pub(super) fn start(desk: &Desk, id: WorkflowId, received: u64, of: u64) -> Self {
        let meter = Self {
            id,
            of,
            received,
            told: Instant::now(),
            told_at: received,
            rate: None,
        };
        meter.show(desk);
        meter
    }

    pub(super) fn more(&mut self, desk: &Desk, bytes: u64) {
        self.received += bytes;
        let passed = self.told.elapsed();
        if passed < EVERY {
            return;
        }
        let now = (self.received - self.told_at) as f64 / passed.as_secs_f64();
        // A second or two of the past counts, so that the figure can be read.
        self.rate = Some(self.rate.map_or(now, |rate| rate * 0.8 + now * 0.2));
        (self.told, self.told_at) = (Instant::now(), self.received);
        self.show(desk);
    }

    fn show(&self, desk: &Desk) {
        let rate = self.rate.filter(|rate| *rate >= 1.0);
        let rest = self.of.saturating_sub(self.received) as f64;
        let transfer = Transfer {
            received: self.received,
            of: self.of,
            per_second: rate.map(|rate| rate as u64),
            left: rate.and_then(|rate| Duration::try_from_secs_f64(rest / rate).ok()),
        };
        desk.live(self.id, |live| live.transfer = Some(transfer));
        desk.moved();
    }
}
