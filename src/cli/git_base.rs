//! The policies of a run as they were at a git revision, and as they are.

use std::path::{Path, PathBuf};

use path_clean::PathClean as _;

use super::arguments::Common;
use super::diff::{PolicySide, side_of, zip_sides};
use super::difference::DiffSide;
use super::error::CliError;
use super::output::stderr;
use super::policy_context::PolicyContextArgs;
use super::workspace::{Workspace, default_policies};
use crate::config::{self, FILE_NAME};
use crate::diagnostic::{Diagnostics, Sources};
use crate::document::{MAX_BYTES, display_path};
use crate::git::{Revision, RevisionFiles};
use crate::inventory::{AccountsSource, MAX_SAVED_BYTES};
use crate::report::terminal;

/// Loads both sides of a comparison with a git revision.
pub(super) fn load_at_revision(
    common: &Common,
    base: &str,
    named: &[PathBuf],
    given: &PolicyContextArgs,
) -> Result<(PolicySide, PolicySide), CliError> {
    let today = Workspace::find(common.config.as_deref(), given)?;
    let here = today.here.clone();
    let paths: Vec<PathBuf> = today.paths(named)?.iter().map(|path| here.join(path)).collect();
    if paths.is_empty() {
        // The settings have mistakes, which keeps policies from being listed there.
        today.load(&paths)?;
        return Err(CliError::NoPolicy);
    }
    let ways = Ways { seat: seat(&here), here: here.clone() };
    let holders: Vec<PathBuf> =
        today.settings.file.iter().map(|file| ways.written(file)).chain([ways.seat.clone()]).collect();
    let written: Vec<PathBuf> = paths.iter().map(|path| ways.written(path)).collect();
    let revision = Revision::find(base, &holders, &written)?;
    let then = then(&revision, common, given, &ways)?;
    let here_then = then.here.clone();
    let paths_then = then.paths(named)?;
    let paths_then: Vec<PathBuf> = paths_then.iter().map(|path| ways.written(&here_then.join(path))).collect();
    let past = revision.policies(&paths_then, &here_then)?;
    // What was there then and is gone now is empty now. What is on neither side is a slip of the pen, and told as such.
    let is_gone = |(path, then): &(&PathBuf, &PathBuf)| {
        matches!(path.try_exists(), Ok(false)) && !path.is_symlink() && !past.absent.contains(then)
    };
    // Named paths are the same on both sides, one by one.
    let both_named = paths.iter().zip(&paths_then).filter(|_| !named.is_empty());
    let gone: Vec<PathBuf> = both_named.filter(is_gone).map(|(path, _)| path.clone()).collect();
    let present: Vec<PathBuf> = paths.into_iter().filter(|path| !gone.contains(path)).collect();
    let gone: Vec<String> = gone.iter().map(|path| display_path(path, &here)).collect();
    let absent: Vec<String> = past.absent.iter().map(|path| display_path(&path.clean(), &here_then)).collect();
    if !common.quiet {
        notes(&past, &absent, &gone, revision.name());
    }
    let shown: Vec<String> = present.iter().map(|path| display_path(path, &here)).collect();
    let new = today.load(&present).map(|mut inputs| {
        inputs.git_folders = revision.git_folders();
        let side = DiffSide { name: shown.join(", "), absent: gone, ..side_of(&inputs) };
        PolicySide { inputs, side, key: |path, _| path.to_owned() }
    });
    let RevisionFiles { files, left_out, .. } = past;
    let old = then.load_found(&files).map(|inputs| {
        let (name, commit) = (revision.name().to_owned(), Some(revision.commit().to_owned()));
        let side = DiffSide { name, commit, absent, left_out, ..side_of(&inputs) };
        PolicySide { inputs, side, key: |path, name| path.strip_suffix(&format!("@{name}")).unwrap_or(path).to_owned() }
    });
    zip_sides(old, new, base, common)
}

