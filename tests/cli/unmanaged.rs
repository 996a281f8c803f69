//! `--base`: what a change takes out of management is counted alike by `check`, `plan` and `diff`.

use std::process::{Command, Stdio};

use crate::support::{ACCOUNT, CALLER, Driftline, World, policy};

const OTHER: &str = "444455556666";

/// Runs git in the folder of a program, without the settings of whoever runs the tests.
#[track_caller]
fn git(program: &Driftline, arguments: &[&str]) {
    let status = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(program.path(""))
        .env("HOME", program.path("../home"))
        .stdin(Stdio::null())
        .status();
    assert!(status.expect("git runs").success(), "git {arguments:?}");
}

type Files<'a> = &'a [(&'a str, &'a str)];

/// A repository with these files in its only commit, and those in its work tree.
fn changed(old: Files<'_>, new: Files<'_>) -> Driftline {
    let world = World::new().enabled(ACCOUNT).enabled(OTHER).enabled(CALLER);
    let mut program = Driftline::new().file(".gitignore", "world.yaml\n").world(&world);
    for (path, text) in old {
        program = program.file(path, text);
    }
    git(&program, &["init", "--quiet"]);
    git(&program, &["add", "--all"]);
    git(&program, &["commit", "--quiet", "--message", "one"]);
    for (path, _) in old {
        std::fs::remove_file(program.path(path)).expect("a file");
    }
    for (path, text) in new {
        program = program.file(path, text);
    }
    program
}

/// The counts of `check`, `plan` and `diff`.
#[track_caller]
fn counts(program: &Driftline) -> [serde_json::Value; 3] {
    let json = |arguments: &[&str], exit: i32| {
        program.run_with(&[arguments, &["--base", "HEAD", "--report", "json"]].concat(), exit).json()
    };
    let check = json(&["check", "--simulate", "world.yaml"], 0);
    let plan = json(&["plan", "--simulate", "world.yaml"], 0);
    let diff = json(&["diff"], 2);
    [&check["base"]["counts"], &plan["base"]["counts"], &diff["counts"]]
        .map(|counts| counts["no_longer_declared"].clone())
}

fn ids(ids: &[&str], rest: &str) -> String {
    let ids: Vec<String> = ids.iter().map(|id| format!("\"{id}\"")).collect();
    policy([format!("accounts: [{}], {rest}, status: ENABLED", ids.join(", "))])
}

const TWO_REGIONS: &str = "regions: [eu-west-1, us-east-1]";

#[test]
fn an_account_that_is_taken_out_is_counted_and_told() {
    let program = changed(
        &[("policies/a.yaml", &ids(&[ACCOUNT, OTHER], TWO_REGIONS))],
        &[("policies/a.yaml", &ids(&[ACCOUNT], TWO_REGIONS))],
    );
    assert_eq!(counts(&program), [2, 2, 2]);
    let told = |command: &str, format: &str| {
        program.run_with(&[command, "--simulate", "world.yaml", "--base", "HEAD", "--report", format], 0).stdout
    };
    for command in ["check", "plan"] {
        let text = told(command, "text").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("2 targets not declared any more, and not"), "{text}");
        let comment = told(command, "markdown");
        assert!(comment.contains("; 2 targets not declared any more, and not read."), "{comment}");
    }
    let text = program.run_with(&["diff", "--base", "HEAD"], 2).stdout;
    assert!(text.contains("2 targets no longer declared"), "{text}");
    assert!(told("check", "html").contains("2 targets not declared any more, and not read"));
    // A saved plan is read again with it.
    program.run_with(&["plan", "--simulate", "world.yaml", "--base", "HEAD", "--out", "plan.json"], 0);
    program.run_with(&["apply", "plan.json", "--simulate", "world.yaml", "--auto-approve"], 0);
    let summary = program.path("summary.md");
    let program = program.env("GITHUB_STEP_SUMMARY", &summary);
    program.run_with(&["check", "--simulate", "world.yaml", "--base", "HEAD", "--report", "github"], 0);
    let summary = std::fs::read_to_string(summary).expect("a summary");
    assert!(summary.contains("; 2 targets not declared any more, and not read."), "{summary}");
}

