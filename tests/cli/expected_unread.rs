//! Waivers that expect targets to be unread: they stay unread, are counted apart, and make no run incomplete.

use serde_json::{Value, json};

use crate::support::{ACCOUNT, CALLER, Driftline, Ran, World, policy};

/// An account whose role may not be assumed.
const ACQUIRED: &str = "222233334444";
/// An account whose role may not read Macie.
const DENIED: &str = "333344445555";

const CHECK: [&str; 4] = ["check", "a.yaml", "--simulate", "world.yaml"];
const DISCOVERY: &str = "macie2:GetAutomatedDiscoveryConfiguration";

fn world() -> World {
    World::new()
        .enabled(ACCOUNT)
        .account(ACQUIRED, "sessions: {\"*\": {}}, roles: []")
        .account(DENIED, "sessions: {\"*\": {}}, denials: [{actions: [\"macie2:*\"]}]")
}

/// A program with a policy for accounts in eu-west-1 and these waivers, in YAML's flow style without braces.
fn program(world: &World, accounts: &[&str], waivers: &[&str]) -> Driftline {
    let settings = "status: ENABLED, finding_publishing_frequency: [FIFTEEN_MINUTES, ONE_HOUR]";
    with_settings(world, accounts, settings, waivers)
}

fn with_settings(world: &World, accounts: &[&str], settings: &str, waivers: &[&str]) -> Driftline {
    let accounts: Vec<String> = accounts.iter().map(|id| format!("\"{id}\"")).collect();
    let declared = format!("accounts: [{}], regions: [eu-west-1], {settings}", accounts.join(", "));
    let waivers: Vec<String> =
        waivers.iter().map(|waiver| format!("  - {{reason: the role comes in March, {waiver}}}\n")).collect();
    let waivers = if waivers.is_empty() { String::new() } else { format!("waivers:\n{}", waivers.concat()) };
    Driftline::new().policy("a.yaml", policy([declared]) + &waivers).world(world)
}

fn expecting(account: &str, terms: &str) -> String {
    format!("accounts: [\"{account}\"], owner: platform@example.com, {terms}")
}

fn report(program: &Driftline, exit: i32) -> Value {
    program.run_with(&[&CHECK[..], &["--report", "json", "--as-of", "2027-01-15"]].concat(), exit).json()
}

fn check(program: &Driftline, exit: i32) -> Ran {
    program.run_with(&[&CHECK[..], &["--as-of", "2027-01-15"]].concat(), exit)
}

/// Covered, uncovered, in sync, unread of each waiver.
fn counts(report: &Value) -> Vec<[u64; 4]> {
    let count = |waiver: &Value| {
        ["covered", "uncovered", "in_sync", "unread"].map(|field| waiver[field].as_u64().expect("a number"))
    };
    report["waivers"].as_array().expect("waivers").iter().map(count).collect()
}

#[test]
fn an_expected_unread_target_is_neither_in_sync_nor_incomplete() {
    let waiver = expecting(ACQUIRED, "unread: [role_not_assumable], expires: 2027-03-31");
    let program = program(&world(), &[ACCOUNT, ACQUIRED], &[&waiver]);
    let report = report(&program, 0);
    assert_eq!(report["verdict"], "in_sync");
    let ledger = json!({"declared": 2, "in_sync": 1, "drifted": 0, "waived": 0, "not_applicable": 0, "unread": 1,
                        "partly_unread": 0, "expected_unread": 1});
    assert_eq!((&report["ledger"], &report["ledger_by_resource"]["macie_session"]), (&ledger, &ledger));
    let target = &report["targets"][1];
    assert_eq!((&target["outcome"], &target["unread"]["reason"]), (&json!("unread"), &json!("role_not_assumable")));
    let expected = json!({"reason": "the role comes in March", "owner": "platform@example.com", "expires": "2027-03-31",
                          "origin": {"file": "a.yaml", "line": 5, "column": 5, "declaration": null}});
    assert_eq!(target["unread"]["expected"], expected);
    for row in target["settings"].as_array().expect("settings") {
        assert_eq!((&row["outcome"], &row["unread"]["expected"]), (&json!("unread"), &expected));
        assert_eq!((&row["waiver"], &row["lapsed_waivers"]), (&Value::Null, &json!([])));
    }
    assert_eq!(report["waivers"][0]["unread_reasons"], json!(["role_not_assumable"]));
    assert_eq!(counts(&report), [[2, 0, 0, 0]]);
    let text = check(&program, 0).stdout;
    assert!(text.contains("no drift; 1 unread as expected, until 2027-03-31"), "{text}");
    assert!(!text.contains("Verdict   in sync"), "{text}");
}

