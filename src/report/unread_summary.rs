//! What is unread, in sum: by reason, and the causes that accounts share.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Finding, label};
use super::messages::pluralize;
use super::model::{Basis, Target, View};
use super::remediation::{fix_for, fix_for_reason, fix_for_setting, fix_for_shared, is_of_the_run};
use super::unread_group::{Cause, describe, refused_role};
use crate::model::{AccountId, Resource, SettingId, Unread, UnreadReason};
use crate::resource::Outcome;

/// Fewer accounts than these are listed one by one.
const SHARED_AT_LEAST: usize = 2;

/// More causes than these are not compared: messages that differ from target to target have no cause in common.
const CAUSES_AT_MOST: usize = 1_000;

/// Summary of the unread targets.
#[derive(Debug, Default)]
pub(super) struct UnreadSummary {
    /// The reasons, that of the most targets first.
    pub(super) reasons: Vec<ReasonTotal>,
    /// The causes that accounts share, that of the most targets first.
    pub(super) shared: Vec<SharedCause>,
}

/// The unread targets of one reason.
#[derive(Debug)]
pub(super) struct ReasonTotal {
    pub(super) reason: UnreadReason,
    pub(super) accounts: usize,
    pub(super) targets: usize,
    /// Those of the targets that a waiver expects to be unread.
    pub(super) expected: usize,
    /// The fix; that of the reason in general where the targets have several. Not escaped for any format.
    pub(super) fix: String,
}

/// A cause of every account but the caller's, or one that lies in the run and not in an account.
#[derive(Debug)]
pub(super) struct SharedCause {
    /// The cause and its accounts in one clause. Not escaped for any format, like the other texts.
    pub(super) headline: String,
    /// What AWS said of the first target.
    pub(super) said: String,
    /// The one fix for all accounts.
    pub(super) fix: String,
    pub(super) accounts: BTreeSet<AccountId>,
    pub(super) targets: usize,
    /// The settings that are unread; none if it is the targets as a whole.
    settings: Vec<SettingId>,
    cause: Cause<'static>,
}

/// The targets as a whole, or one setting of those that are known in part.
#[derive(Default)]
struct Subject {
    causes: BTreeMap<Cause<'static>, CauseTotal>,
    /// The accounts that were asked, by resource.
    accounts: BTreeMap<Resource, BTreeSet<AccountId>>,
}

struct CauseTotal {
    sample: Unread,
    resource: Resource,
    accounts: BTreeSet<AccountId>,
    targets: usize,
}

#[derive(Default)]
struct ReasonCount {
    accounts: BTreeSet<AccountId>,
    targets: usize,
    expected: usize,
    fixes: Fixes,
}

/// The fixes of what is unread for one reason. Of several none is shown, so two are enough.
#[derive(Default)]
pub(super) struct Fixes(BTreeSet<String>);

impl UnreadSummary {
    /// The sum over all targets of a report.
    pub(super) fn new(view: &View<'_>) -> Self {
        if view.ledger.unread + view.ledger.partly_unread == 0 {
            return Self::default();
        }
        let mut subjects: BTreeMap<Option<SettingId>, Subject> = BTreeMap::new();
        let mut reasons: BTreeMap<UnreadReason, ReasonCount> = BTreeMap::new();
        for target in view.targets.iter() {
            let mut here: BTreeSet<UnreadReason> = BTreeSet::new();
            for (setting, unread) in answers(&target) {
                // What is expected needs no fix, and its account is none of the others that share a cause.
                let is_expected = is_expected(&target, setting);
                if !is_expected {
                    subjects.entry(setting).or_default().add(&target, unread);
                }
                if let Some(unread) = unread {
                    let is_first = here.insert(unread.reason);
                    let count = reasons.entry(unread.reason).or_default();
                    count.accounts.insert(target.account);
                    count.targets += usize::from(is_first);
                    count.expected += usize::from(is_first && is_expected);
                    if !is_expected {
                        count.fixes.add(&target, setting, unread);
                    }
                }
            }
        }
        let caller = view.run.caller.as_ref().map(|caller| caller.account);
        let mut shared: Vec<SharedCause> =
            subjects.into_iter().flat_map(|(setting, subject)| subject.shared(setting, caller)).collect();
        shared = merged(shared);
        shared.sort_by_key(|cause| Reverse(cause.targets));
        let mut reasons: Vec<ReasonTotal> =
            reasons.into_iter().map(|(reason, count)| count.total(reason, &shared)).collect();
        reasons.sort_by_key(|total| Reverse(total.targets));
        Self { reasons, shared }
    }

