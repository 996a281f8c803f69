//! Changes that are the same for many targets, told once.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::desired_diff::{
    ChangeKind, DesiredDiff, DesiredSettingsChange, RegionNamingChange, SettingChange, TargetChange,
};
use crate::model::{DesiredSetting, Setting, Waiver};
use crate::offline::messages::{accepted, origin, waiver};
use crate::report::pluralize;

/// What changes, in words. Sorts as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Group {
    pub(super) topic: Section,
    /// The setting; `None` where it is about the target as a whole.
    pub(super) setting: Option<Setting>,
    /// What was and what is, on one line.
    pub(super) headline: String,
    /// Where that is said: label and place.
    pub(super) details: Vec<(&'static str, String)>,
}

/// What a section of the text is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Section {
    Setting(ChangeKind),
    Naming,
}

impl Section {
    pub(super) fn heading(self) -> &'static str {
        match self {
            Self::Setting(ChangeKind::Added) => "Newly declared",
            Self::Setting(ChangeKind::Removed) => "No longer declared: shown, but not compared any more",
            Self::Setting(ChangeKind::Changed) => "Other values are accepted",
            Self::Setting(ChangeKind::Reordered) => {
                "The same values are accepted, but another one is the first, which apply would set"
            }
            Self::Setting(ChangeKind::Severity) => "Severity",
            Self::Setting(ChangeKind::Waivers) => "Waivers",
            Self::Naming => "Regions that an account may not have opted into",
        }
    }
}

/// The groups as they are shown, each with its targets, sorted.
pub(super) fn groups(changes: &DesiredDiff) -> BTreeMap<Group, Vec<&TargetChange>> {
    // Targets share what changes: words are found once for all of them.
    let mut numbers: HashMap<*const DesiredSettingsChange, usize> = HashMap::new();
    let mut shared: Vec<(&DesiredSettingsChange, Vec<&TargetChange>)> = Vec::new();
    for target in changes.targets() {
        let number = *numbers.entry(Arc::as_ptr(&target.change)).or_insert_with(|| {
            shared.push((&target.change, Vec::new()));
            shared.len() - 1
        });
        if let Some((_, targets)) = shared.get_mut(number) {
            targets.push(target);
        }
    }
    let mut groups: BTreeMap<Group, Vec<&TargetChange>> = BTreeMap::new();
    for (change, targets) in shared {
        for group in words(change) {
            groups.entry(group).or_default().extend(&targets);
        }
    }
    for targets in groups.values_mut() {
        targets.sort_by(|one, two| (one.account, &one.region).cmp(&(two.account, &two.region)));
    }
    groups
}

fn words(change: &DesiredSettingsChange) -> Vec<Group> {
    let mut groups = Vec::new();
    for setting in change.settings() {
        groups.extend(setting.kinds.iter().map(|kind| of_setting(*kind, &setting)));
    }
    groups.extend(change.naming().map(|naming| Group {
        topic: Section::Naming,
        setting: None,
        headline: match naming {
            RegionNamingChange::Named => "now named: a Region that is off counts as not enabled".to_owned(),
            RegionNamingChange::Unnamed => {
                "no longer named: where the Region is off, the target does not apply".to_owned()
            }
        },
        details: Vec::new(),
    }));
    groups
}

fn of_setting(kind: ChangeKind, change: &SettingChange<'_>) -> Group {
    const NOTHING: &str = "not managed";
    let wanted =
        |wish: Option<&DesiredSetting>| wish.map_or_else(|| NOTHING.to_owned(), |wish| accepted(&wish.decided));
    let severity = |wish: Option<&DesiredSetting>| wish.map_or("none", |wish| wish.severity.as_str());
    let waivers = |wish: Option<&DesiredSetting>| wish.map_or(0, |wish| wish.waivers.len());
    let headline = match kind {
        ChangeKind::Added => format!("{NOTHING} → {} (severity {})", wanted(change.new), severity(change.new)),
        ChangeKind::Removed | ChangeKind::Changed | ChangeKind::Reordered => {
            format!("{} → {}", wanted(change.old), wanted(change.new))
        }
        ChangeKind::Severity => format!("{} → {}", severity(change.old), severity(change.new)),
        ChangeKind::Waivers => {
            format!("{} → {}", pluralize(waivers(change.old), "waiver"), pluralize(waivers(change.new), "waiver"))
        }
    };
    let details = if kind == ChangeKind::Waivers {
        let terms = |wish: Option<&DesiredSetting>| -> Vec<Arc<Waiver>> {
            wish.map(|wish| wish.waivers.clone()).unwrap_or_default()
        };
        let (old, new) = (terms(change.old), terms(change.new));
        let gone = only(&old, &new).map(|gone| ("gone", waiver(gone)));
        gone.chain(only(&new, &old).map(|came| ("new", waiver(came)))).collect()
    } else {
        let was = change.old.map(|wish| ("was", origin(&wish.decided.origin)));
        was.into_iter().chain(change.new.map(|wish| ("is", origin(&wish.decided.origin)))).collect()
    };
    Group { topic: Section::Setting(kind), setting: Some(change.setting), headline, details }
}

/// The waivers of one side that the other has not, wherever they are declared.
fn only<'one>(one: &'one [Arc<Waiver>], other: &'one [Arc<Waiver>]) -> impl Iterator<Item = &'one Waiver> {
    let says = |one: &Waiver, two: &Waiver| {
        (&one.reason, &one.owner, one.expires, &one.while_live)
            == (&two.reason, &two.owner, two.expires, &two.while_live)
    };
    one.iter().map(|waiver| &**waiver).filter(move |waiver| !other.iter().any(|other| says(waiver, other)))
}
