//! Templates for CloudFormation, in YAML: block style, and quotes around everything that a reader could take for something else than text.
//!
//! Sources: CloudFormation Template Reference, "AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "Fn::Sub" and "Condition
//! functions".

use super::document::{
    Input, NamedPolicy, Node, RoleResource, RoleRollout, Template, TemplateContent, Trust, VERSION, policy_document,
    trust_document, trust_statement,
};

/// The shape of the ARN of an account, a role or a user, for a parameter.
const PRINCIPAL: &str = "^arn:aws[a-z-]*:iam::[0-9]{12}:(root|(role|user)/[A-Za-z0-9_+=,.@/-]+)$";

/// The shape of an external id. Source: STS API Reference, AssumeRole.
const EXTERNAL_ID: &str = "[A-Za-z0-9_+=,.@:/-]{2,1224}";

/// The shape of the id of an organization. Source: Organizations API Reference, "Organization".
const ORGANIZATION: &str = "o-[a-z0-9]{10,32}";

/// What stands for no value at all.
const NO_VALUE: &str = "AWS::NoValue";

/// The template in YAML. `command` is the command that prints it.
pub fn cloudformation(template: &Template, command: &str) -> String {
    let (description, parameters, resources, outputs) = match &template.content {
        TemplateContent::Role(resource) => (
            resource.description,
            trust_parameters(&template.trust),
            vec![("Role", role(resource, lower(&trust_document(&template.trust)), None))],
            vec![("RoleArn", arn_of("Role", None))],
        ),
        TemplateContent::Addition { role, policy } => {
            let roles = Yaml::List(vec![Yaml::text(role)]);
            let description = "A policy for driftline, in addition to those of a role that exists";
            (description, Vec::new(), vec![("Policy", inline_policy(policy, roles, None))], Vec::new())
        }
        TemplateContent::Policy(policy) => {
            let properties = [
                ("ManagedPolicyName", Yaml::text(policy.name)),
                ("PolicyDocument", lower(&policy_document(&policy.policy))),
            ];
            let resource = resource("AWS::IAM::ManagedPolicy", None, properties.map(owned).into());
            let description = "What driftline needs where it starts, as a policy to attach";
            (description, Vec::new(), vec![("Policy", resource)], vec![("PolicyArn", reference_output("Policy"))])
        }
    };
    whole(
        command,
        description,
        [("Parameters", parameters), ("Conditions", Vec::new()), ("Resources", resources), ("Outputs", outputs)],
    )
}

/// The roles of all accounts, for a StackSet, in YAML. `command` is the command that prints it.
pub fn cloudformation_rollout(rollout: &RoleRollout, command: &str) -> String {
    const CHANGES: &str = "CreateApplyRole";
    const ADMINISTRATOR: &str = "IsMacieAdministrator";
    let mut parameters = trust_parameters(&rollout.trust);
    if !rollout.trust.external_id {
        let description = "External id that driftline has to send, if any: external_id under [aws] in driftline.toml";
        parameters.push(("ExternalId", optional_parameter(description, EXTERNAL_ID)));
    }
    let description = "Id of the organization that the principal has to belong to, if any, such as o-abcdefghij";
    parameters.push(("OrganizationId", optional_parameter(description, ORGANIZATION)));
    let is_set = |name| call("Fn::Not", vec![call("Fn::Equals", vec![reference(name), Yaml::text("")])]);
    let mut conditions = vec![
        ("HasExternalId", is_set("ExternalId")),
        ("HasOrganizationId", is_set("OrganizationId")),
        ("HasCondition", call("Fn::Or", vec![condition("HasExternalId"), condition("HasOrganizationId")])),
    ];
    let mut resources = vec![("ReadRole", role(&rollout.read, conditional_trust(), None))];
    let mut outputs = vec![("ReadRoleArn", arn_of("ReadRole", None))];
    if let Some(apply) = &rollout.apply {
        parameters.push((CHANGES, switch("Whether to create the role for changes, too")));
        conditions.push((CHANGES, call("Fn::Equals", vec![reference(CHANGES), Yaml::text("true")])));
        resources.push(("ApplyRole", role(apply, conditional_trust(), Some(CHANGES))));
        outputs.push(("ApplyRoleArn", arn_of("ApplyRole", Some(CHANGES))));
    }
    if let (Some(policy), Some(_)) = (&rollout.administrator, &rollout.apply) {
        const ACCOUNT: &str = "MacieAdministratorAccount";
        let description =
            "Id of the Macie administrator account, whose role for changes may change its members; empty for none";
        parameters.push((ACCOUNT, optional_parameter(description, "[0-9]{12}")));
        let is_account = call("Fn::Equals", vec![reference("AWS::AccountId"), reference(ACCOUNT)]);
        conditions.push((ADMINISTRATOR, call("Fn::And", vec![condition(CHANGES), is_account])));
        let roles = Yaml::List(vec![reference("ApplyRole")]);
        resources.push(("AdministratorPolicy", inline_policy(policy, roles, Some(ADMINISTRATOR))));
    }
    whole(
        command,
        "The roles of driftline in each account, for a StackSet",
        [("Parameters", parameters), ("Conditions", conditions), ("Resources", resources), ("Outputs", outputs)],
    )
}

