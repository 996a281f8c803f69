//! The desired state of each target, with the declarations and waivers behind it.

use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    Accepted, AccountId, LiveValue, Region, Resource, SettingId, Severity, Shard, Specificity, Target, UnreadReason,
    Value, Window,
};

/// A declared exception: reason, owner, last day, and what it covers: drift, or that something is unread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// Where it is declared.
    pub origin: Origin,
    /// Why.
    pub reason: Box<str>,
    /// Who answers for it.
    pub owner: Option<Box<str>>,
    /// The last day that it covers, in UTC.
    pub expires: Date,
    /// The live values that it covers, each with its setting; empty covers any.
    pub while_live: Vec<(SettingId, Value)>,
    /// Whether `while_live` names the setting of each value.
    pub while_live_by_setting: bool,
    /// The reasons for which it expects targets to be unread; empty for a waiver of drift.
    pub unread: Vec<UnreadReason>,
    /// The resource whose settings it covers. Reasons that hold for every resource are not bound to it.
    pub resource: Resource,
}

/// Part of a setting that a waiver may cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waivable<'a> {
    /// A drift towards this live value.
    Drift(&'a LiveValue),
    /// It is unread for this reason.
    Unread(UnreadReason),
}

/// Whether a waiver covers what was found of a setting, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WaiverMatch {
    /// It does.
    Covers,
    /// Its last day is past.
    Expired,
    /// It is for another live value.
    OtherValue,
    /// It expects the setting to be unread for another reason.
    OtherReason,
    /// It is for drift, and the setting is unread, or the other way round.
    NotMeant,
}

/// Last day, reason, owner, covered live values, and expected reasons with their resource.
pub type WaiverTerms<'waiver> =
    (Date, &'waiver str, Option<&'waiver str>, Vec<(SettingId, Value)>, (Vec<UnreadReason>, Resource));

/// A waiver that ends within so many days is reported.
pub const ENDING_WITHIN_DAYS: i64 = 14;

impl Waiver {
    /// Whether it covers what was found of `setting` on the day `today`.
    pub fn cover(&self, setting: SettingId, found: Waivable<'_>, today: Date) -> WaiverMatch {
        let (covers, otherwise) = match found {
            Waivable::Drift(live) => {
                let has =
                    |live: &Value| self.while_live.iter().any(|(of, value)| *of == setting && live.is_same(value));
                (self.while_live.is_empty() || live.is_covered(has), WaiverMatch::OtherValue)
            }
            Waivable::Unread(reason) => {
                let is_meant = reason.holds_for_every_resource() || setting.spec().resource == self.resource;
                (self.unread.contains(&reason) && is_meant, WaiverMatch::OtherReason)
            }
        };
        if self.expects_unread() != matches!(found, Waivable::Unread(_)) {
            WaiverMatch::NotMeant
        } else if self.is_expired(today) {
            WaiverMatch::Expired
        } else if covers {
            WaiverMatch::Covers
        } else {
            otherwise
        }
    }

    /// Whether it expects something to be unread, as opposed to covering drift.
    pub fn expects_unread(&self) -> bool {
        !self.unread.is_empty()
    }

    /// Everything that it says, regardless of its place and the order of lists.
    pub fn terms(&self) -> WaiverTerms<'_> {
        let (mut live, mut unread) = (self.while_live.clone(), self.unread.clone());
        live.sort_unstable();
        unread.sort_unstable();
        (self.expires, &*self.reason, self.owner.as_deref(), live, (unread, self.resource))
    }

    /// Whether it covers of a setting whatever another waiver covers, for at least as long.
    pub fn grants(&self, other: &Self, setting: SettingId) -> bool {
        let has = |pair: &(SettingId, Value)| pair.0 != setting || self.while_live.contains(pair);
        let is_meant = |reason: &UnreadReason| reason.holds_for_every_resource() || self.resource == other.resource;
        let is_as_wide = match (self.expects_unread(), other.expects_unread()) {
            (true, true) => other.unread.iter().all(|reason| self.unread.contains(reason) && is_meant(reason)),
            (false, false) => {
                self.while_live.is_empty() || (!other.while_live.is_empty() && other.while_live.iter().all(has))
            }
            (true, false) | (false, true) => false,
        };
        self.expires >= other.expires && is_as_wide
    }

    /// The live values that it is bound to, as a clause: `it is PAUSED or NOT_ENABLED`, or with the setting of each where
    /// `while_live` names them: `reveal.status is ENABLED`.
    pub fn while_live_clause(&self) -> Option<String> {
        let value = |(setting, value): &(SettingId, Value)| {
            if self.while_live_by_setting { format!("{setting} is {value}") } else { value.to_string() }
        };
        let values = self.while_live.iter().map(value).collect::<Vec<_>>().join(" or ");
        let it = if self.while_live_by_setting { "" } else { "it is " };
        (!values.is_empty()).then(|| format!("{it}{values}"))
    }

    /// Whether its last day is past.
    pub fn is_expired(&self, today: Date) -> bool {
        today > self.expires
    }

    /// The days after `today` that it still covers; negative once it has expired.
    pub fn days_left(&self, today: Date) -> i64 {
        today.duration_until(self.expires).as_hours() / 24
    }
}

