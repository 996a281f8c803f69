//! Settings of a run: each value with the flag, the variable or the line that sets it.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use jiff::SignedDuration;

use super::diagnosis::{CheckId, DoctorCheck};
use crate::aws::RoleTemplate;
use crate::cli::environment::{self, EXTERNAL_ID};
use crate::cli::workspace::Workspace;
use crate::config::FILE_NAME;
use crate::document::display_path;
use crate::inventory::{AccountsSource, RegionsSource};
use crate::model::{Partition, Region};
use crate::report::{listed, pluralize};

/// Most items of a list that are named.
const NAMED: usize = 5;

/// Settings from the command line and the environment.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct CommandLine {
    /// The option or the variable that names the settings file.
    pub(super) config: Option<&'static str>,
    pub(super) has_inventory: bool,
    /// The time limit, with the option or the variable that sets it.
    pub(super) deadline: Option<(Duration, &'static str)>,
}

/// The settings file, and each setting with its origin.
pub(super) fn settings_checks(workspace: &Workspace, flags: CommandLine, named: &[String]) -> Vec<DoctorCheck> {
    let rows = Rows { workspace };
    let settings = &workspace.settings;
    let mut checks = vec![file_check(workspace, flags.config)];
    let mut add = |key: &str, value: String, origin: String| {
        checks.push(DoctorCheck::ok(CheckId::Setting, subject(key), format!("{value} ({origin})")));
    };
    let is_named = !named.is_empty();
    let policies = if is_named { named.to_vec() } else { rows.paths(&settings.policies) };
    if !policies.is_empty() {
        add("policies", listed(&policies, NAMED), rows.origin("policies", is_named, "the command line"));
    }
    let inventory = rows.origin("inventory.accounts", flags.has_inventory, "--inventory");
    add("inventory.accounts", rows.accounts(), inventory);
    if let Some(path) = &settings.offline {
        add("inventory.offline", rows.path(path), rows.place("inventory.offline"));
    }
    add("inventory.regions", regions(&settings.regions), rows.place("inventory.regions"));
    let role_key = if settings.places.contains_key("aws.role_arn") { "aws.role_arn" } else { "aws.role_name" };
    add(role_key, role(settings.aws.role.as_ref(), &settings.regions), rows.place(role_key));
    if settings.aws.apply_role.is_some() {
        let key = "aws.apply_role_name";
        add(key, role(settings.aws.apply_role.as_ref(), &settings.regions), rows.place(key));
    }
    let external_id = if settings.aws.external_id.is_some() { "set" } else { "not set" };
    let is_in_variable = environment::value(&EXTERNAL_ID).is_some();
    let origin = rows.origin("aws.external_id", is_in_variable, EXTERNAL_ID.name);
    add("aws.external_id", external_id.to_owned(), origin);
    add("aws.session_name", settings.aws.session_name.as_str().to_owned(), rows.place("aws.session_name"));
    let administrator = settings.aws.administrator_account.map_or_else(|| "none".to_owned(), |id| id.to_string());
    add("aws.administrator_account", administrator, rows.place("aws.administrator_account"));
    add("limits.concurrency", settings.concurrency.to_string(), rows.place("limits.concurrency"));
    let (deadline, by) = flags.deadline.unwrap_or((settings.deadline, ""));
    add("limits.deadline", duration(deadline), rows.origin("limits.deadline", flags.deadline.is_some(), by));
    let regions_of = |set: &Option<BTreeSet<Region>>| pluralize(set.as_ref().map_or(0, BTreeSet::len), "Region");
    for (key, value) in [
        ("apply.max_changes", settings.max_changes.to_string()),
        ("apply.max_share", settings.max_share.unwrap_or_default().to_string()),
        ("regions.macie", regions_of(&settings.macie_regions)),
        ("regions.opt_in", regions_of(&settings.opt_in_regions)),
    ] {
        if settings.places.contains_key(key) {
            add(key, value, rows.place(key));
        }
    }
    if settings.console_url.is_some() {
        add("report.console_url", "set".to_owned(), rows.place("report.console_url"));
    }
    checks
}

