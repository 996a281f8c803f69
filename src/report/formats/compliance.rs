//! The compliance finding that OCSF and ASFF share: one for each declared setting that applies.
//!
//! What is in sync is among them: a missing finding is no evidence. What is unread is a finding without a verdict, under the
//! identity that the setting has when it can be read, so that no earlier answer stands.

use jiff::Timestamp;

use crate::model::{Severity, Unread};
use crate::report::FormatOptions;
use crate::report::finding::Finding;
use crate::report::model::{ChangeMark, Review, SettingRow, Target, View};
use crate::report::rule::Rule;
use crate::resource::Outcome;

/// The compliance of one declared setting of a target.
pub(super) struct ComplianceFinding<'a> {
    pub(super) target: &'a Target<'a>,
    pub(super) row: &'a SettingRow<'a>,
    /// Why the setting is unread.
    pub(super) unread: Option<&'a Unread>,
    /// The time of the reading: security products keep what is newer.
    pub(super) observed_at: Timestamp,
    /// How it compares with an earlier report, if there was a comparison. An unread target speaks for its settings.
    pub(super) change: Option<ChangeMark>,
    /// The time of the first run that found it, or that of the reading if it is earlier.
    pub(super) first_seen: Option<Timestamp>,
    /// What a change of the policies does about it, if there was a comparison with earlier policies.
    pub(super) review: Option<Review>,
    /// The rule that is checked.
    pub(super) check: Rule,
    /// The rule of the result: the same, or that of the unread reason.
    pub(super) rule: Rule,
    /// Whether it is unread as a waiver expects, and that counts.
    pub(super) is_excused: bool,
    /// The severity; `None` for what is in sync or excused.
    pub(super) severity: Option<Severity>,
    /// The rule in words that fit every outcome.
    pub(super) title: String,
    /// The result in one sentence, not escaped for any format.
    pub(super) sentence: String,
    /// The file and the line of the declaration.
    pub(super) declared_at: String,
    /// The fix, if there is anything to do.
    pub(super) remediation: Option<String>,
}

/// The findings about a target.
pub(super) fn compliance_findings<'a>(
    view: &View<'_>,
    target: &'a Target<'a>,
    options: &FormatOptions,
) -> impl Iterator<Item = ComplianceFinding<'a>> {
    let observed_at = view.read_at(target);
    let applies = |(_, row): &(Finding<'_>, &SettingRow<'_>)| row.outcome != Outcome::NotApplicable;
    let rows = Finding::for_settings(target).zip(&target.settings).filter(applies);
    rows.map(move |(finding, row)| {
        let is_excused = view.excuse(&finding).is_some();
        new(&finding, target, (row, is_excused), observed_at, options)
    })
}

fn new<'a>(
    finding: &Finding<'_>,
    target: &'a Target<'a>,
    (row, is_excused): (&'a SettingRow<'a>, bool),
    observed_at: Timestamp,
    options: &FormatOptions,
) -> ComplianceFinding<'a> {
    let check = Rule::Drift(row.setting);
    let declared_at = format!("{}:{}", options.path(&row.origin.file), row.origin.line);
    let is_unread = row.outcome == Outcome::Unread;
    ComplianceFinding {
        target,
        row,
        unread: row.unread.as_deref().or(target.unread()).filter(|_| is_unread),
        observed_at,
        change: finding.mark().or(target.mark),
        first_seen: finding.since().or(target.since).map(|since| since.min(observed_at)),
        review: finding.review().or(target.review),
        check,
        rule: finding.rule().unwrap_or(check),
        is_excused,
        severity: (row.outcome != Outcome::InSync && !is_excused).then(|| finding.severity()),
        title: format!("The {} {} should be as the policy wants it", target.resource.possessive(), row.setting.key()),
        sentence: finding.sentence_with_waiver(),
        remediation: match row.outcome {
            Outcome::InSync | Outcome::NotApplicable | Outcome::Waived => None,
            Outcome::Drifted if row.setting.spec().change.is_report_only() => {
                Some(format!("Run the command that driftline plan shows, or change the declaration at {declared_at}."))
            }
            Outcome::Drifted => Some(format!(
                "Have the change planned and reviewed (driftline plan, driftline apply), or change the declaration at {declared_at}."
            )),
            Outcome::Unread => finding.remediation().filter(|_| !is_excused),
        },
        declared_at,
    }
}
