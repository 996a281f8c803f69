//! `--account`, `--region` and `plan --only`: a part of the targets, judged as in the whole.

use serde_json::{Value, json};

use crate::support::{ACCOUNT, CALLER, Driftline, Ran, Site, World, copied, policy};

const OTHER: &str = "222233334444";

/// The worked example and its simulated AWS. Its inventory is the organization.
fn example() -> Driftline {
    copied(Driftline::new(), "examples/organization")
}

fn saved(program: &Driftline, file: &str) -> Value {
    serde_json::from_str(&program.read(file)).expect("JSON")
}

/// The targets of a report, of which a function keeps some.
fn targets(report: &Value, is_kept: impl Fn(&Value) -> bool) -> Vec<Value> {
    report["targets"].as_array().expect("targets").iter().filter(|target| is_kept(target)).cloned().collect()
}

fn is_european(target: &Value) -> bool {
    target["account"] == ACCOUNT && target["region"].as_str().expect("a Region").starts_with("eu-")
}

#[test]
fn the_ledger_is_that_of_the_selected_targets_and_the_policies_are_those_of_all() {
    let program = example();
    program.run_with(&["snapshot", "--simulate", "world.yaml", "--out", "snap.json"], 4);
    let check = |more: &[&str], exit| {
        let always = ["check", "--live", "snap.json", "--inventory", "accounts.json", "--report", "json=out.json"];
        let ran = program.run_with(&[&always, more, &["--report", "text"]].concat(), exit);
        (saved(&program, "out.json"), ran)
    };
    let (whole, ran) = check(&[], 6);
    assert_eq!(whole["run"]["selection"], Value::Null);
    ran.stdout_has_no("selected:");
    let (part, ran) = check(&["--account", "payments-prod", "--region", "eu-*", "--region", "eu-west-?"], 1);
    assert_eq!(part, whole, "nothing is written: {}", ran.stderr);
    ran.says("--region eu-west-? matches no declared target");
    let (part, ran) = check(&["--account", "payments-prod", "--region", "eu-*"], 2);
    assert_eq!(part["run"]["selection"], json!({"accounts": ["payments-prod"], "regions": ["eu-*"]}));
    assert_eq!(part["run"]["declared_total"], whole["ledger"]["declared"]);
    assert_eq!(part["targets"], Value::Array(targets(&whole, is_european)));
    assert_eq!(part["ledger"]["declared"], 3, "one of each resource");
    assert_eq!(part["unreached_accounts"], whole["unreached_accounts"]);
    let total = whole["ledger"]["declared"].as_u64().expect("a number");
    let line = format!("selected: 3 of {total} targets (--account payments-prod --region 'eu-*')");
    assert!(ran.stdout.contains(&line), "{}", ran.stdout);
    ran.stdout_has_no("covers nothing now");
    // A waiver is counted for targets that nobody looked at, so that it does not seem unused.
    assert_eq!(part["waivers"][0]["origin"], whole["waivers"][0]["origin"]);
    let unknown = ["unread", "not_selected"].map(|field| part["waivers"][0][field].as_u64().expect("a number"));
    assert!(unknown[0] == 0 && unknown[1] > 0, "{unknown:?}");
    assert_eq!(whole["waivers"][0]["not_selected"], 0);
    // Re-rendered, it says the same.
    assert!(program.run_with(&["report", "out.json"], 2).stdout.contains(&line));
    for format in ["markdown", "github", "html", "slack", "sns"] {
        let ran = program.run_with(&["report", "out.json", "--report", format], 2);
        if format != "github" {
            assert!(ran.stdout.contains(&format!("selected: 3 of {total} targets")), "{format}: {}", ran.stdout);
        }
    }
}

