//! A report in a few words, for the formats that go to where people are disturbed by it.

use super::truncate::shortened;
use crate::drift::Verdict;
use crate::report::{FormatOptions, Problem, State, View, pluralize};
use crate::resource::Outcome;

/// The most of a problem that such a format tells. What AWS says has no end.
const PROBLEM_AT_MOST: usize = 360;

/// The most of a word that somebody else chose.
const WORD_AT_MOST: usize = 80;

/// What the whole amounts to, with its numbers. There is nothing in it that somebody else wrote.
pub(super) fn headline(view: &View<'_>) -> String {
    let ledger = view.ledger;
    let targets = pluralize(ledger.declared, "target");
    match view.verdict {
        Verdict::InSync if ledger.waived > 0 => format!("in sync, with drift waived in {} of {targets}", ledger.waived),
        Verdict::InSync => format!("in sync, {targets}"),
        Verdict::Drift => format!("drift, {} of {targets} drifted", ledger.drifted),
        Verdict::Incomplete => format!("incomplete, {} of {targets} unread", ledger.unread),
        Verdict::DriftAndIncomplete => {
            format!("drift and incomplete, {} of {targets} drifted, {} unread", ledger.drifted, ledger.unread)
        }
    }
}

/// The count of each outcome.
pub(super) fn ledger(view: &View<'_>) -> String {
    let parts: Vec<String> = Outcome::ALL
        .iter()
        .map(|outcome| format!("{} {}", view.ledger.count(*outcome), outcome.as_str().replace('_', " ")))
        .collect();
    format!("{} = {}", pluralize(view.ledger.declared, "target"), parts.join(" + "))
}

/// How the run came about. It is not escaped for any format.
pub(super) fn run(view: &View<'_>, options: &FormatOptions) -> String {
    let (set, digest) = (word(&options.policy_set), word(&view.run.policy_digest));
    // Of what somebody has read once, the time of this run says nothing.
    let until = if view.run.snapshot.is_some()
        || view.run.carried.as_ref().is_some_and(|carried| carried.readings >= view.ledger.declared)
    {
        String::new()
    } else {
        format!(", read up to {}", word(&view.run.finished_at))
    };
    format!("Policy set {set} ({digest}), {}{until}.", view.source())
}

/// What else asks for attention: waivers, and accounts of which nothing is wanted.
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

/// A problem in one line, with the place to look at. It is not escaped for any format.
pub(super) fn problem(problem: &Problem<'_>, options: &FormatOptions) -> String {
    let name = problem.target.account_name.as_deref().map(|name| format!(" The account is '{}'.", word(name)));
    let origin = problem.origin().map(|origin| format!(" See {}:{}.", word(&options.path(&origin.file)), origin.line));
    let sentence = problem.sentence();
    let (name, origin) = (name.unwrap_or_default(), origin.unwrap_or_default());
    format!("{}{name}{origin}", shortened(&sentence, PROBLEM_AT_MOST))
}

fn word(text: &str) -> std::borrow::Cow<'_, str> {
    shortened(text, WORD_AT_MOST)
}
