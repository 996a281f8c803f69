//! Reading, each account for itself.

use std::future::Future;
use std::pin::pin;

use super::collector::Collector;
use super::{CollectLimits, Collected, ReadRequest};
use crate::aws::AwsSession;
use crate::model::RegionTable;

/// Reads every target that is asked about. Each question gets exactly one reading, and failures of one target never
/// spoil another's.
///
/// `stop` ends the run when it resolves, as does the deadline: calls in flight are dropped at once, what was read is
/// kept, and the rest is unread. `progress` is told how many questions have their reading whenever that changes.
///
/// The readings do not depend on the order in which answers arrive, unless the run is cut short.
pub async fn collect(
    access: &AwsSession,
    questions: &[ReadRequest],
    table: &RegionTable,
    limits: &CollectLimits,
    stop: impl Future<Output = ()>,
    progress: &dyn Fn(usize),
) -> Collected {
    let run = Collector::new(limits, access, questions, table, progress);
    let (readings, _) = run.run(vec![None; questions.len()], pin!(stop)).await;
    Collected { readings, requests: access.requests(), list_failures: std::collections::BTreeMap::new() }
}
