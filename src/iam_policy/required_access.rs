//! What policies and settings ask for, as far as it decides what must be allowed.

use std::collections::BTreeSet;

use crate::model::{InventoryFields, Region, RegionTable};
use crate::policy::PolicySet;
use crate::resource::macie_session::{FREQUENCY, STATUS, Status};

/// What the files ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own, and all combinations occur")]
pub struct RequiredAccess {
    /// What is wanted of sessions.
    pub wanted: DesiredOperations,
    /// The actions that reading the declared settings takes beside those of every target.
    pub read_actions: BTreeSet<&'static str>,
    /// Whether an opt-in Region is among the targets.
    pub opt_in_regions: bool,
    /// Whether the accounts are those of the caller's organization, asked for anew in each run.
    pub lists_organization: bool,
    /// What that must tell of the accounts.
    pub knowledge: InventoryFields,
    /// Whether the settings name the organization's Macie administrator.
    pub names_administrator: bool,
    /// Whether the accounts come from AWS Organizations, now or when they were saved.
    pub knows_organization: bool,
}

/// What is wanted of sessions, by the values that an apply would set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own, and all combinations occur")]
pub struct DesiredOperations {
    /// A frequency is declared.
    pub frequency: bool,
    /// Sessions are to be there: they may have to be enabled.
    pub sessions: bool,
    /// Sessions are to be enabled: paused ones are resumed.
    pub resumed: bool,
    /// Sessions are to be paused.
    pub paused: bool,
    /// Sessions are to be off.
    pub disabled: bool,
}

/// What the reader of the policy wants to allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Allowed {
    /// Enabling Macie where it is off.
    pub enable: bool,
    /// Pausing it.
    pub pause: bool,
    /// Disabling it.
    pub disable: bool,
}

impl DesiredOperations {
    /// What a policy set asks for.
    pub fn for_policies(set: &PolicySet) -> Self {
        let mut wanted = Self::default();
        for (setting, declared) in set.declarations.iter().flat_map(|declaration| &declaration.settings) {
            let Some(first) = declared.accepted.value_to_set() else { continue };
            if *setting == FREQUENCY.id() {
                wanted.frequency = true;
            } else if *setting == STATUS.id() {
                match Status::from_value(first) {
                    Some(Status::Enabled) => {
                        wanted.sessions = true;
                        wanted.resumed = true;
                    }
                    Some(Status::Paused) => {
                        wanted.sessions = true;
                        wanted.paused = true;
                    }
                    Some(Status::NotEnabled) => wanted.disabled = true,
                    None => {}
                }
            }
        }
        wanted
    }

    /// Whether the status of some session may have to change.
    pub fn status(self) -> bool {
        self.sessions || self.disabled
    }
}

fn read_actions(set: &PolicySet) -> BTreeSet<&'static str> {
    set.declared_settings().into_iter().flat_map(|setting| setting.spec().read_actions).copied().collect()
}

/// Whether declarations reach an opt-in Region that has Macie, of those that the inventory has.
pub(super) fn reaches_opt_in<'a>(
    set: &PolicySet,
    mut regions: impl Iterator<Item = &'a Region>,
    table: &RegionTable,
) -> bool {
    regions.any(|region| {
        table.is_opt_in(region)
            && table.has_macie(region)
            && set.declarations.iter().any(|declaration| declaration.selection.chosen.regions.reach(region).is_some())
    })
}

impl RequiredAccess {
    /// What some policies ask for whose accounts stand alone.
    pub fn from_policies(set: &PolicySet, regions: Option<&[Region]>, table: &RegionTable) -> Self {
        let opt_in_regions = match regions {
            Some(listed) => reaches_opt_in(set, listed.iter(), table),
            None => reaches_opt_in(set, table.macie_regions(), table),
        };
        Self {
            wanted: DesiredOperations::for_policies(set),
            read_actions: read_actions(set),
            opt_in_regions,
            lists_organization: false,
            knowledge: set.needs(),
            names_administrator: false,
            knows_organization: false,
        }
    }

    /// Whether the organization's administrator may have to enable Macie in accounts.
    pub(super) fn may_take_in(&self) -> bool {
        self.wanted.sessions && (self.names_administrator || self.knows_organization)
    }
}
