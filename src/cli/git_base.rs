//! `--base`: the policies of a Git revision next to those on disk.

use std::path::{Path, PathBuf};

use path_clean::PathClean as _;

use super::difference::DiffSide;
use super::error::CliError;
use super::output::stderr;
use super::run_context::RunContext;
use super::selection::{RunScope, is_selected};
use super::workspace::{LoadedConfig, PolicyContextArgs, Workspace, default_policies};
use crate::config::{self, FILE_NAME};
use crate::diagnostic::{Diagnostics, Sources};
use crate::document::{MAX_BYTES, display_path};
use crate::git::{Revision, RevisionFiles};
use crate::inventory::{Accounts, AccountsSource, MAX_SAVED_BYTES};
use crate::model::{AccountId, DesiredState, Inventory, TargetSelection};
use crate::report::BaseComparison;

/// One side of a comparison, before it is resolved.
pub(super) struct PolicySide {
    pub(super) config: LoadedConfig,
    pub(super) side: DiffSide,
    /// Maps a displayed path and the name of the side to a key that is the same on both sides.
    pub(super) key: fn(&str, &str) -> String,
}

impl PolicySide {
    pub(super) fn new(config: LoadedConfig, name: String, key: fn(&str, &str) -> String) -> Self {
        let side = DiffSide {
            name,
            files: config.policies.files.clone(),
            settings_file: config.settings_file(),
            digest: config.policies.digest.clone(),
            ..DiffSide::default()
        };
        Self { config, side, key }
    }
}

/// Returns both sides, or the error of the new one after printing that of the old one: all errors are reported at once.
pub(super) fn zip_sides<T>(
    context: &RunContext,
    old: Result<T, CliError>,
    new: Result<T, CliError>,
    old_name: &str,
) -> Result<(T, T), CliError> {
    match (old.map_err(|error| error.for_base(old_name)), new) {
        (Ok(old), Ok(new)) => Ok((old, new)),
        (Err(old), Err(new)) => {
            stderr(&old.text(context.rendering()));
            Err(new)
        }
        (Err(error), Ok(_)) | (Ok(_), Err(error)) => Err(error),
    }
}

/// Policies of `--base`, next to those of the run.
pub(super) struct BaseSide {
    revision: String,
    policies: BasePolicies,
}

enum BasePolicies {
    /// Resolved before anything is read.
    Resolved(DesiredState),
    /// Unresolved until the caller or the accounts of the organization are known.
    Unresolved(Box<LoadedConfig>),
}

/// Accounts that a run has learnt.
pub(super) struct RunAccounts<'a> {
    pub(super) source: &'a AccountsSource,
    pub(super) inventory: &'a Inventory,
    /// The account of the credentials, if known.
    pub(super) caller: Option<AccountId>,
}

impl BaseSide {
    /// Resolves the old policies if that is possible before anything is read, and reports their errors.
    pub(super) fn new(revision: String, mut old: LoadedConfig) -> Result<Self, CliError> {
        let needs_aws = matches!(old.settings.accounts, AccountsSource::Caller | AccountsSource::Organization);
        let policies = if old.policies.declarations.is_empty() {
            // Without policies, an empty inventory is no error.
            BasePolicies::Resolved(DesiredState::default())
        } else if needs_aws {
            BasePolicies::Unresolved(Box::new(old))
        } else {
            let resolved = old.resolve(AccountId::UnknownCaller).map_err(|error| error.for_base(&revision))?;
            BasePolicies::Resolved(resolved.desired)
        };
        Ok(Self { revision, policies })
    }

    /// Desired state of the old policies for the accounts of the run.
    pub(super) fn compare(self, run: &RunAccounts<'_>, scope: RunScope<'_>) -> Result<BaseComparison, CliError> {
        let Self { revision, policies } = self;
        let desired = match policies {
            BasePolicies::Resolved(desired) => desired,
            BasePolicies::Unresolved(mut old) => {
                let resolved = if old.settings.accounts == AccountsSource::Caller {
                    old.resolve(run.caller.unwrap_or(AccountId::UnknownCaller))
                } else if *run.source == AccountsSource::Organization {
                    old.resolve_in(Accounts::from(run.inventory), Diagnostics::default())
                } else {
                    return Err(CliError::BaseNeedsOrganization(revision));
                };
                resolved.map_err(|error| error.for_base(&revision))?.desired
            }
        };
        let desired = match scope.selection.map(TargetSelection::matcher) {
            Some(matcher) => desired.for_selection(|target| is_selected(&matcher, &target.target(), run.inventory)),
            None => desired,
        };
        let desired = match scope.shard {
            Some(shard) => desired.for_shard(shard),
            None => desired,
        };
        Ok(BaseComparison { revision, desired })
    }
}

