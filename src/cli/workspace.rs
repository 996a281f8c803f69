//! What most commands begin with: settings, policies, inventory, desired state.

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::arguments::Common;
use super::collision::keep;
use super::error::CliError;
use super::output::stderr;
use super::policy_context::PolicyContextArgs;
use super::terminal::rendering;
use crate::apply::CurrentPolicies;
use crate::aws::ExternalId;
use crate::config::{self, Settings};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, Span, nearest, render};
use crate::document::display_path;
use crate::inventory::{Accounts, AccountsSource, Organization, assemble, load_saved, load_saved_text};
use crate::model::{AccountId, DesiredState, Inventory, RegionTable};
use crate::policy::{self, Content, PolicyFile, PolicySet};
use crate::report::{ReportRequest, pluralize};
use crate::resource::catalog;

/// The name of the folder of policies where nothing names another.
const POLICIES: &str = "policies";

/// Settings and policies of a run, without mistakes.
pub(super) struct LoadedConfig {
    pub(super) settings: Settings,
    pub(super) table: RegionTable,
    pub(super) policies: PolicySet,
    /// The day by which waivers are judged.
    pub(super) today: Date,
    /// The caller's organization, once it was listed.
    pub(super) organization: Option<Organization>,
    /// The content of the saved inventory, with its path as shown, where it is not that of today's disk.
    pub(super) saved_then: Option<(String, Vec<u8>)>,
    /// The folders of the Git repository whose revision is read.
    pub(super) git_folders: Vec<PathBuf>,
    /// Warnings about the files, which hold whatever the inventory is.
    pub(super) warnings: Diagnostics,
    here: PathBuf,
    sources: Sources,
}

/// The desired state of an inventory, with the doubts about it.
pub(super) struct ResolvedPolicies {
    pub(super) desired: DesiredState,
    pub(super) inventory: Inventory,
    pub(super) warnings: Diagnostics,
}

/// The settings of a run, and where it runs. Mistakes in the settings are told with those in the policies.
pub(super) struct Workspace {
    pub(super) here: PathBuf,
    pub(super) settings: Settings,
    pub(super) saved_then: Option<(String, Vec<u8>)>,
    table: RegionTable,
    today: Date,
    sources: Sources,
    diagnostics: Diagnostics,
}

/// Loads settings and policies. Every mistake of every file is told at once.
pub(super) fn load(common: &Common, named: &[PathBuf], given: &PolicyContextArgs) -> Result<LoadedConfig, CliError> {
    let ground = Workspace::find(common.config.as_deref(), given)?;
    let paths = ground.paths(named)?;
    ground.load(&paths)
}

impl Workspace {
    /// Loads the settings: of the file that is named, or of the nearest one.
    pub(super) fn find(config: Option<&Path>, given: &PolicyContextArgs) -> Result<Self, CliError> {
        let here = here()?;
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let mut settings = config::load(config, &here, &mut sources, &mut diagnostics);
        let beside = default_policies(&settings, &here);
        // A link counts, wherever it leads, so that one to nothing is told.
        if settings.policies.is_empty() && (beside.is_dir() || beside.is_symlink()) {
            settings.policies.push(beside);
        }
        Self::with_settings(here, settings, given, sources, diagnostics)
    }

    /// Takes settings that were loaded.
    pub(super) fn with_settings(
        here: PathBuf,
        mut settings: Settings,
        given: &PolicyContextArgs,
        sources: Sources,
        diagnostics: Diagnostics,
    ) -> Result<Self, CliError> {
        // A secret that a CI system does not have comes as an empty variable: as good as none.
        if let Some(id) = std::env::var_os("DRIFTLINE_EXTERNAL_ID").filter(|id| !id.to_string_lossy().trim().is_empty())
        {
            let id: Option<ExternalId> = id.to_str().and_then(|id| id.parse().ok());
            settings.aws.external_id = Some(id.ok_or(CliError::ExternalId)?);
        }
        if let Some(source) = &given.inventory {
            settings.accounts = match source {
                AccountsSource::Saved(path) => AccountsSource::Saved(here.join(path)),
                source => source.clone(),
            };
            settings.accounts_at = None;
        }
        let table = settings.region_table();
        Ok(Self { here, settings, saved_then: None, table, today: given.today(), sources, diagnostics })
    }

