//! One file in a folder of its own, and what the program says of it.

use driftline::diagnostic::Code;
use tempfile::TempDir;

use super::fixtures::{DAY, codes_in};
use super::program::{Ran, driftline};

/// A folder that is gone after the test.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Writes a file into the folder.
pub(crate) fn write(folder: &TempDir, name: &str, text: impl AsRef<[u8]>) {
    let path = folder.path().join(name);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

/// Validates one file of that name and text.
pub(crate) fn validate(name: &str, text: impl AsRef<[u8]>) -> Ran {
    let folder = folder();
    write(&folder, name, text);
    driftline(folder.path(), &["validate", name, DAY])
}

/// Says what is wanted in Frankfurt of an account, by one file of that name and text.
pub(crate) fn explain(account: &str, name: &str, text: impl AsRef<[u8]>) -> Ran {
    let folder = folder();
    write(&folder, name, text);
    driftline(folder.path(), &["explain", &format!("{account}/eu-central-1"), name])
}

/// That the run found mistakes of this code and no other, and said so in a text that a person can read.
pub(crate) fn assert_earns(ran: &Ran, code: Code) {
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert_eq!(codes_in(&ran.err).into_iter().collect::<Vec<_>>(), [code], "{}", ran.err);
    assert!(ran.err.len() < 200_000, "{code}: {} bytes on standard error", ran.err.len());
    assert!(ran.out.is_empty(), "{}", ran.out);
}

/// That the run found nothing wrong.
pub(crate) fn assert_valid(ran: &Ran) {
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
}

/// A policy with nothing wrong in it.
pub(crate) const SOUND: &str = "version: 1\nmacie_sessions:\n  - accounts: [\"111122223333\"]\n    status: ENABLED\n";
