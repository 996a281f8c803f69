//! `--base`: old paths lead where they led then, and nothing in a change chooses what it is compared with.

use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use crate::support::{ACCOUNT, CALLER, Driftline, World, policy};

const OTHER: &str = "444455556666";

/// Runs git in the folder of a program, without the settings of whoever runs the tests.
#[track_caller]
fn git(program: &Driftline, arguments: &[&str]) {
    let status = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"])
        .args(["-c", "protocol.file.allow=always"])
        .args(arguments)
        .current_dir(program.path(""))
        .env("HOME", program.path("../home"))
        .stdin(Stdio::null())
        .status();
    assert!(status.expect("git runs").success(), "git {arguments:?}");
}

/// Commits everything in the folder of a program.
fn committed(program: Driftline) -> Driftline {
    git(&program, &["init", "--quiet"]);
    git(&program, &["add", "--all"]);
    git(&program, &["commit", "--quiet", "--message", "one"]);
    program
}

/// A program in a world in which both accounts are as they are wanted.
fn begun() -> Driftline {
    let world = World::new().enabled(ACCOUNT).enabled(OTHER).enabled(CALLER);
    Driftline::new().file(".gitignore", "world.yaml\n").world(&world)
}

fn ids(ids: &[&str]) -> String {
    let ids: Vec<String> = ids.iter().map(|id| format!("\"{id}\"")).collect();
    policy([format!("accounts: [{}], regions: [eu-west-1, us-east-1], status: ENABLED", ids.join(", "))])
}

fn link(program: &Driftline, target: &str, path: &str) {
    symlink(target, program.path(path)).expect("a link");
}

fn remove(program: &Driftline, folder: &str) {
    std::fs::remove_dir_all(program.path(folder)).expect("a folder");
}

/// What `check`, `plan` and `diff` count as no longer declared.
#[track_caller]
fn gone(program: &Driftline, targets: usize) {
    let json = |arguments: &[&str], exit: i32| {
        program.run_with(&[arguments, &["--base", "HEAD", "--report", "json"]].concat(), exit).json()
    };
    let world = program.path("world.yaml");
    let world = world.to_str().expect("UTF-8");
    let check = json(&["check", "--simulate", world], 0);
    let plan = json(&["plan", "--simulate", world], 0);
    let diff = json(&["diff"], if targets == 0 { 0 } else { 2 });
    let counts = [&check["base"]["counts"], &plan["base"]["counts"], &diff["counts"]]
        .map(|counts| counts["no_longer_declared"].clone());
    assert_eq!(counts, [targets, targets, targets]);
}

#[test]
fn a_folder_on_the_way_that_becomes_a_link_does_not_choose_the_old_files() {
    let program = committed(
        begun()
            .settings("policies = [\"config/policies\"]\n")
            .policy("config/policies/p.yaml", ids(&[ACCOUNT, OTHER]))
            .policy("examples/policies/p.yaml", ids(&[ACCOUNT])),
    );
    remove(&program, "config");
    link(&program, "examples", "config");
    gone(&program, 2);
    // Named, and from a folder below.
    program.run_with(&["diff", "--base", "HEAD", "config/policies"], 2);
    program.run_with(&["diff", "--base", "HEAD", "config/../config/policies"], 2);
    let whole = program.path("config/policies");
    program.run_with(&["diff", "--base", "HEAD", whole.to_str().expect("UTF-8")], 2);
    git(&program, &["add", "--all"]);
    git(&program, &["commit", "--quiet", "--message", "two"]);
    // Once it is a link on both sides, nothing differs; and a link of then leads where it led.
    gone(&program, 0);
    std::fs::remove_file(program.path("config")).expect("a link");
    gone(&program.policy("config/policies/p.yaml", ids(&[ACCOUNT])), 0);
}

#[test]
fn a_folder_that_is_renamed_and_linked_to_is_what_it_was() {
    let program = committed(
        begun().settings("policies = [\"config/policies\"]\n").policy("config/policies/p.yaml", ids(&[ACCOUNT, OTHER])),
    );
    git(&program, &["mv", "config", "cfg2"]);
    link(&program, "cfg2", "config");
    gone(&program, 0);
    gone(&program.policy("cfg2/policies/p.yaml", ids(&[ACCOUNT])), 2);
}

