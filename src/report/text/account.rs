//! The accounts of a report.

use std::borrow::Cow;
use std::io::{self, Write};
use std::ops::Range;

use unicode_width::UnicodeWidthStr as _;

use super::Detail;
use super::layout::{Layout, wrapped};
use super::regions::{RegionGroup, by_resources};
use super::{changes, quiet, waivers};
use crate::model::{AccountId, AccountState, Unread};
use crate::report::escape::terminal;
use crate::report::finding::Finding;
use crate::report::messages::{self, pluralize};
use crate::report::model::{SettingRow, Target, Targets, View};
use crate::report::remediation::{fix_for, fix_for_setting};
use crate::report::unread_group::{by_cause, describe};
use crate::report::violations::violations;
use crate::resource::Outcome;

/// The sessions that are named of a rule; the rest is counted.
const SESSIONS_NAMED: usize = 5;

/// The targets of one account, by their places in the order, and how much they ask for attention.
struct Account {
    places: Range<usize>,
    rank: u8,
}

/// Every account: those with drift first, then those with something unread, then the quiet ones.
pub(super) fn all(report: &View<'_>, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let mut accounts = accounts(&report.targets);
    accounts.sort_by_key(|account| account.rank);
    let quiet_from = accounts.partition_point(|account| account.rank < QUIET);
    let (loud, quiet) = accounts.split_at(quiet_from);
    let mut folded = 0;
    for account in loud {
        if is_folded(account, &report.targets, layout) {
            folded += 1;
        } else {
            one(account, &report.targets, layout, out)?;
        }
    }
    if folded > 0 {
        let text = format!("{}: unread for a cause named above (--verbose lists them)", pluralize(folded, "account"));
        writeln!(out, "{} {text}\n", layout.options.paint.warn("?"))?;
    }
    if layout.options.detail == Detail::Verbose {
        for account in quiet {
            one(account, &report.targets, layout, out)?;
        }
        return Ok(());
    }
    let quiet: Vec<Range<usize>> = quiet.iter().map(|account| account.places.clone()).collect();
    quiet::accounts(&quiet, &report.targets, layout, out)
}

/// Whether nothing of an account asks for attention but causes that are stated above for all accounts.
fn is_folded(account: &Account, targets: &Targets<'_>, layout: &Layout) -> bool {
    account.places.clone().filter_map(|place| targets.get(place)).all(|target| match target.unread() {
        Some(unread) => layout.is_stated_above(&target, None, unread),
        None => target.settings.iter().all(|row| match &row.unread {
            Some(unread) => layout.is_stated_above(&target, Some(row.setting), unread),
            None => matches!(row.outcome, Outcome::InSync | Outcome::NotApplicable),
        }),
    })
}

fn accounts(targets: &Targets<'_>) -> Vec<Account> {
    let mut accounts: Vec<Account> = Vec::new();
    let mut last = None;
    for (place, target) in targets.iter().enumerate() {
        let rank = if target.is_unread_as_expected() { EXPECTED } else { rank(target.outcome) };
        match accounts.last_mut().filter(|_| last == Some(target.account)) {
            Some(account) => {
                account.places.end = place + 1;
                account.rank = account.rank.min(rank);
            }
            None => accounts.push(Account { places: place..place + 1, rank }),
        }
        last = Some(target.account);
    }
    accounts
}

const EXPECTED: u8 = 3;

const QUIET: u8 = 4;

/// How much an outcome asks for attention: the least value the most.
fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Drifted => 0,
        Outcome::Unread => 1,
        Outcome::Waived => 2,
        Outcome::InSync | Outcome::NotApplicable => QUIET,
    }
}

fn one(account: &Account, targets: &Targets<'_>, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let targets: Vec<Cow<'_, Target<'_>>> = account.places.clone().filter_map(|place| targets.get(place)).collect();
    let Some(first) = targets.first() else { return Ok(()) };
    let state = first.account_state;
    heading(first, layout, out)?;
    drifted(&targets, layout, out)?;
    unread(&targets, (first.account, state), layout, out)?;
    quiet::not_applicable(&targets, layout, out)?;
    quiet::in_sync(&targets, layout, out)?;
    writeln!(out)
}