    /// The policy paths: those that are named, or those of the settings.
    pub(super) fn paths(&self, named: &[PathBuf]) -> Result<Vec<PathBuf>, CliError> {
        let paths = if named.is_empty() { &self.settings.policies } else { named };
        // Why there are none may be a mistake in the settings, which is the better thing to say.
        if paths.is_empty() && !self.diagnostics.has_errors() {
            return Err(CliError::NoPolicy);
        }
        Ok(paths.to_vec())
    }

    /// Loads the policies of the paths.
    pub(super) fn load(mut self, paths: &[PathBuf]) -> Result<LoadedConfig, CliError> {
        if paths.is_empty() {
            return self.with(PolicySet::default());
        }
        let set = policy::load(paths, &self.here, catalog(&self.table), &mut self.sources, &mut self.diagnostics);
        self.with(set)
    }

    /// Loads policies that were found elsewhere than on the disk of today: as few as there are, even none.
    pub(super) fn load_found(mut self, found: &[PolicyFile]) -> Result<LoadedConfig, CliError> {
        let set = policy::load_found(found, catalog(&self.table), &mut self.sources, &mut self.diagnostics);
        self.with(set)
    }

    /// The digest of policies as they are now, for a plan that was made of them.
    pub(super) fn policies_now(
        &self,
        paths: &[PathBuf],
        wanted: &[ReportRequest],
    ) -> Result<CurrentPolicies, CliError> {
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let paths: Vec<PathBuf> = paths.iter().map(|path| self.here.join(path)).collect();
        let set = policy::load(&paths, &self.here, catalog(&self.table), &mut sources, &mut diagnostics);
        keep(wanted, &sources, &[])?;
        let (errors, _) = diagnostics.counts();
        Ok(if errors == 0 {
            CurrentPolicies::Digest(set.digest)
        } else {
            CurrentPolicies::Unknown(format!("{} in them (`driftline validate` tells)", pluralize(errors, "mistake")))
        })
    }

    fn with(self, policies: PolicySet) -> Result<LoadedConfig, CliError> {
        if self.diagnostics.has_errors() {
            return Err(CliError::Mistakes(Box::new((self.diagnostics, self.sources))));
        }
        let Self { here, settings, saved_then, table, today, sources, diagnostics } = self;
        let (organization, git_folders, warnings) = (None, Vec::new(), diagnostics);
        Ok(LoadedConfig {
            settings,
            table,
            policies,
            today,
            organization,
            saved_then,
            git_folders,
            warnings,
            here,
            sources,
        })
    }
}

impl LoadedConfig {
    /// Resolves the policies against the inventory of the settings. `caller` is the account of the credentials, for where
    /// the inventory is that. Where it is the organization, that must have been listed before.
    pub(super) fn resolve(mut self, caller: impl FnOnce() -> AccountId) -> Result<(Self, ResolvedPolicies), CliError> {
        let mut diagnostics = Diagnostics::default();
        let accounts = match &self.settings.accounts {
            AccountsSource::Declared => Accounts::from_ids(self.policies.declared_accounts()),
            AccountsSource::Caller => Accounts::from_ids([caller()]),
            AccountsSource::Listed(ids) => Accounts::from_ids(ids.iter().copied()),
            AccountsSource::Organization => self.organization.take().ok_or(CliError::InventoryNeeded)?.into(),
            AccountsSource::Saved(_) if self.saved_then.is_some() => {
                let (shown, content) = self.saved_then.take().unwrap_or_default();
                let Some(organization) = load_saved_text(content, &shown, &mut self.sources, &mut diagnostics) else {
                    return Err(CliError::Mistakes(Box::new((diagnostics, self.sources))));
                };
                organization.into()
            }
            AccountsSource::Saved(path) => {
                let loaded = saved(path, self.settings.accounts_at, &mut self.sources, &mut diagnostics)?;
                let Some(organization) = loaded else {
                    return Err(CliError::Mistakes(Box::new((diagnostics, self.sources))));
                };
                organization.into()
            }
        };
        self.resolve_in(accounts, diagnostics)
    }

