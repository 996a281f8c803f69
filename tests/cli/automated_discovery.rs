//! The setting `automated_discovery.status`, which a call of its own reads: known, drifted, waived, or unread by itself.

use serde_json::Value;

use crate::support::{ACCOUNT, CALLER, Driftline, Site, World, policy};

const ON: &str = "sessions: {\"*\": {automated_discovery: {status: ENABLED}}}";
const OFF: &str = "sessions: {\"*\": {}}";
const WANTED: &str = "regions: [eu-west-1], status: ENABLED, automated_discovery: {status: ENABLED}";
const CONFIGURATION: &str = "macie2:GetAutomatedDiscoveryConfiguration";

fn site(account: &str, declaration: &str) -> Site {
    let declaration = format!("accounts: [\"{ACCOUNT}\"], {declaration}");
    Site::new(&World::new().account(ACCOUNT, account), [declaration])
}

/// A file as it is, times included.
fn raw(program: &Driftline, file: &str) -> String {
    std::fs::read_to_string(program.path(file)).expect("a file")
}

/// The only target of a report.
fn target(site: &Site, exit: i32) -> Value {
    let ran = site.run(&["check", "a.yaml", "--report", "json"], exit);
    serde_json::from_str::<Value>(&ran.stdout).expect("JSON")["targets"][0].clone()
}

/// Outcome and live value of the discovery of a target.
fn discovery(target: &Value) -> (String, Value) {
    let rows = target["settings"].as_array().expect("settings");
    let row = rows.iter().find(|row| row["setting"] == "automated_discovery.status").expect("the row");
    (row["outcome"].as_str().expect("a word").to_owned(), row["live"].clone())
}

#[test]
fn it_is_read_compared_and_reported() {
    let on = target(&site(ON, WANTED), 0);
    assert_eq!(discovery(&on), ("in_sync".to_owned(), "ENABLED".into()));
    assert_eq!(
        (&on["resource"], &on["live"]["automated_discovery.status"]),
        (&"macie_session".into(), &"ENABLED".into())
    );
    let off = target(&site(OFF, WANTED), 2);
    assert_eq!(discovery(&off), ("drifted".to_owned(), "DISABLED".into()));
    let paused = "sessions: {\"*\": {status: PAUSED, automated_discovery: {status: ENABLED}}}";
    let paused = target(&site(paused, "regions: [eu-west-1], automated_discovery: {status: [DISABLED, ENABLED]}"), 0);
    assert_eq!(discovery(&paused), ("in_sync".to_owned(), "ENABLED".into()), "a paused session is read");
}

#[test]
fn a_session_that_is_off_has_none() {
    let off = target(&site("", WANTED), 2);
    assert_eq!(discovery(&off), ("not_applicable".to_owned(), Value::Null), "one fact is one drift");
    let alone = target(&site("", "regions: [eu-west-1], automated_discovery: {status: ENABLED}"), 0);
    assert_eq!(alone["outcome"], "not_applicable");
    let alone = site("", "regions: [eu-west-1], automated_discovery: {status: ENABLED}").run(&["check", "a.yaml"], 0);
    alone.says("`automated_discovery` is declared without `status`; a session that is off is not drift");
    let beside = site(ON, WANTED).run(&["check", "a.yaml"], 0);
    assert!(!beside.stderr.contains("without `status`"), "{}", beside.stderr);
}

