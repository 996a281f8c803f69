//! The house keeps its order: each room knows only what the table in `src/lib.rs` says, and files stay small.

#![expect(clippy::expect_used, reason = "a test says what it expects by failing")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// More than this, its tests aside, is a file about two things.
const LINES_AT_MOST: usize = 400;

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every Rust file below a folder, with its text.
fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.expect("an entry").into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| (path.clone(), std::fs::read_to_string(&path).expect("UTF-8")))
        .collect()
}

/// The part of a file before its tests.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod ").next().unwrap_or_default()
}

/// The table of rooms in the documentation of the library: room, and what it knows.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let library = std::fs::read_to_string(source().join("lib.rs")).expect("the library");
    let words = |cell: &str| -> BTreeSet<String> {
        cell.split(',').map(|word| word.trim().trim_matches(['[', ']', '`']).to_owned()).collect()
    };
    library
        .lines()
        .filter_map(|line| line.strip_prefix("//! | "))
        .filter(|line| line.starts_with(['[', '`']))
        .map(|line| {
            let cells: Vec<&str> = line.split(" | ").collect();
            (words(cells[0]).into_iter().next().expect("a room"), words(cells[1]))
        })
        .collect()
}

#[test]
fn the_table_names_every_room() {
    let rooms: BTreeSet<String> = std::fs::read_dir(source())
        .expect("the source")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().expect("a name").to_string_lossy().into_owned())
        .collect();
    assert_eq!(rooms, table().into_keys().collect());
}

#[test]
fn a_room_knows_only_what_the_table_says() {
    for (room, known) in table() {
        if known.contains("all") {
            continue;
        }
        for (path, text) in files(&source().join(&room)) {
            for used in without_tests(&text).split("crate::").skip(1) {
                let end = used.find(|letter: char| !letter.is_ascii_lowercase() && letter != '_').unwrap_or(used.len());
                let used = &used[..end];
                assert!(used == room || known.contains(used), "{} uses {used:?}", path.display());
            }
        }
    }
}

#[test]
fn files_are_opened_in_one_room_only() {
    const ELSEWHERE: [&str; 7] = [
        "File::open",
        "File::create",
        "OpenOptions",
        "NamedTempFile",
        "fs::read(",
        "fs::read_to_string(",
        "fs::write(",
    ];
    for (path, text) in files(&source()) {
        let used = ELSEWHERE.iter().find(|word| without_tests(&text).contains(*word));
        let is_room = path.starts_with(source().join("files"));
        assert!(
            is_room || used.is_none(),
            "{} uses {used:?}: links, owners and limits are for `files`",
            path.display()
        );
    }
}

#[test]
fn files_stay_small_and_rooms_are_explained() {
    let mut lengths = Vec::new();
    for (path, text) in files(&source()) {
        let lines = without_tests(&text).lines().count();
        assert!(lines <= LINES_AT_MOST, "{} has {lines} lines", path.display());
        assert!(text.starts_with("//! "), "{} does not say what it is for", path.display());
        if path.ends_with("mod.rs") {
            assert!(!text.contains("\nfn ") || path.ends_with("setting/mod.rs"), "{} holds logic", path.display());
        }
        lengths.push(lines);
    }
    lengths.sort_unstable();
    assert!(lengths[lengths.len() / 2] < 150, "the median is {}", lengths[lengths.len() / 2]);
}

/// Where JSON is made that no log ever shows: what a fingerprint is taken of, AWS's answers for the SDK, and those of the simulated
/// AWS.
const JSON_FOR_NO_LOG: [&str; 3] =
    ["aws/response/malformed_fields.rs", "plan/document/shape.rs", "simulator/answer.rs"];

#[test]
fn json_is_written_in_one_place() {
    for (path, text) in files(&source()) {
        if path.ends_with("diagnostic/write_json.rs") || JSON_FOR_NO_LOG.iter().any(|known| path.ends_with(known)) {
            continue;
        }
        for way in ["serde_json::to_writer", "serde_json::to_vec", "serde_json::to_string", "serde_json::Serializer"] {
            assert!(!without_tests(&text).contains(way), "{} uses {way}: write_json_document escapes", path.display());
        }
    }
}
