//! Summary texts for the notification formats, Slack and SNS.

use crate::drift::Verdict;
use crate::report::FormatOptions;
use crate::report::escape::shortened;
use crate::report::finding::{Finding, worst_first};
use crate::report::fold::folded;
use crate::report::messages::{self, VerdictFacts, pluralize};
use crate::report::model::{ChangeMark, State, View};
use crate::report::unread_summary::{ReasonTotal, SharedCause, UnreadSummary};

/// The greatest length of a finding's sentence. Messages of AWS may be long.
const SENTENCE_AT_MOST: usize = 360;

/// The greatest length of an untrusted word.
const WORD_AT_MOST: usize = 80;

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

/// Summary of the unread targets: the causes that accounts share, and the numbers by reason. Not escaped for any format.
pub(super) fn unread(summary: &UnreadSummary) -> Vec<String> {
    let stated = |cause: &SharedCause| {
        let text = format!("Cause: {} ({}): {}.", cause.headline, pluralize(cause.targets, "target"), cause.fix);
        shortened(&text, SENTENCE_AT_MOST).into_owned()
    };
    let total = |total: &ReasonTotal| {
        let (accounts, targets) = (pluralize(total.accounts, "account"), pluralize(total.targets, "target"));
        format!("{} in {accounts}, {targets}{}", total.reason.as_str(), total.expected_words())
    };
    let totals: Vec<String> = summary.reasons.iter().map(total).collect();
    let by_reason = (!totals.is_empty()).then(|| format!("Unread: {}.", totals.join("; ")));
    summary.shared.iter().map(stated).chain(by_reason).collect()
}

/// The findings to list, the most severe first: all but those that are unread for a cause that is stated once.
pub(super) fn listed<'a>(view: &'a View<'_>, summary: &UnreadSummary) -> Vec<Finding<'a>> {
    folded(worst_first(view).into_iter().filter(|finding| !summary.is_stated_once(finding)).collect())
}

/// A finding in one line, with the place of its declaration, not escaped for any format.
pub(super) fn line(finding: &Finding<'_>, options: &FormatOptions) -> String {
    let name = finding.target.account_name.as_deref().map(|name| format!(" The account is '{}'.", word(name)));
    let origin = finding.origin().map(|origin| format!(" See {}:{}.", word(&options.path(&origin.file)), origin.line));
    let sentence = finding.sentence();
    let changed = finding.last_change().map_or_else(String::new, |change| format!(" It was {}.", change.words()));
    let (name, origin) = (name.unwrap_or_default(), origin.unwrap_or_default());
    format!("{}{changed}{name}{origin}", shortened(&sentence, SENTENCE_AT_MOST))
}

fn word(text: &str) -> std::borrow::Cow<'_, str> {
    shortened(text, WORD_AT_MOST)
}
