//! Locks by name that all runs of a user on a machine have in common, whatever folder they run in.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::WriteError;
use super::lock::{Lock, LockError};

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

#[cfg(all(test, unix))]
mod tests {
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
