//! First steps of most commands: settings, policies, inventory, desired state.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::civil::Date;

use super::environment::{self, EXTERNAL_ID};
use super::error::CliError;
use super::reserved_paths::{ReservedPath, ensure_not_overwritten};
use super::run_context::RunContext;
use crate::apply::CurrentPolicies;
use crate::aws::ExternalId;
use crate::config::{self, Settings};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, render};
use crate::document::display_path;
use crate::inventory::{AccountsSource, OfflineInventory, Organization};
use crate::model::{AccountId, Clock, DesiredState, Inventory, RegionTable, Resource};
use crate::policy::{self, Content, PolicyFile, PolicySet};
use crate::report::{ReportRequest, pluralize};
use crate::resource::catalog;

/// Default name of the policy folder.
const POLICIES: &str = "policies";

/// What the commands that resolve policies take as given.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct PolicyContextArgs {
    /// Evaluate waivers as of this day (UTC), such as 2027-03-31, instead of today
    #[arg(long, value_name = "DATE")]
    pub(super) as_of: Option<Date>,
    /// Accounts to use: a file saved by `driftline inventory`, or a keyword; overrides driftline.toml
    #[arg(long, value_name = "FILE|organization|caller|declared", value_parser = parse_inventory)]
    pub(super) inventory: Option<AccountsSource>,
}

fn parse_inventory(text: &str) -> Result<AccountsSource, &'static str> {
    if text.is_empty() {
        Err("it is empty")
    } else if text.parse::<AccountId>().is_ok() {
        Err("it is an account id; a list of ids goes under `[inventory] accounts` in driftline.toml")
    } else {
        Ok(AccountsSource::parse(text))
    }
}

/// Loaded settings and working directory. Their errors are reported together with policy errors.
pub(super) struct Workspace {
    pub(super) here: PathBuf,
    pub(super) settings: Settings,
    pub(super) saved_then: Option<(String, Vec<u8>)>,
    /// Whether the command calls no AWS.
    pub(super) is_offline: bool,
    table: RegionTable,
    today: Date,
    pub(super) sources: Sources,
    pub(super) diagnostics: Diagnostics,
}

/// Settings and policies of a run, free of errors.
pub(super) struct LoadedConfig {
    pub(super) settings: Settings,
    pub(super) table: RegionTable,
    pub(super) policies: PolicySet,
    /// The day by which waivers expire.
    pub(super) today: Date,
    /// The resources of which every setting is read, declared or not.
    pub(super) in_full: BTreeSet<Resource>,
    /// The caller's organization, once it is listed.
    pub(super) organization: Option<Organization>,
    /// Displayed path and content of the saved inventory, if it is not the one on disk today.
    pub(super) saved_then: Option<(String, Vec<u8>)>,
    /// The saved inventory that stood in for the organization, once the policies are resolved.
    pub(super) stand_in: Option<OfflineInventory>,
    /// Folders of the Git repository whose revision is read.
    pub(super) git_folders: Vec<PathBuf>,
    /// Warnings about the files, whatever the inventory is.
    pub(super) warnings: Diagnostics,
    pub(super) here: PathBuf,
    pub(super) sources: Sources,
}

/// Desired state of an inventory, with the warnings about it.
pub(super) struct ResolvedPolicies {
    pub(super) desired: DesiredState,
    pub(super) inventory: Inventory,
    pub(super) warnings: Diagnostics,
}

/// Loads settings and policies, and reports the errors of all files at once.
pub(super) fn load(
    context: &RunContext,
    named: &[PathBuf],
    args: &PolicyContextArgs,
) -> Result<LoadedConfig, CliError> {
    Workspace::find(context.config()?, args)?.load_named(named)
}

impl Workspace {
    /// Loads the named settings file, or the nearest one.
    pub(super) fn find(config: Option<&Path>, args: &PolicyContextArgs) -> Result<Self, CliError> {
        let here = working_directory()?;
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let mut settings = config::load(config, &here, &mut sources, &mut diagnostics);
        let default = default_policies(&settings, &here);
        // A dangling link counts, so that it is reported.
        if settings.policies.is_empty() && (default.is_dir() || default.is_symlink()) {
            settings.policies.push(default);
        }
        Self::with_settings(here, settings, args, sources, diagnostics)
    }

