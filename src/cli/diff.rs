//! `driftline diff`: what a change of policy files changes for which targets.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use similar::{Algorithm, ChangeTag, TextDiff};

use super::diff_text::write_diff_text;
use super::difference::{Difference, write_diff_json};
use super::error::CliError;
use super::exit::ExitStatus;
use super::git_base::{PolicySide, load_at_revision, zip_sides};
use super::help_headings::OUTPUT;
use super::run_context::RunContext;
use super::workspace::{PolicyContextArgs, Workspace};
use super::write_reports::{parse_text_or_json, validate_destinations, write_each};
use crate::desired_diff::DesiredDiff;
use crate::document::display_path;
use crate::inventory::AccountsSource;
use crate::model::{AccountId, DesiredState};
use crate::report::{Format, ReportRequest, TextOptions, terminal};

/// Maximum of lines to compare: the effort grows with their product, and nobody reads such a difference.
const MAX_LINES: usize = 20_000;

/// Unchanged lines shown around a change.
const CONTEXT_LINES: usize = 3;

/// Heading of the options that select the policies.
const WHAT: &str = "What to compare";

/// Show which targets a policy change affects, and how (offline)
///
/// Compares the effective settings of each target in two policy sets. A value that only moved to another file or line is no
/// difference. For two folders, today's driftline.toml applies to both sides.
///
/// With --base, the old side is the policies, driftline.toml and saved inventory at a Git revision, read through Git; no
/// checkout is touched. A path that exists on one side only counts as empty on the other; if a folder was renamed, give both
/// names.
#[derive(Debug, Args)]
#[command(
    override_usage = "driftline diff [OPTIONS] <OLD> <NEW>\n       driftline diff [OPTIONS] --base <GIT_REF> [POLICY]...",
    after_long_help = "Examples:\n  \
        driftline diff --base origin/main                     compare with a branch\n  \
        driftline diff --base \"$(git merge-base origin/main HEAD)\" policies --report json=diff.json\n  \
        driftline diff policies.old policies --patch          with the changed lines"
)]
pub(super) struct DiffArgs {
    /// OLD and NEW, each a policy file or folder; with --base, the policies, by default those listed in driftline.toml
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Compare with the policies at a Git revision, such as origin/main, v1.2 or HEAD~1
    #[arg(long, value_name = "GIT_REF", help_heading = WHAT)]
    base: Option<String>,
    #[command(flatten, next_help_heading = WHAT)]
    policy_context: PolicyContextArgs,
    /// Also show the changed lines of the policy files; implied by --verbose
    #[arg(long, help_heading = OUTPUT)]
    patch: bool,
    /// Write the difference: text or json, to standard output or a file; repeatable
    #[arg(long = "report", value_name = "FORMAT[=FILE]", value_parser = parse_text_or_json, help_heading = OUTPUT)]
    reports: Vec<ReportRequest>,
}

pub(super) fn run(context: &RunContext, args: DiffArgs) -> Result<ExitStatus, CliError> {
    let requests = validate_destinations(args.reports)?;
    let workspace = Workspace::find(context.config()?, &args.policy_context)?.offline();
    let (mut old, mut new) = match &args.base {
        Some(base) => load_at_revision(context, workspace, base, &args.paths, &args.policy_context)?,
        None => load_paths(context, workspace, &args.paths)?,
    };
    new.config.ensure_not_overwritten(&requests, None)?;
    if args.base.is_none() {
        old.config.ensure_not_overwritten(&requests, None)?;
    }
    for side in [&old, &new] {
        side.config.print_file_warnings(context);
    }
    assume_callers(context, &mut old, &mut new);
    let (before, after) = zip_sides(context, resolve(&mut old), resolve(&mut new), &old.side.name.clone())?;
    // Both sides share one, unless the inventory of one is another.
    let side = if new.config.stand_in.is_some() { &new } else { &old };
    side.config.print_stand_in(context);
    let changes = DesiredDiff::between(&before.desired, &after.desired, &new.config.table);
    // The exit code is final before any report is written.
    let exit = if changes.is_empty() { ExitStatus::Clean } else { ExitStatus::Drift };
    let names = before.names.into_iter().chain(after.names).collect();
    let today = new.config.today;
    let difference = Difference { old: old.side.clone(), new: new.side.clone(), changes, names, today };
    let with_patch = args.patch || context.global.verbose;
    write_each(&requests, &[], &|format, stream, out| {
        if format == Format::Json {
            return write_diff_json(&difference, out);
        }
        let options = context.text_options(stream);
        write_diff_text(&difference, options, out)?;
        if with_patch { write_patch(&old, &new, options, out) } else { Ok(()) }
    })?;
    Ok(exit)
}

/// Loads both sides from two paths, with the same settings.
fn load_paths(
    context: &RunContext,
    workspace: Workspace,
    paths: &[PathBuf],
) -> Result<(PolicySide, PolicySide), CliError> {
    let [old, new] = paths else { return Err(CliError::NotTwo) };
    let load = |workspace: Workspace, path: &PathBuf| -> Result<PolicySide, CliError> {
        let name = display_path(path, &workspace.here);
        let config = workspace.load(std::slice::from_ref(path))?;
        Ok(PolicySide::new(config, name, relative_path))
    };
    let old_side = load(workspace.with_reported_errors(workspace.here.clone()), old);
    zip_sides(context, old_side, load(workspace, new), &old.display().to_string())
}

