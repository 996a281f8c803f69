//! The seeds, and what is made from them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use driftline::document::Language;

use crate::mutation::Mutation;
use crate::{document, policy, resolution};

/// No input of these sizes takes nearly as long, even without optimisation and on a busy machine.
const PATIENCE: Duration = Duration::from_secs(8);

/// More bytes than this are for `tests/invalid/hostile.rs`.
const LENGTH_AT_MOST: usize = 64 * 1024;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files_below(folder: &str) -> Vec<PathBuf> {
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

/// The inputs that once found a fault in a target, if there are any.
fn found(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = format!("fuzz/seeds/{target}");
    if root().join(&folder).exists() { files_below(&folder).into_iter().map(read).collect() } else { Vec::new() }
}

fn read(path: PathBuf) -> (PathBuf, Vec<u8>) {
    let bytes = std::fs::read(&path).expect("a file");
    (path, bytes)
}

/// Every file of this repository in one of the languages.
fn written(language: Language) -> Vec<(PathBuf, Vec<u8>)> {
    let folders = ["examples", "policies", "tests/invalid", "tests/cases"];
    let files = folders.into_iter().flat_map(files_below).filter(|path| Language::of(path) == Some(language));
    files.map(read).filter(|(_, bytes)| bytes.len() <= LENGTH_AT_MOST).collect()
}

/// As many tries per target as `DRIFTLINE_TRIES` says, or enough for a test.
fn tries() -> usize {
    std::env::var("DRIFTLINE_TRIES").ok().and_then(|tries| tries.parse().ok()).unwrap_or(150)
}

/// The seeds as they are, then what chance makes from them. Chance is the same in each run.
fn try_all(target: &str, seeds: &[(PathBuf, Vec<u8>)], run: &dyn Fn(&[u8])) {
    for (path, bytes) in seeds {
        attempt(&path.display().to_string(), bytes, run);
    }
    let texts: Vec<&[u8]> = seeds.iter().map(|(_, bytes)| bytes.as_slice()).collect();
    let mut mutation = Mutation::new(target.len() as u64);
    for nth in 0..tries() {
        attempt(&format!("{target}, try {nth}"), &mutation.of(&texts), run);
    }
}

#[test]
fn any_text_is_a_tree_or_a_mistake() {
    for (target, language) in [("yaml", Language::Yaml), ("toml", Language::Toml), ("json", Language::Json)] {
        let mut seeds = written(language);
        assert!(!seeds.is_empty(), "{target}");
        seeds.extend(found(target));
        try_all(target, &seeds, &|bytes| document::try_text(language, bytes));
    }
}

#[test]
fn any_files_are_resolved_or_mistaken() {
    let mut seeds = found("policy");
    for (choice, language) in [(0_u8, Language::Yaml), (8, Language::Toml), (16, Language::Json)] {
        seeds.extend(written(language).into_iter().map(|(path, bytes)| (path, [&[choice], bytes.as_slice()].concat())));
    }
    try_all("policy", &seeds, &policy::try_files);
}

#[test]
fn any_sound_policy_means_the_same_in_any_order() {
    let mut seeds = found("resolution");
    seeds.push((PathBuf::from("bytes"), (0..=255).collect()));
    try_all("resolution", &seeds, &resolution::try_choices);
}
