//! Narrowing the findings without script: radio buttons that the style sheet reads.

use maud::{Markup, html};

use super::escaped::words;
use crate::model::Severity;
use crate::report::Problem;
use crate::resource::Outcome;

/// The outcomes that findings have.
const OUTCOMES: [Outcome; 3] = [Outcome::Drifted, Outcome::Unread, Outcome::Waived];

/// The outcome that a problem is one of.
pub(super) fn outcome(problem: &Problem<'_>) -> Outcome {
    match problem.what {
        crate::report::ProblemKind::Drift(_) => Outcome::Drifted,
        crate::report::ProblemKind::Waived(_) => Outcome::Waived,
        crate::report::ProblemKind::Unread => Outcome::Unread,
    }
}

/// The buttons, with the number of findings behind each. Where the style sheet cannot read them they do not show, and every
/// finding does.
pub(super) fn filter(problems: &[Problem<'_>]) -> Markup {
    let of_outcome = |wanted| problems.iter().filter(|problem| outcome(problem) == wanted).count();
    let of_severity = |wanted| problems.iter().filter(|problem| problem.severity() == wanted).count();
    html! {
        div.filter {
            fieldset {
                legend { "Outcome" }
                (button("outcome", "all", "all", problems.len(), true))
                @for outcome in OUTCOMES {
                    (button("outcome", outcome.as_str(), words(outcome), of_outcome(outcome), false))
                }
            }
            fieldset {
                legend { "Severity" }
                (button("severity", "all", "all", problems.len(), true))
                @for severity in Severity::ALL.into_iter().rev() {
                    (button("severity", severity.as_str(), severity.as_str(), of_severity(severity), false))
                }
            }
        }
        p.nothing { "No finding is both." }
    }
}

fn button(name: &str, value: &str, words: &str, count: usize, checked: bool) -> Markup {
    html! {
        label {
            input type="radio" name=(name) id={ (name) "-" (value) } checked[checked] disabled[count == 0];
            " " (words) " " span.count { (count) }
        }
    }
}
