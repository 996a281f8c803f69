//! `driftline diff`: what a change of policy files changes for which targets.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use similar::{Algorithm, ChangeTag, TextDiff};

use super::arguments::Common;
use super::diff_text::write_diff_text;
use super::difference::{DiffSide, Difference, write_diff_json};
use super::error::CliError;
use super::exit::ExitStatus;
use super::git_base;
use super::output::stderr;
use super::policy_context::PolicyContextArgs;
use super::reports::{NO_PLAN, text_options, text_or_json, validate_destinations, write_each};
use super::terminal::{Stream, rendering};
use super::workspace::{LoadedConfig, ResolvedPolicies, Workspace};
use crate::desired_diff::DesiredDiff;
use crate::document::display_path;
use crate::inventory::AccountsSource;
use crate::model::{AccountId, DesiredState};
use crate::report::{Format, ReportRequest, TextOptions, terminal};

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
    given: PolicyContextArgs,
    /// Show the changed lines of the policy files, too, as does --verbose
    #[arg(long)]
    patch: bool,
    /// Write the difference: text or json, to standard output or to a file; may be given several times
    #[arg(long = "report", value_name = "FORMAT[=FILE]", value_parser = text_or_json)]
    reports: Vec<ReportRequest>,
}

/// One side of the comparison before it is resolved.
pub(super) struct PolicySide {
    pub(super) inputs: LoadedConfig,
    pub(super) side: DiffSide,
    /// What is taken off a file's path, as shown, so that both sides call the same file the same.
    pub(super) key: fn(&str, &str) -> String,
}

