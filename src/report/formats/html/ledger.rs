//! The head of the page: verdict, ledger, and the run.

use jiff::Timestamp;
use maud::{Markup, html};

use super::block::{CHANGES, FILES, as_fit, left_out};
use super::escaped::{BY_ATTENTION, label, path, sign, untrusted};
use crate::drift::{Ledger, Verdict};
use crate::model::Environment;
use crate::report::FormatOptions;
use crate::report::escape::shown;
use crate::report::messages::{self, base_changes, pluralize};
use crate::report::model::View;
use crate::report::news::News;
use crate::resource::Outcome;

/// The title of the page, which a tab shows the beginning of.
pub(super) fn title(view: &View<'_>) -> String {
    let ledger = &view.ledger;
    let targets = pluralize(ledger.declared, "target");
    let parts: Vec<String> = [Outcome::Drifted, Outcome::Unread]
        .into_iter()
        .filter(|outcome| ledger.count(*outcome) > 0)
        .map(|outcome| {
            let is_drift = outcome == Outcome::Drifted && ledger.partly_unread > 0;
            let partly = if is_drift { format!(" ({} partly unread)", ledger.partly_unread) } else { String::new() };
            format!("{} {}{partly}", ledger.count(outcome), label(outcome))
        })
        .collect();
    let parts = if parts.is_empty() { targets } else { format!("{} of {targets}", parts.join(", ")) };
    format!("{}: {parts} · driftline", headline(view))
}

pub(super) fn headline(view: &View<'_>) -> &'static str {
    match view.verdict {
        Verdict::InSync if view.ledger.expected_unread > 0 => "No drift",
        Verdict::InSync => "In sync",
        Verdict::Drift => "Drift",
        Verdict::Incomplete => "Incomplete",
        Verdict::DriftAndIncomplete => "Drift and incomplete",
    }
}

pub(super) fn verdict(view: &View<'_>) -> Markup {
    let sentence = messages::verdict(view);
    // The headline has said the first word.
    let sentence = sentence.split_once([':', ';', ',']).map_or("", |(_, rest)| rest.trim_start());
    let (first, rest) = sentence.split_at(sentence.chars().next().map_or(0, char::len_utf8));
    html! {
        header.verdict.(view.verdict.as_str()) {
            p.kicker {
                (messages::services(view)) ", " (pluralize(messages::accounts(view), "account")) " · " (readings(view))
                @if view.run.source == Environment::Simulation { " " span.simulated { "simulated AWS" } }
            }
            h1 { (headline(view)) }
            @if let Some(selected) = view.selected() {
                p.sentence { (selected.count()) " (" code { (untrusted(&selected.options)) } ")." }
            }
            p.sentence { (first.to_uppercase()) (rest) "." }
            (bar(&view.ledger))
            dl.ledger {
                @for outcome in BY_ATTENTION {
                    div.(outcome.as_str()).none[view.ledger.count(outcome) == 0] {
                        dt { span.cell aria-hidden="true" { (sign(outcome)) } " " (label(outcome)) }
                        dd { (view.ledger.count(outcome)) }
                    }
                }
                div.total { dt { "declared" } dd { (view.ledger.declared) } }
            }
            @for line in messages::ledgers(view) { p.note { (line) "." } }
        }
    }
}

/// When what the page shows was read, or which snapshot it was taken from.
fn readings(view: &View<'_>) -> Markup {
    html! {
        @if let Some(taken_at) = view.run.snapshot {
            "snapshot taken " (time(taken_at))
        } @else if let Some(carried) = &view.run.carried {
            (carried.readings) " of " (pluralize(view.ledger.declared, "reading")) " by earlier runs, since "
            (time(carried.read_at))
        } @else {
            "read " (time(view.run.finished_at))
        }
    }
}

fn time(time: Timestamp) -> Markup {
    html! { time datetime=(time) { (time) } }
}

/// The width of the bar in its own units.
const WIDTH: usize = 1_000;

/// What is there at all is at least this wide, so that one in ten thousand can be seen.
const LEAST: usize = 6;

/// The shares of the outcomes as a bar.
fn bar(ledger: &Ledger) -> Markup {
    let parts: Vec<String> =
        BY_ATTENTION.into_iter().map(|outcome| format!("{} {}", ledger.count(outcome), label(outcome))).collect();
    let mut from = 0;
    html! {
        svg.bar viewBox={ "0 0 " (WIDTH) " 10" } preserveAspectRatio="none" role="img" aria-labelledby="bar-title bar-desc" {
            title #bar-title { "Targets by outcome" }
            desc #bar-desc { "Of " (pluralize(ledger.declared, "target")) ": " (parts.join(", ")) "." }
            @for (outcome, width) in BY_ATTENTION.into_iter().zip(widths(ledger)) {
                @if width > 0 {
                    rect.(outcome.as_str()) x=(from) y="0" width=(width) height="10" {}
                }
                @let () = from += width;
            }
        }
    }
}

/// The widths of the bar's parts, which add up to its width. The widest makes room for those that would not be seen.
fn widths(ledger: &Ledger) -> [usize; 5] {
    let share = |outcome| match ledger.count(outcome) {
        0 => 0,
        count => (count * WIDTH / ledger.declared.max(1)).max(LEAST),
    };
    let mut widths = BY_ATTENTION.map(share);
    let sum: usize = widths.iter().sum();
    if let Some(widest) = widths.iter_mut().max().filter(|widest| **widest > 0) {
        *widest = (*widest + WIDTH).saturating_sub(sum);
    }
    widths
}

/// Changes since an earlier report, and one line for the rest.
pub(super) fn changes(view: &View<'_>, options: &FormatOptions) -> Markup {
    let news = News::from_view(view);
    let Some((changes, news)) = view.changes.as_ref().zip(news.as_ref()) else { return html! {} };
    let lines = as_fit(&news.lines(|file| options.path(file)), CHANGES, |line| {
        html! { li { strong { (line.label) } " " (untrusted(&line.text)) } }
    });
    html! {
        section #changes aria-labelledby="changes-title" {
            h2 #changes-title { "Since the last run" }
            p { (messages::change_counts(changes)) "." }
            ul { (lines.markup) }
            (left_out(lines.left_out, "changes"))
            @if let Some(rest) = news.rest() { p.note { (rest) "." } }
        }
    }
}

