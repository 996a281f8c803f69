//! Findings for people: what follows from a missing preferences document, or from one call that failed, is one line, not one for
//! each declared setting.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;

use super::finding::{Finding, Fold};
use super::live_text::LiveText;
use super::messages::pluralize;
use super::model::{ChangeMark, Review, SettingRow, WaiverFacts};
use super::unread_group::Cause;
use crate::model::{AccountId, Origin, Region, Resource};
use crate::resource::Outcome;

/// What folded findings share.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key<'f> {
    /// Settings of a missing document: the target, the outcome, what has become of it, and the waivers.
    Document(Place<'f>, Outcome, (Option<ChangeMark>, Option<Timestamp>, Option<Review>), Vec<&'f Origin>),
    /// Settings that are unread: the target, the cause, the class, and the waivers that do not expect it.
    Unread(Place<'f>, Cause<'f>, Option<Review>, Vec<&'f Origin>),
}

/// The account, the Region and the resource of a target.
type Place<'f> = (AccountId, &'f Region, Resource);

/// The findings, of which the settings of a missing document, or those that are unread for one cause, stand in one for all that
/// share their waivers and what has become of them. The one is the most severe, in the place of the first.
pub(super) fn folded(findings: Vec<Finding<'_>>) -> Vec<Finding<'_>> {
    let mut folds = folds(&findings);
    let each = findings.into_iter().enumerate();
    each.filter_map(|(nth, finding)| match folds.remove(&nth) {
        None => Some(finding),
        Some(group) => group.map(|(place, fold)| Finding { place, fold: Some(fold), ..finding }),
    })
    .collect()
}

/// The same of findings that are needed elsewhere. They may be many, and are not copied if nothing is folded.
pub(super) fn folded_list<'s, 'a>(findings: &'s [Finding<'a>]) -> Cow<'s, [Finding<'a>]> {
    let is_folded = !folds(findings).is_empty();
    if is_folded { Cow::Owned(folded(findings.to_vec())) } else { Cow::Borrowed(findings) }
}

/// The setting of the most severe finding of a group, and the group.
type Group = (Option<usize>, Fold);

/// What the findings at these places stand for; nothing for those that stand in another one.
fn folds(findings: &[Finding<'_>]) -> BTreeMap<usize, Option<Group>> {
    let mut groups: BTreeMap<Key<'_>, Vec<usize>> = BTreeMap::new();
    for (nth, finding) in findings.iter().enumerate() {
        if let Some(key) = key(finding) {
            groups.entry(key).or_default().push(nth);
        }
    }
    let mut folds: BTreeMap<usize, Option<Group>> = BTreeMap::new();
    for group in groups.into_values().filter(|group| group.len() > 1) {
        let members = || group.iter().filter_map(|nth| findings.get(*nth));
        let settings = members().filter_map(|finding| Some(finding.row()?.setting)).collect();
        let worst = members().min_by_key(|finding| Reverse(finding.severity()));
        let first = (worst.and_then(|finding| finding.place), Fold { settings });
        folds.extend(group.iter().enumerate().map(|(nth, place)| (*place, (nth == 0).then(|| first.clone()))));
    }
    folds
}

fn key<'f>(finding: &'f Finding<'_>) -> Option<Key<'f>> {
    let (target, row) = (&finding.target, finding.row()?);
    let at = |waiver: &'f WaiverFacts<'_>| &*waiver.origin;
    let waivers = row.waiver.iter().map(at).chain(row.lapsed_waivers.iter().map(|lapsed| at(&lapsed.waiver)));
    let waivers: Vec<&Origin> = waivers.collect();
    match row.outcome {
        Outcome::Drifted | Outcome::Waived if target.lacks_document() => {
            Some(Key::Document(target.sort_key(), row.outcome, (row.mark, row.since, row.review), waivers))
        }
        Outcome::Unread if row.unread.is_some() => {
            Some(Key::Unread(target.sort_key(), finding.cause()?, row.review, waivers))
        }
        _ => None,
    }
}

/// What is live.
const NO_DOCUMENT: &str = "no preferences document";

impl Finding<'_> {
    /// What is wanted, for people.
    pub(super) fn wanted(&self) -> String {
        let declared = self.target.settings.len();
        match self.declared_count() {
            Some(count) if count == declared => format!("{} declared", pluralize(count, "setting")),
            Some(count) => {
                let outcome = self.outcome().as_str();
                format!("{} declared, {count} of them {outcome}", pluralize(declared, "setting"))
            }
            None => self.row().map(SettingRow::wanted).unwrap_or_default(),
        }
    }

    /// What is live, for people.
    pub(super) fn shown_live(&self) -> LiveText<'_> {
        match (self.declared_count(), self.row()) {
            (None, Some(row)) => row.shown_live(),
            (Some(_), _) => LiveText::clause(NO_DOCUMENT),
            (None, None) => LiveText::clause(""),
        }
    }

    /// Both in one clause, if it stands for the settings of a missing document: `no preferences document: 5 settings declared`.
    pub(super) fn folded_fact(&self) -> Option<String> {
        self.declared_count().map(|_| format!("{NO_DOCUMENT}: {}", self.wanted()))
    }

    /// The number of settings of a missing document that it stands for.
    fn declared_count(&self) -> Option<usize> {
        let fold = self.fold.as_ref().filter(|_| self.outcome() != Outcome::Unread)?;
        Some(fold.settings.len())
    }
}