/// The account, its name, and its state if roles in it may not work.
fn heading(target: &Target<'_>, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let options = layout.options;
    let mut id = options.paint.strong(&target.account.to_string());
    let name = target.account_name.as_deref().map_or_else(String::new, |name| format!("  {}", terminal(name)));
    let state = target.account_state.filter(|state| *state != AccountState::Active);
    let state = state.map_or_else(String::new, |state| format!("  {state}, says AWS Organizations"));
    let plain = format!("{}{name}{state}", target.account);
    if plain.width() <= options.width {
        return writeln!(out, "{id}{name}{}", options.paint.warn(&state));
    }
    for line in wrapped(&format!("{}{name}", target.account), options.width) {
        // The id begins the first line.
        let rest = line.strip_prefix(&target.account.to_string()).filter(|_| !id.is_empty());
        match rest {
            Some(rest) => writeln!(out, "{}{rest}", std::mem::take(&mut id))?,
            None => writeln!(out, "  {line}")?,
        }
    }
    for line in wrapped(state.trim_start(), options.width.saturating_sub(2)) {
        writeln!(out, "  {}", options.paint.warn(&line))?;
    }
    Ok(())
}

fn drifted(targets: &[Cow<'_, Target<'_>>], layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let drifts = |outcome: Outcome| matches!(outcome, Outcome::Drifted | Outcome::Waived);
    let has_gap = |target: &Target<'_>| target.settings.iter().any(|row| row.unread.is_some());
    for target in targets.iter().filter(|target| drifts(target.outcome) || has_gap(target)) {
        for finding in layout.findings(target) {
            let Some(row) = finding.row() else { continue };
            match &row.unread {
                Some(unread) => unread_setting(&finding, row, unread, layout, out)?,
                None => drifted_setting(&finding, row, layout, out)?,
            }
        }
        if layout.options.detail == Detail::Verbose
            && let Some(text) = evidence(target)
        {
            layout.indented(&text, |part| layout.options.paint.faint(part), out)?;
        }
        layout.note(target, out)?;
    }
    Ok(())
}

fn drifted_setting(
    finding: &Finding<'_>,
    row: &SettingRow<'_>,
    layout: &Layout,
    out: &mut dyn Write,
) -> io::Result<()> {
    let target = &finding.target;
    layout.drift(finding, out)?;
    let faint = |part: &str| layout.options.paint.faint(part);
    let is_verbose = layout.options.detail == Detail::Verbose;
    for session in violations(row, if is_verbose { usize::MAX } else { SESSIONS_NAMED }) {
        layout.indented(&session, faint, out)?;
    }
    waivers::below(row, layout, out)?;
    let change = target.last_change(row);
    let remarks = [change.map(|change| change.words()), changes::below(row.mark, row.since, row.review)];
    let remarks: Vec<String> = remarks.into_iter().flatten().collect();
    if !remarks.is_empty() {
        layout.indented(&remarks.join("; "), faint, out)?;
    }
    if layout.options.detail == Detail::Verbose {
        if let Some(change) = change {
            let command = change.lookup_command(&target.region);
            let administrator =
                layout.options.administrator.filter(|it| change.by_administrator && *it != target.account);
            let or_its =
                administrator.map_or_else(String::new, |it| format!(" or, of a member, its administrator {it}"));
            layout.indented(
                &format!("by whom, with credentials of {}{or_its}: {command}", target.account),
                faint,
                out,
            )?;
        }
        for lost in &row.overridden {
            let place = format!("{}:{}", lost.origin.file, lost.origin.line);
            let text = format!("overrides {} ({})", terminal(&place), terminal(&lost.desired.join(" or ")));
            layout.indented(&text, faint, out)?;
        }
    }
    Ok(())
}

