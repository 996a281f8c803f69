//! Path resolution: links one by one, also to missing files, and descriptors told from files.

use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::error::PathError;
use super::ownership::trust_link;
use super::stream::stream_into;

/// The limit of the system.
const MAX_LINKS: usize = 40;

/// A resolved path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ResolvedPath {
    /// An open file of this process: `/dev/stdout`, `/dev/fd/3`.
    Descriptor(u32),
    /// An open file of another process: `/proc/1/fd/1`, the log of a container.
    Foreign(PathBuf),
    /// A path without links. It need not exist.
    Name(PathBuf),
}

/// Resolves a path.
///
/// # Errors
///
/// A link on the way that another user may have planted, or an error of the system.
pub(super) fn resolve(path: &Path) -> Result<ResolvedPath, PathError> {
    let mut place = if path.is_absolute() { PathBuf::new() } else { std::env::current_dir()? };
    let mut left = Vec::new();
    push(&mut left, path);
    let mut links = 0;
    while let Some(part) = left.pop() {
        if part == ".." {
            place.pop();
            continue;
        }
        let next = place.join(&part);
        if left.is_empty()
            && let Some(open) = open_file(&next)
        {
            return Ok(open);
        }
        match next.symlink_metadata() {
            Ok(metadata) if metadata.is_symlink() => {
                links += 1;
                if links > MAX_LINKS {
                    return Err(io::Error::new(io::ErrorKind::InvalidInput, "too many symbolic links").into());
                }
                trust_link(&place, &next, &metadata)?;
                push(&mut left, &next.read_link()?);
            }
            Ok(_) => place = next,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound && left.is_empty() => place = next,
            Err(cause) => return Err(cause.into()),
        }
    }
    Ok(ResolvedPath::Name(place))
}

/// Whether a path leads to the standard output of this process: by its device, or as the file that it goes to.
pub(crate) fn is_standard_output(path: &Path) -> bool {
    open_as(path) == Some(ResolvedPath::Descriptor(1))
}

/// Whether a path leads to an open file, which is written to in place and cannot be replaced.
pub(crate) fn is_open_descriptor(path: &Path) -> bool {
    open_as(path).is_some()
}

fn open_as(path: &Path) -> Option<ResolvedPath> {
    match resolve(path).ok()? {
        ResolvedPath::Name(name) => stream_into(&name.symlink_metadata().ok()?).map(ResolvedPath::Descriptor),
        open => Some(open),
    }
}

/// The path with all links resolved, as far as that is possible.
pub(crate) fn real(path: &Path) -> PathBuf {
    match resolve(path) {
        Ok(ResolvedPath::Name(real)) => real,
        Ok(ResolvedPath::Descriptor(number)) => PathBuf::from(format!("/dev/fd/{number}")),
        Ok(ResolvedPath::Foreign(open)) => open,
        Err(_) => std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
    }
}

/// Whether two paths lead to one file, however they are spelt, also if it does not exist yet. Hard links are two files,
/// since only one of them is replaced; what is written through a descriptor is written under all its names.
pub(crate) fn is_same_place(one: &Path, other: &Path) -> bool {
    let in_place = is_open_descriptor(one) || is_open_descriptor(other);
    is_same(one, other, in_place)
}

/// Whether two paths lead to one content, by hard links as well: for a file that is appended to.
pub(crate) fn is_same_content(one: &Path, other: &Path) -> bool {
    is_same(one, other, true)
}

/// Whether a path leads to a folder or into it.
pub(crate) fn is_below(path: &Path, folder: &Path) -> bool {
    let folder = real(folder);
    real(path).ancestors().any(|part| part == folder || is_same_file(part, &folder, false))
}

fn is_same(one: &Path, other: &Path, in_place: bool) -> bool {
    let (one, other) = (real(one), real(other));
    one == other || is_same_file(&one, &other, in_place) || is_same_name(&one, &other)
}

/// Whether both are one name in one folder, which may be mounted twice. The file need not exist.
fn is_same_name(one: &Path, other: &Path) -> bool {
    let folders = one.parent().zip(other.parent());
    one.file_name() == other.file_name() && folders.is_some_and(|(one, other)| is_same_file(one, other, false))
}

