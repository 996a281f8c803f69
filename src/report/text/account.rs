//! The accounts of a report.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::Range;

use super::Detail;
use super::layout::Layout;
use super::{changes, waivers};
use crate::model::{AccountId, AccountState};
use crate::report::cause::by_cause;
use crate::report::remediation::advice;
use crate::report::{EvidenceResult, Live, Target, Targets, View, messages, terminal};
use crate::resource::Outcome;

/// More quiet accounts than these are counted, not listed.
const QUIET_LISTED_AT_MOST: usize = 12;

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
    for account in loud {
        one(account, &report.targets, layout, out)?;
    }
    if layout.options.detail == Detail::Verbose {
        for account in quiet {
            one(account, &report.targets, layout, out)?;
        }
        return Ok(());
    }
    quiet_ones(quiet, report, layout, out)
}

fn accounts(targets: &Targets<'_>) -> Vec<Account> {
    let mut accounts: Vec<Account> = Vec::new();
    let mut last = None;
    for (place, target) in targets.iter().enumerate() {
        let rank = rank(target.outcome);
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

const QUIET: u8 = 3;

/// How much an outcome asks for attention: the least value the most.
fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Drifted => 0,
        Outcome::Unread => 1,
        Outcome::Waived => 2,
        Outcome::InSync | Outcome::NotApplicable => QUIET,
    }
}

fn quiet_ones(accounts: &[Account], report: &View<'_>, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let paint = layout.options.paint;
    if accounts.len() > QUIET_LISTED_AT_MOST {
        let text =
            format!("{} accounts are in sync in every target that applies (--verbose lists them)", accounts.len());
        writeln!(out, "{} {text}\n", paint.good("✓"))?;
    } else if !accounts.is_empty() {
        for account in accounts {
            one(account, &report.targets, layout, out)?;
        }
    }
    Ok(())
}

fn one(account: &Account, targets: &Targets<'_>, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let targets: Vec<Cow<'_, Target<'_>>> = account.places.clone().filter_map(|place| targets.get(place)).collect();
    let Some(first) = targets.first() else { return Ok(()) };
    let state = first.account_state;
    let id = layout.options.paint.strong(&first.account.to_string());
    let name = first.account_name.as_deref().map(terminal).unwrap_or_default();
    let word = state.filter(|state| *state != AccountState::Active).map_or_else(String::new, |state| {
        let said = format!("{state}, says AWS Organizations");
        layout.options.paint.warn(&said)
    });
    let parts = [id.as_str(), &name, &word].into_iter().filter(|part| !part.is_empty());
    writeln!(out, "{}", parts.collect::<Vec<_>>().join("  "))?;
    drifted(&targets, layout, out)?;
    unread(&targets, (first.account, state), layout, out)?;
    not_applicable(&targets, layout, out)?;
    in_sync(&targets, layout, out)?;
    writeln!(out)
}

fn drifted(targets: &[Cow<'_, Target<'_>>], layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let drifts = |outcome: Outcome| matches!(outcome, Outcome::Drifted | Outcome::Waived);
    for target in targets.iter().filter(|target| drifts(target.outcome)) {
        for setting in target.settings.iter().filter(|setting| drifts(setting.outcome)) {
            layout.drift(&target.region, setting, out)?;
            waivers::of_setting(setting, layout, out)?;
            if let Some(text) = changes::below(setting.mark, setting.since.as_ref(), setting.review) {
                layout.indented(&text, |part| layout.options.paint.faint(part), out)?;
            }
            if layout.options.detail == Detail::Verbose {
                for lost in &setting.overridden {
                    let place = format!("{}:{}", lost.file, lost.line);
                    let text = format!("overrides {} ({})", terminal(&place), terminal(&lost.desired.join(" or ")));
                    layout.indented(&text, |part| layout.options.paint.faint(part), out)?;
                }
            }
        }
        if let (Detail::Verbose, Some(evidence), Some(_)) = (layout.options.detail, &target.evidence, &target.live) {
            layout.indented(&known_by(evidence), |part| layout.options.paint.faint(part), out)?;
        }
        note(target, layout, out)?;
    }
    Ok(())
}

