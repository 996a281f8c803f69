//! A folder of files that are written together.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::error::{WriteError, WriteErrorKind};
use super::output::{probe, write_one_of_many};
use super::path::{ResolvedPath, is_same_place, real, resolve};

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
pub(crate) fn probe_folder(path: &Path, is_ours: fn(&str) -> bool) -> Result<(), WriteError> {
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
        if entry.file_name().to_str().is_some_and(is_ours) {
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
    is_ours: fn(&str) -> bool,
) -> Result<(), WriteError> {
    let told = |cause: io::Error| WriteError::new(path, cause);
    let folder = real_folder(path)?;
    let is_new = !folder.is_dir();
    if is_new {
        std::fs::create_dir(&folder).map_err(told)?;
    }
    let filled = fill(path, &folder, files, is_ours);
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
    is_ours: fn(&str) -> bool,
) -> Result<(), WriteError> {
    let told = |cause: io::Error| WriteError::new(path, cause);
    let mut written = BTreeSet::new();
    for file in files {
        let (name, bytes) = file.map_err(told)?;
        write_one_of_many(&folder.join(&name), &bytes)?;
        written.insert(name);
    }
    for entry in folder.read_dir().map_err(told)? {
        let entry = entry.map_err(told)?;
        let is_stale = entry.file_name().to_str().is_some_and(|name| is_ours(name) && !written.contains(name));
        if is_stale && entry.file_type().map_err(told)?.is_file() {
            std::fs::remove_file(entry.path()).map_err(told)?;
        }
    }
    Ok(())
}

/// Whether writing the folder would replace or remove a file, or write to it through a link in the folder.
pub(crate) fn folder_takes(path: &Path, file: &Path, is_ours: fn(&str) -> bool) -> bool {
    let Ok(folder) = real_folder(path) else { return false };
    let is_ours = |path: &Path| path.file_name().and_then(|name| name.to_str()).is_some_and(is_ours);
    let is_in_it = |file: &Path| is_ours(file) && file.parent().is_some_and(|parent| is_same_place(parent, &folder));
    let mut links = folder
        .read_dir()
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()) && is_ours(&entry.path()));
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

    fn ours(name: &str) -> bool {
        name.strip_suffix(".ours").is_some()
    }

    #[test]
    fn a_folder_holds_the_files_of_the_last_time_and_what_is_not_ours() {
        let parent = tempfile::tempdir().expect("a folder");
        let path = parent.path().join("out");
        let write = |names: &[&str]| write_folder(&path, files(names), ours);
        probe_folder(&path, ours).expect("it can be made");
        assert!(!path.exists(), "trying makes nothing");
        write(&["a.ours", "b.ours"]).expect("it can be written");
        std::fs::write(path.join("notes.txt"), "mine").expect("it can be written");
        probe_folder(&path, ours).expect("it can be written to");
        write(&["b.ours", "c.ours"]).expect("it can be written");
        assert_eq!(names(&path), ["b.ours", "c.ours", "notes.txt"].map(str::to_owned).into());
    }

    #[test]
    fn where_a_file_fails_the_earlier_ones_are_not_taken_away() {
        let folder = tempfile::tempdir().expect("a folder");
        write_folder(folder.path(), files(&["a"]), |_| true).expect("it can be written");
        let failing = files(&["b"]).chain([Err(io::Error::other("no Region"))]);
        let error = write_folder(folder.path(), failing, |_| true).expect_err("a file cannot be drawn");
        assert!(error.to_string().contains("no Region"));
        assert!(names(folder.path()).contains("a"));
    }

    #[test]
    fn what_could_not_be_written_is_found_before() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("file");
        std::fs::write(&file, "").expect("a file");
        assert!(probe_folder(&file, ours).is_err(), "a file is no folder");
        assert!(probe_folder(&folder.path().join("no/out"), ours).is_err(), "one folder is made, not two");
        std::fs::create_dir(folder.path().join("a.ours")).expect("a folder");
        assert!(probe_folder(folder.path(), ours).is_err(), "a folder is where a file would be");
    }
}