#[test]
fn only_the_listed_reason_and_only_until_its_day() {
    let expired = expecting(ACQUIRED, "unread: role_not_assumable, expires: 2027-01-14");
    let other = expecting(ACQUIRED, "unread: [denied, region_off], expires: 2027-03-31");
    let today = expecting(ACQUIRED, "unread: role_not_assumable, expires: 2027-01-15");
    let part = expecting(ACQUIRED, "unread: role_not_assumable, settings: status, expires: 2027-03-31");
    let drift = expecting(ACQUIRED, "expires: 2027-03-31");
    for (waiver, exit, why, count) in [
        (&expired, 4, Some("expired"), [0, 2, 0, 0]),
        (&other, 4, Some("other_reason"), [0, 2, 0, 0]),
        (&today, 0, None, [2, 0, 0, 0]),
        (&part, 4, None, [1, 0, 0, 0]),
        // A waiver of drift is not about what is unread.
        (&drift, 4, None, [0, 0, 0, 2]),
    ] {
        let program = program(&world(), &[ACCOUNT, ACQUIRED], &[waiver]);
        let report = report(&program, exit);
        let target = &report["targets"][1];
        assert_eq!(target["unread"]["expected"].is_null(), exit == 4, "{waiver}");
        assert_eq!(target["settings"][1]["lapsed_waivers"][0]["why"], json!(why), "{waiver}");
        assert_eq!(counts(&report), [count], "{waiver}");
        assert_eq!(report["ledger"]["expected_unread"], u64::from(exit == 0), "{waiver}");
    }
}

#[test]
fn the_waiver_that_lasts_longest_is_named_and_one_that_lapsed_counts_nothing_beside_it() {
    let waivers = [
        expecting(ACQUIRED, "unread: role_not_assumable, expires: 2027-02-28"),
        expecting(ACQUIRED, "unread: role_not_assumable, expires: 2027-03-31"),
        expecting(ACQUIRED, "unread: denied, expires: 2027-03-31"),
    ];
    let program = program(&world(), &[ACCOUNT, ACQUIRED], &[&waivers[0], &waivers[1], &waivers[2]]);
    let report = report(&program, 0);
    assert_eq!(report["targets"][1]["unread"]["expected"]["expires"], "2027-03-31");
    assert_eq!(report["targets"][1]["settings"][0]["lapsed_waivers"][0]["why"], "other_reason");
    assert_eq!(counts(&report), [[2, 0, 0, 0], [2, 0, 0, 0], [0, 0, 0, 0]]);
}

#[test]
fn what_is_read_needs_no_expectation() {
    let waiver = expecting(ACCOUNT, "unread: [denied, role_not_assumable], expires: 2027-03-31");
    let paused = World::new().account(ACCOUNT, "sessions: {\"*\": {status: PAUSED}}");
    let program = program(&paused, &[ACCOUNT], &[&waiver]);
    let report = report(&program, 2);
    assert_eq!((&report["verdict"], &report["targets"][0]["settings"][0]["waiver"]), (&json!("drift"), &Value::Null));
    assert_eq!(report["targets"][0]["settings"][0]["lapsed_waivers"], json!([]), "the waiver is not about drift");
    assert_eq!(counts(&report), [[0, 0, 2, 0]]);
    assert!(check(&program, 2).stdout.contains("covers nothing now: what it expects to be unread was read"));
}

