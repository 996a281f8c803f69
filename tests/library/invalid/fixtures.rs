//! Each folder `CODE/CASE/` holds files and `expected.txt`: exactly what `driftline validate .` says about them on standard
//! error, as on 15 January 2027.
//!
//! After a change of wording, `UPDATE_EXPECT=1 cargo test --test library invalid` writes the texts anew. Read the difference.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use driftline::diagnostic::Code;
use driftline::model::TABLE_DATE;

use super::program::driftline;

/// Codes that are doubts: the files are valid, unless `--deny-warnings` is given.
pub(crate) const DOUBTS: [Code; 10] = [
    Code::AutoEnableConflict,
    Code::FileLeftOut,
    Code::FullyOverridden,
    Code::MatchesNothing,
    Code::NamesNotChecked,
    Code::NotTheAdministrator,
    Code::SettingWithoutStatus,
    Code::StaleInventory,
    Code::WaiverEnding,
    Code::WaiverExpired,
];

/// The day of every run over fixtures and pages, so that waivers neither end nor expire while nobody looks.
pub(crate) const DAY: &str = "--as-of=2027-01-15";

/// Codes that only the settings file can earn, which is always TOML.
const OF_SETTINGS: [Code; 8] = [
    Code::BadDuration,
    Code::BadInventory,
    Code::BadRole,
    Code::NamesNotChecked,
    Code::NotTheAdministrator,
    Code::NumberOutOfRange,
    Code::RoleTwice,
    Code::StaleInventory,
];

/// Codes about the file system, which no file in a repository could earn everywhere: `file_system.rs` makes them up, and the one
/// about owners is tried where files are given away.
pub(crate) const OF_THE_FILE_SYSTEM: [Code; 7] = [
    Code::FileLeftOut,
    Code::FileNotFound,
    Code::FileTooLarge,
    Code::NotUtf8,
    Code::UnknownFileType,
    Code::UnreadableFile,
    Code::UntrustedSettings,
];

/// Codes that JSON earns in a way of its own.
const OF_JSON: [Code; 4] = [Code::DuplicateKey, Code::Syntax, Code::TooComplex, Code::UnknownKey];

/// A folder for mistakes that are more than one.
const SEVERAL: &str = "several-mistakes";

struct Fixture {
    /// The name of the outer folder: a code, or [`SEVERAL`].
    kind: String,
    /// The name of the inner folder.
    case: String,
    path: PathBuf,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/invalid")
}

fn folders(path: &Path) -> Vec<(String, PathBuf)> {
    let mut folders: Vec<(String, PathBuf)> = std::fs::read_dir(path)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .map(|path| (path.file_name().expect("a name").to_str().expect("UTF-8").to_owned(), path))
        .collect();
    folders.sort();
    folders
}

fn fixtures() -> Vec<Fixture> {
    let cases = |(kind, path): (String, PathBuf)| {
        folders(&path).into_iter().map(move |(case, path)| Fixture { kind: kind.clone(), case, path })
    };
    folders(&root()).into_iter().flat_map(cases).collect()
}

/// The codes that a text on standard error speaks of: each stands alone on a line.
pub(crate) fn codes_in(text: &str) -> BTreeSet<Code> {
    text.lines().filter_map(|line| Code::ALL.iter().copied().find(|code| code.as_str() == line)).collect()
}

#[test]
fn every_fixture_earns_exactly_its_text() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut failures = Vec::new();
    for Fixture { kind, case, path } in fixtures() {
        let code = Code::ALL.iter().copied().find(|code| code.as_str() == kind);
        assert!(code.is_some() || kind == SEVERAL, "{kind} is no code");
        let ran = driftline(&path, &["validate", ".", DAY]);
        let is_doubt = code.is_some_and(|code| DOUBTS.contains(&code));
        let wanted = i32::from(!is_doubt);
        if ran.code != Some(wanted) {
            failures.push(format!("{kind}/{case}: exit code {:?} instead of {wanted}\n{}", ran.code, ran.err));
        }
        assert_eq!(
            ran.out.is_empty(),
            !is_doubt,
            "{kind}/{case}: standard output says that files are valid: {}",
            ran.out
        );
        if let Some(code) = code {
            if !codes_in(&ran.err).contains(&code) {
                failures.push(format!("{kind}/{case} does not earn its code:\n{}", ran.err));
            }
        } else {
            assert!(codes_in(&ran.err).len() > 1, "{kind}/{case} earns one code only:\n{}", ran.err);
        }
        let denied = driftline(&path, &["validate", ".", DAY, "--deny-warnings"]);
        assert_eq!(denied.code, Some(1), "{kind}/{case} under --deny-warnings");
        let said = ran.err.replace(TABLE_DATE, "YYYY-MM-DD");
        let expected = path.join("expected.txt");
        if update {
            std::fs::write(&expected, &said).expect("the expectation can be written");
        } else if std::fs::read_to_string(&expected).unwrap_or_default().replace("\r\n", "\n") != said {
            failures.push(format!("{kind}/{case} says something else than its expected.txt:\n{said}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_code_has_a_fixture_in_every_language_that_can_earn_it() {
    let mut cases: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for fixture in fixtures() {
        cases.entry(fixture.kind).or_default().push(fixture.case);
    }
    for code in Code::ALL.iter().copied() {
        let mut wanted = match code {
            _ if OF_THE_FILE_SYSTEM.contains(&code) => vec![],
            _ if OF_SETTINGS.contains(&code) => vec!["settings"],
            _ => vec!["yaml", "toml"],
        };
        if OF_JSON.contains(&code) {
            wanted.push("json");
        }
        let found = cases.get(code.as_str()).cloned().unwrap_or_default();
        for case in wanted {
            assert!(found.iter().any(|found| found == case), "{code} has no fixture {case}");
        }
    }
}
