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
use crate::config::FILE_NAME;
use crate::files::{self, NewFile, WriteErrorKind};
use crate::model::Clock;
use crate::report::{Paint, terminal};

type SchemaFn = fn() -> serde_json::Value;

/// JSON Schemas in the project, which editors find without a network.
const SCHEMAS: [(&str, SchemaFn); 2] =
    [(".driftline/policy.schema.json", policy_schema), (".driftline/settings.schema.json", settings_schema)];

/// The file that keeps plans, journals and state files out of Git.
const IGNORE_FILE: &str = ".gitignore";

/// Create a starter project: settings, a policy, a simulated AWS to try it on, a CI job and a pre-commit hook
///
/// Never overwrites a file: if one of them exists, nothing is written. Only .gitignore, .pre-commit-config.yaml and accounts.json
/// may exist, and are kept.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline init\n  \
    driftline init macie && cd macie && driftline check --simulate world.yaml\n  \
    driftline init macie --organization   for every account of an organization")]
pub(super) struct InitArgs {
    /// Project folder; created if it does not exist
    #[arg(value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
    /// Check every account of the organization, with a saved inventory for the commands that do not call AWS and a job that
    /// refreshes it
    #[arg(long)]
    organization: bool,
}

/// File of a starter project.
struct StarterFile {
    path: &'static str,
    text: String,
    /// Whether a file that exists is kept, because projects often have one.
    keeps_existing: bool,
}

pub(super) fn run(context: &RunContext, args: &InitArgs) -> Result<ExitStatus, CliError> {
    let folder = &args.folder;
    let exists = |file: &StarterFile| folder.join(file.path).symlink_metadata().is_ok();
    let shown = |file: &StarterFile| folder.join(file.path).clean().display().to_string();
    let (existing, starter): (Vec<_>, Vec<_>) = starter_files(args.organization).into_iter().partition(exists);
    if existing.iter().any(|file| !file.keeps_existing) {
        let in_the_way = existing.iter().filter(|file| !file.keeps_existing);
        return Err(CliError::WouldOverwrite(in_the_way.map(shown).collect()));
    }
    write(folder, &starter)
        .map_err(|cause| CliError::UnwritableProject { folder: folder.display().to_string(), cause })?;
    if context.global.quiet {
        return Ok(ExitStatus::Clean);
    }
    stdout(|out| {
        for (word, files) in [("wrote", &starter), ("kept", &existing)] {
            for file in files {
                writeln!(out, "{word} {}", terminal(&shown(file)))?;
            }
        }
        if existing.iter().any(|file| file.path == IGNORE_FILE) {
            writeln!(out, "\nLines to add to {IGNORE_FILE}")?;
            let lines = include_str!("starter/gitignore").lines().filter(|line| !line.starts_with('#'));
            lines.into_iter().try_for_each(|line| writeln!(out, "  {line}"))?;
        }
        write_next_steps(args, context.paint(), out)
    })?;
    Ok(ExitStatus::Clean)
}

/// Writes all files, or removes the written ones if one fails.
fn write(folder: &Path, starter: &[StarterFile]) -> Result<(), WriteErrorKind> {
    let mut written: Vec<PathBuf> = Vec::new();
    let mut made: Vec<PathBuf> = Vec::new();
    let mut attempt = || -> Result<(), WriteErrorKind> {
        for file in starter {
            let path = folder.join(file.path);
            make_folders(path.parent().unwrap_or(folder), &mut made)?;
            // A file that appeared after the check is not overwritten either.
            files::create(&path, NewFile::Ordinary, file.text.as_bytes()).map_err(|error| error.cause)?;
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
fn write_next_steps(args: &InitArgs, paint: Paint, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "\n{}", paint.strong("Next"))?;
    if args.folder != Path::new(".") {
        writeln!(out, "  cd {}", terminal(&args.folder.to_string_lossy()))?;
    }
    let save =
        ("driftline inventory --out accounts.json", "replace the simulated accounts with those of your organization");
    let check = if args.organization { "check every account of it" } else { "check the account of your credentials" };
    let steps = [
        ("driftline check --simulate world.yaml", "try it on a simulated AWS; exit code 2, because there is drift"),
        save,
        ("driftline validate", "find errors after a change, offline"),
        ("driftline diff --base HEAD", "show the effect of a policy change"),
        ("driftline check", check),
    ];
    for (command, purpose) in steps.into_iter().filter(|step| args.organization || *step != save) {
        writeln!(out, "  {command:<39}  {}", paint.faint(purpose))?;
    }
    if args.organization {
        let why = "the delegated Macie administrator, so that `apply` enables Macie as its members";
        writeln!(out, "  {:<39}  {}", "set administrator_account under [aws]", paint.faint(why))?;
    }
    Ok(())
}

/// Files of the project.
fn starter_files(organization: bool) -> Vec<StarterFile> {
    let file = |path, text: &str| StarterFile { path, text: text.to_owned(), keeps_existing: false };
    let optional = |path, text: &str| StarterFile { keeps_existing: true, ..file(path, text) };
    let settings = include_str!("starter/driftline.toml");
    let settings = if organization { settings_for_organization(settings) } else { settings.to_owned() };
    let mut files = vec![
        file(FILE_NAME, &settings),
        file("policies/macie.yaml", include_str!("starter/policies/macie.yaml")),
        file("world.yaml", include_str!("starter/world.yaml")),
        file(".taplo.toml", include_str!("starter/taplo.toml")),
        file(".github/workflows/macie.yml", include_str!("starter/workflow.yml")),
        optional(IGNORE_FILE, include_str!("starter/gitignore")),
        optional(".pre-commit-config.yaml", include_str!("starter/pre-commit-config.yaml")),
    ];
    if organization {
        // The accounts of world.yaml, so that every command works before those of the organization are saved.
        let accounts = include_str!("starter/accounts.json")
            .replace("{version}", env!("CARGO_PKG_VERSION"))
            .replace("{taken_at}", &Clock::System.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        files.push(optional("accounts.json", &accounts));
        files.push(file(".github/workflows/macie-inventory.yml", include_str!("starter/inventory.yml")));
    }
    // Schemas are generated: a stored one could be out of date.
    files.extend(SCHEMAS.map(|(path, schema)| file(path, &format!("{:#}\n", schema()))));
    files
}

/// The settings with the organization as the inventory, and with a saved inventory to stand in for it.
fn settings_for_organization(settings: &str) -> String {
    let accounts = settings.replace("\naccounts = \"caller\"\n", "\naccounts = \"organization\"\n");
    accounts.replace("\n# offline = ", "\noffline = ")
}
