//! Writing a journal: every line is on disk before anything else happens.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::entry::{BeginEntry, EndEntry, Entry, FORMAT, FORMAT_VERSION, ResumeEntry};
use super::history::{History, JournalMistake, load_journal};
use crate::apply::Totals;
use crate::model::Clock;
use crate::plan::{Maker, PlanDocument};

/// A journal that is being written. Nobody else can write it meanwhile.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
}

/// Why a journal cannot be written, or not be gone on with.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// There is a file already.
    #[error("there already is a file {0}, and a journal never replaces one")]
    Exists(String),
    /// Another apply is writing it.
    #[error("another apply is writing the journal {0}")]
    Busy(String),
    /// The system refuses.
    #[error("the journal {path} cannot be written: {cause}")]
    Unwritable {
        /// The file.
        path: String,
        /// What the system says.
        cause: io::Error,
    },
    /// It cannot be read.
    #[error(transparent)]
    Unusable(#[from] JournalMistake),
}

impl JournalError {
    /// What may help.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Exists(_) => {
                "name another file with --journal; or go on with what it holds: driftline apply --resume FILE"
            }
            Self::Busy(_) => "wait until that one has ended",
            Self::Unwritable { .. } => {
                "nothing is changed without a journal: name a file on a disk with room, in a folder that this user may write \
                 to, with --journal"
            }
            Self::Unusable(mistake) => mistake.help(),
        }
    }
}

impl Journal {
    /// Begins a journal in a new file, with the plan in its first line.
    ///
    /// # Errors
    ///
    /// Why there is none. A file that is there already is never replaced.
    pub fn begin(path: &Path, caller: &Maker, plan: &PlanDocument) -> Result<Self, JournalError> {
        let opened = OpenOptions::new().append(true).create_new(true).open(path);
        let file = opened.map_err(|cause| match cause.kind() {
            io::ErrorKind::AlreadyExists => JournalError::Exists(shown(path)),
            _ => JournalError::Unwritable { path: shown(path), cause },
        })?;
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
        begun.and_then(|()| sync_folder(path)).map_err(|cause| {
            // Half a first line would only be in the way of the next try.
            let _ = std::fs::remove_file(path);
            JournalError::Unwritable { path: shown(path), cause }
        })?;
        Ok(journal)
    }

    /// Goes on with a journal, from which a last line that was cut off is removed.
    ///
    /// # Errors
    ///
    /// Why that cannot be.
    pub fn resume(path: &Path, caller: &Maker) -> Result<(Self, History), JournalError> {
        let unwritable = |cause| JournalError::Unwritable { path: shown(path), cause };
        let opened = OpenOptions::new().read(true).write(true).open(path);
        let mut journal = Self::locked(opened.map_err(|cause| JournalMistake::unreadable(path, cause))?, path)?;
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
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        self.file.write_all(&line)?;
        self.file.sync_data()
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps every apply from going on with a journal for as long as the file that is returned is open.
    ///
    /// # Errors
    ///
    /// That there is none, or that an apply is writing it.
    pub fn hold(path: &Path) -> Result<File, JournalError> {
        let file = File::open(path).map_err(|cause| JournalMistake::unreadable(path, cause))?;
        taken(file.try_lock_shared(), path)?;
        Ok(file)
    }

    fn locked(file: File, path: &Path) -> Result<Self, JournalError> {
        taken(file.try_lock(), path)?;
        Ok(Self { file, path: path.to_owned() })
    }
}

/// What came of trying to lock a journal.
fn taken(lock: Result<(), TryLockError>, path: &Path) -> Result<(), JournalError> {
    match lock {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(JournalError::Busy(shown(path))),
        // Some network disks know no locks: without one, the file is still new or whole.
        Err(TryLockError::Error(cause)) if cause.kind() == io::ErrorKind::Unsupported => Ok(()),
        Err(TryLockError::Error(cause)) => Err(JournalError::Unwritable { path: shown(path), cause }),
    }
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