#[test]
fn a_working_directory_that_becomes_a_link_does_not_choose_the_old_files() {
    for settings in [true, false] {
        let mut program = begun()
            .policy("infra/policies/p.yaml", ids(&[ACCOUNT, OTHER]))
            .policy("ex/policies/p.yaml", ids(&[ACCOUNT]));
        if settings {
            program = program.file("infra/driftline.toml", "policies = [\"policies\"]\n");
            program = program.file("ex/driftline.toml", "policies = [\"policies\"]\n");
        }
        let program = committed(program);
        remove(&program, "infra");
        link(&program, "ex", "infra");
        let seat = program.path("infra");
        let program = program.below("infra").env("PWD", seat);
        gone(&program, 2);
        program.run_with(&["diff", "--base", "HEAD", "policies"], 2);
        program.run_with(&["diff", "--base", "HEAD", "../infra/policies"], 2);
        // A variable that names another folder says nothing.
        let program = program.env("PWD", "/");
        program.run_with(&["diff", "--base", "HEAD", "policies"], 0);
    }
}

#[test]
fn a_saved_inventory_behind_a_folder_that_becomes_a_link_is_that_of_then() {
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
    let with = |path: &str| {
        begun()
            .settings(&format!("policies = [\"policies\"]\n[inventory]\naccounts = \"{path}\"\n"))
            .policy("policies/p.yaml", policy(["regions: [eu-west-1], status: ENABLED"]))
            .file("d/inv.json", saved(&[ACCOUNT, OTHER]))
            .file("e/inv.json", saved(&[ACCOUNT]))
    };
    let program = committed(with("d/inv.json"));
    remove(&program, "d");
    link(&program, "e", "d");
    gone(&program, 1);
    // One that was a link leads where it led, or the program says that nobody knows.
    let program = with("inv.json");
    link(&program, "d/inv.json", "inv.json");
    let program = committed(program);
    std::fs::remove_file(program.path("inv.json")).expect("a link");
    link(&program, "e/inv.json", "inv.json");
    gone(&program, 1);
    let program = with("inv.json").file("../elsewhere.json", saved(&[ACCOUNT, OTHER]));
    link(&program, "../elsewhere.json", "inv.json");
    let ran = committed(program).run_with(&["diff", "--base", "HEAD"], 1);
    ran.says("inv.json@HEAD was a symbolic link at that revision");
}

#[test]
fn the_settings_do_not_choose_which_repository_is_asked() {
    let library = committed(Driftline::new().policy("p.yaml", ids(&[ACCOUNT])));
    let url = format!("file://{}", library.path("").display());
    let settings = |path: &str| format!("policies = [\"{path}\"]\n");
    let program = committed(
        begun().settings(&settings("policies")).policy("policies/p.yaml", ids(&[ACCOUNT, OTHER])).file("readme", "x"),
    );
    git(&program, &["submodule", "--quiet", "add", &url, "vendor/lib"]);
    git(&program, &["commit", "--quiet", "--all", "--message", "two"]);
    let program = program.settings(&settings("vendor/lib"));
    for command in [&["diff"][..], &["check", "--simulate", "world.yaml"], &["plan", "--simulate", "world.yaml"]] {
        let ran = program.run_with(&[command, &["--base", "HEAD"]].concat(), 1);
        ran.says("are in different git repositories").says("the revision belongs to the repository of");
    }
    // Through a link, the files of today are those of the submodule, and the old ones are what they were.
    link(&program, "vendor/lib", "linked");
    program.settings(&settings("linked")).run_with(&["diff", "--base", "HEAD"], 2);
    // The folder of the policies becomes a submodule; named or not.
    let program = committed(begun().policy("policies/p.yaml", ids(&[ACCOUNT, OTHER])));
    git(&program, &["rm", "--quiet", "-r", "policies"]);
    git(&program, &["submodule", "--quiet", "add", &url, "policies"]);
    program.run_with(&["diff", "--base", "HEAD"], 1).says("are in different git repositories");
    program.run_with(&["diff", "--base", "HEAD", "policies"], 1).says("are in different git repositories");
    // The working directory, or one above it, becomes a submodule in which the revision is another one.
    let program = committed(begun().policy("infra/p.yaml", ids(&[ACCOUNT, OTHER])));
    git(&program, &["branch", "base"]);
    git(&program, &["rm", "--quiet", "-r", "infra"]);
    git(&program, &["submodule", "--quiet", "add", &url, "infra"]);
    git(&program, &["commit", "--quiet", "--message", "two"]);
    git(&program, &["-C", "infra", "branch", "base"]);
    let program = program.below("infra");
    let ran = program.run_with(&["diff", "--base", "base", "p.yaml"], 1);
    ran.says("infra@base was part of the git repository").says("is now a repository of its own");
    // Once it was a submodule then, it answers.
    program.run_with(&["diff", "--base", "HEAD", "p.yaml"], 0);
}

