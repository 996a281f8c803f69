//! Causes that reports begin with: each declaration that drifts and each reason for which something is unread, with its counts
//! and its fix.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::escape::shortened;
use super::finding::{Finding, findings_of, label};
use super::fold::folded;
use super::messages::{listed, named_account, new_of, pluralize};
use super::model::{ChangeMark, Target, View};
use super::news::News;
use super::remediation::{Remediation, brief_fix_for_drift};
use super::unread_summary::{Fixes, UnreadSummary};
use crate::model::{AccountId, Origin, Region, Resource, SettingId, Severity, UnreadReason};

/// The greatest length of a live value in a cause.
const WORD_AT_MOST: usize = 40;

/// So many live values of a setting are named; the rest is counted.
const VALUES_NAMED: usize = 3;

/// One cause. Its texts are not escaped for any format.
#[derive(Debug)]
pub(super) struct CauseLine {
    /// The severity of its worst finding.
    pub(super) severity: Severity,
    /// The declaration, or the reason.
    pub(super) source: CauseSource,
    /// What is wrong: `status 101 NOT_ENABLED, 77 PAUSED`, `role_not_assumable`.
    pub(super) what: String,
    /// Where: `in 151 accounts, 17 Regions`, and what a reason means. An account or a Region that is the only one is named.
    pub(super) place: String,
    /// The message of AWS about the first target, if all accounts share it.
    pub(super) said: String,
    /// The account and its name, where it is the only one and `place` names it: text of others.
    pub(super) account: Option<String>,
    /// The number of targets.
    pub(super) targets: usize,
    /// The number of findings.
    pub(super) findings: usize,
    /// The number of findings that are new since an earlier report.
    pub(super) new: usize,
    /// What to do.
    pub(super) fix: String,
}

/// Where a cause lies.
#[derive(Debug)]
pub(super) enum CauseSource {
    /// A declaration: the first of its values that drift most severely.
    Declaration(Origin),
    /// A reason for which targets, or settings of them, are unread.
    Unread(UnreadReason),
}

/// The causes of a report, the most severe first. Findings that a waiver covers or expects have none.
#[derive(Debug, Default)]
pub(super) struct Causes {
    pub(super) lines: Vec<CauseLine>,
}

/// A file, and the name of declarations in it; of one without a name, its line. Names need not be unique.
type DeclarationKey = (String, Result<String, u32>);

/// A target that is counted.
type Place = (AccountId, Region, Resource);

#[derive(Default)]
struct Counts {
    accounts: BTreeMap<AccountId, Option<String>>,
    regions: BTreeSet<Region>,
    /// The last target: those of a report are sorted.
    last: Option<Place>,
    targets: usize,
    findings: usize,
    new: usize,
    severity: Option<Severity>,
}

#[derive(Default)]
struct Declaration {
    counts: Counts,
    /// The value that drifts most severely, and of several the first one.
    origin: Option<Origin>,
    rank: Option<(Reverse<Severity>, u32, u32)>,
    /// The line of each setting that drifts.
    lines: BTreeMap<SettingId, u32>,
    /// Whether `apply` can change a setting that drifts.
    is_changeable: bool,
    /// Whether driftline only reports a setting that drifts.
    is_reported: bool,
    /// The number of targets by line and setting, then by live value; `None` for all settings of a missing document.
    values: BTreeMap<(u32, Option<SettingId>), BTreeMap<String, usize>>,
}