#[test]
fn a_run_that_learns_nothing_is_never_green() {
    let waivers = [
        expecting(ACQUIRED, "unread: role_not_assumable, expires: 2027-03-31"),
        expecting(DENIED, "unread: denied, expires: 2027-03-31"),
    ];
    let program = program(&world(), &[ACQUIRED, DENIED], &[&waivers[0], &waivers[1]]);
    let report = report(&program, 4);
    assert_eq!((&report["verdict"], &report["ledger"]["expected_unread"]), (&json!("incomplete"), &json!(2)));
    assert!(check(&program, 4).stdout.contains("incomplete: no target could be read; 2 unread as expected"));
    program.run_with(&["plan", "a.yaml", "--simulate", "world.yaml", "--as-of", "2027-01-15"], 4);
    // The whole is judged, also when it is put together again, and each part by itself.
    let all = program_of_three();
    let whole = self::report(&all, 0);
    let mut exits = Vec::new();
    for nth in 1..=4 {
        let (part, file) = (format!("{nth}/4"), format!("json={nth}.json"));
        let arguments = ["--as-of", "2027-01-15", "--shard", &part, "--report", &file];
        let ran = all.command().args([&CHECK[..], &arguments].concat()).output().expect("the program runs");
        let ledger = saved(&all, &format!("{nth}.json"))["ledger"].clone();
        let is_blind = ledger["declared"] != 0 && ledger["declared"] == ledger["unread"];
        all.assert_exit(&ran, if is_blind { 4 } else { 0 });
        exits.push(is_blind);
    }
    assert!(exits.contains(&true) && exits.contains(&false), "{exits:?}");
    let merged = all.run_with(&["report", "1.json", "2.json", "3.json", "4.json", "--report", "json"], 0).json();
    assert_eq!((&merged["verdict"], &merged["ledger"]), (&whole["verdict"], &whole["ledger"]));
    assert_eq!(counts(&merged), counts(&whole));
}

/// Three accounts, one of which can be read, and what is unread of the others expected.
fn program_of_three() -> Driftline {
    let waivers = [
        expecting(ACQUIRED, "unread: role_not_assumable, expires: 2027-03-31"),
        expecting(DENIED, "unread: denied, expires: 2027-03-31"),
    ];
    program(&world(), &[ACCOUNT, ACQUIRED, DENIED], &[&waivers[0], &waivers[1]])
}

/// A JSON file of a program, times included.
fn saved(program: &Driftline, file: &str) -> Value {
    serde_json::from_slice(&std::fs::read(program.path(file)).expect("a file")).expect("JSON")
}

#[test]
fn a_setting_alone_may_be_expected_to_be_unread() {
    let denials = format!("denials: [{{actions: [\"{DISCOVERY}\"]}}]");
    let declared = "status: ENABLED, automated_discovery: {status: ENABLED}";
    let waiver = expecting(ACCOUNT, "unread: denied, settings: [automated_discovery.status], expires: 2027-03-31");
    let world = |session: &str| World::new().account(ACCOUNT, &format!("sessions: {{\"*\": {session}}}, {denials}"));
    let known = with_settings(&world("{}"), &[ACCOUNT], declared, &[&waiver]);
    let report = report(&known, 0);
    let target = &report["targets"][0];
    assert_eq!((&target["outcome"], &target["unread"]), (&json!("unread"), &Value::Null));
    assert_eq!((&report["ledger"]["unread"], &report["ledger"]["expected_unread"]), (&json!(1), &json!(1)));
    assert_eq!(target["settings"][1]["unread"]["expected"]["expires"], "2027-03-31");
    assert_eq!(counts(&report), [[1, 0, 0, 0]]);
    // Drifted and partly unread as expected is drift, and nothing else.
    let drifted = with_settings(&world("{status: PAUSED}"), &[ACCOUNT], declared, &[&waiver]);
    let report = self::report(&drifted, 2);
    let ledger = &report["ledger"];
    assert_eq!((&report["verdict"], &ledger["drifted"]), (&json!("drift"), &json!(1)));
    assert_eq!((&ledger["partly_unread"], &ledger["expected_unread"]), (&json!(1), &json!(0)));
    let text = check(&drifted, 2).stdout;
    assert!(text.contains("drift: 1 target is not as wanted, 1 of them partly unread as expected"), "{text}");
    drifted.run_with(&["plan", "a.yaml", "--simulate", "world.yaml", "--as-of", "2027-01-15"], 2);
}