#[test]
fn whatever_takes_targets_out_of_management_is_counted() {
    let both = ids(&[ACCOUNT, OTHER], TWO_REGIONS);
    let one = ids(&[ACCOUNT], TWO_REGIONS);
    let all = policy([format!("{TWO_REGIONS}, status: ENABLED")]);
    let settings = |rest: &str| format!("policies = [\"policies\"]\n{rest}");
    let listed = |ids: &str| settings(&format!("[inventory]\naccounts = [{ids}]\n"));
    let regions = |regions: &str| settings(&format!("[inventory]\nregions = [{regions}]\n"));
    let everywhere = ids(&[ACCOUNT], "severity: low");
    let saved = |ids: &[&str]| {
        let account = |id: &&str| serde_json::json!({"id": id, "units": [], "tags": {}});
        serde_json::json!({
            "format": "driftline.inventory", "format_version": 1, "taken_at": "2026-01-01T00:00:00Z",
            "tool": {"name": "driftline", "version": "0.1.0"},
            "organization": {"id": "o-abcdefghij", "management_account": CALLER},
            "caller": {"account": CALLER, "arn": format!("arn:aws:iam::{CALLER}:user/auditor")},
            "knows": {"names": false, "units": false, "tags": false},
            "accounts": ids.iter().map(account).collect::<Vec<_>>(),
        })
        .to_string()
    };
    let of_file = settings("[inventory]\naccounts = \"accounts.json\"\n");
    let except = both.replace("regions:", &format!("except: {{accounts: [\"{OTHER}\"]}}, regions:"));
    let one_region = both.replace(", us-east-1", "");
    let (two_listed, one_listed) = (listed(&format!("\"{ACCOUNT}\", \"{OTHER}\"")), listed(&format!("\"{ACCOUNT}\"")));
    let (two_regions, first_region) = (regions("\"eu-west-1\", \"us-east-1\""), regions("\"eu-west-1\""));
    let (two_saved, one_saved) = (saved(&[ACCOUNT, OTHER]), saved(&[ACCOUNT]));
    let two_paths = "policies = [\"policies\", \"more\"]\n";
    let one_path = "policies = [\"policies\"]\n";
    let rows: [(&str, Files<'_>, Files<'_>, usize); 9] = [
        (
            "a policy file is removed",
            &[("policies/a.yaml", &one), ("policies/b.yaml", &both)],
            &[("policies/a.yaml", &one)],
            2,
        ),
        ("an exception is added", &[("policies/a.yaml", &both)], &[("policies/a.yaml", &except)], 2),
        ("a Region is taken out", &[("policies/a.yaml", &both)], &[("policies/a.yaml", &one_region)], 2),
        (
            "a list of accounts in the settings is shortened",
            &[("driftline.toml", &two_listed), ("policies/a.yaml", &all)],
            &[("driftline.toml", &one_listed), ("policies/a.yaml", &all)],
            2,
        ),
        (
            "a list of Regions in the settings is shortened",
            &[("driftline.toml", &two_regions), ("policies/a.yaml", &everywhere)],
            &[("driftline.toml", &first_region), ("policies/a.yaml", &everywhere)],
            1,
        ),
        (
            "a path in the settings is taken out",
            &[("driftline.toml", two_paths), ("policies/a.yaml", &one), ("more/b.yaml", &both)],
            &[("driftline.toml", one_path), ("policies/a.yaml", &one), ("more/b.yaml", &both)],
            2,
        ),
        (
            "the settings file is removed",
            &[("driftline.toml", two_paths), ("policies/a.yaml", &one), ("more/b.yaml", &both)],
            &[("policies/a.yaml", &one), ("more/b.yaml", &both)],
            2,
        ),
        (
            "the inventory goes from a list to the accounts of the policies",
            &[("driftline.toml", &two_listed), ("policies/a.yaml", &all), ("policies/b.yaml", &one)],
            &[("policies/a.yaml", &all), ("policies/b.yaml", &one)],
            2,
        ),
        (
            "a saved inventory is shortened",
            &[("driftline.toml", &of_file), ("accounts.json", &two_saved), ("policies/a.yaml", &all)],
            &[("driftline.toml", &of_file), ("accounts.json", &one_saved), ("policies/a.yaml", &all)],
            2,
        ),
    ];
    for (what, old, new, count) in rows {
        let program = changed(old, new);
        assert_eq!(counts(&program), [count, count, count], "{what}");
    }
}

#[test]
fn where_nothing_is_taken_out_nothing_is_counted() {
    let one = ids(&[ACCOUNT], TWO_REGIONS);
    let program =
        changed(&[("policies/a.yaml", &one)], &[("policies/moved.yaml", &ids(&[ACCOUNT, OTHER], TWO_REGIONS))]);
    assert_eq!(counts(&program), [0, 0, 0]);
    let text = program.run_with(&["plan", "--simulate", "world.yaml", "--base", "HEAD"], 0).stdout;
    assert!(!text.contains("declared any more"), "{text}");
}

