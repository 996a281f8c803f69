//! `driftline explain`: the effective settings of one target, their source, and what they override; or the page of a code.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use super::error::CliError;
use super::exit::ExitStatus;
use super::explain_topic::{SubjectError, Topic, topic_list};
use super::explanation::{Explanation, write_explanation_json, write_explanation_text};
use super::help_headings::OUTPUT;
use super::run_context::RunContext;
use super::selection::{NamedPlace, no_target, no_target_reason};
use super::workspace::{PolicyContextArgs, Workspace};
use super::write_reports::{parse_text_or_json, validate_destinations, write_each};
use crate::inventory::AccountsSource;
use crate::model::{AccountId, Resource, Target};
use crate::report::{Format, ReportRequest, TextOptions};

/// Heading of the options that select what is explained.
const WHAT: &str = "What to explain";

/// Show the effective settings of a target and their origin, or what a code means (offline)
///
/// A target is written as ACCOUNT/REGION. A code is that of an error or warning (unknown-key), the id of a rule (DL1001), or the reason
/// for which something is unread (denied). A code needs neither policies nor settings.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline explain 111122223333/eu-central-1 policies\n  \
    driftline explain payments-prod/eu-central-1 policies --inventory accounts.json\n  \
    driftline explain 111122223333/eu-central-1 policies --report json\n  \
    driftline explain unknown-key    what the error means, and how to fix it\n  \
    driftline explain DL9001         the same for a rule of a report\n  \
    driftline explain --list         every code")]
pub(super) struct ExplainArgs {
    /// Target (account id or name, and Region), or a code
    ///
    /// A name needs an inventory that has names, such as --inventory accounts.json.
    #[arg(value_name = "ACCOUNT/REGION|CODE", required_unless_present = "list")]
    subject: Option<Subject>,
    /// Policy files or folders; by default those listed in driftline.toml, or else the folder policies beside it
    #[arg(value_name = "POLICY")]
    policies: Vec<PathBuf>,
    /// List every code with one line about it
    #[arg(long, conflicts_with_all = ["subject", "policies", "as_of", "inventory"], help_heading = WHAT)]
    list: bool,
    #[command(flatten, next_help_heading = WHAT)]
    policy_context: PolicyContextArgs,
    /// Write the explanation: text or json, to standard output or a file; repeatable
    #[arg(long = "report", value_name = "FORMAT[=FILE]", value_parser = parse_text_or_json, help_heading = OUTPUT)]
    reports: Vec<ReportRequest>,
}

/// What is to be explained.
#[derive(Debug, Clone)]
enum Subject {
    Target(NamedPlace),
    Topic(Topic),
    /// Neither a target nor a known code.
    Unknown(String),
}

impl FromStr for Subject {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains('/') {
            return text.parse().map(Self::Target);
        }
        Ok(Topic::find(text).map_or_else(|| Self::Unknown(text.to_owned()), Self::Topic))
    }
}

pub(super) fn run(context: &RunContext, args: ExplainArgs) -> Result<ExitStatus, CliError> {
    match args.subject.clone() {
        Some(Subject::Target(place)) => explain_target(context, args, place),
        Some(Subject::Topic(topic)) => {
            refuse_what_targets_take(&args)?;
            write_text(context, args, &|options| topic.page(options))
        }
        Some(Subject::Unknown(text)) => Err(SubjectError::Unknown { near: Topic::nearest(&text), text }.into()),
        None => write_text(context, args, &topic_list),
    }
}

/// Refuses arguments that a code has no use for.
fn refuse_what_targets_take(args: &ExplainArgs) -> Result<(), SubjectError> {
    let PolicyContextArgs { as_of, inventory } = &args.policy_context;
    let given =
        [(!args.policies.is_empty(), "policies"), (as_of.is_some(), "--as-of"), (inventory.is_some(), "--inventory")];
    match given.into_iter().find(|(is_given, _)| *is_given) {
        Some((_, what)) => Err(SubjectError::WithTargetArgument(what)),
        None => Ok(()),
    }
}

/// Writes the text about codes.
fn write_text(
    context: &RunContext,
    args: ExplainArgs,
    text: &dyn Fn(TextOptions) -> String,
) -> Result<ExitStatus, CliError> {
    if args.reports.iter().any(|request| request.format != Format::Text) {
        return Err(SubjectError::AsJson.into());
    }
    let requests = validate_destinations(args.reports)?;
    write_each(&requests, &[], &|_, stream, out| out.write_all(text(context.text_options(stream)).as_bytes()))?;
    Ok(ExitStatus::Clean)
}

fn explain_target(context: &RunContext, args: ExplainArgs, place: NamedPlace) -> Result<ExitStatus, CliError> {
    let mut requests = validate_destinations(args.reports)?;
    let mut config = Workspace::find(context.config()?, &args.policy_context)?.offline().load_named(&args.policies)?;
    config.ensure_not_overwritten(&requests, None)?;
    config.print_file_warnings(context);
    let resolved = config.resolve(place.id().unwrap_or(AccountId::UnknownCaller))?;
    config.print_stand_in(context);
    let (desired, inventory) = (&resolved.desired, &resolved.inventory);
    let (account, region) = (place.find_account(inventory)?, place.region);
    let reason = no_target_reason(account, &region, desired, inventory);
    let targets = Resource::ALL.iter().map(|resource| Target::new(*resource, account, region.clone()));
    let explanation = Explanation {
        account_name: inventory.account(account).and_then(|account| account.name.clone()),
        found: reason.map_or_else(|| Ok(targets.filter_map(|target| desired.find(&target).cloned()).collect()), Err),
        account,
        region: region.clone(),
        today: config.today,
        settings_file: config.settings_file(),
        policy_files: config.policies.files,
        policy_digest: config.policies.digest,
    };
    if reason.is_some() {
        requests.retain(|request| request.format == Format::Json);
    }
    write_each(&requests, &[], &|format, stream, out| {
        if format == Format::Json {
            write_explanation_json(&explanation, out)
        } else {
            write_explanation_text(&explanation, context.text_options(stream), out)
        }
    })?;
    if config.settings.accounts == AccountsSource::Caller {
        context.note("the inventory is the caller's account; this assumes that the account is the caller's");
    }
    match reason {
        None => Ok(ExitStatus::Clean),
        Some(reason) => {
            let problem = no_target(reason, (account, &region), desired);
            Err(CliError::Unselectable(vec![problem]))
        }
    }
}
