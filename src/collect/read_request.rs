//! What is asked of a run, and what it gives.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::Duration;

use tokio::time::Instant;

use crate::aws::RequestCounts;
use crate::model::{DesiredTarget, Region, Target, Unread};
use crate::resource::Reading;

/// One target to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadRequest {
    /// The target.
    pub target: Target,
    /// Whether a declaration that decides about the target names its Region, as opposed to a pattern or to all Regions.
    /// Where Macie cannot be on, a named Region reads as not enabled, any other as not applicable.
    pub region_named: bool,
    /// Whether what Macie's administrator is told of its members answers the question: nothing else is declared.
    pub member_list_suffices: bool,
}

impl ReadRequest {
    /// The question that a target with its wish asks.
    pub fn for_target(target: &DesiredTarget) -> Self {
        Self {
            target: target.target(),
            region_named: target.wish.region_named,
            member_list_suffices: target.wish.settings.iter().all(|wish| wish.setting.in_member_list()),
        }
    }
}

/// The limits of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CollectLimits {
    /// Calls in flight at once, of any kind.
    pub concurrency: NonZeroUsize,
    /// How long the run may read; what is not read by then is unread.
    pub deadline: Option<Duration>,
    /// Whether the credentials of accounts whose targets are read are kept, for whoever has more to ask there.
    pub keeps_open: bool,
}

/// What a run read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collected {
    /// One reading per question, in the order of the questions.
    pub readings: Vec<Reading>,
    /// The requests made since the way to AWS was opened, the question whose the credentials are among them.
    pub requests: RequestCounts,
    /// The Regions in which Macie's administrator could not be asked to the end, and why.
    pub list_failures: BTreeMap<Region, Unread>,
}

impl CollectLimits {
    /// When the run may read no more, if it begins now.
    pub(super) fn ends(&self) -> Option<Instant> {
        self.deadline.map(|deadline| Instant::now() + deadline)
    }
}
