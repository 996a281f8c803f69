//! The accounts of a report.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::Detail;
use super::layout::Layout;
use super::waivers;
use crate::drift::TargetFinding;
use crate::model::{AccountId, AccountState, DenyingLayer, Unread, UnreadReason};
use crate::report::advice::advice;
use crate::report::{Report, terminal};
use crate::session::{NotApplicable, NotEnabledBasis, Outcome, Reading};

/// More quiet accounts than these are counted, not listed.
const QUIET_LISTED_AT_MOST: usize = 12;

/// Every account: those with drift first, then those with something unread, then the quiet ones.
pub(super) fn all(report: &Report, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let mut accounts: Vec<&[TargetFinding]> =
        report.comparison.targets().chunk_by(|one, two| one.desired.account == two.desired.account).collect();
    accounts.sort_by_key(|targets| rank(targets));
    let quiet_from = accounts.partition_point(|targets| rank(targets) < QUIET);
    let (loud, quiet) = accounts.split_at(quiet_from);
    for targets in loud {
        one(targets, report, layout, out)?;
        writeln!(out)?;
    }
    if layout.options.detail == Detail::Verbose {
        for targets in quiet {
            one(targets, report, layout, out)?;
            writeln!(out)?;
        }
        return Ok(());
    }
    quiet_ones(quiet, report, layout, out)
}

const QUIET: u8 = 3;

/// How much an account asks for attention: the least value the most.
fn rank(targets: &[TargetFinding]) -> u8 {
    let has = |outcome: Outcome| targets.iter().any(|target| target.outcome == outcome);
    if has(Outcome::Drifted) {
        0
    } else if has(Outcome::Unread) {
        1
    } else if has(Outcome::Waived) {
        2
    } else {
        QUIET
    }
}

fn quiet_ones(accounts: &[&[TargetFinding]], report: &Report, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let paint = layout.options.paint;
    if accounts.len() > QUIET_LISTED_AT_MOST {
        let text =
            format!("{} accounts are in sync in every target that applies (--verbose lists them)", accounts.len());
        writeln!(out, "{} {text}\n", paint.good("✓"))?;
    } else if !accounts.is_empty() {
        for targets in accounts {
            one(targets, report, layout, out)?;
            writeln!(out)?;
        }
    }
    Ok(())
}

fn one(targets: &[TargetFinding], report: &Report, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let Some(first) = targets.first() else { return Ok(()) };
    let account = report.accounts.account(first.desired.account);
    let state = account.and_then(|account| account.state);
    let id = layout.options.paint.strong(&first.desired.account.to_string());
    let name = account.and_then(|account| account.name.as_deref()).map(terminal).unwrap_or_default();
    let word = state.filter(|state| *state != AccountState::Active).map_or_else(String::new, |state| {
        let said = format!("{state}, says AWS Organizations");
        layout.options.paint.unsure(&said)
    });
    let parts = [id.as_str(), &name, &word].into_iter().filter(|part| !part.is_empty());
    writeln!(out, "{}", parts.collect::<Vec<_>>().join("  "))?;
    drifted(targets, layout, out)?;
    unread(targets, (first.desired.account, state), layout, out)?;
    not_applicable(targets, layout, out)?;
    in_sync(targets, layout, out)
}

fn drifted(targets: &[TargetFinding], layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let drifts = |outcome: Outcome| matches!(outcome, Outcome::Drifted | Outcome::Waived);
    for target in targets.iter().filter(|target| drifts(target.outcome)) {
        for setting in target.settings().filter(|setting| drifts(setting.outcome)) {
            layout.drift(target.desired.region.as_str(), &setting, out)?;
            waivers::of_setting(&setting, layout, out)?;
            if layout.options.detail == Detail::Verbose {
                for lost in &setting.wish.overridden {
                    let wanted: Vec<&str> = lost.accepted.iter().map(|value| value.as_str()).collect();
                    let text = format!("overrides {} ({})", terminal(&lost.origin.to_string()), wanted.join(" or "));
                    layout.indented(&text, |part| layout.options.paint.faint(part), out)?;
                }
            }
        }
        if let (Detail::Verbose, Reading::NotEnabled(basis)) = (layout.options.detail, &target.reading) {
            layout.indented(&known_by(basis), |part| layout.options.paint.faint(part), out)?;
        }
    }
    Ok(())
}

