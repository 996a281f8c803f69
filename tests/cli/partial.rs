//! A target that is known in part: two calls fail for different reasons, and every format says so of the settings that they read.

use serde_json::Value;

use crate::support::{ACCOUNT, Driftline, World, policy};

const DENIED: &str = "denials: [{actions: [\"macie2:GetClassificationExportConfiguration\"]}]";

/// Three settings are unread: two by a denied call, one by a call without an answer.
fn program(status: &str) -> Driftline {
    let declaration = format!(
        "accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: {status}, security_hub: {{publish_policy_findings: \
         true}}, classification_export: {{bucket_name: results, key_prefix: UNSET}}"
    );
    let world = World::new().account(ACCOUNT, &format!("sessions: {{\"*\": {{}}}}, {DENIED}")).fault_of(
        "macie2:GetFindingsPublicationConfiguration",
        ACCOUNT,
        "foreign_body",
    );
    Driftline::new().policy("a.yaml", policy([declaration])).world(&world)
}

fn report(status: &str, format: &str, exit: i32) -> String {
    program(status).args(["check", "a.yaml", "--simulate", "world.yaml", "--report", format]).run(exit).stdout
}

#[test]
fn the_target_is_unread_and_what_is_known_of_it_is_not_lost() {
    let known = report("ENABLED", "json", 4);
    let target = &serde_json::from_str::<Value>(&known).expect("JSON")["targets"][0];
    assert_eq!(
        (&target["outcome"], &target["unread"], &target["live"]["status"]),
        (&"unread".into(), &Value::Null, &"ENABLED".into())
    );
    let rows = target["settings"].as_array().expect("rows");
    let found: Vec<_> = rows.iter().map(|row| (row["setting"].as_str(), row["unread"]["reason"].as_str())).collect();
    let expected = [
        (Some("status"), None),
        (Some("security_hub.publish_policy_findings"), Some("unintelligible")),
        (Some("classification_export.bucket_name"), Some("denied")),
        (Some("classification_export.key_prefix"), Some("denied")),
    ];
    assert_eq!(found, expected);
    let drifted = report("PAUSED", "json", 6);
    let drifted: Value = serde_json::from_str(&drifted).expect("JSON");
    assert_eq!((&drifted["ledger"]["drifted"], &drifted["ledger"]["partly_unread"]), (&1.into(), &1.into()));
    assert_eq!((&drifted["targets"][0]["outcome"], &drifted["ledger"]["unread"]), (&"drifted".into(), &0.into()));
}

#[test]
fn people_see_what_one_call_leaves_unread_in_one_line() {
    insta::assert_snapshot!("partial_text", report("PAUSED", "text", 6));
    insta::assert_snapshot!("partial_markdown", report("PAUSED", "markdown", 6));
    insta::assert_snapshot!("partial_annotations", report("PAUSED", "github", 6));
}

#[test]
fn programs_see_each_unread_setting_with_its_reason() {
    let csv = report("PAUSED", "csv", 6);
    assert_eq!(csv.matches(",unread,medium,").count(), 3, "{csv}");
    assert_eq!((csv.matches(",denied,").count(), csv.matches(",unintelligible,").count()), (2, 1), "{csv}");
    let sarif: Value = serde_json::from_str(&report("PAUSED", "sarif", 6)).expect("JSON");
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    let rules: Vec<&str> = results.iter().filter_map(|result| result["ruleId"].as_str()).collect();
    assert_eq!(rules, ["DL1001", "DL9008", "DL9001", "DL9001"]);
    let junit = report("PAUSED", "junit", 6);
    assert!(junit.contains("tests=\"4\" skipped=\"0\" errors=\"3\" failures=\"1\""), "{junit}");
    assert_eq!((junit.matches("type=\"denied\"").count(), junit.matches("type=\"unintelligible\"").count()), (2, 1));
    let ocsf = report("PAUSED", "ocsf", 6);
    let codes: Vec<String> = ocsf
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["compliance"].clone())
        .map(|compliance| format!("{} {}", compliance["status"], compliance["status_code"]))
        .collect();
    let unknown = |reason: &str| format!("\"Unknown\" \"{reason}\"");
    let expected = ["\"Fail\" \"drifted\"".to_owned(), unknown("unintelligible"), unknown("denied"), unknown("denied")];
    assert_eq!(codes, expected);
    let folder = program("PAUSED").args(["check", "a.yaml", "--simulate", "world.yaml", "--report", "asff=asff"]);
    folder.run(6);
    let asff = folder.read(format!("asff/{ACCOUNT}.eu-west-1.001.asff.json"));
    assert_eq!(asff.matches("\"NOT_AVAILABLE\"").count(), 3, "{asff}");
    let quality = report("PAUSED", "codequality", 6);
    assert_eq!(quality.matches("driftline/DL90").count(), 3, "{quality}");
}

#[test]
fn a_target_that_is_known_in_part_is_down_and_the_check_is_no_success() {
    let program = program("PAUSED").args(["check", "a.yaml", "--simulate", "world.yaml", "--report", "prometheus"]);
    let metrics = program.args(["--metrics-detail", "target"]).run(6).stdout;
    assert!(metrics.contains("driftline_check_success{policy_set=\"default\"} 0"), "{metrics}");
    let up = metrics.lines().find(|line| line.starts_with("driftline_target_up{")).expect("a series");
    assert!(up.ends_with(" 0"), "{up}");
    let states = ["drifted\"} 1", "unread\"} 3"].map(|state| format!("resource=\"macie_session\",state=\"{state}"));
    let attributes: Vec<&str> = metrics.lines().filter(|line| line.starts_with("driftline_attributes{")).collect();
    assert!(states.iter().all(|state| attributes.iter().any(|line| line.ends_with(state))), "{attributes:#?}");
    let outputs = self::program("PAUSED").args(["check", "a.yaml", "--simulate", "world.yaml", "--report", "github"]);
    let outputs = outputs.file("output", "").env("GITHUB_OUTPUT", "output");
    outputs.run(6);
    assert!(
        outputs.read("output").contains("drifted=1\nunread=0\nwaived=0\npartly-unread=1\n"),
        "{}",
        outputs.read("output")
    );
}
