//! One row for all formats: a declared setting of a target, or a target that is unread as a whole.

use std::borrow::Cow;
use std::cmp::Reverse;

use jiff::Timestamp;

use super::model::{Basis, ChangeMark, Expectation, Review, SettingRow, Target, View};
use super::remediation::{fix_for, fix_for_setting};
use super::rule::{Rule, identity};
use super::unread_group::{Cause, describe};
use crate::model::{DenyingLayer, Origin, Resource, SettingId, Severity, Unread};
use crate::resource::{LastChange, Outcome};

/// One declared setting of a target, or a target that is unread as a whole.
#[derive(Debug, Clone)]
pub struct Finding<'a> {
    /// The target.
    pub target: Cow<'a, Target<'a>>,
    /// The index of the setting; `None` for the target as a whole.
    pub place: Option<usize>,
    /// The settings that it stands for besides.
    pub(super) fold: Option<Fold>,
}

/// The settings that a finding stands for: those of a missing document, or those that are unread for one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fold {
    /// The settings, with its own, which is the most severe.
    pub(super) settings: Vec<SettingId>,
}

/// A place in a file: a line and columns, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FindingLocation<'a> {
    /// The policy file, as the report names it.
    pub file: &'a str,
    /// The line.
    pub line: u32,
    /// The column, counted in characters.
    pub column: u32,
    /// The column after the last one. The length of a value in the file is not known: a single accepted value is taken for
    /// the text there, and a list shows its beginning.
    pub end_column: u32,
}

/// The findings that ask for attention, by account, Region and setting: each setting that drifts, waived or not, each unread
/// target, and each setting that is unread by itself.
pub fn findings<'a>(view: &'a View<'_>) -> impl Iterator<Item = Finding<'a>> {
    view.targets.iter().flat_map(|target| {
        let places: Vec<Option<usize>> = places(&target).collect();
        places.into_iter().map(move |place| Finding { target: target.clone(), place, fold: None })
    })
}

/// The findings of one target.
pub(super) fn findings_of<'a>(target: &'a Target<'a>) -> impl Iterator<Item = Finding<'a>> {
    places(target).map(move |place| Finding { target: Cow::Borrowed(target), place, fold: None })
}

/// The findings that count, the most severe first, else by account, Region and setting, for formats with a limit. Neither waived
/// drift counts nor what is excused.
pub fn worst_first<'a>(view: &'a View<'_>) -> Vec<Finding<'a>> {
    let mut counting: Vec<Finding<'a>> = findings(view).filter(|finding| view.is_counted(finding)).collect();
    counting.sort_by_key(|finding| Reverse(finding.severity()));
    counting
}

impl View<'_> {
    /// Whether a finding counts: no waiver covers or excuses it.
    pub(super) fn is_counted(&self, finding: &Finding<'_>) -> bool {
        !finding.is_waived() && self.excuse(finding).is_none()
    }

    /// The waiver that excuses an unread finding. An expectation that is overruled excuses nothing.
    pub(super) fn excuse<'f>(&self, finding: &'f Finding<'_>) -> Option<&'f Expectation<'f>> {
        finding.expected().filter(|_| self.overrule(finding).is_none())
    }

    /// Why it does not count that a waiver expects the finding to be unread: nothing at all is known, or lost access would hide
    /// drift.
    pub(super) fn overrule(&self, finding: &Finding<'_>) -> Option<&'static str> {
        let target = &finding.target;
        let place = (target.account, &target.region, target.resource);
        let hides_drift = || {
            let carried = self.changes.as_ref().map_or(&[][..], |changes| &changes.carried);
            let first = carried.partition_point(|it| (it.account, &it.region, it.resource) < place);
            let here = carried.iter().skip(first);
            here.take_while(|it| (it.account, &it.region, it.resource) == place).any(|it| it.was_drift())
        };
        match finding.expected() {
            Some(_) if self.ledger.is_blind() => Some("no target could be read"),
            Some(_) if hides_drift() => Some("the target drifted when it was last read"),
            _ => None,
        }
    }
}