/// Loads the policies of a run, and those of the base revision if one is named.
pub(super) fn load_with_base(
    context: &RunContext,
    workspace: Workspace,
    base: Option<&str>,
    named: &[PathBuf],
    args: &PolicyContextArgs,
) -> Result<(LoadedConfig, Option<BaseSide>), CliError> {
    let Some(base) = base else {
        let paths = workspace.paths(named)?;
        return Ok((workspace.load(&paths)?, None));
    };
    let (old, new) = load_at_revision(context, workspace, base, named, args)?;
    Ok((new.config, Some(BaseSide::new(base.to_owned(), old.config)?)))
}

/// Loads both sides of a comparison with a Git revision.
pub(super) fn load_at_revision(
    context: &RunContext,
    workspace: Workspace,
    base: &str,
    named: &[PathBuf],
    args: &PolicyContextArgs,
) -> Result<(PolicySide, PolicySide), CliError> {
    let here = workspace.here.clone();
    let paths: Vec<PathBuf> = workspace.paths(named)?.iter().map(|path| here.join(path)).collect();
    if paths.is_empty() {
        // Errors in the settings keep their list of policies from being read.
        workspace.load(&paths)?;
        return Err(CliError::NoPolicy);
    }
    let spelling = PathSpelling::new(&here);
    let holders =
        workspace.settings.file.iter().map(|file| spelling.as_entered(file)).chain([spelling.entered.clone()]);
    let entered: Vec<PathBuf> = paths.iter().map(|path| spelling.as_entered(path)).collect();
    let revision = Revision::find(base, &holders.collect::<Vec<_>>(), &entered)?;
    let old_workspace = workspace_at(&revision, context, &workspace, args, &spelling)?;
    let old_here = old_workspace.here.clone();
    let old_paths = old_workspace.paths(named)?;
    let old_paths: Vec<PathBuf> = old_paths.iter().map(|path| spelling.as_entered(&old_here.join(path))).collect();
    let files = revision.policies(&old_paths, &old_here)?;
    // A path of the old side that is gone is empty now. A path on neither side is a typing error and reported as one.
    let is_gone = |(path, old): &(&PathBuf, &PathBuf)| {
        matches!(path.try_exists(), Ok(false)) && !path.is_symlink() && !files.absent.contains(old)
    };
    // Only named paths are the same on both sides, one by one.
    let both_named = paths.iter().zip(&old_paths).filter(|_| !named.is_empty());
    let gone: Vec<PathBuf> = both_named.filter(is_gone).map(|(path, _)| path.clone()).collect();
    let present: Vec<PathBuf> = paths.into_iter().filter(|path| !gone.contains(path)).collect();
    let gone: Vec<String> = gone.iter().map(|path| display_path(path, &here)).collect();
    let absent: Vec<String> = files.absent.iter().map(|path| display_path(&path.clean(), &old_here)).collect();
    print_notes(context, &files, &absent, &gone, revision.name());
    let shown: Vec<String> = present.iter().map(|path| display_path(path, &here)).collect();
    let new = workspace.load(&present).map(|mut config| {
        config.git_folders = revision.git_folders();
        let mut new = PolicySide::new(config, shown.join(", "), |path, _| path.to_owned());
        new.side.absent = gone;
        new
    });
    let RevisionFiles { files, left_out, .. } = files;
    let old = old_workspace.load_found(&files).map(|config| {
        let mut old = PolicySide::new(config, revision.name().to_owned(), |path, name| {
            path.strip_suffix(&format!("@{name}")).unwrap_or(path).to_owned()
        });
        old.side.commit = Some(revision.commit().to_owned());
        (old.side.absent, old.side.left_out) = (absent, left_out);
        old
    });
    zip_sides(context, old, new, base)
}

