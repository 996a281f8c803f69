//! What each unread reason means and how to fix it, written once for reports, rules and documentation.

use super::unread_group::is_explicit_denial;
use crate::model::{AccountId, AccountState, ChangeMethod, Resource, SettingId, Unread, UnreadReason};
use crate::resource::read_action;

/// What a reader can do about a drift.
const FIX_DRIFT: &str = "Let `driftline plan` show what would change, and `driftline apply` change it; or correct the declaration, or \
     declare a waiver with a reason and a last day.";

/// The same of a setting that driftline only reports.
const FIX_REPORTED: &str = "Let `driftline plan` show the command that changes it; or correct the declaration, or declare a waiver with a reason and \
     a last day.";

/// What a reader can do about a drift of a setting.
pub(super) fn fix_for_drift(setting: SettingId) -> &'static str {
    if is_report_only(setting) { FIX_REPORTED } else { FIX_DRIFT }
}

/// Whether driftline reports a drift of the setting and does not change it.
pub(super) fn is_report_only(setting: SettingId) -> bool {
    matches!(setting.spec().change, ChangeMethod::ReportOnly { .. })
}

/// An unread reason: its meaning, and the fix whatever the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remediation {
    /// The meaning, as a clause.
    pub meaning: &'static str,
    /// The fix, as a sentence in Markdown.
    pub fix: &'static str,
}

impl Remediation {
    /// The remediation of an unread reason.
    pub const fn new(reason: UnreadReason) -> Self {
        let (meaning, fix) = match reason {
            UnreadReason::Denied => (
                "a policy does not allow the call",
                "Allow the denied action to the role; `driftline iam-policy check` prints all that it needs.",
            ),
            UnreadReason::RoleNotAssumable => ("the role in the account could not be assumed", CHECK_ROLE),
            UnreadReason::WrongAccount => ("the credentials belong to another account", CHECK_ROLE),
            UnreadReason::RegionOff => (
                "the Region seems to be off for the account, and that could not be made sure",
                "Allow `account:ListRegions` to the role, which tells for sure.",
            ),
            UnreadReason::BadCredentials => {
                ("the token has expired or is unknown to AWS", "Renew the credentials, then run again.")
            }
            UnreadReason::Throttled => (
                "AWS asked to slow down until the retries were used up",
                "Run again later, or with a lower `[limits] concurrency`.",
            ),
            UnreadReason::Unreachable => (
                "no answer came, or AWS reported a fault of its own",
                "Check network, DNS and proxy for the Region, then run again.",
            ),
            UnreadReason::Unintelligible => (
                "the answer made no sense",
                "Check whether something else answers in the place of AWS; if not, use a newer driftline.",
            ),
            UnreadReason::Deadline => {
                ("the time limit of the run came first", "Raise `[limits] deadline` or `[limits] concurrency`.")
            }
            UnreadReason::Interrupted => ("the run was interrupted first", "Run again and let it finish."),
            UnreadReason::Contradicted => (
                "Macie's administrator and the account itself say different things",
                "Run again in some minutes, or with `--reader direct`.",
            ),
            UnreadReason::NotListed => (
                "who was to be asked in the place of the account, Macie's administrator or a snapshot, does not tell it",
                "Run with `--reader auto`, or take the snapshot anew.",
            ),
        };
        Self { meaning, fix }
    }
}

const CHECK_ROLE: &str =
    "Check that the role exists in the account, and that its trust policy lets the caller assume it.";

/// The fix for one unread target, given the state of its account in AWS Organizations.
pub(super) fn fix_for(resource: Resource, unread: &Unread, account: AccountId, state: Option<AccountState>) -> String {
    match unread.reason {
        UnreadReason::Denied => fix_denial(resource, unread),
        UnreadReason::RoleNotAssumable => fix_role(account, state),
        UnreadReason::WrongAccount => format!(
            "let `[aws] role_name` in driftline.toml, or `role_arn` with {{account}} in it, name a role that can be assumed in \
             {account}; or use credentials of that account"
        ),
        UnreadReason::RegionOff => {
            "let the role call account:ListRegions, which tells for sure, or turn the Region on, or take it out of the policy"
                .to_owned()
        }
        UnreadReason::BadCredentials => "log in again or renew the credentials, then run again".to_owned(),
        UnreadReason::Throttled => {
            "run again later, or with a lower `[limits] concurrency` in driftline.toml".to_owned()
        }
        UnreadReason::Unreachable => {
            "check network, DNS and proxy for this Region; if AWS itself is in trouble, run again later".to_owned()
        }
        UnreadReason::Unintelligible if unread.evidence.code.is_some() => {
            "AWS gave an error that does not fit the question; run again later, and if it stays, with a newer driftline".to_owned()
        }
        UnreadReason::Unintelligible => {
            "check whether something else answers in the place of AWS; if it is AWS, this driftline may be too old for it"
                .to_owned()
        }
        UnreadReason::Deadline => "raise `[limits] deadline` or `concurrency` in driftline.toml".to_owned(),
        UnreadReason::Interrupted => "run again and let it finish".to_owned(),
        UnreadReason::Contradicted => {
            "run again in some minutes, since one of them may be behind the other; `--reader direct` asks the account alone"
                .to_owned()
        }
        UnreadReason::NotListed => {
            "let the account be asked: with `--reader auto`, or in a new snapshot; a snapshot of a selection is checked with the \
             same `--account` and `--region`"
                .to_owned()
        }
    }
}

