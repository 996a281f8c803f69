//! OCSF's numbers with their captions, which have to fit each other.
//!
//! Source: ocsf/ocsf-schema, `dictionary.json` and `objects/compliance.json`.

use crate::model::Severity;
use crate::resource::Outcome;

/// A number with its caption.
pub(super) type Number = (u32, &'static str);

/// How much a finding matters: what is well is told for information.
pub(super) fn severity(severity: Option<Severity>) -> Number {
    match severity {
        None => (1, "Informational"),
        Some(Severity::Low) => (2, "Low"),
        Some(Severity::Medium) => (3, "Medium"),
        Some(Severity::High) => (4, "High"),
        Some(Severity::Critical) => (5, "Critical"),
    }
}

/// Whether somebody has to look at the finding.
pub(super) fn status(outcome: Outcome) -> Number {
    if outcome == Outcome::Waived { (3, "Suppressed") } else { (1, "New") }
}

/// Whether the setting is as it must be. A waived drift is one all the same.
pub(super) fn compliance(outcome: Outcome) -> Number {
    match outcome {
        Outcome::InSync => (1, "Pass"),
        Outcome::Drifted | Outcome::Waived => (3, "Fail"),
        Outcome::Unread | Outcome::NotApplicable => (0, "Unknown"),
    }
}
