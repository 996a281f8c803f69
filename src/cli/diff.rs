//! `driftline diff`: what a change of policy files changes for which targets.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::arguments::Common;
use super::circumstances::Circumstances;
use super::exit::Exit;
use super::failure::Failure;
use super::inputs::{Ground, Inputs, Resolved};
use super::outlet::tell;
use super::past;
use super::reports::{NO_PLAN, settle, text_options, text_or_json, write_each};
use super::terminal::{Stream, rendering};
use crate::change::Changes;
use crate::document::shown_path;
use crate::inventory::AccountsSource;
use crate::model::{AccountId, DesiredState};
use crate::offline::{Difference, FilePair, Side, write_diff_json, write_diff_text, write_files_text};
use crate::report::{Format, Wanted};

/// Say what a change of policy files changes for which targets, without AWS
///
/// Compares what two policy sets want of each target. That a value merely moved to another file or line is no difference.
/// Of two folders, today's driftline.toml holds for both sides.
///
/// With --base, the old side is the policies, driftline.toml and saved inventory as they were at a git revision, read through
/// git itself; no checkout is touched. A path that exists on one of the two sides only counts as empty on the other, so that of a renamed folder both
/// names can be given.
///
/// Exit code 0 if what is wanted is the same, 2 if it differs, 1 if nothing can be said.
#[derive(Debug, Args)]
#[command(
    override_usage = "driftline diff [OPTIONS] <OLD> <NEW>\n       driftline diff [OPTIONS] --base <GIT_REF> [POLICY]...",
    after_long_help = "Examples:\n  \
        driftline diff --base origin/main                     the policies of driftline.toml, against a branch\n  \
        driftline diff --base \"$(git merge-base origin/main HEAD)\" policies --report json=diff.json\n  \
        driftline diff policies.old policies --patch          the changed lines, too"
)]
pub(super) struct DiffArguments {
    /// OLD and NEW, each a policy file or a folder of them; with --base, the policies, by default those of driftline.toml
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Compare with the policies as they were at this git revision, such as origin/main, v1.2 or HEAD~1
    #[arg(long, value_name = "GIT_REF")]
    base: Option<String>,
    #[command(flatten)]
    given: Circumstances,
    /// Show the changed lines of the policy files, too, as does --verbose
    #[arg(long)]
    patch: bool,
    /// Write the difference: text or json, to standard output or to a file; may be given several times
    #[arg(long = "report", value_name = "FORMAT[=FILE]", value_parser = text_or_json)]
    reports: Vec<Wanted>,
}

/// One side of the comparison before it is resolved.
pub(super) struct Loaded {
    pub(super) inputs: Inputs,
    pub(super) side: Side,
    /// What is taken off a file's path, as shown, so that both sides call the same file the same.
    pub(super) key: fn(&str, &str) -> String,
}

pub(super) fn run(common: &Common, arguments: DiffArguments) -> Result<Exit, Failure> {
    let wanted = settle(arguments.reports)?;
    let (old, new) = match &arguments.base {
        Some(base) => past::load(common, base, &arguments.paths, &arguments.given)?,
        None => two_paths(common, &arguments.paths, &arguments.given)?,
    };
    new.inputs.keep(&wanted, &[])?;
    if arguments.base.is_none() {
        old.inputs.keep(&wanted, &[])?;
    }
    for side in [&old, &new] {
        side.inputs.tell_file_warnings(common);
    }
    let today = new.inputs.today;
    let table = new.inputs.table.clone();
    let ((old, before), (new, after)) = resolve(old, new, common)?;
    let changes = Changes::between(&before.desired, &after.desired, &table);
    // Decided here, before any report is written: no report can change it.
    let exit = if changes.is_empty() { Exit::Clean } else { Exit::Drift };
    let names = before.names.into_iter().chain(after.names).collect();
    let difference = Difference { old: old.side.clone(), new: new.side.clone(), changes, names, today };
    let with_lines = arguments.patch || common.verbose;
    write_each(&wanted, NO_PLAN, &|format, stream, out| {
        if format == Format::Json {
            return write_diff_json(&difference, out);
        }
        write_diff_text(&difference, text_options(stream, common), out)?;
        if with_lines { lines(&old, &new, stream, common, out) } else { Ok(()) }
    })?;
    Ok(exit)
}

fn two_paths(common: &Common, paths: &[PathBuf], given: &Circumstances) -> Result<(Loaded, Loaded), Failure> {
    let [old, new] = paths else { return Err(Failure::NotTwo) };
    let load = |path: &PathBuf| -> Result<Loaded, Failure> {
        let ground = Ground::of(common.config.as_deref(), given)?;
        let name = shown_path(path, &ground.here);
        let inputs = ground.load(std::slice::from_ref(path))?;
        let side = Side { name, ..side_of(&inputs) };
        Ok(Loaded { inputs, side, key: below })
    };
    both(load(old), load(new), &old.display().to_string(), common)
}

