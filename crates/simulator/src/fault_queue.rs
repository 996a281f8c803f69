//! The faults of a world, counted down as they act.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::account_id::AccountId;
use crate::region::Region;

use super::operation::Operation;
use super::world::{Fault, FaultKind};

/// The faults in the order of the file.
#[derive(Debug)]
pub(super) struct FaultScript(Vec<Scripted>);

#[derive(Debug)]
struct Scripted {
    fault: Fault,
    /// Not looked at where the fault acts always.
    left: AtomicU32,
}

impl FaultScript {
    pub(super) fn new(faults: Vec<Fault>) -> Self {
        let scripted = |fault: Fault| Scripted { left: AtomicU32::new(fault.times.map_or(0, NonZeroU32::get)), fault };
        Self(faults.into_iter().map(scripted).collect())
    }

    /// The first fault that strikes the request and has uses left, of which this takes one.
    pub(super) fn next(&self, account: Option<AccountId>, region: Region, operation: Operation) -> Option<&FaultKind> {
        let acts = |scripted: &&Scripted| scripted.fault.matches(account, region, operation) && scripted.take();
        self.0.iter().find(acts).map(|scripted| &scripted.fault.kind)
    }
}

impl Scripted {
    fn take(&self) -> bool {
        let take_one = |left: u32| left.checked_sub(1);
        self.fault.times.is_none() || self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take_one).is_ok()
    }
}
