//! `driftline apply` where the plan does not cover all: unread targets, policies that are left out or match nothing, and documents
//! of a newer driftline.

use serde_json::Value;

use crate::support::{ACCOUNT, CALLER, Site, World, policy};

const OTHER: &str = "222233334444";

/// Six accounts that publish at another pace in eight Regions, two accounts without a role, and one that denies reading.
fn organization() -> Site {
    let mut world = World::new().organization(&format!(
        "management: \"000011112222\", delegated_administrators: [\"{CALLER}\"], macie_administrator: \"{CALLER}\""
    ));
    world = world.enabled("000011112222").enabled(CALLER);
    for digit in 1..=6 {
        world = world.account(
            &format!("{digit}{}", "0".repeat(11)),
            "sessions: {\"*\": {finding_publishing_frequency: SIX_HOURS}}",
        );
    }
    let world = world
        .account("700000000000", "roles: []")
        .account("800000000000", "roles: []")
        .account("900000000000", "denials: [{actions: [\"macie2:GetMacieSession\"]}]");
    let regions = "eu-central-1, eu-west-1, eu-west-2, eu-west-3, us-east-1, us-east-2, us-west-1, us-west-2";
    Site::new(&world, [format!("regions: [{regions}], finding_publishing_frequency: ONE_HOUR")])
        .settings("[inventory]\naccounts = \"organization\"\n[apply]\nmax_changes = 48\n")
}

#[test]
fn an_apply_of_all_steps_ends_well_beside_unread_targets() {
    let site = organization();
    site.run(&["plan", "a.yaml", "--out", "plan.json"], 6);
    let apply = ["apply", "plan.json", "--auto-approve", "--journal", "j.jsonl"];
    let told = site.run(&[&apply[..], &["--dry-run"]].concat(), 0).stdout;
    let ending = "48 changes could be made; nothing was changed. 24 targets were not part of it: unread\n";
    assert!(told.ends_with(&format!("Result    dry run: {ending}")), "{told}");
    assert!(told.contains("48 steps = 0 verified") && told.contains("48 would be called"), "{told}");
    let told = site.run(&apply, 0).stdout;
    let ending = "Result    48 changes made and verified. 24 targets were not part of it: unread\n";
    assert!(told.ends_with(ending), "{told}");
    assert_eq!(site.simulation.written().len(), 48);
    // There is nothing left to do, and the same targets are unread.
    let again = ["apply", "a.yaml", "--auto-approve", "--journal", "again.jsonl", "--report", "json"];
    let report = site.run(&again, 0).json();
    assert_eq!((&report["done"], &report["plan"]["summary"]["unread"]), (&Value::Bool(true), &24.into()));
}

#[test]
fn a_complete_apply_can_be_required() {
    let site = organization();
    let report = site.apply(&["--require-complete", "--report", "json"], 8).json();
    assert_eq!(report["totals"]["verified"], 48, "what can be read is changed all the same");
    assert_eq!(report["refusals"].as_array().map(Vec::len), Some(1));
    assert_eq!(report["refusals"][0]["guard"], "unread");
    assert_eq!(report["refusals"][0]["reason"], "24 targets could not be read and are left alone");
}

