//! The folders of `tests/cases`: policies, a world, arguments, and everything that must come of them.
//!
//! A folder holds what the program finds where it runs, beside `arguments` (one per line) and `expected/`, with `exit`, `stdout`,
//! `stderr` (left out where empty) and each file that the run makes. With `UPDATE_EXPECT=1` in the environment, what comes out is
//! written there in the place of being compared.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Driftline, files_below, repository};

/// Texts by their names.
type Texts = BTreeMap<String, String>;

fn texts_below(folder: &Path) -> Texts {
    let read = |path: PathBuf| {
        let name = path.strip_prefix(folder).expect("a path below the folder").to_str().expect("UTF-8").to_owned();
        (name, fs::read_to_string(&path).expect("a text"))
    };
    files_below(folder).into_iter().map(read).collect()
}

/// What comes of a case, as `expected/` holds it.
fn outcome(folder: &Path) -> Texts {
    let mut given = texts_below(folder);
    given.retain(|name, _| !name.starts_with("expected/"));
    let arguments = given.remove("arguments").expect("arguments");
    let program = given.iter().fold(Driftline::new(), |program, (name, text)| program.file(name, text));
    let program = program.args(arguments.lines());
    let output = program.command().output().expect("the program runs");
    let exit = output.status.code().expect("an exit code");
    let ran = program.assert_exit(&output, exit);
    let mut out = Texts::from([("exit".to_owned(), format!("{exit}\n"))]);
    let streams = [("stdout".to_owned(), ran.stdout), ("stderr".to_owned(), ran.stderr)];
    out.extend(streams.into_iter().filter(|(_, text)| !text.is_empty()));
    for name in texts_below(&program.path("")).into_keys().filter(|name| !given.contains_key(name)) {
        let text = program.read(&name);
        out.insert(name, text);
    }
    out
}

#[test]
fn every_case_comes_out_as_expected() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let cases = fs::read_dir(repository("tests/cases")).expect("cases").map(|entry| entry.expect("an entry").path());
    let mut cases: Vec<PathBuf> = cases.filter(|path| path.is_dir()).collect();
    cases.sort();
    assert!(cases.len() >= 12, "{} cases", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        let (expected, found) = (case.join("expected"), outcome(&case));
        if update {
            let _ = fs::remove_dir_all(&expected);
            for (name, text) in found {
                let path = expected.join(name);
                fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                fs::write(path, text).expect("a file");
            }
            continue;
        }
        let expected = texts_below(&expected);
        for name in expected.keys().chain(found.keys().filter(|name| !expected.contains_key(*name))) {
            let text = |texts: &Texts| texts.get(name).cloned().unwrap_or_default();
            let (expected, found) = (text(&expected), text(&found));
            if expected != found {
                let difference = similar::TextDiff::from_lines(&expected, &found).unified_diff().to_string();
                wrong.push(format!("{}: {name}\n{difference}", case.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\nUPDATE_EXPECT=1 writes what comes out", wrong.join("\n"));
}
