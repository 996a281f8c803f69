//! `driftline plan`: the calls that would remove the drift.

use std::path::PathBuf;

use clap::Args;

use super::arguments::Common;
use super::base::{BaseSide, RunAccounts};
use super::build_plan::{PlanOutcome, PlanRequest, build_plan};
use super::deadline::DeadlineArgument;
use super::endpoint::EndpointArgs;
use super::error::CliError;
use super::exit::ExitStatus;
use super::git_base;
use super::policy_context::PolicyContextArgs;
use super::reports::{parse_plan_report, text_options, validate_destinations, write_each};
use super::runtime::runtime;
use super::workspace::Workspace;
use crate::plan::{Plan, PlanDocument};
use crate::report::{Format, FormatOptions, ReportRequest, View, write_plan_markdown, write_plan_text};

/// Show the calls that would remove the drift, with risk and consequence
///
/// Reads, never writes. With --out, saves the plan, so that `driftline apply` carries out exactly what was reviewed.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline plan policies\n  \
    driftline plan policies --out plan.json              then review it, and: driftline apply plan.json\n  \
    driftline plan policies --report markdown=plan.md    for a comment on the pull request")]
pub(super) struct PlanArguments {
    /// Policy files, or folders of them; without any, those that driftline.toml lists, or else the folder policies beside it
    #[arg(value_name = "POLICY")]
    policies: Vec<PathBuf>,
    #[command(flatten)]
    given: PolicyContextArgs,
    /// Save the plan to this file, for `driftline apply`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write a report: text, json or markdown, to standard output or to a file; may be given several times
    ///
    /// Without one for standard output, the text report goes there.
    #[arg(long = "report", value_name = "FORMAT[=FILE]", value_parser = parse_plan_report)]
    reports: Vec<ReportRequest>,
    #[command(flatten)]
    deadline: DeadlineArgument,
    /// Hold the policies against those of a git revision, such as origin/main: in Markdown, what the change fixes, what it causes,
    /// and what was drifting already
    #[arg(long, value_name = "GIT_REF")]
    base: Option<String>,
    #[command(flatten)]
    which: EndpointArgs,
}

pub(super) fn run(common: &Common, arguments: PlanArguments) -> Result<ExitStatus, CliError> {
    let mut wanted = arguments.reports;
    // The saved plan is one more report: it must not collide with another, and be possible before anything is read.
    let saved = arguments.out.as_deref().map(ReportRequest::json_to);
    wanted.extend(saved);
    let wanted = validate_destinations(wanted)?;
    let ground = Workspace::find(common.config.as_deref(), &arguments.given)?;
    let paths = ground.paths(&arguments.policies)?;
    let (inputs, old) = match &arguments.base {
        Some(base) => {
            let (old, new) = git_base::load_at_revision(common, base, &arguments.policies, &arguments.given)?;
            (new.inputs, Some(BaseSide::new(base.clone(), old.inputs)?))
        }
        None => (ground.load(&paths)?, None),
    };
    inputs.keep(&wanted, arguments.which.kept().as_slice())?;
    let way = arguments.which.resolve(&inputs)?;
    let occasion = PlanRequest {
        source: way.source,
        paths,
        as_of: arguments.given.as_of,
        deadline: arguments.deadline.or_of(&inputs.settings),
    };
    let made = Box::pin(build_plan(common, inputs, way.options.clone(), &occasion));
    let (inputs, PlanOutcome { mut plan, mut report, interrupted }) = runtime(common)?.block_on(made)?;
    if let Some(old) = old {
        let caller = report.run.caller.as_ref().map(|caller| caller.account);
        let learnt = RunAccounts { source: &inputs.settings.accounts, inventory: &report.accounts, caller };
        let base = old.compare(&learnt, None)?;
        plan.facts.base = Some(base.facts(&report.comparison));
        report.base = Some(base);
    }
    // Decided here, before any report is written: no report can change it.
    let exit = interrupted.unwrap_or_else(|| exit_of(&plan));
    let document = PlanDocument::from_plan(&plan).to_bytes();
    let (view, options) = (View::from(&report), FormatOptions::default());
    write_each(&wanted, &[Format::Json], &|format, stream, out| match format {
        Format::Json => out.write_all(&document),
        Format::Markdown => write_plan_markdown(&plan, &view, &options, out),
        _ => write_plan_text(&plan, text_options(stream, common), out),
    })?;
    Ok(exit)
}

/// Drift, whether or not it can be removed, is 2; something unread is 4.
pub(super) fn exit_of(plan: &Plan) -> ExitStatus {
    match (plan.has_drift(), plan.not_planned.is_empty()) {
        (false, true) => ExitStatus::Clean,
        (true, true) => ExitStatus::Drift,
        (false, false) => ExitStatus::Incomplete,
        (true, false) => ExitStatus::DriftAndIncomplete,
    }
}