/// Whether a waiver still covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WaiverState {
    /// For more than two weeks.
    Active,
    /// For so many days more; 0 is today.
    Ending(i64),
    /// No longer: its last day was so many days ago.
    Expired(i64),
}

impl WaiverState {
    /// The state of a waiver on the day `today`.
    pub fn for_waiver(waiver: &Waiver, today: Date) -> Self {
        match waiver.days_left(today) {
            left if left < 0 => Self::Expired(-left),
            left if left <= ENDING_WITHIN_DAYS => Self::Ending(left),
            _ => Self::Active,
        }
    }

    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Ending(_) => "ending",
            Self::Expired(_) => "expired",
        }
    }
}

/// Where a declaration states a setting: what a reader opens to change it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, schemars::JsonSchema)]
pub struct Origin {
    /// The policy file, as it is shown.
    pub file: String,
    /// The line of the value, from 1.
    pub line: u32,
    /// The column of the value, from 1, counted in characters.
    pub column: u32,
    /// The name of the declaration, if it has one.
    pub declaration: Option<String>,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}:{}", self.file, self.line)
    }
}

/// A declaration that applies to one setting of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its place.
    pub origin: Arc<Origin>,
    /// The accepted values; `apply` sets the first.
    pub accepted: Accepted,
    /// The same as written, where placeholders have been filled in.
    pub written: Option<Accepted>,
    /// How specific the declaration is for the target.
    pub specificity: Specificity,
}

/// The desired values of one setting of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredSetting {
    /// The setting.
    pub setting: SettingId,
    /// How much a drift matters.
    pub severity: Severity,
    /// The declaration that takes precedence. Where several agree, the first by place.
    pub decided: Candidate,
    /// The others that none overrides; they accept the same values.
    pub agreeing: Vec<Candidate>,
    /// The overridden ones, by place.
    pub overridden: Vec<Candidate>,
    /// The waivers that select the target and the setting, by place, expired ones too.
    pub waivers: Vec<Arc<Waiver>>,
    /// The declared `ended_within` of the target, for rules about sessions: which ended sessions they are about. It is decided like
    /// a setting, and has no outcome of its own.
    pub window: Option<Arc<Self>>,
}

impl DesiredSetting {
    /// The declared `ended_within` of a rule about sessions.
    pub fn ended_within(&self) -> Option<Window> {
        match self.window.as_ref()?.decided.accepted.value_to_set()? {
            Value::Window(window) => Some(window),
            _ => None,
        }
    }
}

/// The desired settings of a target.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DesiredSettings {
    /// The declared settings, in rule order. Never empty, but for a target that is only read. Targets share those that are the same
    /// for them.
    pub settings: Vec<Arc<DesiredSetting>>,
    /// Whether a deciding declaration names the Region, as opposed to reaching it by a pattern or by "all".
    pub region_named: bool,
    /// Whether every setting of the resource is read, declared or not: for a snapshot.
    pub reads_everything: bool,
}

impl DesiredSettings {
    /// What is declared beside the settings: `ended_within`, which every rule of a target has.
    pub fn parameter(&self) -> Option<&DesiredSetting> {
        self.settings.first().and_then(|rule| rule.window.as_deref())
    }
}

/// A target with its desired settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredTarget {
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
    /// The resource.
    pub resource: Resource,
    /// The desired settings. Targets under the same declarations share them.
    pub declared: Arc<DesiredSettings>,
}

/// The desired state of a policy set, target by target.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DesiredState {
    targets: Vec<DesiredTarget>,
    /// The declared targets that a selection leaves out, sorted.
    unselected: Vec<DesiredTarget>,
    /// The number of declared targets before a selection.
    declared_total: usize,
    waivers: Vec<Arc<Waiver>>,
}

impl DesiredTarget {
    /// The target without its desired settings.
    pub fn target(&self) -> Target {
        Target { account: self.account, region: self.region.clone(), resource: self.resource }
    }

    /// The sort key of targets.
    pub fn sort_key(&self) -> (AccountId, &Region, Resource) {
        (self.account, &self.region, self.resource)
    }
}

impl DesiredState {
    /// The state of these targets, sorted by account, Region, resource.
    pub fn new(mut targets: Vec<DesiredTarget>) -> Self {
        if !targets.is_sorted_by(|one, two| one.sort_key() < two.sort_key()) {
            targets.sort_by(|one, two| one.sort_key().cmp(&two.sort_key()));
        }
        Self { declared_total: targets.len(), targets, ..Self::default() }
    }