    /// Whether a finding is unread for a cause that accounts share, which lists may state once.
    pub(super) fn is_stated_once(&self, finding: &Finding<'_>) -> bool {
        let setting = finding.row().map(|row| row.setting);
        finding.unread().is_some_and(|unread| self.shared_cause(&finding.target, setting, unread).is_some())
    }

    /// The shared cause for which a target, or a setting of one that is known in part, is unread.
    pub(super) fn shared_cause(
        &self,
        target: &Target<'_>,
        setting: Option<SettingId>,
        unread: &Unread,
    ) -> Option<&SharedCause> {
        self.shared.get(self.shared_index(target, setting, unread)?)
    }

    /// Its index.
    pub(super) fn shared_index(
        &self,
        target: &Target<'_>,
        setting: Option<SettingId>,
        unread: &Unread,
    ) -> Option<usize> {
        let is_of = |shared: &SharedCause| match setting {
            Some(setting) => shared.settings.contains(&setting),
            None => shared.settings.is_empty(),
        };
        let is_about = |(_, shared): &(usize, &SharedCause)| is_of(shared) && shared.accounts.contains(&target.account);
        let mut about = self.shared.iter().enumerate().filter(is_about).peekable();
        about.peek().filter(|_| !is_expected(target, setting))?;
        let cause = Cause::new(unread, target.place(), (None, None));
        about.find(|(_, shared)| shared.cause == cause).map(|(index, _)| index)
    }
}

/// Whether a waiver expects the target, or the setting of it, to be unread.
fn is_expected(target: &Target<'_>, setting: Option<SettingId>) -> bool {
    match setting {
        None => target.expected.is_some(),
        Some(setting) => target.settings.iter().any(|row| row.setting == setting && row.expected.is_some()),
    }
}

/// What is known of a target and of its settings, each with why it is unread if it is. What the Region table says of a target is
/// known of no account.
fn answers<'t>(target: &'t Target<'_>) -> Vec<(Option<SettingId>, Option<&'t Unread>)> {
    if let Some(unread) = target.unread() {
        return vec![(None, Some(unread))];
    }
    if target.basis() == Some(Basis::NoMacieInRegion) {
        return Vec::new();
    }
    let rows = target.settings.iter().filter(|row| row.outcome != Outcome::NotApplicable);
    let rows = rows.map(|row| (Some(row.setting), row.unread.as_deref()));
    std::iter::once((None, None)).chain(rows).collect()
}

impl Subject {
    fn add(&mut self, target: &Target<'_>, unread: Option<&Unread>) {
        let has_own_fix = |unread: &Unread| {
            unread.reason == UnreadReason::RoleNotAssumable
                && target.account_state.is_some_and(|state| !state.allows_assume_role())
        };
        if unread.is_some_and(has_own_fix) {
            return;
        }
        self.accounts.entry(target.resource).or_default().insert(target.account);
        let Some(unread) = unread else { return };
        let cause = Cause::new(unread, target.place(), (None, None));
        let is_known = self.causes.contains_key(&cause);
        if is_known || self.causes.len() < CAUSES_AT_MOST {
            let total =
                self.causes.entry(cause.into_owned()).or_insert_with(|| CauseTotal::new(unread, target.resource));
            total.accounts.insert(target.account);
            total.targets += 1;
        }
    }

    /// The causes that are stated once.
    fn shared(self, setting: Option<SettingId>, caller: Option<AccountId>) -> impl Iterator<Item = SharedCause> {
        let Self { causes, accounts: asked } = self;
        causes.into_iter().filter_map(move |(cause, total)| {
            let is_of = |resource: &Resource| cause.resource().is_none_or(|of| of == *resource);
            let accounts = asked.iter().filter(|(resource, _)| is_of(resource)).flat_map(|(_, accounts)| accounts);
            let accounts: BTreeSet<AccountId> = accounts.copied().collect();
            let is_everywhere =
                accounts.iter().all(|account| Some(*account) == caller || total.accounts.contains(account));
            let count = total.accounts.len();
            if count < SHARED_AT_LEAST || !(is_everywhere || is_of_the_run(total.sample.reason)) {
                return None;
            }
            let place = match (is_everywhere, accounts.len() > count) {
                (true, true) => format!("all {count} other accounts"),
                (true, false) => format!("all {count} accounts"),
                (false, _) => pluralize(count, "account"),
            };
            Some(SharedCause {
                headline: headline(&total.sample, &place),
                said: describe(&total.sample),
                fix: fix_for_shared(total.resource, setting, &total.sample),
                accounts: total.accounts,
                targets: total.targets,
                settings: setting.into_iter().collect(),
                cause,
            })
        })
    }
}

