//! `driftline man` and `driftline completions`, generated from the command line.

use clap::Args;
use clap_complete::Shell;

use super::error::CliError;
use super::exit::ExitStatus;
use super::output::stdout;

/// Print a manual page, in roff
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  driftline man > driftline.1\n  driftline man check | man -l -")]
pub(super) struct ManArgs {
    /// Command to print the page of; by default the program
    #[arg(value_name = "COMMAND", value_parser = names())]
    command: Option<String>,
}

fn names() -> clap::builder::PossibleValuesParser {
    const NAMES: &[&str] = &[
        "check",
        "plan",
        "apply",
        "rollback",
        "report",
        "snapshot",
        "validate",
        "doctor",
        "explain",
        "diff",
        "targets",
        "init",
        "inventory",
        "iam-policy",
        "schema",
        #[cfg(feature = "simulator")]
        "simulate",
        "completions",
        "man",
    ];
    clap::builder::PossibleValuesParser::new(NAMES)
}

pub(super) fn run_man(args: &ManArgs, mut program: clap::Command) -> Result<ExitStatus, CliError> {
    program.build();
    let page = match &args.command {
        None => program,
        Some(name) => program.find_subcommand(name).cloned().unwrap_or(program),
    };
    stdout(|out| clap_mangen::Man::new(page).render(out))?;
    Ok(ExitStatus::Clean)
}

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_long_help = "Example:\n  driftline completions bash > /etc/bash_completion.d/driftline")]
pub(super) struct CompletionsArgs {
    /// Shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub(super) fn run_completions(args: &CompletionsArgs, mut program: clap::Command) -> Result<ExitStatus, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut program, "driftline", &mut script);
    stdout(|out| out.write_all(&script))?;
    Ok(ExitStatus::Clean)
}