#[test]
fn a_report_is_merged_first_and_then_selected_from() {
    let program = example();
    program.run_with(&["snapshot", "--simulate", "world.yaml", "--out", "snap.json"], 4);
    let live = ["check", "--live", "snap.json", "--inventory", "accounts.json"];
    let check = |more: &[&str], exit| program.run_with(&[&live, more].concat(), exit);
    check(&["--report", "json=whole.json"], 6);
    let whole = saved(&program, "whole.json");
    for index in 1..=2 {
        let (shard, report) = (format!("{index}/2"), format!("json=shard-{index}.json"));
        let output = program.command().args(live).args(["--shard", &shard, "--report", &report]).output();
        assert!(output.expect("the program runs").status.code().is_some_and(|code| code & 1 == 0));
    }
    let select = ["--account", ACCOUNT, "--region", "eu-central-1", "--report", "json=part.json"];
    for files in [&["whole.json"][..], &["shard-1.json", "shard-2.json"]] {
        program.run_with(&[&["report"], files, &select].concat(), 2);
        let part = saved(&program, "part.json");
        assert_eq!(part["targets"], Value::Array(targets(&whole, is_european)));
        assert_eq!((&part["verdict"], &part["ledger"]["declared"]), (&json!("drift"), &json!(3)));
        assert_eq!(part["run"]["declared_total"], whole["ledger"]["declared"]);
        assert_eq!((&part["waivers"], &part["unreached_accounts"]), (&whole["waivers"], &whole["unreached_accounts"]));
        // What was written can be read again, and be selected from.
        program.run_with(&["report", "part.json", "--account", "payments-*", "--report", "json=again.json"], 2);
        let again = saved(&program, "again.json");
        assert_eq!(again["run"]["selection"], json!({"accounts": [ACCOUNT], "regions": ["eu-central-1"]}));
    }
    let ran = program.run_with(&["report", "whole.json", "--account", "payment-prod"], 1);
    ran.says("did you mean payments-prod");
    // The shards of a selection are merged as those of a whole run, and only with each other.
    for (index, more) in [(1, &["--region", "eu-*"][..]), (2, &["--region", "eu-*"]), (2, &[])] {
        let (shard, report) = (format!("{index}/2"), format!("json=eu-{index}-{}.json", more.len()));
        let output = program.command().args(live).args(["--shard", &shard, "--report", &report]).args(more).output();
        assert!(output.expect("the program runs").status.code().is_some_and(|code| code & 1 == 0));
    }
    let ran = program.run_with(&["report", "eu-1-2.json", "eu-2-0.json"], 1);
    ran.says("the selection differs");
    program.run_with(&["report", "eu-1-2.json", "eu-2-2.json", "--report", "json=merged.json"], 6);
    assert_eq!(saved(&program, "merged.json")["run"]["declared_total"], whole["ledger"]["declared"]);
}

/// Two accounts with Macie in two Regions, of which one drifts everywhere.
fn site() -> Site {
    let world = World::new().enabled(ACCOUNT).account(OTHER, "sessions: {\"*\": {status: PAUSED}}");
    let declared = format!("accounts: [\"{ACCOUNT}\", \"{OTHER}\"], regions: [eu-west-1, us-east-1], status: ENABLED");
    Site::new(&world, [declared])
}

fn reads(site: &Site) -> u64 {
    site.simulation.calls().get("macie2:GetMacieSession").copied().unwrap_or_default()
}

#[test]
fn nothing_outside_is_read() {
    let site = site();
    let roles = || site.simulation.calls().get("sts:AssumeRole").copied().unwrap_or_default();
    for (arguments, exit) in
        [(&["check", "a.yaml"][..], 0), (&["plan", "a.yaml"], 0), (&["snapshot", "a.yaml", "--out", "snap.json"], 0)]
    {
        let before = (reads(&site), roles());
        let ran = site.run(&[arguments, &["--account", ACCOUNT, "--region", "eu-*"]].concat(), exit);
        let total = if arguments[0] == "snapshot" { "44 targets" } else { "4 targets" };
        assert!(ran.stdout.contains("selected: ") && ran.stdout.contains(total), "{}", ran.stdout);
        let read = if arguments[0] == "snapshot" { 5 } else { 1 };
        assert_eq!((reads(&site) - before.0, roles() - before.1), (read, 1), "{arguments:?}");
    }
    site.run(&["check", "a.yaml", "--account", OTHER], 2);
    site.run(&["check", "a.yaml", "--account", ACCOUNT, "--account", OTHER, "--region", "us-east-1"], 2);
}

#[test]
fn what_matches_nothing_is_an_error_before_the_first_call() {
    let site = site();
    let commands: [&[&str]; 4] =
        [&["check", "a.yaml"], &["plan", "a.yaml"], &["targets", "a.yaml"], &["snapshot", "a.yaml", "--out", "s.json"]];
    for command in commands {
        for (more, why) in [
            (&["--account", "111122223334"][..], "--account 111122223334 matches no declared target"),
            (&["--account", "111122223334"], "did you mean 111122223333"),
            (
                &["--account", "payments"],
                "\"payments\" is no account id, and the inventory of this run has no account names",
            ),
            (&["--account", "payments"], "fix: use the id of the account; or save the names with `driftline inventory"),
            (&["--region", "eu-wst-1"], "--region eu-wst-1 matches no declared target"),
            (&["--region", "eu-wst-1"], "did you mean eu-west-1"),
            (&["--region", "xx-*"], "Regions with a target: eu-west-1, us-east-1"),
            (&["--region", "eu-west-1,us-east-1"], "repeat the option for each item"),
            (&["--account", ACCOUNT, "--account", "000000000001", "--region", "me-*"], "; --region me-* matches"),
            (&["--account", ""], "--account"),
        ] {
            site.run(&[command, more].concat(), 1).says(why);
        }
    }
    assert_eq!(reads(&site), 0);
    // An account of the inventory that no declaration reaches, and items that match, but not together.
    let program = example();
    let targets =
        |more: &[&str], exit| program.run_with(&[&["targets", "--inventory", "accounts.json"], more].concat(), exit);
    targets(&["--account", "sandbox", "--region", "ap-southeast-2"], 1).says("matches no declared target, though each");
    targets(&["--account", "web shop", "--region", "ap-southeast-2"], 0);
}

