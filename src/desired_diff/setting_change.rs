//! The changes of the desired settings of one target.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use crate::model::{DesiredSetting, DesiredSettings, SettingId, Waiver, WaiverTerms};

/// The kind of change of a desired setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Newly declared: what was not managed now is.
    Added,
    /// No longer declared: what was managed is not any more.
    Removed,
    /// Other values are accepted.
    Changed,
    /// The same values are accepted, but another one is the first, which is what apply would set.
    Reordered,
    /// A drift matters more, or less.
    Severity,
    /// Other waivers cover it, or the same on other terms.
    Waivers,
    /// Of a rule about sessions: it is about other ended sessions, by another `ended_within`.
    Window,
}

impl ChangeKind {
    /// Every kind, in the order in which reports show them.
    pub const ALL: [Self; 7] =
        [Self::Added, Self::Removed, Self::Changed, Self::Reordered, Self::Severity, Self::Waivers, Self::Window];

    /// The word for it in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Reordered => "reordered",
            Self::Severity => "severity",
            Self::Waivers => "waivers",
            Self::Window => "window",
        }
    }
}

/// What changes for a target. Targets that stood and stand under the same declarations share it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredSettingsChange {
    old: Option<Arc<DesiredSettings>>,
    new: Option<Arc<DesiredSettings>>,
    kinds: Vec<(SettingId, Vec<ChangeKind>)>,
    naming: Option<RegionNamingChange>,
}

/// What changes about one setting.
#[derive(Debug, Clone, Copy)]
pub struct SettingChange<'change> {
    /// The setting.
    pub setting: SettingId,
    /// The kinds of change: at least one, in the order of [`ChangeKind::ALL`].
    pub kinds: &'change [ChangeKind],
    /// The desired setting before; `None` if it was unmanaged.
    pub old: Option<&'change DesiredSetting>,
    /// The desired setting after; `None` if it is unmanaged.
    pub new: Option<&'change DesiredSetting>,
}

/// How the change of a declaration's Region selector changes what a Region that is off means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RegionNamingChange {
    /// The Region is now named, so that being off counts as not enabled.
    Named,
    /// The Region is no longer named, so that being off means that the target does not apply.
    Unnamed,
}

impl DesiredSettingsChange {
    /// The change from one set of desired settings to another, or `None` if there is none. `may_be_off` tells whether the Region is one that
    /// accounts must opt into: elsewhere it makes no difference whether a declaration names it.
    pub(super) fn between(
        old: Option<&Arc<DesiredSettings>>,
        new: Option<&Arc<DesiredSettings>>,
        may_be_off: bool,
    ) -> Option<Self> {
        let settings =
            [old, new].into_iter().flatten().flat_map(|desired| &desired.settings).map(|desired| desired.setting);
        let settings: BTreeSet<SettingId> = settings.collect();
        let kinds: Vec<(SettingId, Vec<ChangeKind>)> = settings
            .into_iter()
            .map(|setting| {
                let was = old.and_then(|desired| find(desired, setting));
                (setting, kinds(was, new.and_then(|desired| find(desired, setting))))
            })
            .filter(|(_, kinds)| !kinds.is_empty())
            .collect();
        let naming = match (old, new) {
            (Some(old), Some(new)) if may_be_off && old.region_named != new.region_named => {
                Some(if new.region_named { RegionNamingChange::Named } else { RegionNamingChange::Unnamed })
            }
            _ => None,
        };
        let changes = !kinds.is_empty() || naming.is_some();
        changes.then(|| Self { old: old.cloned(), new: new.cloned(), kinds, naming })
    }

    /// The settings that change, in rule order.
    pub fn settings(&self) -> impl Iterator<Item = SettingChange<'_>> {
        self.kinds.iter().map(|(setting, kinds)| SettingChange {
            setting: *setting,
            kinds,
            old: self.old.as_ref().and_then(|desired| find(desired, *setting)),
            new: self.new.as_ref().and_then(|desired| find(desired, *setting)),
        })
    }

    /// The old and the new `ended_within`, if rules that were and are declared are about other ended sessions. Rules share it.
    pub fn window(&self) -> Option<(Option<&DesiredSetting>, Option<&DesiredSetting>)> {
        let rule = self.settings().find(|change| change.kinds.contains(&ChangeKind::Window))?;
        Some((window(rule.old), window(rule.new)))
    }

    /// Whether the Region is named where it was not, or the other way round.
    pub fn naming(&self) -> Option<RegionNamingChange> {
        self.naming
    }
}

fn window(rule: Option<&DesiredSetting>) -> Option<&DesiredSetting> {
    rule.and_then(|rule| rule.window.as_deref())
}

fn find(desired: &DesiredSettings, setting: SettingId) -> Option<&DesiredSetting> {
    desired.settings.iter().map(AsRef::as_ref).find(|desired: &&DesiredSetting| desired.setting == setting)
}

fn kinds(old: Option<&DesiredSetting>, new: Option<&DesiredSetting>) -> Vec<ChangeKind> {
    let (old, new) = match (old, new) {
        (None, None) => return Vec::new(),
        (None, Some(_)) => return vec![ChangeKind::Added],
        (Some(_), None) => return vec![ChangeKind::Removed],
        (Some(old), Some(new)) => (old, new),
    };
    let mut kinds = Vec::new();
    let (was, is) = (&old.decided.accepted, &new.decided.accepted);
    if !was.accepts_same(is) {
        kinds.push(ChangeKind::Changed);
    } else if was.value_to_set() != is.value_to_set() {
        kinds.push(ChangeKind::Reordered);
    }
    if old.severity != new.severity {
        kinds.push(ChangeKind::Severity);
    }
    if terms(&old.waivers) != terms(&new.waivers) {
        kinds.push(ChangeKind::Waivers);
    }
    if old.ended_within() != new.ended_within() {
        kinds.push(ChangeKind::Window);
    }
    kinds
}

/// The terms of waivers, regardless of their places and order.
fn terms(waivers: &[Arc<Waiver>]) -> Vec<WaiverTerms<'_>> {
    let mut terms: Vec<_> = waivers.iter().map(|waiver| waiver.terms()).collect();
    terms.sort_unstable();
    terms
}
