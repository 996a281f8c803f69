//! Summary texts for the notification formats, Slack and SNS.

use std::borrow::Cow;
use std::cmp::Reverse;

use crate::drift::Verdict;
use crate::model::{AccountId, Origin, Resource, Severity};
use crate::report::FormatOptions;
use crate::report::causes::{CauseLine, CauseSource, Causes};
use crate::report::escape::shortened;
use crate::report::finding::{Finding, worst_first};
use crate::report::fold::folded;
use crate::report::messages::{self, VerdictFacts, named_account, pluralize};
use crate::report::model::{ChangeMark, State, View};
use crate::report::news::News;
use crate::report::target_group::{TargetGroup, group_by_key};
use crate::report::unread_group::{Cause, describe};
use crate::report::unread_summary::UnreadSummary;
use crate::resource::LastChange;

/// The greatest length of a cause, and of its fix. Messages of AWS may be long.
const SENTENCE_AT_MOST: usize = 360;

/// The greatest length of a line about findings, without the place of the declaration.
const LINE_AT_MOST: usize = 420;

/// The greatest length of an untrusted word.
const WORD_AT_MOST: usize = 80;

/// The accounts and the Regions of a line that are named.
const NAMED: usize = 3;

/// The verdict with its numbers. It holds no untrusted text.
pub(super) fn headline(view: &View<'_>) -> String {
    let ledger = &view.ledger;
    let targets = pluralize(ledger.declared, "target");
    let facts = VerdictFacts::from_view(view);
    let partly = messages::partly_unread(ledger, ", ");
    let unread = if facts.unexpected > 0 { format!(", {} unread", facts.unexpected) } else { String::new() };
    let verdict = match view.verdict {
        Verdict::InSync if facts.expected.is_some() => format!("no drift in {targets}"),
        Verdict::InSync if ledger.waived > 0 => format!("in sync, with drift waived in {} of {targets}", ledger.waived),
        Verdict::InSync => format!("in sync, {targets}"),
        Verdict::Drift => format!("drift, {} of {targets} drifted", ledger.drifted),
        Verdict::Incomplete if facts.unexpected == 0 => format!("incomplete, none of {targets} read"),
        Verdict::Incomplete => format!("incomplete, {} of {targets} unread", facts.unexpected),
        Verdict::DriftAndIncomplete => {
            format!("drift and incomplete, {} of {targets} drifted{partly}{unread}", ledger.drifted)
        }
    };
    format!("{verdict}{}", facts.rest())
}

/// Whether a finding stands in the list of changes already.
pub(super) fn is_news(view: &View<'_>, finding: &Finding<'_>) -> bool {
    let is_compared = view.changes.as_ref().is_some_and(|changes| changes.compared_with.is_some());
    is_compared && finding.mark() != Some(ChangeMark::Persisting)
}

/// The run, not escaped for any format.
pub(super) fn run(view: &View<'_>, options: &FormatOptions) -> String {
    let (set, digest) = (word(&options.policy_set), word(&view.run.policy_digest));
    let until = if view.run.snapshot.is_some()
        || view.run.carried.as_ref().is_some_and(|carried| carried.readings >= view.ledger.declared)
    {
        String::new()
    } else {
        format!(", read up to {}", view.run.finished_at)
    };
    let selected = view.selected().map_or_else(String::new, |selected| format!(" {}.", word(&selected.to_string())));
    format!("Policy set {set} ({digest}), {}{until}.{selected}", view.source())
}

/// Remarks on waivers and unreached accounts.
pub(super) fn remarks(view: &View<'_>) -> Vec<String> {
    let waivers = |state| view.waivers.iter().filter(|waiver| waiver.state == state).count();
    let mut remarks = Vec::new();
    let mut remark = |count: usize, noun: &str, what: &str| {
        if count > 0 {
            remarks.push(format!("{} {what}.", pluralize(count, noun)));
        }
    };
    remark(waivers(State::Expired), "waiver", "no longer covering, past the last day");
    remark(waivers(State::Ending), "waiver", "soon to end");
    remark(view.unreached.len(), "account", "of the inventory that no declaration reaches");
    remarks
}

