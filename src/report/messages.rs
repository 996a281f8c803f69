//! Texts that several formats share.

use std::fmt::{self, Write as _};

use jiff::civil::Date;

use super::model::{Basis, Changes, LapsedWaiver, State, Target, View, WaiverFacts, WaiverUsage, Why};
use crate::aws::RequestCounts;
use crate::drift::{BaseCounts, Ledger, Verdict};
use crate::model::{AccountId, Resource};
use crate::resource::Outcome;

/// What the sentence about the verdict rests on besides the ledger, for every format.
pub(super) struct VerdictFacts {
    /// Unread targets that no waiver expects to be.
    pub(super) unexpected: usize,
    /// The targets that are unread as expected, in words; `None` if none is.
    pub(super) expected: Option<String>,
    /// The findings that drifted when they were last read, in words; `None` if there are none.
    pub(super) carried: Option<String>,
}

impl VerdictFacts {
    /// The facts of a report.
    pub(super) fn from_view(view: &View<'_>) -> Self {
        let ledger = &view.ledger;
        let carried = view.changes.as_ref().map_or(0, |changes| changes.carried_drift().count());
        Self {
            unexpected: ledger.unread.saturating_sub(ledger.expected_unread),
            expected: expected_unread(ledger),
            carried: (carried > 0).then(|| carried_drift(carried)),
        }
    }

    /// What follows the numbers: `; 1 drifted when last read; 3 unread as expected, the first until 2027-03-31`.
    pub(super) fn rest(&self) -> String {
        [&self.carried, &self.expected].into_iter().flatten().flat_map(|text| ["; ", text.as_str()]).collect()
    }
}

/// The verdict.
pub(super) fn verdict(view: &View<'_>) -> String {
    let ledger = &view.ledger;
    let VerdictFacts { unexpected, expected, carried } = VerdictFacts::from_view(view);
    let rest = expected.as_deref().unwrap_or("everything was read");
    let and_expected = expected.as_ref().map_or_else(String::new, |expected| format!("; {expected}"));
    if let Some(carried) = carried {
        let drift = if ledger.drifted > 0 { format!("{}, ", differ(ledger.drifted)) } else { String::new() };
        let word = if view.verdict == Verdict::Drift { "drift" } else { "drift and incomplete" };
        let unread = if unexpected > 0 { format!("; {}", not_read(unexpected)) } else { String::new() };
        return format!("{word}: {drift}{carried}{unread}{and_expected}");
    }
    match view.verdict {
        Verdict::InSync if ledger.expected_unread > 0 && ledger.waived > 0 => {
            format!("no drift but what is waived; {rest}")
        }
        Verdict::InSync if ledger.expected_unread > 0 => format!("no drift; {rest}"),
        Verdict::InSync if ledger.waived > 0 => format!("in sync, but for drift that is waived; {rest}"),
        Verdict::InSync => format!("in sync; {rest}"),
        Verdict::Drift if ledger.partly_unread > 0 => {
            let partly = format!("{} of them partly unread as expected", ledger.partly_unread);
            format!("drift: {}, {partly}{and_expected}", differ(ledger.drifted))
        }
        Verdict::Drift => format!("drift: {}; {rest}", differ(ledger.drifted)),
        Verdict::Incomplete if unexpected == 0 => format!("incomplete: no target could be read{and_expected}"),
        Verdict::Incomplete => format!("incomplete: {}; no drift in the rest{and_expected}", not_read(unexpected)),
        Verdict::DriftAndIncomplete => {
            let unread = if unexpected > 0 { format!(", {}", not_read(unexpected)) } else { String::new() };
            let drift = differ(ledger.drifted);
            format!("drift and incomplete: {drift}{}{unread}{and_expected}", partly_unread(ledger, ", "))
        }
    }
}

/// How many of the unread targets a waiver expects to be: `, 40 of them as expected`.
pub(super) fn as_expected(expected: usize, unread: usize) -> String {
    match expected {
        0 => String::new(),
        all if all == unread => ", as expected".to_owned(),
        some => format!(", {some} of them as expected"),
    }
}