fn known_by(basis: &NotEnabledBasis) -> String {
    match basis {
        NotEnabledBasis::Answer(evidence) => {
            let part =
                |part: &Option<Box<str>>| part.as_deref().map_or_else(String::new, |text| terminal(text).into_owned());
            format!("{}: {} (request {})", part(&evidence.code), part(&evidence.message), part(&evidence.request_id))
        }
        NotEnabledBasis::RegionOff => "account:ListRegions says that the Region is off".to_owned(),
        NotEnabledBasis::NoMacieInRegion => "Macie does not exist in this Region".to_owned(),
    }
}

/// Unread targets, those with the same obstacle together: one refused role would otherwise say the same 22 times.
fn unread(
    targets: &[TargetFinding],
    (account, state): (AccountId, Option<AccountState>),
    layout: &Layout,
    out: &mut dyn Write,
) -> io::Result<()> {
    type Obstacle<'finding> = (UnreadReason, Option<&'finding str>, Option<DenyingLayer>, Option<&'finding str>);
    let mut obstacles: BTreeMap<Obstacle<'_>, Vec<(&str, &Unread)>> = BTreeMap::new();
    for target in targets {
        if let Reading::Unread(unread) = &target.reading {
            let denial = unread.denial.as_deref();
            let layer = denial.and_then(|denial| denial.layer);
            let policy = denial.and_then(|denial| denial.policy_arn.as_deref());
            let obstacle = (unread.reason, unread.evidence.code.as_deref(), layer, policy);
            obstacles.entry(obstacle).or_default().push((target.desired.region.as_str(), unread));
        }
    }
    let paint = layout.options.paint;
    for found in obstacles.values() {
        let Some((_, unread)) = found.first() else { continue };
        let regions: Vec<&str> = found.iter().map(|(region, _)| *region).collect();
        let text = format!("{:<2$}  unread: {}", regions.join(", "), unread.reason.as_str(), layout.region);
        layout.hanging(&paint.unsure("?"), &text, out)?;
        let (code, message) = (unread.evidence.code.as_deref(), unread.evidence.message.as_deref());
        let said: Vec<String> = [code, message].into_iter().flatten().map(|part| terminal(part).into_owned()).collect();
        if !said.is_empty() {
            layout.indented(&said.join(": "), |part| paint.faint(part), out)?;
        }
        layout.indented(&format!("way out: {}", terminal(&advice(unread, account, state))), str::to_owned, out)?;
        if layout.options.detail == Detail::Verbose {
            for (region, unread) in found {
                let Some(id) = unread.evidence.request_id.as_deref() else { continue };
                layout.indented(&format!("request id in {region}: {}", terminal(id)), |part| paint.faint(part), out)?;
            }
        }
    }
    Ok(())
}

fn not_applicable(targets: &[TargetFinding], layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for target in targets.iter().filter(|target| target.outcome == Outcome::NotApplicable) {
        let reason = match &target.reading {
            Reading::NotApplicable(NotApplicable::NoMacieInRegion)
            | Reading::NotEnabled(NotEnabledBasis::NoMacieInRegion) => "Macie does not exist in the Region",
            Reading::NotApplicable(NotApplicable::RegionOff) | Reading::NotEnabled(NotEnabledBasis::RegionOff) => {
                "the Region is off for the account"
            }
            Reading::NotApplicable(NotApplicable::RegionOffInferred) => {
                "the Region seems to be off for the account: it refuses a token that works elsewhere"
            }
            _ => "Macie is not enabled, so it publishes nothing",
        };
        reasons.entry(reason).or_default().push(target.desired.region.as_str());
    }
    for (reason, regions) in reasons {
        let text = format!("{:<1$}  not applicable: {reason}", regions.join(", "), layout.region);
        layout.hanging(&layout.options.paint.faint("–"), &text, out)?;
    }
    Ok(())
}

fn in_sync(targets: &[TargetFinding], layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let mark = layout.options.paint.good("✓");
    let in_sync = targets.iter().filter(|target| target.outcome == Outcome::InSync);
    if layout.options.detail == Detail::Verbose {
        for target in in_sync {
            let region = target.desired.region.as_str();
            layout.hanging(&mark, &format!("{region:<0$}  in sync: {1}", layout.region, live(&target.reading)), out)?;
        }
        return Ok(());
    }
    let regions: Vec<&str> = in_sync.map(|target| target.desired.region.as_str()).collect();
    if regions.is_empty() {
        return Ok(());
    }
    layout.hanging(&mark, &format!("{:<1$}  in sync", regions.join(", "), layout.region), out)
}

/// What is live, whether declared or not.
fn live(reading: &Reading) -> String {
    let values = crate::model::Setting::ALL.into_iter().filter_map(|setting| reading.live_value(setting));
    values.map(|value| value.as_str()).collect::<Vec<_>>().join(", ")
}
