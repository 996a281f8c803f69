//! File locks against concurrent runs.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::error::{WriteError, WriteErrorKind};

/// Interval between attempts to take a lock that another process holds.
const TRY_EVERY: Duration = Duration::from_millis(200);

/// Upper limit of the content of a lock file: a process id.
const MAX_NUMBER_BYTES: u64 = 32;

/// Outcome of an attempt to lock a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locked {
    /// The lock is held until the file is closed.
    Held,
    /// Another process holds it.
    Busy,
    /// The file system has no locks, as some network file systems.
    NotKnown,
}

/// A lock that cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process holds it.
    #[error("it is locked")]
    Busy {
        /// The id of that process, where it could be read.
        holder: String,
    },
    /// Another file has the name of the lock file. It stays as it is.
    #[error("{0} is not a lock file of driftline: it does not contain a number")]
    NotALock(String),
    /// The lock file is a symbolic link, which might lead anywhere.
    #[error("{0} is a symbolic link, and a lock file must not be one")]
    Link(String),
    /// The lock file cannot be written.
    #[error(transparent)]
    Unwritable(#[from] WriteError),
}

/// A lock file. The lock is released when this is dropped.
#[derive(Debug)]
pub struct Lock {
    locked: Locked,
    file: File,
    /// The file, if this run has created it and it is not yet to be kept.
    unsettled: Option<PathBuf>,
}

/// Takes an exclusive lock, without waiting.
pub fn lock_exclusive(file: &File) -> io::Result<Locked> {
    locked(|| file.try_lock())
}

/// Takes a shared lock, without waiting.
pub fn lock_shared(file: &File) -> io::Result<Locked> {
    locked(|| file.try_lock_shared())
}

fn locked(attempt: impl Fn() -> Result<(), TryLockError>) -> io::Result<Locked> {
    loop {
        match attempt() {
            Err(TryLockError::Error(cause)) if cause.kind() == io::ErrorKind::Interrupted => {}
            other => return outcome(other),
        }
    }
}

fn outcome(attempt: Result<(), TryLockError>) -> io::Result<Locked> {
    match attempt {
        Ok(()) => Ok(Locked::Held),
        Err(TryLockError::WouldBlock) => Ok(Locked::Busy),
        Err(TryLockError::Error(cause)) if knows_no_locks(&cause) => Ok(Locked::NotKnown),
        Err(TryLockError::Error(cause)) => Err(cause),
    }
}

/// Whether the error says that locks are not supported, as opposed to held. NFS without a lock daemon answers ENOLCK;
/// FUSE and other file systems answer with the others.
fn knows_no_locks(cause: &io::Error) -> bool {
    #[cfg(unix)]
    {
        use rustix::io::Errno;
        let errno = Errno::from_io_error(cause);
        if [Errno::NOLCK, Errno::OPNOTSUPP, Errno::NOTSUP, Errno::NOSYS].into_iter().any(|no| errno == Some(no)) {
            return true;
        }
    }
    cause.kind() == io::ErrorKind::Unsupported
}

impl Lock {
    /// Takes a lock file, which is created if needed, and writes the process id into it. A file that holds anything but
    /// a number is left as it is.
    pub fn take(path: &Path, wait: Duration) -> Result<Self, LockError> {
        let unwritable = |cause: WriteErrorKind| LockError::Unwritable(WriteError::new(path, cause));
        if path.is_symlink() {
            return Err(LockError::Link(path.display().to_string()));
        }
        let (mut file, is_new) = opened(path).map_err(|cause| unwritable(cause.into()))?;
        if !file.metadata().map_err(|cause| unwritable(cause.into()))?.is_file() {
            return Err(unwritable(WriteErrorKind::NotRegular));
        }
        let until = Instant::now() + wait;
        let locked = loop {
            match lock_exclusive(&file).map_err(|cause| unwritable(cause.into()))? {
                Locked::Busy if Instant::now() >= until => {
                    let holder = number(&mut file).ok().flatten().unwrap_or_default();
                    return Err(LockError::Busy { holder });
                }
                Locked::Busy => std::thread::sleep(TRY_EVERY),
                other => break other,
            }
        };
        // The previous holder may have removed the file that it had made: a lock on that keeps nobody out.
        if !is_still(&file, path) {
            drop(file);
            return Self::take(path, until.saturating_duration_since(Instant::now()));
        }
        // From here on, a file that this run has made is removed on failure.
        let mut lock = Self { locked, file, unsettled: is_new.then(|| path.to_owned()) };
        if number(&mut lock.file).map_err(|cause| unwritable(cause.into()))?.is_none() {
            return Err(LockError::NotALock(path.display().to_string()));
        }
        lock.note().map_err(|cause| unwritable(cause.into()))?;
        Ok(lock)
    }

    /// Writes the id of this process into the file.
    fn note(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        writeln!(self.file, "{}", std::process::id())
    }

    /// Keeps the file for the next run. Without this call, a file that this run has made is removed.
    pub fn stay(&mut self) {
        self.unsettled = None;
    }