/// Whether both are one file under two names, hard links aside unless `in_place`: on a case-insensitive file system, or
/// in a folder that is mounted twice.
#[cfg(unix)]
fn is_same_file(one: &Path, other: &Path, in_place: bool) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (one.metadata(), other.metadata()) {
        (Ok(one), Ok(other)) => {
            let counts = one.is_dir() || one.is_file() && (in_place || one.nlink() == 1);
            counts && (one.dev(), one.ino()) == (other.dev(), other.ino())
        }
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_same_file(_: &Path, _: &Path, _: bool) -> bool {
    false
}

/// Pushes the parts of a path on the stack of those to follow, the first on top.
fn push(left: &mut Vec<OsString>, path: &Path) {
    let parts = path.components().filter(|part| *part != Component::CurDir);
    left.extend(parts.rev().map(|part| part.as_os_str().to_owned()));
}

/// The open file that a path stands for.
fn open_file(path: &Path) -> Option<ResolvedPath> {
    let text = path.to_str()?;
    // Some containers lack these links, and a report must not become a file of that name.
    match text {
        "/dev/stdin" => return Some(ResolvedPath::Descriptor(0)),
        "/dev/stdout" => return Some(ResolvedPath::Descriptor(1)),
        "/dev/stderr" => return Some(ResolvedPath::Descriptor(2)),
        _ => {}
    }
    let number = |text: &str| text.parse::<u32>().ok();
    if let Some(descriptor) = text.strip_prefix("/dev/fd/") {
        return number(descriptor).map(ResolvedPath::Descriptor);
    }
    let (process, descriptor) = text.strip_prefix("/proc/")?.split_once('/')?;
    let descriptor = match descriptor.strip_prefix("task/") {
        Some(of_thread) => of_thread.split_once('/')?.1,
        None => descriptor,
    };
    let descriptor = number(descriptor.strip_prefix("fd/")?)?;
    let is_own = Path::new("/proc/self").read_link().is_ok_and(|own| own.as_os_str() == process);
    Some(if is_own { ResolvedPath::Descriptor(descriptor) } else { ResolvedPath::Foreign(path.to_owned()) })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn links_are_followed_also_to_what_is_not_there_yet() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().canonicalize().expect("a folder");
        std::fs::create_dir(root.join("data")).expect("a folder");
        std::os::unix::fs::symlink("data", root.join("d")).expect("a link");
        std::os::unix::fs::symlink("d/../d/last.json", root.join("link")).expect("a link");
        let resolved = resolve(&root.join("./link")).expect("it leads somewhere");
        assert_eq!(resolved, ResolvedPath::Name(root.join("data/last.json")));
        assert!(is_same_place(&root.join("link"), &root.join("d/last.json")));
        std::os::unix::fs::symlink("circle", root.join("circle")).expect("a link");
        assert!(resolve(&root.join("circle")).is_err());
        assert!(matches!(resolve(&root.join("none/a.json")), Err(PathError::System(_))));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn descriptors_are_told_from_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let link = folder.path().join("out");
        std::os::unix::fs::symlink("/dev/stdout", &link).expect("a link");
        for path in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "/proc/self/../self/fd/1"] {
            assert_eq!(resolve(Path::new(path)).expect("it leads somewhere"), ResolvedPath::Descriptor(1), "{path}");
        }
        assert!(is_standard_output(&link));
        assert!(matches!(resolve(Path::new("/proc/thread-self/fd/2")), Ok(ResolvedPath::Descriptor(2))));
        assert!(matches!(resolve(Path::new("/proc/1/fd/1")), Ok(ResolvedPath::Foreign(_)) | Err(_)));
        assert!(matches!(resolve(Path::new("/dev/null")), Ok(ResolvedPath::Name(_))));
    }
}
/// Whether a symbolic link on the way to a file leads out of its own folder. A checked-out repository may hold such a
/// link to a file that only the user may read.
pub(crate) fn leads_outside(path: &Path) -> bool {
    let Ok(here) = std::env::current_dir() else { return true };
    let Ok(real) = path.canonicalize() else { return false };
    let path = here.join(path);
    let mut links = path.ancestors().filter(|part| part.is_symlink());
    links.any(|link| {
        let folder = link.parent().and_then(|folder| folder.canonicalize().ok());
        folder.is_none_or(|folder| !real.starts_with(folder))
    })
}
