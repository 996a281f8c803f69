//! Reading, each account for itself.

use std::future::Future;
use std::pin::pin;

use super::fan_out::Run;
use super::{Gathering, Limits, Question};
use crate::aws::Access;
use crate::model::RegionTable;

/// Reads every target that is asked about. Each question gets exactly one reading, and failures of one target never
/// spoil another's.
///
/// `stop` ends the run when it resolves, as does the deadline: calls in flight are dropped at once, what was read is
/// kept, and the rest is unread. `progress` is told how many questions have their reading whenever that changes.
///
/// The readings do not depend on the order in which answers arrive, unless the run is cut short.
pub async fn gather(
    access: &Access,
    questions: &[Question],
    table: &RegionTable,
    limits: &Limits,
    stop: impl Future<Output = ()>,
    progress: &dyn Fn(usize),
) -> Gathering {
    let run = Run::within(limits, access, questions, table, progress);
    let (readings, _) = run.fan_out(vec![None; questions.len()], pin!(stop)).await;
    Gathering { readings, requests: access.requests(), unheard: std::collections::BTreeMap::new() }
}
