//! Atomic replacement of a file through a temporary one.

use std::fs::{File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, SystemTime};

use tempfile::{Builder, NamedTempFile};

use super::error::WriteErrorKind;
use super::ownership::{NewFile, copy_ownership, may_replace};

/// A regular file that is to be written. It need not exist.
#[derive(Debug)]
pub(super) struct Replacement {
    path: PathBuf,
    folder: PathBuf,
    there: Option<Metadata>,
}

/// Durability of a written file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Durability {
    Synced,
    /// A power failure may cut it off: for one of very many files, since a wait for the disk at each takes minutes.
    Unsynced,
}

impl Replacement {
    /// Checks that a new file may take this name.
    pub(super) fn at(path: PathBuf, there: Option<Metadata>) -> Result<Self, WriteErrorKind> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
        let about = folder.metadata()?;
        if let Some(there) = &there {
            may_replace(there, &about)?;
            check_attributes(&path)?;
        }
        if check_attributes(&folder).is_err_and(|error| matches!(error, WriteErrorKind::Immutable(_))) {
            return Err(WriteErrorKind::Immutable(folder));
        }
        Ok(Self { path, folder, there })
    }

    /// Checks that the file does not exist yet.
    pub(super) fn none_yet(self) -> Result<Self, WriteErrorKind> {
        if self.there.is_some() { Err(WriteErrorKind::Exists) } else { Ok(self) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Rehearses a write without changing anything.
    pub(super) fn probe(&self) -> Result<(), WriteErrorKind> {
        remove_abandoned(&self.folder);
        let temporary = Temporary::in_folder(&self.folder, NewFile::Private)?;
        Ok(temporary.try_name(&self.folder)?)
    }

    /// Writes a temporary file beside it and renames that.
    pub(super) fn write(
        self,
        new: NewFile,
        existing: Existing,
        durability: Durability,
        draw: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let temporary = Temporary::in_folder(&self.folder, self.first_mode(new))?;
        let mut out = io::BufWriter::with_capacity(64 * 1024, temporary.file());
        draw(&mut out)?;
        out.flush()?;
        drop(out);
        if let Some(there) = &self.there {
            copy_ownership(temporary.file(), self.path.as_path(), there)?;
        }
        if durability == Durability::Synced {
            temporary.file().sync_all()?;
        }
        temporary.persist(&self.path, &self.folder, existing)
    }

    /// Private until it has the mode of the replaced file.
    fn first_mode(&self, new: NewFile) -> NewFile {
        if self.there.is_some() { NewFile::Private } else { new }
    }
}

/// Checks for mount points and for the immutable and append-only attributes.
#[cfg(target_os = "linux")]
fn check_attributes(path: &Path) -> Result<(), WriteErrorKind> {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    // Old kernels do not support this.
    let Ok(told) = statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::BASIC_STATS) else { return Ok(()) };
    if told.stx_attributes.intersects(StatxAttributes::IMMUTABLE | StatxAttributes::APPEND) {
        return Err(WriteErrorKind::Immutable(path.to_owned()));
    }
    if told.stx_attributes.contains(StatxAttributes::MOUNT_ROOT) {
        return Err(WriteErrorKind::Mounted);
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn check_attributes(_: &Path) -> Result<(), WriteErrorKind> {
    Ok(())
}

/// Prefix of a temporary file name; six letters or digits follow.
const PREFIX: &str = ".driftline-";
const RANDOM: usize = 6;

/// Age after which a file counts as abandoned where locks are not supported.
const ABANDONED_AFTER: Duration = Duration::from_hours(24);

/// A temporary file. It is removed when this is dropped.
#[derive(Debug)]
pub(super) enum Temporary {
    /// A file without a name: a killed run leaves nothing behind.
    #[cfg(target_os = "linux")]
    Unnamed(File),
    /// A file with a name, locked while it is written.
    Named(NamedTempFile),
}

/// Treatment of an existing file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Existing {
    Replace,
    Keep,
}

impl Temporary {
    /// Creates one in a folder.
    pub(super) fn in_folder(folder: &Path, new: NewFile) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if let Some(file) = unnamed(folder, new) {
            return Ok(Self::Unnamed(file));
        }
        named(folder, new).map(Self::Named)
    }

    pub(super) fn file(&self) -> &File {
        match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed(file) => file,
            Self::Named(named) => named.as_file(),
        }
    }

    /// Names it for a moment, as a write would: some systems make such files and do not let them be named. It cannot be
    /// named again.
    pub(super) fn try_name(&self, folder: &Path) -> io::Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed(file) => match named_link(file, folder) {
                Err(cause) if refuses_links(&cause) => named(folder, NewFile::Private).map(drop),
                other => other.map(drop),
            },
            Self::Named(_) => Ok(()),
        }
    }

    /// Moves it to its final path.
    pub(super) fn persist(self, path: &Path, folder: &Path, existing: Existing) -> io::Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed(file) => match link(&file, path) {
                Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists && existing == Existing::Replace => {
                    match named_link(&file, folder) {
                        Err(cause) if refuses_links(&cause) => copied(&file, folder)?.persist(path, folder, existing),
                        named => named?.persist(path).map(drop).map_err(|error| error.error),
                    }
                }
                Err(cause) if refuses_links(&cause) => copied(&file, folder)?.persist(path, folder, existing),
                other => other,
            },
            Self::Named(named) => match existing {
                Existing::Replace => named.persist(path).map(drop).map_err(|error| error.error),
                Existing::Keep => named.persist_noclobber(path).map(drop).map_err(|error| error.error),
            },
        }
    }
}

