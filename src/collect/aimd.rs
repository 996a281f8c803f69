//! AIMD limiter: additive increase, multiplicative decrease.

/// The calls of one kind in flight, and how many there may be.
///
/// As many successes as the limit raise it by one, up to the maximum. Congestion halves it, and is then ignored until as many calls
/// have ended as were in flight at the cut, because those were sent before it. No clock is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AimdLimiter {
    maximum: usize,
    limit: usize,
    in_flight: usize,
    successes: usize,
    /// Calls of the last cut that have not ended.
    in_flight_at_cut: usize,
}

impl AimdLimiter {
    /// A limiter at its maximum, which is at least one.
    pub(super) fn new(maximum: usize) -> Self {
        let maximum = maximum.max(1);
        Self { maximum, limit: maximum, in_flight: 0, successes: 0, in_flight_at_cut: 0 }
    }

    /// Whether one more call may begin.
    pub(super) fn has_capacity(&self) -> bool {
        self.in_flight < self.limit
    }

    /// The calls in flight.
    pub(super) fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// A call begins.
    pub(super) fn begin(&mut self) {
        self.in_flight += 1;
    }

    /// A call has ended.
    pub(super) fn end(&mut self, succeeded: bool) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.in_flight_at_cut = self.in_flight_at_cut.saturating_sub(1);
        if !succeeded || self.limit == self.maximum {
            return;
        }
        self.successes += 1;
        if self.successes >= self.limit {
            self.successes = 0;
            self.limit += 1;
        }
    }

    /// Halves the limit. With no call in flight the congestion is over already.
    pub(super) fn on_congestion(&mut self) {
        if self.in_flight_at_cut == 0 && self.in_flight > 0 {
            self.limit = (self.limit / 2).max(1);
            self.successes = 0;
            self.in_flight_at_cut = self.in_flight;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit_of(limiter: &AimdLimiter) -> usize {
        let mut limiter = limiter.clone();
        while limiter.has_capacity() {
            limiter.begin();
        }
        limiter.in_flight()
    }

    #[test]
    fn congestion_halves_once_per_round_of_calls_and_never_below_one() {
        let mut limiter = AimdLimiter::new(16);
        for _ in 0..16 {
            limiter.begin();
        }
        assert!(!limiter.has_capacity());
        for _ in 0..16 {
            limiter.on_congestion();
        }
        assert_eq!(limiter.limit, 8, "all of them were sent before the cut");
        for _ in 0..16 {
            limiter.end(false);
        }
        assert_eq!(limit_of(&limiter), 8);
        for _ in 0..10 {
            limiter.begin();
            limiter.on_congestion();
            limiter.end(false);
        }
        assert_eq!(limit_of(&limiter), 1, "there is always room for one");
    }

    #[test]
    fn answers_grow_it_back_and_not_beyond_what_it_was() {
        let mut limiter = AimdLimiter::new(4);
        limiter.begin();
        limiter.on_congestion();
        limiter.end(false);
        assert_eq!(limit_of(&limiter), 2);
        let mut answers = 0;
        while limit_of(&limiter) < 4 {
            limiter.begin();
            limiter.end(true);
            answers += 1;
        }
        assert_eq!(answers, 2 + 3, "each step costs as many answers as there may be calls");
        for _ in 0..100 {
            limiter.begin();
            limiter.end(true);
        }
        assert_eq!(limit_of(&limiter), 4);
    }
}