    /// Applies the environment and the command line to loaded settings.
    pub(super) fn with_settings(
        here: PathBuf,
        mut settings: Settings,
        args: &PolicyContextArgs,
        sources: Sources,
        diagnostics: Diagnostics,
    ) -> Result<Self, CliError> {
        if let Some(id) = environment::value(&EXTERNAL_ID) {
            let id: Option<ExternalId> = id.to_str().and_then(|id| id.parse().ok());
            settings.aws.external_id = Some(id.ok_or(CliError::ExternalId)?);
        }
        if let Some(source) = &args.inventory {
            settings.accounts = match source {
                AccountsSource::Saved(path) => AccountsSource::Saved(here.join(path)),
                source => source.clone(),
            };
            settings.accounts_at = None;
        }
        let table = settings.region_table();
        let today = args.as_of.unwrap_or_else(|| Clock::System.today());
        Ok(Self { here, settings, saved_then: None, is_offline: false, table, today, sources, diagnostics })
    }

    /// The workspace of a command that does not call AWS: a saved inventory may stand in for the organization.
    pub(super) fn offline(mut self) -> Self {
        self.is_offline = true;
        self.settings.use_offline_inventory();
        self
    }

    /// The same settings for another side of a comparison, without their errors and warnings, which one side reports.
    pub(super) fn with_reported_errors(&self, here: PathBuf) -> Self {
        Self {
            here,
            settings: self.settings.clone(),
            saved_then: None,
            is_offline: self.is_offline,
            table: self.table.clone(),
            today: self.today,
            sources: self.sources.clone(),
            diagnostics: Diagnostics::default(),
        }
    }

    /// Policy paths: the named ones, or those of the settings.
    pub(super) fn paths(&self, named: &[PathBuf]) -> Result<Vec<PathBuf>, CliError> {
        let paths = if named.is_empty() { &self.settings.policies } else { named };
        // An error in the settings may be why there are none, and is the better thing to report.
        if paths.is_empty() && !self.diagnostics.has_errors() {
            return Err(CliError::NoPolicy);
        }
        Ok(paths.to_vec())
    }

    /// The configured policy files that these paths leave out, as displayed; `None` if no policies are configured.
    pub(super) fn left_out(&self, paths: &[PathBuf]) -> Option<Vec<String>> {
        let configured = &self.settings.policies;
        (!configured.is_empty()).then(|| policy::left_out(configured, paths, &self.here))
    }

    /// Loads the named policies, or those of the settings.
    pub(super) fn load_named(self, named: &[PathBuf]) -> Result<LoadedConfig, CliError> {
        let paths = self.paths(named)?;
        self.load(&paths)
    }

    /// Loads the policies of the paths.
    pub(super) fn load(mut self, paths: &[PathBuf]) -> Result<LoadedConfig, CliError> {
        if paths.is_empty() {
            return self.with_policies(PolicySet::default());
        }
        let set = policy::load(paths, &self.here, catalog(&self.table), &mut self.sources, &mut self.diagnostics);
        self.with_policies(set)
    }

    /// Loads policy files that were found elsewhere than on disk. There may be none.
    pub(super) fn load_found(mut self, files: &[PolicyFile]) -> Result<LoadedConfig, CliError> {
        let set = policy::load_found(files, catalog(&self.table), &mut self.sources, &mut self.diagnostics);
        self.with_policies(set)
    }

    /// Digest of the policies on disk, for comparison with those of a saved plan.
    pub(super) fn current_policies(
        &self,
        paths: &[PathBuf],
        requests: &[ReportRequest],
    ) -> Result<CurrentPolicies, CliError> {
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let paths: Vec<PathBuf> = paths.iter().map(|path| self.here.join(path)).collect();
        let set = policy::load(&paths, &self.here, catalog(&self.table), &mut sources, &mut diagnostics);
        ensure_not_overwritten(requests, &sources, [])?;
        let (errors, _) = diagnostics.counts();
        Ok(if errors == 0 {
            CurrentPolicies::Digest(set.digest)
        } else {
            CurrentPolicies::Unknown(format!("{} in them (see `driftline validate`)", pluralize(errors, "error")))
        })
    }

    fn with_policies(self, policies: PolicySet) -> Result<LoadedConfig, CliError> {
        let Self { here, settings, saved_then, table, today, sources, diagnostics, .. } = self;
        let mut config = LoadedConfig {
            settings,
            table,
            policies,
            today,
            in_full: BTreeSet::new(),
            organization: None,
            saved_then,
            stand_in: None,
            git_folders: Vec::new(),
            warnings: diagnostics,
            here,
            sources,
        };
        if config.warnings.has_errors() { Err(config.find_all_errors()) } else { Ok(config) }
    }
}

