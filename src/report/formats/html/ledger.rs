//! The head of the page: verdict, ledger, and what has changed.

use maud::{Markup, html};

use super::block::{CHANGES, as_fit, left_out};
use super::escaped::{BY_ATTENTION, label, sign, untrusted};
use super::times::time;
use crate::drift::{Ledger, Verdict};
use crate::model::Environment;
use crate::report::FormatOptions;
use crate::report::messages::{self, pluralize};
use crate::report::model::View;
use crate::report::news::{Line, News, Tone};
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

/// Changes since an earlier report: what is new or otherwise, what is resolved, and one line for the rest.
pub(super) fn changes(view: &View<'_>, options: &FormatOptions) -> Markup {
    let news = News::from_view(view);
    let Some((changes, news)) = view.changes.as_ref().zip(news.as_ref()) else { return html! {} };
    let (resolved, open): (Vec<Line>, Vec<Line>) =
        news.lines(|file| options.path(file)).into_iter().partition(|line| line.tone == Tone::Good);
    html! {
        section #changes aria-labelledby="changes-title" {
            h2 #changes-title { "Since the last run" }
            p { (messages::change_counts(changes)) "." }
            (lines(&open, CHANGES / 2))
            @if !resolved.is_empty() {
                h3 { "Resolved" }
                (lines(&resolved, CHANGES / 2))
            }
            @if let Some(rest) = news.rest() { p.note { (rest) "." } }
        }
    }
}

fn lines(lines: &[Line], bytes: usize) -> Markup {
    let class = |tone| match tone {
        Tone::Bad => "new",
        Tone::Warning => "changed",
        Tone::Good => "resolved",
    };
    let fit = as_fit(lines, bytes, |line| {
        html! { li { span.badge.(class(line.tone)) { (line.label) } " " (untrusted(&line.text)) } }
    });
    html! {
        @if !lines.is_empty() { ul.plain { (fit.markup) } }
        (left_out(fit.left_out, "changes"))
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
