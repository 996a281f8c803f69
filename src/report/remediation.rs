//! What each unread reason means and how to fix it, written once for reports, rules and documentation.

use super::unread_group::is_explicit_denial;
use crate::aws::says_macie_is_off;
use crate::model::{AccountId, AccountState, Resource, SettingId, Unread, UnreadReason};
use crate::resource::read_action;
use crate::resource::session_manager_preferences::is_fault_of_document;

/// What a reader can do about a drift.
const FIX_DRIFT: &str = "Let `driftline plan` show what would change, and `driftline apply` change it; or correct the declaration, or \
     declare a waiver with a reason and a last day.";

/// The same of a setting that driftline only reports.
const FIX_REPORTED: &str = "Let `driftline plan` show the command that changes it; or correct the declaration, or declare a waiver with a reason and \
     a last day.";

/// The same in brief, for a declaration with settings that `apply` can change, or that driftline only reports, or both.
pub(super) fn brief_fix_for_drift(is_changeable: bool, is_reported: bool) -> &'static str {
    match (is_changeable, is_reported) {
        (false, _) => "`driftline plan` prints the command for each change",
        (true, false) => "`driftline plan` shows the changes, `driftline apply` makes them",
        (true, true) => "`driftline plan` shows the changes, and the commands for those that driftline does not make",
    }
}

/// What a reader can do about a drift of a setting.
pub(super) fn fix_for_drift(setting: SettingId) -> &'static str {
    if setting.spec().change.is_report_only() { FIX_REPORTED } else { FIX_DRIFT }
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
                "the Region is off for the account, or seems to be",
                "Enable the Region in the account, or leave it out of `regions`. `account:ListRegions`, if the role may call it, tells for sure.",
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
                "the answer made no sense, or the account's own preferences document",
                "Correct the preferences document if the message names it. Else check whether something else answers in the place of AWS; if not, use a newer driftline.",
            ),
            UnreadReason::Deadline => {
                ("the time limit of the run came first", "Raise `[limits] deadline` or `[limits] concurrency`.")
            }
            UnreadReason::Interrupted => ("the run was interrupted first", "Run again and let it finish."),
            UnreadReason::Contradicted => (
                "Macie's administrator and the account itself say different things, or two answers about a document",
                "Run again in some minutes; for Macie, `--reader direct` asks the account alone.",
            ),
            UnreadReason::NotListed => (
                "who was to be asked in the place of the account, Macie's administrator or a snapshot, does not tell it",
                "Run with `--reader auto` where Macie's administrator was asked. Else take the snapshot anew with these policies, which may want a longer `ended_within`.",
            ),
        };
        Self { meaning, fix }
    }
}

const CHECK_ROLE: &str =
    "Check that the role exists in the account, and that its trust policy lets the caller assume it.";

/// The fix for one unread target, given the state of its account in AWS Organizations.
pub(crate) fn fix_for(resource: Resource, unread: &Unread, account: AccountId, state: Option<AccountState>) -> String {
    match unread.reason {
        UnreadReason::Denied => fix_denial(resource, unread),
        UnreadReason::RoleNotAssumable => fix_role(account, state),
        UnreadReason::WrongAccount => format!(
            "let `[aws] role_name` in driftline.toml, or `role_arn` with {{account}} in it, name a role that can be assumed in \
             {account}; or use credentials of that account"
        ),
        UnreadReason::RegionOff if is_surely_off(unread) => {
            "enable the Region in the account, or leave it out of `regions`".to_owned()
        }
        UnreadReason::RegionOff => {
            "enable the Region in the account, or leave it out of `regions`; account:ListRegions, if the role may call it, tells for \
             sure whether it is off"
                .to_owned()
        }
        UnreadReason::BadCredentials => "log in again or renew the credentials, then run again".to_owned(),
        UnreadReason::Throttled => {
            "run again later, or with a lower `[limits] concurrency` in driftline.toml".to_owned()
        }
        UnreadReason::Unreachable => {
            "check network, DNS and proxy for this Region; if AWS itself is in trouble, run again later".to_owned()
        }
        UnreadReason::Unintelligible if is_fault_of_document(resource, unread) => fix_document(unread),
        UnreadReason::Unintelligible if unread.evidence.code.is_some() => {
            "AWS gave an error that does not fit the question; run again later, and if it stays, with a newer driftline".to_owned()
        }
        UnreadReason::Unintelligible => {
            "check whether something else answers in the place of AWS; if it is AWS, this driftline may be too old for it"
                .to_owned()
        }
        UnreadReason::Deadline => "raise `[limits] deadline` or `concurrency` in driftline.toml".to_owned(),
        UnreadReason::Interrupted => "run again and let it finish".to_owned(),
        UnreadReason::Contradicted if resource != Resource::MacieSession => {
            "run again in some minutes: somebody may have changed it while it was read".to_owned()
        }
        UnreadReason::Contradicted => {
            "run again in some minutes, since one of them may be behind the other; `--reader direct` asks the account alone"
                .to_owned()
        }
        UnreadReason::NotListed => fix_missing(unread).to_owned(),
    }
}

