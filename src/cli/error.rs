//! Why a command cannot say anything.

use super::exit::ExitStatus;
use super::shard::ShardEnvError;
use crate::apply::{JournalError, JournalReadError};
use crate::aws::{ConnectError, OrganizationError};
use crate::diagnostic::{Diagnostics, Rendering, Sources, render};
use crate::files::{LockError, PathError, ReadError, WriteError, WriteErrorKind};
use crate::git::RevisionError;
use crate::report::{Destination, UnwritableReport, terminal};

/// Every foreseeable end without a result.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    /// Mistakes in files, told as diagnostics.
    #[error("the files have mistakes")]
    Mistakes(Box<(Diagnostics, Sources)>),
    /// Mistakes in the files of the old side of a comparison.
    #[error("the files of {1} have mistakes")]
    MistakesAt(Box<(Diagnostics, Sources)>, String),
    /// A comparison of anything but two things.
    #[error("a comparison takes two policy sets, OLD and NEW")]
    NotTwo,
    /// Policies as they were at a git revision cannot be told.
    #[error(transparent)]
    Revision(#[from] RevisionError),
    /// A starter project would write over files.
    #[error("nothing was written, because there already is: {}", .0.join(", "))]
    WouldOverwrite(Vec<String>),
    /// The starter project cannot be written.
    #[error("the starter project cannot be written to {folder}: {cause}")]
    UnwritableProject {
        /// The folder.
        folder: String,
        /// What is in the way.
        #[source]
        cause: WriteErrorKind,
    },
    /// AWS cannot be asked.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// A saved plan that no driftline has made.
    #[error("refused (altered): the plan {path} was altered after it was made: {what}")]
    AlteredPlan {
        /// The file.
        path: String,
        /// What is wrong with it.
        what: String,
    },
    /// A file that is to be applied and holds no plan.
    #[error("{path} cannot be applied: {cause}")]
    NoPlan {
        /// The file.
        path: String,
        /// What is wrong with it.
        cause: String,
    },
    /// Interrupted before there was a plan to carry out.
    #[error("interrupted before the plan was made, so nothing was changed")]
    InterruptedPlanning(ExitStatus),
    /// A journal cannot be written, or not be gone on with.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A journal cannot be read.
    #[error(transparent)]
    JournalMistake(#[from] JournalReadError),
    /// Another run holds the lock.
    #[error("another run{} is under way with the same file: {path} is locked", if holder.is_empty() { String::new() } else { format!(" (process {holder})") })]
    Locked {
        /// The lock file.
        path: String,
        /// The number of the process that holds it, where it could be read.
        holder: String,
    },
    /// There is no lock, and nobody holds it.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// It is not known which part of the accounts this run is to check.
    #[error(transparent)]
    Shard(#[from] ShardEnvError),
    /// Saved reports cannot be drawn.
    #[error("{}", .0.join("; "))]
    Reports(Vec<String>),
    /// No policy was named.
    #[error("no policy is named")]
    NoPolicy,
    /// The administrator alone is to be asked, and nobody says who that is.
    #[error(
        "--reader administrator asks Macie's administrator alone, and it is not known which account that is{}",
        .0.as_ref().map_or_else(String::new, |why| format!(": {why}"))
    )]
    NoAdministrator(Option<String>),
    /// An earlier report is about something else.
    #[error("{file} cannot be completed by this run: {differs}")]
    OtherReport {
        /// The report.
        file: String,
        /// In what.
        differs: &'static str,
    },
    /// The file of `--since` holds something else than a report.
    #[error("{path} is not the report of an earlier run, and --since would replace it: {what}")]
    ForeignBaseline {
        /// The file.
        path: String,
        /// What it is.
        what: String,
    },
    /// The file of `--since` holds a report of another version of the format.
    #[error("the last report in {path} cannot be compared with, and --since would replace it: {what}")]
    NewerBaseline {
        /// The file.
        path: String,
        /// Its version.
        what: String,
    },
    /// Readings that are taken over are older than those of the last run.
    #[error(
        "{file} is older than the last report in {baseline}, and differs from it (first {target}): what has changed since would \
         pass for resolved"
    )]
    OlderReadings {
        /// Where the readings are from.
        file: String,
        /// The report of the last run.
        baseline: String,
        /// A target of which they say otherwise.
        target: String,
    },
    /// A snapshot that cannot be used.
    #[error("{file} cannot be used: {reason}")]
    Snapshot {
        /// The file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file cannot be read.
    #[error("{file} cannot be read: {cause}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        cause: ReadError,
    },
    /// No declaration reaches a target, so that a verdict would be about nothing.
    #[error("no declaration reaches a target of the inventory, so there is nothing to check")]
    NoTarget,
    /// Interrupted before the only account of the inventory was known.
    #[error("interrupted before it was known which account this is about, so there is nothing to report")]
    InterruptedEarly(ExitStatus),
    /// The deadline came before the only account of the inventory was known.
    #[error("the deadline came before it was known which account this is about, so there is nothing to report")]
    DeadlineEarly,
    /// The accounts of the organization are not known.
    #[error(transparent)]
    Organization(#[from] OrganizationError),
    /// Interrupted before the accounts of the organization were known.
    #[error("interrupted before it was known which accounts the organization has, so nothing is reported or saved")]
    InterruptedListing(ExitStatus),
    /// The deadline came before the accounts of the organization were known.
    #[error(
        "the deadline came before it was known which accounts the organization has, so nothing is reported or saved"
    )]
    DeadlineListing,
    /// The inventory is the organization, and this command does not ask AWS.
    #[error("the accounts are those of the organization, and this command does not ask AWS which there are")]
    InventoryNeeded,
    /// The accounts of an earlier revision are those of the organization, which this run does not list.
    #[error(
        "at {0}, driftline.toml takes the accounts of the organization, which this run does not list, so what is no longer declared cannot be counted"
    )]
    BaseNeedsOrganization(String),
    /// A file cannot be written.
    #[error(transparent)]
    Unwritable(#[from] WriteError),
    /// What is to be written would take the place of a file that the run needs.
    #[error("{output} cannot be written over: {role}")]
    InUse {
        /// Where it should go.
        output: String,
        /// What the file is.
        role: &'static str,
    },
    /// The report of the last run would be read from and written to something else than a file.
    #[error("--since names {0}, which is no regular file")]
    NoLast(String),
    /// What should be the root of the repository is none.
    #[error("{path} cannot be the root of the repository: {cause}")]
    PathRoot {
        /// What was named.
        path: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// Two reports for one place, of which one would be lost.
    #[error("two reports are to go to {0}")]
    TwoReports(Destination),
    /// A report cannot be written.
    #[error(transparent)]
    Report(#[from] UnwritableReport),
    /// Standard output cannot be written.
    #[error("standard output cannot be written: {0}")]
    Output(#[source] std::io::Error),
    /// The external id of the environment is none.
    #[error("DRIFTLINE_EXTERNAL_ID is not an external id: STS takes 2 to 1224 letters, digits and _+=,.@:/-")]
    ExternalId,
    /// A folder that is to be searched has too many entries.
    #[error("the folder {folder} cannot be searched for policy sets: {why}")]
    Endless {
        /// The folder.
        folder: String,
        /// Why.
        why: String,
    },
    /// What is to be logged cannot be understood.
    #[error("DRIFTLINE_LOG says nothing that can be logged")]
    LogFilter,
    /// The world file cannot be read.
    #[cfg(feature = "simulator")]
    #[error("cannot read the world file {file}: {source}")]
    UnreadableWorld {
        /// The name of the file, as it was given.
        file: String,
        /// Why.
        source: crate::files::ReadError,
    },
    /// The world file cannot be used.
    #[cfg(feature = "simulator")]
    #[error(transparent)]
    World(#[from] driftline_simulator::WorldError),
    /// A panic, which has been told when it happened.
    #[error("this is a bug in driftline")]
    Bug,
    /// Something that the system refuses, such as a socket.
    #[error("{what}: {cause}")]
    System {
        /// What was tried.
        what: &'static str,
        /// What the system says.
        #[source]
        cause: std::io::Error,
    },
}

impl CliError {
    /// The same, but that mistakes are told to be those of the old side of a comparison.
    pub(super) fn for_base(self, side: &str) -> Self {
        match self {
            Self::Mistakes(told) => Self::MistakesAt(told, side.to_owned()),
            other => other,
        }
    }

    /// Its exit code: 1, but for an interruption and for what a guard refuses.
    pub(super) fn exit(&self) -> ExitStatus {
        match self {
            Self::InterruptedEarly(exit) | Self::InterruptedListing(exit) | Self::InterruptedPlanning(exit) => *exit,
            Self::AlteredPlan { .. } | Self::Journal(JournalError::PlanInUse(_)) => ExitStatus::NotApplied,
            _ => ExitStatus::Error,
        }
    }

    /// The text for standard error: what happened, and what to do next.
    pub(super) fn text(&self, rendering: Rendering) -> String {
        let advice;
        let help = match self {
            Self::Bug => return String::new(),
            Self::Mistakes(told) => {
                let drawn = render(&told.0, &told.1, rendering);
                return format!("{drawn}error: {} in the files; nothing was checked\n", mistakes(&told.0));
            }
            Self::MistakesAt(told, side) => {
                let drawn = render(&told.0, &told.1, rendering);
                let (count, side) = (mistakes(&told.0), terminal(side));
                return format!("{drawn}error: {count} in the files of {side}; nothing was compared\n");
            }
            Self::NotTwo => {
                "driftline diff OLD NEW, each a file or a folder; or driftline diff --base GIT_REF for the policies as they \
                 were at a git revision"
            }
            Self::Revision(error) => {
                advice = error.help().into_owned();
                &advice
            }
            Self::WouldOverwrite(_) => "choose another folder: driftline init FOLDER",
            Self::UnwritableProject { cause, .. } if !matches!(cause, WriteErrorKind::Path(PathError::System(_))) => {
                cause.help()
            }
            Self::UnwritableProject { .. } => "choose a folder that this user may write to",
            Self::Connect(error) => {
                advice = error.help();
                &advice
            }
            Self::NoPolicy => {
                "name policy files or folders after the command, list them under `policies` in driftline.toml, or put them into a folder policies beside it"
            }
            Self::BaseNeedsOrganization(_) => {
                "save the inventory with `driftline inventory --out accounts.json`, and name the file for both sides with --inventory accounts.json"
            }
            Self::NoAdministrator(_) => {
                "set `[aws] administrator_account` in driftline.toml to the delegated administrator of Macie; or leave --reader out"
            }
            Self::OtherReport { .. } => "run the whole check again: without --only-unread",
            Self::ForeignBaseline { .. } => {
                "name the file that `check --since FILE` wrote last time, or one that does not exist yet; this one is as it was"
            }
            Self::NewerBaseline { .. } => {
                "update driftline, or name a file that does not exist yet: --since FILE; this one is as it was"
            }
            Self::OlderReadings { .. } => {
                "take over the newer readings, such as --only-unread with the file of --since; or leave --since out"
            }
            Self::Snapshot { .. } => "make it anew: driftline snapshot --out FILE",
            Self::Unreadable { cause, .. } => cause.help(),
            Self::NoTarget => {
                "check the selectors against `[inventory]` in driftline.toml; `driftline validate` shows what reaches nothing"
            }
            Self::Organization(error) => {
                advice = error.help();
                &advice
            }
            Self::AlteredPlan { .. } | Self::NoPlan { .. } => {
                "make a plan and have that reviewed: driftline plan --out FILE"
            }
            Self::Locked { .. } => "wait for it to end, or let this run wait: --lock-wait 5m",
            Self::Shard(mistake) => mistake.help(),
            Self::Reports(_) => {
                "reports are made by `driftline check --report json=FILE`; of a run that was split, all shards are needed, each once, or one alone with --part"
            }
            Self::Journal(error) => error.help(),
            Self::JournalMistake(mistake) => mistake.help(),
            Self::InterruptedEarly(_) | Self::InterruptedListing(_) | Self::InterruptedPlanning(_) => {
                "run again and let it finish"
            }
            Self::DeadlineListing => {
                "raise `[limits] deadline` in driftline.toml; or save the inventory once (`driftline inventory --out \
                 accounts.json`) and name the file with --inventory"
            }
            Self::InventoryNeeded => {
                "save the inventory with `driftline inventory --out accounts.json`, and name the file with --inventory accounts.json"
            }
            Self::DeadlineEarly => "check the way to STS, or raise `[limits] deadline` in driftline.toml",
            Self::PathRoot { .. } => "name the working directory, or a folder above it: --path-root DIR",
            Self::TwoReports(_) => "give each of them a place of its own: --report FORMAT=FILE",
            Self::Report(UnwritableReport(error)) | Self::Unwritable(error) => error.help(),
            Self::InUse { .. } => "choose another file for what is written",
            Self::NoLast(_) => "name a file, which the first run makes",
            Self::Lock(LockError::Unwritable(error)) => error.help(),
            Self::Lock(_) => "nothing of it was changed: name another file with --since, or move what is there",
            Self::Output(_) => {
                "check where standard output goes; the exit code would otherwise claim a report that nobody has"
            }
            Self::ExternalId => "copy it from the trust policy of the role (`sts:ExternalId`), or unset the variable",
            Self::Endless { .. } => "name a folder that holds less: driftline validate --all FOLDER",
            Self::LogFilter => {
                "name a level (error, warn, info, debug, trace), or parts with levels, such as driftline=debug; or unset the variable"
            }
            #[cfg(feature = "simulator")]
            Self::UnreadableWorld { .. } | Self::World(_) => {
                "the world file describes the simulated AWS; see docs/simulator.md"
            }
            Self::System { .. } => "try again; if it happens again, something on this machine is in the way",
        };
        format!("error: {}\n  fix: {}\n", terminal(&self.to_string()), terminal(help))
    }
}

fn mistakes(diagnostics: &Diagnostics) -> String {
    let (errors, _) = diagnostics.counts();
    if errors == 1 { "1 mistake".to_owned() } else { format!("{errors} mistakes") }
}