    /// Whether the lock excludes other processes.
    pub fn is_held(&self) -> bool {
        self.locked == Locked::Held
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Still locked: no other process can have taken it.
        if let Some(path) = self.unsettled.take()
            && self.is_held()
            && is_still(&self.file, &path)
        {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Whether a path still leads to an open file.
#[cfg(unix)]
fn is_still(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let identity = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), path.symlink_metadata()) {
        (Ok(open), Ok(there)) => identity(open) == identity(there),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_still(_: &File, path: &Path) -> bool {
    path.exists()
}

/// The number in a lock file, empty if the file is; none if it holds anything else.
fn number(file: &mut File) -> io::Result<Option<String>> {
    file.rewind()?;
    let mut bytes = Vec::new();
    io::Read::by_ref(file).take(MAX_NUMBER_BYTES + 1).read_to_end(&mut bytes)?;
    let text = String::from_utf8(bytes).unwrap_or_else(|_| "?".to_owned());
    let number = text.trim();
    let is_number = text.len() as u64 <= MAX_NUMBER_BYTES && number.bytes().all(|byte| byte.is_ascii_digit());
    Ok(is_number.then(|| number.to_owned()))
}

/// Opens a lock file; true if this call created it.
fn opened(path: &Path) -> io::Result<(File, bool)> {
    let mut options = options();
    match options.clone().create_new(true).open(path) {
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
            // The file may have been removed meanwhile.
            options.create(true).truncate(false).open(path).map(|file| (file, false))
        }
        made => made.map(|file| (file, true)),
    }
}

#[cfg(unix)]
fn options() -> OpenOptions {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits()).unwrap_or_default();
    let mut options = OpenOptions::new();
    options.read(true).write(true).custom_flags(flags);
    options
}

#[cfg(not(unix))]
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    options
}

/// Permission bits of everyone but the owner.
#[cfg(unix)]
const OTHERS: u32 = 0o077;

/// Takes a named lock without waiting. All runs of a user on a machine share it, whatever folder they run in. Its file
/// is in a private folder below the temporary folder of the system and stays there.
pub fn lock_by_name(name: &str) -> Result<Lock, LockError> {
    let folder = folder_of_user();
    made(&folder).map_err(|cause| WriteError::new(&folder, cause))?;
    Lock::take(&folder.join(format!("{name}.lock")), Duration::ZERO)
}

#[cfg(unix)]
fn folder_of_user() -> PathBuf {
    std::env::temp_dir().join(format!("driftline-{}", super::ownership::me()))
}

#[cfg(not(unix))]
fn folder_of_user() -> PathBuf {
    std::env::temp_dir().join("driftline")
}

/// Creates the folder, or checks that the existing one belongs to this user alone: anyone may create one of that name.
#[cfg(unix)]
fn made(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
    match std::fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(cause) if cause.kind() != io::ErrorKind::AlreadyExists => return Err(cause),
        _ => {}
    }
    let there = folder.symlink_metadata()?;
    let is_private = there.is_dir() && there.uid() == super::ownership::me() && there.mode() & OTHERS == 0;
    if is_private { Ok(()) } else { Err(io::Error::other("it is not a folder of this user alone (mode 0700)")) }
}

#[cfg(not(unix))]
fn made(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_disk_without_locks_is_told_from_a_lock_that_somebody_holds() {
        use rustix::io::Errno;
        let of = |errno: Errno| outcome(Err(TryLockError::Error(io::Error::from(errno)))).map_err(|cause| cause.kind());
        for errno in [Errno::NOLCK, Errno::OPNOTSUPP, Errno::NOSYS] {
            assert_eq!(of(errno), Ok(Locked::NotKnown), "{errno}");
        }
        assert_eq!(outcome(Err(TryLockError::WouldBlock)).ok(), Some(Locked::Busy));
        assert!(of(Errno::IO).is_err(), "a disk that fails is no disk without locks");
    }

    #[test]
    fn a_lock_is_held_by_one_and_says_by_whom() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.lock");
        let held = Lock::take(&path, Duration::ZERO).expect("nobody has it");
        assert!(held.is_held());
        let own = std::process::id().to_string();
        assert!(matches!(Lock::take(&path, Duration::ZERO), Err(LockError::Busy { holder }) if holder == own));
        drop(held);
        Lock::take(&path, Duration::ZERO).expect("nobody has it any more");
    }

    #[test]
    fn what_is_no_lock_file_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.lock");
        for text in ["notes", "1234567890123456789012345678901234567890", "12 34"] {
            std::fs::write(&path, text).expect("a file");
            assert!(matches!(Lock::take(&path, Duration::ZERO), Err(LockError::NotALock(_))), "{text}");
            assert_eq!(std::fs::read_to_string(&path).expect("a file"), text);
        }
        #[cfg(unix)]
        {
            std::fs::remove_file(&path).expect("it can be removed");
            std::os::unix::fs::symlink(folder.path().join("precious"), &path).expect("a link");
            assert!(matches!(Lock::take(&path, Duration::ZERO), Err(LockError::Link(_))));
            assert!(!folder.path().join("precious").exists());
        }
    }
}

#[cfg(all(test, unix))]
mod tests_user_lock {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_folder_that_others_may_enter_holds_no_locks() {
        let parent = tempfile::tempdir().expect("a folder");
        let folder = parent.path().join("locks");
        made(&folder).expect("it can be made");
        assert_eq!(folder.metadata().expect("a folder").permissions().mode() & 0o777, 0o700);
        made(&folder).expect("it is there");
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o770)).expect("its owner may");
        assert!(made(&folder).is_err());
        let link = parent.path().join("link");
        std::os::unix::fs::symlink(parent.path(), &link).expect("a link");
        assert!(made(&link).is_err(), "a link may lead anywhere");
    }
}