/// Whether account:ListRegions itself said that a Region is off, as opposed to a token that the Region refused.
fn is_surely_off(unread: &Unread) -> bool {
    unread.reason == UnreadReason::RegionOff && unread.evidence.code.is_none()
}

/// The fix for a document of the account that driftline does not understand.
fn fix_document(unread: &Unread) -> String {
    let says = |words: &str| unread.evidence.message.as_deref().is_some_and(|message| message.contains(words));
    if says("its status is Creating") || says("its status is Updating") {
        return "run again once AWS has finished with the document".to_owned();
    }
    "correct the document in the account: `aws ssm update-document` makes a version, and `aws ssm \
     update-document-default-version` makes it the default one"
        .to_owned()
}

/// The fix for what the source that was read in the place of the account does not hold.
fn fix_missing(unread: &Unread) -> &'static str {
    let message = unread.evidence.message.as_deref().unwrap_or_default();
    if message.starts_with("Macie's administrator") {
        "let the account be asked: with `--reader auto`"
    } else if message.contains("`ended_within`") {
        "take a new snapshot with these policies: it then holds the sessions that ended within `ended_within`"
    } else {
        "take a new snapshot, or let the account be asked; a snapshot of a selection is checked with the same `--account` and \
         `--region`"
    }
}

/// Where the cause of something unread lies, and so who can remove it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CauseLocation {
    /// The role and the policies that decide what it may do.
    Access,
    /// What is configured in the account.
    Account,
    /// The run, or the way to AWS.
    Run,
}

impl CauseLocation {
    /// The place of a cause.
    pub(super) fn new(resource: Resource, unread: &Unread) -> Self {
        match unread.reason {
            UnreadReason::Denied if says_that_macie_is_off(unread) => Self::Account,
            UnreadReason::RegionOff if is_surely_off(unread) => Self::Account,
            UnreadReason::Unintelligible if is_fault_of_document(resource, unread) => Self::Account,
            UnreadReason::Denied
            | UnreadReason::RoleNotAssumable
            | UnreadReason::WrongAccount
            | UnreadReason::RegionOff => Self::Access,
            UnreadReason::Throttled
            | UnreadReason::Unreachable
            | UnreadReason::Unintelligible
            | UnreadReason::Contradicted
            | UnreadReason::NotListed
            | UnreadReason::BadCredentials
            | UnreadReason::Deadline
            | UnreadReason::Interrupted => Self::Run,
        }
    }
}

/// Whether a call about a session that is on was denied because Macie is not enabled: no permission is missing.
fn says_that_macie_is_off(unread: &Unread) -> bool {
    unread.reason == UnreadReason::Denied && unread.evidence.message.as_deref().is_some_and(says_macie_is_off)
}

/// The fix for a setting that is unread in a target that is known in part.
pub(super) fn fix_for_setting(
    setting: SettingId,
    unread: &Unread,
    account: AccountId,
    state: Option<AccountState>,
) -> String {
    let (resource, actions) = (setting.spec().resource, setting.spec().read_actions);
    if says_that_macie_is_off(unread) {
        return "run again in some minutes: no permission is missing, since GetMacieSession says that Macie is on and this call that \
                it is not; if it stays, look at Macie in the account and at its administrator"
            .to_owned();
    }
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
