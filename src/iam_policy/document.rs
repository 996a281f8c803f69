//! Actions as an IAM policy.
//!
//! Source: IAM User Guide, "IAM JSON policy element reference".

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};

use super::{Allowed, PolicyKind, RequiredAccess, actions};

pub(super) const VERSION: &str = "2012-10-17";

/// The role that Macie works with, in any account. In opt-in Regions the service's name carries the Region.
///
/// Source: Amazon Macie User Guide, "Using service-linked roles", and "Integrating and configuring an organization".
const SERVICE_LINKED_ROLE: &str =
    "arn:aws:iam::*:role/aws-service-role/macie*.amazonaws.com/AWSServiceRoleForAmazonMacie";

/// The names of the service that the role is linked to.
///
/// Source: as for the role; in opt-in Regions it is `macie.REGION.amazonaws.com`.
const SERVICE_NAMES: [&str; 2] = ["macie.amazonaws.com", "macie.*.amazonaws.com"];

/// The ARNs of the documents with Session Manager preferences, in any account and Region of these partitions.
///
/// Sources: Service Authorization Reference, "Resource types defined by AWS Systems Manager"; Systems Manager User Guide,
/// "Configure session preferences".
fn preferences_documents(access: &RequiredAccess) -> Vec<String> {
    let arn = |partition| format!("arn:{partition}:ssm:*:*:document/SSM-SessionManagerRunShell");
    access.partitions.iter().map(arn).collect()
}

/// A policy. Its keys stand in the order in which people write them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct IamPolicy {
    version: &'static str,
    pub(super) statement: Vec<Statement>,
}

/// A statement of a policy.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Statement {
    pub(super) sid: &'static str,
    pub(super) effect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<Value>,
    pub(super) action: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resource: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) condition: Option<Value>,
}

/// The least IAM policy of a part. `roles` are the ARNs of the roles that the hub assumes, with `*` for the account.
pub fn policy_for(part: PolicyKind, access: &RequiredAccess, allowed: Allowed, roles: &[String]) -> IamPolicy {
    policy_with(&actions(part, access, allowed), access, roles)
}

/// The least IAM policy of a role that both `check` and `plan` read with.
pub fn reading_policy(access: &RequiredAccess) -> IamPolicy {
    let parts = [PolicyKind::Check, PolicyKind::Plan];
    let all = parts.into_iter().flat_map(|part| actions(part, access, Allowed::default())).collect();
    policy_with(&all, access, &[])
}

fn policy_with(all: &BTreeSet<&'static str>, access: &RequiredAccess, roles: &[String]) -> IamPolicy {
    let actions_of = |prefix: &str| -> Vec<&'static str> {
        all.iter().copied().filter(|action| action.starts_with(prefix)).collect()
    };
    // Actions on Macie sessions are authorized on arn:aws:macie2:REGION:ACCOUNT:*, which names no session: no narrower resource exists.
    let anywhere = || json!("*");
    let statements = [
        ("AssumeRoles", actions_of("sts:"), json!(roles), None),
        ("Macie", actions_of("macie2:"), anywhere(), None),
        ("SessionManagerPreferences", actions_of("ssm:GetDocument"), json!(preferences_documents(access)), None),
        ("SessionManagerSessions", actions_of("ssm:DescribeSessions"), anywhere(), None),
        ("Regions", actions_of("account:"), anywhere(), None),
        ("Organization", actions_of("organizations:"), anywhere(), None),
        (
            "MacieServiceLinkedRole",
            actions_of("iam:"),
            json!(SERVICE_LINKED_ROLE),
            Some(json!({"StringLike": {"iam:AWSServiceName": SERVICE_NAMES}})),
        ),
    ];
    let statement = statements
        .into_iter()
        .filter(|(_, action, _, _)| !action.is_empty())
        .map(|(sid, action, resource, condition)| Statement {
            sid,
            effect: "Allow",
            principal: None,
            action,
            resource: Some(resource),
            condition,
        })
        .collect();
    IamPolicy { version: VERSION, statement }
}

/// The trust policy of the roles that the hub assumes. The external id itself is a secret: a placeholder stands for it, if one is
/// asked for.
pub fn trust_policy(principal: &str, external_id: Option<&'static str>) -> IamPolicy {
    let condition = external_id.map(|placeholder| json!({"StringEquals": {"sts:ExternalId": placeholder}}));
    let statement = Statement {
        sid: "Driftline",
        effect: "Allow",
        principal: Some(json!({"AWS": principal})),
        action: vec!["sts:AssumeRole"],
        resource: None,
        condition,
    };
    IamPolicy { version: VERSION, statement: vec![statement] }
}

impl IamPolicy {
    /// Whether nothing needs to be allowed.
    pub fn is_empty(&self) -> bool {
        self.statement.is_empty()
    }
}
