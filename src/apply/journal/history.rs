//! Reading a journal back: what was meant, and what is known to have been done.

use std::collections::BTreeMap;
use std::path::Path;

use super::entry::{BeginEntry, Entry, FORMAT, FORMAT_VERSION, IntentEntry, ResultEntry};
use crate::apply::StepOutcome;
use crate::diagnostic::truncate_line;
use crate::files::{self, ReadError};
use crate::plan::{CallerIdentity, Plan, PlanError, SavedPlan};
use crate::resource::SessionState;

/// More than the journal of the largest plan: some 400,000 steps.
const LARGEST: u64 = 1 << 30;

/// What a journal says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The plan that was carried out.
    pub plan: Plan,
    /// Whether that is as it was made.
    pub untouched: bool,
    /// Whose credentials the calls were made with.
    pub caller: CallerIdentity,
    /// What is known of the steps that were come to, by number.
    pub steps: BTreeMap<u32, StepHistory>,
}

/// What a journal says of a step.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StepHistory {
    /// What the target was set to before the first call; none if no call was meant.
    pub found: Option<SessionState>,
    /// The line of the first intent, from 1.
    pub line: u32,
    /// What came of it last, and in which words.
    pub outcome: Option<(StepOutcome, String)>,
    /// What the target was set to in the end, as far as it was read.
    pub live: Option<SessionState>,
    /// Whether a call was meant after that, so that nobody knows whether it was made.
    pub is_open: bool,
}

/// Why a file is no journal that can be used.
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
    /// Its first line was cut off.
    #[error("{path} is not a journal of an apply: it holds no whole line")]
    Unbegun {
        /// The file.
        path: String,
    },
    /// A line of it makes no sense.
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

    /// What may help.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "name the file that `driftline apply` told as its journal",
            Self::NotAJournal { .. } => {
                "name the file that `driftline apply` told as its journal: JSON Lines that begin with the plan"
            }
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

/// Reads a journal, and how many bytes of it are whole lines: a last one without a line feed was not written.
///
/// # Errors
///
/// Why it cannot be used.
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
    let bad_line = |line: usize, what: String| JournalReadError::BadLine {
        path: path.display().to_string(),
        line,
        what: truncate_line(&what),
    };
    let mut lines = text.lines().zip(1_usize..);
    let Some((first, _)) = lines.next() else {
        return Err(JournalReadError::Unbegun { path: path.display().to_string() });
    };
    let mut history = match serde_json::from_str(first) {
        Ok(Entry::Begin(begin)) => begun(*begin).map_err(not_a_journal)?,
        Ok(_) => return Err(not_a_journal("its first line is not where an apply begins".to_owned())),
        Err(error) => return Err(not_a_journal(format!("its first line: {error}"))),
    };
    for (line, number) in lines {
        let entry: Entry = serde_json::from_str(line).map_err(|error| bad_line(number, error.to_string()))?;
        history.take(entry, number).map_err(|what| bad_line(number, what))?;
    }
    Ok((history, whole as u64))
}

fn begun(begin: BeginEntry) -> Result<History, String> {
    if begin.format != FORMAT || begin.format_version != FORMAT_VERSION {
        return Err(format!(
            "its format is \"{}\", version {}; this driftline reads \"{FORMAT}\", version {FORMAT_VERSION}",
            begin.format, begin.format_version
        ));
    }
    let text = String::from_utf8(begin.plan.to_bytes()).map_err(|error| error.to_string())?;
    let saved = SavedPlan::parse(&text).map_err(|error: PlanError| error.to_string())?;
    Ok(History { plan: saved.plan, untouched: saved.untouched, caller: begin.caller, steps: BTreeMap::new() })
}

impl History {
    fn take(&mut self, entry: Entry, line: usize) -> Result<(), String> {
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
