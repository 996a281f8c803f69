//! `driftline diff --base GIT_REF`: the policies as they were at a git revision.

use std::process::{Command, Stdio};

use crate::support::{ACCOUNT, Driftline, policy};

/// Runs git in the folder of a program, without the settings of whoever runs the tests.
#[track_caller]
fn git(program: &Driftline, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=somebody", "-c", "user.email=somebody@example.com", "-c", "init.defaultBranch=main"])
        .args(["-c", "protocol.file.allow=always", "-c", "commit.gpgsign=false"])
        .args(arguments)
        .current_dir(program.path(""))
        .env_clear()
        .envs(std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "SystemRoot"))
        .env("HOME", program.path("../home"))
        .stdin(Stdio::null())
        .output()
        .expect("git runs");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn enabled() -> String {
    policy([format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: ENABLED")])
}

fn paused() -> String {
    enabled().replace("ENABLED", "PAUSED")
}

/// Commits everything in the folder of a program.
fn committed(program: Driftline) -> Driftline {
    git(&program, &["init", "--quiet"]);
    git(&program, &["add", "--all"]);
    git(&program, &["commit", "--quiet", "--message", "one"]);
    program
}

#[test]
fn the_policies_are_compared_with_what_they_were() {
    let program =
        committed(Driftline::new().settings("policies = [\"policies\"]\n").policy("policies/a.yaml", enabled()));
    let program = program.policy("policies/a.yaml", paused()).args(["diff", "--base", "HEAD"]);
    let before = git(&program, &["status", "--porcelain"]);
    let ran = program.run(2);
    insta::assert_snapshot!("diff_base", ran.stdout);
    assert_eq!(ran.stderr, "");
    assert_eq!(git(&program, &["status", "--porcelain"]), before, "nothing in the checkout is touched");
    let json = program.args(["--report", "json"]).run(2).json();
    assert_eq!(json["old"]["commit"].as_str().map(str::len), Some(40));
    assert_eq!(json["old"]["policy_files"], serde_json::json!(["policies/a.yaml@HEAD"]));
}

#[test]
fn where_nothing_changed_nothing_differs() {
    let program = committed(Driftline::new().policy("policies/a.yaml", enabled()).file("readme", "one"));
    let program = program.file("readme", "two");
    git(&program, &["tag", "v1"]);
    program.args(["diff", "--base", "v1", "policies"]).run(0);
}

#[test]
fn paths_start_where_the_program_runs() {
    let program = committed(Driftline::new().policy("deep/policies/a.yaml", enabled()));
    let program = program.policy("deep/policies/a.yaml", paused()).below("deep/folder");
    let ran = program.args(["diff", "--base", "HEAD", "../policies"]).run(2);
    assert!(ran.stdout.contains("was   ../policies/a.yaml@HEAD:3:"), "{}", ran.stdout);
    assert!(ran.stdout.contains("is    ../policies/a.yaml:3:"), "{}", ran.stdout);
}

#[test]
fn variables_of_a_hook_do_not_lead_to_another_repository() {
    let program = committed(Driftline::new().policy("policies/a.yaml", enabled()));
    let program =
        program.policy("policies/a.yaml", paused()).env("GIT_DIR", "/nowhere").env("GIT_WORK_TREE", "/nowhere");
    program.args(["diff", "--base", "HEAD", "policies"]).run(2);
}

#[test]
fn a_path_that_did_not_exist_was_empty_and_that_is_said() {
    let program = committed(Driftline::new().file("readme", "nothing yet"));
    let program = program.policy("policies/a.yaml", enabled()).args(["diff", "--base", "HEAD", "policies"]);
    let ran = program.run(2);
    ran.says("note: policies did not exist at HEAD: everything in it is new\n");
    assert!(ran.stdout.contains("1 newly declared"), "{}", ran.stdout);
    assert_eq!(program.args(["--quiet"]).run(2).stderr, "");
}

#[test]
fn of_a_renamed_folder_both_names_can_be_given() {
    let program = committed(Driftline::new().policy("before/a.yaml", enabled()));
    git(&program, &["mv", "before", "after"]);
    let ran = program.args(["diff", "--base", "HEAD", "before", "after"]).run(0);
    ran.says("note: after did not exist at HEAD").says("note: before exists at HEAD only");
}

#[test]
fn a_path_on_neither_side_is_a_slip_of_the_pen() {
    let program = committed(Driftline::new().policy("policies/a.yaml", enabled()));
    let ran = program.args(["diff", "--base", "HEAD", "policies", "polcies"]).run(1);
    ran.says("file-not-found").says("there is no file or folder polcies");
}

#[test]
fn everything_that_is_gone_is_no_longer_declared() {
    let program = committed(Driftline::new().policy("policies/a.yaml", enabled()));
    git(&program, &["rm", "--quiet", "policies/a.yaml"]);
    let ran = program.args(["diff", "--base", "HEAD", "policies"]).run(2);
    assert!(ran.stdout.contains("1 no longer declared"), "{}", ran.stdout);
}

#[test]
fn old_files_are_chosen_as_those_on_disk_are() {
    let program = Driftline::new()
        .settings("# no policies\n")
        .policy("policies/a.yaml", enabled())
        .file("policies/.hidden.yaml", "[")
        .file("policies/.folder/a.yaml", "[")
        .file("policies/driftline.toml", "[")
        .file("policies/notes.txt", "[");
    let program = committed(program);
    program.args(["diff", "--base", "HEAD", "policies"]).run(0);
}

#[cfg(unix)]
#[test]
fn links_and_submodules_are_left_out_and_named() {
    let program = Driftline::new().policy("policies/a.yaml", enabled()).policy("elsewhere/b.yaml", "[");
    std::os::unix::fs::symlink("../elsewhere/b.yaml", program.path("policies/b.yaml")).expect("a link");
    std::os::unix::fs::symlink("policies", program.path("link")).expect("a link");
    let program = committed(program);
    let head = git(&program, &["rev-parse", "HEAD"]);
    git(&program, &["update-index", "--add", "--cacheinfo", &format!("160000,{},policies/sub", head.trim())]);
    git(&program, &["commit", "--quiet", "--message", "two"]);
    let program = program.args(["diff", "--base", "HEAD"]);
    let ran = program.args(["policies"]).run(0);
    ran.says("note: links and submodules were not looked into: policies/b.yaml@HEAD, policies/sub@HEAD\n");
}

#[cfg(unix)]
#[test]
fn a_link_that_is_named_is_not_followed_into_the_past() {
    let program = Driftline::new().policy("policies/a.yaml", enabled());
    std::os::unix::fs::symlink("policies", program.path("link")).expect("a link");
    let ran = committed(program).args(["diff", "--base", "HEAD", "link"]).run(1);
    ran.says("link@HEAD was a symbolic link then").says("help: name the file or folder that the link led to");
}

#[test]
fn mistakes_of_the_past_name_the_revision() {
    let program = committed(Driftline::new().policy("policies/a.yaml", enabled().replace("ENABLED", "ON")));
    let ran = program.policy("policies/a.yaml", enabled()).args(["diff", "--base", "HEAD", "policies"]).run(1);
    ran.says("policies/a.yaml@HEAD:3").says("error: 1 mistake in the files of HEAD; nothing was compared\n");
}

#[test]
fn a_file_too_large_for_a_policy_is_not_even_fetched() {
    let large = format!("{}# {}", enabled(), "x".repeat(4 * 1024 * 1024));
    let program = committed(Driftline::new().policy("policies/a.yaml", large));
    let ran = program.policy("policies/a.yaml", enabled()).args(["diff", "--base", "HEAD", "policies"]).run(1);
    ran.says("file-too-large").says("policies/a.yaml@HEAD is larger than 4 MiB");
}

#[test]
fn odd_names_and_bytes_come_through() {
    let program =
        Driftline::new().policy("policies/a b\u{fc}[*].yaml", enabled()).policy("policies/:(top)c.yaml", enabled());
    let program = committed(program.file("policies/empty.yaml", "")).args(["diff", "--base", "HEAD", "policies"]);
    let ran = program.run(1);
    ran.says("policies/empty.yaml@HEAD");
    std::fs::remove_file(program.path("policies/empty.yaml")).expect("it can be removed");
    git(&program, &["commit", "--quiet", "--all", "--message", "two"]);
    program.run(0);
    let program = committed(Driftline::new().policy(":(top)c.yaml", enabled()));
    program.policy(":(top)c.yaml", paused()).args(["diff", "--base", "HEAD", ":(top)c.yaml"]).run(2);
}

#[test]
fn what_keeps_the_past_from_being_read_is_told_with_a_way_out() {
    let program = || committed(Driftline::new().policy("policies/a.yaml", enabled()));
    let ran = program().args(["diff", "--base", "origin/main", "policies"]).run(1);
    ran.says("error: git knows no commit \"origin/main\" in this repository").says("fetch-depth: 0");
    let ran = program().args(["diff", "--base=--help", "policies"]).run(1);
    ran.says("error: \"--help\" cannot be a git revision");
    let ran = program().args(["diff", "--base=", "policies"]).run(1);
    ran.says("error: \"\" cannot be a git revision");
    // A tree is no commit, and neither is a file.
    program().args(["diff", "--base", "HEAD:policies", "policies"]).run(1).says("git knows no commit");
    let ran = Driftline::new().policy("policies/a.yaml", enabled()).args(["diff", "--base", "HEAD", "policies"]).run(1);
    ran.says("is not in a git repository that can be used: not a git repository");
    let ran = program().env("PATH", "/nowhere").args(["diff", "--base", "HEAD", "policies"]).run(1);
    ran.says("error: the program git cannot be started").says("install git");
    let ran = program().args(["diff", "--base", "HEAD"]).run(1);
    ran.says("error: no policy is named");
    let inner = program().file("inner/readme", "x").policy("inner/policies/a.yaml", enabled());
    git(&inner, &["init", "--quiet", "inner"]);
    let ran = inner.args(["diff", "--base", "HEAD", "policies", "inner/policies"]).run(1);
    ran.says("lie in different git repositories");
}

#[test]
fn a_content_that_the_clone_lacks_is_not_fetched() {
    let origin = committed(Driftline::new().policy("policies/a.yaml", enabled()));
    std::fs::write(origin.path("policies/a.yaml"), paused()).expect("a file");
    git(&origin, &["commit", "--quiet", "--all", "--message", "two"]);
    git(&origin, &["config", "uploadpack.allowFilter", "true"]);
    let clone = Driftline::new();
    let url = format!("file://{}", origin.path("").display());
    git(&clone, &["clone", "--quiet", "--filter=blob:none", &url, "."]);
    let ran = clone.args(["diff", "--base", "HEAD~1", "policies"]).run(1);
    assert!(ran.stderr.contains("is not in this clone") || ran.stderr.contains("ls-tree"), "{}", ran.stderr);
}