/// Both sides, or the failure of the new one; that of the old one is then told, so that all mistakes are told at once.
pub(super) fn both<T>(
    old: Result<T, Failure>,
    new: Result<T, Failure>,
    name: &str,
    common: &Common,
) -> Result<(T, T), Failure> {
    match (old.map_err(|failure| failure.of_old(name)), new) {
        (Ok(old), Ok(new)) => Ok((old, new)),
        (Err(old), Err(new)) => {
            tell(&old.text(rendering(common)));
            Err(new)
        }
        (Err(failure), Ok(_)) | (Ok(_), Err(failure)) => Err(failure),
    }
}

pub(super) fn side_of(inputs: &Inputs) -> Side {
    Side {
        files: inputs.policies.files.clone(),
        settings_file: inputs.settings_file(),
        digest: inputs.policies.digest.clone(),
        ..Side::default()
    }
}

/// What both sides want.
///
/// Each side has the accounts that a check with its policies would have had. Where those are the ids that the policies list,
/// an account that is no longer listed is no target any more, whatever a declaration for every account says: that is a
/// change, and one inventory for both sides would hide it.
fn resolve(mut old: Loaded, mut new: Loaded, common: &Common) -> Result<(Wanting, Wanting), Failure> {
    let is_caller = |loaded: &Loaded| loaded.inputs.settings.accounts == AccountsSource::Caller;
    if is_caller(&old) != is_caller(&new) {
        // The caller is one account, and the other side says by itself which there are: at most one of those stays.
        for side in [&mut old, &mut new].into_iter().filter(|side| is_caller(side)) {
            side.inputs.settings.accounts = AccountsSource::Listed([AccountId::NOBODY].into());
        }
        if !common.quiet {
            tell(
                "note: on one side the inventory is the caller's account only, which is not known without credentials; it is \
                 taken for none of those of the other side, of which at most one, the caller, stays the same\n",
            );
        }
    } else if is_caller(&old) {
        // The caller is one account, and so the same on both sides, whichever of those that either side lists it is.
        let listed = |loaded: &Loaded| loaded.inputs.policies.declared_accounts();
        let (by_old, by_new) = (listed(&old), listed(&new));
        old.inputs.for_any_caller(by_new);
        new.inputs.for_any_caller(by_old);
        if !common.quiet {
            tell(
                "note: the inventory is the caller's account; what is said of an account holds if that is the caller\n",
            );
        }
    }
    let name = old.side.name.clone();
    both(state(old), state(new), &name, common)
}

/// A side with what it wants.
type Wanting = (Loaded, State);

/// What a side wants.
#[derive(Default)]
struct State {
    desired: DesiredState,
    names: BTreeMap<AccountId, Box<str>>,
}

fn state(loaded: Loaded) -> Result<Wanting, Failure> {
    let Loaded { inputs, side, key } = loaded;
    if inputs.policies.declarations.is_empty() {
        // There was or is nothing at all: that no account is known is no mistake then.
        return Ok((Loaded { inputs, side, key }, State::default()));
    }
    let (inputs, Resolved { desired, inventory, .. }) = inputs.resolve(|| AccountId::NOBODY)?;
    let accounts = inventory.accounts().iter();
    let names = accounts.filter_map(|account| Some((account.id, account.name.clone()?))).collect();
    Ok((Loaded { inputs, side, key }, State { desired, names }))
}

/// The changed lines of the policy files.
fn lines(old: &Loaded, new: &Loaded, stream: Option<Stream>, common: &Common, out: &mut dyn Write) -> io::Result<()> {
    let (before, after) = (texts(old), texts(new));
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let pairs: Vec<FilePair<'_>> = keys
        .into_iter()
        .map(|key| FilePair { old: before.get(key).copied(), new: after.get(key).copied() })
        .filter(|pair| pair.old.map(|(_, text)| text) != pair.new.map(|(_, text)| text))
        .collect();
    if !pairs.is_empty() {
        writeln!(out)?;
    }
    write_files_text(&pairs, text_options(stream, common), out)
}

/// The policy files of a side, path as shown and text, by what both sides call them.
fn texts(loaded: &Loaded) -> BTreeMap<String, (&str, &str)> {
    let policies: BTreeSet<&String> = loaded.side.files.iter().collect();
    let sources = loaded.inputs.sources().all().map(|source| (source.path(), source.text()));
    let of_policies = sources.filter(|(path, _)| policies.contains(&(*path).to_owned()));
    of_policies.map(|(path, text)| ((loaded.key)(path, &loaded.side.name), (path, text))).collect()
}

/// A path as it is below the folder or file that was named.
fn below(path: &str, name: &str) -> String {
    let below = Path::new(path).strip_prefix(name).unwrap_or(Path::new(path));
    below.to_string_lossy().into_owned()
}
