//! Why a target or setting is unread: the reason, and the answer of AWS or the network as evidence.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Why a target or setting is unread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The reason.
    pub reason: UnreadReason,
    /// Who was denied what by which layer, if the answer says so.
    pub denial: Option<Arc<Denial>>,
    /// What AWS or the network said, word for word.
    pub evidence: Evidence,
}

/// The reason that kept a target from being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnreadReason {
    /// A policy does not allow the call, or AWS denied it in words that are not known to mean "not enabled".
    Denied,
    /// AssumeRole was refused. A suspended account looks the same.
    RoleNotAssumable,
    /// The credentials belong to another account than the declared one; no Macie call was made with them.
    WrongAccount,
    /// The Region, which a declaration names, is off for the account, or seems to be while account:ListRegions could not be asked.
    RegionOff,
    /// The token has expired or is unknown to AWS.
    BadCredentials,
    /// AWS asked to slow down until the retries were used up.
    Throttled,
    /// No answer: DNS, connecting, a closed connection, no answer in time, or a fault that AWS reports of itself (HTTP 5xx).
    Unreachable,
    /// An answer that makes no sense: unknown words, an empty or foreign body, an error that does not fit the question.
    Unintelligible,
    /// The run's own time limit came first.
    Deadline,
    /// The run was interrupted first.
    Interrupted,
    /// Macie's administrator and the account itself say different things.
    Contradicted,
    /// The source that was read does not hold this setting: the administrator's member list, or a snapshot.
    NotListed,
}

/// What AWS or the network said, kept word for word; of what is longer than [`KEPT_AT_MOST`] the beginning and the end.
///
/// The texts are shared: a run of 220,000 targets may get the same answer as often.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence {
    /// The error code, such as `AccessDeniedException`.
    pub code: Option<Arc<str>>,
    /// The message.
    pub message: Option<Arc<str>>,
    /// The request id, which AWS Support asks for.
    pub request_id: Option<Arc<str>>,
}

/// The most bytes of a text that are kept as evidence. The longest denials of IAM have about half of that.
pub const KEPT_AT_MOST: usize = 1_024;

/// Of a longer text, as much of its end is kept: there a denial names the policy.
const END_KEPT: usize = 192;

/// The text as evidence: whole, or its beginning and its end with the number of bytes between them that are left out.
pub fn kept(text: &str) -> Arc<str> {
    /// Room for the words in the middle, whatever the number.
    const BETWEEN: usize = 48;
    if text.len() <= KEPT_AT_MOST {
        return text.into();
    }
    let start = text.floor_char_boundary(KEPT_AT_MOST - END_KEPT - BETWEEN);
    let end = text.ceil_char_boundary(text.len() - END_KEPT);
    format!("{} … ({} bytes left out) … {}", &text[..start], end - start, &text[end..]).into()
}

/// The parts of an authorization failure's message.
///
/// Source: IAM User Guide, "Troubleshoot access denied error messages".
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Denial {
    /// The principal, usually an ARN.
    pub principal: Option<Box<str>>,
    /// The action, such as `macie2:GetMacieSession`.
    pub action: Option<Box<str>>,
    /// The kind of policy that denied, if the message names it.
    pub layer: Option<DenyingLayer>,
    /// Whether a policy denies explicitly, as opposed to none allowing it.
    pub explicit: bool,
    /// The ARN of the denying policy, where AWS names it.
    pub policy_arn: Option<Box<str>>,
}

/// The kind of policy that denied a request.
///
/// Source: IAM User Guide, "Troubleshoot access denied error messages".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DenyingLayer {
    /// A policy attached to the principal.
    IdentityPolicy,
    /// A policy attached to the resource.
    ResourcePolicy,
    /// A service control policy of the organization.
    ServiceControlPolicy,
    /// A resource control policy of the organization.
    ResourceControlPolicy,
    /// The principal's permissions boundary.
    PermissionsBoundary,
    /// The policy passed when the role was assumed.
    SessionPolicy,
    /// The policy of a VPC endpoint.
    VpcEndpointPolicy,
}

