//! A folder of files that are written together.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::error::{WriteError, WriteErrorKind};
use super::output::{probe, write_one_of_many};
use super::ownership::NewFile;
use super::path::{ResolvedPath, is_same_place, real, resolve};

/// The files that are written together to a folder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FolderFiles {
    /// Whether a file of this name is one of them, of this run or of an earlier one.
    pub(crate) is_ours: fn(&str) -> bool,
    /// How each of them begins, where a name alone does not tell that driftline wrote it. Other files stay, and are not replaced.
    pub(crate) mark: &'static str,
    /// The permissions of new files.
    pub(crate) new: NewFile,
}

impl FolderFiles {
    fn has_name(&self, path: &Path) -> bool {
        path.file_name().and_then(|name| name.to_str()).is_some_and(self.is_ours)
    }

    /// Whether a regular file begins as those that driftline writes.
    fn has_mark(&self, path: &Path) -> io::Result<bool> {
        if self.mark.is_empty() {
            return Ok(true);
        }
        let mut start = Vec::new();
        File::open(path)?.take(self.mark.len() as u64).read_to_end(&mut start)?;
        Ok(start == self.mark.as_bytes())
    }

    /// Refuses to replace a file that driftline did not write.
    fn ensure_replaceable(&self, path: &Path) -> Result<(), WriteError> {
        let is_file = path.metadata().is_ok_and(|metadata| metadata.is_file());
        match is_file.then(|| self.has_mark(path)) {
            Some(Ok(false)) => Err(WriteError::new(path, WriteErrorKind::NotOurs)),
            Some(Err(cause)) => Err(WriteError::new(path, cause)),
            Some(Ok(true)) | None => Ok(()),
        }
    }
}

/// The path of the folder with all links resolved. It need not exist.
fn real_folder(path: &Path) -> Result<PathBuf, WriteError> {
    match resolve(path) {
        Ok(ResolvedPath::Name(folder)) => Ok(folder),
        Ok(_) => Err(WriteError::new(path, WriteErrorKind::NotFolder)),
        Err(error) => Err(WriteError::new(path, error)),
    }
}

/// Checks before a long run that the files can be written to a folder: a file is made there, or where the folder would
/// be made, and removed. Each earlier file must be one that can be replaced.
pub(crate) fn probe_folder(path: &Path, kind: FolderFiles) -> Result<(), WriteError> {
    let told = |cause: WriteErrorKind| WriteError::new(path, cause);
    let folder = real_folder(path)?;
    match folder.symlink_metadata() {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => return Err(told(WriteErrorKind::NotFolder)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
            return probe(&folder).map_err(|error| told(error.cause));
        }
        Err(cause) => return Err(told(cause.into())),
    }
    // Any unused name will do.
    probe(&folder.join("driftline")).map_err(|error| told(error.cause))?;
    for entry in folder.read_dir().map_err(|cause| told(cause.into()))?.flatten() {
        if kind.has_name(&entry.path()) {
            probe(&entry.path())?;
        }
    }
    Ok(())
}

/// Writes files to a folder and creates it if needed. Each file appears whole or not at all. Once all are written,
/// earlier files that are not among them are removed, so that they cannot be mistaken for results of this run. Other
/// files stay.
pub(crate) fn write_folder(
    path: &Path,
    files: impl Iterator<Item = io::Result<(String, Vec<u8>)>>,
    kind: FolderFiles,
) -> Result<(), WriteError> {
    let told = |cause: io::Error| WriteError::new(path, cause);
    let folder = real_folder(path)?;
    let is_new = !folder.is_dir();
    if is_new {
        std::fs::create_dir(&folder).map_err(told)?;
    }
    let filled = fill(path, &folder, files, kind);
    if is_new && filled.is_err() {
        // A folder that holds anything stays.
        let _ = std::fs::remove_dir(&folder);
    }
    filled
}

