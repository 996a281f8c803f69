//! Actions as an IAM policy, and what a template creates with it, apart from the language of the template.
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

/// What a template creates, for which principal.
#[derive(Debug)]
pub struct Template {
    /// What it creates.
    pub content: TemplateContent,
    /// Who may assume the roles.
    pub trust: Trust,
}

/// Resources of a template.
#[derive(Debug)]
pub enum TemplateContent {
    /// A role with its policy.
    Role(RoleResource),
    /// A policy in addition to those of a role that exists.
    Addition {
        /// The name of the role, without its path.
        role: String,
        /// The policy.
        policy: NamedPolicy,
    },
    /// A policy on its own, to be attached.
    Policy(NamedPolicy),
}

/// A role of an account.
#[derive(Debug)]
pub struct RoleResource {
    /// The name.
    pub name: String,
    /// The path, with `/` at both ends.
    pub path: String,
    /// The purpose, for whoever finds the role in the account.
    pub description: &'static str,
    /// The policy.
    pub policy: NamedPolicy,
}

/// A policy with the name it has in AWS.
#[derive(Debug)]
pub struct NamedPolicy {
    /// The name.
    pub name: &'static str,
    /// The policy.
    pub policy: IamPolicy,
}

/// Who may assume a role.
#[derive(Debug)]
pub struct Trust {
    /// The ARN of the principal, if it is known already.
    pub principal: Option<String>,
    /// Whether it has to send an external id.
    pub external_id: bool,
}

/// The roles of all accounts, for a StackSet.
#[derive(Debug)]
pub struct RoleRollout {
    /// The role for reading.
    pub read: RoleResource,
    /// The role for changes, which a parameter of the template adds.
    pub apply: Option<RoleResource>,
    /// The policy of the role for changes in the Macie administrator account, in addition.
    pub administrator: Option<NamedPolicy>,
    /// Who may assume the roles.
    pub trust: Trust,
}

/// Value that whoever uses the template fills in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Input {
    /// The ARN of the principal that assumes the role.
    Principal,
    /// The external id that it sends.
    ExternalId,
}

/// Value in a policy document of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// Text, in which nothing is filled in.
    Text(String),
    /// ARN in the partition of the account: what follows `arn:PARTITION`.
    Arn(String),
    /// Value to be filled in.
    Input(Input),
    /// List.
    List(Vec<Node>),
    /// Map, in the order of its keys.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// Text.
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// Map with these entries.
    pub(super) fn map<const N: usize>(entries: [(&str, Self); N]) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }
}

/// The policy as a value, with each ARN in the partition of the account that the template is used in.
pub(super) fn policy_document(policy: &IamPolicy) -> Node {
    document(policy.statement.iter().map(statement).collect())
}

/// The statement of a trust policy, without conditions.
pub(super) fn trust_statement() -> Vec<(String, Node)> {
    let entries = [
        ("Sid", Node::text("Driftline")),
        ("Effect", Node::text("Allow")),
        ("Principal", Node::map([("AWS", Node::Input(Input::Principal))])),
        ("Action", Node::List(vec![Node::text("sts:AssumeRole")])),
    ];
    entries.map(|(key, value)| (key.to_owned(), value)).into()
}

/// The trust policy of a role whose principal may have to send an external id.
pub(super) fn trust_document(trust: &Trust) -> Node {
    let mut statement = trust_statement();
    if trust.external_id {
        let equals = Node::map([("sts:ExternalId", Node::Input(Input::ExternalId))]);
        statement.push(("Condition".to_owned(), Node::map([("StringEquals", equals)])));
    }
    document(vec![Node::Map(statement)])
}

fn document(statements: Vec<Node>) -> Node {
    Node::map([("Version", Node::text(VERSION)), ("Statement", Node::List(statements))])
}

fn statement(statement: &Statement) -> Node {
    let actions = statement.action.iter().map(|action| Node::text(action)).collect();
    let mut entries = vec![
        ("Sid".to_owned(), Node::text(statement.sid)),
        ("Effect".to_owned(), Node::text(statement.effect)),
        ("Action".to_owned(), Node::List(actions)),
    ];
    let rest = [("Resource", &statement.resource), ("Condition", &statement.condition)];
    let rest = rest.into_iter().filter_map(|(key, value)| Some((key.to_owned(), node(value.as_ref()?))));
    entries.extend(rest);
    Node::Map(entries)
}

fn node(value: &Value) -> Node {
    match value {
        Value::String(text) => match text.strip_prefix("arn:").and_then(|rest| rest.find(':').map(|at| &rest[at..])) {
            Some(rest) => Node::Arn(rest.to_owned()),
            None => Node::text(text),
        },
        Value::Array(items) => {
            let mut nodes: Vec<Node> = Vec::new();
            for item in items.iter().map(node) {
                // The same resource in several partitions is one: a template is used in a single partition.
                if !nodes.contains(&item) {
                    nodes.push(item);
                }
            }
            Node::List(nodes)
        }
        Value::Object(entries) => Node::Map(entries.iter().map(|(key, value)| (key.clone(), node(value))).collect()),
        other => Node::text(&other.to_string()),
    }
}
