//! Writing a journal: every line is on disk before anything else happens.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::entry::{BeginEntry, EndEntry, Entry, FORMAT, FORMAT_VERSION, ResumeEntry};
use super::history::{History, JournalReadError, load_journal};
use crate::apply::Totals;
use crate::diagnostic::write_json_line;
use crate::files::{
    self, Lock, LockError, Locked, NewFile, PathError, WriteError, WriteErrorKind, lock_by_name, lock_exclusive,
    lock_shared,
};
use crate::model::Clock;
use crate::plan::{CallerIdentity, Plan, PlanDocument};

/// A journal that is being written. Nobody else can write it meanwhile.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    locked: Locked,
}

/// A journal that no apply goes on with for as long as this lives.
#[derive(Debug)]
pub struct Hold {
    locked: Locked,
    _file: File,
}

/// Why a journal cannot be written, or not be gone on with.
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
    /// What may help.
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
            Self::Unusable(mistake) => mistake.help(),
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
    /// Whether it keeps anybody away: some disks know no locks.
    pub fn is_held(&self) -> bool {
        self.locked == Locked::Held
    }
}

impl Journal {
    /// That a journal could be begun there.
    ///
    /// # Errors
    ///
    /// Why it could not, as far as that can be told before.
    pub fn probe(path: &Path) -> Result<(), JournalError> {
        Ok(files::probe_new(path)?)
    }

    /// Begins a journal in a new file, with the plan in its first line.
    ///
    /// # Errors
    ///
    /// Why there is none. A file that is there already is never replaced.
    pub fn begin(path: &Path, caller: &CallerIdentity, plan: &PlanDocument) -> Result<Self, JournalError> {
        let file = files::new_file(path, NewFile::Private)?;
        let mut journal = Self::locked(file, path)?;
        let begun = journal.append(&Entry::Begin(Box::new(BeginEntry {
            format: FORMAT.to_owned(),
            format_version: FORMAT_VERSION,
            tool: format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")),
            at: Clock::System.now(),
            caller: caller.clone(),
            plan: plan.clone(),
        })));
        // The name of a new file is on disk only once its folder is.
        begun.and_then(|()| files::sync_name(path)).map_err(|cause| {
            // Half a first line would only be in the way of the next try.
            let _ = std::fs::remove_file(files::real(path));
            JournalError::Unwritable { path: shown(path), cause: cause.into() }
        })?;
        Ok(journal)
    }

    /// Goes on with a journal, from which a last line that was cut off is removed.
    ///
    /// # Errors
    ///
    /// Why that cannot be.
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

    /// Writes that the apply has ended by itself.
    pub(in crate::apply) fn end(&mut self, totals: Totals) -> io::Result<()> {
        self.append(&Entry::End(EndEntry { at: Clock::System.now(), totals }))
    }

    /// Adds a line, which is on disk when this returns.
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

    /// Whether nobody else can write it meanwhile: some disks know no locks.
    pub fn is_held(&self) -> bool {
        self.locked == Locked::Held
    }

    /// Keeps every apply from going on with a journal for as long as what is returned lives.
    ///
    /// # Errors
    ///
    /// That there is none, or that an apply is writing it.
    pub fn hold(path: &Path) -> Result<Hold, JournalError> {
        let file = files::open(path).map_err(|cause| JournalReadError::unreadable(path, cause))?;
        let locked = taken(lock_shared(&file), path)?;
        Ok(Hold { locked, _file: file })
    }

    /// The same, and keeps every other rollback away.
    ///
    /// # Errors
    ///
    /// That there is none, or that somebody else holds it.
    pub fn hold_alone(path: &Path) -> Result<Hold, JournalError> {
        let file = files::open(path).map_err(|cause| JournalReadError::unreadable(path, cause))?;
        let locked = taken(lock_exclusive(&file), path)?;
        Ok(Hold { locked, _file: file })
    }

    fn locked(file: File, path: &Path) -> Result<Self, JournalError> {
        let locked = taken(lock_exclusive(&file), path)?;
        Ok(Self { file, path: path.to_owned(), locked })
    }
}

/// Keeps every other apply of a saved plan away for as long as the hold lives, by whatever name the file is known. Where the
/// disk knows no locks, each step finds its target stale that another apply has changed.
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

/// Keeps every other apply of the same plan away that this user runs on this machine, whatever file has the plan; `path` is the
/// file that has it here. None if there can be no lock.
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
        // A temporary folder that cannot be written to, or in which somebody else has the name.
        Err(_) => Ok(None),
    }
}

/// What came of trying to lock a journal. On a disk without locks it is still new or whole.
fn taken(locked: io::Result<Locked>, path: &Path) -> Result<Locked, JournalError> {
    match locked {
        Ok(Locked::Busy) => Err(JournalError::Busy(shown(path))),
        Ok(locked) => Ok(locked),
        Err(cause) => Err(JournalError::Unwritable { path: shown(path), cause: cause.into() }),
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
