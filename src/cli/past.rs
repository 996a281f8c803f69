//! The policies of a run as they were at a git revision, and as they are.

use std::path::{Path, PathBuf};

use super::arguments::Common;
use super::circumstances::Circumstances;
use super::diff::{Loaded, both, side_of};
use super::failure::Failure;
use super::inputs::{Ground, default_policies};
use super::outlet::tell;
use crate::diagnostic::{Diagnostics, Sources};
use crate::document::{MAX_BYTES, shown_path};
use crate::inventory::{AccountsSource, MAX_SAVED_BYTES};
use crate::offline::Side;
use crate::report::terminal;
use crate::revision::{Past, Revision};
use crate::settings::{self, FILE_NAME};

/// Loads both sides of a comparison with a git revision.
pub(super) fn load(
    common: &Common,
    base: &str,
    named: &[PathBuf],
    given: &Circumstances,
) -> Result<(Loaded, Loaded), Failure> {
    let today = Ground::of(common.config.as_deref(), given)?;
    let here = today.here.clone();
    let paths: Vec<PathBuf> = today.paths(named)?.iter().map(|path| here.join(path)).collect();
    if paths.is_empty() {
        // The settings have mistakes, which keeps policies from being listed there.
        today.load(&paths)?;
        return Err(Failure::NoPolicy);
    }
    let revision = Revision::find(base, &paths)?;
    let then = then(&revision, common, given)?;
    let paths_then: Vec<PathBuf> = then.paths(named)?.iter().map(|path| here.join(path)).collect();
    let past = revision.policies(&paths_then, &here)?;
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
    let old = then.load_found(&files).map(|inputs| {
        let (name, commit) = (revision.name().to_owned(), Some(revision.commit().to_owned()));
        let side = Side { name, commit, absent, left_out, ..side_of(&inputs) };
        Loaded { inputs, side, key: |path, name| path.strip_suffix(&format!("@{name}")).unwrap_or(path).to_owned() }
    });
    both(old, new, base, common)
}

/// The settings as they were: those of the file that a run at the revision would have found, with the saved inventory that it
/// names. A file that the repository does not hold is taken as it is today.
fn then(revision: &Revision, common: &Common, given: &Circumstances) -> Result<Ground, Failure> {
    let today = Ground::of(common.config.as_deref(), given)?;
    let here = today.here.clone();
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let mut ground = match file_then(revision, common.config.as_deref(), &here)? {
        FileThen::AsToday => today,
        FileThen::Absent => {
            // One above the repository is out of the revision's reach.
            let above = revision.root().parent().unwrap_or(revision.root());
            let settings = settings::load(None, above, &mut sources, &mut diagnostics);
            Ground::with_settings(here.clone(), settings, given, sources, diagnostics)?
        }
        FileThen::There(path, shown, content) => {
            let settings = settings::load_text(content, &path, &shown, &mut sources, &mut diagnostics);
            Ground::with_settings(here.clone(), settings, given, sources, diagnostics)?
        }
    };
    if ground.settings.policies.is_empty() {
        ground.settings.policies.push(default_policies(&ground.settings, &here));
    }
    if let AccountsSource::Saved(path) = &ground.settings.accounts {
        ground.saved_then = revision.file(&here.join(path), &here, MAX_SAVED_BYTES)?;
    }
    Ok(ground)
}

/// The settings file of a revision.
enum FileThen {
    /// It had its place there: path, path as shown, content.
    There(PathBuf, String, Vec<u8>),
    /// There was none in the repository.
    Absent,
    /// It is out of the repository.
    AsToday,
}

fn file_then(revision: &Revision, config: Option<&Path>, here: &Path) -> Result<FileThen, Failure> {
    let found = |path: PathBuf| -> Result<Option<FileThen>, Failure> {
        let found = revision.file(&path, here, MAX_BYTES)?;
        Ok(found.map(|(shown, content)| FileThen::There(path, shown, content)))
    };
    if let Some(config) = config {
        return Ok(found(here.join(config))?.unwrap_or(FileThen::AsToday));
    }
    let Ok(real) = here.canonicalize() else { return Ok(FileThen::AsToday) };
    if !real.starts_with(revision.root()) {
        return Ok(FileThen::AsToday);
    }
    for folder in real.ancestors().take_while(|folder| folder.starts_with(revision.root())) {
        if let Some(found) = found(folder.join(FILE_NAME))? {
            return Ok(found);
        }
    }
    Ok(FileThen::Absent)
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
