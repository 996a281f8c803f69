//! The fix that a report or a plan names is one that helps, whatever the resource.

use serde_json::Value;

use crate::support::preferences::{declared, in_regions, site, world};
use crate::support::{ACCOUNT, Site, World, policy, sessions};

/// Text in one line, whatever its width.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The report of a check in a format.
fn report(site: &Site, format: &str, exit: i32) -> String {
    one_line(&site.run(&["check", "a.yaml", "--report", format], exit).stdout)
}

/// The text to the owner of the account.
fn letter(site: &Site, exit: i32) -> String {
    site.run(&["check", "a.yaml", "--report", "owners=texts", "--quiet"], exit);
    one_line(&site.program.read(format!("texts/{ACCOUNT}.txt")))
}

/// The blocked changes of a plan.
fn blocked(site: &Site) -> Vec<Value> {
    let plan = site.run(&["plan", "a.yaml", "--report", "json"], 2).json();
    plan["blocked"].as_array().expect("a list").clone()
}

#[test]
fn no_format_says_that_apply_changes_what_it_only_reports() {
    let drifting = site("{inputs: {}}", "run_as_enabled: true");
    let sarif = drifting.run(&["check", "a.yaml", "--report", "sarif"], 2).json();
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules").clone();
    let rule = rules.into_iter().find(|rule| rule["id"] == "DL2011").expect("the rule");
    assert!(!rule["help"]["text"].as_str().expect("a text").contains("driftline apply"), "{rule}");
    for format in ["asff=findings", "ocsf"] {
        let mut text = report(&drifting, format, 2);
        if format.starts_with("asff") {
            let name = drifting.program.names("findings").into_iter().next().expect("a file");
            text = one_line(&drifting.program.read(format!("findings/{name}")));
        }
        assert!(text.contains("driftline plan"), "{format}: {text}");
        assert!(!text.contains("driftline apply"), "{format}: {text}");
    }
    let world = World::new().account(ACCOUNT, "sessions: {\"*\": {status: PAUSED}}");
    let wanted = policy([format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: ENABLED")]);
    let macie = Site::new(&world, [""; 0]).file("a.yaml", wanted);
    assert!(report(&macie, "ocsf", 2).contains("driftline apply"));
}

#[test]
fn a_document_that_is_not_understood_is_corrected_by_its_account() {
    for version in ["{inputs: {idleSessionTimeout: \"yes\"}}", "{inputs: {}, status: Failed}", "{content: \"no\"}"] {
        let site = site(version, "idle_session_timeout: 20");
        let text = report(&site, "text", 4);
        assert!(text.contains("fix: correct the document in the account"), "{text}");
        assert!(!text.contains("in the place of AWS"), "{text}");
        let letter = letter(&site, 4);
        assert!(letter.contains("What is to be corrected in the account stands above"), "{letter}");
        assert!(!letter.contains("nothing is missing in the account") && !letter.contains("Statement"), "{letter}");
    }
    let changing = report(&site("{inputs: {}, status: Updating}", "idle_session_timeout: 20"), "text", 4);
    assert!(changing.contains("fix: run again once AWS has finished"), "{changing}");
}

#[test]
fn a_region_that_is_off_for_sure_needs_no_permission() {
    for (list, is_sure) in [("allowed", true), ("denied", false)] {
        let account = format!("session_manager: {{}}, list_regions: {list}");
        let policy = in_regions("me-south-1, eu-west-1", "run_as_enabled: false");
        let site = Site::new(&World::new().account(ACCOUNT, &account), [""; 0]).file("a.yaml", policy);
        let text = report(&site, "text", 4);
        assert!(text.contains("fix: enable the Region in the account, or leave it out of `regions`"), "{text}");
        assert_eq!(text.contains("if the role may call it"), !is_sure, "{text}");
        assert_eq!(letter(&site, 4).contains("Statement"), !is_sure, "{list}");
    }
}

#[test]
fn a_snapshot_that_does_not_go_back_far_enough_is_taken_anew() {
    let site = sessions::site("[]", "ended_within: 1d, count: 0");
    site.run(&["snapshot", "a.yaml", "--out", "s.json"], 0);
    let site = site.file("a.yaml", sessions::declared("ended_within: 2d, count: 0"));
    let text = one_line(&site.run(&["check", "a.yaml", "--live", "s.json"], 4).stdout);
    assert!(text.contains("all sessions of the declared `ended_within`, 2d"), "{text}");
    assert!(text.contains("fix: take a new snapshot with these policies"), "{text}");
    assert!(!text.contains("--reader"), "{text}");
}

#[test]
fn a_session_that_is_on_and_off_lacks_no_permission() {
    let fault = "fault: {error: {code: AccessDeniedException, message: \"Macie is not enabled for this account\", status: 403}}";
    let world = World::new()
        .account(ACCOUNT, "sessions: {\"*\": {}}")
        .faulty(&format!("operations: [\"macie2:GetRevealConfiguration\"], accounts: [\"{ACCOUNT}\"], {fault}"));
    let settings = "status: ENABLED, reveal: {status: DISABLED, role_name: UNSET}";
    let wanted = policy([format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], {settings}")]);
    let site = Site::new(&world, [""; 0]).file("a.yaml", wanted);
    let text = report(&site, "text", 4);
    assert!(text.contains("no permission is missing") && !text.contains("fix: allow"), "{text}");
    let letter = letter(&site, 4);
    assert!(letter.contains("eu-west-1 reveal.status, reveal.role_name: denied"), "{letter}");
    assert_eq!(letter.matches("fix:").count(), 1, "one cause is stated once: {letter}");
    assert!(!letter.contains("Statement"), "{letter}");
}

#[test]
fn a_plan_prints_the_commands_that_apply_to_the_document_as_it_is() {
    let settings = "idle_session_timeout: 20, run_as_enabled: true";
    let two = "{inputs: {idleSessionTimeout: 60, runAsEnabled: true}, default: true}, {inputs: {idleSessionTimeout: 20, \
               runAsEnabled: true}}";
    for (versions, rows, has, has_not) in [
        ("", 2, "aws ssm create-document", "update-document"),
        ("{inputs: {}}", 2, "--document-version <the new number>", "create-document"),
        (
            two,
            1,
            "update-document-default-version --name SSM-SessionManagerRunShell --document-version 2",
            "preferences.json",
        ),
    ] {
        let blocked = blocked(&site(versions, settings));
        assert_eq!(blocked.len(), rows, "{blocked:?}");
        for item in &blocked {
            let fix = item["remediation"].as_str().expect("a text");
            assert!(fix.contains(has) && !fix.contains(has_not), "{fix}");
            assert_eq!(fix, blocked[0]["remediation"], "one fix removes all");
        }
    }
    let text = site("", settings).run(&["plan", "a.yaml"], 2).stdout;
    assert_eq!((text.matches("fix:").count(), text.matches("create-document").count()), (1, 1), "{text}");
    assert!(one_line(&text).contains("2 drifts blocked"), "{text}");
    let pattern = blocked(&site("", "s3_bucket_name: \"logs-*\""));
    let fix = pattern[0]["remediation"].as_str().expect("a text");
    assert!(fix.contains("\"<VALUE>\"") && fix.ends_with("in the place of <VALUE>"), "{fix}");
}

#[test]
fn a_plan_keeps_different_values_apart() {
    let versions = "{inputs: {cloudWatchLogGroupName: a}}";
    let world =
        world(versions).account("222233334444", &format!("session_manager: {{preferences: {{\"*\": [{versions}]}}}}"));
    let wanted = declared("cloudwatch_log_group_name: \"/{account}/{region}\"")
        .replace("regions: [eu-west-1]", "regions: [eu-west-1, eu-west-2]")
        .replace(&format!("[\"{ACCOUNT}\"]"), &format!("[\"{ACCOUNT}\", \"222233334444\"]"));
    let site = Site::new(&world, [""; 0]).file("a.yaml", wanted);
    let markdown = site.run(&["plan", "a.yaml", "--report", "markdown"], 2).stdout;
    for account in [ACCOUNT, "222233334444"] {
        for region in ["eu-west-1", "eu-west-2"] {
            let row = format!(
                "- `{account}` / `{region}`<br>`preferences cloudwatch_log_group_name`: `a → /{account}/{region}`<br>"
            );
            assert!(markdown.contains(&row), "{row}\n{markdown}");
        }
    }
    assert!(!markdown.contains("…"), "commands are whole: {markdown}");
}

#[test]
fn a_plan_tells_what_is_unread_in_part_from_what_is_unread() {
    let site = site(
        "{inputs: {runAsEnabled: maybe, idleSessionTimeout: 60}}",
        "run_as_enabled: true, idle_session_timeout: 20",
    );
    let text = one_line(&site.run(&["plan", "a.yaml"], 6).stdout);
    assert!(text.contains("1 drift blocked; 1 target could be read only in part"), "{text}");
    assert!(text.contains("planned only in part: Session Manager preferences unread, unintelligible"), "{text}");
    let markdown = site.run(&["plan", "a.yaml", "--report", "markdown"], 6).stdout;
    assert!(markdown.contains("Planned only as far as they could be read (1)"), "{markdown}");
    assert!(!markdown.contains("nothing is known"), "{markdown}");
}

#[test]
fn explain_says_while_which_setting_is_what() {
    let wanted = policy([format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], reveal: {{status: DISABLED}}")]);
    let waiver = format!(
        "waivers:\n  - {{accounts: [\"{ACCOUNT}\"], while_live: {{reveal: {{status: ENABLED}}}}, reason: agreed, expires: 2099-12-31}}\n"
    );
    let site = Site::new(&World::new().account(ACCOUNT, ""), [""; 0]).file("a.yaml", wanted + &waiver);
    let text = one_line(&site.run(&["explain", &format!("{ACCOUNT}/eu-west-1"), "a.yaml"], 0).stdout);
    assert!(text.contains("while reveal.status is ENABLED: agreed"), "{text}");
}
