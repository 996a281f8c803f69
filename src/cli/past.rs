//! The policies of a run as they were at a git revision, and as they are.

use std::path::PathBuf;

use super::arguments::Common;
use super::circumstances::Circumstances;
use super::diff::{Loaded, both, side_of};
use super::failure::Failure;
use super::inputs::Ground;
use super::outlet::tell;
use crate::document::shown_path;
use crate::offline::Side;
use crate::report::terminal;
use crate::revision::{Past, Revision};

/// Loads both sides of a comparison with a git revision.
pub(super) fn load(
    common: &Common,
    base: &str,
    named: &[PathBuf],
    given: &Circumstances,
) -> Result<(Loaded, Loaded), Failure> {
    let ground = || Ground::of(common.config.as_deref(), given);
    let today = ground()?;
    let here = today.here.clone();
    let paths: Vec<PathBuf> = today.paths(named)?.iter().map(|path| here.join(path)).collect();
    if paths.is_empty() {
        // The settings have mistakes, which keeps policies from being listed there.
        today.load(&paths)?;
        return Err(Failure::NoPolicy);
    }
    let revision = Revision::find(base, &paths)?;
    let past = revision.policies(&paths, &here)?;
    // What was there then and is gone now is empty now. What is on neither side is a slip of the pen, and told as such.
    let is_gone = |path: &PathBuf| {
        !named.is_empty()
            && matches!(path.try_exists(), Ok(false))
            && !path.is_symlink()
            && !past.absent.contains(&shown_path(path, &here))
    };
    let (gone, present): (Vec<PathBuf>, Vec<PathBuf>) = paths.into_iter().partition(is_gone);
    let gone: Vec<String> = gone.iter().map(|path| shown_path(path, &here)).collect();
    if !common.quiet {
        notes(&past, &gone, revision.name());
    }
    let shown: Vec<String> = present.iter().map(|path| shown_path(path, &here)).collect();
    let new = today.load(&present).map(|inputs| {
        let side = Side { name: shown.join(", "), absent: gone, ..side_of(&inputs) };
        Loaded { inputs, side, key: |path, _| path.to_owned() }
    });
    let Past { files, absent, left_out } = past;
    let old = ground()?.load_found(&files).map(|inputs| {
        let (name, commit) = (revision.name().to_owned(), Some(revision.commit().to_owned()));
        let side = Side { name, commit, absent, left_out, ..side_of(&inputs) };
        Loaded { inputs, side, key: |path, name| path.strip_suffix(&format!("@{name}")).unwrap_or(path).to_owned() }
    });
    both(old, new, base, common)
}

/// Says what one side had or has not.
fn notes(past: &Past, gone: &[String], revision: &str) {
    let note = |text: String| tell(&format!("note: {}\n", terminal(&text)));
    for path in &past.absent {
        note(format!("{path} did not exist at {revision}: everything in it is new"));
    }
    for path in gone {
        note(format!("{path} exists at {revision} only: everything in it is gone"));
    }
    if past.files.is_empty() && past.absent.is_empty() {
        note(format!("there was no policy file at {revision}: everything is new"));
    }
    if !past.left_out.is_empty() {
        let count = past.left_out.len();
        let what = if count == 1 { "a link or submodule was" } else { "links and submodules were" };
        note(format!("{what} not looked into: {}", past.left_out.join(", ")));
    }
}