/// The fix for a setting that is unread in a target that is known in part.
pub(super) fn fix_for_setting(
    setting: SettingId,
    unread: &Unread,
    account: AccountId,
    state: Option<AccountState>,
) -> String {
    let (resource, actions) = (setting.spec().resource, setting.spec().read_actions);
    let is_named = unread.denial.as_deref().is_some_and(|denial| denial.action.is_some());
    if unread.reason != UnreadReason::Denied || is_named || actions.is_empty() {
        return fix_for(resource, unread, account, state);
    }
    format!("allow {} to the role that reads the account", actions.join(", "))
}

/// Whether the cause lies in the run, so that its fix is the same for every account.
pub(super) fn is_of_the_run(reason: UnreadReason) -> bool {
    matches!(reason, UnreadReason::BadCredentials | UnreadReason::Deadline | UnreadReason::Interrupted)
}

/// The one fix for a cause that accounts share. It names none of them.
pub(super) fn fix_for_shared(resource: Resource, setting: Option<SettingId>, unread: &Unread) -> String {
    let fix = match (unread.reason, setting) {
        (UnreadReason::RoleNotAssumable, _) => {
            "check `[aws] role_name` in driftline.toml, and that the role's trust policy lets the caller assume it, with the \
             right external id"
                .to_owned()
        }
        (UnreadReason::WrongAccount, _) => {
            "let `[aws] role_name` in driftline.toml, or `role_arn` with {account} in it, name a role of each account".to_owned()
        }
        (_, Some(setting)) => fix_for_setting(setting, unread, AccountId::UnknownCaller, None),
        (_, None) => fix_for(resource, unread, AccountId::UnknownCaller, None),
    };
    if is_of_the_run(unread.reason) {
        return format!("{fix}; --only-unread FILE reads these alone, if this run wrote a JSON report");
    }
    fix
}

/// The fix for a reason, whatever its targets.
pub(super) fn fix_for_reason(reason: UnreadReason) -> String {
    if reason == UnreadReason::Denied {
        return "allow the denied actions to the role; `driftline iam-policy check` prints all that it needs"
            .to_owned();
    }
    let fix = Remediation::new(reason).fix.trim_end_matches('.');
    fix.char_indices().map(|(at, letter)| if at == 0 { letter.to_ascii_lowercase() } else { letter }).collect()
}

fn fix_role(account: AccountId, state: Option<AccountState>) -> String {
    let check = format!(
        "check that the role exists in {account} and that its trust policy lets the caller assume it, with the right external id"
    );
    let unusable = match state {
        None => return format!("{check}; a suspended or closed account looks the same"),
        Some(state) if state.allows_assume_role() => {
            return format!("{check}; AWS Organizations says that the account is {state}");
        }
        Some(AccountState::PendingActivation) => {
            "PENDING_ACTIVATION: no role in it can be assumed until its sign-up is completed"
        }
        Some(AccountState::Suspended) => {
            "SUSPENDED: no role in it can be assumed; ask AWS Support, or leave it out of the policies"
        }
        Some(AccountState::Closed) => "CLOSED: no role in it can be assumed; leave it out of the policies",
        Some(AccountState::Active | AccountState::PendingClosure) => "in use",
    };
    format!("AWS Organizations says that {account} is {unusable}")
}

fn fix_denial(resource: Resource, unread: &Unread) -> String {
    let denial = unread.denial.as_deref();
    let named = denial.and_then(|denial| denial.action.as_deref());
    let action = named.unwrap_or(read_action(resource));
    let is_authorization =
        unread.evidence.message.as_deref().is_some_and(|message| message.contains("is not authorized to perform"));
    match denial.and_then(|denial| denial.layer) {
        Some(layer) if is_explicit_denial(unread) => {
            let arn = denial.and_then(|denial| denial.policy_arn.as_deref());
            let policy = arn.map_or_else(String::new, |arn| format!(" ({arn})"));
            format!("except driftline's role from the {}{policy} that denies {action}", layer.words())
        }
        Some(layer) => format!("allow {action} in the {}", layer.words()),
        None if named.is_some() || is_authorization => format!("allow {action}"),
        None if resource == Resource::MacieSession => format!(
            "allow {action}; if Macie is just not enabled here, AWS says so in words that this driftline does not know"
        ),
        None => format!("allow {action}"),
    }
}
