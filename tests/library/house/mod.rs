//! Rules for the source: the module table in `src/lib.rs`, no import circles, the size of files and functions, and the vocabulary.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test says what it expects by failing"
)]

mod source_tree;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use source_tree::{SourceTree, files, root};
fn source() -> PathBuf {
    root().join("src")
}

/// Every file of the library below a folder of `src`, with its text.
fn library_files(folder: &str) -> Vec<(PathBuf, String)> {
    let paths = files(&format!("src/{folder}"), &["rs"]).into_iter();
    paths.map(|path| (path.clone(), std::fs::read_to_string(&path).expect("UTF-8"))).collect()
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
        for (path, text) in library_files(&room) {
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
    for (path, text) in library_files("") {
        let used = ELSEWHERE.iter().find(|word| without_tests(&text).contains(*word));
        let is_room = path.starts_with(source().join("files"));
        assert!(
            is_room || used.is_none(),
            "{} uses {used:?}: links, owners and limits are for `files`",
            path.display()
        );
    }
}

/// Lines of a file without its unit tests, rounded up from the longest. The goal is 400.
const MAX_FILE_LINES: usize = 420;

/// A file with fewer lines than this and one user belongs into that user's file.
const MIN_FILE_LINES: usize = 40;

/// Rounded up from what there is. More means that files are cut into splinters; the goal is 190.
const MAX_FILES: usize = 410;

const MAX_FUNCTION_LINES: usize = 60;

const MAX_PARAMETERS: usize = 5;

/// Modules whose functions keep to the limits above.
const LIMITED_FUNCTIONS: [&str; 2] = ["driftline::cli", "driftline::collect"];

/// Fails with everything that breaks a rule, one line each.
fn expect_none(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{} times: {rule}\n{}", broken.len(), broken.join("\n"));
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let tree = SourceTree::parse();
    let circles: Vec<String> = tree.circles().iter().map(|circle| circle.join(" → ")).collect();
    expect_none("an import circle", &circles);
}

#[test]
fn files_have_one_topic_each_and_say_which() {
    let tree = SourceTree::parse();
    let uses = tree.uses();
    let mut broken = Vec::new();
    for (name, module) in &tree.modules {
        let (file, lines) = (module.file.display(), module.lines);
        let importers = uses.values().filter(|used| used.contains(name.as_str())).count();
        let is_entry = ["mod.rs", "lib.rs", "main.rs"].iter().any(|entry| module.file.ends_with(entry));
        if lines > MAX_FILE_LINES {
            broken.push(format!("{file} has {lines} lines"));
        }
        if lines < MIN_FILE_LINES && importers == 1 && !is_entry {
            broken.push(format!("{file} has {lines} lines and one importer"));
        }
        if !module.text.starts_with("//! ") {
            broken.push(format!("{file} does not say what it holds"));
        }
    }
    if tree.modules.len() > MAX_FILES {
        broken.push(format!("there are {} files", tree.modules.len()));
    }
    expect_none("a file too large, too small or without a heading", &broken);
}

#[test]
fn functions_stay_short() {
    let mut broken = Vec::new();
    for (name, module) in SourceTree::parse().modules {
        if !LIMITED_FUNCTIONS.iter().any(|limited| name.starts_with(limited)) {
            continue;
        }
        for function in &module.functions {
            let place = format!("{}:{} {}", module.file.display(), function.line, function.name);
            if function.lines > MAX_FUNCTION_LINES {
                broken.push(format!("{place} has {} lines", function.lines));
            }
            if function.parameters > MAX_PARAMETERS {
                broken.push(format!("{place} has {} parameters", function.parameters));
            }
        }
    }
    expect_none("a function too long or with too many parameters", &broken);
}

/// Words that a standard term has replaced, with that term.
const RETIRED_WORDS: [(&str, &str); 14] = [
    ("way_out", "remediation"),
    ("way out", "fix"),
    ("\"impossible\"", "blocked"),
    ("obstacle", "block_reason"),
    ("standing_unknown", "membership_unknown"),
    ("no_longer_wanted", "unmanaged"),
    ("errand", "AccountQueue"),
    ("contender", "Candidate"),
    ("settingwish", "DesiredSetting"),
    ("targetwish", "DesiredSettings"),
    ("fn judge", "classify, evaluate, check"),
    ("judgement", "Evaluation"),
    ("fn said", "message"),
    ("fn told", "error"),
];

#[test]
fn retired_words_do_not_come_back() {
    let mut broken = Vec::new();
    let folders = ["src", "crates", "docs", "tests", "benches", "fuzz/src", "examples"];
    let paths = folders.iter().flat_map(|folder| files(folder, &["rs", "md", "json", "yaml", "toml", "snap", "html"]));
    for path in paths.chain([root().join("README.md"), root().join("CONTRIBUTING.md")]) {
        if path.starts_with(root().join("tests/library/house")) {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("UTF-8").to_lowercase();
        for (number, line) in text.lines().enumerate() {
            for (word, _) in RETIRED_WORDS.iter().filter(|(word, _)| has_word(line, word)) {
                broken.push(format!("{}:{} {word}", path.strip_prefix(root()).expect("a file").display(), number + 1));
            }
        }
    }
    expect_none("a retired word", &broken);
}

/// Whether a line has a word that is no part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    line.match_indices(word)
        .any(|(start, _)| !line[..start].ends_with(is_word) && !line[start + word.len()..].starts_with(is_word))
}

#[test]
fn constructors_are_named_as_the_api_guidelines_say() {
    let mut broken = Vec::new();
    for module in SourceTree::parse().modules.values() {
        let named_of = |name: &str| name == "of" || name.starts_with("of_");
        for function in module.functions.iter().filter(|function| function.is_constructor && named_of(&function.name)) {
            broken.push(format!("{}:{} {}", module.file.display(), function.line, function.name));
        }
    }
    expect_none("a constructor that is not named new, from_*, for_* or parse", &broken);
}

/// Where JSON is written that no log shows: the input of a fingerprint, and responses of AWS for the SDK.
const JSON_FOR_NO_LOG: [&str; 2] = ["aws/response_body.rs", "plan/document/mod.rs"];

#[test]
fn json_is_written_in_one_place() {
    for (path, text) in library_files("") {
        if path.ends_with("diagnostic/write_json.rs") || JSON_FOR_NO_LOG.iter().any(|known| path.ends_with(known)) {
            continue;
        }
        for way in ["serde_json::to_writer", "serde_json::to_vec", "serde_json::to_string", "serde_json::Serializer"] {
            assert!(!without_tests(&text).contains(way), "{} uses {way}: write_json_document escapes", path.display());
        }
    }
}
