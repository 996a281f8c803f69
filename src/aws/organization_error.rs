//! Errors of listing an organization. A partial list is never taken for the whole.

use super::{CallFailure, Caller, FailureMeaning, classify, parse_denial};
use crate::model::{AccountId, Denial, DenyingLayer, UnreadReason};

/// Errors of listing an organization. A partial list is never taken for the whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrganizationError {
    /// The account of the caller is in no organization.
    #[error("account {account}, which the credentials are of, belongs to no organization")]
    NotInUse {
        /// The caller's account.
        account: AccountId,
    },
    /// AWS does not allow the account of the caller to ask, and names no policy.
    #[error(
        "AWS lets only the management account{} and delegated administrators call {action}, and the credentials are of \
         account {account}: {said}",
        management.map_or_else(String::new, |id| format!(" ({id})"))
    )]
    NotEntitled {
        /// The action.
        action: &'static str,
        /// The caller's account.
        account: AccountId,
        /// The management account, where that is known.
        management: Option<AccountId>,
        /// The message of AWS.
        said: String,
    },
    /// A policy denies or does not allow the action.
    #[error("AWS denies {action}, without which the accounts of the organization are not known: {said}")]
    Denied {
        /// The action.
        action: &'static str,
        /// The principal that needs the permission.
        principal: Box<str>,
        /// The denial, where AWS gives details.
        denial: Box<Denial>,
        /// The message of AWS.
        said: String,
    },
    /// AWS throttled the calls until the retries were used up.
    #[error("AWS asked to slow down {action} until the retries were used up: {said}")]
    Throttled {
        /// The action.
        action: &'static str,
        /// The message of AWS.
        said: String,
    },
    /// The credentials are no longer accepted.
    #[error("{action} cannot be called with these credentials: {said}")]
    Refused {
        /// The action.
        action: &'static str,
        /// The message of AWS.
        said: String,
    },
    /// No response.
    #[error("AWS gives no answer to {action}: {said}")]
    Unreachable {
        /// The action.
        action: &'static str,
        /// The cause.
        said: String,
    },
    /// The responses contradict each other: the organization changed meanwhile.
    #[error("the organization changed while it was being listed: {what}")]
    Changed {
        /// The contradiction.
        what: String,
    },
    /// An unintelligible response.
    #[error("the answer to {action} cannot be understood: {said}")]
    Unintelligible {
        /// The action.
        action: &'static str,
        /// The problem.
        said: String,
    },
}

/// Error codes for what existed a moment ago.
const GONE: [&str; 3] = ["AccountNotFoundException", "ParentNotFoundException", "TargetNotFoundException"];

impl OrganizationError {
    pub(super) fn from_failure(
        action: &'static str,
        failure: &CallFailure,
        caller: &Caller,
        management: Option<AccountId>,
    ) -> Self {
        let (account, said) = (caller.account, message(failure));
        match failure.code.as_deref() {
            Some("AWSOrganizationsNotInUseException") => return Self::NotInUse { account },
            Some(code) if GONE.contains(&code) => return Self::Changed { what: format!("{action}: {said}") },
            _ => {}
        }
        match classify(failure).outcome {
            FailureMeaning::Unread(UnreadReason::Denied) => {
                let denial = failure.message.as_deref().and_then(parse_denial);
                let by_policy =
                    denial.as_ref().is_some_and(|denial| denial.layer != Some(DenyingLayer::ResourcePolicy));
                if by_policy || management == Some(account) {
                    let denial = denial.unwrap_or_default();
                    let principal = denial.principal.clone().unwrap_or_else(|| caller.arn.clone());
                    Self::Denied { action, principal, denial: Box::new(denial), said }
                } else {
                    Self::NotEntitled { action, account, management, said }
                }
            }
            FailureMeaning::TokenRefused | FailureMeaning::Unread(UnreadReason::BadCredentials) => {
                Self::Refused { action, said }
            }
            FailureMeaning::Unread(UnreadReason::Throttled) => Self::Throttled { action, said },
            FailureMeaning::Unread(UnreadReason::Unreachable) => Self::Unreachable { action, said },
            FailureMeaning::NotEnabled
            | FailureMeaning::NoDocument
            | FailureMeaning::ReadAgain
            | FailureMeaning::Unread(_) => Self::Unintelligible { action, said },
        }
    }

    /// The fix.
    pub fn help(&self) -> String {
        match self {
            Self::NotInUse { .. } => "set `[inventory] accounts` in driftline.toml to \"caller\", which is this account alone, or \
                                      to a list of ids; or use credentials of an organization's management account"
                .to_owned(),
            Self::NotEntitled { .. } => {
                "use credentials of the management account or of a delegated administrator; or save the inventory with them \
                 once (`driftline inventory --out accounts.json`) and name the file with --inventory here"
                    .to_owned()
            }
            Self::Denied { action, principal, denial, .. } => match (denial.layer, denial.explicit) {
                (Some(layer), true) => format!("except {principal} from the {} that denies {action}", layer.words()),
                (Some(layer), false) => format!("allow {principal} the action {action} in the {}", layer.words()),
                (None, _) => format!("allow {principal} the action {action}"),
            },
            Self::Throttled { .. } => {
                "run again later: others ask about this organization as well; or save the inventory once (`driftline inventory \
                 --out accounts.json`) and name the file with --inventory"
                    .to_owned()
            }
            Self::Refused { .. } => {
                "log in again, or check which profile and which variables the credentials come from".to_owned()
            }
            Self::Unreachable { .. } => {
                "check the network, the proxy variables and AWS_ENDPOINT_URL; or name a saved inventory with --inventory"
                    .to_owned()
            }
            Self::Changed { .. } => "run again".to_owned(),
            Self::Unintelligible { .. } => {
                "check whether a proxy or a login page answers in the place of AWS; if it is AWS, this driftline may be too \
                 old for it"
                    .to_owned()
            }
        }
    }
}

/// Code, message and request id, as far as present.
fn message(failure: &CallFailure) -> String {
    let words: Vec<&str> = [failure.code.as_deref(), failure.message.as_deref()].into_iter().flatten().collect();
    let id = failure.request_id.as_ref().map_or_else(String::new, |id| format!(" (request id {id})"));
    format!("{}{id}", words.join(": "))
}
