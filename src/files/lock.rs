//! File locks against concurrent runs.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::error::{WriteError, WriteErrorKind};

/// How often a lock that somebody else holds is tried.
const TRY_EVERY: Duration = Duration::from_millis(200);

/// More than any number that a lock file holds.
const NUMBER_AT_MOST: u64 = 32;

/// What came of trying to lock a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locked {
    /// Nobody else has it until the file is closed.
    Held,
    /// Somebody else has it.
    Busy,
    /// The disk knows no locks, as some network disks: nobody is kept away.
    NotKnown,
}

/// Why there is no lock.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process holds it.
    #[error("it is locked")]
    Busy {
        /// The number of that process, where it could be read.
        holder: String,
    },
    /// Something else has the name of the lock file, and stays as it is.
    #[error("{0} is no lock file of driftline: it holds something else than a number")]
    NotALock(String),
    /// The lock file is a symbolic link, and might lead anywhere.
    #[error("{0} is a symbolic link, and a lock file is none")]
    Link(String),
    /// The lock file cannot be written.
    #[error(transparent)]
    Unwritable(#[from] WriteError),
}

/// A lock file, for as long as this lives.
#[derive(Debug)]
pub struct Lock {
    locked: Locked,
    file: File,
    /// The file, where this has made it and nothing has come of that yet.
    unsettled: Option<PathBuf>,
}

/// Keeps everybody else away from a file, if nobody has it.
pub fn lock_exclusive(file: &File) -> io::Result<Locked> {
    locked(|| file.try_lock())
}

/// Keeps those away who want a file for themselves, if nobody has it for themselves.
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

/// Whether the system says that there are no locks here, as opposed to one that somebody holds. NFS without a lock daemon answers
/// ENOLCK; disks in user space and some of other systems the others.
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
    /// Takes a lock file, which is made if it is not there and says who holds it. What is there and holds anything but a number is
    /// no lock file and stays.
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
        // Whoever held it may have removed what it had made: a lock on that keeps nobody away.
        if !is_still(&file, path) {
            drop(file);
            return Self::take(path, until.saturating_duration_since(Instant::now()));
        }
        // From here on, what this has made is removed again where it fails.
        let mut lock = Self { locked, file, unsettled: is_new.then(|| path.to_owned()) };
        if number(&mut lock.file).map_err(|cause| unwritable(cause.into()))?.is_none() {
            return Err(LockError::NotALock(path.display().to_string()));
        }
        lock.note().map_err(|cause| unwritable(cause.into()))?;
        Ok(lock)
    }

    /// Says who holds it.
    fn note(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        writeln!(self.file, "{}", std::process::id())
    }

    /// Lets the file stay, for the next run. One that this run made and that is not to stay is removed.
    pub fn stay(&mut self) {
        self.unsettled = None;
    }

    /// Whether it keeps anybody away.
    pub fn is_held(&self) -> bool {
        self.locked == Locked::Held
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Still locked: nobody else takes it for theirs.
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

/// The number in a lock file, empty if nothing is in it; none if it holds anything else.
fn number(file: &mut File) -> io::Result<Option<String>> {
    file.rewind()?;
    let mut bytes = Vec::new();
    io::Read::by_ref(file).take(NUMBER_AT_MOST + 1).read_to_end(&mut bytes)?;
    let text = String::from_utf8(bytes).unwrap_or_else(|_| "?".to_owned());
    let number = text.trim();
    let is_number = text.len() as u64 <= NUMBER_AT_MOST && number.bytes().all(|byte| byte.is_ascii_digit());
    Ok(is_number.then(|| number.to_owned()))
}

/// Opens a lock file, and says whether it was made for that.
fn opened(path: &Path) -> io::Result<(File, bool)> {
    let mut options = options();
    match options.clone().create_new(true).open(path) {
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
            // It may be gone by now.
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

/// The bits by which anybody but the owner may do anything.
#[cfg(unix)]
const OTHERS: u32 = 0o077;

/// Takes the lock of a name, without waiting for it. Its file is in a folder of this user alone below the system's temporary
/// folder, and stays there: it holds a number, and says nothing once nobody has it.
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

/// Makes the folder, or sees that the one that is there is of this user alone: anybody may make one of that name.
#[cfg(unix)]
fn made(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
    match std::fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(cause) if cause.kind() != io::ErrorKind::AlreadyExists => return Err(cause),
        _ => {}
    }
    let there = folder.symlink_metadata()?;
    let is_private = there.is_dir() && there.uid() == super::ownership::me() && there.mode() & OTHERS == 0;
    if is_private { Ok(()) } else { Err(io::Error::other("it is no folder of this user alone (mode 0700)")) }
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
