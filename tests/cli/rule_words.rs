//! Rules about sessions, missing documents and odd values in the words of every format.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::sessions::GOOD;
use crate::support::{ACCOUNT, Driftline, World, preferences, sessions};

/// The formats for people and for programs that state findings in sentences.
const FORMATS: [&str; 11] =
    ["text", "markdown", "html", "github", "slack", "sns", "sarif", "junit", "codequality", "csv", "ocsf"];

fn program(world: &World, policy: String) -> Driftline {
    Driftline::new().policy("a.yaml", policy).world(world)
}

/// What a command prints about a world.
#[track_caller]
fn printed(world: &World, policy: &str, args: &[&str], exit: i32) -> String {
    let program = program(world, policy.to_owned());
    let (command, options) = args.split_first().expect("a command");
    program.args([command, "a.yaml", "--simulate", "world.yaml"]).args(options).run(exit).stdout
}

#[test]
fn a_violated_rule_is_no_value() {
    let world = sessions::world(&format!("[{{id: a, {GOOD}}}, {{id: b, target: i-2, owner: bob, started: 5m}}]"));
    let policy = sessions::declared("reason: SET, owner: \"*\"");
    for format in FORMATS {
        let report = printed(&world, &policy, &["check", "--report", format], 2);
        assert!(report.contains("violated by 1 of 2 sessions"), "{format}: {report}");
        for wrong in ["'1 of 2 sessions", "have 1 of 2", "is 1 of 2", "→ 1 of 2"] {
            assert!(!report.contains(wrong), "{format}: {report}");
        }
    }
    let by_line = printed(&world, &policy, &["check", "--report", "sarif", "--sarif-group", "line"], 2);
    let sentence = "sessions reason is violated in 1 target, the policy wants 'SET': \
                    '111122223333/eu-west-1' (violated by 1 of 2 sessions).";
    assert!(by_line.contains(sentence), "{by_line}");
    assert!(printed(&world, &policy, &["plan"], 2).contains("sessions reason  violated by 1 of 2 sessions → SET"));
    let json = printed(&world, &policy, &["check", "--report", "json"], 2);
    assert!(json.contains("\"1 of 2 sessions\""), "{json}");
}

#[test]
fn a_rule_that_is_kept_says_by_how_many() {
    let policy = sessions::declared("reason: SET, count: {at_least: 0}");
    for (sessions, words) in [
        (format!("[{{id: a, {GOOD}}}, {{id: b, {GOOD}}}]"), "reason kept by every one of 2 sessions, count 2"),
        (format!("[{{id: a, {GOOD}}}]"), "reason kept by the only session, count 1"),
        ("[]".to_owned(), "reason kept, as there is no session, count 0"),
    ] {
        let world = sessions::world(&sessions);
        let text = printed(&world, &policy, &["check", "--verbose"], 0);
        assert!(text.contains(&format!("in sync: {words}")), "{text}");
        let csv = printed(&world, &policy, &["check", "--report", "csv"], 0);
        let (kept, _) = words.split_once(", count").expect("a count");
        assert!(csv.contains(&format!("sessions {}.", kept.replace("reason", "reason is"))), "{csv}");
    }
}

#[test]
fn a_session_is_to_be_ended_only_where_that_helps() {
    let ended = "[{id: a, target: i-1, owner: o, started: 3h, ended: 2h, status: Terminated}]";
    let active = "[{id: a, target: i-1, owner: o, started: 3h}]";
    let end = "end an active session that violates the rule";
    let few = "there are fewer sessions than the rule wants";
    let none = "no active session violates the rule, so the drift ends by itself 24h after the last of them ended";
    for (sessions, rule, fix) in [
        (active, "reason: SET", end),
        (active, "ended_within: 24h, reason: SET", end),
        (ended, "ended_within: 24h, reason: SET", none),
        (active, "count: {at_most: 0}", end),
        (ended, "ended_within: 24h, count: {at_most: 0}", none),
        (active, "count: {at_least: 2}", few),
        (active, "count: 2", few),
        (active, "count: [0, 2]", end),
        ("[]", "count: {at_least: 1}", few),
    ] {
        let plan = printed(&sessions::world(sessions), &sessions::declared(rule), &["plan"], 2);
        let plan = plan.split_whitespace().collect::<Vec<_>>().join(" ");
        for text in [end, few, none] {
            assert_eq!(plan.contains(&format!("fix: {text}")), text == fix, "{rule}: {plan}");
        }
    }
}

