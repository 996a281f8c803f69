//! A target in the document.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::by_setting::BySetting;
use super::preferences::PreferencesResult;
use super::sessions::{SessionCounts, ViolatingSession};
use super::waivers::{ExpectedUnread, LapsedWaiver, WaiverResult};
use crate::model::{AccountId, AccountState, DenyingLayer, Origin, Resource, Severity, UnreadReason};
use crate::report::model::{Basis, ChangeMark, Review};
use crate::resource::{Outcome, SettingKey};

/// One declared target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Target<'a> {
    /// The resource.
    #[serde(default)]
    pub resource: Resource,
    /// The account.
    pub account: AccountId,
    /// The account's name, where the inventory knows names.
    pub account_name: Option<Cow<'a, str>>,
    /// What AWS Organizations says of the account, where the inventory knows that.
    #[serde(default)]
    pub account_state: Option<AccountState>,
    /// The Region.
    pub region: Cow<'a, str>,
    /// What came of comparing.
    pub outcome: Outcome,
    /// What is live; null where nothing is known or the target does not apply.
    pub live: Option<Live<'a>>,
    /// The document with the Session Manager preferences; left out for any other resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferences: Option<PreferencesResult<'a>>,
    /// The numbers of sessions, of `session_manager_sessions`; left out of other resources and where nothing is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions: Option<SessionCounts<'a>>,
    /// When the run that read it began, where it was not this one: UTC, RFC 3339, whole seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    pub read_at: Option<Cow<'a, str>>,
    /// The declared settings.
    pub settings: Vec<SettingResult<'a>>,
    /// Why nothing is known; null where something is.
    pub unread: Option<UnreadResult<'a>>,
    /// Why the session is known to be off, the document not to exist, or the target not to apply, or that its status comes from
    /// another account; null elsewhere.
    #[serde(default)]
    pub evidence: Option<EvidenceResult<'a>>,
}

/// What is live. A session that is off has the status `NOT_ENABLED` and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Live<'a> {
    /// The status.
    #[schemars(extend("enum" = ["ENABLED", "PAUSED", "NOT_ENABLED"]))]
    pub status: Cow<'a, str>,
    /// How often findings are published.
    #[schemars(extend("enum" = ["FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS", null]))]
    pub finding_publishing_frequency: Option<Cow<'a, str>>,
    /// The role that Macie uses.
    pub service_role: Option<Cow<'a, str>>,
    /// When Macie was enabled.
    #[schemars(extend("format" = "date-time"))]
    pub created_at: Option<Cow<'a, str>>,
    /// When the session was last changed.
    #[schemars(extend("format" = "date-time"))]
    pub updated_at: Option<Cow<'a, str>>,
    /// What of AWS's answer could not be understood and is null here; left out where there is nothing of the kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Cow<'a, str>>,
    /// Each further setting that was read, by its key.
    #[serde(flatten)]
    #[schemars(with = "BTreeMap<String, serde_json::Value>")]
    pub further: BySetting<Cow<'a, str>>,
}

/// One declared setting of a target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SettingResult<'a> {
    /// The setting.
    pub setting: SettingKey,
    /// The accepted values; the first is what apply would set.
    pub desired: Vec<Cow<'a, str>>,
    /// The live value, where there is one.
    pub live: Option<Cow<'a, str>>,
    /// Of a rule about sessions, those that violate it, sorted by id, at most 100; left out elsewhere, and where they are not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions: Option<Vec<ViolatingSession<'a>>>,
    /// How many more violate it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions_more: Option<usize>,
    /// The SHA-256 of the sorted ids of all that violate it, with line feeds between them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions_digest: Option<Cow<'a, str>>,
    /// What came of comparing.
    pub outcome: Outcome,
    /// How much a drift matters.
    pub severity: Severity,
    /// The declaration that decides.
    pub origin: Cow<'a, Origin>,
    /// The declarations that a more specific one beats.
    #[serde(default)]
    pub overridden: Vec<Overridden<'a>>,
    /// The waiver that covers the drift: never null where the outcome is `waived`, always null elsewhere.
    #[serde(default)]
    pub waiver: Option<WaiverResult<'a>>,
    /// Why nothing is known of the setting; null where something is.
    #[serde(default)]
    pub unread: Option<UnreadResult<'a>>,
    /// Of what drifts or is unread, the waivers that select it and do not cover it.
    #[serde(default)]
    pub lapsed_waivers: Vec<LapsedWaiver<'a>>,
    /// Since when it drifts, by the reports of earlier runs; only where one was compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    pub since: Option<Cow<'a, str>>,
    /// What has become of the drift since the last run; only where one was compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<ChangeMark>,
    /// What a change of the policies does here; only where they were compared with earlier ones, and it does something or
    /// leaves a finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
    /// The values that the earlier policies accepted; only where `review` is `accepts`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub base_desired: Vec<Cow<'a, str>>,
}