/// The causes that are unread beside a list of changes, or all of them. Each is what is wrong with its severity before it, and what
/// to do. Not escaped for any format.
pub(super) fn causes(
    view: &View<'_>,
    unread: &UnreadSummary,
    news: Option<&News<'_>>,
    options: &FormatOptions,
) -> Vec<CauseText> {
    let causes = Causes::beside(view, unread, news);
    let text = |line: &CauseLine| {
        let source = match &line.source {
            CauseSource::Declaration(origin) => format!("{}: ", place(origin, options)),
            CauseSource::Unread(_) => line.reason().map_or_else(String::new, |reason| format!("{reason}: ")),
        };
        let fact = shortened(&line.fact(), SENTENCE_AT_MOST).into_owned();
        CauseText {
            severity: line.severity,
            fact: format!("{source}{fact}"),
            fix: shortened(&line.fix, SENTENCE_AT_MOST).into_owned(),
        }
    };
    causes.lines.iter().map(text).collect()
}

/// A cause in words.
pub(super) struct CauseText {
    pub(super) severity: Severity,
    pub(super) fact: String,
    pub(super) fix: String,
}

/// Findings that share everything but account and Region.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Shared<'f> {
    severity: Reverse<Severity>,
    resource: Resource,
    cause: Option<Cause<'f>>,
    fact: String,
    origin: Option<(&'f str, u32)>,
}

/// Findings in one line.
pub(super) struct Line {
    pub(super) severity: Severity,
    /// The targets, what is wrong, and the place of the declaration; not escaped for any format.
    pub(super) text: String,
    /// The number of findings.
    pub(super) findings: usize,
}

/// The findings to list, the most severe first, those that share everything but account and Region in one line: all but those that
/// are unread for a cause that is stated once, and those in the list of changes.
pub(super) fn lines(view: &View<'_>, unread: &UnreadSummary, options: &FormatOptions) -> Vec<Line> {
    let is_listed = |finding: &Finding<'_>| !unread.is_stated_once(finding) && !is_news(view, finding);
    let findings = folded(worst_first(view).into_iter().filter(is_listed).collect());
    let groups = group_by_key(
        &findings,
        |finding| Shared {
            severity: Reverse(finding.severity()),
            resource: finding.target.resource,
            cause: finding.cause().map(Cause::at_any_time),
            fact: finding.fact(),
            origin: finding.origin().map(|origin| (origin.file.as_str(), origin.line)),
        },
        |finding| (finding.target.account, finding.target.account_name.as_deref(), finding.target.region.as_str()),
    );
    groups.iter().filter_map(|group| line(group, options)).collect()
}

fn line(group: &TargetGroup<'_, Finding<'_>>, options: &FormatOptions) -> Option<Line> {
    let finding = group.first()?;
    let account = |id: AccountId, name: Option<&str>| named_account(id, name.map(word).as_deref());
    let targets = group.describe_with(account, str::to_owned, NAMED, [" ", ": "]);
    let origin = finding.origin().map_or_else(String::new, |origin| format!(" ({})", place(origin, options)));
    let times: Vec<LastChange> = group.items.iter().filter_map(|finding| finding.last_change()).collect();
    let changed = LastChange::span(&times).map_or_else(String::new, |span| format!("; changed {span}"));
    let since = group.items.iter().filter_map(|finding| finding.since()).min();
    let since = since.map_or_else(String::new, |since| format!("; there since {since}"));
    let what = format!("{targets}: {}{changed}{since}", fact(finding));
    Some(Line {
        severity: finding.severity(),
        text: format!("{}{origin}", shortened(&what, LINE_AT_MOST)),
        findings: group.len(),
    })
}

/// Want and is, or the reason with what AWS said.
fn fact(finding: &Finding<'_>) -> String {
    let Some(unread) = finding.unread() else { return finding.fact() };
    let subject = match finding.subject_cell() {
        cell if cell.is_empty() => String::new(),
        cell => format!("{cell} "),
    };
    let said = describe(unread);
    let said = if said.is_empty() { said } else { format!(": {said}") };
    format!("{subject}unread ({}{said})", unread.reason.as_str())
}

/// The file and the line of a declaration.
fn place(origin: &Origin, options: &FormatOptions) -> String {
    format!("{}:{}", word(&options.path(&origin.file)), origin.line)
}

fn word(text: &str) -> Cow<'_, str> {
    shortened(text, WORD_AT_MOST)
}
