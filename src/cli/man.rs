//! `driftline man`: prints or writes manual pages.

use std::path::PathBuf;

use clap::Args;

use super::error::CliError;
use super::exit::ExitStatus;
use super::help_headings::OUTPUT;
use super::manual::{page, page_date, pages};
use super::output::stdout;
use super::roff_page::MARK;
use super::run_context::RunContext;
use crate::files::{FolderFiles, NewFile, write_folder};
use crate::report::{pluralize, terminal};

/// Print a manual page, or write all of them
///
/// The pages are about the program, each command, and two file formats: driftline.toml (settings) and policy. Their date is that
/// of the release, or of SOURCE_DATE_EPOCH.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline man check | man -l -                 read a page\n  \
    driftline man policy > driftline-policy.5      write one\n  \
    driftline man --out man                        write every page")]
pub(super) struct ManArgs {
    /// Command or file format of the page, such as check, driftline.toml or policy; by default the program
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Write every page to this folder, each in a file with its section, such as driftline-check.1
    #[arg(long, value_name = "DIR", help_heading = OUTPUT, conflicts_with = "name")]
    out: Option<PathBuf>,
}

pub(super) fn run(context: &RunContext, args: &ManArgs, mut program: clap::Command) -> Result<ExitStatus, CliError> {
    program.build();
    let date = page_date()?.to_string();
    if let Some(folder) = &args.out {
        let pages = pages(&program, &date);
        let count = pluralize(pages.len(), "page");
        let files = pages.into_iter().map(|page| Ok((page.file, page.text.into_bytes())));
        write_folder(folder, files, FolderFiles { is_ours, mark: MARK, new: NewFile::Ordinary })?;
        if !context.global.quiet {
            let shown = terminal(&folder.display().to_string()).into_owned();
            stdout(|out| writeln!(out, "wrote {count} to {shown}"))?;
        }
        return Ok(ExitStatus::Clean);
    }
    let name = args.name.as_deref().unwrap_or(program.get_name());
    let text = page(&program, name, &date)?;
    stdout(|out| out.write_all(text.as_bytes()))?;
    Ok(ExitStatus::Clean)
}

/// Whether a file has the name of a page, of this version or of an earlier one.
fn is_ours(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(stem, section)| stem.starts_with("driftline") && matches!(section, "1" | "5"))
}
