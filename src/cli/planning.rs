//! From policies to a plan: what `plan` does, and `apply` before it does anything else.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::Date;

use super::arguments::Common;
use super::exit::Exit;
use super::failure::Failure;
use super::inputs::Inputs;
use super::reading::read;
use super::scope::Scope;
use crate::aws::{Access, AccessOptions};
use crate::document::shown_path;
use crate::drift::Comparison;
use crate::live::{Administration, survey};
use crate::model::{Clock, Inventory, Source};
use crate::plan::{Basis, Facts, Maker, Plan, concerns, plan};
use crate::report::{Report, RunFacts};

/// A plan, and what it took.
pub(super) struct Planned {
    pub(super) plan: Plan,
    /// What the plan rests on.
    pub(super) report: Report,
    /// The exit code of the signal that cut the run short.
    pub(super) interrupted: Option<Exit>,
}

/// What a plan is made for, beside policies.
pub(super) struct Occasion {
    /// Where the readings come from.
    pub(super) source: Source,
    /// The paths of the policies.
    pub(super) paths: Vec<PathBuf>,
    /// The day by which waivers are judged, where it is not that of the run.
    pub(super) as_of: Option<Date>,
    /// What is not known by then is unread.
    pub(super) deadline: Duration,
}

/// Reads, compares, and plans.
pub(super) async fn made(
    common: &Common,
    inputs: Inputs,
    options: AccessOptions,
    occasion: &Occasion,
) -> Result<(Inputs, Planned), Failure> {
    let began = Instant::now();
    let started_at = Clock::System.now();
    let (inputs, read) =
        Box::pin(read(common, inputs, options, Scope { keeps_open: true, ..Scope::until(occasion.deadline) })).await?;
    let comparison = Comparison::new(read.resolved.desired, read.readings, inputs.today);
    let Some((access, caller)) = read.access.zip(read.caller.clone()) else {
        return Err(read.interrupted.map_or(Failure::DeadlineEarly, Failure::InterruptedEarly));
    };
    let facts = Facts {
        created_at: whole_seconds(Clock::System.now()),
        source: occasion.source,
        maker: Maker { account: caller.account, arn: caller.arn.into() },
        basis: Basis::Policies {
            digest: inputs.policies.digest.clone(),
            files: inputs.policies.files.clone(),
            paths: occasion.paths.iter().map(|path| shown_here(path)).collect(),
        },
        as_of: occasion.as_of,
        settings_file: inputs.settings_file(),
        base: None,
    };
    let left = occasion.deadline.saturating_sub(began.elapsed());
    let (plan, interrupted) =
        of_comparison(common, facts, &comparison, &inputs, &read.resolved.inventory, &access, left).await;
    let report = Report {
        run: RunFacts {
            command: "plan",
            started_at,
            finished_at: Clock::System.now(),
            source: occasion.source,
            policy_digest: inputs.policies.digest.clone(),
            policy_files: inputs.policies.files.clone(),
            settings_file: inputs.settings_file(),
            as_of: occasion.as_of,
            shard: None,
            carried: None,
            snapshot: None,
            management_account: read.resolved.inventory.management_account(),
            caller: read.caller,
        },
        comparison,
        accounts: read.resolved.inventory,
        requests: access.requests(),
        base: None,
    };
    Ok((inputs, Planned { plan, report, interrupted }))
}

/// Plans what removes the drift of a comparison, after asking what must be known for that.
pub(super) async fn of_comparison(
    common: &Common,
    facts: Facts,
    comparison: &Comparison,
    inputs: &Inputs,
    accounts: &Inventory,
    access: &Access,
    deadline: Duration,
) -> (Plan, Option<Exit>) {
    let administration = Administration { administrator: inputs.settings.aws.administrator_account, accounts };
    let concerns = concerns(comparison);
    let stop = common.shutdown.cancelled();
    let learnt = survey(access, &concerns, administration, inputs.settings.concurrency, Some(deadline), stop).await;
    (plan(facts, comparison, &learnt, accounts), common.shutdown.received())
}

/// A path as it is shown, and as it is found again from the same folder.
fn shown_here(path: &Path) -> String {
    std::env::current_dir().map_or_else(|_| path.display().to_string(), |here| shown_path(path, &here))
}

/// The fraction is cut off, so that no time lies in the future.
pub(super) fn whole_seconds(moment: Timestamp) -> Timestamp {
    Timestamp::from_second(moment.as_second()).unwrap_or(moment)
}