pub(super) fn run(common: &Common, arguments: DiffArguments) -> Result<ExitStatus, CliError> {
    let wanted = validate_destinations(arguments.reports)?;
    let (old, new) = match &arguments.base {
        Some(base) => git_base::load_at_revision(common, base, &arguments.paths, &arguments.given)?,
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
    let changes = DesiredDiff::between(&before.desired, &after.desired, &table);
    // Decided here, before any report is written: no report can change it.
    let exit = if changes.is_empty() { ExitStatus::Clean } else { ExitStatus::Drift };
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

fn two_paths(
    common: &Common,
    paths: &[PathBuf],
    given: &PolicyContextArgs,
) -> Result<(PolicySide, PolicySide), CliError> {
    let [old, new] = paths else { return Err(CliError::NotTwo) };
    let load = |path: &PathBuf| -> Result<PolicySide, CliError> {
        let ground = Workspace::find(common.config.as_deref(), given)?;
        let name = display_path(path, &ground.here);
        let inputs = ground.load(std::slice::from_ref(path))?;
        let side = DiffSide { name, ..side_of(&inputs) };
        Ok(PolicySide { inputs, side, key: relative_path })
    };
    zip_sides(load(old), load(new), &old.display().to_string(), common)
}

/// Both sides, or the failure of the new one; that of the old one is then told, so that all mistakes are told at once.
pub(super) fn zip_sides<T>(
    old: Result<T, CliError>,
    new: Result<T, CliError>,
    name: &str,
    common: &Common,
) -> Result<(T, T), CliError> {
    match (old.map_err(|failure| failure.for_base(name)), new) {
        (Ok(old), Ok(new)) => Ok((old, new)),
        (Err(old), Err(new)) => {
            stderr(&old.text(rendering(common)));
            Err(new)
        }
        (Err(failure), Ok(_)) | (Ok(_), Err(failure)) => Err(failure),
    }
}

pub(super) fn side_of(inputs: &LoadedConfig) -> DiffSide {
    DiffSide {
        files: inputs.policies.files.clone(),
        settings_file: inputs.settings_file(),
        digest: inputs.policies.digest.clone(),
        ..DiffSide::default()
    }
}

/// What both sides want.
///
/// Each side has the accounts that a check with its policies would have had. Where those are the ids that the policies list,
/// an account that is no longer listed is no target any more, whatever a declaration for every account says: that is a
/// change, and one inventory for both sides would hide it.
fn resolve(mut old: PolicySide, mut new: PolicySide, common: &Common) -> Result<(Wanting, Wanting), CliError> {
    let is_caller = |loaded: &PolicySide| loaded.inputs.settings.accounts == AccountsSource::Caller;
    if is_caller(&old) != is_caller(&new) {
        // The caller is one account, and the other side says by itself which there are: at most one of those stays.
        for side in [&mut old, &mut new].into_iter().filter(|side| is_caller(side)) {
            side.inputs.settings.accounts = AccountsSource::Listed([AccountId::NOBODY].into());
        }
        if !common.quiet {
            stderr(
                "note: on one side the inventory is the caller's account only, which is not known without credentials; it is \
                 taken for none of those of the other side, of which at most one, the caller, stays the same\n",
            );
        }
    } else if is_caller(&old) {
        // The caller is one account, and so the same on both sides, whichever of those that either side lists it is.
        let listed = |loaded: &PolicySide| loaded.inputs.policies.declared_accounts();
        let (by_old, by_new) = (listed(&old), listed(&new));
        old.inputs.for_any_caller(by_new);
        new.inputs.for_any_caller(by_old);
        if !common.quiet {
            stderr(
                "note: the inventory is the caller's account; what is said of an account holds if that is the caller\n",
            );
        }
    }
    let name = old.side.name.clone();
    zip_sides(state(old), state(new), &name, common)
}

/// A side with what it wants.
type Wanting = (PolicySide, ResolvedSide);

/// What a side wants.
#[derive(Default)]
struct ResolvedSide {
    desired: DesiredState,
    names: BTreeMap<AccountId, Box<str>>,
}

fn state(loaded: PolicySide) -> Result<Wanting, CliError> {
    let PolicySide { inputs, side, key } = loaded;
    if inputs.policies.declarations.is_empty() {
        // There was or is nothing at all: that no account is known is no mistake then.
        return Ok((PolicySide { inputs, side, key }, ResolvedSide::default()));
    }
    let (inputs, ResolvedPolicies { desired, inventory, .. }) = inputs.resolve(|| AccountId::NOBODY)?;
    let accounts = inventory.accounts().iter();
    let names = accounts.filter_map(|account| Some((account.id, account.name.clone()?))).collect();
    Ok((PolicySide { inputs, side, key }, ResolvedSide { desired, names }))
}

/// The changed lines of the policy files.
fn lines(
    old: &PolicySide,
    new: &PolicySide,
    stream: Option<Stream>,
    common: &Common,
    out: &mut dyn Write,
) -> io::Result<()> {
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
fn texts(loaded: &PolicySide) -> BTreeMap<String, (&str, &str)> {
    let policies: BTreeSet<&String> = loaded.side.files.iter().collect();
    let sources = loaded.inputs.sources().all().map(|source| (source.path(), source.text()));
    let of_policies = sources.filter(|(path, _)| policies.contains(&(*path).to_owned()));
    of_policies.map(|(path, text)| ((loaded.key)(path, &loaded.side.name), (path, text))).collect()
}

/// A path as it is below the folder or file that was named.
fn relative_path(path: &str, name: &str) -> String {
    let below = Path::new(path).strip_prefix(name).unwrap_or(Path::new(path));
    below.to_string_lossy().into_owned()
}

/// A policy file before and after; `None` where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FilePair<'a> {
    /// The file as it was: path as shown, and text.
    old: Option<(&'a str, &'a str)>,
    /// The file as it is.
    new: Option<(&'a str, &'a str)>,
}

/// The effort to compare files grows with the product of their lines, and nobody reads a difference of that length.
const LINES_AT_MOST: usize = 20_000;

/// The lines around a change that are shown with it.
const AROUND: usize = 3;

/// Writes the changed files as a unified diff, with nothing in it that a terminal would obey. It stands two blanks from the margin: CI
/// systems take `---` and `+++` at the beginning of a line for heads of groups.
fn write_files_text(pairs: &[FilePair<'_>], options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    for pair in pairs {
        write_pair(pair, options, out)?;
    }
    Ok(())
}

fn write_pair(pair: &FilePair<'_>, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = options.paint;
    let (old, new) = (pair.old.map_or("", |(_, text)| text), pair.new.map_or("", |(_, text)| text));
    if old == new && pair.old.is_some() == pair.new.is_some() {
        return Ok(());
    }
    let name = |side: Option<(&str, &str)>| side.map_or_else(|| "/dev/null".to_owned(), |(path, _)| safe(path));
    writeln!(out, "{}", paint.strong(&format!("  --- {}", name(pair.old))))?;
    writeln!(out, "{}", paint.strong(&format!("  +++ {}", name(pair.new))))?;
    let lines = old.lines().count() + new.lines().count();
    if lines > LINES_AT_MOST {
        return writeln!(out, "  {lines} lines on both sides: too many to be compared line by line\n");
    }
    let diff = TextDiff::configure().algorithm(Algorithm::Patience).diff_lines(old, new);
    for hunk in diff.unified_diff().context_radius(AROUND).iter_hunks() {
        writeln!(out, "{}", paint.faint(&format!("  {}", hunk.header())))?;
        for change in hunk.iter_changes() {
            let line = safe(change.value().trim_end_matches(['\n', '\r']));
            match change.tag() {
                ChangeTag::Equal => writeln!(out, "   {line}")?,
                ChangeTag::Delete => writeln!(out, "{}", paint.bad(&format!("  -{line}")))?,
                ChangeTag::Insert => writeln!(out, "{}", paint.good(&format!("  +{line}")))?,
            }
        }
    }
    writeln!(out)
}

/// A line of a file. Its indentation means something, so tabs become spaces in the place of being joined.
fn safe(line: &str) -> String {
    terminal(&line.replace('\t', "    ")).into_owned()
}