/// The settings as they were: those of the file that a run at the revision would have found, with the saved inventory that it
/// names. A file that the repository does not hold is taken as it is today.
fn then(revision: &Revision, common: &Common, given: &PolicyContextArgs, ways: &Ways) -> Result<Workspace, CliError> {
    let mut today = Workspace::find(common.config.as_deref(), given)?;
    let here_then = revision.folder(&ways.seat)?;
    let here = here_then.clone().unwrap_or_else(|| ways.seat.clone());
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let mut ground = match file_then(revision, common.config.as_deref(), here_then.as_deref(), ways)? {
        FileThen::AsToday => {
            today.here.clone_from(&here);
            today
        }
        FileThen::Absent => {
            // One above the repository is out of the revision's reach.
            let above = revision.root().parent().unwrap_or(revision.root());
            let settings = config::load(None, above, &mut sources, &mut diagnostics);
            Workspace::with_settings(here.clone(), settings, given, sources, diagnostics)?
        }
        FileThen::There(path, shown, content) => {
            let settings = config::load_text(content, &path, &shown, &mut sources, &mut diagnostics);
            Workspace::with_settings(here.clone(), settings, given, sources, diagnostics)?
        }
    };
    if ground.settings.policies.is_empty() {
        ground.settings.policies.push(default_policies(&ground.settings, &here));
    }
    if let AccountsSource::Saved(path) = &ground.settings.accounts {
        ground.saved_then = revision.file(&ways.written(&here.join(path)), &here, MAX_SAVED_BYTES)?;
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

fn file_then(
    revision: &Revision,
    config: Option<&Path>,
    here_then: Option<&Path>,
    ways: &Ways,
) -> Result<FileThen, CliError> {
    let base = here_then.unwrap_or(&ways.seat);
    let found = |path: PathBuf| -> Result<Option<FileThen>, CliError> {
        let found = revision.file(&path, base, MAX_BYTES)?;
        Ok(found.map(|(shown, content)| FileThen::There(path, shown, content)))
    };
    if let Some(config) = config {
        return Ok(found(ways.written(&base.join(config)))?.unwrap_or(FileThen::AsToday));
    }
    let Some(here) = here_then else { return Ok(FileThen::AsToday) };
    for folder in here.ancestors().take_while(|folder| folder.starts_with(revision.root())) {
        if let Some(found) = found(folder.join(FILE_NAME))? {
            return Ok(found);
        }
    }
    Ok(FileThen::Absent)
}

/// How paths are written: the system resolves the links on the way to the working directory as they are today, and old paths
/// must not be.
struct Ways {
    /// The working directory without a link in it.
    here: PathBuf,
    /// The working directory by the way on which the user has come to it.
    seat: PathBuf,
}

impl Ways {
    /// A path below the working directory, by the way on which the user has come to it.
    fn written(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.here).map_or_else(|_| path.to_owned(), |below| self.seat.join(below))
    }
}

/// The working directory as the shell names it, if that is the same folder.
fn seat(here: &Path) -> PathBuf {
    let named = std::env::var_os("PWD").map(PathBuf::from);
    let is_here = |named: &PathBuf| {
        let is_plain = named.is_absolute() && named.clean() == *named;
        is_plain && matches!((named.canonicalize(), here.canonicalize()), (Ok(named), Ok(here)) if named == here)
    };
    named.filter(is_here).unwrap_or_else(|| here.to_owned())
}

/// Says what one side had or has not.
fn notes(past: &RevisionFiles, absent: &[String], gone: &[String], revision: &str) {
    let note = |text: String| stderr(&format!("note: {}\n", terminal(&text)));
    for path in absent {
        note(format!("{path} did not exist at {revision}: everything in it is new"));
    }
    for path in gone {
        note(format!("{path} exists at {revision} only: everything in it is gone"));
    }
    if past.files.is_empty() && absent.is_empty() {
        note(format!("there was no policy file at {revision}: everything is new"));
    }
    if !past.left_out.is_empty() {
        let count = past.left_out.len();
        let what = if count == 1 { "a link or submodule was" } else { "links and submodules were" };
        note(format!("{what} not looked into: {}", past.left_out.join(", ")));
    }
}
