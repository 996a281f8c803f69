//! Rate limiters: a sliding window for STS and Systems Manager, token buckets for AWS Organizations.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use leaky_bucket::RateLimiter;
use tokio::time::{Instant, sleep_until};

/// A limiter for the calls within any interval of one length, first come first served. Unlike a bucket that is refilled
/// at intervals, it never admits twice the limit around a refill.
#[derive(Debug)]
pub(crate) struct SlidingWindowLimiter {
    calls: usize,
    within: Duration,
    /// Admission times of the latest calls, future ones included.
    turns: Mutex<VecDeque<Instant>>,
}

impl SlidingWindowLimiter {
    pub(crate) fn new(calls: usize, within: Duration) -> Self {
        Self { calls: calls.max(1), within, turns: Mutex::default() }
    }

    /// Resolves when one more call may be made. A cancelled wait loses its turn, which delays nobody for long.
    pub(crate) async fn acquire(&self) {
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

/// An operation with a limit of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    DescribeAccount,
    DescribeOrganization,
    ListAccounts,
    ListAccountsForParent,
    ListOrganizationalUnitsForParent,
    ListRegions,
    ListRoots,
    ListTagsForResource,
}

/// Limits calls to the documented rates, first come first served.
///
/// The limits apply per account, so that other callers of the account use them up, too. Calls that are throttled for
/// that reason are retried.
pub(super) struct OrganizationsRateLimiter {
    describe_account: RateLimiter,
    describe_organization: RateLimiter,
    list_accounts: RateLimiter,
    list_accounts_for_parent: RateLimiter,
    list_units_for_parent: RateLimiter,
    list_regions: RateLimiter,
    list_roots: RateLimiter,
    list_tags: RateLimiter,
}

impl Operation {
    /// The IAM action.
    pub(super) fn action(self) -> &'static str {
        match self {
            Self::DescribeAccount => "organizations:DescribeAccount",
            Self::DescribeOrganization => "organizations:DescribeOrganization",
            Self::ListAccounts => "organizations:ListAccounts",
            Self::ListAccountsForParent => "organizations:ListAccountsForParent",
            Self::ListOrganizationalUnitsForParent => "organizations:ListOrganizationalUnitsForParent",
            Self::ListRegions => "account:ListRegions",
            Self::ListRoots => "organizations:ListRoots",
            Self::ListTagsForResource => "organizations:ListTagsForResource",
        }
    }

    /// Calls per second, and burst.
    ///
    /// Sources: AWS Organizations User Guide, "Quotas and service limits", throttling limits per account; AWS Account
    /// Management Reference Guide, "Quotas".
    fn limit(self) -> (u32, usize) {
        match self {
            Self::DescribeAccount => (20, 30),
            Self::DescribeOrganization | Self::ListRoots => (1, 2),
            Self::ListAccounts => (8, 12),
            Self::ListAccountsForParent | Self::ListOrganizationalUnitsForParent => (5, 8),
            Self::ListRegions => (5, 5),
            Self::ListTagsForResource => (10, 15),
        }
    }

    fn limiter(self) -> RateLimiter {
        let (per_second, burst) = self.limit();
        RateLimiter::builder().initial(burst).max(burst).interval(Duration::from_secs(1) / per_second).refill(1).build()
    }
}

impl OrganizationsRateLimiter {
    pub(super) fn new() -> Self {
        Self {
            describe_account: Operation::DescribeAccount.limiter(),
            describe_organization: Operation::DescribeOrganization.limiter(),
            list_accounts: Operation::ListAccounts.limiter(),
            list_accounts_for_parent: Operation::ListAccountsForParent.limiter(),
            list_units_for_parent: Operation::ListOrganizationalUnitsForParent.limiter(),
            list_regions: Operation::ListRegions.limiter(),
            list_roots: Operation::ListRoots.limiter(),
            list_tags: Operation::ListTagsForResource.limiter(),
        }
    }