/// A setting that is unread by itself.
fn unread_setting(
    finding: &Finding<'_>,
    row: &SettingRow<'_>,
    unread: &Unread,
    layout: &Layout,
    out: &mut dyn Write,
) -> io::Result<()> {
    let faint = |part: &str| layout.options.paint.faint(part);
    let target = &finding.target;
    let (region, key) = (target.region.as_str(), finding.label());
    let is_above = layout.is_stated_above(target, Some(row.setting), unread);
    let reference = if is_above { ", as above" } else { "" };
    let text = format!("{region:<1$}  {key}  unread: {0}{reference}", unread.reason.as_str(), layout.region);
    let mark = if row.expected.is_some() { faint("?") } else { layout.options.paint.warn("?") };
    layout.hanging(&mark, &text, out)?;
    if is_above {
        return Ok(());
    }
    if let Some(expected) = &row.expected {
        waivers::expected(expected, layout, out)?;
    }
    let said = describe(unread);
    if !said.is_empty() {
        layout.indented(&terminal(&said), faint, out)?;
    }
    if let Some(text) = changes::below(row.mark, row.since, None) {
        layout.indented(&text, faint, out)?;
    }
    if row.expected.is_some() {
        return Ok(());
    }
    waivers::lapsed(row, layout, out)?;
    let fix = fix_for_setting(row.setting, unread, target.account, target.account_state);
    layout.indented(&format!("fix: {}", terminal(&fix)), str::to_owned, out)
}

/// The evidence that a session is off, or who lists its status.
fn evidence(target: &Target<'_>) -> Option<String> {
    let basis = target.basis().filter(|_| target.has_live())?;
    if let Some(words) = messages::basis(basis) {
        return Some(words.to_owned());
    }
    let answer = target.evidence()?;
    let part = |part: Option<&str>| part.map_or_else(String::new, |text| terminal(text).into_owned());
    Some(format!(
        "{}: {} (request {})",
        part(answer.code.as_deref()),
        part(answer.message.as_deref()),
        part(answer.request_id.as_deref())
    ))
}

/// Unread targets, grouped by cause: one refused role would otherwise repeat the same text 22 times.
fn unread(
    targets: &[Cow<'_, Target<'_>>],
    (account, state): (AccountId, Option<AccountState>),
    layout: &Layout,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = layout.options.paint;
    let verbose = layout.options.detail == Detail::Verbose;
    for group in by_cause(targets) {
        let Some(((first, unread), others)) = group.split_first() else { continue };
        let groups = by_resources(group.iter().map(|(target, _)| *target), targets.iter().map(|target| &**target));
        let is_above = layout.is_stated_above(first, None, unread);
        let reference = if is_above { ", as above" } else { "" };
        let reason = unread.reason.as_str();
        let mark = if first.expected.is_some() { paint.faint("?") } else { paint.warn("?") };
        for RegionGroup { regions, resources, .. } in groups {
            let text = format!("{regions:<0$}  {resources}unread: {reason}{reference}", layout.region);
            layout.hanging(&mark, &text, out)?;
        }
        if is_above {
            continue;
        }
        if let Some(expected) = &first.expected {
            waivers::expected(expected, layout, out)?;
            if let Some(text) = changes::below(first.mark, first.since, None) {
                layout.indented(&text, |part| paint.faint(part), out)?;
            }
            if !verbose {
                continue;
            }
        }
        let said = describe(unread);
        if !said.is_empty() {
            layout.indented(&terminal(&said), |part| paint.faint(part), out)?;
        }
        let message = |unread: &Unread| unread.evidence.message.clone();
        let mut elsewhere = others.iter().filter(|(_, other)| message(other) != message(unread)).peekable();
        if elsewhere.peek().is_some() && !verbose {
            let region = &first.region;
            let text = format!("so in {region}; elsewhere the same with names of its own (--verbose shows each)");
            layout.indented(&text, |part| paint.faint(part), out)?;
        }
        for (target, other) in elsewhere.filter(|_| verbose) {
            let text = format!("{}: {}", target.region, terminal(&describe(other)));
            layout.indented(&text, |part| paint.faint(part), out)?;
        }
        if first.expected.is_none() {
            if let Some(text) = changes::below(first.mark, first.since, None) {
                layout.indented(&text, |part| paint.faint(part), out)?;
            }
            layout.indented(
                &format!("fix: {}", terminal(&fix_for(first.resource, unread, account, state))),
                str::to_owned,
                out,
            )?;
        }
        if verbose {
            for (target, unread) in group {
                let Some(id) = unread.evidence.request_id.as_deref() else { continue };
                let text = format!("request id in {}: {}", target.region, terminal(id));
                layout.indented(&text, |part| paint.faint(part), out)?;
            }
        }
    }
    Ok(())
}