/// How many targets are unread as a waiver expects: `51 unread as expected, the first until 2027-03-31`. `None` if none is.
pub(super) fn expected_unread(ledger: &Ledger) -> Option<String> {
    let count = ledger.expected_unread;
    (count > 0).then(|| format!("{count} unread as expected{}", expected_until(ledger)))
}

/// Until when: `, the first until 2027-03-31`.
fn expected_until(ledger: &Ledger) -> String {
    ledger.expected_until.map_or_else(String::new, |day| match ledger.expected_unread {
        1 => format!(", until {day}"),
        _ => format!(", the first until {day}"),
    })
}

/// How many of the drifted targets are partly unread, to stand behind the number of drifted ones; empty if none is.
pub(super) fn partly_unread(ledger: &Ledger, before: &str) -> String {
    match ledger.partly_unread {
        0 => String::new(),
        count => format!("{before}{count} of them partly unread"),
    }
}

/// The count of each outcome, as a sum.
pub(super) fn ledger(ledger: &Ledger) -> String {
    let parts: Vec<String> = Outcome::ALL
        .iter()
        .map(|outcome| format!("{} {}", ledger.count(*outcome), outcome.as_str().replace('_', " ")))
        .collect();
    let partly = match ledger.partly_unread {
        0 => String::new(),
        count => format!("; {count} of the drifted partly unread"),
    };
    let expected = match ledger.expected_unread {
        0 => String::new(),
        count => format!("; {count} of the unread as expected{}", expected_until(ledger)),
    };
    format!("{} = {}{partly}{expected}", pluralize(ledger.declared, "target"), parts.join(" + "))
}

/// The count of each outcome for each resource, if there is more than one: `Macie session: 8 targets = …`.
pub(super) fn ledgers(view: &View<'_>) -> Vec<String> {
    let by_resource = view.ledger_by_resource.iter().filter(|_| view.ledger_by_resource.len() > 1);
    by_resource.map(|(resource, counts)| format!("{}: {}", resource.noun(), ledger(counts))).collect()
}

/// The services that targets belong to: `Amazon Macie and Session Manager`.
pub(super) fn services(view: &View<'_>) -> String {
    let mut services: Vec<&str> = view.ledger_by_resource.keys().map(|resource| resource.service()).collect();
    services.dedup();
    if services.is_empty() { Resource::default().service().to_owned() } else { services.join(" and ") }
}

fn differ(count: usize) -> String {
    if count == 1 { "1 target is not as wanted".to_owned() } else { format!("{count} targets are not as wanted") }
}

fn not_read(count: usize) -> String {
    if count == 1 { "1 target could not be read".to_owned() } else { format!("{count} targets could not be read") }
}

/// The number of new, newly unread, changed, persisting and resolved findings.
pub(super) fn change_counts(changes: &Changes) -> String {
    let (resolved, undeclared) = changes.ended();
    let some = |count: usize, what: &str| if count > 0 { format!(", {count} {what}") } else { String::new() };
    let Changes { newly_unread, changed, persisting, .. } = changes;
    let (new, unread) = (changes.new - newly_unread, some(*newly_unread, "newly unread"));
    let undeclared = some(undeclared, "not declared any more");
    format!("{new} new{unread}, {changed} changed, {persisting} persisting, {resolved} resolved{undeclared}")
}

/// The drift of targets that are unread in this run.
pub(super) fn carried_drift(count: usize) -> String {
    format!("{count} drifted when last read")
}

/// A waiver that became expiring, expired or unused, in one line, not escaped for any format.
pub(super) fn waiver_news(used: &WaiverUsage<'_>, today: Date) -> String {
    let WaiverFacts { origin, owner, reason, .. } = &used.waiver;
    let owner = owner.as_deref().map_or_else(String::new, |owner| format!(" ({owner})"));
    format!("{origin}{owner}: {}; {reason}", remarks(used, today).join("; "))
}