#[test]
fn a_denied_call_makes_only_its_own_setting_unread() {
    let denied = format!("{OFF}, denials: [{{actions: [\"{CONFIGURATION}\"]}}]");
    let unread = target(&site(&denied, WANTED), 4);
    assert_eq!((&unread["outcome"], &unread["unread"]), (&"unread".into(), &Value::Null), "the status is known");
    let row = &unread["settings"][1];
    assert_eq!((&row["outcome"], &row["unread"]["reason"]), (&"unread".into(), &"denied".into()));
    assert_eq!(row["unread"]["action"], CONFIGURATION);
    assert!(unread["live"].get("automated_discovery.status").is_none() && unread["live"]["status"] == "ENABLED");
    // Drift is not hidden by what is unread beside it.
    let both = site(&denied, "regions: [eu-west-1], status: PAUSED, automated_discovery: {status: ENABLED}");
    both.run(&["check", "a.yaml", "--report", "json=last.json"], 6);
    let report: Value = serde_json::from_str(&both.program.read("last.json")).expect("JSON");
    assert_eq!(
        (&report["verdict"], &report["targets"][0]["outcome"]),
        (&"drift_and_incomplete".into(), &"drifted".into())
    );
    assert_eq!((&report["ledger"]["partly_unread"], &report["ledger"]["unread"]), (&1.into(), &0.into()));
    assert_eq!(report["ledger_by_resource"]["macie_session"], report["ledger"]);
    // What is said of it can be read back and rendered.
    assert!(both.run(&["report", "last.json", "--report", "csv"], 6).stdout.contains("denied"));
    both.run(&["check", "a.yaml", "--only-unread", "last.json"], 6);
    both.run(&["check", "a.yaml", "--since", "last.json"], 6);
}

#[test]
fn answers_that_make_no_sense_are_no_values() {
    for (fault, reason) in [
        ("empty_200", "unintelligible"),
        ("{answer: {status: 200, body: \"{}\"}}", "unintelligible"),
        ("{answer: {status: 200, body: \"{\\\"status\\\": \\\"ASLEEP\\\"}\"}}", "unintelligible"),
        ("throttle", "throttled"),
    ] {
        let world = World::new().account(ACCOUNT, OFF).fault_of(CONFIGURATION, ACCOUNT, fault);
        let site = Site::new(&world, [format!("accounts: [\"{ACCOUNT}\"], {WANTED}")]);
        let target = target(&site, 4);
        assert_eq!(target["settings"][1]["unread"]["reason"], reason, "{fault}");
    }
}

#[test]
fn a_member_is_asked_about_itself() {
    let world = |denied: &str| {
        World::new()
            .organization(&format!("management: \"000011112222\", macie_administrator: \"{CALLER}\""))
            .account("000011112222", "")
            .account(CALLER, OFF)
            .account(ACCOUNT, &format!("{ON}, administrator: \"{CALLER}\"{denied}"))
    };
    let declaration = format!("accounts: [\"{ACCOUNT}\"], {WANTED}");
    let member = Site::new(&world(""), [&declaration]);
    assert_eq!(discovery(&target(&member, 0)), ("in_sync".to_owned(), "ENABLED".into()));
    let calls = member.simulation.calls();
    assert!(
        calls.contains_key("macie2:ListAutomatedDiscoveryAccounts") && !calls.contains_key(CONFIGURATION),
        "{calls:?}"
    );
    let denied = Site::new(&world(", denials: [{actions: [\"macie2:GetAdministratorAccount\"]}]"), [&declaration]);
    assert_eq!(discovery(&target(&denied, 4)).0, "unread", "whether it is a member is not guessed");
}