/// The places of a target's findings that ask for attention.
pub(super) fn places(target: &Target<'_>) -> impl Iterator<Item = Option<usize>> {
    let asks = |row: &SettingRow<'_>| match row.outcome {
        Outcome::Drifted | Outcome::Waived => true,
        Outcome::Unread => row.unread.is_some(),
        Outcome::InSync | Outcome::NotApplicable => false,
    };
    let whole = target.unread().is_some().then_some(None);
    let rows = target.settings.iter().enumerate().filter(move |(_, row)| asks(row));
    whole.into_iter().chain(rows.map(|(place, _)| Some(place)))
}

impl<'a> Finding<'a> {
    /// A target as a whole.
    pub(super) fn for_target(target: &'a Target<'a>) -> Self {
        Self { target: Cow::Borrowed(target), place: None, fold: None }
    }

    /// Every declared setting of a target.
    pub(super) fn for_settings(target: &'a Target<'a>) -> impl Iterator<Item = Self> {
        (0..target.settings.len()).map(move |place| Self {
            target: Cow::Borrowed(target),
            place: Some(place),
            fold: None,
        })
    }
}

impl Finding<'_> {
    /// The setting; `None` for the target as a whole.
    pub fn row(&self) -> Option<&SettingRow<'_>> {
        self.target.settings.get(self.place?)
    }

    /// The outcome.
    pub fn outcome(&self) -> Outcome {
        self.row().map_or(Outcome::Unread, |row| row.outcome)
    }

    /// Whether a waiver covers the drift.
    pub fn is_waived(&self) -> bool {
        self.outcome() == Outcome::Waived
    }

    /// Whether it is unread as a waiver expects.
    pub fn is_expected(&self) -> bool {
        self.expected().is_some()
    }

    /// Whether no waiver covers the drift or expects what is unread.
    pub fn counts(&self) -> bool {
        !self.is_waived() && !self.is_expected()
    }

    /// Why it is unread; `None` if it is known.
    pub fn unread(&self) -> Option<&Unread> {
        match self.row() {
            Some(row) if row.outcome != Outcome::Unread => None,
            Some(SettingRow { unread: Some(unread), .. }) => Some(unread),
            Some(_) | None => self.target.unread(),
        }
    }

    /// The cause for which it is unread, by which reports group.
    pub(super) fn cause(&self) -> Option<Cause<'_>> {
        let cause = Cause::new(self.unread()?, self.target.place(), (self.mark(), self.since()));
        Some(cause.expected_by(self.expected()))
    }

    /// The waiver that expects it to be unread, if one does.
    pub fn expected(&self) -> Option<&Expectation<'_>> {
        match self.row() {
            Some(row) => row.expected.as_ref(),
            None => self.target.expected.as_ref(),
        }
    }

    /// How it compares with an earlier report, if there was a comparison.
    pub fn mark(&self) -> Option<ChangeMark> {
        self.row().map_or(self.target.mark, |row| row.mark)
    }

    /// Since when it has been there, if there was a comparison with an earlier report.
    pub fn since(&self) -> Option<Timestamp> {
        self.row().map_or(self.target.since, |row| row.since)
    }

    /// What a change of the policies does about it, if there was a comparison with earlier policies.
    pub(super) fn review(&self) -> Option<Review> {
        self.row().map_or(self.target.review, |row| row.review)
    }

    /// When the live value was last changed, if it drifts and the service says so.
    pub(super) fn last_change(&self) -> Option<LastChange> {
        self.target.last_change(self.row()?)
    }

    /// The label where the finding stands below a head about settings: empty for a Macie session as a whole.
    pub(super) fn subject_cell(&self) -> Cow<'static, str> {
        match (self.row(), self.target.resource) {
            (None, Resource::MacieSession) => Cow::Borrowed(""),
            _ => self.label(),
        }
    }

    /// The rule: that of the setting, or that of the unread reason.
    pub fn rule(&self) -> Option<Rule> {
        match self.unread() {
            Some(unread) => Some(Rule::Unread(unread.reason)),
            None => self.row().map(|row| Rule::Drift(row.setting)),
        }
    }

    /// The key of the setting, or the word for the target as a whole.
    pub fn subject(&self) -> &'static str {
        self.row().map_or(self.target.resource.subject(), |row| row.setting.key())
    }

    /// The subject for people and in identities: resources share keys.
    pub fn label(&self) -> Cow<'static, str> {
        match (&self.fold, self.row()) {
            (Some(fold), Some(row)) if row.outcome == Outcome::Unread => {
                let labels: Vec<Cow<'_, str>> = fold.settings.iter().map(|setting| label(*setting)).collect();
                Cow::Owned(labels.join(", "))
            }
            (None, Some(row)) => label(row.setting),
            (Some(_), _) | (None, None) => Cow::Borrowed(self.target.resource.subject()),
        }
    }

    /// The severity: that of the declaration. An unread target has the greatest of its declarations. What is unread is at least
    /// medium.
    pub fn severity(&self) -> Severity {
        match self.row() {
            Some(row) if row.outcome != Outcome::Unread => row.severity,
            Some(row) => row.severity.max(Severity::Medium),
            None => {
                let declared = self.target.settings.iter().map(|row| row.severity).max();
                declared.unwrap_or_default().max(Severity::Medium)
            }
        }
    }

    /// The declaration of the setting, or the first one about the target.
    pub fn origin(&self) -> Option<&Origin> {
        self.declared().map(|row| &*row.origin)
    }

    /// The setting, or the first declared one of an unread target.
    pub(super) fn declared(&self) -> Option<&SettingRow<'_>> {
        self.row().or_else(|| self.target.settings.first())
    }

    /// The place of the declaration, or the beginning of the first policy file if no declaration is known.
    pub fn location<'p>(&'p self, view: &'p View<'_>) -> FindingLocation<'p> {
        let Some(row) = self.declared() else { return FindingLocation::beginning(view) };
        let length = match row.desired.as_slice() {
            [value] => u32::try_from(value.chars().count()).unwrap_or(1).max(1),
            _ => 1,
        };
        let column = row.origin.column.max(1);
        FindingLocation {
            file: &row.origin.file,
            line: row.origin.line.max(1),
            column,
            end_column: column.saturating_add(length),
        }
    }

    /// The identity of the result, in hexadecimal digits.
    pub fn identity(&self) -> Option<String> {
        self.rule().map(|rule| {
            let subject = self.row().map_or(Cow::Borrowed(self.target.resource.subject()), |row| label(row.setting));
            identity(rule, self.target.account, self.target.region.as_str(), &subject)
        })
    }

    /// Desired and live value, or the unread reason, in a few words; not escaped for any format.
    pub(super) fn fact(&self) -> String {
        let subject = match self.subject_cell() {
            cell if cell.is_empty() => String::new(),
            cell => format!("{cell} "),
        };
        if let Some(unread) = self.unread() {
            let denial = unread.denial.as_deref();
            let about = [
                unread.evidence.code.as_deref(),
                denial.and_then(|denial| denial.action.as_deref()),
                denial.and_then(|denial| denial.layer).map(DenyingLayer::words),
                denial.and_then(|denial| denial.policy_arn.as_deref()),
            ];
            let about: Vec<&str> = about.into_iter().flatten().collect();
            let about = if about.is_empty() { String::new() } else { format!(": {}", about.join(", ")) };
            let expected = self.expected().map(|expected| format!(" as expected until {}", expected.expires));
            let expected = expected.unwrap_or_default();
            return format!("{subject}unread{expected} ({}{about})", unread.reason.as_str());
        }
        let Some(row) = self.row() else { return subject };
        let waived =
            row.waiver.as_ref().map_or_else(String::new, |waiver| format!(", waived until {}", waiver.expires));
        if let Some(fact) = self.folded_fact() {
            return format!("{fact}{waived}");
        }
        format!("{subject}{}{waived}", row.difference())
    }

    /// The finding in one sentence, with untrusted text in single quotes, not escaped for any format.
    pub fn sentence(&self) -> String {
        self.sentence_about(&[self.target.region.as_str()])
    }

    /// The same about several Regions of the account.
    pub(super) fn sentence_about(&self, regions: &[&str]) -> String {
        let noun = if regions.len() == 1 { "Region" } else { "Regions" };
        let quoted: Vec<String> = regions.iter().map(|region| format!("'{region}'")).collect();
        let place = format!("Account '{}' {noun} {}", self.target.account, quoted.join(", "));
        if let Some(unread) = self.unread() {
            let subject = match self.row() {
                Some(row) if row.unread.is_some() => self.label(),
                _ => Cow::Owned(format!("the {}", self.target.resource.noun())),
            };
            let said = describe(unread);
            let said = if said.is_empty() { said } else { format!(": '{said}'") };
            return format!("{place}: {subject} could not be read ({}){said}.", unread.reason.as_str());
        }
        let Some(row) = self.row() else { return format!("{place}: unknown.") };
        if let Some(fact) = self.folded_fact() {
            return format!("{place}: {fact}.");
        }
        let (key, live) = (label(row.setting), row.shown_live());
        let quoted = live.marked(|value| format!("'{value}'"));
        match row.outcome {
            Outcome::InSync if live.as_clause().is_some() => format!("{place}: {key} is {quoted}."),
            Outcome::InSync => format!("{place}: {key} is {quoted}, as the policy wants."),
            Outcome::NotApplicable => format!("{place}: {key} does not apply{}.", self.why_not_applicable()),
            _ => format!("{place}: {key} is {quoted}, the policy wants '{}'.", row.wanted()),
        }
    }

    /// The same, with the waiver that covers a drift or expects what is unread.
    pub(super) fn sentence_with_waiver(&self) -> String {
        if let Some(expected) = self.expected() {
            return format!("{} Expected up to {}: '{}'.", self.sentence(), expected.expires, expected.reason);
        }
        match self.row().and_then(|row| row.waiver.as_ref()).filter(|_| self.is_waived()) {
            Some(waiver) => {
                format!("{} Waived up to {}: '{}'.", self.sentence(), waiver.expires, waiver.reason)
            }
            None => self.sentence(),
        }
    }

    fn why_not_applicable(&self) -> &'static str {
        match self.target.basis() {
            _ if self.target.is_off() => ", because Macie is not enabled",
            Some(Basis::RegionOff | Basis::RegionOffListed) => ", because the Region is off",
            Some(Basis::RegionOffInferred) => ", because the Region seems to be off",
            Some(Basis::NoMacieInRegion) => ", because there is no Macie in this Region",
            Some(Basis::Answer | Basis::Listed) | None => "",
        }
    }

    /// The fix for what is unread.
    pub fn remediation(&self) -> Option<String> {
        let unread = self.unread()?;
        let (account, state) = (self.target.account, self.target.account_state);
        let setting = self.place.and_then(|place| self.target.settings.get(place));
        Some(match setting {
            Some(row) => fix_for_setting(row.setting, unread, account, state),
            None => fix_for(self.target.resource, unread, account, state),
        })
    }
}

/// The label of a setting for people.
pub(super) fn label(setting: SettingId) -> Cow<'static, str> {
    setting.spec().resource.label(setting.key())
}

impl<'a> FindingLocation<'a> {
    /// The beginning of the first policy file.
    pub fn beginning(view: &'a View<'_>) -> Self {
        let file = view.run.policy_files.first().map_or("driftline.toml", String::as_str);
        Self { file, line: 1, column: 1, end_column: 2 }
    }
}