fn fill(
    path: &Path,
    folder: &Path,
    files: impl Iterator<Item = io::Result<(String, Vec<u8>)>>,
    kind: FolderFiles,
) -> Result<(), WriteError> {
    let told = |cause: io::Error| WriteError::new(path, cause);
    let mut written = BTreeSet::new();
    for file in files {
        let (name, bytes) = file.map_err(told)?;
        let file = folder.join(&name);
        kind.ensure_replaceable(&file)?;
        write_one_of_many(&file, kind.new, &bytes)?;
        written.insert(name);
    }
    for entry in folder.read_dir().map_err(told)? {
        let entry = entry.map_err(told)?;
        let is_left = !entry.file_name().to_str().is_some_and(|name| written.contains(name));
        let is_stale = is_left && kind.has_name(&entry.path()) && entry.file_type().map_err(told)?.is_file();
        if is_stale && kind.has_mark(&entry.path()).map_err(told)? {
            std::fs::remove_file(entry.path()).map_err(told)?;
        }
    }
    Ok(())
}

/// Whether writing the folder would replace or remove a file, or write to it through a link in the folder.
pub(crate) fn folder_takes(path: &Path, file: &Path, kind: FolderFiles) -> bool {
    let Ok(folder) = real_folder(path) else { return false };
    let is_in_it =
        |file: &Path| kind.has_name(file) && file.parent().is_some_and(|parent| is_same_place(parent, &folder));
    let mut links = folder
        .read_dir()
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()) && kind.has_name(&entry.path()));
    is_in_it(&real(file)) || links.any(|link| is_same_place(&link.path(), file))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(path: &Path) -> BTreeSet<String> {
        let entries = path.read_dir().expect("a folder");
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }

    fn files(names: &[&str]) -> impl Iterator<Item = io::Result<(String, Vec<u8>)>> {
        names.iter().map(|name| Ok(((*name).to_owned(), b"[]".to_vec()))).collect::<Vec<_>>().into_iter()
    }

    const OURS: FolderFiles =
        FolderFiles { is_ours: |name| name.strip_suffix(".ours").is_some(), mark: "", new: NewFile::Ordinary };
    const ANY: FolderFiles = FolderFiles { is_ours: |_| true, ..OURS };

    #[test]
    fn a_file_that_does_not_begin_like_ours_is_neither_replaced_nor_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let marked = FolderFiles { mark: "[", ..OURS };
        write_folder(folder.path(), files(&["a.ours"]), marked).expect("it can be written");
        std::fs::write(folder.path().join("b.ours"), "mine").expect("it can be written");
        write_folder(folder.path(), files(&["c.ours"]), marked).expect("it can be written");
        assert_eq!(names(folder.path()), ["b.ours", "c.ours"].map(str::to_owned).into());
        let error = write_folder(folder.path(), files(&["b.ours"]), marked).expect_err("it is another's");
        assert!(error.to_string().contains("driftline did not write it"), "{error}");
        assert_eq!(std::fs::read_to_string(folder.path().join("b.ours")).expect("a file"), "mine");
    }

    #[test]
    fn a_folder_holds_the_files_of_the_last_time_and_what_is_not_ours() {
        let parent = tempfile::tempdir().expect("a folder");
        let path = parent.path().join("out");
        let write = |names: &[&str]| write_folder(&path, files(names), OURS);
        probe_folder(&path, OURS).expect("it can be made");
        assert!(!path.exists(), "trying makes nothing");
        write(&["a.ours", "b.ours"]).expect("it can be written");
        std::fs::write(path.join("notes.txt"), "mine").expect("it can be written");
        probe_folder(&path, OURS).expect("it can be written to");
        write(&["b.ours", "c.ours"]).expect("it can be written");
        assert_eq!(names(&path), ["b.ours", "c.ours", "notes.txt"].map(str::to_owned).into());
    }

    #[test]
    fn where_a_file_fails_the_earlier_ones_are_not_taken_away() {
        let folder = tempfile::tempdir().expect("a folder");
        write_folder(folder.path(), files(&["a"]), ANY).expect("it can be written");
        let failing = files(&["b"]).chain([Err(io::Error::other("no Region"))]);
        let error = write_folder(folder.path(), failing, ANY).expect_err("a file cannot be drawn");
        assert!(error.to_string().contains("no Region"));
        assert!(names(folder.path()).contains("a"));
    }

    #[test]
    fn what_could_not_be_written_is_found_before() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("file");
        std::fs::write(&file, "").expect("a file");
        assert!(probe_folder(&file, OURS).is_err(), "a file is no folder");
        assert!(probe_folder(&folder.path().join("no/out"), OURS).is_err(), "one folder is made, not two");
        std::fs::create_dir(folder.path().join("a.ours")).expect("a folder");
        assert!(probe_folder(folder.path(), OURS).is_err(), "a folder is where a file would be");
    }
}
