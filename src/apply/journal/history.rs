//! Parsing of a journal into the history of its steps.

use std::collections::BTreeMap;
use std::path::Path;

use super::{BeginEntry, Entry, FORMAT, IntentEntry, JOURNAL_VERSION, ResultEntry};
use crate::apply::StepOutcome;
use crate::diagnostic::{DocumentHead, HeadError, quote, truncate_line};
use crate::files::{self, ReadError};
use crate::plan::{CallerIdentity, Plan, PlanError, SavedPlan};
use crate::resource::SessionState;

/// More than the journal of the largest plan: some 400,000 steps.
const LARGEST: u64 = 1 << 30;

/// The content of a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The plan that was executed.
    pub plan: Plan,
    /// Whether the plan is as it was made.
    pub untouched: bool,
    /// Whose credentials the calls were made with.
    pub caller: CallerIdentity,
    /// The steps that started, by number.
    pub steps: BTreeMap<u32, StepHistory>,
}

/// The history of a step.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StepHistory {
    /// The state of the target before the first call; `None` without an intent.
    pub found: Option<SessionState>,
    /// The line of the first intent, from 1.
    pub line: u32,
    /// The last outcome and its message.
    pub outcome: Option<(StepOutcome, String)>,
    /// The last state of the target that was read.
    pub live: Option<SessionState>,
    /// Whether an intent follows the last result, so that the call may have been made.
    pub is_open: bool,
}

/// Why a file is not a usable journal.
#[derive(Debug, thiserror::Error)]
pub enum JournalReadError {
    /// It cannot be read.
    #[error("the journal {path} cannot be read: {cause}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        cause: ReadError,
    },
    /// It is not a journal.
    #[error("{path} is not a journal of an apply: {what}")]
    NotAJournal {
        /// The file.
        path: String,
        /// What is wrong.
        what: String,
    },
    /// It is of another version, or a newer driftline wrote something that this one does not know.
    #[error("the journal {path} cannot be used: {what}")]
    OtherVersion {
        /// The file.
        path: String,
        /// Which versions.
        what: String,
    },
    /// Its first line was cut off.
    #[error("{path} is not a journal of an apply: it holds no whole line")]
    Unbegun {
        /// The file.
        path: String,
    },
    /// A line is invalid.
    #[error("the journal {path} makes no sense at line {line}: {what}")]
    BadLine {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
}

impl JournalReadError {
    pub(super) fn unreadable(path: &Path, cause: ReadError) -> Self {
        Self::Unreadable { path: path.display().to_string(), cause }
    }

    /// The hint.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "name the file that `driftline apply` told as its journal",
            Self::NotAJournal { .. } => {
                "name the file that `driftline apply` told as its journal: JSON Lines that begin with the plan"
            }
            Self::OtherVersion { .. } => "use the driftline that wrote it, or a newer one",
            Self::Unbegun { .. } => {
                "no call was made before its first line was whole: plan and apply again, with another journal"
            }
            Self::BadLine { .. } => {
                "somebody altered it: `driftline plan` tells what is live now, and what is left to do"
            }
        }
    }
}

impl StepHistory {
    /// Whether the target may have been changed by this step.
    pub fn may_have_changed(&self) -> bool {
        let done = self.outcome.as_ref().is_some_and(|(outcome, _)| *outcome != StepOutcome::Stale);
        self.found.is_some() && (done || self.is_open)
    }
}

/// Reads a journal. Returns its content and the number of bytes in complete lines.
///
/// # Errors
///
/// Why it is not usable.
pub fn load_journal(path: &Path) -> Result<(History, u64), JournalReadError> {
    let not_a_journal =
        |what: String| JournalReadError::NotAJournal { path: path.display().to_string(), what: truncate_line(&what) };
    let bytes = files::read(path, LARGEST).map_err(|cause| match cause {
        ReadError::TooLarge(_) => not_a_journal(format!("it is larger than {LARGEST} bytes, more than any plan needs")),
        other => JournalReadError::unreadable(path, other),
    })?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let text = std::str::from_utf8(bytes.get(..whole).unwrap_or_default())
        .map_err(|error| not_a_journal(format!("it is not UTF-8: {error}")))?;
    // Some editors and shells put a byte order mark before a text.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.lines().zip(1_usize..);
    let Some((first, _)) = lines.next() else {
        return Err(JournalReadError::Unbegun { path: path.display().to_string() });
    };
    let other_version = |what: String| JournalReadError::OtherVersion { path: path.display().to_string(), what };
    let head: Option<DocumentHead> = serde_json::from_str(first).ok();
    if let Some(Err(HeadError::OtherVersion(version))) = head.as_ref().map(|head| head.check(FORMAT, JOURNAL_VERSION)) {
        return Err(other_version(version.to_string()));
    }
    // What a newer driftline wrote is no sign of an alteration.
    let newer = |error: JournalReadError, what: String| match head.as_ref().and_then(DocumentHead::newer) {
        Some(made_by) => other_version(format!("{made_by}: {}", truncate_line(&what))),
        None => error,
    };
    let bad_line = |line: usize, what: String| {
        let path = path.display().to_string();
        newer(JournalReadError::BadLine { path, line, what: truncate_line(&what) }, format!("line {line}: {what}"))
    };
    let bad_start = |what: String| newer(not_a_journal(what.clone()), what);
    let mut history = match serde_json::from_str(first) {
        Ok(Entry::Begin(begin)) => from_begin(*begin).map_err(bad_start)?,
        Ok(_) => return Err(not_a_journal("its first line is not where an apply begins".to_owned())),
        Err(error) => return Err(bad_start(format!("its first line: {error}"))),
    };
    for (line, number) in lines {
        let entry: Entry = serde_json::from_str(line).map_err(|error| bad_line(number, error.to_string()))?;
        history.record(entry, number).map_err(|what| bad_line(number, what))?;
    }
    Ok((history, whole as u64))
}

fn from_begin(begin: BeginEntry) -> Result<History, String> {
    if begin.format != FORMAT {
        return Err(format!("its `format` is \"{}\"", quote(&begin.format)));
    }
    let text = String::from_utf8(begin.plan.to_bytes()).map_err(|error| error.to_string())?;
    let saved = SavedPlan::parse(&text).map_err(|error: PlanError| error.to_string())?;
    Ok(History { plan: saved.plan, untouched: saved.untouched, caller: begin.caller, steps: BTreeMap::new() })
}

impl History {
    fn record(&mut self, entry: Entry, line: usize) -> Result<(), String> {
        match entry {
            Entry::Begin(_) => return Err("an apply begins twice".to_owned()),
            Entry::Intent(IntentEntry { step, found, .. }) => {
                let known = self.step(step)?;
                known.is_open = true;
                if known.found.is_none() {
                    known.found = Some(found);
                    known.line = u32::try_from(line).unwrap_or(u32::MAX);
                }
            }
            Entry::Result(ResultEntry { step, outcome, message, live, .. }) => {
                let known = self.step(step)?;
                known.is_open = false;
                known.outcome = Some((outcome, message));
                known.live = live;
            }
            Entry::Resume(_) | Entry::End(_) => {}
        }
        Ok(())
    }

    fn step(&mut self, number: u32) -> Result<&mut StepHistory, String> {
        if self.plan.step(number).is_none() {
            return Err(format!("the plan has no step {number}"));
        }
        Ok(self.steps.entry(number).or_default())
    }
}