/// The template with those of its sections that have an entry.
fn whole(command: &str, description: &str, sections: [(&str, Vec<(&str, Yaml)>); 4]) -> String {
    let head = [("AWSTemplateFormatVersion", "2010-09-09"), ("Description", description)];
    let mut entries = Vec::from(head.map(|(name, text)| owned((name, Yaml::text(text)))));
    let filled = sections.into_iter().filter(|(_, entries)| !entries.is_empty());
    entries.extend(filled.map(|(name, entries)| owned((name, Yaml::Map(entries.into_iter().map(owned).collect())))));
    format!("# Printed by `{command}`.\n{}", Yaml::Map(entries).document())
}

/// The parameters that the trust policy takes.
fn trust_parameters(trust: &Trust) -> Vec<(&'static str, Yaml)> {
    let mut principal = parameter("ARN of the role or user that runs driftline and may assume the roles");
    principal.extend(trust.principal.as_deref().map(|arn| owned(("Default", Yaml::text(arn)))));
    principal.push(owned(("AllowedPattern", Yaml::text(PRINCIPAL))));
    let mut parameters = vec![("Principal", Yaml::Map(principal))];
    if trust.external_id {
        // No `NoEcho`: an external id is no secret. Source: IAM User Guide, "How to use an external ID …".
        let mut entries = parameter("External id that driftline sends: external_id under [aws] in driftline.toml");
        entries.push(owned(("AllowedPattern", Yaml::text(format!("^{EXTERNAL_ID}$")))));
        parameters.push(("ExternalId", Yaml::Map(entries)));
    }
    parameters
}

fn parameter(description: &str) -> Vec<(String, Yaml)> {
    [("Type", Yaml::text("String")), ("Description", Yaml::text(description))].map(owned).into()
}

fn optional_parameter(description: &str, shape: &str) -> Yaml {
    let mut entries = parameter(description);
    entries.push(owned(("Default", Yaml::text(""))));
    entries.push(owned(("AllowedPattern", Yaml::text(format!("^({shape})?$")))));
    Yaml::Map(entries)
}

/// A parameter that is `true` or `false`, the default.
fn switch(description: &str) -> Yaml {
    let mut entries = parameter(description);
    entries.push(owned(("Default", Yaml::text("false"))));
    entries.push(owned(("AllowedValues", Yaml::List(vec![Yaml::text("true"), Yaml::text("false")]))));
    Yaml::Map(entries)
}

/// The trust policy with a condition for each parameter that is filled in.
fn conditional_trust() -> Yaml {
    let none = || reference(NO_VALUE);
    let one = |flag: &str, name: &str| call("Fn::If", vec![Yaml::text(flag), reference(name), none()]);
    let equals = Yaml::map([
        ("sts:ExternalId", one("HasExternalId", "ExternalId")),
        ("aws:PrincipalOrgID", one("HasOrganizationId", "OrganizationId")),
    ]);
    // IAM gets no empty block of conditions.
    let block = call("Fn::If", vec![Yaml::text("HasCondition"), Yaml::map([("StringEquals", equals)]), none()]);
    let mut statement: Vec<(String, Yaml)> =
        trust_statement().iter().map(|(key, value)| (key.clone(), lower(value))).collect();
    statement.push(owned(("Condition", block)));
    Yaml::map([("Version", Yaml::text(VERSION)), ("Statement", Yaml::List(vec![Yaml::Map(statement)]))])
}

