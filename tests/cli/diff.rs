//! `driftline diff OLD NEW`: what a change of policy files changes for which targets.

use serde_json::Value;

use crate::json::schema;
use crate::support::{ACCOUNT, CALLER, Driftline, Ran, copied, policy};

const OTHER: &str = "222233334444";

/// Two policy files, each of declarations in YAML's flow style without their braces.
fn diff(old: &[&str], new: &[&str]) -> Driftline {
    let program = Driftline::new().policy("old/a.yaml", policy(old)).policy("new/a.yaml", policy(new));
    program.args(["diff", "old", "new", "--as-of", "2026-01-01"])
}

/// A policy with a waiver.
fn waived(declaration: &str, waiver: &str) -> String {
    format!("{}waivers:\n  - {{{waiver}}}\n", policy([declaration]))
}

/// The kinds of change by target and setting: `ACCOUNT/REGION setting kinds`.
#[track_caller]
fn changes(ran: &Ran) -> Vec<String> {
    let difference = ran.json();
    let mistakes: Vec<String> = jsonschema::validator_for(&schema("diff"))
        .expect("a schema")
        .iter_errors(&difference)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(mistakes, Vec::<String>::new());
    let mut changes = Vec::new();
    for target in difference["targets"].as_array().expect("targets") {
        let place =
            format!("{}/{}", target["account"].as_str().unwrap_or("?"), target["region"].as_str().expect("a Region"));
        for setting in target["settings"].as_array().expect("settings") {
            let kinds: Vec<&str> =
                setting["kinds"].as_array().expect("kinds").iter().map(|kind| kind.as_str().expect("a kind")).collect();
            changes.push(format!("{place} {} {}", setting["setting"].as_str().expect("a setting"), kinds.join("+")));
        }
        if let Some(naming) = target["naming"].as_str() {
            changes.push(format!("{place} {naming}"));
        }
    }
    changes
}

