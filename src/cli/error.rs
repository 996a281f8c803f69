//! Errors that end a command without a result.

use miette::Diagnostic as _;

use super::exit::ExitStatus;
use super::shard::ShardEnvError;
use crate::apply::{JournalError, JournalReadError};
use crate::aws::{ConnectError, OrganizationError};
use crate::diagnostic::{Diagnostics, Rendering, Sources, render};
use crate::files::{LockError, PathError, ReadError, WriteError, WriteErrorKind};
use crate::git::RevisionError;
use crate::report::{Destination, UnwritableReport, pluralize, terminal};

/// Error that ends a command without a result.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub(super) enum CliError {
    /// Errors in files, reported as diagnostics.
    #[error("the files have mistakes")]
    FileErrors(Box<(Diagnostics, Sources)>),
    /// Errors in the files of the old side of a comparison.
    #[error("the files of {1} have mistakes")]
    FileErrorsAt(Box<(Diagnostics, Sources)>, String),
    /// `diff` without exactly two paths.
    #[error("a comparison takes two policy sets, OLD and NEW")]
    #[diagnostic(help(
        "driftline diff OLD NEW, each a file or a folder; or driftline diff --base GIT_REF for the policies as they \
             were at a git revision"
    ))]
    NotTwo,
    /// The policies of a Git revision cannot be read.
    #[error(transparent)]
    #[diagnostic(help("{}", .0.help()))]
    Revision(#[from] RevisionError),
    /// A starter project would overwrite files.
    #[error("nothing was written, because there already is: {}", .0.join(", "))]
    #[diagnostic(help("choose another folder: driftline init FOLDER"))]
    WouldOverwrite(Vec<String>),
    /// The starter project cannot be written.
    #[error("the starter project cannot be written to {folder}: {cause}")]
    #[diagnostic(help("{}", unwritable_project_help(.cause)))]
    UnwritableProject {
        /// The folder.
        folder: String,
        /// The cause.
        #[source]
        cause: WriteErrorKind,
    },
    /// No connection to AWS.
    #[error(transparent)]
    #[diagnostic(help("{}", .0.help()))]
    Connect(#[from] ConnectError),
    /// A saved plan that was altered.
    #[error("refused (altered): the plan {path} was altered after it was made: {what}")]
    #[diagnostic(help("make a plan and have that reviewed: driftline plan --out FILE"))]
    AlteredPlan {
        /// The file.
        path: String,
        /// The reason.
        what: String,
    },
    /// A file to apply that holds no plan.
    #[error("{path} cannot be applied: {cause}")]
    #[diagnostic(help("make a plan and have that reviewed: driftline plan --out FILE"))]
    NoPlan {
        /// The file.
        path: String,
        /// The reason.
        cause: String,
    },
    /// Interrupted before there was a plan to apply.
    #[error("interrupted before the plan was made, so nothing was changed")]
    #[diagnostic(help("run again and let it finish"))]
    InterruptedPlanning(ExitStatus),
    /// A journal cannot be written or resumed.
    #[error(transparent)]
    #[diagnostic(help("{}", .0.help()))]
    Journal(#[from] JournalError),
    /// A journal cannot be read.
    #[error(transparent)]
    #[diagnostic(help("{}", .0.help()))]
    JournalRead(#[from] JournalReadError),
    /// Another run holds the lock.
    #[error("another run{} is under way with the same file: {path} is locked", if holder.is_empty() { String::new() } else { format!(" (process {holder})") })]
    #[diagnostic(help("wait for it to end, or let this run wait: --lock-wait 5m"))]
    Locked {
        /// The lock file.
        path: String,
        /// Process id of the lock holder; empty if unknown.
        holder: String,
    },
    /// The lock file cannot be used.
    #[error(transparent)]
    #[diagnostic(help("{}", lock_help(.0)))]
    Lock(#[from] LockError),
    /// The shard of this run is unknown.
    #[error(transparent)]
    #[diagnostic(help("{}", .0.help()))]
    Shard(#[from] ShardEnvError),
    /// Saved reports cannot be rendered.
    #[error("{}", .0.join("; "))]
    #[diagnostic(help(
        "reports are made by `driftline check --report json=FILE`; of a run that was split, all shards are needed, each once, or one alone with --part"
    ))]
    Reports(Vec<String>),
    /// No policy path is given.
    #[error("no policy is named")]
    #[diagnostic(help(
        "name policy files or folders after the command, list them under `policies` in driftline.toml, or put them into a folder policies beside it"
    ))]
    NoPolicy,
    /// `--reader administrator` without a known administrator account.
    #[error(
        "--reader administrator asks Macie's administrator alone, and it is not known which account that is{}",
        .0.as_ref().map_or_else(String::new, |why| format!(": {why}"))
    )]
    #[diagnostic(help(
        "set `[aws] administrator_account` in driftline.toml to the delegated administrator of Macie; or leave --reader out"
    ))]
    NoAdministrator(Option<String>),
    /// A baseline report of different policies, environment or accounts.
    #[error("{file} cannot be completed by this run: {differs}")]
    #[diagnostic(help("run the whole check again: without --only-unread"))]
    OtherReport {
        /// The report.
        file: String,
        /// The difference.
        differs: &'static str,
    },
    /// The file of `--since` holds no report.
    #[error("{path} is not the report of an earlier run, and --since would replace it: {what}")]
    #[diagnostic(help(
        "name the file that `check --since FILE` wrote last time, or one that does not exist yet; this one is as it was"
    ))]
    ForeignBaseline {
        /// The file.
        path: String,
        /// Its content.
        what: String,
    },
    /// The file of `--since` holds a report of another format version.
    #[error("the last report in {path} cannot be compared with, and --since would replace it: {what}")]
    #[diagnostic(help(
        "update driftline, or name a file that does not exist yet: --since FILE; this one is as it was"
    ))]
    NewerBaseline {
        /// The file.
        path: String,
        /// Its version.
        what: String,
    },
    /// Reused readings are older than those of the previous run.
    #[error(
        "{file} is older than the last report in {baseline}, and differs from it (first {target}): what has changed since would \
         pass for resolved"
    )]
    #[diagnostic(help(
        "take over the newer readings, such as --only-unread with the file of --since; or leave --since out"
    ))]
    OlderReadings {
        /// The file with the readings.
        file: String,
        /// The report of the previous run.
        baseline: String,
        /// A target whose readings differ.
        target: String,
    },
    /// An unusable snapshot.
    #[error("{file} cannot be used: {reason}")]
    #[diagnostic(help("make it anew: driftline snapshot --out FILE"))]
    Snapshot {
        /// The file.
        file: String,
        /// The reason.
        reason: String,
    },
    /// A file cannot be read.
    #[error("{file} cannot be read: {cause}")]
    #[diagnostic(help("{}", .cause.help()))]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        cause: ReadError,
    },
    /// No declaration reaches a target, so a verdict would be meaningless.
    #[error("no declaration reaches a target of the inventory, so there is nothing to check")]
    #[diagnostic(help(
        "check the selectors against `[inventory]` in driftline.toml; `driftline validate` shows what reaches nothing"
    ))]
    NoTarget,
    /// Interrupted before the only account of the inventory was known.
    #[error("interrupted before it was known which account this is about, so there is nothing to report")]
    #[diagnostic(help("run again and let it finish"))]
    InterruptedEarly(ExitStatus),
    /// The deadline came before the only account of the inventory was known.
    #[error("the deadline came before it was known which account this is about, so there is nothing to report")]
    #[diagnostic(help("check the way to STS, or raise `[limits] deadline` in driftline.toml"))]
    DeadlineEarly,
    /// The organization cannot be listed.
    #[error(transparent)]
    #[diagnostic(help("{}", .0.help()))]
    Organization(#[from] OrganizationError),
    /// Interrupted before the accounts of the organization were known.
    #[error("interrupted before it was known which accounts the organization has, so nothing is reported or saved")]
    #[diagnostic(help("run again and let it finish"))]
    InterruptedListing(ExitStatus),
    /// The deadline came before the accounts of the organization were known.
    #[error(
        "the deadline came before it was known which accounts the organization has, so nothing is reported or saved"
    )]
    #[diagnostic(help(
        "raise `[limits] deadline` in driftline.toml; or save the inventory once (`driftline inventory --out \
             accounts.json`) and name the file with --inventory"
    ))]
    DeadlineListing,
    /// The inventory is the organization, and the command runs without AWS.
    #[error("the accounts are those of the organization, and this command does not ask AWS which there are")]
    #[diagnostic(help(
        "save the inventory with `driftline inventory --out accounts.json`, and name the file with --inventory accounts.json"
    ))]
    InventoryNeeded,
    /// The old policies apply to the organization, which this run does not list.
    #[error(
        "at {0}, driftline.toml takes the accounts of the organization, which this run does not list, so what is no longer declared cannot be counted"
    )]
    #[diagnostic(help(
        "save the inventory with `driftline inventory --out accounts.json`, and name the file for both sides with --inventory accounts.json"
    ))]
    BaseNeedsOrganization(String),
    /// A file cannot be written.
    #[error(transparent)]
    #[diagnostic(help("{}", .0.help()))]
    Unwritable(#[from] WriteError),
    /// An output would overwrite a file that the run needs.
    #[error("{output} cannot be written over: {role}")]
    #[diagnostic(help("choose another file for what is written"))]
    InUse {
        /// The output.
        output: String,
        /// The purpose of the file.
        role: &'static str,
    },
    /// `--since` names no regular file.
    #[error("--since names {0}, which is no regular file")]
    #[diagnostic(help("name a file, which the first run makes"))]
    IrregularBaseline(String),
    /// An unusable repository root.
    #[error("{path} cannot be the root of the repository: {cause}")]
    #[diagnostic(help("name the working directory, or a folder above it: --path-root DIR"))]
    PathRoot {
        /// The path.
        path: String,
        /// The error of the system.
        cause: std::io::Error,
    },
    /// Two reports with the same destination, of which one would be lost.
    #[error("two reports are to go to {0}")]
    #[diagnostic(help("give each of them a place of its own: --report FORMAT=FILE"))]
    TwoReports(Destination),
    /// A report cannot be written.
    #[error(transparent)]
    #[diagnostic(help("{}", report_help(.0)))]
    Report(#[from] UnwritableReport),
    /// Standard output cannot be written.
    #[error("standard output cannot be written: {0}")]
    #[diagnostic(help(
        "check where standard output goes; the exit code would otherwise claim a report that nobody has"
    ))]
    Output(#[source] std::io::Error),
    /// An invalid external id in the environment.
    #[error("DRIFTLINE_EXTERNAL_ID is not an external id: STS takes 2 to 1224 letters, digits and _+=,.@:/-")]
    #[diagnostic(help("copy it from the trust policy of the role (`sts:ExternalId`), or unset the variable"))]
    ExternalId,
    /// A folder with too many entries to search.
    #[error("the folder {folder} cannot be searched for policy sets: {why}")]
    #[diagnostic(help("name a folder that holds less: driftline validate --all FOLDER"))]
    Endless {
        /// The folder.
        folder: String,
        /// Why.
        why: String,
    },
    /// An invalid log filter.
    #[error("DRIFTLINE_LOG says nothing that can be logged")]
    #[diagnostic(help(
        "name a level (error, warn, info, debug, trace), or parts with levels, such as driftline=debug; or unset the variable"
    ))]
    LogFilter,
    /// An unreadable world file.
    #[cfg(feature = "simulator")]
    #[error("cannot read the world file {file}: {source}")]
    #[diagnostic(help("the world file describes the simulated AWS; see docs/simulator.md"))]
    UnreadableWorld {
        /// The path, as given.
        file: String,
        /// The reason.
        source: ReadError,
    },
    /// An unusable world file.
    #[cfg(feature = "simulator")]
    #[error(transparent)]
    #[diagnostic(help("the world file describes the simulated AWS; see docs/simulator.md"))]
    World(#[from] driftline_simulator::WorldError),
    /// A panic, which was reported when it happened.
    #[error("this is a bug in driftline")]
    Bug,
    /// A refusal of the system, such as of a socket.
    #[error("{what}: {cause}")]
    #[diagnostic(help("try again; if it happens again, something on this machine is in the way"))]
    System {
        /// The failed operation.
        what: &'static str,
        /// The error of the system.
        #[source]
        cause: std::io::Error,
    },
}

