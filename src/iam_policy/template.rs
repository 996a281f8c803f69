//! What a template creates, and the values in it, apart from the language it is written in.

use serde_json::Value;

use super::IamPolicy;
use super::document::{Statement, VERSION};

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
#[derive(Debug, Clone)]
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
