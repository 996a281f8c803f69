//! The two clocks: elapsed time, which can be stopped, with the rate limits on it, and the time of day.

use std::collections::BTreeMap;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use governor::clock::Clock;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use hyper::StatusCode;
use hyper::header::HeaderValue;
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};

use crate::account_id::AccountId;
use crate::operation::{Operation, Service};
use crate::region::Region;
use crate::response::ServiceError;
use crate::world::World;

/// A clock that follows the real one until it is stopped, and then advances only through [`SimClock::pass`].
#[derive(Debug, Clone)]
pub(crate) struct SimClock(Arc<Mutex<Time>>);

#[derive(Debug, Clone, Copy)]
enum Time {
    RunningSince(Instant),
    StoppedAt(Duration),
}

impl SimClock {
    pub(crate) fn start() -> Self {
        Self(Arc::new(Mutex::new(Time::RunningSince(Instant::now()))))
    }

    pub(crate) fn stop(&self) {
        let mut time = self.lock();
        *time = Time::StoppedAt(time.elapsed());
    }

    /// Stops, and moves on by a length of time.
    pub(crate) fn pass(&self, length: Duration) {
        let mut time = self.lock();
        *time = Time::StoppedAt(time.elapsed().saturating_add(length));
    }

    /// How long it has run.
    pub(crate) fn elapsed(&self) -> Duration {
        self.lock().elapsed()
    }

    fn lock(&self) -> MutexGuard<'_, Time> {
        // A change is one assignment, so a panic cannot leave half of it.
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

impl Clock for SimClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        // Centuries before this matters.
        u64::try_from(self.elapsed().as_nanos()).unwrap_or(u64::MAX / 2).into()
    }
}

/// The maximum clock skew of a request.
///
/// Source: IAM User Guide, "Elements of an AWS API request signature", which has 5 minutes; STS was also seen with 15.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
/// The form of moments in a signature, and in messages about one.
const SIGNED_FORM: &str = "%Y%m%dT%H%M%SZ";

/// The time of day of the simulated AWS, which may be wrong.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WallClock {
    /// The offset from the clock of the machine.
    ahead: SignedDuration,
}

impl WallClock {
    pub(crate) fn new(ahead: SignedDuration) -> Self {
        Self { ahead }
    }

    pub(crate) fn now(self) -> Timestamp {
        let now = Timestamp::now();
        now.saturating_add(self.ahead).unwrap_or(now)
    }

    /// The header `Date` of an answer, if it is not that of every server on this machine.
    pub(crate) fn date(self) -> Option<HeaderValue> {
        let differs = !self.ahead.is_zero();
        let date = differs.then(|| DateTimePrinter::new().timestamp_to_rfc9110_string(&self.now()))?;
        HeaderValue::from_str(&date.ok()?).ok()
    }

    /// The refusal that a request earns by the moment of its signature.
    ///
    /// Source: answers of AWS published by others, `InvalidSignatureException` of services that speak JSON, and
    /// `SignatureDoesNotMatch` of STS.
    pub(crate) fn refusal(self, signed: Timestamp, service: Service) -> Option<ServiceError> {
        let now = self.now();
        let off = signed.duration_since(now);
        if off.abs() <= TOLERANCE {
            return None;
        }
        let text = |moment: Timestamp| moment.strftime(SIGNED_FORM).to_string();
        let (signed, limit, now) = (text(signed), text(now.saturating_add(allowed(off)).unwrap_or(now)), text(now));
        let minutes = TOLERANCE.as_mins();
        let message = if off.is_negative() {
            format!("Signature expired: {signed} is now earlier than {limit} ({now} - {minutes} min.)")
        } else {
            format!("Signature not yet current: {signed} is still later than {limit} ({now} + {minutes} min.)")
        };
        let code = if service == Service::Sts { "SignatureDoesNotMatch" } else { "InvalidSignatureException" };
        Some(ServiceError::new(StatusCode::FORBIDDEN, code, message))
    }
}

/// The furthest that would be allowed in the same direction.
fn allowed(off: SignedDuration) -> SignedDuration {
    if off.is_negative() { -TOLERANCE } else { TOLERANCE }
}

/// A token bucket: calls per second, and burst.
#[derive(Debug, Clone, Copy)]
struct Rate(u32, u32);