/// The number of accounts with a target.
pub(super) fn accounts(view: &View<'_>) -> usize {
    let (mut accounts, mut last) = (0, None);
    for target in view.targets.iter() {
        if last.replace(target.account) != Some(target.account) {
            accounts += 1;
        }
    }
    accounts
}

/// The requests of a run.
pub(super) fn requests(requests: &RequestCounts) -> String {
    let mut calls =
        format!("{} to Macie, {} to STS, {} to Account Management", requests.macie2, requests.sts, requests.account);
    // Writing into a String cannot fail.
    if requests.ssm > 0 {
        let _ = write!(calls, ", {} to Systems Manager", requests.ssm);
    }
    if requests.organizations > 0 {
        let _ = write!(calls, ", {} to Organizations", requests.organizations);
    }
    if requests.retried > 0 {
        let _ = write!(calls, "; {} of them retries", requests.retried);
    }
    if requests.access_denied > 0 {
        let _ = write!(calls, "; {} denied, which CloudTrail records as such", requests.access_denied);
    }
    calls
}

/// Why a target does not apply.
pub(super) fn not_applicable(target: &Target<'_>) -> &'static str {
    match target.basis() {
        Some(Basis::NoMacieInRegion) => "Macie does not exist in the Region",
        Some(Basis::RegionOff) => "the Region is off for the account",
        Some(Basis::RegionOffListed) => "the Region is off for the account, says Macie's administrator",
        Some(Basis::RegionOffInferred) => {
            "the Region seems to be off for the account: it refuses a token that works elsewhere"
        }
        Some(Basis::Answer | Basis::Listed) | None if target.is_off() => {
            "Macie is not enabled, so no other setting applies"
        }
        Some(Basis::Answer | Basis::Listed) | None => "the account or the Region does not have the declared settings",
    }
}

/// The evidence that a session is off or that a target does not apply, unless it is Macie's own answer.
pub(super) fn basis(basis: Basis) -> Option<&'static str> {
    match basis {
        Basis::Answer => None,
        Basis::RegionOff | Basis::RegionOffInferred => Some("account:ListRegions says that the Region is off"),
        Basis::RegionOffListed => Some("Macie's administrator lists the Region as off"),
        Basis::Listed => Some("Macie's administrator lists it so; the account itself was not asked"),
        Basis::NoMacieInRegion => Some("Macie does not exist in this Region"),
    }
}

/// The reasons for which a waiver expects targets to be unread; empty for a waiver of drift.
pub(super) fn reasons(waiver: &WaiverFacts<'_>) -> String {
    let words = waiver.unread_reasons.iter().flatten().map(|reason| reason.as_str());
    words.collect::<Vec<_>>().join(" or ")
}

/// Why a waiver that selects a finding does not cover it.
pub(super) fn lapse(lapsed: &LapsedWaiver<'_>) -> String {
    match lapsed.why {
        Why::Expired => format!("its last day was {}", lapsed.waiver.expires),
        Why::OtherLiveValue => format!("it is for {} only", lapsed.waiver.while_live.join(" or ")),
        Why::OtherReason => format!("it is for {} only", reasons(&lapsed.waiver)),
    }
}

/// Remarks about a waiver; none if it does what it is for.
pub(super) fn remarks(used: &WaiverUsage<'_>, today: Date) -> Vec<String> {
    let mut remarks = Vec::new();
    let left = today.duration_until(used.waiver.expires).as_hours() / 24;
    match used.state {
        State::Active => {}
        State::Ending if left == 0 => remarks.push("ends today".to_owned()),
        State::Ending => remarks.push(format!("ends in {}", days(left))),
        State::Expired => {
            remarks.push(format!("expired {} ago, on {}", days(-left), used.waiver.expires));
            if used.uncovered > 0 {
                let settings = pluralize(used.uncovered, "setting");
                remarks.push(match used.waiver.unread_reasons {
                    Some(_) => format!("{settings} unread, which counts again"),
                    None => format!("the drift of {settings} counts again"),
                });
            }
            return remarks;
        }
    }
    let expects = used.waiver.unread_reasons.is_some();
    if expects && used.uncovered > 0 {
        remarks.push(format!("{} unread for another reason", pluralize(used.uncovered, "setting")));
    }
    if expects && used.is_unused() && used.in_sync > 0 {
        remarks.push("covers nothing now: what it expects to be unread was read".to_owned());
    } else if used.is_unused() {
        remarks.push("covers nothing now".to_owned());
    }
    remarks
}