/// Gives each side the accounts that a check with its policies would have, even if the caller is unknown.
///
/// The inventory differs where it is the accounts that the policies list: an account that is no longer listed is no target any
/// more, whatever a declaration for every account says. That is a change, and one inventory for both sides would hide it.
fn assume_callers(context: &RunContext, old: &mut PolicySide, new: &mut PolicySide) {
    let is_caller = |side: &PolicySide| side.config.settings.accounts == AccountsSource::Caller;
    if is_caller(old) != is_caller(new) {
        // The caller is one account, and the other side lists its accounts: at most one of those stays the same.
        for side in [old, new].into_iter().filter(|side| is_caller(side)) {
            side.config.settings.accounts = AccountsSource::Listed([AccountId::UnknownCaller].into());
        }
        context.note(
            "on one side the inventory is the caller's account only, which is not known without credentials; it is \
             taken for none of those of the other side, of which at most one, the caller, stays the same",
        );
    } else if is_caller(old) {
        // The caller is the same account on both sides, whichever of the listed ones it is.
        let declared = |side: &PolicySide| side.config.policies.declared_accounts();
        let (by_old, by_new) = (declared(old), declared(new));
        old.config.assume_any_caller(by_new);
        new.config.assume_any_caller(by_old);
        context.note("the inventory is the caller's account; what is said of an account holds if that is the caller");
    }
}

/// Desired state and account names of a side.
#[derive(Default)]
struct ResolvedSide {
    desired: DesiredState,
    names: BTreeMap<AccountId, Box<str>>,
}

fn resolve(side: &mut PolicySide) -> Result<ResolvedSide, CliError> {
    if side.config.policies.declarations.is_empty() {
        // Without policies, an empty inventory is no error.
        return Ok(ResolvedSide::default());
    }
    let resolved = side.config.resolve(AccountId::UnknownCaller)?;
    let accounts = resolved.inventory.accounts().iter();
    let names = accounts.filter_map(|account| Some((account.id, account.name.clone()?))).collect();
    Ok(ResolvedSide { desired: resolved.desired, names })
}

/// Path below the named folder or file.
fn relative_path(path: &str, name: &str) -> String {
    let below = Path::new(path).strip_prefix(name).unwrap_or(Path::new(path));
    below.to_string_lossy().into_owned()
}

/// Displayed path and text of a file; `None` if there is none.
type FileText<'a> = Option<(&'a str, &'a str)>;

/// Writes the changed lines of the policy files.
fn write_patch(old: &PolicySide, new: &PolicySide, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let (before, after) = (policy_texts(old), policy_texts(new));
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let pairs: Vec<(FileText<'_>, FileText<'_>)> = keys
        .into_iter()
        .map(|key| (before.get(key).copied(), after.get(key).copied()))
        .filter(|(old, new)| old.map(|(_, text)| text) != new.map(|(_, text)| text))
        .collect();
    if !pairs.is_empty() {
        writeln!(out)?;
    }
    pairs.into_iter().try_for_each(|(old, new)| write_file_diff(old, new, options, out))
}

/// Policy files of a side, by the key that both sides share.
fn policy_texts(side: &PolicySide) -> BTreeMap<String, (&str, &str)> {
    let files: BTreeSet<&String> = side.side.files.iter().collect();
    let sources = side.config.sources().all().map(|source| (source.path(), source.text()));
    let policies = sources.filter(|(path, _)| files.contains(&(*path).to_owned()));
    policies.map(|(path, text)| ((side.key)(path, &side.side.name), (path, text))).collect()
}

/// Writes a changed file as a unified diff, escaped for a terminal. It is indented: CI systems take `---` and `+++` at the start of a
/// line for group headings.
fn write_file_diff(old: FileText<'_>, new: FileText<'_>, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = options.paint;
    let name = |side: FileText<'_>| side.map_or_else(|| "/dev/null".to_owned(), |(path, _)| escaped(path));
    writeln!(out, "{}", paint.strong(&format!("  --- {}", name(old))))?;
    writeln!(out, "{}", paint.strong(&format!("  +++ {}", name(new))))?;
    let (old, new) = (old.map_or("", |(_, text)| text), new.map_or("", |(_, text)| text));
    let lines = old.lines().count() + new.lines().count();
    if lines > MAX_LINES {
        return writeln!(out, "  {lines} lines on both sides: too many to be compared line by line\n");
    }
    let diff = TextDiff::configure().algorithm(Algorithm::Patience).diff_lines(old, new);
    for hunk in diff.unified_diff().context_radius(CONTEXT_LINES).iter_hunks() {
        writeln!(out, "{}", paint.faint(&format!("  {}", hunk.header())))?;
        for change in hunk.iter_changes() {
            let line = escaped(change.value().trim_end_matches(['\n', '\r']));
            match change.tag() {
                ChangeTag::Equal => writeln!(out, "   {line}")?,
                ChangeTag::Delete => writeln!(out, "{}", paint.bad(&format!("  -{line}")))?,
                ChangeTag::Insert => writeln!(out, "{}", paint.good(&format!("  +{line}")))?,
            }
        }
    }
    writeln!(out)
}

/// Escaped line. Tabs become spaces, which keeps the indentation.
fn escaped(line: &str) -> String {
    terminal(&line.replace('\t', "    ")).into_owned()
}