impl DenyingLayer {
    /// Every layer.
    pub const ALL: [Self; 7] = [
        Self::IdentityPolicy,
        Self::ResourcePolicy,
        Self::ServiceControlPolicy,
        Self::ResourceControlPolicy,
        Self::PermissionsBoundary,
        Self::SessionPolicy,
        Self::VpcEndpointPolicy,
    ];

    /// The words that AWS uses for the layer in a message.
    pub fn words(self) -> &'static str {
        match self {
            Self::IdentityPolicy => "identity-based policy",
            Self::ResourcePolicy => "resource-based policy",
            Self::ServiceControlPolicy => "service control policy",
            Self::ResourceControlPolicy => "resource control policy",
            Self::PermissionsBoundary => "permissions boundary",
            Self::SessionPolicy => "session policy",
            Self::VpcEndpointPolicy => "VPC endpoint policy",
        }
    }
}

impl UnreadReason {
    /// Every reason.
    pub const ALL: [Self; 12] = [
        Self::Denied,
        Self::RoleNotAssumable,
        Self::WrongAccount,
        Self::RegionOff,
        Self::BadCredentials,
        Self::Throttled,
        Self::Unreachable,
        Self::Unintelligible,
        Self::Deadline,
        Self::Interrupted,
        Self::Contradicted,
        Self::NotListed,
    ];

    /// The reasons that a waiver can expect. Any other goes away by itself, or is a fault to repair.
    pub const WAIVABLE: [Self; 3] = [Self::Denied, Self::RoleNotAssumable, Self::RegionOff];

    /// The reason that a word of [`UnreadReason::WAIVABLE`] stands for.
    pub fn from_waivable(word: &str) -> Option<Self> {
        Self::WAIVABLE.into_iter().find(|reason| reason.as_str() == word)
    }

    /// Whether it holds for every resource of an account and Region, as opposed to the calls of one service.
    pub fn holds_for_every_resource(self) -> bool {
        matches!(self, Self::RoleNotAssumable | Self::RegionOff)
    }

    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::RoleNotAssumable => "role_not_assumable",
            Self::WrongAccount => "wrong_account",
            Self::RegionOff => "region_off",
            Self::BadCredentials => "bad_credentials",
            Self::Throttled => "throttled",
            Self::Unreachable => "unreachable",
            Self::Unintelligible => "unintelligible",
            Self::Contradicted => "contradicted",
            Self::NotListed => "not_listed",
            Self::Deadline => "deadline",
            Self::Interrupted => "interrupted",
        }
    }
}

impl Evidence {
    /// Code, message and request id, truncated.
    pub fn new(code: Option<&str>, message: Option<&str>, request_id: Option<&str>) -> Self {
        Self { code: code.map(kept), message: message.map(kept), request_id: request_id.map(kept) }
    }
}

impl Unread {
    /// A target kept from being read by something that left no answer behind.
    pub fn local(reason: UnreadReason, message: impl AsRef<str>) -> Self {
        Self { reason, denial: None, evidence: Evidence::new(None, Some(message.as_ref()), None) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_text_the_beginning_and_the_end_are_kept() {
        let whole = "ü".repeat(KEPT_AT_MOST / 2);
        assert_eq!(*kept(&whole), whole);
        let long = kept(&format!("not authorized{}, says the policy", "ü".repeat(2_000_000)));
        assert!(long.len() <= KEPT_AT_MOST && long.len() > KEPT_AT_MOST - 64, "{}", long.len());
        assert!(long.starts_with("not authorizedü") && long.ends_with("ü, says the policy"), "{long}");
        assert!(long.contains(" … (39") && long.contains(" bytes left out) … "), "{long}");
        assert_eq!(kept(&long), long, "what is kept is not cut again");
    }
}