#[test]
fn settings_that_were_a_link_are_read_where_it_led() {
    let listed = |ids: &str| format!("policies = [\"policies\"]\n[inventory]\naccounts = [{ids}]\n");
    let program = begun()
        .file("shared/driftline.toml", listed(&format!("\"{ACCOUNT}\", \"{OTHER}\"")))
        .policy("policies/p.yaml", policy(["regions: [eu-west-1], status: ENABLED"]));
    link(&program, "shared/driftline.toml", "driftline.toml");
    let program = committed(program);
    gone(&program, 0);
    gone(&program.file("shared/driftline.toml", listed(&format!("\"{ACCOUNT}\""))), 1);
    let program = Driftline::new()
        .file("../driftline.toml", listed(&format!("\"{ACCOUNT}\"")))
        .policy("policies/p.yaml", ids(&[ACCOUNT]));
    link(&program, "../driftline.toml", "driftline.toml");
    let ran = committed(program).run_with(&["diff", "--base", "HEAD"], 1);
    ran.says("driftline.toml@HEAD was a symbolic link at that revision");
}

#[test]
fn links_inside_a_folder_of_policies_are_followed_then_as_now() {
    // A file in a hidden folder, a folder in a hidden folder, and a mounted ConfigMap.
    let program = begun()
        .policy("policies/.d/z.yaml", ids(&[ACCOUNT]))
        .policy("policies/.d/more/y.yaml", ids(&[OTHER]))
        .policy("mounted/..2026/p.yaml", ids(&[CALLER]))
        .file("policies/README", "x");
    link(&program, ".d/z.yaml", "policies/z.yaml");
    link(&program, ".d/more", "policies/more");
    link(&program, "more", "policies/again");
    link(&program, "nowhere.yaml", "policies/broken.yaml");
    link(&program, "README", "policies/readme");
    link(&program, "..2026", "mounted/..data");
    link(&program, "..data/p.yaml", "mounted/p.yaml");
    let program = committed(program.settings("policies = [\"policies\", \"mounted\"]\n"));
    gone(&program, 0);
    let ran = program.run_with(&["diff", "--base", "HEAD", "--report", "json"], 0);
    let json = ran.json();
    let was: Vec<String> = serde_json::from_value(json["old"]["policy_files"].clone()).expect("texts");
    let is: Vec<String> = serde_json::from_value(json["new"]["policy_files"].clone()).expect("texts");
    assert_eq!(was.iter().map(|file| file.trim_end_matches("@HEAD")).collect::<Vec<_>>(), is);
    assert_eq!(is.len(), 3);
    // What is behind a link counts: in each of them a Region is taken out.
    let mut program = program;
    for (nth, (file, id)) in
        [("policies/.d/z.yaml", ACCOUNT), ("policies/.d/more/y.yaml", OTHER), ("mounted/..2026/p.yaml", CALLER)]
            .into_iter()
            .enumerate()
    {
        program = program.policy(file, ids(&[id]).replace(", us-east-1", ""));
        gone(&program, nth + 1);
    }
}