impl CliError {
    /// Attributes errors in files to the old side of a comparison.
    pub(super) fn for_base(self, side: &str) -> Self {
        match self {
            Self::FileErrors(files) => Self::FileErrorsAt(files, side.to_owned()),
            other => other,
        }
    }

    /// Exit code: 1, except after an interruption or a guard's refusal.
    pub(super) fn exit(&self) -> ExitStatus {
        match self {
            Self::InterruptedEarly(exit) | Self::InterruptedListing(exit) | Self::InterruptedPlanning(exit) => *exit,
            Self::AlteredPlan { .. } | Self::Journal(JournalError::PlanInUse(_)) => ExitStatus::NotApplied,
            _ => ExitStatus::Error,
        }
    }

    /// Text for standard error: what happened, and what to do next.
    pub(super) fn text(&self, rendering: Rendering) -> String {
        match self {
            Self::FileErrors(files) => {
                let (rendered, count) = rendered(files, rendering);
                return format!("{rendered}error: {count} in the files; nothing was checked\n");
            }
            Self::FileErrorsAt(files, side) => {
                let (rendered, count) = rendered(files, rendering);
                return format!("{rendered}error: {count} in the files of {}; nothing was compared\n", terminal(side));
            }
            _ => {}
        }
        // A panic, the only error without help, was reported when it happened.
        let Some(help) = self.help() else { return String::new() };
        format!("error: {}\n  fix: {}\n", terminal(&self.to_string()), terminal(&help.to_string()))
    }
}

fn rendered((diagnostics, sources): &(Diagnostics, Sources), rendering: Rendering) -> (String, String) {
    let (errors, _) = diagnostics.counts();
    (render(diagnostics, sources, rendering), pluralize(errors, "error"))
}

fn unwritable_project_help(cause: &WriteErrorKind) -> &'static str {
    match cause {
        WriteErrorKind::Path(PathError::System(_)) => "choose a folder that this user may write to",
        _ => cause.help(),
    }
}

fn lock_help(error: &LockError) -> &'static str {
    match error {
        LockError::Unwritable(error) => error.help(),
        _ => "nothing of it was changed: name another file with --since, or move what is there",
    }
}

fn report_help(UnwritableReport(error): &UnwritableReport) -> &'static str {
    error.help()
}