/// The facts about the run, which an audit needs.
/// More policy files than these are folded.
const FILES_OPEN: usize = 6;

/// The facts about the run, as evidence for an audit.
pub(super) fn run(view: &View<'_>, options: &FormatOptions) -> Markup {
    let run = &view.run;
    let files = &run.policy_files;
    html! {
        section #run aria-labelledby="run-title" {
            h2 #run-title { "The run" }
            dl.facts {
                div { dt { "Command" } dd { (untrusted(&run.command)) ", " (shown(&view.source())) } }
                div {
                    dt { "Started" }
                    dd { (time(run.started_at)) }
                }
                div {
                    dt { "Finished" }
                    dd { (time(run.finished_at)) }
                }
                @if let Some(day) = run.as_of { div { dt { "Waivers as on" } dd { bdi { (day) } } } }
                @if let Some(file) = &run.settings_file { div { dt { "Settings" } dd { code { (untrusted(file)) } } } }
                @if let Some(base) = &view.base {
                    div.wide {
                        dt { "Compared with" }
                        dd { code { (untrusted(&base.revision)) } ": the change " (base_changes(&base.counts)) }
                    }
                }
                div.wide { dt { "Requests" } dd { (messages::requests(&view.requests)) } }
                div.wide {
                    dt { "Caller" }
                    dd {
                        @match &run.caller {
                            Some(caller) => code { (untrusted(&caller.arn)) },
                            None => "not learnt before the run ended",
                        }
                    }
                }
                div.wider { dt { "Policy digest" } dd { code { (untrusted(&run.policy_digest)) } } }
                div.whole {
                    dt { "Policies" }
                    dd {
                        @if files.len() > FILES_OPEN {
                            details { summary { (pluralize(files.len(), "file")) } (policy_files(view, options)) }
                        } @else { (policy_files(view, options)) }
                    }
                }
            }
        }
    }
}

fn policy_files(view: &View<'_>, options: &FormatOptions) -> Markup {
    let files = as_fit(&view.run.policy_files, FILES, |file| html! { li { code { (path(&options.path(file))) } } });
    html! {
        ul.files { (files.markup) }
        (left_out(files.left_out, "policy files"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_full_and_hides_nothing() {
        for counts in [[1, 0, 0, 0, 0], [99_999, 1, 0, 0, 0], [9_000, 1, 1, 1, 1], [1, 1, 1, 0, 0], [0, 0, 0, 0, 7]] {
            let [in_sync, drifted, waived, not_applicable, unread] = counts;
            let declared = counts.iter().sum();
            let ledger = Ledger { declared, in_sync, drifted, waived, not_applicable, unread, ..Ledger::default() };
            let widths = widths(&ledger);
            assert_eq!(widths.iter().sum::<usize>(), WIDTH, "{counts:?}");
            for (outcome, width) in BY_ATTENTION.into_iter().zip(widths) {
                assert_eq!(ledger.count(outcome) > 0, width > 0, "{counts:?}");
            }
        }
        assert_eq!(widths(&Ledger::default()), [0; 5]);
    }
}