#[test]
fn a_plan_is_complete_without_what_is_unread_as_expected() {
    let waiver = expecting(ACQUIRED, "unread: role_not_assumable, expires: 2027-03-31");
    let paused = World::new()
        .account(ACCOUNT, "sessions: {\"*\": {status: PAUSED}}")
        .account(ACQUIRED, "sessions: {\"*\": {}}, roles: []");
    let program = program(&paused, &[ACCOUNT, ACQUIRED], &[&waiver]);
    let plan = ["plan", "a.yaml", "--simulate", "world.yaml", "--as-of", "2027-01-15"];
    let document = program.run_with(&[&plan[..], &["--report", "json"]].concat(), 2).json();
    assert_eq!((&document["summary"]["unread"], &document["summary"]["expected_unread"]), (&json!(1), &json!(1)));
    assert_eq!(document["unread"][0]["expected"]["owner"], "platform@example.com");
    let text = program.run_with(&plan, 2).stdout;
    assert!(text.contains("1 target could not be read and is left alone, as expected"), "{text}");
    let nothing = self::program(&world(), &[ACCOUNT, ACQUIRED], &[&waiver]);
    nothing.run_with(&plan, 0);
    // Nothing is known of what is kept, though something is of the rest.
    let blind = format!("{ACQUIRED}/eu-west-1");
    nothing.run_with(&[&plan[..], &["--only", &blind]].concat(), 4);
    nothing.run_with(&[&plan[..], &["--only", &blind, "--only", &format!("{ACCOUNT}/eu-west-1")]].concat(), 0);
}

#[test]
fn a_saved_report_is_rendered_again_and_checked() {
    let program = program_of_three();
    let save = ["--as-of", "2027-01-15", "--report", "json=last.json"];
    program.run_with(&[&CHECK[..], &save].concat(), 0);
    program.run_with(&["report", "last.json", "--report", "json=again.json"], 0);
    assert_eq!(saved(&program, "again.json"), saved(&program, "last.json"));
    let live = ["check", "a.yaml", "--live", "s.json", "--as-of", "2027-01-15"];
    program.run_with(&["snapshot", "a.yaml", "--simulate", "world.yaml", "--out", "s.json"], 4);
    assert!(!program.read("s.json").contains("expected"), "a snapshot knows no waivers");
    program.run_with(&live, 0);
    let expected = json!({"reason": "r", "owner": null, "expires": "2027-03-31",
                          "origin": {"file": "a.yaml", "line": 5, "column": 5, "declaration": null}});
    let altered = |pointer: &str, value: Value| {
        let mut document = saved(&program, "last.json");
        *document.pointer_mut(pointer).expect("a field") = value;
        std::fs::write(program.path("bad.json"), document.to_string()).expect("a file");
        program.run_with(&["report", "bad.json"], 1).stderr
    };
    for (pointer, value, field) in [
        ("/ledger/expected_unread", json!(1), "`ledger`"),
        ("/verdict", json!("incomplete"), "`verdict`"),
        ("/targets/1/unread/expected", Value::Null, "`unread.expected`"),
        ("/targets/1/settings/0/unread/expected", Value::Null, "`ledger`"),
        ("/targets/1/settings/0/unread/expected/expires", json!("2027-01-14"), "`unread.expected`"),
        ("/targets/1/settings/0/unread/expected/expires", json!(7), "`targets[1].settings[0].unread.expected.expires`"),
        ("/targets/1/unread/reason", json!("throttled"), "`unread.expected`"),
        ("/targets/0/settings/0/unread", json!({"reason": "denied", "expected": expected}), "it cannot be in_sync"),
        ("/waivers/0/unread_reasons", json!([]), "`unread_reasons`"),
        ("/waivers/0/unread_reasons", json!(["throttled"]), "`unread_reasons`"),
        ("/waivers/0/unread_reasons", Value::Null, "`waivers[0]`: `covered`"),
        ("/waivers/0/covered", json!(0), "`waivers[0]`: `covered`"),
        ("/waivers/0/uncovered", json!(1), "`waivers[0]`: `uncovered`"),
    ] {
        let said = altered(pointer, value.clone());
        assert!(
            said.contains("bad.json: it is not a sound report: ") && said.contains(field),
            "{pointer} {value}: {said}"
        );
    }
}

