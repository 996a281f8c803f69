//! Owners, modes and access control lists of files.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

use super::error::{PathError, WriteErrorKind};

/// Permissions of a new file. An existing file keeps its mode, owner and group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewFile {
    /// As the umask allows.
    Ordinary,
    /// The owner alone: the file names accounts and what can be done to them.
    Private,
}

/// Write bits of group and others.
#[cfg(unix)]
const WRITABLE_BY_OTHERS: u32 = 0o022;

#[cfg(unix)]
impl NewFile {
    pub(super) fn mode(self) -> u32 {
        match self {
            // The umask still applies.
            Self::Ordinary => 0o666,
            Self::Private => 0o600,
        }
    }
}

/// Checks that the owner of a symbolic link is trusted: this user, root, or the owner of a folder that nobody else may
/// write to.
#[cfg(unix)]
pub(super) fn trust_link(folder: &Path, link: &Path, metadata: &Metadata) -> Result<(), PathError> {
    use std::os::unix::fs::MetadataExt as _;
    let folder = folder.metadata()?;
    if is_planted(metadata.uid(), folder.mode(), me()) {
        return Err(PathError::PlantedLink { link: link.to_owned(), owner: metadata.uid() });
    }
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn trust_link(_: &Path, _: &Path, _: &Metadata) -> Result<(), PathError> {
    Ok(())
}

#[cfg(unix)]
fn is_planted(owner: u32, folder_mode: u32, me: u32) -> bool {
    owner != me && owner != 0 && folder_mode & WRITABLE_BY_OTHERS != 0
}

/// Why the content of a file is not trusted: neither this user nor root owns it, or others may write to it. A group
/// with the number of its user counts as that user alone, as most systems set them up; not for root.
#[cfg(unix)]
pub(crate) fn distrust(path: &Path) -> io::Result<Option<String>> {
    use std::os::unix::fs::MetadataExt as _;
    // Only the owner of a link counts; its mode means nothing.
    for (metadata, mode) in [(path.symlink_metadata()?, 0), (path.metadata()?, path.metadata()?.mode())] {
        if metadata.uid() != me() && metadata.uid() != 0 {
            return Ok(Some(format!("it belongs to another user (id {})", metadata.uid())));
        }
        if !is_trusted_by(me(), metadata.uid(), metadata.gid(), mode) {
            return Ok(Some(format!("others may write to it (mode {:o})", mode & 0o7777)));
        }
    }
    Ok(None)
}

#[cfg(not(unix))]
pub(crate) fn distrust(_: &Path) -> io::Result<Option<String>> {
    Ok(None)
}

#[cfg(unix)]
fn is_trusted_by(me: u32, owner: u32, group: u32, mode: u32) -> bool {
    let own_group = me != 0 && owner == me && group == me;
    let others = if own_group { 0o002 } else { WRITABLE_BY_OTHERS };
    (owner == me || owner == 0) && mode & others == 0
}

/// Checks that this user may replace a file.
#[cfg(unix)]
pub(super) fn may_replace(file: &Metadata, folder: &Metadata) -> Result<(), WriteErrorKind> {
    use std::os::unix::fs::MetadataExt as _;
    if may_rename_over(file.uid(), folder.uid(), folder.mode(), me()) {
        Ok(())
    } else {
        Err(WriteErrorKind::ForeignOwner(file.uid()))
    }
}

#[cfg(not(unix))]
pub(super) fn may_replace(_: &Metadata, _: &Metadata) -> Result<(), WriteErrorKind> {
    Ok(())
}

/// The rule of the sticky bit. For root, whom the system lets do everything: a file of another user in a public folder
/// stays theirs.
#[cfg(unix)]
fn may_rename_over(owner: u32, folder_owner: u32, folder_mode: u32, me: u32) -> bool {
    let is_sticky = folder_mode & 0o1000 != 0;
    let is_public = folder_mode & WRITABLE_BY_OTHERS != 0;
    let by_the_system = me == 0 || owner == me || folder_owner == me;
    !is_sticky || (by_the_system && (owner == me || owner == 0 || !is_public))
}

/// Source of an access control list: a path, or an open file.
pub(super) trait AccessList {
    /// The access control list in the binary form of the system.
    fn access_list(&self) -> Option<Vec<u8>>;
}

/// The extended attribute of that list.
#[cfg(target_os = "linux")]
const ACCESS_LIST: &str = "system.posix_acl_access";

/// The maximum of the system.
#[cfg(target_os = "linux")]
const MAX_ACCESS_LIST: usize = 64 * 1024;

#[cfg(target_os = "linux")]
impl AccessList for Path {
    fn access_list(&self) -> Option<Vec<u8>> {
        let mut list = vec![0; MAX_ACCESS_LIST];
        let size = rustix::fs::getxattr(self, ACCESS_LIST, list.as_mut_slice()).ok()?;
        list.truncate(size);
        Some(list)
    }
}

#[cfg(target_os = "linux")]
impl AccessList for File {
    fn access_list(&self) -> Option<Vec<u8>> {
        let mut list = vec![0; MAX_ACCESS_LIST];
        let size = rustix::fs::fgetxattr(self, ACCESS_LIST, list.as_mut_slice()).ok()?;
        list.truncate(size);
        Some(list)
    }
}

#[cfg(not(target_os = "linux"))]
impl AccessList for Path {
    fn access_list(&self) -> Option<Vec<u8>> {
        None
    }
}

/// Sets or removes the access control list of a new file; false if it cannot be set.
#[cfg(target_os = "linux")]
fn take_list(file: &File, list: Option<&[u8]>) -> bool {
    use rustix::fs::{XattrFlags, fremovexattr, fsetxattr};
    let _ = fremovexattr(file, ACCESS_LIST);
    list.is_none_or(|list| fsetxattr(file, ACCESS_LIST, list, XattrFlags::empty()).is_ok())
}

#[cfg(all(unix, not(target_os = "linux")))]
fn take_list(_: &File, list: Option<&[u8]>) -> bool {
    list.is_none()
}

/// Copies owner, group, mode and access control list of the replaced file, as far as this user may.
#[cfg(unix)]
pub(super) fn copy_ownership(file: &File, listed: &(impl AccessList + ?Sized), replaced: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt, fchown};
    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (replaced.uid(), replaced.gid()) {
        // An ordinary user may change the group to another of their groups, and not the owner.
        let _ = fchown(file, Some(replaced.uid()), Some(replaced.gid()))
            .or_else(|_| fchown(file, None, Some(replaced.gid())));
    }
    let has_group = file.metadata()?.gid() == replaced.gid();
    let list = listed.access_list();
    let has_list = take_list(file, list.as_deref().filter(|_| has_group));
    let mode = kept_mode(replaced.mode(), has_group);
    // With a list, the group bits are the mask of the list and not the rights of the group.
    let mode = if list.is_none() || (has_group && has_list) { mode } else { mode & !0o070 };
    file.set_permissions(PermissionsExt::from_mode(mode))
}