    /// Adds the waivers of the policy set.
    #[must_use]
    pub fn with_waivers(mut self, waivers: Vec<Arc<Waiver>>) -> Self {
        self.waivers = waivers;
        self
    }

    /// Restricts the state to the selected targets. The others stay known as `unselected`.
    #[must_use]
    pub fn for_selection(mut self, is_selected: impl Fn(&DesiredTarget) -> bool) -> Self {
        (self.targets, self.unselected) = self.targets.into_iter().partition(is_selected);
        self
    }

    /// Restricts the state to the accounts of a shard.
    #[must_use]
    pub fn for_shard(mut self, shard: Shard) -> Self {
        self.targets.retain(|target| shard.has(target.account));
        self.unselected.retain(|target| shard.has(target.account));
        self
    }

    /// The waivers of the targets that a selection leaves out, once per setting.
    pub fn unselected_waivers(&self) -> impl Iterator<Item = &Arc<Waiver>> {
        let settings = self.unselected.iter().flat_map(|target| &target.declared.settings);
        settings.flat_map(|setting| &setting.waivers)
    }

    /// The number of declared targets before a selection and a shard.
    pub fn declared_total(&self) -> usize {
        self.declared_total
    }

    /// Whether a declaration reaches an account, selected or not.
    pub fn reaches(&self, account: AccountId) -> bool {
        let is_in = |targets: &[DesiredTarget]| targets.binary_search_by_key(&account, |target| target.account).is_ok();
        is_in(&self.targets) || is_in(&self.unselected)
    }

    /// Every waiver of the policy set, by place, whether it selects a target or not.
    pub fn waivers(&self) -> &[Arc<Waiver>] {
        &self.waivers
    }

    /// Every declared target, sorted by account, Region, resource.
    pub fn targets(&self) -> &[DesiredTarget] {
        &self.targets
    }

    /// The desired settings of one target.
    pub fn find(&self, target: &Target) -> Option<&DesiredTarget> {
        find_in(&self.targets, target)
    }

    /// The desired settings of one target that a selection leaves out.
    pub fn find_unselected(&self, target: &Target) -> Option<&DesiredTarget> {
        find_in(&self.unselected, target)
    }
}

fn find_in<'a>(targets: &'a [DesiredTarget], target: &Target) -> Option<&'a DesiredTarget> {
    let key = (target.account, &target.region, target.resource);
    let index = targets.binary_search_by(|probe| probe.sort_key().cmp(&key)).ok()?;
    targets.get(index)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::resource::macie_session;

    #[test]
    fn the_last_day_still_counts() {
        let status = macie_session::STATUS.id();
        let origin = Origin { file: String::new(), line: 1, column: 1, declaration: None };
        let paused = Value::Word("PAUSED");
        let live = LiveValue::One(paused.clone());
        let waiver = Waiver {
            origin,
            reason: "".into(),
            owner: None,
            expires: date(2027, 3, 31),
            while_live: vec![(status, paused.clone())],
            while_live_by_setting: false,
            unread: Vec::new(),
            resource: Resource::default(),
        };
        let drift = |live: &Value, today| waiver.cover(status, Waivable::Drift(&live.clone().into()), today);
        assert_eq!(drift(&paused, date(2027, 3, 31)), WaiverMatch::Covers);
        assert_eq!(drift(&paused, date(2027, 4, 1)), WaiverMatch::Expired);
        assert_eq!(drift(&Value::Word("NOT_ENABLED"), date(2027, 1, 1)), WaiverMatch::OtherValue);
        let unread = Waivable::Unread(UnreadReason::Denied);
        assert_eq!(waiver.cover(status, unread, date(2027, 1, 1)), WaiverMatch::NotMeant);
        let expecting = Waiver { while_live: Vec::new(), unread: vec![UnreadReason::Denied], ..waiver.clone() };
        let other = Waivable::Unread(UnreadReason::Throttled);
        for (found, today, expected) in [
            (unread, date(2027, 3, 31), WaiverMatch::Covers),
            (unread, date(2027, 4, 1), WaiverMatch::Expired),
            (other, date(2027, 1, 1), WaiverMatch::OtherReason),
            (Waivable::Drift(&live), date(2027, 1, 1), WaiverMatch::NotMeant),
        ] {
            assert_eq!(expecting.cover(status, found, today), expected, "{found:?} on {today}");
        }
        assert_eq!(waiver.days_left(date(2027, 3, 31)), 0);
        assert_eq!(waiver.days_left(date(2027, 3, 1)), 30);
        assert_eq!(waiver.days_left(date(2027, 4, 2)), -2);
    }
}