#[test]
fn targets_lists_the_selected_ones() {
    let program = example();
    let targets = |more: &[&str]| program.run_with(&[&["targets", "--inventory", "accounts.json"], more].concat(), 0);
    let json = ["--report", "json"];
    let (whole, part) = (targets(&json).json(), targets(&[&json[..], &["--account", "payments-*"]].concat()).json());
    assert_eq!((&whole["selection"], &whole["declared_total"]), (&Value::Null, &whole["counts"]["targets"]));
    assert_eq!(part["selection"], json!({"accounts": ["payments-*"], "regions": []}));
    assert_eq!(part["declared_total"], whole["counts"]["targets"]);
    assert_eq!((&part["counts"]["accounts"], &part["unreached_accounts"]), (&json!(2), &whole["unreached_accounts"]));
    insta::assert_snapshot!(targets(&["--account", "payments-*", "--region", "eu-*"]).stdout);
    // Without credentials, the selected account may be the caller's.
    let caller = Driftline::new()
        .settings("[inventory]\naccounts = \"caller\"\n")
        .policy("a.yaml", policy(["status: ENABLED, regions: [eu-west-1]"]));
    let ran = caller.run_with(&["targets", "a.yaml", "--account", ACCOUNT], 0);
    assert!(ran.stdout.contains(ACCOUNT) && ran.stdout.contains("selected: 1 of 2 targets"), "{}", ran.stdout);
}

#[test]
fn a_report_of_another_selection_is_refused_and_left_as_it_is() {
    let site = site();
    let select = ["--account", OTHER];
    site.run(&[&["check", "a.yaml", "--since", "last.json"], &select[..]].concat(), 2);
    site.run(&[&["check", "a.yaml", "--since", "last.json"], &select[..]].concat(), 2);
    let (before, calls) = (site.program.read("last.json"), reads(&site));
    let refused = |more: &[&str]| -> Ran {
        let ran = site.run(&[&["check", "a.yaml"], more].concat(), 1);
        assert_eq!((reads(&site), &site.program.read("last.json")), (calls, &before), "{more:?}");
        ran
    };
    for option in ["--since", "--only-unread"] {
        let ran = refused(&[option, "last.json"]);
        ran.says(&format!("last.json covers only --account {OTHER}, and this run covers every declared target"));
        refused(&[option, "last.json", "--account", ACCOUNT]).says(&format!("covers only --account {ACCOUNT}"));
        refused(&[option, "last.json", "--account", OTHER, "--region", "eu-*"]).says("--region 'eu-*'");
    }
    site.run(&["check", "a.yaml", "--only-unread", "last.json", "--account", OTHER], 2);
}

