//! Journal writer: every line is on disk before anything else happens.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::history::{History, JournalReadError, load_journal};
use super::{BeginEntry, EndEntry, Entry, FORMAT, JOURNAL_VERSION, ResumeEntry};
use crate::apply::Totals;
use crate::diagnostic::write_json_line;
use crate::files::{
    self, Lock, LockError, Locked, NewFile, PathError, WriteError, WriteErrorKind, lock_by_name, lock_exclusive,
    lock_shared,
};
use crate::model::Clock;
use crate::plan::{CallerIdentity, Plan, PlanDocument};

/// A journal that is open for writing, and locked.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    locked: Locked,
}

/// A lock on a journal or a plan, for as long as this lives.
#[derive(Debug)]
pub struct Hold {
    locked: Locked,
    _file: File,
}

/// Why a journal cannot be written or resumed.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// There is a file already.
    #[error("there already is a file {0}, and a journal never replaces one")]
    Exists(String),
    /// Another apply is writing it.
    #[error("another apply is writing the journal {0}, or a rollback is reading it")]
    Busy(String),
    /// Another apply of the same plan is under way.
    #[error("refused (in use): another apply of the plan {0} is under way")]
    PlanInUse(String),
    /// The system refuses.
    #[error("the journal {path} cannot be written: {cause}")]
    Unwritable {
        /// The file.
        path: String,
        /// What is in the way.
        cause: WriteErrorKind,
    },
    /// It cannot be read.
    #[error(transparent)]
    Unusable(#[from] JournalReadError),
}

impl JournalError {
    /// The hint.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Exists(_) => {
                "name another file with --journal; or go on with what it holds: driftline apply --resume FILE"
            }
            Self::Busy(_) => "wait until that one has ended",
            Self::PlanInUse(_) => "wait until that one has ended; then plan again, for that tells what is left to do",
            Self::Unwritable { cause: WriteErrorKind::Path(PathError::System(_)), .. } => {
                "nothing is changed without a journal: name a file on a disk with room, in a folder that this user may write \
                 to, with --journal"
            }
            Self::Unwritable { cause, .. } => cause.help(),
            Self::Unusable(error) => error.help(),
        }
    }
}

impl From<WriteError> for JournalError {
    fn from(WriteError { path, cause }: WriteError) -> Self {
        match cause {
            WriteErrorKind::Exists | WriteErrorKind::Folder => Self::Exists(path),
            cause => Self::Unwritable { path, cause },
        }
    }
}

impl Hold {
    /// Whether the lock is effective: some disks support no locks.
    pub fn is_held(&self) -> bool {
        self.locked == Locked::Held
    }
}

impl Journal {
    /// Checks whether a journal can be created.
    ///
    /// # Errors
    ///
    /// Why not, as far as that can be known before.
    pub fn probe(path: &Path) -> Result<(), JournalError> {
        // A journal is synced after each line, and a compressed one could not be.
        if files::has_gzip_extension(path) {
            return Err(JournalError::Unwritable { path: shown(path), cause: WriteErrorKind::NotCompressed });
        }
        Ok(files::probe_new(path)?)
    }

    /// Creates a journal with the plan in its first line.
    ///
    /// # Errors
    ///
    /// Why it cannot be created. An existing file is never replaced.
    pub fn begin(path: &Path, caller: &CallerIdentity, plan: &PlanDocument) -> Result<Self, JournalError> {
        let file = files::new_file(path, NewFile::Private)?;
        let mut journal = Self::locked(file, path)?;
        let begun = journal.append(&Entry::Begin(Box::new(BeginEntry {
            format: FORMAT.to_owned(),
            format_version: JOURNAL_VERSION,
            tool: format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")),
            at: Clock::System.now(),
            caller: caller.clone(),
            plan: plan.clone(),
        })));
        // The name of a new file is on disk only once its folder is.
        begun.and_then(|()| files::sync_name(path)).map_err(|cause| {
            // An incomplete first line would block the next attempt.
            let _ = std::fs::remove_file(files::real(path));
            JournalError::Unwritable { path: shown(path), cause: cause.into() }
        })?;
        Ok(journal)
    }

