//! `driftline completions`: completion scripts for shells.

use clap::Args;
use clap_complete::Shell;

use super::error::CliError;
use super::exit::ExitStatus;
use super::output::stdout;

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_long_help = "Example:\n  driftline completions bash > /etc/bash_completion.d/driftline")]
pub(super) struct CompletionsArgs {
    /// Shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs, mut program: clap::Command) -> Result<ExitStatus, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut program, "driftline", &mut script);
    stdout(|out| out.write_all(&script))?;
    Ok(ExitStatus::Clean)
}
