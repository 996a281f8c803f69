//! The fix of being unread, for the reader at 3 a.m.

use crate::model::{AccountId, AccountState, UnreadReason};
use crate::report::UnreadResult;

/// What to do about an unread target, with what AWS Organizations says of its account.
pub(super) fn advice(unread: &UnreadResult<'_>, account: AccountId, state: Option<AccountState>) -> String {
    match (unread.reason, state) {
        (UnreadReason::RoleNotAssumable, Some(state)) if state.allows_assume_role() => format!(
            "check that the role exists in {account} and that its trust policy lets the caller assume it, with the right \
             external id; AWS Organizations says that the account is {state}"
        ),
        (UnreadReason::RoleNotAssumable, Some(state)) => {
            format!("AWS Organizations says that {account} is {}", out_of_use(state))
        }
        (_, _) => without_state(unread, account),
    }
}

/// What that means for an account whose roles cannot be assumed.
fn out_of_use(state: AccountState) -> &'static str {
    match state {
        AccountState::PendingActivation => {
            "PENDING_ACTIVATION: no role in it can be assumed until its sign-up is completed"
        }
        AccountState::Suspended => {
            "SUSPENDED: no role in it can be assumed; ask AWS Support, or leave it out of the policies"
        }
        AccountState::Closed => "CLOSED: no role in it can be assumed; leave it out of the policies",
        AccountState::Active | AccountState::PendingClosure => "in use",
    }
}

fn without_state(unread: &UnreadResult<'_>, account: AccountId) -> String {
    match unread.reason {
        UnreadReason::Denied => denied(unread),
        UnreadReason::RoleNotAssumable => format!(
            "check that the role exists in {account} and that its trust policy lets the caller assume it, with the right \
             external id; a suspended or closed account looks the same"
        ),
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
        UnreadReason::Unintelligible if unread.code.is_some() => {
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
        UnreadReason::NotListed => "let the account be asked: with `--reader auto`, or in a new snapshot".to_owned(),
    }
}

fn denied(unread: &UnreadResult<'_>) -> String {
    let action = unread.action.as_deref().unwrap_or("macie2:GetMacieSession");
    let said = unread.message.as_deref().is_some_and(|message| message.contains("is not authorized to perform"));
    match unread.layer {
        Some(layer) if unread.is_explicit() => {
            let which = unread.policy_arn.as_deref().map_or_else(String::new, |arn| format!(" ({arn})"));
            format!("except driftline's role from the {}{which} that denies {action}", layer.words())
        }
        Some(layer) => format!("allow {action} in the {}", layer.words()),
        None if unread.action.is_some() || said => format!("allow {action}"),
        None => format!(
            "allow {action}; if Macie is just not enabled here, AWS says so in words that this driftline does not know"
        ),
    }
}
