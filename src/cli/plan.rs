//! `driftline plan`: the calls that would remove the drift.

use std::path::PathBuf;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::build_plan::{PlanOutcome, PlanRequest, build_plan};
use super::endpoint::{DeadlineArgs, Endpoint, EndpointArgs};
use super::error::CliError;
use super::exit::{ExitStatus, FailOnArgs};
use super::format_args::RepositoryArgs;
use super::git_base::{BaseSide, RunAccounts, load_with_base};
use super::help_headings::{FORMAT, OUTPUT};
use super::run_context::RunContext;
use super::selection::{NamedPlace, RunScope, SelectionArgs};
use super::workspace::{LoadedConfig, PolicyContextArgs, Workspace};
use super::write_reports::{parse_plan_report, validate_destinations, write_each};
use crate::drift::BaseFacts;
use crate::plan::{Plan, PlanBase, PlanDocument};
use crate::report::{
    Format, FormatOptions, ReportRequest, View, approved_findings, write_plan_markdown, write_plan_text,
};

/// Heading of the options that select the targets.
const WHAT: &str = "What to plan";

/// Show the calls that would remove the drift, with risk and consequence
///
/// Never writes to AWS. With --out, saves the plan, so that `driftline apply` runs exactly what was reviewed.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline plan policies\n  \
    driftline plan policies --out plan.json              save it for `driftline apply`\n  \
    driftline plan policies --only payments-prod/eu-central-1 --out fix.json\n  \
    driftline plan policies --report markdown=plan.md    for a pull request")]
pub(super) struct PlanArgs {
    /// Policy files or folders; by default those listed in driftline.toml, or else the folder policies beside it
    #[arg(value_name = "POLICY")]
    policies: Vec<PathBuf>,
    #[command(flatten, next_help_heading = WHAT)]
    policy_context: PolicyContextArgs,
    #[command(flatten, next_help_heading = WHAT)]
    selection: SelectionArgs,
    /// Plan every target, and keep only the steps of this one, all its resources; repeatable
    ///
    /// An account id or name, and a Region. A step that needs one of another target is blocked.
    #[arg(long, value_name = "ACCOUNT/REGION", conflicts_with_all = ["accounts", "regions"], help_heading = WHAT)]
    only: Vec<NamedPlace>,
    #[command(flatten, next_help_heading = WHAT)]
    endpoint: EndpointArgs,
    /// Save the plan to this file, for `driftline apply`
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    out: Option<PathBuf>,
    /// Write a report: text, json or markdown, to standard output or a file; repeatable
    ///
    /// If no report goes to standard output, the text report does.
    #[arg(long = "report", value_name = "FORMAT[=FILE]", value_parser = parse_plan_report, help_heading = OUTPUT)]
    reports: Vec<ReportRequest>,
    #[command(flatten)]
    fail_on: FailOnArgs,
    /// Compare with the policies at a Git revision, such as origin/main: show what the change accepts, waives and causes
    #[arg(long, value_name = "GIT_REF", help_heading = "Changes")]
    base: Option<String>,
    #[command(flatten)]
    deadline: DeadlineArgs,
    #[command(flatten)]
    repository: RepositoryArgs,
    /// Name of the policy set, to tell the comments of several sets apart; by default the paths of the policies
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new(), help_heading = FORMAT)]
    policy_set: Option<String>,
}

pub(super) fn run(context: &RunContext, args: PlanArgs) -> Result<ExitStatus, CliError> {
    let mut job = PlanJob::prepare(context, args)?;
    let outcome = job.read_and_plan()?;
    let outcome = job.compare_with_base(outcome)?;
    job.write(outcome)
}

/// A run of `plan`.
struct PlanJob<'a> {
    context: &'a RunContext,
    reports: Vec<ReportRequest>,
    config: LoadedConfig,
    base: Option<BaseSide>,
    endpoint: Endpoint,
    request: PlanRequest,
    fail_on: FailOnArgs,
    formats: FormatOptions,
}

impl<'a> PlanJob<'a> {
    /// Checks the outputs and loads the files.
    fn prepare(context: &'a RunContext, args: PlanArgs) -> Result<Self, CliError> {
        // The saved plan is one more report: it must not collide with others, and be writable before anything is read.
        let saved_plan = args.out.as_deref().map(ReportRequest::json_to);
        let reports = validate_destinations(args.reports.into_iter().chain(saved_plan).collect())?;
        let formats = args.repository.options()?;
        let workspace = Workspace::find(context.config()?, &args.policy_context)?;
        let paths = workspace.paths(&args.policies)?;
        let partial_policies = workspace.left_out(&paths).unwrap_or_default();
        context.warn_of_partial_policies(&partial_policies);
        let (config, base) =
            load_with_base(context, workspace, args.base.as_deref(), &args.policies, &args.policy_context)?;
        config.ensure_not_overwritten(&reports, args.endpoint.reserved())?;
        let endpoint = args.endpoint.resolve(&config.settings)?;
        let limit = args.deadline.limit(&config.settings)?;
        let (as_of, selection) = (args.policy_context.as_of, args.selection.selection());
        let request = PlanRequest { paths, as_of, limit, selection, only: args.only, partial_policies };
        let formats =
            FormatOptions { console: config.settings.console_url.clone(), plan_key: args.policy_set, ..formats };
        Ok(Self { context, reports, config, base, endpoint, request, fail_on: args.fail_on, formats })
    }

    fn read_and_plan(&mut self) -> Result<PlanOutcome, CliError> {
        let built = Box::pin(build_plan(self.context, &mut self.config, &self.endpoint, &self.request));
        self.context.runtime()?.block_on(built)
    }

    /// Adds the comparison with the base, if one is named.
    fn compare_with_base(&mut self, mut outcome: PlanOutcome) -> Result<PlanOutcome, CliError> {
        let Some(old) = self.base.take() else { return Ok(outcome) };
        let report = &mut outcome.report;
        let accounts = RunAccounts {
            source: &self.config.settings.accounts,
            inventory: &report.accounts,
            caller: report.run.caller.as_ref().map(|caller| caller.account),
        };
        let scope = RunScope { selection: self.request.selection.as_ref(), ..RunScope::default() };
        let base = old.compare(&accounts, scope)?;
        let BaseFacts { revision, counts } = base.facts(&report.comparison);
        report.base = Some(base);
        let findings = approved_findings(&View::from(&*report));
        outcome.plan.facts.base = Some(PlanBase { revision, counts, findings });
        Ok(outcome)
    }

    fn write(&self, outcome: PlanOutcome) -> Result<ExitStatus, CliError> {
        let PlanOutcome { plan, report, interrupted } = outcome;
        // The exit code is final before any report is written.
        let exit = self.fail_on.mask(interrupted.unwrap_or_else(|| plan_exit(&plan)));
        let document = PlanDocument::from_plan(&plan).to_bytes();
        let view = View::from(&report);
        let options = self.formats.with_paths_of(view.run.policy_files.iter().map(String::as_str));
        write_each(&self.reports, &[Format::Json], &|format, stream, out| match format {
            Format::Json => out.write_all(&document),
            Format::Markdown => write_plan_markdown(&plan, &view, &options, out),
            _ => write_plan_text(&plan, self.context.text_options(stream), out),
        })?;
        Ok(exit)
    }
}

/// Exit status of a plan: 2 for drift, whether or not it can be removed, and 4 for targets that are unread and not expected to
/// be, or if nothing is known of any target.
pub(super) fn plan_exit(plan: &Plan) -> ExitStatus {
    ExitStatus::for_findings(plan.has_drift(), plan.is_incomplete())
}