    /// Resolves when the operation may be called once more.
    pub(super) async fn wait_for(&self, operation: Operation) {
        let limiter = match operation {
            Operation::DescribeAccount => &self.describe_account,
            Operation::DescribeOrganization => &self.describe_organization,
            Operation::ListAccounts => &self.list_accounts,
            Operation::ListAccountsForParent => &self.list_accounts_for_parent,
            Operation::ListOrganizationalUnitsForParent => &self.list_units_for_parent,
            Operation::ListRegions => &self.list_regions,
            Operation::ListRoots => &self.list_roots,
            Operation::ListTagsForResource => &self.list_tags,
        };
        limiter.acquire_one().await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_stretch_of_that_length_has_more_calls() {
        let (limiter, second) = (SlidingWindowLimiter::new(100, Duration::from_secs(1)), Duration::from_secs(1));
        let mut turns = Vec::new();
        for nth in 0..1000 {
            // Some come in a crowd, some alone.
            if nth % 7 == 0 {
                tokio::time::advance(Duration::from_millis(nth % 90)).await;
            }
            limiter.acquire().await;
            turns.push(Instant::now());
        }
        for (nth, turn) in turns.iter().enumerate() {
            let within = turns.iter().skip(nth).take_while(|later| **later < *turn + second).count();
            assert!(within <= 100, "{within} calls within a second of the {nth}th");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_are_free_and_the_rest_is_as_fast_as_allowed() {
        let (limiter, began) = (SlidingWindowLimiter::new(100, Duration::from_secs(1)), Instant::now());
        for _ in 0..100 {
            limiter.acquire().await;
        }
        assert_eq!(began.elapsed(), Duration::ZERO);
        for _ in 0..300 {
            limiter.acquire().await;
        }
        assert_eq!(began.elapsed().as_secs(), 3);
    }

    /// How long so many calls at once take to be let through, in milliseconds.
    async fn let_through(operation: Operation, calls: usize) -> u128 {
        let (limiter, began) = (OrganizationsRateLimiter::new(), Instant::now());
        futures_util::future::join_all((0..calls).map(|_| limiter.wait_for(operation))).await;
        began.elapsed().as_millis()
    }

    #[tokio::test(start_paused = true)]
    async fn calls_at_once_are_free_and_the_others_come_at_the_documented_rate() {
        for (operation, at_once, rate) in [
            (Operation::DescribeAccount, 30, 20),
            (Operation::DescribeOrganization, 2, 1),
            (Operation::ListAccounts, 12, 8),
            (Operation::ListAccountsForParent, 8, 5),
            (Operation::ListOrganizationalUnitsForParent, 8, 5),
            (Operation::ListRegions, 5, 5),
            (Operation::ListRoots, 2, 1),
            (Operation::ListTagsForResource, 15, 10),
        ] {
            assert_eq!(let_through(operation, at_once).await, 0, "{operation:?}");
            let wanted = 1000 * 20 / rate;
            let took = let_through(operation, at_once + 20).await;
            assert!((wanted..wanted + 50).contains(&took), "{operation:?} took {took} ms instead of {wanted}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn five_thousand_accounts_take_as_long_as_documented() {
        // Pages of 20.
        let took = let_through(Operation::ListAccounts, 250).await;
        assert!((29_000..31_000).contains(&took), "{took} ms");
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_is_given_up_holds_up_nobody() {
        let (limiter, began) = (OrganizationsRateLimiter::new(), Instant::now());
        for _ in 0..2 {
            limiter.wait_for(Operation::ListRoots).await;
        }
        let soon = Duration::from_millis(10);
        assert!(tokio::time::timeout(soon, limiter.wait_for(Operation::ListRoots)).await.is_err());
        limiter.wait_for(Operation::ListRoots).await;
        assert!(began.elapsed() < Duration::from_millis(1100), "{:?}", began.elapsed());
    }
}
