//! Errors that end a command without a result.

use miette::Diagnostic as _;

use super::exit::ExitStatus;
use super::explain_topic::SubjectError;
use super::shard::ShardEnvError;
use super::usage_error::UsageError;
use crate::apply::{JournalError, JournalReadError};
use crate::aws::{ConnectError, OrganizationError};
use crate::diagnostic::{Diagnostics, Rendering, Sources, render};
use crate::files::{LockError, PathError, ReadError, WriteError, WriteErrorKind};
use crate::git::RevisionError;
use crate::plan::PlanError;
use crate::report::{Destination, UnwritableReport, pluralize, terminal};

/// Error that ends a command without a result.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub(super) enum CliError {
    /// Errors in files, reported as diagnostics.
    #[error("the files have errors")]
    FileErrors(Box<(Diagnostics, Sources)>),
    /// Errors in the files of the old side of a comparison.
    #[error("the files of {1} have errors")]
    FileErrorsAt(Box<(Diagnostics, Sources)>, String),
    /// `diff` without exactly two paths.
    #[error("`diff` takes two policy sets, OLD and NEW")]
    #[diagnostic(help(
        "driftline diff OLD NEW, each a file or a folder; or driftline diff --base GIT_REF to compare with the policies at a \
             Git revision"
    ))]
    NotTwo,
    /// The policies of a Git revision cannot be read.
    #[error(transparent)]
    #[diagnostic(help("{}", .0.help()))]
    Revision(#[from] RevisionError),
    /// A starter project would overwrite files.
    #[error("nothing was written, because these files exist: {}", .0.join(", "))]
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
    #[diagnostic(help("{}", connect_help(.0)))]
    Connect(#[from] ConnectError),
    /// A saved plan that was altered.
    #[error("refused (altered): the plan {path} was altered after it was made: {what}")]
    #[diagnostic(help("make a new plan and review it: driftline plan --out FILE"))]
    AlteredPlan {
        /// The file.
        path: String,
        /// The reason.
        what: String,
    },
    /// A file to apply that holds no plan.
    #[error("{path} cannot be applied: {cause}")]
    #[diagnostic(help("{}", .cause.help()))]
    NoPlan {
        /// The file.
        path: String,
        /// The reason.
        cause: PlanError,
    },
    /// Interrupted before there was a plan to apply.
    #[error("interrupted before the plan was complete, so nothing was changed")]
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
    #[error("another run{} uses the same file: {path} is locked", if holder.is_empty() { String::new() } else { format!(" (process {holder})") })]
    #[diagnostic(help("wait for it to end, or let this run wait, such as --lock-wait 5m"))]
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
        "`driftline check --report json=FILE` writes reports; to merge a sharded run, name every shard once, or one alone with --part"
    ))]
    Reports(Vec<String>),
    /// `explain` cannot explain what it is given.
    #[error(transparent)]
    #[diagnostic(help("{}", .0.help()))]
    Subject(#[from] SubjectError),
    /// No policy path is given.
    #[error("no policy files are given")]
    #[diagnostic(help(
        "name policy files or folders after the command, list them under `policies` in driftline.toml, or put them into a folder \
         policies beside it; `driftline init` creates a starter project"
    ))]
    NoPolicy,
    /// `--reader administrator` without a known administrator account.
    #[error(
        "--reader administrator needs Macie's administrator account, which is unknown{}",
        .0.as_ref().map_or_else(String::new, |why| format!(": {why}"))
    )]
    #[diagnostic(help(
        "set `[aws] administrator_account` in driftline.toml to the delegated administrator of Macie, or omit --reader"
    ))]
    NoAdministrator(Option<String>),
    /// An account name where only ids are known.
    #[error("\"{0}\" is no account id, and the inventory of this run has no account names")]
    #[diagnostic(help(
        "use the id of the account; or save the names with `driftline inventory --out accounts.json`, and add --inventory accounts.json"
    ))]
    NamesUnknown(String),
    /// Selected items that match no declared target, each with its fix.
    #[error("{}", .0.iter().map(|(problem, _)| problem.as_str()).collect::<Vec<_>>().join("; "))]
    #[diagnostic(help("{}", .0.iter().map(|(_, fix)| fix.as_str()).collect::<Vec<_>>().join("; ")))]
    Unselectable(Vec<(String, String)>),
    /// A saved report of other targets than this run.
    #[error("{file} covers {saved}, and this run covers {run}")]
    #[diagnostic(help(
        "run with the --account and --region of the report, or name another file; this one is unchanged"
    ))]
    OtherSelection {
        /// The report.
        file: String,
        /// Its selection.
        saved: String,
        /// That of this run.
        run: String,
    },
    /// A baseline report of different policies, environment or accounts.
    #[error("--only-unread cannot use {file}: {differs}")]
    #[diagnostic(help("run the whole check, without --only-unread"))]
    OtherReport {
        /// The report.
        file: String,
        /// The difference.
        differs: &'static str,
    },
    /// The file of `--since` holds no report.
    #[error("{path} is not the report of a previous run, and --since would replace it: {what}")]
    #[diagnostic(help(
        "name the file that `check --since FILE` wrote last time, or a file that does not exist yet; this one is unchanged"
    ))]
    ForeignBaseline {
        /// The file.
        path: String,
        /// Its content.
        what: String,
    },
    /// The file of `--since` holds a report of another format version.
    #[error("the previous report in {path} cannot be compared with, and --since would replace it: {what}")]
    #[diagnostic(help(
        "update driftline, or name a file that does not exist yet: --since FILE; this one is unchanged"
    ))]
    NewerBaseline {
        /// The file.
        path: String,
        /// Its version.
        what: String,
    },
    /// Reused readings are older than those of the previous run.
    #[error(
        "{file} is older than the previous report in {baseline} and differs from it (first {target}): later changes would look \
         resolved"
    )]
    #[diagnostic(help("reuse newer readings, such as --only-unread with the file of --since; or omit --since"))]
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
    #[diagnostic(help("create a new one: driftline snapshot --out FILE"))]
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
        "compare the selectors with `[inventory]` in driftline.toml; `driftline validate` shows which of them have no effect"
    ))]
    NoTarget,
    /// Interrupted before the only account of the inventory was known.
    #[error("interrupted before the account was known, so there is nothing to report")]
    #[diagnostic(help("run again and let it finish"))]
    InterruptedEarly(ExitStatus),
    /// The deadline came before the only account of the inventory was known.
    #[error("the deadline passed before the account was known, so there is nothing to report")]
    #[diagnostic(help("check the connection to STS, or raise --deadline, DRIFTLINE_DEADLINE or `[limits] deadline`"))]
    DeadlineEarly,
    /// The organization cannot be listed.
    #[error(transparent)]
    #[diagnostic(help("{}", .0.help()))]
    Organization(#[from] OrganizationError),
    /// Interrupted before the accounts of the organization were known.
    #[error("interrupted before the accounts of the organization were known, so nothing is reported or saved")]
    #[diagnostic(help("run again and let it finish"))]
    InterruptedListing(ExitStatus),
    /// The deadline came before the accounts of the organization were known.
    #[error("the deadline passed before the accounts of the organization were known, so nothing is reported or saved")]
    #[diagnostic(help(
        "raise the deadline (--deadline, DRIFTLINE_DEADLINE or `[limits] deadline` in driftline.toml); or save the inventory once \
         (`driftline inventory --out accounts.json`) and use --inventory accounts.json"
    ))]
    DeadlineListing,
    /// The inventory is the organization, and the command runs without AWS.
    #[error("the inventory is the organization, and this command does not call AWS")]
    #[diagnostic(help(
        "save the inventory with `driftline inventory --out accounts.json`, and set offline = \"accounts.json\" under \
         `[inventory]` in driftline.toml, or use --inventory accounts.json"
    ))]
    InventoryNeeded,
    /// The old policies apply to the organization, which this run does not list.
    #[error(
        "at {0}, the inventory is the organization, which this run does not list, so targets that are no longer declared cannot be counted"
    )]
    #[diagnostic(help(
        "save the inventory with `driftline inventory --out accounts.json`, and use it for both sides with --inventory accounts.json"
    ))]
    BaseNeedsOrganization(String),
    /// A file cannot be written.
    #[error(transparent)]
    #[diagnostic(help("{}", .0.help()))]
    Unwritable(#[from] WriteError),
    /// An output would overwrite a file that the run needs.
    #[error("{output} cannot be overwritten: {role}")]
    #[diagnostic(help("choose another file for the output"))]
    InUse {
        /// The output.
        output: String,
        /// The purpose of the file.
        role: &'static str,
    },
    /// `--since` names no regular file.
    #[error("--since names {0}, which is not a regular file")]
    #[diagnostic(help("name a regular file, which the first run creates"))]
    IrregularBaseline(String),
    /// An unusable repository root.
    #[error("{path} cannot be the repository root: {cause}")]
    #[diagnostic(help("name the working directory, or a folder above it: --path-root DIR"))]
    PathRoot {
        /// The path.
        path: String,
        /// The error of the system.
        cause: std::io::Error,
    },
    /// Two reports with the same destination, of which one would be lost.
    #[error("two reports have the same destination: {0}")]
    #[diagnostic(help("give each report its own destination, FORMAT=FILE, in --report or DRIFTLINE_REPORT"))]
    TwoReports(Destination),
    /// A report cannot be written.
    #[error(transparent)]
    #[diagnostic(help("{}", report_help(.0)))]
    Report(#[from] UnwritableReport),
    /// Standard output cannot be written.
    #[error("standard output cannot be written: {0}")]
    #[diagnostic(help("check where standard output goes; without a report, the exit code would be misleading"))]
    Output(#[source] std::io::Error),
    /// An invalid external id in the environment.
    #[error("DRIFTLINE_EXTERNAL_ID is not a valid external id: STS accepts 2 to 1224 letters, digits and _+=,.@:/-")]
    #[diagnostic(help("copy it from the trust policy of the role (`sts:ExternalId`), or unset the variable"))]
    ExternalId,
    /// A folder with too many entries to search.
    #[error("the folder {folder} cannot be searched for policy sets: {why}")]
    #[diagnostic(help("name a smaller folder: driftline validate --all FOLDER"))]
    Endless {
        /// The folder.
        folder: String,
        /// Why.
        why: String,
    },
    /// An invalid value of a variable that stands for an option.
    #[error("{name} is {value:?}: {why}")]
    #[diagnostic(help("set {name} to a value of {option} (see --help), or unset it; {option} takes precedence"))]
    Variable {
        /// The variable.
        name: &'static str,
        /// Its value.
        value: String,
        /// Why it is invalid.
        why: String,
        /// The option.
        option: &'static str,
    },
    /// An argument or a variable is wrong.
    #[error(transparent)]
    #[diagnostic(help("{}", .0.help()))]
    Usage(#[from] UsageError),
    /// An unreadable world file.
    #[cfg(feature = "simulator")]
    #[error("cannot read the world file {file}: {source}")]
    #[diagnostic(help("the world file describes the simulated AWS; see docs/reference/simulator.md"))]
    UnreadableWorld {
        /// The path, as given.
        file: String,
        /// The reason.
        source: ReadError,
    },
    /// An unusable world file.
    #[cfg(feature = "simulator")]
    #[error(transparent)]
    #[diagnostic(help("the world file describes the simulated AWS; see docs/reference/simulator.md"))]
    World(#[from] driftline_simulator::WorldError),
    /// A panic, which was reported when it happened.
    #[error("this is a bug in driftline")]
    Bug,
    /// A refusal of the system, such as of a socket.
    #[error("{what}: {cause}")]
    #[diagnostic(help("try again; if it keeps failing, check the limits and permissions of this machine"))]
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

fn connect_help(error: &ConnectError) -> String {
    let help = error.help();
    if error.is_vague() { format!("{help}; `driftline doctor` shows what is set") } else { help }
}

fn lock_help(error: &LockError) -> &'static str {
    match error {
        LockError::Unwritable(error) => error.help(),
        _ => "the file is unchanged; name another one with --since, or move it away",
    }
}

fn report_help(UnwritableReport(error): &UnwritableReport) -> &'static str {
    error.help()
}