#[test]
fn settings_that_are_taken_out_are_counted_and_told() {
    let both = ids(&[ACCOUNT, OTHER, CALLER], TWO_REGIONS);
    let old = both.replace("status: ENABLED", "status: ENABLED, finding_publishing_frequency: ONE_HOUR");
    let program = changed(&[("policies/a.yaml", &old)], &[("policies/a.yaml", &old.replace("status: ENABLED, ", ""))]);
    assert_eq!(counts(&program), [0, 0, 0]);
    let run = |command: &str, more: &[&str]| {
        let arguments = [&[command, "--simulate", "world.yaml", "--base", "HEAD"], more].concat();
        program.run_with(&arguments, 0).stdout
    };
    for command in ["check", "plan"] {
        let json: serde_json::Value = serde_json::from_str(&run(command, &["--report", "json"])).expect("JSON");
        assert_eq!(json["base"]["counts"]["settings_no_longer_declared"], 6, "{command}");
        let text = run(command, &["--report", "text"]);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("6 settings of targets still declared not declared any more"), "{text}");
        let comment = run(command, &["--report", "markdown"]);
        let said = "6 settings of targets still declared not declared any more";
        assert!(comment.contains(said), "{comment}");
    }
    let diff = program.run_with(&["diff", "--base", "HEAD", "--report", "json"], 2).json();
    assert_eq!(diff["counts"]["removed"], 6);
    assert!(run("check", &["--report", "html"]).contains("6 settings of targets still declared not declared any more"));
    let lines = run("check", &["--report", "jsonl"]);
    let last: serde_json::Value = serde_json::from_str(lines.lines().last().expect("a line")).expect("JSON");
    assert_eq!(last["base"]["counts"]["settings_no_longer_declared"], 6);
    // The parts add up, and a merged report has the sum.
    for part in ["1/2", "2/2"] {
        let report = format!("json={}.json", part.replace('/', "-"));
        run("check", &["--shard", part, "--report", &report]);
    }
    let merged = program.run_with(&["report", "1-2.json", "2-2.json", "--report", "json"], 0).json();
    assert_eq!(merged["base"]["counts"]["settings_no_longer_declared"], 6);
    let summary = program.path("summary.md");
    let program = program.env("GITHUB_STEP_SUMMARY", &summary);
    program.run_with(&["check", "--simulate", "world.yaml", "--base", "HEAD", "--report", "github"], 0);
    let summary = std::fs::read_to_string(summary).expect("a summary");
    assert!(summary.contains("; 6 settings of targets still declared not declared"), "{summary}");
}

#[test]
fn an_inventory_that_becomes_the_caller_takes_the_listed_accounts_out() {
    let both = ids(&[ACCOUNT, OTHER], TWO_REGIONS);
    let wide = policy(["regions: [eu-west-1], status: ENABLED"]);
    let caller = "[inventory]\naccounts = \"caller\"\n";
    let listed = format!("[inventory]\naccounts = [\"{ACCOUNT}\", \"{OTHER}\"]\n");
    for old in ["[inventory]\naccounts = \"declared\"\n", &listed] {
        let program = changed(
            &[("driftline.toml", old), ("policies/a.yaml", &both), ("policies/b.yaml", &wide)],
            &[("driftline.toml", caller), ("policies/a.yaml", &both), ("policies/b.yaml", &wide)],
        );
        assert_eq!(counts(&program), [4, 4, 4], "{old}");
        program.run_with(&["diff", "--base", "HEAD"], 2).says("at most one, the caller, stays the same");
    }
}

#[test]
fn the_account_of_the_caller_and_the_parts_of_a_run_are_counted_too() {
    let caller = "[inventory]\naccounts = \"caller\"\n";
    let with = policy([format!("{TWO_REGIONS}, status: ENABLED")]);
    let without = policy(["regions: [eu-west-1], status: ENABLED"]);
    let program = changed(
        &[("driftline.toml", caller), ("policies/a.yaml", &with)],
        &[("driftline.toml", caller), ("policies/a.yaml", &without)],
    );
    assert_eq!(counts(&program), [1, 1, 1]);
    let program = changed(
        &[("policies/a.yaml", &ids(&[ACCOUNT, OTHER], TWO_REGIONS))],
        &[("policies/a.yaml", &ids(&[ACCOUNT], TWO_REGIONS))],
    );
    let part = |shard: &str| {
        let arguments = ["check", "--simulate", "world.yaml", "--base", "HEAD", "--report", "json", "--shard", shard];
        program.run_with(&arguments, 0).json()["base"]["counts"]["no_longer_declared"].as_u64().expect("a number")
    };
    assert_eq!(part("1/2") + part("2/2"), 2);
}

#[test]
fn accounts_that_nobody_has_listed_are_not_guessed() {
    let all = policy([format!("{TWO_REGIONS}, status: ENABLED")]);
    let one = ids(&[ACCOUNT], TWO_REGIONS);
    let program = changed(
        &[("driftline.toml", "[inventory]\naccounts = \"organization\"\n"), ("policies/a.yaml", &all)],
        &[("policies/a.yaml", &one)],
    );
    let ran = program.run_with(&["check", "--simulate", "world.yaml", "--base", "HEAD"], 1);
    ran.says("error: at HEAD, the inventory is the organization").says("--inventory accounts.json");
}

#[test]
fn mistakes_of_the_settings_then_name_the_revision() {
    let one = ids(&[ACCOUNT], TWO_REGIONS);
    let program = changed(
        &[("driftline.toml", "policy = \"policies\"\n"), ("policies/a.yaml", &one)],
        &[("driftline.toml", "policies = [\"policies\"]\n"), ("policies/a.yaml", &one)],
    );
    let ran = program.run_with(&["check", "--simulate", "world.yaml", "--base", "HEAD"], 1);
    ran.says("driftline.toml@HEAD:1").says("1 error in the files of HEAD");
}