fn role(role: &RoleResource, trust: Yaml, condition: Option<&str>) -> Yaml {
    let policy = Yaml::map([
        ("PolicyName", Yaml::text(role.policy.name)),
        ("PolicyDocument", lower(&policy_document(&role.policy.policy))),
    ]);
    let properties = [
        ("RoleName", Yaml::text(&role.name)),
        ("Path", Yaml::text(&role.path)),
        ("Description", Yaml::text(role.description)),
        ("AssumeRolePolicyDocument", trust),
        ("Policies", Yaml::List(vec![policy])),
    ];
    resource("AWS::IAM::Role", condition, properties.map(owned).into())
}

/// A policy inside roles that exist.
fn inline_policy(policy: &NamedPolicy, roles: Yaml, condition: Option<&str>) -> Yaml {
    let properties = [
        ("PolicyName", Yaml::text(policy.name)),
        ("Roles", roles),
        ("PolicyDocument", lower(&policy_document(&policy.policy))),
    ];
    resource("AWS::IAM::Policy", condition, properties.map(owned).into())
}

fn resource(kind: &str, condition: Option<&str>, properties: Vec<(String, Yaml)>) -> Yaml {
    let mut entries = vec![owned(("Type", Yaml::text(kind)))];
    entries.extend(condition.map(|condition| owned(("Condition", Yaml::text(condition)))));
    entries.push(owned(("Properties", Yaml::Map(properties))));
    Yaml::Map(entries)
}

/// The output with the ARN of a role.
fn arn_of(role: &str, condition: Option<&str>) -> Yaml {
    let mut entries: Vec<(String, Yaml)> =
        condition.map(|condition| owned(("Condition", Yaml::text(condition)))).into_iter().collect();
    entries.push(owned(("Value", call("Fn::GetAtt", vec![Yaml::text(role), Yaml::text("Arn")]))));
    Yaml::Map(entries)
}

fn reference_output(name: &str) -> Yaml {
    Yaml::map([("Value", reference(name))])
}

fn reference(name: &str) -> Yaml {
    Yaml::map([("Ref", Yaml::text(name))])
}

fn condition(name: &str) -> Yaml {
    Yaml::map([("Condition", Yaml::text(name))])
}

fn call(function: &str, arguments: Vec<Yaml>) -> Yaml {
    Yaml::map([(function, Yaml::List(arguments))])
}

fn owned((key, value): (&str, Yaml)) -> (String, Yaml) {
    (key.to_owned(), value)
}

/// The value with CloudFormation's functions for what is filled in.
fn lower(node: &Node) -> Yaml {
    match node {
        Node::Text(text) => Yaml::text(text),
        // `${!` stands for `${`, so that nothing else is filled in.
        Node::Arn(rest) => {
            let text = format!("arn:${{AWS::Partition}}{}", rest.replace("${", "${!"));
            Yaml::map([("Fn::Sub", Yaml::text(text))])
        }
        Node::Input(Input::Principal) => reference("Principal"),
        Node::Input(Input::ExternalId) => reference("ExternalId"),
        Node::List(items) => Yaml::List(items.iter().map(lower).collect()),
        Node::Map(entries) => Yaml::Map(entries.iter().map(|(key, value)| (key.clone(), lower(value))).collect()),
    }
}

/// Node of a YAML document.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Yaml {
    /// Text, never a number, a date or a word such as `yes`.
    Text(String),
    /// List.
    List(Vec<Yaml>),
    /// Map, in the order of its keys.
    Map(Vec<(String, Yaml)>),
}

/// Words that a reader takes for something else than text. Source: YAML 1.1, "Boolean" and "Null", which CloudFormation reads.
const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

