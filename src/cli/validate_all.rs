//! `driftline validate --all FOLDER`: every policy set of a repository.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::arguments::Common;
use super::collision::keep;
use super::exit::Exit;
use super::failure::Failure;
use super::inputs::Ground;
use super::outlet::tell;
use super::reports::{NO_PLAN, write_each};
use super::terminal::rendering;
use super::validate::{ValidateArguments, check, tell_findings, verdict};
use crate::document::shown_path;
use crate::offline::{Checked, Findings, write_diagnostics_json};
use crate::report::{Format, Wanted, counted, terminal};
use crate::settings::FILE_NAME;

pub(super) fn run(
    folder: &Path,
    common: &Common,
    arguments: &ValidateArguments,
    wanted: &[Wanted],
) -> Result<Exit, Failure> {
    let settings = settings_files(folder)?;
    let mut sets: Vec<Checked> = Vec::new();
    if settings.is_empty() {
        sets.push(one(None, folder, common, arguments)?);
    }
    for file in &settings {
        sets.push(one(Some(file), file.parent().unwrap_or(folder), common, arguments)?);
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
        writeln!(out, "{}: {valid} valid, {} invalid", counted(sets.len(), "policy set"), sets.len() - valid)
    })?;
    Ok(if valid == sets.len() { Exit::Clean } else { Exit::NothingToSay })
}

/// The settings files below a folder, hidden folders aside, sorted.
fn settings_files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let visible = |entry: &walkdir::DirEntry| {
        entry.depth() == 0 || !entry.file_name().to_str().is_some_and(|name| name.starts_with('.'))
    };
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name().into_iter().filter_entry(visible) {
        // A folder that cannot be looked into may hold a policy set, which must not pass as valid.
        let entry = entry.map_err(|error| Failure::System {
            what: "a folder cannot be searched for policy sets",
            cause: error.into(),
        })?;
        if entry.file_name() == FILE_NAME {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

/// Checks one policy set: that of a settings file, or the folder itself.
fn one(
    settings: Option<&Path>,
    folder: &Path,
    common: &Common,
    arguments: &ValidateArguments,
) -> Result<Checked, Failure> {
    let ground = Ground::of(settings, &arguments.given)?;
    // Where the settings list no policies, they lie beside them.
    let listed = if settings.is_some() { ground.settings.policies.clone() } else { Vec::new() };
    let paths = if listed.is_empty() { vec![folder.to_owned()] } else { listed };
    let name = shown_path(folder, &ground.here);
    let checked = check(name.clone(), ground, &paths).or_else(|failure| {
        // The other sets are still worth checking.
        tell(&failure.text(rendering(common)));
        let failure = Some(failure.to_string());
        Ok::<_, Failure>(Checked { name, holds: None, failure, findings: Findings::default() })
    })?;
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
