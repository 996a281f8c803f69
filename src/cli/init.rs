//! `driftline init`: a project to start from.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use path_clean::PathClean as _;

use super::arguments::Common;
use super::error::CliError;
use super::exit::ExitStatus;
use super::output::stdout;
use super::starter;
use super::terminal::Stream;
use crate::files::{self, NewFile, WriteErrorKind};
use crate::report::{Paint, terminal};

/// Write a project to start from: settings, a policy, a simulated AWS to try it on, and a CI job
///
/// Never writes over a file: if one of them exists, nothing is written.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline init\n  \
    driftline init macie && cd macie && driftline check --simulate world.yaml")]
pub(super) struct InitArguments {
    /// The folder; made if it does not exist
    #[arg(value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
}

pub(super) fn run(common: &Common, arguments: &InitArguments) -> Result<ExitStatus, CliError> {
    let folder = &arguments.folder;
    let starter = starter::files();
    let in_the_way: Vec<String> = starter
        .iter()
        .map(|(path, _)| folder.join(path).clean())
        .filter(|path| path.symlink_metadata().is_ok())
        .map(|path| path.display().to_string())
        .collect();
    if !in_the_way.is_empty() {
        return Err(CliError::WouldOverwrite(in_the_way));
    }
    write(folder, &starter)
        .map_err(|cause| CliError::UnwritableProject { folder: folder.display().to_string(), cause })?;
    if common.quiet {
        return Ok(ExitStatus::Clean);
    }
    let paint = Stream::Output.paint(common.color);
    stdout(|out| {
        for (path, _) in &starter {
            writeln!(out, "wrote {}", terminal(&folder.join(path).clean().to_string_lossy()))?;
        }
        next(folder, paint, out)
    })?;
    Ok(ExitStatus::Clean)
}

/// Writes all files or none: what was written goes again if one of them cannot be.
fn write(folder: &Path, starter: &[(&str, String)]) -> Result<(), WriteErrorKind> {
    let mut written: Vec<PathBuf> = Vec::new();
    let mut made: Vec<PathBuf> = Vec::new();
    let mut attempt = || -> Result<(), WriteErrorKind> {
        for (path, text) in starter {
            let path = folder.join(path);
            make_folders(path.parent().unwrap_or(folder), &mut made)?;
            // A file that appeared since the check is not written over either.
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

/// Makes a folder and those above it that are missing, and remembers which.
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

/// What to do next.
fn next(folder: &Path, paint: Paint, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "\n{}", paint.strong("Next"))?;
    if folder != Path::new(".") {
        writeln!(out, "  cd {}", terminal(&folder.to_string_lossy()))?;
    }
    for (command, what) in [
        ("driftline check --simulate world.yaml", "try it on a simulated AWS; exit code 2, as it shows drift"),
        ("driftline validate", "find mistakes after a change; needs no AWS"),
        ("driftline diff --base HEAD", "see what a change of policies changes"),
        ("driftline check", "read the account of your credentials"),
    ] {
        writeln!(out, "  {command:<38}  {}", paint.faint(what))?;
    }
    Ok(())
}
