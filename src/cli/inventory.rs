//! `driftline inventory`: show or save the accounts of the organization.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use unicode_width::UnicodeWidthStr as _;

use super::endpoint::{DeadlineArgs, Endpoint};
use super::error::CliError;
use super::exit::ExitStatus;
use super::help_headings::OUTPUT;
use super::output::{stderr, stdout};
use super::reserved_paths::ReservedPath;
use super::run_context::RunContext;
use super::workspace::{PolicyContextArgs, Workspace};
use crate::aws::{AccessOptions, AwsSession, Source};
use crate::files::{self, NewFile};
use crate::inventory::{ListFields, Listing, Organization, RegionStatus, list, saved_json};
use crate::model::{Account, AccountState};
use crate::report::{Destination, Paint, ReportRequest, pluralize, terminal};

/// Widest unit path that widens the column for all rows.
const MAX_PATH_WIDTH: usize = 48;

/// Heading of the options that select what is listed.
const WHAT: &str = "What to list";

/// List the accounts of the organization, or save them to a file
///
/// Calls AWS Organizations with the caller's own credentials, which must belong to the management account or a delegated
/// administrator. Offline commands can use the saved file as the inventory.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline inventory\n  \
    driftline inventory --out accounts.json\n  \
    driftline check --inventory accounts.json\n  \
    driftline inventory --tags --report json   JSON on standard output")]
pub(super) struct InventoryArgs {
    /// Also list the tags of each account: one call per account, ten per second
    #[arg(long, help_heading = WHAT)]
    tags: bool,
    /// Also list the Regions of each account: one call per account, five per second
    #[arg(long, help_heading = WHAT)]
    regions: bool,
    /// Use a simulated AWS, described by this world file; needs no credentials
    #[cfg(feature = "simulator")]
    #[arg(long, value_name = "WORLD", help_heading = WHAT)]
    simulate: Option<PathBuf>,
    /// File to save the inventory to, whole or not at all
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    out: Option<PathBuf>,
    /// Format of standard output
    ///
    /// By default text; with --out, a one-line summary.
    #[arg(long, value_name = "FORMAT", help_heading = OUTPUT)]
    report: Option<InventoryFormat>,
    #[command(flatten)]
    deadline: DeadlineArgs,
}

/// Format on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum InventoryFormat {
    /// For people.
    Text,
    /// For programs, as saved by --out.
    Json,
}

impl InventoryArgs {
    #[cfg(feature = "simulator")]
    fn world(&self) -> Option<&std::path::Path> {
        self.simulate.as_deref()
    }

    #[cfg(not(feature = "simulator"))]
    #[expect(clippy::unused_self, reason = "only a simulation has a world file")]
    fn world(&self) -> Option<&std::path::Path> {
        None
    }
}

pub(super) fn run(context: &RunContext, args: &InventoryArgs) -> Result<ExitStatus, CliError> {
    let request = args.out.as_deref().map(ReportRequest::json_to);
    if let (Some(path), Some(request)) = (&args.out, &request) {
        if !request.is_stdout() {
            // Listing a large organization takes minutes, so an unwritable file must fail now.
            files::probe(path)?;
        } else if args.report.is_some() {
            // Two outputs on standard output would be unusable.
            return Err(CliError::TwoReports(Destination::StandardOutput));
        }
    }
    // Of the settings, only the deadline matters. Their errors are reported.
    let config = Workspace::find(context.config()?, &PolicyContextArgs::default())?.load_found(&[])?;
    // This command replaces a saved inventory.
    config.ensure_inputs_not_overwritten(request.as_slice(), args.world().map(ReservedPath::input))?;
    let limit = args.deadline.limit(&config.settings)?;
    let endpoint = Endpoint::new(AccessOptions::new(Source::Environment), args.world())?;
    let fields = ListFields { units: true, tags: args.tags, regions: args.regions };
    let listing = list_organization(context, endpoint.options.clone(), fields, limit);
    let Listing { organization, regions_denied } = context.runtime()?.block_on(listing)?;
    if let Some(denial) = regions_denied {
        let message = denial.message.as_deref().unwrap_or_default();
        context.print_unless_quiet(&format!(
            "warning: the Regions of the accounts are left out: account:ListRegions is denied: {}\n  fix: allow \
             account:ListRegions to the caller, in an organization with trusted access for AWS Account Management\n",
            terminal(message)
        ));
    }
    write(context, args, request.as_ref(), &organization)?;
    Ok(ExitStatus::Clean)
}