/// The limits of each account and, where there is one, of all accounts of an organization together. That of Systems Manager
/// is one per Region.
///
/// Source: AWS Organizations User Guide, "Quotas for AWS Organizations", "Throttling limits"; AWS Account Management
/// Reference Guide, "Quotas for AWS Account Management"; AWS General Reference, "AWS Systems Manager endpoints and quotas",
/// which has no burst.
const LIMITS: [(Operation, Rate, Option<Rate>); 12] = [
    (Operation::DescribeSessions, Rate(6, 6), None),
    (Operation::ListRegions, Rate(5, 5), None),
    (Operation::DescribeAccount, Rate(20, 30), Some(Rate(24, 36))),
    (Operation::DescribeOrganization, Rate(1, 2), None),
    (Operation::DescribeOrganizationalUnit, Rate(2, 2), Some(Rate(2, 3))),
    (Operation::ListAccounts, Rate(8, 12), Some(Rate(9, 15))),
    (Operation::ListAccountsForParent, Rate(5, 8), Some(Rate(6, 10))),
    (Operation::ListDelegatedAdministrators, Rate(5, 8), Some(Rate(6, 10))),
    (Operation::ListOrganizationalUnitsForParent, Rate(5, 8), Some(Rate(6, 10))),
    (Operation::ListParents, Rate(5, 8), Some(Rate(6, 10))),
    (Operation::ListRoots, Rate(1, 2), Some(Rate(1, 3))),
    (Operation::ListTagsForResource, Rate(10, 15), Some(Rate(12, 18))),
];

type Buckets<K> = RateLimiter<K, HashMapStateStore<K>, SimClock>;

/// The state of all limits.
#[derive(Debug)]
pub(crate) struct Limits(BTreeMap<Operation, Limiter>);

#[derive(Debug)]
struct Limiter {
    by_account: Buckets<(AccountId, Option<Region>)>,
    /// Keyed by the management account of the organization.
    by_organization: Option<Buckets<AccountId>>,
}

impl Limits {
    /// The limits of a world. Without `limits: true` it has none.
    pub(crate) fn new(world: &World, clock: &SimClock) -> Self {
        let is_limited = world.limits || world.organization().is_some_and(|organization| organization.limits);
        let limiter = |(operation, account, organization): (Operation, Rate, Option<Rate>)| {
            let by_organization = organization.map(|rate| rate.buckets(clock));
            (operation, Limiter { by_account: account.buckets(clock), by_organization })
        };
        Self(LIMITS.into_iter().filter(|_| is_limited).map(limiter).collect())
    }

    /// Whether an account may call an operation now. A refused call takes nothing from the organization's bucket.
    pub(crate) fn allow(&self, world: &World, operation: Operation, (caller, region): (AccountId, Region)) -> bool {
        let Some(limiter) = self.0.get(&operation) else { return true };
        let region = (operation.service() == Service::Ssm).then_some(region);
        let organization = world.organization().filter(|_| world.member(caller).is_some());
        limiter.by_account.check_key(&(caller, region)).is_ok()
            && match (&limiter.by_organization, organization) {
                (Some(buckets), Some(organization)) => buckets.check_key(&organization.management).is_ok(),
                _ => true,
            }
    }
}

impl Rate {
    fn buckets<K: Hash + Eq + Clone>(self, clock: &SimClock) -> Buckets<K> {
        let Self(per_second, burst) = self;
        let quota = Quota::per_second(positive(per_second)).allow_burst(positive(burst));
        RateLimiter::hashmap_with_clock(quota, clock.clone())
    }
}

fn positive(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_runs_until_it_is_stopped() {
        let watch = SimClock::start();
        let start = watch.now();
        while watch.now() == start {}
        watch.stop();
        let stopped = watch.now();
        std::thread::sleep(Duration::from_millis(1));
        assert_eq!(watch.now(), stopped);
        watch.pass(Duration::from_secs(3));
        assert_eq!(watch.now(), stopped + Duration::from_secs(3));
    }

    #[test]
    fn five_minutes_are_let_pass_in_both_directions() {
        let time = WallClock::new(SignedDuration::from_hours(-1));
        let code = |seconds: i64, service| {
            let signed = time.now() + SignedDuration::from_secs(seconds);
            time.refusal(signed, service).map(|failure| failure.code.into_owned())
        };
        for seconds in [-290, 0, 290] {
            assert_eq!(code(seconds, Service::Macie), None, "{seconds}");
        }
        for seconds in [-3600, -310, 310, 3600] {
            assert_eq!(code(seconds, Service::Macie).as_deref(), Some("InvalidSignatureException"), "{seconds}");
            assert_eq!(code(seconds, Service::Sts).as_deref(), Some("SignatureDoesNotMatch"), "{seconds}");
        }
    }

    #[test]
    fn a_clock_that_is_right_needs_no_date_of_its_own() {
        assert_eq!(WallClock::new(SignedDuration::ZERO).date(), None);
        let date = WallClock::new(SignedDuration::from_mins(10)).date().expect("a date");
        assert!(date.to_str().expect("text").ends_with(" GMT"), "{date:?}");
    }
}