fn builder() -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(PREFIX).rand_bytes(RANDOM);
    builder
}

/// Paths of temporary files with names. A path stays after its file was renamed or removed: names are random, so that it is nobody
/// else's.
struct NamedFiles(Mutex<Vec<PathBuf>>);

/// The temporary files of this process.
static NAMED: NamedFiles = NamedFiles(Mutex::new(Vec::new()));

impl NamedFiles {
    /// Creates a file with a random name.
    fn create<T>(&self, create: impl FnOnce() -> io::Result<NamedTempFile<T>>) -> io::Result<NamedTempFile<T>> {
        let mut paths = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let file = create()?;
        paths.push(file.path().to_owned());
        Ok(file)
    }

    /// Removes the files. None gets a name while the result is held; `None` if a thread hangs while it creates one.
    fn remove(&self) -> Option<MutexGuard<'_, Vec<PathBuf>>> {
        const ATTEMPTS: usize = 100;
        for _ in 0..ATTEMPTS {
            let paths = match self.0.try_lock() {
                Ok(paths) => paths,
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => {
                    std::thread::sleep(Duration::from_millis(1));
                    continue;
                }
            };
            for path in paths.iter() {
                let _ = std::fs::remove_file(path);
            }
            return Some(paths);
        }
        None
    }
}

/// Removes the temporary files with names, for a process that ends while it writes. It must end while the result is held.
#[must_use = "a file may get a name after the result is dropped"]
pub(crate) fn remove_temporary_files() -> Option<impl Sized> {
    NAMED.remove()
}

/// A named file, locked before another run can take it for abandoned.
fn named(folder: &Path, new: NewFile) -> io::Result<NamedTempFile> {
    let mut builder = builder();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(new.mode()));
    #[cfg(not(unix))]
    let _ = new;
    loop {
        let file = NAMED.create(|| builder.tempfile_in(folder))?;
        // Another run may have removed it before it was locked.
        if !matches!(file.as_file().try_lock(), Err(std::fs::TryLockError::WouldBlock)) && file.path().exists() {
            return Ok(file);
        }
    }
}

/// A file without a name, where the system and the file system support naming it later.
#[cfg(target_os = "linux")]
fn unnamed(folder: &Path, new: NewFile) -> Option<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(folder, flags, Mode::from_raw_mode(new.mode())).ok()?);
    descriptor(&file).exists().then_some(file)
}

/// Whether the system refuses to name such a file, as some network file systems and sandboxes do.
#[cfg(target_os = "linux")]
fn refuses_links(cause: &io::Error) -> bool {
    use rustix::io::Errno;
    let errno = Errno::from_io_error(cause);
    [Errno::PERM, Errno::OPNOTSUPP, Errno::NOSYS, Errno::XDEV].into_iter().any(|refusal| errno == Some(refusal))
}

/// A named copy, where a file without a name cannot be named.
#[cfg(target_os = "linux")]
fn copied(file: &File, folder: &Path) -> io::Result<Temporary> {
    use std::io::Seek as _;
    let copy = named(folder, NewFile::Private)?;
    let (mut from, mut to) = (file, copy.as_file());
    from.rewind()?;
    io::copy(&mut from, &mut to)?;
    copy_ownership(to, file, &file.metadata()?)?;
    to.sync_all()?;
    Ok(Temporary::Named(copy))
}

#[cfg(target_os = "linux")]
fn descriptor(file: &File) -> std::path::PathBuf {
    use std::os::fd::AsRawFd as _;
    std::path::PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

#[cfg(target_os = "linux")]
fn link(file: &File, path: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};
    Ok(linkat(CWD, descriptor(file), CWD, path, AtFlags::SYMLINK_FOLLOW)?)
}

/// Links a file without a name under a temporary one: only a named file can replace another.
#[cfg(target_os = "linux")]
fn named_link(file: &File, folder: &Path) -> io::Result<NamedTempFile<()>> {
    let _ = file.try_lock();
    NAMED.create(|| builder().make_in(folder, |path| link(file, path)))
}