/// The causes, with one for all settings that are unread for it in the same targets. The headline then names the settings.
fn merged(shared: Vec<SharedCause>) -> Vec<SharedCause> {
    let mut merged: Vec<SharedCause> = Vec::new();
    for next in shared {
        let is_same = |known: &&mut SharedCause| {
            let is_of_settings = !known.settings.is_empty() && !next.settings.is_empty();
            is_of_settings
                && (&known.cause, &known.accounts, known.targets) == (&next.cause, &next.accounts, next.targets)
                && known.fix == next.fix
        };
        match merged.iter_mut().find(is_same) {
            Some(known) => known.settings.extend(next.settings),
            None => merged.push(next),
        }
    }
    for cause in merged.iter_mut().filter(|cause| !cause.settings.is_empty()) {
        let labels: Vec<_> = cause.settings.iter().map(|setting| label(*setting)).collect();
        cause.headline = format!("{}, for {}", cause.headline, labels.join(", "));
    }
    merged
}

impl CauseTotal {
    fn new(sample: &Unread, resource: Resource) -> Self {
        Self { sample: sample.clone(), resource, accounts: BTreeSet::new(), targets: 0 }
    }
}

impl SharedCause {
    /// The reason.
    pub(super) fn reason(&self) -> UnreadReason {
        self.cause.reason()
    }
}

impl Fixes {
    /// Adds the fix for a target, or for a setting of one that is known in part.
    pub(super) fn add(&mut self, target: &Target<'_>, setting: Option<SettingId>, unread: &Unread) {
        if self.0.len() < 2 {
            self.0.insert(match setting {
                Some(setting) => fix_for_setting(setting, unread, target.account, target.account_state),
                None => fix_for(target.resource, unread, target.account, target.account_state),
            });
        }
    }

    /// The only fix.
    fn only(&self) -> Option<&String> {
        self.0.first().filter(|_| self.0.len() == 1)
    }

    /// The only fix, or that of the reason in general.
    pub(super) fn fix(&self, reason: UnreadReason) -> String {
        self.only().cloned().unwrap_or_else(|| fix_for_reason(reason))
    }
}

impl ReasonCount {
    fn total(self, reason: UnreadReason, shared: &[SharedCause]) -> ReasonTotal {
        let of_all =
            shared.iter().find(|shared| shared.reason() == reason && shared.targets + self.expected == self.targets);
        let fix = of_all.map(|shared| &shared.fix).or(self.fixes.only()).cloned();
        ReasonTotal {
            reason,
            accounts: self.accounts.len(),
            targets: self.targets,
            expected: self.expected,
            fix: match fix {
                Some(fix) => fix,
                None if self.expected == self.targets => "nothing: expected by waivers".to_owned(),
                None => fix_for_reason(reason),
            },
        }
    }
}

impl ReasonTotal {
    /// What is said behind the number of targets; nothing if none of them is expected.
    pub(super) fn expected_words(&self) -> String {
        if self.expected > 0 { format!(" ({} as expected)", self.expected) } else { String::new() }
    }
}

/// `role DriftlineRead was refused in all 39 other accounts`.
fn headline(unread: &Unread, place: &str) -> String {
    let action = unread.denial.as_deref().and_then(|denial| denial.action.as_deref());
    match (unread.reason, action) {
        (UnreadReason::RoleNotAssumable, _) => match refused_role(unread) {
            Some(role) => format!("role {role} was refused in {place}"),
            None => format!("the role was refused in {place}"),
        },
        (UnreadReason::Denied, Some(action)) => format!("{action} was denied in {place}"),
        (reason, _) => format!("{} in {place}", reason.as_str()),
    }
}