    /// Resumes a journal. An incomplete last line is removed.
    ///
    /// # Errors
    ///
    /// Why it cannot be resumed.
    pub fn resume(path: &Path, caller: &CallerIdentity) -> Result<(Self, History), JournalError> {
        let unwritable = |cause: io::Error| JournalError::Unwritable { path: shown(path), cause: cause.into() };
        let opened = files::reopen(path).map_err(|cause| JournalReadError::unreadable(path, cause))?;
        let mut journal = Self::locked(opened, path)?;
        let (history, whole) = load_journal(path)?;
        let cut = journal.file.set_len(whole).and_then(|()| journal.file.seek(SeekFrom::End(0)));
        cut.map_err(unwritable)?;
        let entry = Entry::Resume(ResumeEntry { at: Clock::System.now(), caller: caller.clone() });
        journal.append(&entry).map_err(unwritable)?;
        Ok((journal, history))
    }

    /// Records the end of the apply.
    pub(in crate::apply) fn end(&mut self, totals: Totals) -> io::Result<()> {
        self.append(&Entry::End(EndEntry { at: Clock::System.now(), totals }))
    }

    /// Appends a line, which is on disk when this returns.
    pub(in crate::apply) fn append(&mut self, entry: &Entry) -> io::Result<()> {
        let mut line = Vec::new();
        write_json_line(entry, &mut line)?;
        self.file.write_all(&line)?;
        self.file.sync_data()
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the lock is effective: some disks support no locks.
    pub fn is_held(&self) -> bool {
        self.locked == Locked::Held
    }

    /// Locks a journal against every apply.
    ///
    /// # Errors
    ///
    /// That there is none, or that an apply is writing it.
    pub fn hold(path: &Path) -> Result<Hold, JournalError> {
        let file = files::open(path).map_err(|cause| JournalReadError::unreadable(path, cause))?;
        let locked = unless_busy(lock_shared(&file), path)?;
        Ok(Hold { locked, _file: file })
    }

    /// Locks a journal against every apply and every other rollback.
    ///
    /// # Errors
    ///
    /// That there is none, or that another process holds it.
    pub fn hold_alone(path: &Path) -> Result<Hold, JournalError> {
        let file = files::open(path).map_err(|cause| JournalReadError::unreadable(path, cause))?;
        let locked = unless_busy(lock_exclusive(&file), path)?;
        Ok(Hold { locked, _file: file })
    }

    fn locked(file: File, path: &Path) -> Result<Self, JournalError> {
        let locked = unless_busy(lock_exclusive(&file), path)?;
        Ok(Self { file, path: path.to_owned(), locked })
    }
}

/// Locks the file of a saved plan against every other apply, whatever name the file is known by. On a disk without locks, each step
/// finds its target stale if another apply has changed it.
///
/// # Errors
///
/// That another apply holds it.
pub fn hold_plan(path: &Path) -> Result<Hold, JournalError> {
    // Some network disks lock only what may be written.
    let opened = files::reopen(path).or_else(|_| files::open(path));
    let file = opened.map_err(|cause| JournalReadError::unreadable(path, cause))?;
    match lock_exclusive(&file) {
        Ok(Locked::Busy) => Err(JournalError::PlanInUse(shown(path))),
        Ok(locked) => Ok(Hold { locked, _file: file }),
        Err(cause) => Err(JournalError::Unwritable { path: shown(path), cause: cause.into() }),
    }
}

/// Locks a plan against every other apply by this user on this machine, whatever file holds it; `path` is the file that holds it
/// here. `None` if there can be no lock.
///
/// # Errors
///
/// That another apply holds it.
pub fn hold_fingerprint(plan: &Plan, path: &Path) -> Result<Option<Lock>, JournalError> {
    let document = PlanDocument::from_plan(plan);
    let name: String = document.fingerprint().chars().filter(char::is_ascii_alphanumeric).collect();
    match lock_by_name(&name) {
        Ok(lock) => Ok(Some(lock).filter(Lock::is_held)),
        Err(LockError::Busy { .. }) => Err(JournalError::PlanInUse(shown(path))),
        // The temporary folder is not writable, or another user has the name.
        Err(_) => Ok(None),
    }
}

/// The result of an attempt to lock a journal. On a disk without locks it is still new or complete.
fn unless_busy(locked: io::Result<Locked>, path: &Path) -> Result<Locked, JournalError> {
    match locked {
        Ok(Locked::Busy) => Err(JournalError::Busy(shown(path))),
        Ok(locked) => Ok(locked),
        Err(cause) => Err(JournalError::Unwritable { path: shown(path), cause: cause.into() }),
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
