//! `driftline validate --all FOLDER`: every policy set of a repository.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::arguments::Common;
use super::collision::keep;
use super::error::CliError;
use super::exit::ExitStatus;
use super::output::stderr;
use super::reports::{NO_PLAN, write_each};
use super::terminal::rendering;
use super::validate::{ValidateArguments, check, tell_findings, verdict};
use super::validation_report::{Checked, Findings, write_diagnostics_json};
use super::workspace::Workspace;
use crate::config::FILE_NAME;
use crate::document::{LeftOut, Walk, display_path, warn_of_left_out};
use crate::report::{Format, ReportRequest, pluralize, terminal};

pub(super) fn run(
    folder: &Path,
    common: &Common,
    arguments: &ValidateArguments,
    wanted: &[ReportRequest],
) -> Result<ExitStatus, CliError> {
    let (settings, left_out) = settings_files(folder)?;
    let mut sets: Vec<Checked> = Vec::new();
    if settings.is_empty() {
        // The set is the folder itself, and says what it leaves out.
        sets.push(one(None, folder, &[], common, arguments)?);
    }
    for (nth, file) in settings.iter().enumerate() {
        let left_out = if nth == 0 { left_out.as_slice() } else { &[] };
        sets.push(one(Some(file), file.parent().unwrap_or(folder), left_out, common, arguments)?);
    }
    for set in &sets {
        keep(wanted, &set.findings.sources, &[])?;
    }
    let lines: Vec<(bool, String)> = sets.iter().map(|set| line(set, arguments.deny_warnings)).collect();
    let valid = lines.iter().filter(|(valid, _)| *valid).count();
    write_each(wanted, NO_PLAN, &|format, _, out| {
        if format == Format::Json {
            return write_diagnostics_json(&sets, valid == sets.len(), out);
        }
        for (_, line) in &lines {
            writeln!(out, "{line}")?;
        }
        writeln!(out, "{}: {valid} valid, {} invalid", pluralize(sets.len(), "policy set"), sets.len() - valid)
    })?;
    Ok(if valid == sets.len() { ExitStatus::Clean } else { ExitStatus::Error })
}

/// The settings files below a folder, hidden folders aside, sorted, and what was not searched for them.
fn settings_files(folder: &Path) -> Result<(Vec<PathBuf>, Vec<LeftOut>), CliError> {
    let mut walk = Walk::default();
    walk.folder(folder, &|below| below.file_name().is_some_and(|name| name == FILE_NAME));
    let left_out = walk.left_out(&BTreeSet::new());
    // A folder that cannot be looked into may hold a policy set, which must not pass as valid.
    if !walk.endless.is_empty() {
        return Err(CliError::Endless { folder: folder.display().to_string(), why: walk.endless_because() });
    }
    if let Some((_, cause)) = walk.unreadable.into_iter().next() {
        return Err(CliError::System { what: "a folder cannot be searched for policy sets", cause });
    }
    walk.files.sort();
    Ok((walk.files, left_out))
}

/// Checks one policy set: that of a settings file, or the folder itself. `left_out` is what the search for settings files left
/// out, for the set that is the first.
fn one(
    settings: Option<&Path>,
    folder: &Path,
    left_out: &[LeftOut],
    common: &Common,
    arguments: &ValidateArguments,
) -> Result<Checked, CliError> {
    let ground = Workspace::find(settings, &arguments.given)?;
    let here = ground.here.clone();
    // Where the settings list no policies, and there is no folder of them beside them, they lie beside them.
    let listed = if settings.is_some() { ground.settings.policies.clone() } else { Vec::new() };
    let paths = if listed.is_empty() { vec![folder.to_owned()] } else { listed };
    let name = display_path(folder, &here);
    let settings_file = settings.map(|file| display_path(file, &here));
    let mut checked = check(name.clone(), ground, &paths).or_else(|failure| {
        // The other sets are still worth checking.
        stderr(&failure.text(rendering(common)));
        let failure = Some(failure.to_string());
        Ok::<_, CliError>(Checked { name, settings_file, holds: None, failure, findings: Findings::default() })
    })?;
    // The set itself says what is left out of its policies.
    let elsewhere =
        left_out.iter().filter(|entry| !paths.iter().any(|path| here.join(&entry.path).starts_with(here.join(path))));
    warn_of_left_out(&elsewhere.cloned().collect::<Vec<_>>(), &here, &mut checked.findings.diagnostics);
    tell_findings(&checked, common);
    Ok(checked)
}

/// What is said of a policy set, and whether it is valid.
fn line(checked: &Checked, deny_warnings: bool) -> (bool, String) {
    let name = terminal(&checked.name);
    if let Some(failure) = &checked.failure {
        return (false, format!("invalid  {name}: {}", terminal(failure)));
    }
    match verdict(checked, deny_warnings) {
        Ok(holds) => (true, format!("valid    {name}: {holds}")),
        Err(why) => (false, format!("invalid  {name}: {why}")),
    }
}