/// Saves the inventory, and shows it on standard output.
fn write(
    context: &RunContext,
    args: &InventoryArgs,
    request: Option<&ReportRequest>,
    organization: &Organization,
) -> Result<(), CliError> {
    let is_saved_to_stdout = request.is_some_and(ReportRequest::is_stdout);
    if let Some(path) = &args.out {
        let json = saved_json(organization);
        if is_saved_to_stdout {
            stdout(|out| out.write_all(&json))?;
        } else {
            files::write_saved(path, NewFile::Ordinary, |out| out.write_all(&json))?;
        }
    }
    match (args.report, &args.out) {
        (Some(InventoryFormat::Json), _) => stdout(|out| out.write_all(&saved_json(organization))),
        (None, Some(path)) => {
            let text = format!("saved: {} of {}", pluralize(organization.accounts.len(), "account"), organization.id);
            let text = format!("{} in {}\n", terminal(&text), terminal(&path.display().to_string()));
            if is_saved_to_stdout {
                stderr(&text);
                Ok(())
            } else {
                stdout(|out| out.write_all(text.as_bytes()))
            }
        }
        (Some(InventoryFormat::Text) | None, _) => stdout(|out| write_accounts(organization, context.paint(), out)),
    }
}

async fn list_organization(
    context: &RunContext,
    options: AccessOptions,
    fields: ListFields,
    limit: Duration,
) -> Result<Listing, CliError> {
    let bar = context.listing_bar();
    let listing = async {
        let access = AwsSession::connect(options).await?;
        Ok(list(&access, fields, &|count| bar.set_position(count as u64)).await?)
    };
    let shutdown = &context.shutdown;
    let listing = tokio::select! {
        biased;
        () = shutdown.cancelled() => {
            Err(CliError::InterruptedListing(shutdown.received().unwrap_or(ExitStatus::Interrupted)))
        }
        listing = listing => listing,
        () = tokio::time::sleep(limit) => Err(CliError::DeadlineListing),
    };
    bar.finish_and_clear();
    listing
}

/// Writes the number of accounts in each state, then a line for each account with its tags and Regions.
fn write_accounts(organization: &Organization, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let accounts = &organization.accounts;
    let (id, management) = (terminal(&organization.id), organization.management_account);
    writeln!(out, "{}", paint.strong(&format!("Organization {id}, management account {management}")))?;
    writeln!(out, "{} = {}\n", pluralize(accounts.len(), "account"), states(accounts))?;
    let rows: Vec<[String; 3]> = accounts.iter().map(|account| row(account, organization)).collect();
    let width = |column: fn(&[String; 3]) -> &str, max: usize| {
        rows.iter().map(|row| column(row).width()).filter(|width| *width <= max).max().unwrap_or_default()
    };
    let (state, path) = (width(|row| &row[0], usize::MAX), width(|row| &row[1], MAX_PATH_WIDTH));
    for (account, row) in accounts.iter().zip(&rows) {
        let is_active = account.state == Some(AccountState::Active);
        let shown_state = padded(&row[0], state);
        let shown_state = if is_active { shown_state } else { paint.warn(&shown_state) };
        let line = format!("{}  {shown_state}  {}  {}", account.id, padded(&row[1], path), row[2]);
        writeln!(out, "{}", line.trim_end())?;
        if !account.tags.is_empty() {
            let tags: Vec<String> =
                account.tags.iter().map(|(key, value)| format!("{}={}", terminal(key), terminal(value))).collect();
            writeln!(out, "{:14}{}", "", paint.faint(&format!("tags: {}", tags.join(", "))))?;
        }
        if let Some(regions) = organization.regions.get(&account.id) {
            let count = |status: RegionStatus| regions.values().filter(|found| **found == status).count();
            let text = format!("Regions: {} on, {} off", count(RegionStatus::On), count(RegionStatus::Off));
            let changing = count(RegionStatus::Changing);
            let more = if changing > 0 { format!(", {changing} changing") } else { String::new() };
            writeln!(out, "{:14}{}", "", paint.faint(&format!("{text}{more}")))?;
        }
    }
    Ok(())
}

fn row(account: &Account, organization: &Organization) -> [String; 3] {
    let path = if account.units.is_empty() { "(root)".to_owned() } else { account.unit_path() };
    let name = account.name.as_deref().unwrap_or_default();
    let mark = if account.id == organization.management_account { " (management account)" } else { "" };
    [state(account.state).to_owned(), terminal(&path).into_owned(), format!("{}{mark}", terminal(name))]
}

/// Number of accounts in each state that occurs.
fn states(accounts: &[Account]) -> String {
    let each = AccountState::ALL.into_iter().map(Some).chain([None]);
    let counts = each.filter_map(|expected| {
        let count = accounts.iter().filter(|account| account.state == expected).count();
        (count > 0).then(|| format!("{count} {}", state(expected)))
    });
    counts.collect::<Vec<_>>().join(" + ")
}

fn state(state: Option<AccountState>) -> &'static str {
    match state {
        Some(AccountState::PendingActivation) => "pending activation",
        Some(AccountState::Active) => "active",
        Some(AccountState::Suspended) => "suspended",
        Some(AccountState::PendingClosure) => "closing",
        Some(AccountState::Closed) => "closed",
        None => "state unknown",
    }
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}
