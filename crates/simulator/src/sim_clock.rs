//! How long a simulation has run, as its rate limits and temporary credentials see it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use governor::clock::Clock;
use governor::nanos::Nanos;

/// A clock that follows the real one until it is stopped; then time passes only when somebody says so.
#[derive(Debug, Clone)]
pub(super) struct Stopwatch(Arc<Mutex<Time>>);

#[derive(Debug, Clone, Copy)]
enum Time {
    RunningSince(Instant),
    StoppedAt(Duration),
}

impl Stopwatch {
    pub(super) fn start() -> Self {
        Self(Arc::new(Mutex::new(Time::RunningSince(Instant::now()))))
    }

    pub(super) fn stop(&self) {
        let mut time = self.lock();
        *time = Time::StoppedAt(time.elapsed());
    }

    /// Stops, and moves on by a length of time.
    pub(super) fn pass(&self, length: Duration) {
        let mut time = self.lock();
        *time = Time::StoppedAt(time.elapsed().saturating_add(length));
    }

    /// How long it has run.
    pub(super) fn elapsed(&self) -> Duration {
        self.lock().elapsed()
    }

    fn lock(&self) -> MutexGuard<'_, Time> {
        // A change is one assignment: there is no half of it to be afraid of.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Time {
    fn elapsed(self) -> Duration {
        match self {
            Self::RunningSince(start) => start.elapsed(),
            Self::StoppedAt(length) => length,
        }
    }
}

impl Clock for Stopwatch {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        // Centuries before this matters.
        u64::try_from(self.elapsed().as_nanos()).unwrap_or(u64::MAX / 2).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_runs_until_it_is_stopped() {
        let watch = Stopwatch::start();
        let start = watch.now();
        while watch.now() == start {}
        watch.stop();
        let stopped = watch.now();
        std::thread::sleep(Duration::from_millis(1));
        assert_eq!(watch.now(), stopped);
        watch.pass(Duration::from_secs(3));
        assert_eq!(watch.now(), stopped + Duration::from_secs(3));
    }
}