#[test]
fn the_offline_commands_show_what_is_expected() {
    let waiver = expecting(ACQUIRED, "unread: [role_not_assumable, region_off], expires: 2027-03-31");
    let program = program(&world(), &[ACCOUNT, ACQUIRED], &[&waiver]);
    let target = format!("{ACQUIRED}/eu-west-1");
    let explain = ["explain", &target, "a.yaml", "--as-of", "2027-01-15"];
    let said = program.run_with(&explain, 0).stdout;
    assert!(said.contains("expected    until 2027-03-31, by platform@example.com, while it is unread:"), "{said}");
    let json = program.run_with(&[&explain[..], &["--report", "json"]].concat(), 0).json();
    assert_eq!(json["settings"][0]["waivers"][0]["unread_reasons"], json!(["role_not_assumable", "region_off"]));
    let after = program.run_with(&["explain", &target, "a.yaml", "--as-of", "2027-04-01"], 0).stdout;
    assert!(after.contains("not expected"), "{after}");
    let ending = program.run_with(&["validate", "a.yaml", "--as-of", "2027-03-31"], 0);
    ending.says("restore the access, or set a new `expires` date");
    // Another reason is another waiver.
    let old = self::program(&world(), &[ACCOUNT, ACQUIRED], &[&waiver.replace(", region_off", "")]);
    let text = std::fs::read_to_string(old.path("a.yaml")).expect("a file");
    let diff = program.file("old.yaml", text).run_with(&["diff", "old.yaml", "a.yaml"], 2).stdout;
    assert!(diff.contains("role_not_assumable or region_off"), "{diff}");
}

