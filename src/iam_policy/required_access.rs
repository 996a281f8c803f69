//! The access that policies and settings need, and the IAM actions for it.

use std::collections::BTreeSet;

use crate::model::{InventoryFields, Region, RegionSpecificity, RegionTable, Resource, SettingId};
use crate::policy::{Declaration, PolicySet};
use crate::resource::macie_session::{FREQUENCY, STATUS, Status};
use crate::resource::{ReadBy, Setting, read_action};

/// The access that policies and settings need.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own, and all combinations occur")]
pub struct RequiredAccess {
    /// The resources that are declared.
    pub resources: BTreeSet<Resource>,
    /// The changes of sessions that the policies may need.
    pub operations: DesiredOperations,
    /// What reading the declared settings takes beside the actions of every target.
    pub reading: SettingAccess,
    /// Whether an opt-in Region is among the targets.
    pub opt_in_regions: bool,
    /// The partitions of the targets, as ARNs write them.
    pub partitions: BTreeSet<&'static str>,
    /// Whether the accounts are those of the caller's organization, asked for anew in each run.
    pub lists_organization: bool,
    /// The account fields that the listing must contain.
    pub knowledge: InventoryFields,
    /// Whether the settings name the organization's Macie administrator.
    pub names_administrator: bool,
    /// Whether the accounts come from AWS Organizations, now or when they were saved.
    pub knows_organization: bool,
}

/// The access that reading settings takes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SettingAccess {
    /// The actions of the calls.
    pub actions: BTreeSet<&'static str>,
    /// The actions that it takes to find the accounts to ask, where the settings file names no administrator.
    pub role_actions: BTreeSet<&'static str>,
    /// Whether the administrator is asked for settings of its members.
    pub asks_administrator: bool,
}

impl SettingAccess {
    /// The access for these settings.
    pub fn for_settings(settings: impl Iterator<Item = SettingId>) -> Self {
        let mut access = Self::default();
        for setting in settings {
            access.actions.extend(setting.spec().read_actions);
            if let Some(Setting { read: ReadBy::ExtraCall(call), .. }) = Setting::for_id(setting) {
                access.role_actions.extend(call.role_actions);
                access.asks_administrator |= call.by_administrator;
            }
        }
        access
    }
}

/// The changes of sessions that policies may need, by the values that an apply would set.
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

/// The operations that the policy is to allow.
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
    /// The operations that a policy set needs.
    pub fn for_policies(set: &PolicySet) -> Self {
        let mut operations = Self::default();
        for (setting, declared) in set.declarations.iter().flat_map(|declaration| &declaration.settings) {
            let Some(first) = declared.accepted.value_to_set() else { continue };
            if *setting == FREQUENCY.id() {
                operations.frequency = true;
            } else if *setting == STATUS.id() {
                match Status::from_value(&first) {
                    Some(Status::Enabled) => {
                        operations.sessions = true;
                        operations.resumed = true;
                    }
                    Some(Status::Paused) => {
                        operations.sessions = true;
                        operations.paused = true;
                    }
                    Some(Status::NotEnabled) => operations.disabled = true,
                    None => {}
                }
            }
        }
        operations
    }

    /// Whether the status of some session may have to change.
    pub fn status(self) -> bool {
        self.sessions || self.disabled
    }
}

/// The Regions that declarations reach and in which their resource exists. Without a list of Regions, the inventory has those of
/// the table, and those that declarations name.
fn reached<'a>(
    set: &'a PolicySet,
    listed: Option<&'a [Region]>,
    table: &'a RegionTable,
) -> impl Iterator<Item = &'a Region> {
    let reaches = move |declaration: &Declaration, region: &Region| {
        let Some(reach) = declaration.selection.chosen.regions.reach(region) else { return false };
        let is_read = match listed {
            Some(listed) => listed.contains(region),
            None => reach == RegionSpecificity::Name || table.is_default_for(declaration.resource, region),
        };
        is_read && table.hosts(declaration.resource, region)
    };
    table.known_regions().filter(move |region| set.declarations.iter().any(|declaration| reaches(declaration, region)))
}