#[test]
fn each_kind_of_change_is_told_with_both_origins() {
    let old = "version: 1
macie_sessions:
  - name: everybody
    accounts: [\"111122223333\", \"222233334444\"]
    regions: [eu-west-1, eu-central-1, us-east-1]
    status: ENABLED
    finding_publishing_frequency: [FIFTEEN_MINUTES, ONE_HOUR]
    severity: high
  - accounts: [\"111122223333\"]
    regions: [us-west-2]
    status: PAUSED
waivers:
  - accounts: [\"111122223333\"]
    regions: [us-east-1]
    settings: status
    reason: a migration
    owner: lake@example.com
    expires: 2026-03-31
";
    let new = old
        .replace("ENABLED", "[ENABLED, PAUSED]")
        .replace("[FIFTEEN_MINUTES, ONE_HOUR]", "[ONE_HOUR, FIFTEEN_MINUTES]")
        .replace("high", "critical")
        .replace("us-west-2", "me-south-1")
        .replace("2026-03-31", "2026-06-30");
    let program = || {
        let program = Driftline::new().policy("old.yaml", old).policy("new.yaml", &new);
        program.args(["diff", "old.yaml", "new.yaml", "--as-of", "2026-01-01"])
    };
    let ran = program().run(2);
    insta::assert_snapshot!("diff_kinds", ran.stdout);
    assert_eq!(ran.stderr, "");
    insta::assert_snapshot!("diff_quiet", program().args(["--quiet"]).run(2).stdout);
    insta::assert_snapshot!("diff_patch", program().args(["--patch"]).run(2).stdout);
    let ran = program().args(["--report", "json"]).run(2);
    insta::assert_snapshot!("diff_json", ran.stdout);
    assert_eq!(
        changes(&ran),
        [
            "111122223333/eu-central-1 status changed+severity",
            "111122223333/eu-central-1 finding_publishing_frequency reordered+severity",
            "111122223333/eu-west-1 status changed+severity",
            "111122223333/eu-west-1 finding_publishing_frequency reordered+severity",
            "111122223333/me-south-1 status added",
            "111122223333/us-east-1 status changed+severity+waivers",
            "111122223333/us-east-1 finding_publishing_frequency reordered+severity",
            "111122223333/us-west-2 status removed",
            "222233334444/eu-central-1 status changed+severity",
            "222233334444/eu-central-1 finding_publishing_frequency reordered+severity",
            "222233334444/eu-west-1 status changed+severity",
            "222233334444/eu-west-1 finding_publishing_frequency reordered+severity",
            "222233334444/us-east-1 status changed+severity",
            "222233334444/us-east-1 finding_publishing_frequency reordered+severity",
        ]
    );
    let counts = &ran.json()["counts"];
    assert_eq!((&counts["targets"], &counts["changed_targets"]), (&Value::from(8), &Value::from(8)));
}

#[test]
fn what_only_moves_is_no_difference() {
    let all = format!("accounts: [\"{ACCOUNT}\"], status: [ENABLED, PAUSED, NOT_ENABLED]");
    let reordered = format!("accounts: [\"{ACCOUNT}\"], status: [ENABLED, NOT_ENABLED, PAUSED], name: other");
    let ran = diff(&[&all], &[&reordered]).run(0);
    assert_eq!(
        ran.stdout,
        "old → new: 1 policy file → 1 policy file. Changes are shown as old → new.\n\n\
         Summary   no difference in the effective settings; 22 of 22 targets unchanged\n"
    );
    let program = Driftline::new()
        .policy("old.yaml", waived(&all, "reason: r, expires: 2026-12-31, while_live: [PAUSED, NOT_ENABLED]"))
        .policy("new/x.yaml", policy([&all]))
        .policy(
            "new/y.yaml",
            "version: 1\nwaivers: [{expires: 2026-12-31, while_live: [NOT_ENABLED, PAUSED], reason: r}]\n",
        );
    let ran = program.args(["diff", "old.yaml", "new", "--as-of", "2026-01-01", "--report", "json"]).run(0);
    assert_eq!(changes(&ran), Vec::<String>::new());
}

#[test]
fn an_account_that_is_no_longer_listed_is_a_change_whatever_is_said_of_every_account() {
    let everybody = "regions: [eu-west-1], status: ENABLED";
    let [one, both] = [format!("[\"{ACCOUNT}\"]"), format!("[\"{ACCOUNT}\", \"{OTHER}\"]")]
        .map(|ids| format!("accounts: {ids}, regions: [eu-west-1], finding_publishing_frequency: ONE_HOUR"));
    let ran = diff(&[everybody, &both], &[everybody, &one]).args(["--report", "json"]).run(2);
    let gone = ["222233334444/eu-west-1 status removed", "222233334444/eu-west-1 finding_publishing_frequency removed"];
    assert_eq!(changes(&ran), gone);
    // Where the settings say which accounts there are, they are the same on both sides.
    let listed = format!("[inventory]\naccounts = [\"{ACCOUNT}\", \"{OTHER}\"]\n");
    let ran = diff(&[everybody, &both], &[everybody, &one]).settings(&listed).args(["--report", "json"]).run(2);
    assert_eq!(changes(&ran), gone[1..]);
}

#[test]
fn whether_a_region_is_named_counts_where_it_may_be_off() {
    let wanted = |regions: &str| format!("accounts: [\"{ACCOUNT}\"], regions: [{regions}], status: ENABLED");
    let ran = diff(&[&wanted("\"me-south-*\", \"eu-west-1*\"")], &[&wanted("me-south-1, eu-west-1")])
        .args(["--report", "json"])
        .run(2);
    assert_eq!(changes(&ran), ["111122223333/me-south-1 named"]);
    let ran = diff(&[&wanted("me-south-1")], &[&wanted("\"me-south-*\"")]).run(2);
    assert!(
        ran.stdout.contains("no longer named: where the Region is off, the target does not apply"),
        "{}",
        ran.stdout
    );
}

#[test]
fn where_the_inventory_is_the_caller_it_may_be_any_account() {
    let settings = "[inventory]\naccounts = \"caller\"\nregions = [\"eu-west-1\"]\n";
    let listed = format!("accounts: [\"{CALLER}\"], status: PAUSED");
    let ran = diff(&["status: ENABLED"], &["status: [ENABLED, PAUSED]", &listed]).settings(settings).run(2);
    ran.says("note: the inventory is the caller's account");
    insta::assert_snapshot!("diff_caller", ran.stdout);
    let program = diff(&["status: ENABLED"], &["status: [ENABLED, PAUSED]", &listed]).settings(settings);
    let ran = program.args(["--report", "json", "--quiet"]).run(2);
    assert_eq!(changes(&ran), ["?/eu-west-1 status changed", "999988887777/eu-west-1 status changed"]);
    assert_eq!(ran.stderr, "");
}

#[test]
fn an_organization_is_compared_by_its_saved_inventory() {
    let program = || {
        let program = copied(Driftline::new(), "examples/organization");
        let text =
            program.read("policies/exceptions.toml").replace("[\"Sandbox\"]", "[\"Sandbox\", \"Workloads/Test\"]");
        let baseline = program.read("policies/baseline.yaml");
        let program = program.policy("new/exceptions.toml", text).policy("new/baseline.yaml", baseline);
        let same = ["session-manager-preferences.yaml", "session-manager-sessions.yaml"];
        let program = same.into_iter().fold(program, |program, name| {
            let policy = program.read(format!("policies/{name}"));
            program.policy(&format!("new/{name}"), policy)
        });
        program.args(["diff", "policies", "new", "--as-of", "2026-01-01"])
    };
    let ran = program().args(["--inventory", "accounts.json"]).run(2);
    insta::assert_snapshot!("diff_organization", ran.stdout);
    changes(&program().args(["--inventory", "accounts.json", "--report", "json"]).run(2));
    program().run(1).says("error: the inventory is the organization");
}

#[test]
fn many_targets_are_told_in_few_words_and_what_is_cut_is_counted() {
    let ids: Vec<String> = (1..=30).map(|id| format!("{id:012}")).collect();
    let everybody = format!("accounts: {ids:?}, status: ENABLED");
    // Each of ten accounts has one Region of its own in which nothing changes.
    let regions =
        ["eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2"];
    let own: Vec<String> = ids
        .iter()
        .zip(regions)
        .map(|(id, region)| format!("accounts: [\"{id}\"], regions: [{region}], status: ENABLED"))
        .collect();
    let old: Vec<&str> = std::iter::once(&everybody).chain(&own).map(String::as_str).collect();
    let changed = everybody.replace("ENABLED", "PAUSED");
    let new: Vec<&str> = std::iter::once(&changed).chain(&own).map(String::as_str).collect();
    insta::assert_snapshot!("diff_many", diff(&old, &new).run(2).stdout);
    let verbose = diff(&old, &new).args(["--verbose"]).run(2).stdout;
    for id in &ids {
        assert!(verbose.contains(id.as_str()), "{id} is not in\n{verbose}");
    }
}

#[test]
fn reports_go_where_they_are_sent() {
    let program =
        diff(&["accounts: [\"111122223333\"], status: ENABLED"], &["accounts: [\"111122223333\"], status: PAUSED"]);
    let program = program.args(["--report", "json=diff.json", "--report", "text=diff.txt"]);
    let ran = program.run(2);
    assert!(ran.stdout.starts_with("old → new"), "{}", ran.stdout);
    assert_eq!(program.read("diff.txt"), ran.stdout);
    assert!(program.read("diff.json").starts_with("{\n  \"format\": \"driftline.diff\""));
    program.args(["--report", "xml"]).run(1).says("is not a report format");
}

#[test]
fn a_comparison_takes_two_policy_sets() {
    for paths in [&[][..], &["old"], &["old", "new", "old"]] {
        let program = Driftline::new().args(["diff"]).args(paths);
        program.run(1).says("error: `diff` takes two policy sets, OLD and NEW\n  fix: driftline diff OLD NEW,");
    }
}

#[test]
fn mistakes_of_either_side_are_told() {
    let good = format!("accounts: [\"{ACCOUNT}\"], status: ENABLED");
    let bad = format!("accounts: [\"{ACCOUNT}\"], status: ON");
    diff(&[&bad], &[&good])
        .run(1)
        .says("old/a.yaml:3")
        .says("error: 1 error in the files of old; nothing was compared");
    diff(&[&good], &[&bad]).run(1).says("new/a.yaml:3").says("error: 1 error in the files; nothing was checked");
    diff(&[&bad], &[&bad]).run(1).says("old/a.yaml:3").says("new/a.yaml:3");
    let ambiguous = ["regions: [eu-west-1], status: PAUSED", &good];
    diff(&ambiguous, &[&good]).run(1).says("ambiguous-declarations").says("in the files of old");
}

#[test]
fn nothing_of_a_file_is_obeyed() {
    let wanted = |status: &str| policy([format!("accounts: [\"{ACCOUNT}\"], status: {status}")]);
    let program = Driftline::new()
        .policy("old/a.yaml", wanted("ENABLED"))
        .policy("new/a.yaml", wanted("PAUSED") + "#\t\u{202e}##[add-mask]x\n");
    let ran = program.args(["diff", "old", "new", "--patch"]).run(2);
    assert!(!ran.stdout.contains('\u{202e}') && !ran.stdout.contains("##["), "{}", ran.stdout);
    let ran = diff(
        &["accounts: [\"111122223333\"], status: ENABLED"],
        &["accounts: [\"111122223333\"], name: \"::error::x\u{200e}\", status: PAUSED"],
    );
    let text = ran.run(2).stdout;
    assert!(!text.contains('\u{200e}') && !text.contains("\n::"), "{text}");
}

/// Two policy files as they are.
fn diff_of(old: &str, new: &str) -> Driftline {
    let program = Driftline::new().policy("old/a.yaml", old).policy("new/a.yaml", new);
    program.args(["diff", "old", "new", "--as-of", "2026-01-01"])
}

/// Rules about the sessions of two accounts.
fn rules(window: &str) -> String {
    format!(
        "version: 1\nsession_manager_sessions:\n  - {{accounts: [\"{ACCOUNT}\", \"{OTHER}\"], regions: [eu-west-1], {window}reason: \
         SET, owner: \"*:{{account}}:*\"}}\n"
    )
}

#[test]
fn resources_with_the_same_keys_are_told_apart() {
    let declared = |status: &str, minutes: u32| {
        let place = format!("accounts: [\"{ACCOUNT}\"], regions: [me-south-1]");
        format!(
            "version: 1\nmacie_sessions:\n  - {{{place}, status: {status}}}\nsession_manager_preferences:\n  - {{{place}, \
             max_session_duration: {minutes}}}\nsession_manager_sessions:\n  - {{{place}, status: Connected, max_session_duration: \
             {minutes}}}\n"
        )
    };
    let (old, new) = (declared("ENABLED", 60), declared("PAUSED", 90).replace("Connected", "Connecting"));
    let ran = diff_of(&old, &new).run(2);
    for line in [
        "~ status  ENABLED → PAUSED  in 1 target",
        "~ preferences max_session_duration  60 → 90  in 1 target",
        "~ sessions max_session_duration  60 → 90  in 1 target",
        "~ sessions status  Connected → Connecting  in 1 target",
    ] {
        assert_eq!(ran.stdout.matches(line).count(), 1, "{line}: {}", ran.stdout);
    }
    let document = diff_of(&old, &new).args(["--report", "json"]).run(2).json();
    let resources: Vec<&str> = document["targets"]
        .as_array()
        .expect("targets")
        .iter()
        .map(|target| target["resource"].as_str().expect("a resource"))
        .collect();
    assert_eq!(resources, ["macie_session", "session_manager_preferences", "session_manager_sessions"]);
    // What the Region being named means depends on the resource, too.
    let ran = diff_of(&old, &old.replace("regions: [me-south-1]", "regions: [\"me-s*\"]")).run(2);
    for subject in ["~ no longer named", "~ preferences  no longer named", "~ sessions  no longer named"] {
        assert!(ran.stdout.contains(subject), "{subject}: {}", ran.stdout);
    }
}

#[test]
fn another_window_changes_every_rule_of_the_target() {
    let ran = diff_of(&rules("ended_within: 48h, "), &rules("ended_within: 24h, ")).run(2);
    insta::assert_snapshot!("diff_window", ran.stdout);
    let json = |old: &str, new: &str, exit: i32| diff_of(&rules(old), &rules(new)).args(["--report", "json"]).run(exit);
    let document = json("ended_within: 48h, ", "", 2);
    let rows = |account: &str| ["owner", "reason"].map(|rule| format!("{account}/eu-west-1 {rule} window"));
    assert_eq!(changes(&document), [rows(ACCOUNT), rows(OTHER)].concat());
    let document = document.json();
    assert_eq!(document["counts"]["window"], 4);
    let row = &document["targets"][0]["settings"][0];
    assert_eq!((&row["old"]["ended_within"], &row["new"]["ended_within"]), (&"48h".into(), &Value::Null));
    assert!(
        json("ended_within: 24h, ", "ended_within: 1d, ", 0).json()["targets"].as_array().is_some_and(Vec::is_empty)
    );
    // A rule that comes brings its window.
    let ran =
        diff_of(&policy([format!("accounts: [\"{ACCOUNT}\"], status: ENABLED")]), &rules("ended_within: 24h, ")).run(2);
    assert!(
        ran.stdout.contains("~ sessions reason  not managed → SET (ended_within 24h) (severity medium)"),
        "{}",
        ran.stdout
    );
}
