//! So many calls in any stretch of time, and no more.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Lets at most so many calls through in any stretch of time of one length, those that wait in their order. Other than a
/// bucket that is filled again and again, it never lets twice as many through around the moment of filling.
#[derive(Debug)]
pub(super) struct SlidingWindowLimiter {
    calls: usize,
    within: Duration,
    /// When the last so many calls were let through, or will be.
    turns: Mutex<VecDeque<Instant>>,
}

impl SlidingWindowLimiter {
    pub(super) fn new(calls: usize, within: Duration) -> Self {
        Self { calls: calls.max(1), within, turns: Mutex::default() }
    }

    /// Resolves when one more call may be made. A turn that is given up is lost, which holds nobody up for long.
    pub(super) async fn acquire(&self) {
        let turn = self.next_turn();
        if turn > Instant::now() {
            sleep_until(turn).await;
        }
    }

    fn next_turn(&self) -> Instant {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let turn = if turns.len() < self.calls {
            now
        } else {
            turns.pop_front().map_or(now, |before| now.max(before + self.within))
        };
        turns.push_back(turn);
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_stretch_of_that_length_has_more_calls() {
        let (pace, second) = (SlidingWindowLimiter::new(100, Duration::from_secs(1)), Duration::from_secs(1));
        let mut turns = Vec::new();
        for nth in 0..1000 {
            // Some come in a crowd, some alone.
            if nth % 7 == 0 {
                tokio::time::advance(Duration::from_millis(nth % 90)).await;
            }
            pace.acquire().await;
            turns.push(Instant::now());
        }
        for (nth, turn) in turns.iter().enumerate() {
            let within = turns.iter().skip(nth).take_while(|later| **later < *turn + second).count();
            assert!(within <= 100, "{within} calls within a second of the {nth}th");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_are_free_and_the_rest_is_as_fast_as_allowed() {
        let (pace, began) = (SlidingWindowLimiter::new(100, Duration::from_secs(1)), Instant::now());
        for _ in 0..100 {
            pace.acquire().await;
        }
        assert_eq!(began.elapsed(), Duration::ZERO);
        for _ in 0..300 {
            pace.acquire().await;
        }
        assert_eq!(began.elapsed().as_secs(), 3);
    }
}
