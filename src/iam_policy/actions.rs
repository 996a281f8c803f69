//! Which actions each part takes. The one table.

use std::collections::BTreeSet;

use super::{Allowed, RequiredAccess};

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
