//! What is asked of a run, and what it gives.

use std::num::NonZeroUsize;
use std::time::Duration;

use crate::aws::RequestCounts;
use crate::model::Target;
use crate::session::Reading;

/// One target to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The target.
    pub target: Target,
    /// Whether a declaration that decides about the target names its Region, as opposed to a pattern or to all Regions.
    /// Where Macie cannot be on, a named Region reads as not enabled, any other as not applicable.
    pub region_named: bool,
}

/// The limits of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Calls in flight at once, of any kind.
    pub concurrency: NonZeroUsize,
    /// How long the run may read; what is not read by then is unread.
    pub deadline: Option<Duration>,
}

/// What a run read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gathering {
    /// One reading per question, in the order of the questions.
    pub readings: Vec<Reading>,
    /// The requests made since the way to AWS was opened, the question whose the credentials are among them.
    pub requests: RequestCounts,
}