    /// Resolves the policies against these accounts.
    pub(super) fn resolve_in(
        mut self,
        accounts: Accounts,
        mut diagnostics: Diagnostics,
    ) -> Result<(Self, ResolvedPolicies), CliError> {
        diagnostics.append(std::mem::take(&mut self.warnings));
        let named = self.policies.named_regions();
        let Ok(inventory) = assemble(accounts, &self.settings.regions, named, &self.table) else {
            // A selector that only a richer inventory can answer is the better thing to say.
            let nobody = Inventory::from_ids([], Vec::new());
            policy::resolve(&self.policies, &nobody, &mut diagnostics);
            if !diagnostics.has_errors() {
                diagnostics = Diagnostics::default();
                diagnostics.push(no_accounts());
            }
            return Err(CliError::Mistakes(Box::new((diagnostics, self.sources))));
        };
        policy::judge_waivers(&self.policies, self.today, &mut diagnostics);
        let desired = policy::resolve(&self.policies, &inventory, &mut diagnostics);
        if diagnostics.has_errors() {
            return Err(CliError::Mistakes(Box::new((diagnostics, self.sources))));
        }
        Ok((self, ResolvedPolicies { desired, inventory, warnings: diagnostics }))
    }

    /// The settings file, as shown, where there is one.
    pub(super) fn settings_file(&self) -> Option<String> {
        self.settings.file.as_deref().map(|file| display_path(file, &self.here))
    }

    /// The policy files of the settings, whether this run reads them or not.
    pub(super) fn settings_policies(&self) -> Vec<PathBuf> {
        let found = policy::find(&self.settings.policies, &self.here, &mut Diagnostics::default());
        let on_disk = found.into_iter().filter_map(|found| match found.content {
            Content::OnDisk(path) => Some(path),
            Content::InMemory(_) | Content::TooLarge => None,
        });
        on_disk.collect()
    }

    /// Lets the caller be an account that the policies list, or one of `others`, or one that nobody knows: without credentials
    /// it may be any of them.
    pub(super) fn for_any_caller(&mut self, others: impl IntoIterator<Item = AccountId>) {
        let listed = self.policies.declared_accounts().into_iter().chain(others).chain([AccountId::NOBODY]);
        self.settings.accounts = AccountsSource::Listed(listed.collect());
    }

    /// The files that were read.
    pub(super) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Gives the files away.
    pub(super) fn into_sources(self) -> Sources {
        self.sources
    }

    /// Tells the warnings about the files, which hold whatever is selected, unless the user wants it quiet.
    pub(super) fn tell_file_warnings(&self, common: &Common) {
        if !common.quiet && !self.warnings.is_empty() {
            stderr(&render(&self.warnings, &self.sources, rendering(common)));
        }
    }

    /// Tells the doubts on standard error, unless the user wants it quiet.
    pub(super) fn tell_warnings(&self, resolved: &ResolvedPolicies, common: &Common) {
        if !common.quiet && !resolved.warnings.is_empty() {
            stderr(&render(&resolved.warnings, &self.sources, rendering(common)));
        }
    }
}

/// Loads a saved inventory. One that does not exist may be a word with a slip in it.
fn saved(
    path: &Path,
    named_at: Option<Span>,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Result<Option<Organization>, CliError> {
    let here = here()?;
    let shown = display_path(path, &here);
    if !matches!(path.try_exists(), Ok(false)) {
        return Ok(load_saved(path, &shown, sources, diagnostics));
    }
    let word = path.file_name().and_then(|name| name.to_str()).and_then(|name| nearest(name, AccountsSource::WORDS));
    let help = word.map_or_else(
        || format!("`driftline inventory --out {shown}` makes one"),
        |word| format!("did you mean \"{word}\"? Any text that is none of the words is the path of a saved inventory"),
    );
    let mut diagnostic = Diagnostic::error(Code::FileNotFound, format!("there is no saved inventory {shown}"));
    if let Some(span) = named_at {
        diagnostic = diagnostic.label(span, "named here");
    }
    let words = AccountsSource::WORDS.map(|word| format!("\"{word}\"")).join(", ");
    diagnostics.push(diagnostic.help(format!("{help}; the words are {words}")));
    Ok(None)
}

/// The folder of the policies where the settings name none.
pub(super) fn default_policies(settings: &Settings, here: &Path) -> PathBuf {
    settings.file.as_deref().and_then(Path::parent).unwrap_or(here).join(POLICIES)
}

fn here() -> Result<PathBuf, CliError> {
    std::env::current_dir()
        .map_err(|cause| CliError::System { what: "the folder in which driftline runs cannot be told", cause })
}

fn no_accounts() -> Diagnostic {
    Diagnostic::error(Code::NoAccounts, "the policies list no account id, so there is no account to check").help(
        "list ids under `accounts` in a declaration, or set `[inventory] accounts` in driftline.toml to \"caller\" (the \
         account of the credentials), to \"organization\" (every account of its organization) or to a list of ids",
    )
}