impl RequiredAccess {
    /// The access for policies outside an organization.
    pub fn from_policies(set: &PolicySet, regions: Option<&[Region]>, table: &RegionTable) -> Self {
        Self {
            resources: set.declared_resources(),
            operations: DesiredOperations::for_policies(set),
            reading: SettingAccess::for_settings(set.declared_settings().into_iter()),
            opt_in_regions: reached(set, regions, table).any(|region| table.is_opt_in(region)),
            partitions: reached(set, regions, table).map(|region| region.partition().as_str()).collect(),
            lists_organization: false,
            knowledge: set.needs(),
            names_administrator: false,
            knows_organization: false,
        }
    }

    /// Whether the organization's administrator may have to enable Macie in accounts.
    fn may_take_in(&self) -> bool {
        self.operations.sessions && (self.names_administrator || self.knows_organization)
    }
}

/// Where an IAM policy is attached, and for which command.
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

/// The IAM actions of a part for the required access, sorted.
///
/// Sources: Service Authorization Reference, "Actions, resources, and condition keys for Amazon Macie" and "… for AWS Systems
/// Manager", and the calls that this program makes: the folders of `resource`, aws/organizations.
pub fn actions(part: PolicyKind, access: &RequiredAccess, allowed: Allowed) -> BTreeSet<&'static str> {
    let operations = access.operations;
    let mut actions = BTreeSet::new();
    let mut add = |condition: bool, list: &[&'static str]| {
        if condition {
            actions.extend(list);
        }
    };
    match part {
        PolicyKind::Check | PolicyKind::Plan => {
            let plans = part == PolicyKind::Plan;
            for resource in &access.resources {
                add(true, &[read_action(*resource)]);
            }
            for action in &access.reading.actions {
                add(true, &[*action]);
            }
            for action in &access.reading.role_actions {
                add(!access.names_administrator, &[*action]);
            }
            add(access.opt_in_regions, &["account:ListRegions"]);
            add(plans && operations.status(), &["macie2:GetAdministratorAccount"]);
            add(
                plans && (operations.paused || operations.disabled),
                &["macie2:ListClassificationJobs", "macie2:ListMembers"],
            );
            // The administrator is asked for its members, and again about one that contradicts it.
            let is_asked = operations.status() || access.reading.asks_administrator;
            let lists = !plans && access.names_administrator && is_asked;
            add(lists, &["macie2:GetMember", "macie2:ListMembers"]);
        }
        PolicyKind::Apply => {
            // A step reads the session before the call and after it.
            add(operations != DesiredOperations::default(), &["macie2:GetMacieSession"]);
            let updates = operations.frequency || operations.resumed || (operations.paused && allowed.pause);
            add(updates, &["macie2:UpdateMacieSession"]);
            // The first EnableMacie of an account makes the role that Macie works with.
            add(operations.sessions && allowed.enable, &["iam:CreateServiceLinkedRole", "macie2:EnableMacie"]);
            add(operations.disabled && allowed.disable, &["macie2:DisableMacie"]);
        }
        PolicyKind::Administrator => {
            add(operations.resumed || (operations.paused && allowed.pause), &["macie2:UpdateMemberSession"]);
            add(access.may_take_in() && allowed.enable, &["macie2:CreateMember"]);
        }
        PolicyKind::Hub => {
            add(true, &["sts:AssumeRole"]);
            add(access.lists_organization, &["organizations:DescribeOrganization", "organizations:ListAccounts"]);
            let units = access.lists_organization && access.knowledge.units;
            add(
                units,
                &[
                    "organizations:ListAccountsForParent",
                    "organizations:ListOrganizationalUnitsForParent",
                    "organizations:ListRoots",
                ],
            );
            add(access.lists_organization && access.knowledge.tags, &["organizations:ListTagsForResource"]);
            add(access.lists_organization && access.opt_in_regions, &["account:ListRegions"]);
            let asks_who = operations.sessions && allowed.enable;
            let finds_out = access.knows_organization && !access.names_administrator;
            // A check asks in order to read through the administrator, an apply in order to enable Macie through it.
            add((asks_who || operations.status()) && finds_out, &["macie2:ListOrganizationAdminAccounts"]);
            let asks_where = access.names_administrator && !access.knows_organization;
            add(asks_who && asks_where, &["organizations:DescribeAccount", "organizations:DescribeOrganization"]);
        }
    }
    actions
}
