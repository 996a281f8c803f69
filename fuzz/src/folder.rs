//! A file for what is read from one.

use std::path::PathBuf;

use tempfile::TempDir;

thread_local! {
    /// Gone with the thread.
    static FOLDER: TempDir = tempfile::tempdir().expect("a folder");
}

/// The path of a file of that name that holds these bytes. The next one of the same name replaces it.
pub(crate) fn file(name: &str, bytes: &[u8]) -> PathBuf {
    FOLDER.with(|folder| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        path
    })
}