fn known_by(evidence: &EvidenceResult<'_>) -> String {
    if let Some(words) = messages::basis(evidence.basis) {
        return words.to_owned();
    }
    let part =
        |part: &Option<Cow<'_, str>>| part.as_deref().map_or_else(String::new, |text| terminal(text).into_owned());
    format!("{}: {} (request {})", part(&evidence.code), part(&evidence.message), part(&evidence.request_id))
}

/// Unread targets, those of the same cause together: one refused role would otherwise say the same 22 times.
fn unread(
    targets: &[Cow<'_, Target<'_>>],
    (account, state): (AccountId, Option<AccountState>),
    layout: &Layout,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = layout.options.paint;
    let verbose = layout.options.detail == Detail::Verbose;
    for found in by_cause(targets) {
        let Some(((first_region, unread), others)) = found.split_first() else { continue };
        let regions: Vec<&str> = found.iter().map(|(region, _)| *region).collect();
        let text = format!("{:<2$}  unread: {}", regions.join(", "), unread.reason.as_str(), layout.region);
        layout.hanging(&paint.warn("?"), &text, out)?;
        let said = unread.describe();
        if !said.is_empty() {
            layout.indented(&terminal(&said), |part| paint.faint(part), out)?;
        }
        let mut elsewhere = others.iter().filter(|(_, other)| other.message != unread.message).peekable();
        if elsewhere.peek().is_some() && !verbose {
            let text = format!("so in {first_region}; elsewhere the same with names of its own (--verbose shows each)");
            layout.indented(&text, |part| paint.faint(part), out)?;
        }
        for (region, other) in elsewhere.filter(|_| verbose) {
            layout.indented(&format!("{region}: {}", terminal(&other.describe())), |part| paint.faint(part), out)?;
        }
        if let Some(text) = changes::below(unread.mark, unread.since.as_ref(), None) {
            layout.indented(&text, |part| paint.faint(part), out)?;
        }
        layout.indented(&format!("fix: {}", terminal(&advice(unread, account, state))), str::to_owned, out)?;
        if verbose {
            for (region, unread) in found {
                let Some(id) = unread.request_id.as_deref() else { continue };
                layout.indented(&format!("request id in {region}: {}", terminal(id)), |part| paint.faint(part), out)?;
            }
        }
    }
    Ok(())
}

fn not_applicable(targets: &[Cow<'_, Target<'_>>], layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for target in targets.iter().filter(|target| target.outcome == Outcome::NotApplicable) {
        reasons.entry(messages::not_applicable(target)).or_default().push(&*target.region);
    }
    for (reason, regions) in reasons {
        let text = format!("{:<1$}  not applicable: {reason}", regions.join(", "), layout.region);
        layout.hanging(&layout.options.paint.faint("–"), &text, out)?;
    }
    Ok(())
}

fn in_sync(targets: &[Cow<'_, Target<'_>>], layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let mark = layout.options.paint.good("✓");
    let in_sync = targets.iter().filter(|target| target.outcome == Outcome::InSync);
    if layout.options.detail == Detail::Verbose {
        for target in in_sync {
            let region = &*target.region;
            layout.hanging(
                &mark,
                &format!("{region:<0$}  in sync: {1}", layout.region, live(target.live.as_ref())),
                out,
            )?;
            note(target, layout, out)?;
        }
        return Ok(());
    }
    let regions: Vec<&str> = in_sync.map(|target| &*target.region).collect();
    if regions.is_empty() {
        return Ok(());
    }
    layout.hanging(&mark, &format!("{:<1$}  in sync", regions.join(", "), layout.region), out)
}

/// What of AWS's answer could not be understood, for whoever wants it verbose.
fn note(target: &Target<'_>, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let note = target.live.as_ref().and_then(|live| live.note.as_deref());
    match note.filter(|_| layout.options.detail == Detail::Verbose) {
        Some(note) => layout.indented(&terminal(note), |part| layout.options.paint.faint(part), out),
        None => Ok(()),
    }
}

/// What is live, whether declared or not.
fn live(live: Option<&Live<'_>>) -> String {
    let Some(live) = live else { return String::new() };
    let words = std::iter::once(&live.status).chain(&live.finding_publishing_frequency);
    words.map(|word| terminal(word)).collect::<Vec<_>>().join(", ")
}