/// A declaration that lost against a more specific one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Overridden<'a> {
    /// The policy file.
    pub file: Cow<'a, str>,
    /// The line of the value.
    pub line: u32,
    /// The column of the value.
    pub column: u32,
    /// The name of the declaration.
    pub declaration: Option<Cow<'a, str>>,
    /// What it wants.
    pub desired: Vec<Cow<'a, str>>,
}

/// Why nothing is known of a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct UnreadEvidence<'a> {
    /// The reason.
    pub reason: UnreadReason,
    /// The error code that AWS gave.
    pub code: Option<Cow<'a, str>>,
    /// The message; of one over 1,024 bytes the beginning and the end.
    pub message: Option<Cow<'a, str>>,
    /// What AWS Support asks for.
    pub request_id: Option<Cow<'a, str>>,
    /// The action that was denied, where AWS says.
    #[serde(default)]
    pub action: Option<Cow<'a, str>>,
    /// The principal that was denied, where AWS says.
    #[serde(default)]
    pub principal: Option<Cow<'a, str>>,
    /// The kind of policy that denied, where AWS says.
    #[serde(default)]
    pub layer: Option<DenyingLayer>,
    /// The policy that denied, where AWS says.
    #[serde(default)]
    pub policy_arn: Option<Cow<'a, str>>,
}

/// Why nothing is known of a target, and what is said of that.
// The fields of the evidence are repeated: an error in a flattened one would not name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct UnreadResult<'a> {
    /// The reason.
    pub reason: UnreadReason,
    /// The error code that AWS gave.
    pub code: Option<Cow<'a, str>>,
    /// The message; of one over 1,024 bytes the beginning and the end.
    pub message: Option<Cow<'a, str>>,
    /// What AWS Support asks for.
    pub request_id: Option<Cow<'a, str>>,
    /// The action that was denied, where AWS says.
    #[serde(default)]
    pub action: Option<Cow<'a, str>>,
    /// The principal that was denied, where AWS says.
    #[serde(default)]
    pub principal: Option<Cow<'a, str>>,
    /// The kind of policy that denied, where AWS says.
    #[serde(default)]
    pub layer: Option<DenyingLayer>,
    /// The policy that denied, where AWS says.
    #[serde(default)]
    pub policy_arn: Option<Cow<'a, str>>,
    /// The waiver that expects it; null where none does. Of a target, the one that ends first, and null if a setting of it is not
    /// expected to be unread.
    #[serde(default)]
    pub expected: Option<ExpectedUnread<'a>>,
    /// Since when it has been unread, by the reports of earlier runs; only where one was compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    pub since: Option<Cow<'a, str>>,
    /// What has become of that since the last run; only where one was compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<ChangeMark>,
    /// What a change of the policies does about the target; only where they were compared with earlier ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
}

impl<'a> UnreadResult<'a> {
    /// The result of a setting or target of which nothing else is said.
    pub(super) fn from_evidence(evidence: UnreadEvidence<'a>) -> Self {
        let UnreadEvidence { reason, code, message, request_id, action, principal, layer, policy_arn } = evidence;
        let (expected, since, mark, review) = (None, None, None, None);
        Self { reason, code, message, request_id, action, principal, layer, policy_arn, expected, since, mark, review }
    }

    /// Why nothing is known.
    pub(super) fn into_evidence(self) -> UnreadEvidence<'a> {
        let Self { reason, code, message, request_id, action, principal, layer, policy_arn, .. } = self;
        UnreadEvidence { reason, code, message, request_id, action, principal, layer, policy_arn }
    }
}

/// The evidence that a session is off, that there is no document, or that a target does not apply, or the source of its status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct EvidenceResult<'a> {
    /// The kind of evidence.
    pub basis: Basis,
    /// AWS's error code.
    pub code: Option<Cow<'a, str>>,
    /// AWS's message.
    pub message: Option<Cow<'a, str>>,
    /// What AWS Support asks for.
    pub request_id: Option<Cow<'a, str>>,
    /// Macie's administrator, where it is its list of members that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub administrator: Option<AccountId>,
}