impl Causes {
    /// The causes of a report.
    pub(super) fn new(view: &View<'_>, unread: &UnreadSummary) -> Self {
        let mut declarations: BTreeMap<DeclarationKey, Vec<Declaration>> = BTreeMap::new();
        let mut shared: BTreeMap<usize, Counts> = BTreeMap::new();
        let mut reasons: BTreeMap<UnreadReason, (Counts, Fixes)> = BTreeMap::new();
        for target in view.targets.iter() {
            let mut found: Vec<Finding<'_>> = findings_of(&target).filter(|finding| view.is_counted(finding)).collect();
            if target.lacks_document() {
                // All settings of a missing document are one fact, of the most severe declaration.
                found = folded(found);
            }
            for finding in found {
                let Some(of) = finding.unread() else {
                    add_drift(&mut declarations, &finding);
                    continue;
                };
                let setting = finding.row().map(|row| row.setting);
                if let Some(index) = unread.shared_index(&target, setting, of) {
                    shared.entry(index).or_default().add(&finding);
                } else {
                    let (counts, fixes) = reasons.entry(of.reason).or_default();
                    counts.add(&finding);
                    fixes.add(&target, setting, of);
                }
            }
        }
        let mut lines: Vec<CauseLine> = declarations.into_values().flatten().filter_map(Declaration::line).collect();
        lines.extend(shared.into_iter().filter_map(|(index, counts)| {
            let cause = unread.shared.get(index)?;
            let reason = Some(cause.reason().as_str()).filter(|word| !cause.headline.starts_with(word));
            let reason = reason.map_or_else(String::new, |word| format!(", {word}"));
            let place = format!("({}{reason})", pluralize(counts.targets, "target"));
            let line = counts.line(CauseSource::Unread(cause.reason()), (cause.headline.clone(), place), &cause.fix);
            Some(CauseLine { said: cause.said.clone(), ..line })
        }));
        lines.extend(reasons.into_iter().map(|(reason, (counts, fixes))| {
            let (targets, meaning) = (pluralize(counts.targets, "target"), Remediation::new(reason).meaning);
            let place = format!("in {} ({targets}): {meaning}", counts.accounts());
            counts.line(CauseSource::Unread(reason), (reason.as_str().to_owned(), place), &fixes.fix(reason))
        }));
        lines.sort_by_key(|line| (Reverse(line.severity), Reverse(line.findings)));
        Self { lines }
    }

    /// The causes; beside a list of changes only those for which something is newly unread.
    pub(super) fn beside(view: &View<'_>, unread: &UnreadSummary, news: Option<&News<'_>>) -> Self {
        let mut causes = Self::new(view, unread);
        if news.is_some_and(|news| !news.is_reminder()) {
            causes.lines.retain(|line| matches!(line.source, CauseSource::Unread(_)) && line.new > 0);
        }
        causes
    }
}

impl CauseLine {
    /// The fault and its place, without the source.
    pub(super) fn fact(&self) -> String {
        format!("{} {}{}", self.what, self.place, self.new_words())
    }

    /// The reason in front of what is wrong, if that does not name it.
    pub(super) fn reason(&self) -> Option<&'static str> {
        match self.source {
            CauseSource::Unread(reason) => Some(reason.as_str()).filter(|reason| !self.what.contains(reason)),
            CauseSource::Declaration(_) => None,
        }
    }

    /// The number of new findings, in words; empty if there are none.
    pub(super) fn new_words(&self) -> String {
        new_of(self.new, self.findings).map_or_else(String::new, |words| format!("; {words}"))
    }

    /// Where, with the text of others as a format marks it.
    pub(super) fn place_marked(&self, mark: impl Fn(&str) -> String) -> String {
        match self.account.as_deref().and_then(|account| Some((self.place.split_once(account)?, account))) {
            Some(((before, after), account)) => format!("{before}{}{after}", mark(account)),
            None => self.place.clone(),
        }
    }
}

fn add_drift(declarations: &mut BTreeMap<DeclarationKey, Vec<Declaration>>, finding: &Finding<'_>) {
    let Some(row) = finding.row() else { return };
    let origin = &*row.origin;
    let key = (origin.file.clone(), origin.declaration.clone().ok_or(origin.line));
    let namesakes = declarations.entry(key).or_default();
    let Some(declaration) = Declaration::with_setting(namesakes, (row.setting, origin.line)) else { return };
    let rank = (Reverse(finding.severity()), origin.line, origin.column);
    if declaration.rank.is_none_or(|first| rank < first) {
        (declaration.rank, declaration.origin) = (Some(rank), Some(origin.clone()));
    }
    let is_first = declaration.counts.add(finding);
    let is_report_only = row.setting.spec().change.is_report_only();
    declaration.is_reported |= is_report_only;
    declaration.is_changeable |= !is_report_only;
    let lacks_document = finding.target.lacks_document();
    let (key, value) = if lacks_document {
        ((0, None), Cow::Borrowed("without a document"))
    } else if row.is_rule_about_sessions() {
        ((origin.line, Some(row.setting)), Cow::Borrowed("violated"))
    } else {
        let live = shortened(row.shown_live().text(), WORD_AT_MOST).into_owned();
        ((origin.line, Some(row.setting)), Cow::Owned(live))
    };
    // All settings of a missing document are one fact.
    if is_first || !lacks_document {
        let values = declaration.values.entry(key).or_default();
        *values.entry(value.into_owned()).or_default() += 1;
    }
}