#[test]
fn an_expectation_changes_no_other_target() {
    let waiver = expecting(ACQUIRED, "unread: [role_not_assumable], expires: 2027-03-31");
    let world = world().account(CALLER, "sessions: {\"*\": {status: PAUSED}}");
    let accounts = [ACCOUNT, ACQUIRED, DENIED, CALLER];
    let targets = |waivers: &[&str]| {
        let report = report(&program(&world, &accounts, waivers), 6);
        let targets = report["targets"].as_array().expect("targets").clone();
        let of = |target: &&Value| target["account"] != ACQUIRED;
        targets
            .iter()
            .filter(of)
            .map(|target| (target["outcome"].clone(), target["settings"].clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(targets(&[]).len(), 3);
    assert_eq!(targets(&[]), targets(&[&waiver]));
}

#[test]
fn every_format_says_what_is_expected_and_none_says_in_sync_alone() {
    let program = program_of_three();
    let as_text = |format: &str| {
        let arguments = [&CHECK[..], &["--as-of", "2027-01-15", "--report", format]].concat();
        program.run_with(&arguments, 0).stdout
    };
    let expected = "unread as expected, the first until 2027-03-31";
    for format in ["text", "markdown", "slack", "sns", "html"] {
        let text = as_text(format);
        assert!(text.contains(expected) && !text.to_lowercase().contains("in sync;"), "{format}: {text}");
        assert!(!text.contains("driftline: in sync") && !text.contains("<h1>In sync"), "{format}: {text}");
    }
    let text = as_text("text");
    assert!(text.contains("expected until 2027-03-31: the role comes in March · a.yaml:5"), "{text}");
    assert!(!text.contains("fix: "), "there is nothing to do:\n{text}");
    let markdown = as_text("markdown");
    assert!(markdown.contains("<summary>Unread as expected (2)</summary>"), "{markdown}");
    assert!(!markdown.contains("[!WARNING]") && !markdown.contains("Not read"), "{markdown}");
    assert_eq!(as_text("github"), "", "no annotation");
    let html = as_text("html");
    assert!(html.contains("<h1>No drift</h1>") && html.contains("2 unread as expected</summary>"), "{html}");
    let junit = as_text("junit");
    assert!(
        junit.contains("unread as expected until 2027-03-31, role_not_assumable: the role comes in March"),
        "{junit}"
    );
    assert!(junit.contains("errors=\"0\"") && !junit.contains("<error"), "{junit}");
    let sarif: Value = serde_json::from_str(&as_text("sarif")).expect("JSON");
    let levels: Vec<&Value> =
        sarif["runs"][0]["results"].as_array().expect("results").iter().map(|result| &result["level"]).collect();
    assert_eq!(levels, [&json!("note"), &json!("note")]);
    assert_eq!(sarif["runs"][0]["results"][0]["relatedLocations"][0]["physicalLocation"]["region"]["startLine"], 5);
    let quality: Value = serde_json::from_str(&as_text("codequality")).expect("JSON");
    let severities: Vec<&Value> = quality.as_array().expect("entries").iter().map(|entry| &entry["severity"]).collect();
    assert_eq!(severities, [&json!("info"), &json!("info")]);
    let event: Value = serde_json::from_str(as_text("ocsf").lines().last().expect("a line")).expect("JSON");
    assert_eq!(
        (&event["status"], &event["compliance"]["status"], &event["severity"]),
        (&json!("Suppressed"), &json!("Unknown"), &json!("Informational"))
    );
    assert_eq!(event["unmapped"]["driftline"]["waiver"]["owner"], "platform@example.com");
    as_text("asff=asff");
    let finding = saved(&program, &format!("asff/{ACQUIRED}.eu-west-1.001.asff.json"))[0].clone();
    assert_eq!(finding["Compliance"]["Status"], "NOT_AVAILABLE");
    assert_eq!(finding["FindingProviderFields"]["Severity"]["Label"], "INFORMATIONAL");
    assert_eq!(finding["ProductFields"]["driftline/waiver_expires"], "2027-03-31");
    let csv = as_text("csv");
    assert!(csv.lines().next().expect("a head").contains(",remediation,expected_until,resource,sessions,"), "{csv}");
    assert_eq!(csv.lines().filter(|line| line.contains(",2027-03-31,macie_session,")).count(), 6, "{csv}");
    let summary = ["--as-of", "2027-01-15", "--report", "prometheus", "--metrics-detail", "summary"];
    let metrics = program.run_with(&[&CHECK[..], &summary].concat(), 0).stdout;
    for line in [
        "driftline_check_success{policy_set=\"default\"} 1",
        "driftline_last_success_timestamp_seconds{",
        "driftline_expected_unread_targets{policy_set=\"default\"} 2",
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
    let detail =
        [&CHECK[..], &["--as-of", "2027-01-15", "--report", "prometheus", "--metrics-detail", "target"]].concat();
    let detail = program.run_with(&detail, 0).stdout;
    let up = format!(
        "driftline_target_up{{account_id=\"{ACQUIRED}\",policy_set=\"default\",region=\"eu-west-1\",resource=\"macie_session\"}} 0"
    );
    assert!(detail.contains(&up), "{detail}");
}

/// The formats for machines follow the exit code: an expectation that does not count excuses nothing.
#[test]
fn an_expectation_that_does_not_count_excuses_nothing_in_any_format() {
    let waiver = expecting(ACQUIRED, "unread: role_not_assumable, expires: 2027-03-31");
    let blind = program(&world(), &[ACQUIRED], &[&waiver]);
    let before = World::new().enabled(ACCOUNT).account(ACQUIRED, "sessions: {\"*\": {status: PAUSED}}");
    let lost = program(&world(), &[ACCOUNT, ACQUIRED], &[&waiver]).file("before.yaml", before.to_string());
    let first =
        ["check", "a.yaml", "--simulate", "before.yaml", "--as-of", "2027-01-14", "--report", "json=before.json"];
    lost.run_with(&first, 2);
    for (program, exit, since, why) in [
        (&blind, 4, &[][..], "no target could be read"),
        (&lost, 2, &["--since", "before.json"][..], "the target drifted when it was last read"),
    ] {
        let run = |format| {
            let format = ["--as-of", "2027-01-15", "--report", format];
            program.run_with(&[&CHECK[..], since, &format].concat(), exit).stdout
        };
        let junit = run("junit");
        assert!(junit.contains("<error") && junit.contains(&format!("a waiver expects it, but {why}")), "{junit}");
        let codequality = run("codequality");
        assert!(codequality.contains("\"severity\": \"major\""), "{codequality}");
        assert!(!codequality.contains("\"info\""), "{codequality}");
        let sarif = run("sarif");
        assert!(sarif.contains("\"warning\"") && !sarif.contains("\"note\""), "{sarif}");
        let ocsf = run("ocsf");
        assert!(!ocsf.contains("Suppressed"), "{ocsf}");
        let github = run("github");
        assert!(github.contains("::warning"), "{github}");
    }
}

#[test]
fn the_job_of_a_workflow_is_told_the_number() {
    let program = program_of_three().env("GITHUB_ACTIONS", "true").file("out", "").file("summary", "");
    let (out, summary) = (program.path("out"), program.path("summary"));
    let program = program.env("GITHUB_OUTPUT", out).env("GITHUB_STEP_SUMMARY", summary);
    program.run_with(&[&CHECK[..], &["--as-of", "2027-01-15", "--report", "github"]].concat(), 0);
    assert!(program.read("out").contains("unread=2\n") && program.read("out").contains("expected-unread=2\n"));
    let summary = program.read("summary");
    assert!(summary.contains("## driftline: no drift; 2 unread as expected, the first until 2027-03-31"), "{summary}");
    assert!(
        summary.contains("<summary>Unread as expected (2)</summary>") && !summary.contains("<summary>Unread ("),
        "{summary}"
    );
}
