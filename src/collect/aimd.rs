//! How much of one thing may be asked at once: halved when that shows strain, and grown back by answers.

/// The calls under way of one kind, and how many there may be.
///
/// Additive increase, multiplicative decrease: after as many good answers as there may be calls, there may be one more. No
/// clock is needed: after a halving, signs of strain say nothing until as many calls have come back as were under way, for
/// those were sent before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AimdLimiter {
    maximum: usize,
    limit: usize,
    in_flight: usize,
    successes: usize,
    /// Calls under way when the limit was halved last that have not come back.
    in_flight_at_cut: usize,
}

impl AimdLimiter {
    /// Room for so many calls, and never for less than one.
    pub(super) fn new(most: usize) -> Self {
        let most = most.max(1);
        Self { maximum: most, limit: most, in_flight: 0, successes: 0, in_flight_at_cut: 0 }
    }

    /// Whether one more call may be made.
    pub(super) fn has_capacity(&self) -> bool {
        self.in_flight < self.limit
    }

    /// How many calls are under way.
    pub(super) fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// A call is made.
    pub(super) fn begin(&mut self) {
        self.in_flight += 1;
    }

    /// A call has come back, with an answer or without.
    pub(super) fn end(&mut self, well: bool) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.in_flight_at_cut = self.in_flight_at_cut.saturating_sub(1);
        if !well || self.limit == self.maximum {
            return;
        }
        self.successes += 1;
        if self.successes >= self.limit {
            self.successes = 0;
            self.limit += 1;
        }
    }

    /// There is a sign of strain. Where nothing is under way, it is of something that is over.
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

    fn limit_of(window: &AimdLimiter) -> usize {
        let mut window = window.clone();
        while window.has_capacity() {
            window.begin();
        }
        window.in_flight()
    }

    #[test]
    fn strain_halves_once_per_round_of_calls_and_never_below_one() {
        let mut window = AimdLimiter::new(16);
        for _ in 0..16 {
            window.begin();
        }
        assert!(!window.has_capacity());
        for _ in 0..16 {
            window.on_congestion();
        }
        assert_eq!(window.limit, 8, "all of them were sent before the first sign");
        for _ in 0..16 {
            window.end(false);
        }
        assert_eq!(limit_of(&window), 8);
        for _ in 0..10 {
            window.begin();
            window.on_congestion();
            window.end(false);
        }
        assert_eq!(limit_of(&window), 1, "there is always room for one");
    }

    #[test]
    fn answers_grow_it_back_and_not_beyond_what_it_was() {
        let mut window = AimdLimiter::new(4);
        window.begin();
        window.on_congestion();
        window.end(false);
        assert_eq!(limit_of(&window), 2);
        let mut answers = 0;
        while limit_of(&window) < 4 {
            window.begin();
            window.end(true);
            answers += 1;
        }
        assert_eq!(answers, 2 + 3, "each step costs as many answers as there may be calls");
        for _ in 0..100 {
            window.begin();
            window.end(true);
        }
        assert_eq!(limit_of(&window), 4);
    }
}
