//! The seeds, and trying them and what is made from them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::mutation::Mutation;

/// No input of these sizes takes nearly as long, even without optimisation and on a busy machine.
const PATIENCE: Duration = Duration::from_secs(8);

/// An input, and where it is from.
pub(crate) type Seed = (PathBuf, Vec<u8>);

/// More bytes than this are for `tests/library/invalid/hostile.rs`.
const LENGTH_AT_MOST: usize = 64 * 1024;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn files_below(folder: &str) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(root().join(folder)).sort_by_file_name().into_iter();
    entries.map(|entry| entry.expect("an entry").into_path()).filter(|path| path.is_file()).collect()
}

/// Runs one try, and says which input it was if it fails or takes long.
fn attempt(what: &str, bytes: &[u8], attempt: &dyn Fn(&[u8])) {
    let began = Instant::now();
    let result = catch_unwind(AssertUnwindSafe(|| attempt(bytes)));
    assert!(result.is_ok(), "{what}: {:?}", String::from_utf8_lossy(bytes));
    assert!(began.elapsed() < PATIENCE, "{what} took {:?}: {:?}", began.elapsed(), String::from_utf8_lossy(bytes));
}

/// The inputs that are kept for a target: some to begin from, and those that once found a fault.
pub(crate) fn kept(target: &str) -> Vec<Seed> {
    let folder = format!("fuzz/seeds/{target}");
    if root().join(&folder).exists() { files_below(&folder).into_iter().map(read).collect() } else { Vec::new() }
}

fn read(path: PathBuf) -> Seed {
    let bytes = std::fs::read(&path).expect("a file");
    (path, bytes)
}

/// Every file of this repository that is of a kind, and not too long.
pub(crate) fn written(is_of_kind: impl Fn(&Path) -> bool) -> Vec<Seed> {
    let folders = ["examples", "policies", "tests/invalid", "tests/cases"];
    let files = folders.into_iter().flat_map(files_below).filter(|path| is_of_kind(path));
    files.map(read).filter(|(_, bytes)| bytes.len() <= LENGTH_AT_MOST).collect()
}

/// The files of that name.
pub(crate) fn called(name: &str) -> Vec<Seed> {
    written(|path| path.file_name().is_some_and(|found| found == name))
}

/// As many tries per target as `DRIFTLINE_TRIES` says, or enough for a test.
fn tries() -> usize {
    std::env::var("DRIFTLINE_TRIES").ok().and_then(|tries| tries.parse().ok()).unwrap_or(150)
}

/// The seeds as they are, then what chance makes from them. Chance is the same in each run.
pub(crate) fn try_all(target: &str, seeds: &[Seed], run: &dyn Fn(&[u8])) {
    assert!(!seeds.is_empty(), "{target}");
    for (path, bytes) in seeds {
        attempt(&path.display().to_string(), bytes, run);
    }
    let texts: Vec<&[u8]> = seeds.iter().map(|(_, bytes)| bytes.as_slice()).collect();
    let mut mutation = Mutation::new(target.len() as u64);
    for nth in 0..tries() {
        attempt(&format!("{target}, try {nth}"), &mutation.of(&texts), run);
    }
}
