//! `driftline completions`: completion scripts for shells, and the candidates that they ask for.

use std::ffi::OsString;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, Args, ValueHint};
use clap_complete::Shell;

use super::completion_values::{candidates, formats};
use super::completion_words::joined_at_equals_signs;
use super::error::CliError;
use super::exit::ExitStatus;
use super::explain_topic::Topic;
use super::help_headings::OUTPUT;
use super::manual::page_names;
use super::output::stdout;
use super::run_context::RunContext;
use super::usage_error::UsageError;

/// Print a completion script for a shell
///
/// By default, the script stands alone: commands, options, formats, codes and files. With --dynamic, it asks driftline at each TAB,
/// and completes accounts, Regions and Git branches, too. It reads only the settings, the policies and the saved inventory, and
/// never calls AWS. Names that a shell would have to quote are left out.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    source <(driftline completions bash --dynamic)     in ~/.bashrc\n  \
    source <(driftline completions zsh --dynamic)      in ~/.zshrc, after compinit\n  \
    driftline completions fish --dynamic | source      in ~/.config/fish/config.fish\n  \
    driftline completions bash > /etc/bash_completion.d/driftline")]
pub(super) struct CompletionsArgs {
    /// Shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
    /// Print a script that asks driftline for candidates: bash, zsh, fish
    #[arg(long, help_heading = OUTPUT)]
    dynamic: bool,
    /// Words of a command line up to the cursor, whose candidates are printed
    #[arg(last = true, hide = true, value_name = "WORD", conflicts_with = "dynamic")]
    words: Option<Vec<OsString>>,
}

pub(super) fn run(
    context: &RunContext,
    args: &CompletionsArgs,
    mut program: clap::Command,
) -> Result<ExitStatus, CliError> {
    let output = match &args.words {
        Some(words) => {
            program.build();
            answer(context, args.shell, &program, words)
        }
        None if args.dynamic => {
            dynamic_script(args.shell).ok_or(UsageError::NoDynamicCompletion(args.shell))?.to_owned()
        }
        None => static_script(args.shell, program),
    };
    stdout(|out| out.write_all(output.as_bytes()))?;
    Ok(ExitStatus::Clean)
}

/// The candidates for the last word, one a line, each with its meaning after a tab.
fn answer(context: &RunContext, shell: Shell, program: &clap::Command, words: &[OsString]) -> String {
    let words: Vec<String> = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let (words, kept) = if shell == Shell::Bash { joined_at_equals_signs(&words) } else { (words, 0) };
    let mut out = String::new();
    for candidate in candidates(program, &words, context.config().ok().flatten()) {
        out.push_str(candidate.value.get(kept..).unwrap_or_default());
        if !candidate.meaning.is_empty() {
            out.push('\t');
            out.push_str(&candidate.meaning);
        }
        out.push('\n');
    }
    out
}

fn dynamic_script(shell: Shell) -> Option<&'static str> {
    match shell {
        Shell::Bash => Some(include_str!("completion_scripts/driftline.bash")),
        Shell::Zsh => Some(include_str!("completion_scripts/driftline.zsh")),
        Shell::Fish => Some(include_str!("completion_scripts/driftline.fish")),
        _ => None,
    }
}

fn static_script(shell: Shell, program: clap::Command) -> String {
    let mut program = with_values(program);
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut program, "driftline", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// The command line with the values of arguments that the parser itself does not list.
fn with_values(program: clap::Command) -> clap::Command {
    let mut built = program.clone();
    built.build();
    let pages = page_names(&built);
    let names: Vec<String> = program.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    names.iter().fold(program, |program, name| {
        program.mut_subcommand(name, |command| {
            let known = built.find_subcommand(name);
            command.mut_args(|arg| with_values_of(arg, known, &built, &pages))
        })
    })
}

fn with_values_of(arg: Arg, command: Option<&clap::Command>, program: &clap::Command, pages: &[String]) -> Arg {
    let name = arg.get_value_names().unwrap_or_default().first().map(ToString::to_string).unwrap_or_default();
    let values: Vec<PossibleValue> = match (name.as_str(), command) {
        ("FORMAT[=FILE]", Some(command)) => {
            formats(program, command, &arg).into_iter().map(|format| PossibleValue::new(format.value)).collect()
        }
        ("ACCOUNT/REGION|CODE", _) => Topic::listed().map(|(code, text)| PossibleValue::new(code).help(text)).collect(),
        ("NAME", Some(command)) if command.get_name() == "man" => pages.iter().map(PossibleValue::new).collect(),
        _ => Vec::new(),
    };
    if !values.is_empty() {
        arg.value_parser(PossibleValuesParser::new(values))
    } else if arg.get_action().takes_values() && arg.get_value_hint() == ValueHint::Unknown {
        arg.value_hint(ValueHint::Other)
    } else {
        arg
    }
}
