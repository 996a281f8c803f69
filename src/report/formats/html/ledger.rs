//! The verdict as headline, and the ledger below it.

use maud::{Markup, html};

use super::escaped::{BY_ATTENTION, sign, words};
use crate::drift::{Ledger, Verdict};
use crate::model::Environment;
use crate::report::{View, messages as sentences, pluralize, shown};
use crate::resource::Outcome;

/// The title of the page, which a tab shows the beginning of.
pub(super) fn title(view: &View<'_>) -> String {
    let ledger = &view.ledger;
    let targets = pluralize(ledger.declared, "target");
    let parts: Vec<String> = [Outcome::Drifted, Outcome::Unread]
        .into_iter()
        .filter(|outcome| ledger.count(*outcome) > 0)
        .map(|outcome| format!("{} {}", ledger.count(outcome), words(outcome)))
        .collect();
    let parts = if parts.is_empty() { targets } else { format!("{} of {targets}", parts.join(", ")) };
    format!("{}: {parts} · driftline", headline(view.verdict))
}

pub(super) fn headline(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::InSync => "In sync",
        Verdict::Drift => "Drift",
        Verdict::Incomplete => "Incomplete",
        Verdict::DriftAndIncomplete => "Drift and incomplete",
    }
}

pub(super) fn verdict(view: &View<'_>) -> Markup {
    let sentence = sentences::verdict(view);
    // The headline has said the first word.
    let sentence = sentence.split_once([':', ';', ',']).map_or("", |(_, rest)| rest.trim_start());
    let (first, rest) = sentence.split_at(sentence.chars().next().map_or(0, char::len_utf8));
    html! {
        header.verdict.(view.verdict.as_str()) {
            p.kicker {
                "Amazon Macie, " (pluralize(sentences::accounts(view), "account")) " · " (read(view))
                @if view.run.source == Environment::Simulation { " " span.simulated { "simulated AWS" } }
            }
            h1 { (headline(view.verdict)) }
            p.sentence { (first.to_uppercase()) (rest) "." }
            (bar(&view.ledger))
            dl.ledger {
                @for outcome in BY_ATTENTION {
                    div.(outcome.as_str()).none[view.ledger.count(outcome) == 0] {
                        dt { span.cell aria-hidden="true" { (sign(outcome)) } " " (words(outcome)) }
                        dd { (view.ledger.count(outcome)) }
                    }
                }
                div.total { dt { "declared" } dd { (view.ledger.declared) } }
            }
        }
    }
}

/// When what the page shows was read, or which snapshot it was taken from.
fn read(view: &View<'_>) -> Markup {
    let time = |text: &str| html! { time datetime=(shown(text)) { (shown(text)) } };
    html! {
        @if let Some(snapshot) = &view.run.snapshot {
            "snapshot taken " (time(&snapshot.taken_at))
        } @else if let Some(carried) = &view.run.carried {
            (carried.readings) " of " (pluralize(view.ledger.declared, "reading")) " by earlier runs, since "
            (time(&carried.read_at))
        } @else {
            "read " (time(&view.run.finished_at))
        }
    }
}

/// The width of the bar in its own units.
const WIDTH: usize = 1_000;

/// What is there at all is at least this wide, so that one in ten thousand can be seen.
const LEAST: usize = 6;

/// The shares of the outcomes as a bar.
fn bar(ledger: &Ledger) -> Markup {
    let said: Vec<String> =
        BY_ATTENTION.into_iter().map(|outcome| format!("{} {}", ledger.count(outcome), words(outcome))).collect();
    let mut from = 0;
    html! {
        svg.bar viewBox={ "0 0 " (WIDTH) " 10" } preserveAspectRatio="none" role="img" aria-labelledby="bar-title bar-desc" {
            title #bar-title { "Targets by outcome" }
            desc #bar-desc { "Of " (pluralize(ledger.declared, "target")) ": " (said.join(", ")) "." }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_full_and_hides_nothing() {
        for counts in [[1, 0, 0, 0, 0], [99_999, 1, 0, 0, 0], [9_000, 1, 1, 1, 1], [1, 1, 1, 0, 0], [0, 0, 0, 0, 7]] {
            let [in_sync, drifted, waived, not_applicable, unread] = counts;
            let declared = counts.iter().sum();
            let ledger = Ledger { declared, in_sync, drifted, waived, not_applicable, unread };
            let widths = widths(&ledger);
            assert_eq!(widths.iter().sum::<usize>(), WIDTH, "{counts:?}");
            for (outcome, width) in BY_ATTENTION.into_iter().zip(widths) {
                assert_eq!(ledger.count(outcome) > 0, width > 0, "{counts:?}");
            }
        }
        assert_eq!(widths(&Ledger::default()), [0; 5]);
    }
}