#[test]
fn a_plan_of_one_target_is_a_part_of_the_whole_plan() {
    let site = site();
    let ran = site.run(&["plan", "a.yaml", "--only", &format!("{OTHER}/eu-west-1"), "--out", "fix.json"], 2);
    let line = format!("selected: 1 of 4 targets (--only {OTHER}/eu-west-1)");
    assert!(ran.stdout.contains(&line), "{}", ran.stdout);
    assert_eq!(reads(&site), 4, "the whole set is read");
    let plan = saved(&site.program, "fix.json");
    assert_eq!((&plan["only"], &plan["selection"]), (&json!([format!("{OTHER}/eu-west-1")]), &Value::Null));
    let summary = &plan["summary"];
    assert_eq!(
        (&summary["steps"], &summary["declared"], &summary["declared_total"]),
        (&json!(1), &json!(1), &json!(4))
    );
    // A quarter of the whole set changes.
    let apply = ["apply", "fix.json", "--auto-approve", "--journal", "j.jsonl"];
    site.run(&[&apply[..], &["--max-share", "24"]].concat(), 8);
    let ran = site
        .run(&[&apply[..], &["--max-share", "25", "--report", "json=applied.json", "--report", "text"]].concat(), 0);
    assert_eq!(ran.stdout.matches(&line).count(), 2, "the plan and the result say so: {}", ran.stdout);
    assert_eq!(saved(&site.program, "applied.json")["plan"]["only"], plan["only"]);
    site.run(&["check", "a.yaml", "--account", OTHER, "--region", "eu-west-1"], 0);
    site.run(&["check", "a.yaml", "--account", OTHER, "--region", "us-east-1"], 2);
    // A plan of selected targets says so as well.
    site.run(&["plan", "a.yaml", "--account", OTHER, "--out", "rest.json"], 2);
    let plan = saved(&site.program, "rest.json");
    assert_eq!(plan["selection"], json!({"accounts": [OTHER], "regions": []}));
    assert_eq!((&plan["summary"]["declared"], &plan["summary"]["declared_total"]), (&json!(2), &json!(4)));
    let apply = ["apply", "rest.json", "--auto-approve", "--journal", "k.jsonl", "--report", "json"];
    assert_eq!(site.run(&apply, 0).json()["run"]["selection"], plan["selection"]);
    site.is_in_sync();
    for (only, why) in [
        (format!("{OTHER}/eu-wst-1"), "did you mean eu-west-1"),
        ("000000000001/eu-west-1".to_owned(), "the account is not in the inventory"),
        ("payments/eu-west-1".to_owned(), "has no account names"),
        (OTHER.to_owned(), "write it as ACCOUNT/REGION"),
    ] {
        site.run(&["plan", "a.yaml", "--only", &only], 1).says(why);
    }
    site.run(&["plan", "a.yaml", "--only", &format!("{OTHER}/eu-west-1"), "--account", OTHER], 1);
    site.run(&["apply", "a.yaml", "--account", OTHER], 1);
}

#[test]
fn a_step_that_needs_an_unselected_one_is_blocked() {
    let candidate = "333344445555";
    let places = format!(
        "management: \"000011112222\", delegated_administrators: [\"{CALLER}\"], macie_administrator: \"{CALLER}\""
    );
    let world = World::new()
        .organization(&places)
        .account("000011112222", "")
        .account(CALLER, "name: security, sessions: {eu-central-1: {}}")
        .account(candidate, "name: team/new, email: new@example.com");
    let declared = format!("accounts: [\"{CALLER}\", \"{candidate}\"], regions: [eu-west-1], status: ENABLED");
    let site = Site::new(&world, [declared.clone()]).settings(&format!("administrator_account = \"{CALLER}\"\n"));
    let plan = |more: &[&str]| {
        site.run(&[&["plan", "a.yaml", "--out", "plan.json"], more].concat(), 2);
        let plan = saved(&site.program, "plan.json");
        let steps: Vec<Value> =
            plan["steps"].as_array().expect("steps").iter().map(|step| step["operation"].clone()).collect();
        (steps, plan["blocked"].clone())
    };
    assert_eq!(plan(&[]), (vec![json!("EnableMacie"), json!("CreateMember")], json!([])));
    for more in [&["--only", &format!("{candidate}/eu-west-1")][..], &["--account", candidate]] {
        let (steps, blocked) = plan(more);
        assert_eq!((steps.len(), &blocked[0]["block_reason"]), (0, &json!("needs_unselected_step")), "{more:?}");
        let fix = blocked[0]["remediation"].as_str().expect("a text");
        assert!(fix.contains(CALLER), "{fix}");
        assert_eq!(blocked.as_array().map(Vec::len), Some(1));
    }
    // A member is resumed by its administrator, which is to be resumed first.
    let paused = World::new()
        .organization(&places)
        .account("000011112222", "")
        .account(CALLER, "sessions: {eu-west-1: {status: PAUSED}}")
        .account(candidate, &format!("administrator: \"{CALLER}\", sessions: {{eu-west-1: {{status: PAUSED}}}}"));
    let members = Site::new(&paused, [declared]);
    for more in [&["--only", &format!("{candidate}/eu-west-1")][..], &["--account", candidate]] {
        let plan = members.run(&[&["plan", "a.yaml", "--report", "json"], more].concat(), 2).json();
        assert_eq!(
            (&plan["steps"], &plan["blocked"][0]["block_reason"]),
            (&json!([]), &json!("needs_unselected_step"))
        );
    }
    // With the administrator, and by names of which one holds a slash.
    let settings = format!("administrator_account = \"{CALLER}\"\n[inventory]\naccounts = \"organization\"\n");
    let site = site.settings(&settings);
    let both = ["plan", "a.yaml", "--only", "team/new/eu-west-1", "--only", "security/eu-west-1", "--out", "plan.json"];
    site.run(&both, 2);
    assert_eq!(saved(&site.program, "plan.json")["summary"]["steps"], 2);
    site.run(&["plan", "a.yaml", "--only", "team/old/eu-west-1"], 1).says("did you mean team/new");
}