impl Yaml {
    /// Text.
    fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Map with these entries.
    fn map<const N: usize>(entries: [(&str, Self); N]) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    /// The document.
    fn document(&self) -> String {
        self.lines(0)
    }

    /// The lines of the node, from this column on.
    fn lines(&self, indent: usize) -> String {
        let margin = " ".repeat(indent);
        if let Some(inline) = self.inline() {
            return format!("{margin}{inline}\n");
        }
        match self {
            Self::Text(_) => String::new(),
            Self::List(items) => {
                // The first line of an item stands behind the hyphen.
                let item = |item: &Self| format!("{margin}- {}", &item.lines(indent + 2)[indent + 2..]);
                items.iter().map(item).collect()
            }
            Self::Map(entries) => {
                let value = |value: &Self| match value.inline() {
                    Some(inline) => format!(" {inline}\n"),
                    None => format!("\n{}", value.lines(indent + 2)),
                };
                let entry = |(key, node): &(String, Self)| format!("{margin}{}:{}", scalar(key), value(node));
                entries.iter().map(entry).collect()
            }
        }
    }

    /// The value behind its key, if it fits there.
    fn inline(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(scalar(text)),
            Self::List(items) if items.is_empty() => Some("[]".to_owned()),
            Self::Map(entries) if entries.is_empty() => Some("{}".to_owned()),
            Self::List(_) | Self::Map(_) => None,
        }
    }
}

/// The text as a scalar: plain if it is a word or a name such as `AWS::IAM::Role`, and otherwise quoted, with every character but the
/// printable ones of ASCII escaped.
fn scalar(text: &str) -> String {
    let is_word = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic()) && part.chars().all(|it| it.is_ascii_alphanumeric())
    };
    if text.split("::").all(is_word) && !WORDS.contains(&text.to_ascii_lowercase().as_str()) {
        return text.to_owned();
    }
    let escaped = text.chars().map(|letter| match letter {
        '"' | '\\' => format!("\\{letter}"),
        ' '..='~' => letter.to_string(),
        _ => format!("\\U{:08X}", u32::from(letter)),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_an_arn_is_filled_in_but_the_partition() {
        let arn = Node::Arn(":iam::*:role/${AWS::AccountId}$${x}".to_owned());
        let expected = "\"Fn::Sub\": \"arn:${AWS::Partition}:iam::*:role/${!AWS::AccountId}$${!x}\"\n";
        assert_eq!(lower(&arn).document(), expected.replacen("\"Fn::Sub\"", "Fn::Sub", 1));
        assert_eq!(lower(&Node::text("${AWS::AccountId}")).document(), "\"${AWS::AccountId}\"\n");
    }

    #[test]
    fn only_words_and_names_stand_without_quotes() {
        for plain in ["Allow", "AWS::IAM::Role", "Fn::Sub"] {
            assert_eq!(scalar(plain), plain);
        }
        for quoted in
            ["2012-10-17", "No", "null", "", "*", "a b", "12", "a:b", "a::", "- a", "#x", "${x}", "sts:AssumeRole"]
        {
            assert_eq!(scalar(quoted), format!("\"{quoted}\""));
        }
        assert_eq!(scalar("a\"\\\n\u{85}ü"), "\"a\\\"\\\\\\U0000000A\\U00000085\\U000000FC\"");
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let texts = |texts: &[&str]| Yaml::List(texts.iter().map(|text| Yaml::text(*text)).collect());
        let tree = Yaml::map([
            ("a: b", texts(&["x\ny: z", "- a", "}", "'", "\u{2028}", "yes"])),
            ("list", Yaml::List(vec![Yaml::map([("k", Yaml::text("v")), ("l", texts(&["1"]))]), texts(&["2", "3"])])),
            ("none", Yaml::List(Vec::new())),
            ("map", Yaml::Map(Vec::new())),
        ]);
        let read: serde_json::Value = serde_yaml::from_str(&tree.document()).expect("YAML");
        let expected = serde_json::json!({
            "a: b": ["x\ny: z", "- a", "}", "'", "\u{2028}", "yes"],
            "list": [{"k": "v", "l": ["1"]}, ["2", "3"]],
            "none": [],
            "map": {},
        });
        assert_eq!(read, expected);
    }
}
