//! What policies and settings need to be allowed, and the IAM actions for it.

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
fn reaches_opt_in<'a>(set: &PolicySet, mut regions: impl Iterator<Item = &'a Region>, table: &RegionTable) -> bool {
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
    fn may_take_in(&self) -> bool {
        self.wanted.sessions && (self.names_administrator || self.knows_organization)
    }
}

/// Where a policy is to be attached, and for which command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyKind {
    /// The role for reading in each account, for `check`.
    Check,
    /// The same, for `plan`.
    Plan,
    /// The role for changing in each account, for `apply` and `rollback`.
    Apply,
    /// The role for changing in the account of the Macie administrator, for what it changes in its members.
    Administrator,
    /// Whoever runs driftline.
    Hub,
}

/// The actions that a part takes for what the files ask, sorted.
///
/// Sources: Service Authorization Reference, "Actions, resources, and condition keys for Amazon Macie", and the calls that this
/// program makes: resource/macie_session, aws/organizations.
pub fn actions(part: PolicyKind, demand: &RequiredAccess, allowed: Allowed) -> BTreeSet<&'static str> {
    let wanted = demand.wanted;
    let mut actions = BTreeSet::new();
    let mut add = |condition: bool, list: &[&'static str]| {
        if condition {
            actions.extend(list);
        }
    };
    match part {
        PolicyKind::Check | PolicyKind::Plan => {
            let plans = part == PolicyKind::Plan;
            add(true, &["macie2:GetMacieSession"]);
            for action in &demand.read_actions {
                add(true, &[*action]);
            }
            add(demand.opt_in_regions, &["account:ListRegions"]);
            add(plans && wanted.status(), &["macie2:GetAdministratorAccount"]);
            add(plans && (wanted.paused || wanted.disabled), &["macie2:ListClassificationJobs", "macie2:ListMembers"]);
            // The administrator is asked for its members, and again about one that contradicts it.
            let knows = demand.names_administrator || demand.lists_organization;
            let lists = !plans && knows && wanted.status();
            add(lists, &["macie2:GetMember", "macie2:ListMembers"]);
        }
        PolicyKind::Apply => {
            add(true, &["macie2:GetMacieSession"]);
            let updates = wanted.frequency || wanted.resumed || (wanted.paused && allowed.pause);
            add(updates, &["macie2:UpdateMacieSession"]);
            // The first EnableMacie of an account makes the role that Macie works with.
            add(wanted.sessions && allowed.enable, &["iam:CreateServiceLinkedRole", "macie2:EnableMacie"]);
            add(wanted.disabled && allowed.disable, &["macie2:DisableMacie"]);
        }
        PolicyKind::Administrator => {
            add(wanted.resumed || (wanted.paused && allowed.pause), &["macie2:UpdateMemberSession"]);
            add(demand.may_take_in() && allowed.enable, &["macie2:CreateMember"]);
        }
        PolicyKind::Hub => {
            add(true, &["sts:AssumeRole"]);
            add(demand.lists_organization, &["organizations:DescribeOrganization", "organizations:ListAccounts"]);
            let units = demand.lists_organization && demand.knowledge.units;
            add(
                units,
                &[
                    "organizations:ListAccountsForParent",
                    "organizations:ListOrganizationalUnitsForParent",
                    "organizations:ListRoots",
                ],
            );
            add(demand.lists_organization && demand.knowledge.tags, &["organizations:ListTagsForResource"]);
            add(demand.lists_organization && demand.opt_in_regions, &["account:ListRegions"]);
            let asks_who = wanted.sessions && allowed.enable;
            let finds_out = demand.knows_organization && !demand.names_administrator;
            // A check asks in order to read through the administrator, an apply in order to enable Macie through it.
            add((asks_who || wanted.status()) && finds_out, &["macie2:ListOrganizationAdminAccounts"]);
            let asks_where = demand.names_administrator && !demand.knows_organization;
            add(asks_who && asks_where, &["organizations:DescribeAccount", "organizations:DescribeOrganization"]);
        }
    }
    actions
}
