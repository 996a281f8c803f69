//! `driftline iam-policy --format`: templates hold exactly the policies that it prints as JSON, and nothing of a settings file ends a
//! text in them or is filled in.
//!
//! `UPDATE_EXPECT=1 cargo test --test cli iam_templates` writes `examples/aws/roles-stackset.yaml` anew.

use std::collections::BTreeSet;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::iam_policy::{actions, policies, program, world};
use crate::support::{ACCOUNT, Driftline, World, policy, repository, simulation};

/// Arguments of `iam-policy` for each policy of a role's own.
const PARTS: [&[&str]; 5] = [
    &["check"],
    &["plan"],
    &["apply", "--allow", "pause", "--allow", "disable"],
    &["administrator", "--allow", "pause"],
    &["hub"],
];

/// The policy document of a template as IAM gets it in the commercial partition.
fn resolved(value: &Value) -> Value {
    match value {
        Value::Object(entries) => match entries.get("Fn::Sub").and_then(Value::as_str) {
            Some(text) => Value::from(text.replace("${AWS::Partition}", "aws").replace("${!", "${")),
            None => Value::Object(entries.iter().map(|(key, value)| (key.clone(), resolved(value))).collect()),
        },
        Value::Array(items) => Value::Array(items.iter().map(resolved).collect()),
        other => other.clone(),
    }
}

/// The policy documents of a resource of a template in YAML.
fn documents(template: &str, resource: &str) -> Vec<Value> {
    let template: Value = serde_yaml::from_str(template).unwrap_or_else(|error| panic!("{error}\n{template}"));
    let properties = &template["Resources"][resource]["Properties"];
    let inline = properties["Policies"].as_array().map_or(&[][..], Vec::as_slice);
    let documents = inline.iter().chain([properties]).filter_map(|holder| holder.get("PolicyDocument"));
    documents.map(resolved).collect()
}

/// The actions between quotes, without the keys of conditions.
fn quoted_actions(text: &str) -> BTreeSet<String> {
    let is_action = |word: &&str| {
        word.split_once(':').is_some_and(|(service, name)| {
            service.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
                && name.starts_with(|first: char| first.is_ascii_uppercase())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
                && *word != "iam:AWSServiceName"
        })
    };
    text.split('"').skip(1).step_by(2).filter(is_action).map(str::to_owned).collect()
}

fn printed(arguments: &[&str], format: &str) -> String {
    program().args(["iam-policy"]).args(arguments).args(["a.yaml", "--format", format]).run(0).stdout
}

fn from_json(arguments: &[&str]) -> Value {
    serde_json::from_str(&printed(arguments, "json")).expect("JSON")
}

#[test]
fn each_template_has_the_policy_that_is_printed_as_json() {
    for arguments in PARTS {
        let policy = from_json(arguments);
        let resource = if matches!(arguments[0], "administrator" | "hub") { "Policy" } else { "Role" };
        assert_eq!(
            documents(&printed(arguments, "cloudformation"), resource),
            std::slice::from_ref(&policy),
            "{arguments:?}"
        );
        let hcl = printed(arguments, "terraform");
        let at = hcl.find("  policy = jsonencode(").unwrap_or_else(|| panic!("no policy in {hcl}"));
        assert_eq!(quoted_actions(&hcl[at..]), actions(&policy), "{arguments:?}");
    }
}

#[test]
fn the_roles_of_a_template_are_enough_to_check_plan_and_apply() {
    let template = printed(&["roles", "--allow", "pause", "--allow", "disable"], "cloudformation");
    let [read, apply, administrator] =
        ["ReadRole", "ApplyRole", "AdministratorPolicy"].map(|resource| documents(&template, resource)[0].clone());
    let whole = |arguments: &[&str]| actions(&from_json(arguments));
    assert_eq!(actions(&read), whole(PARTS[0]).union(&whole(PARTS[1])).cloned().collect());
    assert_eq!(actions(&apply), whole(PARTS[2]));
    assert_eq!(actions(&administrator), whole(PARTS[3]));
    let simulation = world(&actions(&read), &actions(&apply), &actions(&administrator));
    let run = |arguments: &[&str], exit: i32| {
        program().variables(&simulation.environment()).args(arguments).args(["a.yaml"]).run(exit)
    };
    run(&["check"], 2);
    run(&["apply", "--auto-approve", "--allow", "pause", "--allow", "disable"], 0);
    run(&["check"], 0);
}

#[test]
fn a_template_creates_the_role_of_the_settings() {
    let settings = "[aws]\nrole_name = \"audit/eu/Read\"\nexternal_id = \"hush-hush\"\n";
    let program =
        Driftline::new().policy("a.yaml", policy(["regions: [eu-west-1], status: ENABLED"])).settings(settings);
    let print = |format: &str| {
        let ran = program.run_with(&["iam-policy", "check", "a.yaml", "--format", format], 0);
        assert!(!ran.stdout.contains("hush"), "{}", ran.stdout);
        ran.stdout
    };
    assert_snapshot!("template_cloudformation", print("cloudformation"));
    assert_snapshot!("template_terraform", print("terraform"));
}