impl Counts {
    /// Counts a finding, and says whether it is the first of its target.
    fn add(&mut self, finding: &Finding<'_>) -> bool {
        let target: &Target<'_> = &finding.target;
        self.findings += 1;
        self.new += usize::from(finding.mark() == Some(ChangeMark::New));
        self.severity = self.severity.max(Some(finding.severity()));
        let is_last = |(account, region, resource): &Place| {
            (*account, region, *resource) == (target.account, &target.region, target.resource)
        };
        if self.last.as_ref().is_some_and(is_last) {
            return false;
        }
        self.last = Some((target.account, target.region.clone(), target.resource));
        let name = || target.account_name.as_deref().map(str::to_owned);
        self.accounts.entry(target.account).or_insert_with(name);
        self.regions.insert(target.region.clone());
        self.targets += 1;
        true
    }

    /// The number of accounts, or the only one.
    fn accounts(&self) -> String {
        self.only_account().unwrap_or_else(|| pluralize(self.accounts.len(), "account"))
    }

    /// The only account, with its name.
    fn only_account(&self) -> Option<String> {
        let (account, name) = self.accounts.first_key_value().filter(|_| self.accounts.len() == 1)?;
        Some(named_account(*account, name.as_deref()))
    }

    /// The number of Regions, or the only one.
    fn regions(&self) -> String {
        match self.regions.first() {
            Some(region) if self.regions.len() == 1 => region.to_string(),
            _ => pluralize(self.regions.len(), "Region"),
        }
    }

    fn line(self, source: CauseSource, (what, place): (String, String), fix: &str) -> CauseLine {
        CauseLine {
            severity: self.severity.unwrap_or_default(),
            source,
            what,
            place,
            said: String::new(),
            account: self.only_account(),
            targets: self.targets,
            findings: self.findings,
            new: self.new,
            fix: fix.to_owned(),
        }
    }
}

impl Declaration {
    /// The one of several with the same name that has a setting in this line: a declaration has each setting once.
    fn with_setting(namesakes: &mut Vec<Self>, (setting, line): (SettingId, u32)) -> Option<&mut Self> {
        let has = |it: &Self| it.lines.get(&setting) == Some(&line);
        let same = namesakes.iter().position(has);
        let same = same.or_else(|| namesakes.iter().position(|it| it.lines.values().any(|known| *known == line)));
        let free = || namesakes.iter().position(|it| !it.lines.contains_key(&setting));
        let index = same.or_else(free).unwrap_or(namesakes.len());
        if index == namesakes.len() {
            namesakes.push(Self::default());
        }
        let declaration = namesakes.get_mut(index)?;
        declaration.lines.insert(setting, line);
        Some(declaration)
    }

    fn line(self) -> Option<CauseLine> {
        let Self { counts, origin, is_changeable, is_reported, values, .. } = self;
        let origin = origin?;
        let subject = |setting: Option<SettingId>| {
            setting.map_or(Cow::Borrowed(Resource::SessionManagerPreferences.subject()), label)
        };
        let facts: Vec<String> =
            values.into_iter().map(|((_, setting), values)| fact(&subject(setting), values)).collect();
        let place = format!("in {}, {}", counts.accounts(), counts.regions());
        let what = (facts.join("; "), place);
        Some(counts.line(CauseSource::Declaration(origin), what, brief_fix_for_drift(is_changeable, is_reported)))
    }
}

/// `status 101 NOT_ENABLED, 77 PAUSED`, the value of the most targets first.
fn fact(subject: &str, values: BTreeMap<String, usize>) -> String {
    let mut values: Vec<(String, usize)> = values.into_iter().collect();
    values.sort_by_key(|(_, count)| Reverse(*count));
    // A number beside the count would be read as one.
    let times = |value: &str| if value.starts_with(|first: char| first.is_ascii_digit()) { "× " } else { "" };
    let words: Vec<String> = values.iter().map(|(value, count)| format!("{count} {}{value}", times(value))).collect();
    format!("{subject} {}", listed(&words, VALUES_NAMED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_values_are_named() {
        let values = [("A", 1), ("B", 3), ("C", 2), ("D", 2), ("E", 1)];
        let values = values.map(|(value, count)| (value.to_owned(), count)).into();
        assert_eq!(fact("status", values), "status 3 B, 2 C, 2 D, … and 2 more");
    }
}
