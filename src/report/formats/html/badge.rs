//! Badges of a finding: its severity, what has become of it, its age, and what a change of the policies does about it.

use jiff::Timestamp;
use maud::{Markup, html};

use super::times::age;
use crate::drift::Review;
use crate::model::Severity;
use crate::report::finding::Finding;
use crate::report::model::ChangeMark;

/// A severity: a colour, a shape and the word.
pub(super) fn severity(severity: Severity) -> Markup {
    html! { span.severity { span aria-hidden="true" { (shape(severity)) } " " (severity) } }
}

fn shape(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "◆",
        Severity::High => "▲",
        Severity::Medium => "●",
        Severity::Low => "○",
    }
}

/// What has become of a finding since an earlier report, and what a change of the policies does about it.
pub(super) fn badges(finding: &Finding<'_>, now: Timestamp) -> Markup {
    let mark = finding.mark();
    let since = finding.since().filter(|_| mark != Some(ChangeMark::New));
    let review = finding.review();
    html! {
        @if mark == Some(ChangeMark::New) { " " span.badge.new { "new" } }
        @if mark == Some(ChangeMark::Changed) { " " span.badge.changed { "changed" } }
        @if let Some(since) = since { " " (age(since, now)) }
        @if let Some(review) = review { " " span.badge.review { (review_words(review)) } }
    }
}

fn review_words(review: Review) -> &'static str {
    match review {
        Review::Accepts => "accepted by this change",
        Review::Waives => "waived by this change",
        Review::Causes => "caused by this change",
        Review::Already => "there before this change",
    }
}