#[test]
fn policies_name_it_by_its_nested_key() {
    for (declaration, told) in [
        ("automated_discovery: {mode: ENABLED}", "`mode` is not a key of `automated_discovery`"),
        ("automated_discovery: {status: ON}", "\"ON\" is not a value of `status`"),
        ("automated_discovery: {}", "`automated_discovery` declares no setting"),
        (
            "status: NOT_ENABLED, automated_discovery: {status: DISABLED}",
            "automated discovery is declared for a session",
        ),
    ] {
        let program = Driftline::new().policy("a.yaml", policy([declaration]));
        let ran = program.args(["validate", "a.yaml"]).run(1);
        assert!(ran.stderr.contains(told) || ran.stdout.contains(told), "{declaration}: {}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn waivers_name_it_in_a_table() {
    let run_with_waiver = |while_live: &str| {
        let policy = policy([&format!("accounts: [\"{ACCOUNT}\"], {WANTED}")]);
        let waiver = format!("waivers:\n  - {{reason: r, expires: 2099-12-31, while_live: {while_live}}}\n");
        Site::new(&World::new().account(ACCOUNT, OFF), [""; 0]).file("a.yaml", format!("{policy}{waiver}"))
    };
    let table = run_with_waiver("{automated_discovery: {status: DISABLED}}");
    let target = target(&table, 0);
    assert_eq!(discovery(&target), ("waived".to_owned(), "DISABLED".into()));
    let waiver = &target["settings"][1]["waiver"];
    assert_eq!(waiver["while_live"], serde_json::json!(["DISABLED"]));
    assert_eq!(waiver["while_live_by_setting"], serde_json::json!({"automated_discovery.status": ["DISABLED"]}));
    let bare = run_with_waiver("DISABLED").run(&["check", "a.yaml"], 1);
    assert!(bare.stderr.contains("DISABLED needs the name of its setting"), "{}", bare.stderr);
}

#[test]
fn a_plan_reports_it_and_changes_nothing() {
    let plan = site(OFF, WANTED).run(&["plan", "a.yaml", "--report", "json"], 2).stdout;
    let plan: Value = serde_json::from_str(&plan).expect("JSON");
    assert_eq!((&plan["steps"], &plan["blocked"][0]["block_reason"]), (&serde_json::json!([]), &"report_only".into()));
    let remediation = plan["blocked"][0]["remediation"].as_str().expect("a text");
    assert!(
        remediation.contains(
            "aws macie2 update-automated-discovery-configuration --status ENABLED \
             --auto-enable-organization-members <ALL|NEW|NONE, as it is now> --region eu-west-1"
        ),
        "the mode of the organization stays as it is: {remediation}"
    );
    let member = format!(
        "aws macie2 batch-update-automated-discovery-accounts --accounts accountId={ACCOUNT},status=ENABLED --region eu-west-1"
    );
    assert!(remediation.contains(&member) && !remediation.contains("NONE -"), "{remediation}");
}

#[test]
fn the_iam_policy_has_its_actions_where_it_is_declared() {
    let actions = |declaration: &str| {
        let program = Driftline::new().policy("a.yaml", policy([declaration]));
        program.args(["iam-policy", "check", "a.yaml"]).run(0).stdout
    };
    assert!(actions(WANTED).contains(CONFIGURATION) && !actions("status: ENABLED").contains(CONFIGURATION));
}

#[test]
fn a_snapshot_keeps_what_was_unread_and_why() {
    let site = site(&format!("{OFF}, denials: [{{actions: [\"{CONFIGURATION}\"]}}]"), WANTED);
    let saved = site.run(&["snapshot", "a.yaml", "--out", "s.json"], 4);
    assert_eq!(saved.stdout, "saved: 22 targets, 0 of them unread, 1 known in part, in s.json\n");
    let asked = site.simulation.calls();
    let snapshot: Value = serde_json::from_str(&raw(&site.program, "s.json")).expect("JSON");
    let targets = snapshot["targets"].as_array().expect("targets");
    let target = targets.iter().find(|target| target["region"] == "eu-west-1").expect("the declared target");
    let mut kept = target["unread_settings"]["automated_discovery.status"].clone();
    assert!(kept["request_id"].is_string() && kept["code"].is_string() && kept["message"].is_string(), "{kept}");
    site.run(&["check", "a.yaml", "--live", "s.json", "--report", "json=live.json"], 4);
    let report: Value = serde_json::from_str(&raw(&site.program, "live.json")).expect("JSON");
    assert_eq!(kept.get("expected"), None, "a snapshot knows no waivers");
    kept["expected"] = Value::Null;
    assert_eq!(report["targets"][0]["settings"][1]["unread"], kept, "with its reason, not `not_listed`");
    assert_eq!(kept["reason"], "denied");
    assert_eq!(site.simulation.calls(), asked, "nobody is asked");
    // A snapshot that was taken for other policies does not hold the setting.
    let site = site.file("b.yaml", policy([&format!("accounts: [\"{ACCOUNT}\"], status: ENABLED")]));
    site.run(&["snapshot", "b.yaml", "--out", "s.json"], 0);
    let report = site.run(&["check", "a.yaml", "--live", "s.json", "--report", "json"], 4).json();
    assert_eq!(report["targets"][0]["settings"][1]["unread"]["reason"], "not_listed");
}

#[test]
fn a_snapshot_that_contradicts_itself_is_refused() {
    let site = site(&format!("{OFF}, denials: [{{actions: [\"{CONFIGURATION}\"]}}]"), WANTED);
    site.run(&["snapshot", "a.yaml", "--out", "s.json"], 4);
    let text = raw(&site.program, "s.json");
    for (from, to, told) in [
        (
            "\"unread_settings\":{\"automated_discovery.status\"",
            "\"unread_settings\":{\"status\"",
            "something is known of it",
        ),
        ("\"reason\":\"denied\"", "\"reason\":\"moody\"", "moody"),
    ] {
        assert!(text.contains(from), "{text}");
        std::fs::write(site.program.path("bad.json"), text.replace(from, to)).expect("a file");
        site.run(&["check", "a.yaml", "--live", "bad.json"], 1).says(told);
    }
}

/// A report in a format, of a denied discovery beside a status that is as declared, or not.
fn rendered(format: &str, status: &str, exit: i32) -> String {
    let denied = format!("{OFF}, denials: [{{actions: [\"{CONFIGURATION}\"]}}]");
    let site =
        site(&denied, &format!("regions: [eu-west-1], status: {status}, automated_discovery: {{status: ENABLED}}"));
    if format == "asff" {
        site.run(&["check", "a.yaml", "--report", "asff=findings"], exit);
        return raw(&site.program, &format!("findings/{ACCOUNT}.eu-west-1.001.asff.json"));
    }
    site.run(&["check", "a.yaml", "--metrics-detail", "target", "--report", format], exit).stdout.replace("<wbr>", "")
}

#[test]
fn every_format_shows_a_target_that_is_known_in_part() {
    let key = "automated_discovery.status";
    // What a report holds beside a drift, and beside a status that is as declared.
    let rows: [(&str, &[&str], &[&str]); 13] = [
        (
            "text",
            &[
                "1 drifted",
                "1 of the drifted partly unread",
                "1 target is not as wanted, 1 of them partly unread",
                "unread: denied",
            ],
            &["+ 1 unread", "incomplete: 1 target could not be read", "unread: denied"],
        ),
        (
            "markdown",
            &[
                "## driftline: 1 drifted (1 of them partly unread) of 1 target",
                "1 target could be read only in part",
                key,
            ],
            &["## driftline: 1 unread of 1 target", "1 target could be read only in part", key],
        ),
        (
            "html",
            &["1 drifted (1 partly unread) of 1 target", "1 of them partly unread", "id=\"unread-title\"", key],
            &["id=\"unread-title\"", key],
        ),
        (
            "slack",
            &["drift and incomplete, 1 of 1 target drifted, 1 of them partly unread", "unread (denied"],
            &["incomplete, 1 of 1 target unread", "unread (denied"],
        ),
        (
            "sns",
            &["drift and incomplete, 1 of 1 target drifted, 1 of them partly unread", "unread (denied"],
            &["incomplete, 1 of 1 target unread", "unread (denied"],
        ),
        (
            "csv",
            &[",status,drifted,", ",automated_discovery.status,unread,", ",denied,"],
            &[",status,in_sync,", ",automated_discovery.status,unread,", ",denied,"],
        ),
        ("sarif", &["\"ruleId\": \"DL1001\"", "\"ruleId\": \"DL90", key], &["\"ruleId\": \"DL90", key]),
        (
            "junit",
            &["failures=\"1\" errors=\"1\"", "type=\"denied\"", "session.automated_discovery.status"],
            &["failures=\"0\" errors=\"1\"", "type=\"denied\""],
        ),
        (
            "codequality",
            &["automated_discovery.status: unread (denied)", "status: want PAUSED, is ENABLED"],
            &["automated_discovery.status: unread (denied)"],
        ),
        (
            "ocsf",
            &["\"status\":\"Unknown\"", "\"status\":\"Fail\""],
            &["\"status\":\"Unknown\"", "\"status\":\"Pass\""],
        ),
        ("asff", &["\"NOT_AVAILABLE\"", "\"FAILED\""], &["\"NOT_AVAILABLE\"", "\"PASSED\""]),
        (
            "prometheus",
            &["driftline_check_success{policy_set=\"default\"} 0"],
            &["driftline_check_success{policy_set=\"default\"} 0"],
        ),
        ("github", &["could not be read (denied)", "status is 'ENABLED'"], &["could not be read (denied)"]),
    ];
    for (format, beside_drift, beside_in_sync) in rows {
        for (status, exit, parts) in [("PAUSED", 6, beside_drift), ("ENABLED", 4, beside_in_sync)] {
            let text = rendered(format, status, exit);
            for part in parts {
                assert!(text.contains(part), "{format}, exit {exit}: {part} is not in\n{text}");
            }
        }
    }
}

#[test]
fn metrics_and_outputs_count_a_target_that_is_known_in_part() {
    for (status, exit, partly) in [("PAUSED", 6, 1), ("ENABLED", 4, 0)] {
        let metrics = rendered("openmetrics", status, exit);
        let up = metrics.lines().find(|line| line.starts_with("driftline_target_up{")).expect("the target");
        assert!(up.ends_with(" 0"), "{metrics}");
        assert!(!metrics.contains("\ndriftline_last_success_timestamp_seconds{"), "{metrics}");
        let denied = format!("{OFF}, denials: [{{actions: [\"{CONFIGURATION}\"]}}]");
        let declaration = format!("regions: [eu-west-1], status: {status}, automated_discovery: {{status: ENABLED}}");
        let mut site = site(&denied, &declaration).file("output", "").file("summary.md", "");
        site.program = site.program.env("GITHUB_OUTPUT", "output").env("GITHUB_STEP_SUMMARY", "summary.md");
        site.run(&["check", "a.yaml", "--report", "github"], exit);
        let outputs = site.program.read("output");
        assert!(outputs.contains(&format!("partly-unread={partly}\n")), "{outputs}");
        let summary = site.program.read("summary.md");
        assert!(
            summary.contains("<summary>Unread (1)") && summary.contains("`automated_discovery.status`: `denied`"),
            "{summary}"
        );
        assert_eq!(summary.contains("1 of 1 target drifted, 1 of them partly unread."), partly == 1, "{summary}");
    }
}

#[test]
fn a_setting_that_is_readable_again_is_resolved() {
    let denied = format!("{OFF}, denials: [{{actions: [\"{CONFIGURATION}\"]}}]");
    let policy = policy([&format!("accounts: [\"{ACCOUNT}\"], {WANTED}")]);
    let program = Driftline::new().policy("a.yaml", policy).world(&World::new().account(ACCOUNT, &denied));
    let check = ["check", "a.yaml", "--simulate", "world.yaml", "--since", "last.json"];
    program.run_with(&check, 4);
    let program = program.world(&World::new().account(ACCOUNT, ON));
    program.run_with(&check, 0);
    let report: Value = serde_json::from_str(&raw(&program, "last.json")).expect("JSON");
    let resolved = &report["changes"]["resolved"][0];
    assert_eq!((&resolved["resource"], &resolved["was"]), (&"macie_session".into(), &"unread denied".into()));
    assert_eq!(
        (&resolved["setting"], &resolved["kind"]),
        (&"automated_discovery.status".into(), &"readable_again".into())
    );
    // The report can be read back, one from before resources had names as well.
    let older = raw(&program, "last.json").replace("\"resource\":\"macie_session\",", "");
    std::fs::write(program.path("older.json"), older).expect("a file");
    program.run_with(&["report", "last.json", "--report", "text"], 0);
    program.run_with(&["report", "older.json", "--report", "text"], 0);
}