#[cfg(not(unix))]
pub(super) fn copy_ownership(_: &File, _: &(impl AccessList + ?Sized), _: &Metadata) -> io::Result<()> {
    Ok(())
}

/// The mode of the replacement. With another group, the group gets no more rights than others have.
#[cfg(unix)]
fn kept_mode(mode: u32, has_group: bool) -> u32 {
    let mode = mode & 0o777;
    if has_group { mode } else { mode & !0o070 | mode & (mode & 0o007) << 3 }
}

/// The effective user id.
#[cfg(unix)]
pub(super) fn me() -> u32 {
    rustix::process::geteuid().as_raw()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_planted_where_another_user_could_put_it() {
        assert!(is_planted(1001, 0o41777, 1000) && is_planted(1001, 0o40775, 0));
        for (owner, mode, why) in [(1000, 0o41777, "one's own"), (0, 0o41777, "root's"), (1001, 0o40755, "nobody else")]
        {
            assert!(!is_planted(owner, mode, 1000), "{why}");
        }
    }

    #[test]
    fn settings_are_trusted_where_nobody_else_may_write_them() {
        for (me, owner, group, mode, trusted) in [
            (1000, 1000, 100, 0o644, true),
            (1000, 0, 0, 0o644, true),
            (1000, 1001, 100, 0o644, false),
            (0, 1000, 1000, 0o644, false),
            (1000, 1000, 1000, 0o664, true),
            (1000, 1000, 100, 0o664, false),
            (1000, 1000, 1000, 0o666, false),
            (0, 0, 0, 0o664, false),
        ] {
            assert_eq!(is_trusted_by(me, owner, group, mode), trusted, "{me} {owner}:{group} {mode:o}");
        }
    }

    #[test]
    fn the_sticky_bit_keeps_files_with_their_owners() {
        for (owner, folder, mode, me, may) in [
            (1000, 0, 0o41777, 1000, true),
            (1001, 0, 0o41777, 1000, false),
            (1001, 0, 0o40777, 1000, true),
            (1001, 0, 0o41777, 0, false),
            (1001, 0, 0o41755, 0, true),
            (0, 0, 0o41777, 1000, false),
            (1001, 1000, 0o41777, 1000, false),
            (0, 0, 0o41777, 0, true),
        ] {
            assert_eq!(may_rename_over(owner, folder, mode, me), may, "{owner} in {folder}'s {mode:o}, by {me}");
        }
    }

    #[test]
    fn what_was_for_a_group_is_not_for_another_one() {
        assert_eq!(kept_mode(0o100_640, true), 0o640);
        assert_eq!(kept_mode(0o100_640, false), 0o600);
        assert_eq!(kept_mode(0o100_664, false), 0o644);
        assert_eq!(kept_mode(0o104_755, true), 0o755);
    }
}
