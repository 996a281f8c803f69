//! What the map's cells lead to.

use crate::report::{Problem, ProblemKind, Target};
use crate::resource::Outcome;

/// The id of a problem's place on the page, cut from its identity.
pub(super) fn anchor(problem: &Problem<'_>) -> Option<String> {
    let identity = problem.rule()?.identity(problem.target.account, &problem.target.region);
    Some(format!("f-{}", &identity[..16]))
}

/// The problem that a target's outcome comes from: its first drift, its first waived one, or that it is unread.
pub(super) fn first(target: &Target<'_>) -> Option<String> {
    let place = || target.settings.iter().position(|setting| setting.outcome == target.outcome);
    let what = match target.outcome {
        Outcome::Drifted => ProblemKind::Drift(place()?),
        Outcome::Waived => ProblemKind::Waived(place()?),
        Outcome::Unread => ProblemKind::Unread,
        Outcome::InSync | Outcome::NotApplicable => return None,
    };
    anchor(&Problem { target: std::borrow::Cow::Borrowed(target), what })
}
