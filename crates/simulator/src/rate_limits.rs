//! Rate limits per account and per organization.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::account_id::AccountId;
use crate::clock::SimClock;
use crate::operation::Operation;
use crate::world::World;

/// A token bucket: calls per second, and burst.
#[derive(Debug, Clone, Copy)]
struct Rate(u32, u32);

/// The limits of each account and, where there is one, of all accounts of an organization together.
///
/// Source: AWS Organizations User Guide, "Quotas for AWS Organizations", "Throttling limits"; AWS Account Management
/// Reference Guide, "Quotas for AWS Account Management".
const LIMITS: [(Operation, Rate, Option<Rate>); 11] = [
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
    by_account: Buckets<AccountId>,
    /// Keyed by the management account of the organization.
    by_organization: Option<Buckets<AccountId>>,
}

impl Limits {
    /// The limits of a world. Without `limits: true` it has none.
    pub(crate) fn new(world: &World, clock: &SimClock) -> Self {
        let is_limited = world.organization().is_some_and(|organization| organization.limits);
        let limiter = |(operation, account, organization): (Operation, Rate, Option<Rate>)| {
            let by_organization = organization.map(|rate| rate.buckets(clock));
            (operation, Limiter { by_account: account.buckets(clock), by_organization })
        };
        Self(LIMITS.into_iter().filter(|_| is_limited).map(limiter).collect())
    }

    /// Whether an account may call an operation now. A refused call takes nothing from the organization's bucket.
    pub(crate) fn allow(&self, world: &World, operation: Operation, caller: AccountId) -> bool {
        let Some(limiter) = self.0.get(&operation) else { return true };
        let organization = world.organization().filter(|_| world.member(caller).is_some());
        limiter.by_account.check_key(&caller).is_ok()
            && match (&limiter.by_organization, organization) {
                (Some(buckets), Some(organization)) => buckets.check_key(&organization.management).is_ok(),
                _ => true,
            }
    }
}

impl Rate {
    fn buckets(self, clock: &SimClock) -> Buckets<AccountId> {
        let Self(per_second, burst) = self;
        let quota = Quota::per_second(positive(per_second)).allow_burst(positive(burst));
        RateLimiter::hashmap_with_clock(quota, clock.clone())
    }
}

fn positive(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}