/// Whether there is a settings file, and whether it is valid.
fn file_check(workspace: &Workspace, named_by: Option<&str>) -> DoctorCheck {
    let (errors, warnings) = workspace.diagnostics.counts();
    let file = workspace.settings.file.as_deref().map(|file| display_path(file, &workspace.here));
    let found = match (&file, named_by) {
        (Some(file), Some(by)) => format!("{file} ({by})"),
        (Some(file), None) => file.clone(),
        (None, _) => format!("no {FILE_NAME} in this folder or above it, so the defaults count"),
    };
    let subject = "settings file";
    let config = file.filter(|_| named_by.is_some()).map_or_else(String::new, |file| format!(" --config {file}"));
    if errors > 0 {
        let detail = format!("{found}: {}", pluralize(errors, "error"));
        DoctorCheck::error(CheckId::Settings, subject, detail).fix(format!("driftline validate{config}"))
    } else if warnings > 0 {
        let detail = format!("{found}: {}", pluralize(warnings, "warning"));
        DoctorCheck::warning(CheckId::Settings, subject, detail).fix(format!("driftline validate{config}"))
    } else {
        DoctorCheck::ok(CheckId::Settings, subject, found)
    }
}

/// `aws.role_name` as the file has it: `[aws] role_name`.
fn subject(key: &str) -> String {
    key.split_once('.').map_or_else(|| key.to_owned(), |(table, key)| format!("[{table}] {key}"))
}

/// The ARN of a role, in the partition of the first listed Region.
fn role(role: Option<&RoleTemplate>, regions: &RegionsSource) -> String {
    let listed = match regions {
        RegionsSource::Listed(regions) => regions.iter().next(),
        RegionsSource::Macie => None,
    };
    let partition = listed.map_or(Partition::Aws, Region::partition).as_str();
    role.map_or_else(|| "none".to_owned(), |role| role.arn_anywhere(partition))
}

fn regions(source: &RegionsSource) -> String {
    match source {
        RegionsSource::Macie => "every Region where a declared resource exists".to_owned(),
        RegionsSource::Listed(regions) => {
            let names: Vec<String> = regions.iter().map(ToString::to_string).collect();
            listed(&names, NAMED)
        }
    }
}

/// A duration as the settings file has it.
fn duration(duration: Duration) -> String {
    SignedDuration::try_from(duration).map_or_else(|_| format!("{duration:?}"), |duration| format!("{duration:#}"))
}

struct Rows<'a> {
    workspace: &'a Workspace,
}

impl Rows<'_> {
    /// Line of the settings file that sets a key, or that nothing does.
    fn place(&self, key: &str) -> String {
        let span = self.workspace.settings.places.get(key);
        span.map_or_else(|| "default".to_owned(), |span| self.workspace.sources.place(*span).to_string())
    }

    /// The same, unless a flag or a variable sets it.
    fn origin(&self, key: &str, is_elsewhere: bool, elsewhere: &str) -> String {
        if is_elsewhere { elsewhere.to_owned() } else { self.place(key) }
    }

    fn path(&self, path: &Path) -> String {
        display_path(path, &self.workspace.here)
    }

    fn paths(&self, paths: &[std::path::PathBuf]) -> Vec<String> {
        paths.iter().map(|path| self.path(path)).collect()
    }

    fn accounts(&self) -> String {
        match &self.workspace.settings.accounts {
            AccountsSource::Declared => "declared".to_owned(),
            AccountsSource::Caller => "caller".to_owned(),
            AccountsSource::Organization => "organization".to_owned(),
            AccountsSource::Listed(ids) => pluralize(ids.len(), "account id"),
            AccountsSource::Saved(path) => self.path(path),
        }
    }
}
