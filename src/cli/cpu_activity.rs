//! Whether the process does anything, told by its processor time.

use std::time::{Duration, Instant};

/// Since when the process has done nothing, but for the thread that asks.
#[derive(Debug)]
pub(super) struct CpuActivity {
    since: Instant,
    worked: Duration,
}

/// Less processor time than this between two looks is none: taking the two clocks costs some.
const NOTHING: Duration = Duration::from_millis(1);

impl CpuActivity {
    /// It does something now.
    pub(super) fn now() -> Self {
        Self { since: Instant::now(), worked: cpu_time() }
    }

    /// For how long it has done nothing. To be asked again and again, by the same thread.
    pub(super) fn idle_for(&mut self) -> Duration {
        let worked = cpu_time();
        if worked.saturating_sub(self.worked) >= NOTHING || !CAN_TELL {
            self.since = Instant::now();
        }
        self.worked = worked;
        self.since.elapsed()
    }
}

#[cfg(unix)]
const CAN_TELL: bool = true;

#[cfg(not(unix))]
const CAN_TELL: bool = false;

/// The processor time of the process without that of this thread.
#[cfg(unix)]
fn cpu_time() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    let time = |clock| Duration::try_from(clock_gettime(clock)).unwrap_or_default();
    time(ClockId::ProcessCPUTime).saturating_sub(time(ClockId::ThreadCPUTime))
}

#[cfg(not(unix))]
fn worked() -> Duration {
    Duration::ZERO
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_works_is_not_idle() {
        let mut idle = CpuActivity::now();
        let worker = std::thread::spawn(|| {
            let end = Instant::now() + Duration::from_millis(300);
            while Instant::now() < end {
                std::hint::black_box(0);
            }
        });
        std::thread::sleep(Duration::from_millis(150));
        let first = idle.idle_for();
        worker.join().expect("it ends");
        assert!(first < Duration::from_millis(100), "{first:?}");
    }
}