/// That a waiver selects more than it covers: worth knowing, and no reason to act.
pub(super) fn is_wide(used: &WaiverUsage<'_>) -> Option<String> {
    let covered = pluralize(used.covered, "setting");
    let expects = used.waiver.unread_reasons.is_some();
    let [what, rest] = if expects { ["unread as expected", "read"] } else { ["waived", "in sync"] };
    let is_wide = used.state != State::Expired && used.covered > 0 && used.in_sync > 0;
    is_wide.then(|| format!("wider than what it covers: {covered} {what}, {} {rest}", used.in_sync))
}

/// What a change of the policies does: `waives 2, accepts 1, causes 3 findings; 4 were there already`.
pub(crate) fn base_changes(counts: &BaseCounts) -> String {
    let BaseCounts { accepts, waives, causes, already, unread, .. } = counts;
    let were = if *already == 1 { "was" } else { "were" };
    let mut parts = vec![
        format!("waives {waives}, accepts {accepts}, causes {}", pluralize(*causes, "finding")),
        format!("{already} {were} there already"),
    ];
    if *unread > 0 {
        parts.push(format!("{unread} with unknown effect"));
    }
    parts.extend(unmanaged(counts));
    parts.join("; ")
}

/// The number of selected targets, and the options that select them, which are not escaped for any format.
pub(crate) struct Selected {
    pub(crate) count: usize,
    pub(crate) total: usize,
    pub(crate) options: String,
}

impl Selected {
    /// The number of selected targets.
    pub(crate) fn count(&self) -> String {
        format!("selected: {} of {}", self.count, pluralize(self.total, "target"))
    }
}

impl fmt::Display for Selected {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({})", self.count(), self.options)
    }
}

/// What a change of the policies no longer manages.
fn unmanaged(counts: &BaseCounts) -> Vec<String> {
    let wanted = pluralize(counts.unmanaged, "drift");
    let settings = pluralize(counts.settings_no_longer_declared, "setting");
    let declared = pluralize(counts.no_longer_declared, "target");
    let parts = [
        (counts.unmanaged, format!("{wanted} not wanted any more")),
        (counts.settings_no_longer_declared, format!("{settings} of targets still declared not declared any more")),
        (counts.no_longer_declared, format!("{declared} not declared any more, and not read")),
    ];
    parts.into_iter().filter(|(count, _)| *count > 0).map(|(_, text)| text).collect()
}

/// Items in full, or the first `max` and the number of the rest.
pub(crate) fn listed(items: &[String], max: usize) -> String {
    match items.get(..max) {
        // A single further item takes no more room than its number.
        Some(first) if items.len() > max.saturating_add(1) => {
            format!("{}, … and {} more", first.join(", "), items.len() - first.len())
        }
        _ => items.join(", "),
    }
}

/// An account with its name, if that is known: `payments (111122223333)`.
pub(super) fn named_account(id: AccountId, name: Option<&str>) -> String {
    name.map_or_else(|| id.to_string(), |name| format!("{name} ({id})"))
}

/// Number of new findings among some: `new` of all, `2 of 5 new`. `None` if none is new.
pub(super) fn new_of(new: usize, all: usize) -> Option<String> {
    match new {
        0 => None,
        _ if new == all => Some("new".to_owned()),
        _ => Some(format!("{new} of {all} new")),
    }
}

/// A number with its noun: `1 target`, `2 targets`.
pub(crate) fn pluralize(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// A length of time in days.
pub(crate) fn days(count: i64) -> String {
    pluralize(usize::try_from(count).unwrap_or_default(), "day")
}
