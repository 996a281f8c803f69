//! `driftline init`: a starter project.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use path_clean::PathClean as _;

use super::error::CliError;
use super::exit::ExitStatus;
use super::output::stdout;
use super::run_context::RunContext;
use super::schema::{policy_schema, settings_schema};
use crate::files::{self, NewFile, WriteErrorKind};
use crate::report::{Paint, terminal};

type SchemaFn = fn() -> serde_json::Value;

/// JSON Schemas in the project, which editors find without a network.
const SCHEMAS: [(&str, SchemaFn); 2] =
    [(".driftline/policy.schema.json", policy_schema), (".driftline/settings.schema.json", settings_schema)];

/// The file that keeps plans, journals and state files out of Git.
const IGNORE_FILE: &str = ".gitignore";

/// Create a starter project: settings, a policy, a simulated AWS to try it on, and a CI job
///
/// Never overwrites a file: if one of them exists, nothing is written. An existing .gitignore is kept.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline init\n  \
    driftline init macie && cd macie && driftline check --simulate world.yaml")]
pub(super) struct InitArgs {
    /// Project folder; created if it does not exist
    #[arg(value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
}

pub(super) fn run(context: &RunContext, args: &InitArgs) -> Result<ExitStatus, CliError> {
    let folder = &args.folder;
    let mut starter = starter_files();
    // Most repositories have one: it is no reason to write nothing.
    let keeps_ignore_file = folder.join(IGNORE_FILE).symlink_metadata().is_ok();
    starter.retain(|(path, _)| !(keeps_ignore_file && *path == IGNORE_FILE));
    let existing: Vec<String> = starter
        .iter()
        .map(|(path, _)| folder.join(path).clean())
        .filter(|path| path.symlink_metadata().is_ok())
        .map(|path| path.display().to_string())
        .collect();
    if !existing.is_empty() {
        return Err(CliError::WouldOverwrite(existing));
    }
    write(folder, &starter)
        .map_err(|cause| CliError::UnwritableProject { folder: folder.display().to_string(), cause })?;
    if context.global.quiet {
        return Ok(ExitStatus::Clean);
    }
    stdout(|out| {
        for (path, _) in &starter {
            writeln!(out, "wrote {}", terminal(&folder.join(path).clean().to_string_lossy()))?;
        }
        if keeps_ignore_file {
            let ignored = include_str!("starter/gitignore").lines().filter(|line| !line.starts_with('#'));
            writeln!(
                out,
                "kept {}; add what Git should ignore:",
                terminal(&folder.join(IGNORE_FILE).clean().to_string_lossy())
            )?;
            ignored.into_iter().try_for_each(|line| writeln!(out, "  {line}"))?;
        }
        write_next_steps(folder, context.paint(), out)
    })?;
    Ok(ExitStatus::Clean)
}

/// Writes all files, or removes the written ones if one fails.
fn write(folder: &Path, starter: &[(&str, String)]) -> Result<(), WriteErrorKind> {
    let mut written: Vec<PathBuf> = Vec::new();
    let mut made: Vec<PathBuf> = Vec::new();
    let mut attempt = || -> Result<(), WriteErrorKind> {
        for (path, text) in starter {
            let path = folder.join(path);
            make_folders(path.parent().unwrap_or(folder), &mut made)?;
            // A file that appeared after the check is not overwritten either.
            files::create(&path, NewFile::Ordinary, text.as_bytes()).map_err(|error| error.cause)?;
            written.push(path);
        }
        Ok(())
    };
    let outcome = attempt();
    if outcome.is_err() {
        for path in &written {
            let _ = fs::remove_file(path);
        }
        for folder in made.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
    outcome
}

/// Creates a folder and its missing parents, and records them.
fn make_folders(folder: &Path, made: &mut Vec<PathBuf>) -> io::Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder.parent() {
        make_folders(above, made)?;
    }
    fs::create_dir(folder)?;
    made.push(folder.to_owned());
    Ok(())
}

/// Writes what to do next.
fn write_next_steps(folder: &Path, paint: Paint, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "\n{}", paint.strong("Next"))?;
    if folder != Path::new(".") {
        writeln!(out, "  cd {}", terminal(&folder.to_string_lossy()))?;
    }
    for (command, purpose) in [
        ("driftline check --simulate world.yaml", "try it on a simulated AWS; exit code 2, because there is drift"),
        ("driftline validate", "find errors after a change, offline"),
        ("driftline diff --base HEAD", "show the effect of a policy change"),
        ("driftline check", "check the account of your credentials"),
    ] {
        writeln!(out, "  {command:<38}  {}", paint.faint(purpose))?;
    }
    Ok(())
}

/// Files of the project: path and text.
fn starter_files() -> Vec<(&'static str, String)> {
    let mut files: Vec<(&str, String)> = [
        ("driftline.toml", include_str!("starter/driftline.toml")),
        ("policies/macie.yaml", include_str!("starter/policies/macie.yaml")),
        ("world.yaml", include_str!("starter/world.yaml")),
        (IGNORE_FILE, include_str!("starter/gitignore")),
        (".taplo.toml", include_str!("starter/taplo.toml")),
        (".github/workflows/macie.yml", include_str!("starter/workflow.yml")),
    ]
    .map(|(path, text)| (path, text.to_owned()))
    .to_vec();
    // Schemas are generated: a stored one could be out of date.
    files.extend(SCHEMAS.map(|(path, schema)| (path, format!("{:#}\n", schema()))));
    files
}
