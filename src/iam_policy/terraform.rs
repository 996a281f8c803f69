//! Templates for Terraform and OpenTofu, laid out as `terraform fmt` lays them out.
//!
//! Sources: HCL native syntax specification, "Template expressions"; Terraform documentation, "Style conventions".

use super::document::{
    Input, NamedPolicy, Node, RoleResource, Template, TemplateContent, Trust, policy_document, trust_document,
};

/// The partition of the account, in a template expression.
const PARTITION: &str = "${data.aws_partition.current.partition}";

/// The template in HCL. `command` is the command that prints it.
pub fn terraform(template: &Template, command: &str) -> String {
    let mut blocks = Vec::new();
    match &template.content {
        TemplateContent::Role(role) => {
            blocks.extend(variables(&template.trust));
            blocks.extend(role_blocks(role, &template.trust));
        }
        TemplateContent::Addition { role, policy } => {
            blocks.push(policy_block("aws_iam_role_policy", policy, Some(("role", quoted(role)))));
        }
        TemplateContent::Policy(policy) => {
            blocks.push(policy_block("aws_iam_policy", policy, None));
            blocks.push(output("driftline_policy_arn", "aws_iam_policy.driftline.arn"));
        }
    }
    if blocks.iter().any(|block| block.contains(PARTITION)) {
        blocks.insert(0, "data \"aws_partition\" \"current\" {}\n".to_owned());
    }
    format!("# Printed by `{command}`.\n\n{}", blocks.join("\n"))
}

/// The variables that the trust policy takes.
fn variables(trust: &Trust) -> Vec<String> {
    let variable = |name: &str, description: &str, default: Option<&String>| {
        let mut entries = vec![("description", quoted(description)), ("type", "string".to_owned())];
        entries.extend(default.map(|default| ("default", quoted(default))));
        block(&format!("variable \"{name}\""), &entries)
    };
    let principal = "ARN of the role or user that runs driftline and may assume the role";
    let external_id =
        "External id that driftline sends: external_id under [aws] in driftline.toml, or DRIFTLINE_EXTERNAL_ID";
    let mut variables = vec![variable("driftline_principal", principal, trust.principal.as_ref())];
    variables.extend(trust.external_id.then(|| variable("driftline_external_id", external_id, None)));
    variables
}

fn role_blocks(role: &RoleResource, trust: &Trust) -> [String; 3] {
    let entries = [
        ("name", quoted(&role.name)),
        ("path", quoted(&role.path)),
        ("description", quoted(role.description)),
        ("assume_role_policy", encoded(&trust_document(trust))),
    ];
    [
        block("resource \"aws_iam_role\" \"driftline\"", &entries),
        policy_block("aws_iam_role_policy", &role.policy, Some(("role", "aws_iam_role.driftline.id".to_owned()))),
        output("driftline_role_arn", "aws_iam_role.driftline.arn"),
    ]
}

fn policy_block(kind: &str, policy: &NamedPolicy, role: Option<(&str, String)>) -> String {
    let mut entries = vec![("name", quoted(policy.name))];
    entries.extend(role);
    entries.push(("policy", encoded(&policy_document(&policy.policy))));
    block(&format!("resource \"{kind}\" \"driftline\""), &entries)
}

fn output(name: &str, value: &str) -> String {
    block(&format!("output \"{name}\""), &[("value", value.to_owned())])
}

fn block(head: &str, entries: &[(&str, String)]) -> String {
    let entries: Vec<(String, String)> =
        entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    format!("{head} {{\n{}}}\n", attributes(&entries, 1))
}

/// The attributes, each a line or more. The signs of consecutive attributes of one line stand in a column.
fn attributes(entries: &[(String, String)], depth: usize) -> String {
    let is_short = |entry: &(String, String)| !entry.1.contains('\n');
    let chains = entries.chunk_by(|one, next| is_short(one) && is_short(next));
    let lines = chains.flat_map(|chain| {
        let width = chain.iter().map(|(key, _)| key.len()).max().unwrap_or_default();
        chain.iter().map(move |(key, value)| format!("{}{key:width$} = {value}\n", "  ".repeat(depth)))
    });
    lines.collect()
}

/// The document as a call of `jsonencode`, for an attribute of a resource.
fn encoded(node: &Node) -> String {
    format!("jsonencode({})", expression(node, 1))
}

/// The value as an expression that begins at this depth.
fn expression(node: &Node, depth: usize) -> String {
    let margin = "  ".repeat(depth);
    match node {
        Node::Text(text) => quoted(text),
        Node::Arn(rest) => format!("\"arn:{PARTITION}{}\"", escaped(rest)),
        Node::Input(Input::Principal) => "var.driftline_principal".to_owned(),
        Node::Input(Input::ExternalId) => "var.driftline_external_id".to_owned(),
        Node::List(items) if items.is_empty() => "[]".to_owned(),
        Node::List(items) => {
            let items = items.iter().map(|item| format!("{margin}  {},\n", expression(item, depth + 1)));
            format!("[\n{}{margin}]", items.collect::<String>())
        }
        Node::Map(entries) if entries.is_empty() => "{}".to_owned(),
        Node::Map(entries) => {
            let entries: Vec<(String, String)> =
                entries.iter().map(|(key, value)| (name(key), expression(value, depth + 1))).collect();
            format!("{{\n{}{margin}}}", attributes(&entries, depth + 1))
        }
    }
}

/// The key of an object: an identifier, or quoted.
fn name(key: &str) -> String {
    let is_identifier = key.starts_with(|first: char| first.is_ascii_alphabetic())
        && key.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if is_identifier { key.to_owned() } else { quoted(key) }
}

/// The text as a template expression without anything to fill in.
fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// The text between quotes. A sign that would begin an expression is escaped by its number: doubling it is ambiguous after another one.
fn escaped(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let escape = |(at, letter): (usize, &char)| match letter {
        '"' | '\\' => format!("\\{letter}"),
        '$' | '%' if letters.get(at + 1) == Some(&'{') => format!("\\u{:04x}", u32::from(*letter)),
        ' '..='~' => letter.to_string(),
        _ => format!("\\U{:08x}", u32::from(*letter)),
    };
    letters.iter().enumerate().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_filled_in_or_ends_it() {
        assert_eq!(quoted("${var.x}%{if true}\"\\\n"), "\"\\u0024{var.x}\\u0025{if true}\\\"\\\\\\U0000000a\"");
        assert_eq!(quoted("100% $ {x} $${y}"), "\"100% $ {x} $\\u0024{y}\"");
        assert_eq!(name("sts:ExternalId"), "\"sts:ExternalId\"");
        assert_eq!(name("a} b"), "\"a} b\"");
    }

    #[test]
    fn signs_stand_in_a_column_as_far_as_lines_are_consecutive() {
        let entries = [("a", "1"), ("long", "2"), ("many", "[\n]"), ("b", "3"), ("longest", "4")];
        let entries = entries.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(attributes(&entries, 0), "a    = 1\nlong = 2\nmany = [\n]\nb       = 3\nlongest = 4\n");
    }
}
