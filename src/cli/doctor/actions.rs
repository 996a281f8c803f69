//! The IAM actions that a check needs, as far as the calls showed them allowed or denied.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::accounts::{AccountsRun, unread_check};
use super::diagnosis::{CheckId, DoctorCheck};
use super::reads::Calls;
use crate::aws::{CallResult, LoggedCall};
use crate::cli::iam_policy::required_access;
use crate::iam_policy::{Allowed, PolicyKind, actions};
use crate::model::{AccountId, DesiredTarget, Resource, SettingId, Unread, UnreadReason};
use crate::report::{listed, pluralize};
use crate::resource::read_action;

/// Most places that one line names.
const NAMED: usize = 5;

/// Without this action, a check still finds out that a Region is off.
const DISPENSABLE: &str = "account:ListRegions";

/// Services whose actions the roles need. What the caller needs shows elsewhere.
const OF_ROLES: [&str; 3] = ["macie2:", "ssm:", "account:"];

impl AccountsRun<'_> {
    /// One check for each action that is needed, and for each that was denied.
    pub(super) fn action_checks(&self, calls: &Calls, has_accounts: bool) -> Vec<DoctorCheck> {
        let mut needed: BTreeSet<String> =
            actions(PolicyKind::Check, &required_access(self.config), Allowed::default())
                .into_iter()
                .map(str::to_owned)
                .collect();
        let is_denied = |result: &CallResult| matches!(result, CallResult::Denied(_));
        let denied = calls.iter().filter(|(_, result)| is_denied(result)).map(|(call, _)| call.action.clone());
        needed.extend(denied.filter(|action| OF_ROLES.iter().any(|service| action.starts_with(service))));
        needed.iter().flat_map(|action| self.action_check(action, calls, has_accounts)).collect()
    }

    fn action_check(&self, action: &str, calls: &Calls, has_accounts: bool) -> Vec<DoctorCheck> {
        let made = calls.iter().filter(|(call, _)| call.action == action);
        let (mut allowed, mut asked, mut is_unanswered) = (BTreeSet::new(), BTreeSet::new(), false);
        let mut denied: BTreeMap<String, Vec<(&LoggedCall, &Unread)>> = BTreeMap::new();
        for (call, result) in made {
            asked.insert(call.account);
            match result {
                CallResult::Allowed => drop(allowed.insert(call.account)),
                CallResult::Inconclusive => is_unanswered = true,
                CallResult::Denied(unread) => {
                    denied.entry(self.action_fix(action, call, unread)).or_default().push((call, unread));
                }
            }
        }
        if !denied.is_empty() {
            let count = asked.len();
            return denied.iter().map(|(fix, found)| self.denied(action, found, count).fix(fix.as_str())).collect();
        }
        vec![if !allowed.is_empty() {
            DoctorCheck::ok(CheckId::Action, action, format!("allowed in {}", pluralize(allowed.len(), "account")))
        } else if is_unanswered || !has_accounts {
            let why = if has_accounts { "there was no answer" } else { "no account can be read" };
            DoctorCheck::not_checked(CheckId::Action, action, why)
        } else {
            DoctorCheck::skipped(CheckId::Action, action, "no account that was tried takes this call")
        }]
    }

    fn denied(&self, action: &str, found: &[(&LoggedCall, &Unread)], asked: usize) -> DoctorCheck {
        let place = |call: &LoggedCall| {
            let account = call.account.map_or_else(String::new, |account| self.name(account));
            call.region.as_ref().map_or_else(|| account.clone(), |region| format!("{account} in {region}"))
        };
        let accounts: BTreeSet<Option<AccountId>> = found.iter().map(|(call, _)| call.account).collect();
        let places: Vec<String> = found.iter().map(|(call, _)| place(call)).collect();
        let message = found.first().and_then(|(_, unread)| unread.evidence.message.as_deref()).unwrap_or_default();
        let detail = format!(
            "denied in {} of {}: {}: {message}",
            accounts.len(),
            pluralize(asked, "account"),
            listed(&places, NAMED)
        );
        if action == DISPENSABLE {
            let detail = format!("{detail}; a Region that is off is then only inferred");
            return DoctorCheck::warning(CheckId::Action, action, detail);
        }
        let ends: Option<Vec<Date>> = found.iter().map(|(call, _)| self.denial_expected_until(action, call)).collect();
        unread_check(CheckId::Action, action, detail, ends.and_then(|ends| ends.into_iter().min()))
    }

    /// Until when waivers expect the settings to be unread that this call reads.
    fn denial_expected_until(&self, action: &str, call: &LoggedCall) -> Option<Date> {
        let account = call.account?;
        let is_there = |target: &&DesiredTarget| call.region.as_ref() == Some(&target.region);
        let concerns = |setting: SettingId| {
            read_action(setting.spec().resource) == action || setting.spec().read_actions.contains(&action)
        };
        self.expected_until(self.targets_of(account).filter(is_there), concerns, UnreadReason::Denied)
    }

    /// The fix for a denied action.
    fn action_fix(&self, action: &str, call: &LoggedCall, unread: &Unread) -> String {
        let is_named = unread.denial.as_deref().is_some_and(|denial| denial.action.is_some());
        let reads = Resource::ALL.iter().find(|resource| read_action(**resource) == action);
        match (call.account, reads, is_named) {
            (Some(account), Some(resource), _) => self.fix(*resource, unread, account),
            (Some(account), None, true) => self.fix(Resource::MacieSession, unread, account),
            _ => format!("allow {action} to the role; `driftline iam-policy check` prints all that it needs"),
        }
    }
}