/// Removes temporary files of killed runs, as far as possible.
pub(super) fn remove_abandoned(folder: &Path) {
    let Ok(entries) = folder.read_dir() else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_str().is_some_and(is_temporary) && is_abandoned(&entry.path()) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn is_temporary(name: &str) -> bool {
    name.strip_prefix(PREFIX)
        .is_some_and(|rest| rest.len() == RANDOM && rest.chars().all(|letter| letter.is_ascii_alphanumeric()))
}

/// Whether no process writes the file any more: its writer holds a lock.
#[cfg(unix)]
fn is_abandoned(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let is_ours = |metadata: std::fs::Metadata| {
        metadata.is_file() && metadata.uid() == super::ownership::me() && metadata.nlink() == 1
    };
    if !path.symlink_metadata().is_ok_and(is_ours) {
        return false;
    }
    let Ok(file) = super::read::open(path) else { return false };
    match file.try_lock() {
        Ok(()) => true,
        Err(std::fs::TryLockError::WouldBlock) => false,
        Err(std::fs::TryLockError::Error(_)) => file
            .metadata()
            .and_then(|metadata| metadata.modified())
            .is_ok_and(|at| SystemTime::now().duration_since(at).is_ok_and(|age| age > ABANDONED_AFTER)),
    }
}

#[cfg(not(unix))]
fn is_abandoned(path: &Path) -> bool {
    let modified = path.metadata().and_then(|metadata| metadata.modified());
    modified.is_ok_and(|at| SystemTime::now().duration_since(at).is_ok_and(|age| age > ABANDONED_AFTER))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_ends_removes_the_files_that_it_has_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = NamedFiles(Mutex::new(Vec::new()));
        let create = || files.create(|| builder().tempfile_in(folder.path())).expect("a file");
        let (renamed, open) = (create(), create());
        renamed.persist(folder.path().join("report.json")).expect("a name");
        drop(files.remove());
        let names: Vec<_> = folder.path().read_dir().expect("a folder").flatten().map(|it| it.file_name()).collect();
        assert_eq!(names, ["report.json"]);
        drop(open);
    }

    #[test]
    fn what_a_killed_run_has_left_is_cleaned_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let make = |name: &str| std::fs::write(folder.path().join(name), "").expect("a file");
        [".driftline-aB3xyz", ".driftline-notes1.md", ".driftline-ab", "report.json"].into_iter().for_each(make);
        let written = named(folder.path(), NewFile::Private).expect("a file");
        remove_abandoned(folder.path());
        let exists = |name: &str| folder.path().join(name).exists();
        assert!(!exists(".driftline-aB3xyz"), "nobody writes it");
        assert!(written.path().exists(), "somebody writes it");
        assert!(exists(".driftline-notes1.md") && exists(".driftline-ab") && exists("report.json"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_cannot_be_named_is_copied_to_a_file_with_a_name() {
        use std::io::Write as _;
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let mut file = tempfile::tempfile_in(folder.path()).expect("a file");
        file.write_all(b"whole").expect("it can be written");
        file.set_permissions(PermissionsExt::from_mode(0o640)).expect("a mode");
        let path = folder.path().join("a");
        let copy = copied(&file, folder.path()).expect("it can be copied");
        copy.persist(&path, folder.path(), Existing::Replace).expect("it can be moved");
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), "whole");
        assert_eq!(path.metadata().expect("a file").permissions().mode() & 0o777, 0o640);
        for refusal in [rustix::io::Errno::PERM, rustix::io::Errno::OPNOTSUPP] {
            assert!(refuses_links(&refusal.into()), "{refusal}");
        }
        assert!(!refuses_links(&rustix::io::Errno::NOSPC.into()), "a full disk is told");
    }

    #[test]
    fn a_file_with_and_one_without_a_name_end_where_they_belong() {
        use std::io::Write as _;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        let temporaries: [fn(&Path) -> Temporary; 2] = [
            |folder| Temporary::in_folder(folder, NewFile::Ordinary).expect("a file"),
            |folder| Temporary::Named(named(folder, NewFile::Ordinary).expect("a file")),
        ];
        for (nth, make) in temporaries.iter().enumerate() {
            for existing in [Existing::Keep, Existing::Replace] {
                make(folder.path()).try_name(folder.path()).expect("it can be named");
                let temporary = make(folder.path());
                write!(temporary.file(), "{nth}{existing:?}").expect("it can be written");
                temporary.persist(&path, folder.path(), existing).expect("it can be moved");
                assert_eq!(std::fs::read_to_string(&path).expect("a file"), format!("{nth}{existing:?}"));
            }
            let kept = make(folder.path()).persist(&path, folder.path(), Existing::Keep);
            assert_eq!(kept.map_err(|cause| cause.kind()), Err(io::ErrorKind::AlreadyExists));
            std::fs::remove_file(&path).expect("it can be removed");
        }
        assert_eq!(folder.path().read_dir().expect("a folder").count(), 0);
    }
}