#[test]
fn one_role_for_both_purposes_gets_a_policy_more_and_no_second_role() {
    let program =
        Driftline::new().policy("a.yaml", policy(["status: ENABLED"])).settings("[aws]\nrole_name = \"x/One\"\n");
    let print = |format: &str| program.run_with(&["iam-policy", "apply", "a.yaml", "--format", format], 0).stdout;
    let template: Value = serde_yaml::from_str(&print("cloudformation")).expect("YAML");
    assert_eq!(template["Resources"]["Policy"]["Type"], "AWS::IAM::Policy");
    assert_eq!(template["Resources"]["Policy"]["Properties"]["Roles"], json!(["One"]));
    assert_eq!(template.get("Parameters"), None);
    let hcl = print("terraform");
    assert!(hcl.contains("resource \"aws_iam_role_policy\"") && hcl.contains("role = \"One\""), "{hcl}");
    assert!(!hcl.contains("resource \"aws_iam_role\""), "{hcl}");
    let rollout = program.run_with(&["iam-policy", "roles", "a.yaml", "--format", "cloudformation"], 0).stdout;
    assert!(rollout.contains("ReadRole:") && !rollout.contains("ApplyRole"), "{rollout}");
}

#[test]
fn the_principal_is_the_default_of_a_parameter() {
    let arn = "arn:aws-us-gov:iam::999988887777:role/ci/driftline";
    let yaml: Value = serde_yaml::from_str(&printed(&["check", "--principal", arn], "cloudformation")).expect("YAML");
    assert_eq!(yaml["Parameters"]["Principal"]["Default"], arn);
    assert!(printed(&["check", "--principal", arn], "terraform").contains(&format!("default     = \"{arn}\"")));
}

#[test]
fn every_partition_gets_arns_of_its_own() {
    for regions in ["eu-west-1", "us-gov-west-1", "cn-north-1"] {
        let file =
            format!("version: 1\nsession_manager_preferences: [{{regions: [{regions}], idle_session_timeout: SET}}]\n");
        let program = Driftline::new().policy("a.yaml", file).settings("[aws]\nrole_name = \"Read\"\n");
        let hub = program.run_with(&["iam-policy", "hub", "a.yaml"], 0).json();
        let partition = if regions.starts_with("us-gov") { "aws-us-gov" } else { "aws" };
        let partition = if regions.starts_with("cn") { "aws-cn" } else { partition };
        let assumed =
            hub["Statement"].as_array().expect("statements").iter().find(|found| found["Sid"] == "AssumeRoles");
        assert_eq!(
            assumed.expect("a statement")["Resource"].to_string(),
            format!("[\"arn:{partition}:iam::*:role/Read\"]")
        );
        for part in ["check", "hub"] {
            let print = |format: &str| program.run_with(&["iam-policy", part, "a.yaml", "--format", format], 0).stdout;
            for (template, partition) in [
                (print("cloudformation"), "${AWS::Partition}"),
                (print("terraform"), "${data.aws_partition.current.partition}"),
            ] {
                let arns: Vec<&str> = template.match_indices("\"arn:").map(|(at, _)| &template[at + 1..]).collect();
                assert_eq!(arns.len(), 1, "{template}");
                assert!(arns[0].starts_with(&format!("arn:{partition}:")), "{template}");
            }
        }
    }
}

#[test]
fn nothing_of_a_settings_file_is_filled_in() {
    // The partition of an ARN is the one place where the settings file takes more than letters, digits and a few marks.
    for partition in ["aws${x}", "aws%{x}", "aws\\\"\\n  x"] {
        let settings = format!("[aws]\nrole_arn = \"arn:{partition}:iam::{{account}}:role/Read\"\n");
        let program = Driftline::new().policy("a.yaml", policy(["status: ENABLED"])).settings(&settings);
        for format in ["cloudformation", "terraform"] {
            for part in ["check", "hub"] {
                let ran = program.run_with(&["iam-policy", part, "a.yaml", "--format", format, "--quiet"], 0);
                assert!(!["{x}", "\\n  x", "\n  x"].iter().any(|bad| ran.stdout.contains(bad)), "{}", ran.stdout);
            }
        }
    }
    for name in ["${x}", "a b", "%{x}", "x\\\"", "x:y"] {
        let settings = format!("[aws]\nrole_name = \"{name}\"\n");
        let program = Driftline::new().policy("a.yaml", policy(["status: ENABLED"])).settings(&settings);
        program.run_with(&["iam-policy", "check", "a.yaml", "--format", "terraform"], 1).says("bad-role");
    }
}

