//! `driftline explain`: what is wanted of one target, why, and what lost.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::arguments::Common;
use super::circumstances::Circumstances;
use super::exit::Exit;
use super::failure::Failure;
use super::inputs::load;
use super::outlet::print;
use super::terminal::Stream;
use crate::inventory::AccountsSource;
use crate::model::{Contender, DesiredTarget, Setting, Target};
use crate::report::{Paint, terminal};

/// Say what is wanted of one target, why, and what lost, without AWS
#[derive(Debug, Args)]
#[command(after_long_help = "Example:\n  driftline explain 111122223333/eu-central-1 policies")]
pub(super) struct ExplainArguments {
    /// The target: an account id and a Region
    #[arg(value_name = "ACCOUNT/REGION", value_parser = target)]
    target: Target,
    /// Policy files, or folders of them; without any, those that driftline.toml lists
    #[arg(value_name = "POLICY")]
    policies: Vec<PathBuf>,
    #[command(flatten)]
    given: Circumstances,
}

fn target(text: &str) -> Result<Target, String> {
    let (account, region) = text
        .split_once('/')
        .ok_or_else(|| "write it as ACCOUNT/REGION, such as 111122223333/eu-central-1".to_owned())?;
    Ok(Target {
        account: account.parse().map_err(|error| format!("\"{account}\": {error}"))?,
        region: region.parse().map_err(|error| format!("\"{region}\": {error}"))?,
    })
}

pub(super) fn run(common: &Common, arguments: &ExplainArguments) -> Result<Exit, Failure> {
    let target = &arguments.target;
    let inputs = load(common, &arguments.policies, &arguments.given)?;
    let caller_only = inputs.settings.accounts == AccountsSource::Caller;
    let (_, resolved) = inputs.resolve(|| target.account)?;
    let paint = Stream::Output.paint(common.color);
    print(|out| match resolved.desired.find(target) {
        Some(found) => explain(found, paint, out),
        None if resolved.inventory.account(target.account).is_none() => {
            writeln!(out, "{target} is no target: the account is not in the inventory")
        }
        None if !resolved.inventory.regions().contains(&target.region) => {
            writeln!(out, "{target} is no target: the Region is not in the inventory")
        }
        None => writeln!(out, "{target} is no target: no declaration reaches it"),
    })?;
    if caller_only && !common.quiet {
        super::outlet::tell("note: the inventory is the caller's account; this holds if that is the caller\n");
    }
    Ok(Exit::Clean)
}

fn explain(target: &DesiredTarget, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", paint.strong(&target.target().to_string()))?;
    for setting in Setting::ALL {
        let Some(wish) = target.wish.settings.iter().find(|wish| wish.setting == setting) else {
            writeln!(out, "\n  {setting}: not managed")?;
            continue;
        };
        let (values, severity) = (wanted(&wish.decided), wish.severity);
        writeln!(out, "\n  {setting}: {} (severity {severity})", paint.strong(&values))?;
        writeln!(out, "    decided by  {}", claim(&wish.decided))?;
        for other in &wish.agreeing {
            writeln!(out, "    agreed by   {}", claim(other))?;
        }
        for lost in &wish.overridden {
            let text = format!("{}: {}, less specific", claim(lost), wanted(lost));
            writeln!(out, "    overrides   {}", paint.faint(&text))?;
        }
    }
    Ok(())
}

fn wanted(contender: &Contender) -> String {
    contender.accepted.iter().map(|value| value.as_str()).collect::<Vec<_>>().join(" or ")
}

/// Where it is said, by which declaration, and how specific that is.
fn claim(contender: &Contender) -> String {
    let origin = &contender.origin;
    let name = origin.declaration.as_ref().map_or_else(String::new, |name| format!(" \"{}\"", terminal(name)));
    format!("{}:{}{name} ({})", terminal(&origin.to_string()), origin.column, contender.specificity)
}