/// A document is missing. The most severe of its settings is not the first one.
const DOCUMENT: &str = "version: 1
session_manager_preferences:
  - {accounts: [\"111122223333\"], regions: [eu-west-1], idle_session_timeout: 20, run_as_enabled: false, severity: low}
  - accounts: [\"111122223333\"]
    regions: [eu-west-1]
    max_session_duration: 60
    s3_key_prefix: logs
    severity: critical
";

#[test]
fn a_missing_document_is_one_line_with_its_most_severe_declaration() {
    let world = preferences::world("");
    let fact = "no preferences document: 4 settings declared, 3 of them drifted";
    let report = |args: &[&str]| printed(&world, DOCUMENT, args, 2);
    let text = report(&["check"]);
    let line = text.lines().find(|line| line.contains(fact)).expect("a line");
    assert!(line.contains("critical  a.yaml:7") || text.contains("critical · a.yaml:7"), "{text}");
    let github = report(&["check", "--report", "github"]);
    let annotations: Vec<&str> = github.lines().filter(|line| line.starts_with("::")).collect();
    assert_eq!(annotations.len(), 1, "{github}");
    assert!(annotations[0].starts_with("::error file=a.yaml,line=7,"), "{github}");
    assert!(annotations[0].contains(fact) && annotations[0].ends_with("Severity: critical"), "{github}");
    for format in ["markdown", "slack", "sns"] {
        let report = report(&["check", "--report", format]);
        assert!(report.contains("critical") && report.contains("a.yaml:7") && !report.contains("a.yaml:3"), "{report}");
    }
    let html = report(&["check", "--report", "html"]);
    let parts = |mark: &str| -> BTreeSet<String> {
        html.split(mark).skip(1).filter_map(|part| part.split('"').next()).map(str::to_owned).collect()
    };
    let (anchors, links) = (parts(" id=\"f-"), parts("href=\"#f-"));
    assert_eq!((anchors.len(), &anchors), (1, &links), "the map links to the line");
}

#[test]
fn a_remark_stands_outside_the_quotes_and_only_where_an_alias_may_be_the_key() {
    const REMARK: &str = "(KMS was not asked about the alias)";
    let key = "arn:aws:kms:eu-west-1:111122223333:key/1";
    for (live, wanted, has_remark) in [
        ("alias/other", "alias/session-manager", true),
        (key, "alias/session-manager", true),
        ("alias/other", "UNSET", false),
        ("alias/other", "\"arn:aws:kms:*:alias/*\"", false),
        ("", "alias/session-manager", false),
    ] {
        let world = preferences::world(&format!("{{inputs: {{kmsKeyId: \"{live}\"}}}}"));
        let csv =
            printed(&world, &preferences::declared(&format!("kms_key_id: {wanted}")), &["check", "--report", "csv"], 2);
        assert_eq!(csv.contains(REMARK), has_remark, "{live} {wanted}: {csv}");
        assert_eq!(csv.contains(&format!("is '{live}' {REMARK}, the policy wants")), has_remark, "{csv}");
    }
}

#[test]
fn a_command_of_two_lines_does_not_look_like_one() {
    let world = preferences::world("{inputs: {shellProfile: {linux: \"set -u\\ncd /\"}}}");
    let policy = preferences::declared("shell_profile: {linux: \"cd ~\"}");
    for format in FORMATS {
        let report = printed(&world, &policy, &["check", "--report", format], 2);
        // JSON writes a backslash as two.
        let shown = if ["sarif", "codequality", "slack", "ocsf"].contains(&format) {
            "set -u\\\\ncd /"
        } else {
            "set -u\\ncd /"
        };
        assert!(report.contains(shown) && !report.contains("set -u cd"), "{format}: {report}");
    }
    assert!(printed(&world, &policy, &["plan"], 2).contains("set -u\\ncd / → cd ~"));
    let json: Value = serde_json::from_str(&printed(&world, &policy, &["check", "--report", "json"], 2)).expect("JSON");
    assert_eq!(json["targets"][0]["settings"][0]["live"], "set -u\ncd /", "data stays as it is");
}

#[test]
fn every_finding_of_three_resources_is_in_one_file_of_security_hub() {
    let world =
        World::new().account(ACCOUNT, "sessions: {\"*\": {}}, session_manager: {sessions: {\"*\": {active: 2}}}");
    let declared = format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1, eu-central-1]");
    let policy = format!(
        "version: 1\nmacie_sessions:\n  - {{{declared}, status: ENABLED}}\nsession_manager_preferences:\n  - {{{declared}, \
         run_as_enabled: true, idle_session_timeout: 20}}\nsession_manager_sessions:\n  - {{{declared}, reason: SET}}\n"
    );
    let program = program(&world, policy);
    program.run_with(&["check", "a.yaml", "--simulate", "world.yaml", "--report", "asff=out"], 2);
    let mut ids = Vec::new();
    for file in std::fs::read_dir(program.path("out")).expect("a folder") {
        let text = std::fs::read_to_string(file.expect("a file").path()).expect("text");
        let found: Vec<Value> = serde_json::from_str(&text).expect("JSON");
        ids.extend(found.iter().map(|finding| finding["Id"].as_str().expect("an id").to_owned()));
    }
    let all = ids.len();
    assert_eq!((ids.iter().collect::<BTreeSet<_>>().len(), all), (8, 8), "{ids:?}");
}