impl LoadedConfig {
    /// The warning about the age of the saved inventory that stood in for the organization.
    pub(super) fn age_warning(&self) -> Option<Diagnostic> {
        self.stand_in.as_ref()?.age_warning(Clock::System.now(), self.settings.accounts_at)
    }

    /// Prints which saved inventory stood in for the organization, with the warning about its age, unless `--quiet`.
    pub(super) fn print_stand_in(&self, context: &RunContext) {
        if let Some(stand_in) = &self.stand_in {
            context.note(&stand_in.to_string());
        }
        let mut warnings = Diagnostics::default();
        self.age_warning().into_iter().for_each(|warning| warnings.push(warning));
        self.print(&warnings, context);
    }

    /// Refuses outputs that would overwrite what the run reads, the saved inventory included.
    pub(super) fn ensure_not_overwritten(
        &self,
        requests: &[ReportRequest],
        others: impl IntoIterator<Item = ReservedPath>,
    ) -> Result<(), CliError> {
        let inventory = match &self.settings.accounts {
            AccountsSource::Saved(path) => Some(ReservedPath::input(path)),
            _ => None,
        };
        let offline = self.settings.offline.as_deref().map(ReservedPath::offline_inventory);
        self.ensure_inputs_not_overwritten(requests, others.into_iter().chain(inventory).chain(offline))
    }

    /// The same without the saved inventory, for the command that makes it.
    pub(super) fn ensure_inputs_not_overwritten(
        &self,
        requests: &[ReportRequest],
        others: impl IntoIterator<Item = ReservedPath>,
    ) -> Result<(), CliError> {
        let policies = self.settings_policies().into_iter().map(ReservedPath::policy);
        let git = self.git_folders.iter().map(|path| ReservedPath::git_folder(path));
        ensure_not_overwritten(requests, &self.sources, others.into_iter().chain(policies).chain(git))
    }

    /// Policy files of the settings, whether this run reads them or not.
    fn settings_policies(&self) -> Vec<PathBuf> {
        let found = policy::find(&self.settings.policies, &self.here, &mut Diagnostics::default());
        let on_disk = found.into_iter().filter_map(|found| match found.content {
            Content::OnDisk(path) => Some(path),
            Content::InMemory(_) | Content::TooLarge => None,
        });
        on_disk.collect()
    }

    /// The settings file as displayed, if there is one.
    pub(super) fn settings_file(&self) -> Option<String> {
        self.settings.file.as_deref().map(|file| display_path(file, &self.here))
    }

    /// Sets the inventory to the declared accounts, the given ones, and an unknown one: without credentials, the caller may be any
    /// of them.
    pub(super) fn assume_any_caller(&mut self, others: impl IntoIterator<Item = AccountId>) {
        let listed = self.policies.declared_accounts().into_iter().chain(others).chain([AccountId::UnknownCaller]);
        self.settings.accounts = AccountsSource::Listed(listed.collect());
    }

    /// Files that were read.
    pub(super) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Files that were read, without the rest.
    pub(super) fn into_sources(self) -> Sources {
        self.sources
    }

    /// Prints the warnings about the files, unless `--quiet`.
    pub(super) fn print_file_warnings(&self, context: &RunContext) {
        self.print(&self.warnings, context);
    }

    /// Prints the warnings about the resolved policies, unless `--quiet`.
    pub(super) fn print_warnings(&self, resolved: &ResolvedPolicies, context: &RunContext) {
        self.print(&resolved.warnings, context);
    }

    fn print(&self, warnings: &Diagnostics, context: &RunContext) {
        if !warnings.is_empty() {
            context.print_unless_quiet(&render(warnings, &self.sources, context.rendering()));
        }
    }
}

/// Policy folder if the settings name none.
pub(super) fn default_policies(settings: &Settings, here: &Path) -> PathBuf {
    settings.file.as_deref().and_then(Path::parent).unwrap_or(here).join(POLICIES)
}

fn working_directory() -> Result<PathBuf, CliError> {
    std::env::current_dir()
        .map_err(|cause| CliError::System { what: "the working directory cannot be determined", cause })
}
