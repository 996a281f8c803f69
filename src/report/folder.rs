//! A report that is a folder of files.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use super::UnwritableReport;
use super::destination::{folder, unwritable, write_atomically};

/// Whether the files of a report could be written to a folder, tried before a long run starts: a file is made there, or where the
/// folder would be made, and removed.
pub(super) fn probe_folder(path: &Path) -> Result<(), UnwritableReport> {
    let place = match path.symlink_metadata() {
        Ok(_) if path.is_dir() => path,
        Ok(_) => return Err(unwritable(path, io::Error::new(io::ErrorKind::NotADirectory, "it is not a folder"))),
        Err(_) => folder(path),
    };
    tempfile::NamedTempFile::new_in(place).map(drop).map_err(|cause| unwritable(path, cause))
}

/// Writes the files of a report to a folder, which is made if it is not there. Each appears whole or not at all. Once all are
/// there, the files of an earlier report that this one does not have are removed, so that nobody takes them for this one's.
/// Other files stay.
pub(crate) fn write_folder(
    path: &Path,
    files: impl Iterator<Item = io::Result<(String, Vec<u8>)>>,
    is_ours: fn(&str) -> bool,
) -> Result<(), UnwritableReport> {
    let told = |cause| unwritable(path, cause);
    if !path.is_dir() {
        std::fs::create_dir(path).map_err(told)?;
    }
    let mut written = BTreeSet::new();
    for file in files {
        let (name, bytes) = file.map_err(told)?;
        write_atomically(&path.join(&name), &bytes)?;
        written.insert(name);
    }
    for entry in path.read_dir().map_err(told)? {
        let entry = entry.map_err(told)?;
        let is_stale = entry.file_name().to_str().is_some_and(|name| is_ours(name) && !written.contains(name));
        if is_stale && entry.file_type().map_err(told)?.is_file() {
            std::fs::remove_file(entry.path()).map_err(told)?;
        }
    }
    Ok(())
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

    #[test]
    fn a_folder_holds_the_files_of_the_last_report_and_what_is_not_ours() {
        let parent = tempfile::tempdir().expect("a folder");
        let path = parent.path().join("out");
        let write = |names: &[&str]| write_folder(&path, files(names), |name| name.strip_suffix(".ours").is_some());
        probe_folder(&path).expect("it can be made");
        assert!(!path.exists(), "trying makes nothing");
        write(&["a.ours", "b.ours"]).expect("it can be written");
        std::fs::write(path.join("notes.txt"), "mine").expect("it can be written");
        probe_folder(&path).expect("it can be written to");
        write(&["b.ours", "c.ours"]).expect("it can be written");
        assert_eq!(names(&path), ["b.ours", "c.ours", "notes.txt"].map(str::to_owned).into());
    }

    #[test]
    fn where_a_file_fails_the_earlier_report_is_not_taken_away() {
        let folder = tempfile::tempdir().expect("a folder");
        write_folder(folder.path(), files(&["a"]), |_| true).expect("it can be written");
        let failing = files(&["b"]).chain([Err(io::Error::other("no Region"))]);
        let error = write_folder(folder.path(), failing, |_| true).expect_err("a file cannot be drawn");
        assert!(error.to_string().contains("no Region"));
        assert_eq!(names(folder.path()), ["a", "b"].map(str::to_owned).into());
    }

    #[test]
    fn a_file_is_no_folder() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let error = probe_folder(file.path()).expect_err("it is a file");
        assert!(error.to_string().ends_with("it is not a folder"));
        assert!(probe_folder(Path::new("missing/out")).is_err());
    }
}