#[test]
fn what_no_template_can_say_is_an_error_with_a_fix() {
    let errors = |settings: &str, arguments: &[&str]| {
        let program = Driftline::new().policy("a.yaml", policies()).settings(settings);
        let ran = program.args(["iam-policy"]).args(arguments).args(["a.yaml"]).run(1);
        assert_eq!(ran.stdout, "");
        ran.stderr
    };
    let named = "[aws]\nrole_name = \"Read\"\n";
    let same = "[aws]\nrole_name = \"Read\"\napply_role_name = \"Read\"\n";
    let said = [
        errors("", &["check", "--format", "terraform"]),
        errors("", &["roles", "--format", "cloudformation"]),
        errors(same, &["roles", "--format", "cloudformation"]),
        errors(named, &["roles"]),
        errors(named, &["roles", "--format", "terraform"]),
        errors(named, &["trust", "--principal", "arn:aws:iam::999988887777:root", "--format", "cloudformation"]),
        errors(named, &["check", "--principal", "*", "--format", "cloudformation"]),
    ];
    assert_snapshot!("template_errors", said.join("\n"));
    let program = Driftline::new().settings(named).policy("a.yaml", policy(["finding_publishing_frequency: ONE_HOUR"]));
    program.run_with(&["iam-policy", "administrator", "a.yaml", "--format", "terraform"], 1).says("nothing to create");
    program.run_with(&["iam-policy", "check", "a.yaml", "--output", "json"], 1).says("choose a form with --format");
}

/// The arguments that print the template of the examples.
const EXAMPLE: [&str; 5] = ["iam-policy", "roles", "--format", "cloudformation", "--config"];

/// The template of the examples.
fn stack_set() -> String {
    std::fs::read_to_string(repository("examples/aws/roles-stackset.yaml")).expect("a template")
}

#[test]
fn the_template_of_the_examples_is_what_is_printed() {
    let settings = repository("examples/aws/roles/driftline.toml");
    let arguments = [&EXAMPLE[..], &[settings.to_str().expect("a text")]].concat();
    let printed = Driftline::new().run_with(&arguments, 0).stdout;
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(repository("examples/aws/roles-stackset.yaml"), &printed).expect("it can be written");
    }
    assert_eq!(printed, stack_set());
}

#[test]
fn the_role_that_driftline_starts_with_has_the_policies_of_the_hub_and_of_its_own_account() {
    let settings = repository("examples/aws/roles/driftline.toml");
    let config = ["--config", settings.to_str().expect("a text")];
    let from_json = |part: &str| Driftline::new().run_with(&[&["iam-policy", part], &config[..]].concat(), 0).json();
    let template = std::fs::read_to_string(repository("examples/aws/hub-role.yaml")).expect("a template");
    let [hub, read] = <[Value; 2]>::try_from(documents(&template, "HubRole")).expect("two policies");
    assert_eq!(hub, from_json("hub"));
    assert_eq!(read, documents(&stack_set(), "ReadRole")[0]);
}

#[test]
fn the_read_role_of_the_examples_reads_all_of_the_example_organization() {
    let read = actions(&documents(&stack_set(), "ReadRole")[0]);
    let world = std::fs::read_to_string(repository("examples/organization/world.yaml")).expect("a world");
    let with = |allowed: &BTreeSet<String>| {
        let list: Vec<String> = allowed.iter().map(|action| format!("\"{action}\"")).collect();
        let role = format!("    permissions: {{DriftlineRead: [{}]}}\n", list.join(", "));
        // The account of somebody else's role has no role of this name.
        let limited = world.replace("    name: ", &format!("{role}    name: "));
        let limited = limited.replace(&format!("{role}    name: acquired company"), "    name: acquired company");
        assert_eq!(limited.matches("permissions:").count(), 7);
        let program = Driftline::new().file("world.yaml", &limited);
        let settings = repository("examples/organization/driftline.toml");
        let ran = program.args(["check", "--config", settings.to_str().expect("a text")]);
        ran.args(["--simulate", "world.yaml", "--report", "json"]).run(6).json()["ledger"].clone()
    };
    let program = Driftline::new().file("world.yaml", &world);
    let settings = repository("examples/organization/driftline.toml");
    let free = program.args(["check", "--config", settings.to_str().expect("a text")]);
    let free = free.args(["--simulate", "world.yaml", "--report", "json"]).run(6).json()["ledger"].clone();
    assert_eq!(with(&read), free);
    let without = read.iter().filter(|action| *action != "ssm:GetDocument").cloned().collect();
    assert_ne!(with(&without), free, "a permission that is missing is noticed");
}

#[test]
fn nobody_is_asked_for_a_template() {
    let simulation = simulation(&World::new().enabled(ACCOUNT));
    program()
        .variables(&simulation.environment())
        .args(["iam-policy", "check", "a.yaml", "--format", "terraform"])
        .run(0);
    assert_eq!(simulation.calls().len(), 0);
}