/// Settings at the revision: those of the file that a run there would have found, with the saved inventory that it names. A file
/// outside the repository is taken as it is today.
fn workspace_at(
    revision: &Revision,
    context: &RunContext,
    today: &Workspace,
    args: &PolicyContextArgs,
    spelling: &PathSpelling,
) -> Result<Workspace, CliError> {
    let old_here = revision.folder(&spelling.entered)?;
    let here = old_here.clone().unwrap_or_else(|| spelling.entered.clone());
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let mut workspace = match settings_file_at(revision, context.config()?, old_here.as_deref(), spelling)? {
        SettingsFile::AsToday => today.with_reported_errors(here.clone()),
        SettingsFile::Absent => {
            // The revision does not cover a file above the repository.
            let above = revision.root().parent().unwrap_or(revision.root());
            let settings = config::load(None, above, &mut sources, &mut diagnostics);
            Workspace::with_settings(here.clone(), settings, args, sources, diagnostics)?
        }
        SettingsFile::Present(path, shown, text) => {
            let settings = config::load_text(text, &path, &shown, &mut sources, &mut diagnostics);
            Workspace::with_settings(here.clone(), settings, args, sources, diagnostics)?
        }
    };
    if workspace.settings.policies.is_empty() {
        workspace.settings.policies.push(default_policies(&workspace.settings, &here));
    }
    // The organization is that of today on both sides, and so is the inventory that stands in for it.
    if let Some(offline) = &today.settings.offline {
        workspace.settings.offline = Some(offline.clone());
        workspace.settings.offline_at = None;
    }
    let mut workspace = if today.is_offline { workspace.offline() } else { workspace };
    let is_of_today = workspace.settings.stands_in && today.settings.offline.is_some();
    if let AccountsSource::Saved(path) = &workspace.settings.accounts
        && !is_of_today
    {
        workspace.saved_then = revision.file(&spelling.as_entered(&here.join(path)), &here, MAX_SAVED_BYTES)?;
    }
    Ok(workspace)
}

/// Settings file at a revision.
enum SettingsFile {
    /// Path, displayed path, content.
    Present(PathBuf, String, Vec<u8>),
    /// None in the repository.
    Absent,
    /// Outside the repository.
    AsToday,
}

fn settings_file_at(
    revision: &Revision,
    config: Option<&Path>,
    old_here: Option<&Path>,
    spelling: &PathSpelling,
) -> Result<SettingsFile, CliError> {
    let base = old_here.unwrap_or(&spelling.entered);
    let found = |path: PathBuf| -> Result<Option<SettingsFile>, CliError> {
        let found = revision.file(&path, base, MAX_BYTES)?;
        Ok(found.map(|(shown, content)| SettingsFile::Present(path, shown, content)))
    };
    if let Some(config) = config {
        return Ok(found(spelling.as_entered(&base.join(config)))?.unwrap_or(SettingsFile::AsToday));
    }
    let Some(here) = old_here else { return Ok(SettingsFile::AsToday) };
    for folder in here.ancestors().take_while(|folder| folder.starts_with(revision.root())) {
        if let Some(found) = found(folder.join(FILE_NAME))? {
            return Ok(found);
        }
    }
    Ok(SettingsFile::Absent)
}

/// Spelling of paths: the system resolves links on the way to the working directory as of today, but old paths must keep them.
struct PathSpelling {
    /// The working directory without links.
    resolved: PathBuf,
    /// The working directory as the user entered it.
    entered: PathBuf,
}

impl PathSpelling {
    fn new(here: &Path) -> Self {
        let named = std::env::var_os("PWD").map(PathBuf::from);
        let is_here = |named: &PathBuf| {
            let is_plain = named.is_absolute() && named.clean() == *named;
            is_plain && matches!((named.canonicalize(), here.canonicalize()), (Ok(named), Ok(here)) if named == here)
        };
        let entered = named.filter(is_here).unwrap_or_else(|| here.to_owned());
        Self { resolved: here.to_owned(), entered }
    }

    /// Spells a path below the working directory as the user entered that.
    fn as_entered(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.resolved).map_or_else(|_| path.to_owned(), |below| self.entered.join(below))
    }
}

/// Prints what exists on one side only.
fn print_notes(context: &RunContext, old: &RevisionFiles, absent: &[String], gone: &[String], revision: &str) {
    for path in absent {
        context.note(&format!("{path} did not exist at {revision}: everything in it is new"));
    }
    for path in gone {
        context.note(&format!("{path} exists only at {revision}: everything in it was removed"));
    }
    if old.files.is_empty() && absent.is_empty() {
        context.note(&format!("there was no policy file at {revision}: everything is new"));
    }
    if !old.left_out.is_empty() {
        let what = if old.left_out.len() == 1 { "a link or submodule was" } else { "links and submodules were" };
        context.note(&format!("{what} skipped: {}", old.left_out.join(", ")));
    }
}