#[test]
fn what_a_waiver_expects_to_be_unread_completes_an_apply() {
    let waiver = |account: &str, reason: &str| {
        format!("  - {{accounts: [\"{account}\"], unread: [{reason}], reason: not ours, expires: 2999-01-01}}\n")
    };
    let roles = waiver("700000000000", "role_not_assumable") + &waiver("800000000000", "role_not_assumable");
    let denied = waiver("900000000000", "denied");
    let apply = ["apply", "a.yaml", "w.yaml", "--auto-approve", "--require-complete", "--journal"];
    let site = organization().file("w.yaml", format!("version: 1\nwaivers:\n{roles}"));
    let told = site.run(&[&apply[..], &["j.jsonl"]].concat(), 8).stdout;
    assert!(told.contains("refused (unread): 8 targets could not be read and are left alone"), "{told}");
    assert!(told.ends_with("48 verified. 24 targets were not part of it: unread, 16 of them as expected\n"), "{told}");
    let site = organization().file("w.yaml", format!("version: 1\nwaivers:\n{roles}{denied}"));
    let told = site.run(&[&apply[..], &["j.jsonl"]].concat(), 0).stdout;
    let ending = "48 changes made and verified. 24 targets were not part of it: unread, as expected\n";
    assert!(told.ends_with(ending), "{told}");
    // Where nothing at all could be read, no waiver helps.
    let world = World::new().account(ACCOUNT, "roles: []");
    let site = Site::new(&world, [format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: ENABLED")]);
    let site = site.file("w.yaml", format!("version: 1\nwaivers:\n{}", waiver(ACCOUNT, "role_not_assumable")));
    let report = site.run(&["apply", "a.yaml", "w.yaml", "--report", "json"], 8).json();
    assert_eq!(report["refusals"][0]["guard"], "nothing_read");
}

#[test]
fn where_nothing_could_be_read_nothing_is_well() {
    let world = World::new().account(ACCOUNT, "roles: []");
    let site = Site::new(&world, [format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: ENABLED")]);
    site.run(&["plan", "a.yaml", "--out", "plan.json"], 4);
    for arguments in [&["apply", "plan.json"][..], &["apply", "a.yaml", "--dry-run"]] {
        let ran = site.run(arguments, 8);
        assert!(ran.stdout.contains("refused (nothing_read): 0 of 1 declared targets could be read"), "{}", ran.stdout);
        assert!(ran.stdout.ends_with("Result    refused (nothing_read); nothing was changed\n"), "{}", ran.stdout);
    }
    // One target that was read is enough.
    let elsewhere = format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: ENABLED");
    let world = World::new().account(ACCOUNT, "roles: []").enabled(CALLER);
    let known = format!("accounts: [\"{CALLER}\"], regions: [eu-west-1], status: ENABLED");
    Site::new(&world, [elsewhere, known]).apply(&[], 0);
}

/// One account that publishes at another pace, by a baseline; and a waiver for it in a file of its own.
fn in_two_files() -> Site {
    let world = World::new().account(ACCOUNT, "sessions: {\"*\": {finding_publishing_frequency: SIX_HOURS}}");
    let site = Site::new::<&str>(&world, []);
    let baseline =
        format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1, eu-west-2], finding_publishing_frequency: ONE_HOUR");
    let waiver = format!(
        "version: 1\nwaivers:\n  - {{accounts: [\"{ACCOUNT}\"], regions: [eu-west-2], reason: exempt, expires: 2999-01-01}}\n"
    );
    std::fs::remove_file(site.program.path("a.yaml")).expect("a file");
    site.file("policies/baseline.yaml", policy([baseline])).file("policies/waivers.yaml", waiver)
}

const PART: [&str; 5] = ["apply", "policies/baseline.yaml", "--auto-approve", "--journal", "j.jsonl"];
const LEFT_OUT: &str = "1 file of the configured policies left out";

#[test]
fn a_part_of_the_policies_is_refused_unless_it_is_allowed() {
    let site = in_two_files();
    site.run(&["plan", "--out", "plan.json"], 2).stdout_has_no(LEFT_OUT);
    let plan =
        ["plan", "policies/baseline.yaml", "--out", "plan.json", "--report", "text", "--report", "markdown=plan.md"];
    let ran = site.run(&plan, 2);
    ran.says("warning: the plan leaves out 1 file of the configured policies: policies/waivers.yaml\n");
    assert!(ran.stdout.contains("left out: policies/waivers.yaml"), "{}", ran.stdout);
    assert!(site.program.read("plan.md").contains("left out: policies/waivers.yaml"));
    let plan: Value = serde_json::from_str(&site.program.read("plan.json")).expect("JSON");
    assert_eq!(plan["partial_policies"], serde_json::json!(["policies/waivers.yaml"]));
    for arguments in [&PART[..], &["apply", "plan.json", "--auto-approve", "--journal", "j.jsonl"]] {
        let ran = site.run(arguments, 8);
        ran.says("warning: the plan leaves out 1 file");
        assert!(
            ran.stdout.contains("refused (partial_policies): 1 file of the configured policies left out"),
            "{}",
            ran.stdout
        );
        assert!(!site.simulation.was_written_to());
    }
    site.run(&[&PART[..], &["--allow", "partial-policies"]].concat(), 0);
    assert_eq!(site.simulation.written().len(), 2);
}

#[test]
fn files_count_by_where_they_are_and_not_by_how_they_are_named() {
    let site = in_two_files();
    for whole in [
        &["plan", "policies/waivers.yaml", "policies/../policies/baseline.yaml"][..],
        &["plan", "."],
        &["plan", "policies"],
    ] {
        let ran = site.run(whole, 2);
        assert!(!ran.stderr.contains("leaves out"), "{}", ran.stderr);
    }
    // What is configured counts, and what is beside it does not.
    let site = site
        .settings("")
        .file("driftline.toml", "policies = [\"policies/baseline.yaml\"]\n[aws]\nrole_name = \"DriftlineRead\"\n");
    let ran = site.run(&["plan", "policies/baseline.yaml"], 2);
    assert!(!ran.stderr.contains("leaves out"), "{}", ran.stderr);
    let site = site
        .file("driftline.toml", "policies = [\"policies\", \"missing.yaml\"]\n[aws]\nrole_name = \"DriftlineRead\"\n");
    site.run(&["plan", "policies"], 2).says("leaves out 1 file of the configured policies: missing.yaml");
}

#[test]
fn an_apply_looks_again_which_policies_are_left_out() {
    let site = in_two_files();
    site.run(&["plan", "policies/baseline.yaml", "--out", "plan.json"], 2);
    let apply = ["apply", "plan.json", "--auto-approve", "--journal", "j.jsonl", "--report", "json"];
    let refused = |site: &Site| site.run(&apply, 8).json()["refusals"][0]["guard"].clone();
    assert_eq!(refused(&site), "partial_policies");
    std::fs::remove_file(site.program.path("policies/waivers.yaml")).expect("a file");
    site.run(&apply, 0);
    // A file that was added since is left out by a plan that was whole.
    let site = in_two_files();
    std::fs::remove_file(site.program.path("policies/waivers.yaml")).expect("a file");
    site.run(&["plan", "policies/baseline.yaml", "--out", "plan.json"], 2);
    let site = site.file("policies/more.yaml", "version: 1\nwaivers: []\n");
    assert_eq!(refused(&site), "partial_policies");
}

#[test]
fn what_matches_nothing_is_refused_unless_it_is_allowed() {
    let world = World::new()
        .account(ACCOUNT, "sessions: {\"*\": {finding_publishing_frequency: SIX_HOURS}}")
        .account(OTHER, "sessions: {\"*\": {finding_publishing_frequency: ONE_HOUR}}");
    let hourly = "finding_publishing_frequency: ONE_HOUR";
    let declared = format!("accounts: [\"{ACCOUNT}\", \"{OTHER}\"], regions: [eu-west-1]");
    let waiver = |account: &str, more: &str| {
        format!("  - {{accounts: [\"{account}\"], reason: exempt, expires: 2999-01-01{more}}}\n")
    };
    let apply = ["--report", "json"];
    for (declaration, waivers, message) in [
        (format!("{declared}, {hourly}"), waiver("333344445555", ""), "this waiver covers no declared setting"),
        (
            format!("{declared}, {hourly}"),
            waiver(OTHER, ", regions: [eu-west-2]"),
            "this waiver covers no declared setting",
        ),
        (
            format!("{declared}, except: {{accounts: [\"333344445555\"]}}, {hourly}"),
            String::new(),
            "1 account in the `except` of this declaration excludes nothing",
        ),
        (
            format!("{declared}, {hourly}"),
            format!("  - {{accounts: [\"{OTHER}\", \"333344445555\"], reason: exempt, expires: 2999-01-01}}\n"),
            "1 account of this waiver matches no target",
        ),
        (
            format!("{declared}, {hourly}"),
            waiver(&format!("{OTHER}\", \"333344445555"), ", settings: [status]"),
            "1 account of this waiver matches no target",
        ),
    ] {
        let text = format!("{}waivers:\n{waivers}", policy([declaration]));
        let text = if waivers.is_empty() { text.replace("waivers:\n", "") } else { text };
        let site = Site::new::<&str>(&world, []).file("a.yaml", text);
        let ran =
            site.run(&["plan", "a.yaml", "--out", "plan.json", "--report", "text", "--report", "markdown=plan.md"], 2);
        assert!(ran.stdout.contains(message), "{}", ran.stdout);
        assert!(site.program.read("plan.md").contains(message));
        let plan: Value = serde_json::from_str(&site.program.read("plan.json")).expect("JSON");
        assert_eq!(plan["unmatched"][0]["message"], message);
        assert_eq!(plan["unmatched"][0]["origin"]["file"], "a.yaml");
        let report = site.apply(&apply, 8).json();
        assert_eq!(report["refusals"][0]["guard"], "unmatched");
        assert!(report["refusals"][0]["reason"].as_str().expect("a reason").contains(message), "{report}");
        assert!(!site.simulation.was_written_to());
        site.run(&["apply", "plan.json", "--auto-approve", "--journal", "k.jsonl", "--allow", "unmatched"], 0);
        // Without a step, there is nothing to refuse.
        site.apply(&apply, 0);
    }
    // A waiver that is unused, expired or of a setting that is not declared selects something.
    for more in [
        "",
        ", settings: [status]",
        ", while_live: {finding_publishing_frequency: FIFTEEN_MINUTES}",
        ", expires: 2001-01-01",
    ] {
        let waiver = waiver(OTHER, more);
        let waiver = if more.contains("2001") { waiver.replace(", expires: 2999-01-01", "") } else { waiver };
        let text = format!("{}waivers:\n{waiver}", policy([format!("{declared}, {hourly}")]));
        Site::new::<&str>(&world, []).file("a.yaml", text).apply(&[], 0);
    }
}

/// A file as it is, with its times and versions.
fn raw(site: &Site, file: &str) -> String {
    std::fs::read_to_string(site.program.path(file)).expect("a file")
}

#[test]
fn a_document_of_a_newer_driftline_is_named_as_such() {
    let site = in_two_files();
    site.run(&["plan", "--out", "plan.json"], 2);
    site.run(&["apply", "plan.json", "--auto-approve", "--journal", "j.jsonl"], 0);
    site.run(&["check", "--report", "json=report.json"], 0);
    site.run(&["snapshot", "--out", "snapshot.json"], 0);
    let is = env!("CARGO_PKG_VERSION");
    let newer = |text: &str| text.replace(&format!("\"version\": \"{is}\""), "\"version\": \"99.2.0\"");
    let plan = newer(&raw(&site, "plan.json"));
    let unknown = plan.replacen("\"summary\"", "\"moon\": \"full\", \"summary\"", 1);
    let other_format = plan.replacen("\"format_version\": 1", "\"format_version\": 2", 1);
    let apply = ["apply", "document.json", "--auto-approve", "--journal", "k.jsonl"];
    for text in [&unknown, &other_format, &plan.replacen("ONE_HOUR", "SIX_HOURS", 1)] {
        std::fs::write(site.program.path("document.json"), text).expect("a file");
        let ran = site.run(&apply, 1);
        ran.says("document.json cannot be applied: it ")
            .says("made by driftline 99.2.0")
            .says("apply it with the driftline that made it");
        assert!(!ran.stderr.contains("altered"), "{}", ran.stderr);
    }
    let journal = raw(&site, "j.jsonl").replacen(&format!("\"driftline {is}\""), "\"driftline 99.2.0\"", 1);
    for text in [
        journal.replacen("\"format_version\":1", "\"format_version\":2", 1),
        journal.replacen("\"summary\"", "\"moon\":\"full\",\"summary\"", 1),
        format!("{journal}{{\"type\":\"pause\"}}\n"),
    ] {
        std::fs::write(site.program.path("document.jsonl"), &text).expect("a file");
        for arguments in [
            &["apply", "--resume", "document.jsonl", "--auto-approve"][..],
            &["rollback", "document.jsonl", "--auto-approve"],
        ] {
            site.run(arguments, 1).says("made by driftline 99.2.0").says("use the driftline that wrote it");
        }
        assert_eq!(raw(&site, "document.jsonl"), text, "it is left as it is");
    }
    let report = newer(&raw(&site, "report.json")).replacen("\"in_sync\"", "\"in_sync_at_last\"", 1);
    let snapshot = raw(&site, "snapshot.json").replace(&format!("\"version\":\"{is}\""), "\"version\":\"99.2.0\"");
    let snapshot = snapshot.replacen("\"source\":\"aws\"", "\"source\":\"moon\"", 1);
    for (text, arguments) in [
        (&report, &["report", "document.json"][..]),
        (&report, &["check", "--since", "document.json"]),
        (&report, &["check", "--only-unread", "document.json"]),
        (&snapshot, &["check", "--live", "document.json"]),
    ] {
        std::fs::write(site.program.path("document.json"), text).expect("a file");
        site.run(arguments, 1).says("it was made by driftline 99.2.0, which is newer than this driftline");
        assert_eq!(raw(&site, "document.json"), *text, "it is left as it is");
    }
}
