//! `driftline inventory`: the accounts of the organization, shown or saved.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::arguments::Common;
use super::collision::ReservedPath;
use super::deadline::DeadlineArgument;
use super::error::CliError;
use super::exit::ExitStatus;
use super::inventory_text::write_accounts;
use super::output::{stderr, stdout};
use super::policy_context::PolicyContextArgs;
use super::progress;
use super::runtime::runtime;
use super::terminal::Stream;
use super::workspace::Workspace;
use crate::aws::{AccessOptions, AwsSession, Source};
use crate::files::{self, NewFile};
use crate::inventory::{ListFields, Listing, Organization, list, saved_json};
use crate::report::{Destination, ReportRequest as Report, terminal};

/// List the accounts of the organization, or save them to a file
///
/// Asks AWS Organizations with the caller's own credentials, which must be of the management account or of a delegated
/// administrator. The file can stand for the organization wherever an inventory is asked for, without AWS.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline inventory\n  \
    driftline inventory --out accounts.json   then: driftline check --inventory accounts.json\n  \
    driftline inventory --tags --report json  JSON on standard output")]
pub(super) struct InventoryArguments {
    /// Save the inventory to this file, whole or not at all
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Ask for the tags of each account as well: a call per account, ten per second
    #[arg(long)]
    tags: bool,
    /// Ask for the Regions of each account as well: a call per account, five per second
    #[arg(long)]
    regions: bool,
    /// Write to standard output as text or, as the file would be, as JSON
    ///
    /// By default text, or with --out a line that says what was saved.
    #[arg(long, value_name = "FORMAT")]
    report: Option<InventoryFormat>,
    #[command(flatten)]
    deadline: DeadlineArgument,
    /// List a simulated AWS, described by this world file, in the place of the real one; needs no credentials
    #[cfg(feature = "simulator")]
    #[arg(long, value_name = "WORLD")]
    simulate: Option<PathBuf>,
}

/// How an inventory is written to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum InventoryFormat {
    /// For people.
    Text,
    /// For programs: what --out would save.
    Json,
}

pub(super) fn run(common: &Common, arguments: &InventoryArguments) -> Result<ExitStatus, CliError> {
    let out = arguments.out.as_ref();
    let saved = out.map(|path| Report::json_to(path));
    let is_spoken = saved.as_ref().is_some_and(Report::is_stdout);
    if let Some(path) = out {
        // Two texts on standard output would be none.
        if is_spoken && arguments.report.is_some() {
            return Err(CliError::TwoReports(Destination::StandardOutput));
        }
        // Listing a large organization takes minutes: better told now.
        if !is_spoken {
            files::probe(path)?;
        }
    }
    // Of the settings, only the deadline is about this; their mistakes are told.
    let inputs = Workspace::find(common.config.as_deref(), &PolicyContextArgs::default())?.load_found(&[])?;
    #[cfg(feature = "simulator")]
    let kept: Vec<ReservedPath> = arguments.simulate.iter().map(|world| ReservedPath::input(world)).collect();
    #[cfg(not(feature = "simulator"))]
    let kept: Vec<ReservedPath> = Vec::new();
    // A saved inventory is made anew by this command.
    inputs.keep_but_inventory(saved.as_slice(), &kept)?;
    let settings = inputs.settings;
    let deadline = arguments.deadline.or_of(&settings);
    #[cfg(feature = "simulator")]
    let simulation = arguments.simulate.as_deref().map(super::simulate::start).transpose()?;
    #[cfg_attr(not(feature = "simulator"), expect(unused_mut, reason = "only a simulation changes it"))]
    let mut options = AccessOptions::new(Source::Environment);
    #[cfg(feature = "simulator")]
    if let Some(simulation) = &simulation {
        super::simulate::point_at(simulation, &mut options)?;
    }
    let wanted = ListFields { units: true, tags: arguments.tags, regions: arguments.regions };
    let listed = listed(common, options, wanted, deadline);
    let Listing { organization, regions_denied } = runtime(common)?.block_on(listed)?;
    if let Some(denial) = regions_denied
        && !common.quiet
    {
        let said = denial.message.as_deref().unwrap_or_default();
        stderr(&format!(
            "warning: the Regions of the accounts are left out: account:ListRegions is denied: {}\n  fix: allow the caller \
             account:ListRegions, in an organization with trusted access for AWS Account Management\n",
            terminal(said)
        ));
    }
    if let Some(path) = out {
        let bytes = saved_json(&organization);
        if is_spoken {
            stdout(|out| out.write_all(&bytes))?;
        } else {
            files::write(path, NewFile::Ordinary, |out| out.write_all(&bytes))?;
        }
    }
    match (arguments.report, out) {
        (Some(InventoryFormat::Json), _) => stdout(|out| out.write_all(&saved_json(&organization)))?,
        (None, Some(path)) => {
            let text = format!("saved: {} of {}", counted(&organization), organization.id);
            let text = format!("{} in {}\n", terminal(&text), terminal(&path.display().to_string()));
            if is_spoken { stderr(&text) } else { stdout(|out| out.write_all(text.as_bytes()))? }
        }
        (Some(InventoryFormat::Text) | None, _) => {
            stdout(|out| write_accounts(&organization, Stream::Output.paint(common.color), out))?;
        }
    }
    Ok(ExitStatus::Clean)
}

async fn listed(
    common: &Common,
    options: AccessOptions,
    wanted: ListFields,
    deadline: Duration,
) -> Result<Listing, CliError> {
    let bar = progress::listing(common);
    let listing = async {
        let access = AwsSession::connect(options).await?;
        Ok(list(&access, wanted, &|count| bar.set_position(count as u64)).await?)
    };
    let listing = tokio::select! {
        biased;
        () = common.shutdown.cancelled() => {
            Err(CliError::InterruptedListing(common.shutdown.received().unwrap_or(ExitStatus::Interrupted)))
        }
        listing = listing => listing,
        () = tokio::time::sleep(deadline) => Err(CliError::DeadlineListing),
    };
    bar.finish_and_clear();
    listing
}

fn counted(organization: &Organization) -> String {
    match organization.accounts.len() {
        1 => "1 account".to_owned(),
        count => format!("{count} accounts"),
    }
}
