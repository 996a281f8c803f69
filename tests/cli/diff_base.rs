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
    ran.says("note: after did not exist at HEAD").says("note: before exists only at HEAD");
}

#[test]
fn a_path_on_neither_side_is_a_slip_of_the_pen() {
    let program = committed(Driftline::new().policy("policies/a.yaml", enabled()));
    let ran = program.args(["diff", "--base", "HEAD", "policies", "polcies"]).run(1);
    ran.says("file-not-found").says("no such file or folder: polcies");
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
    ran.says("note: links and submodules were skipped: policies/b.yaml@HEAD, policies/sub@HEAD\n");
}

#[cfg(unix)]
#[test]
fn a_link_that_is_named_is_not_followed_into_the_past() {
    let program = Driftline::new().policy("policies/a.yaml", enabled());
    std::os::unix::fs::symlink("policies", program.path("link")).expect("a link");
    let ran = committed(program).args(["diff", "--base", "HEAD", "link"]).run(1);
    ran.says("link@HEAD was a symbolic link at that revision").says("fix: name the old target of the link");
}

#[test]
fn mistakes_of_the_past_name_the_revision() {
    let program = committed(Driftline::new().policy("policies/a.yaml", enabled().replace("ENABLED", "ON")));
    let ran = program.policy("policies/a.yaml", enabled()).args(["diff", "--base", "HEAD", "policies"]).run(1);
    ran.says("policies/a.yaml@HEAD:3").says("error: 1 error in the files of HEAD; nothing was compared\n");
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
    ran.says("error: no commit \"origin/main\" in this git repository").says("fetch-depth: 0");
    let ran = program().args(["diff", "--base=--help", "policies"]).run(1);
    ran.says("error: \"--help\" is not a valid git revision");
    let ran = program().args(["diff", "--base=", "policies"]).run(1);
    ran.says("error: \"\" is not a valid git revision");
    // A tree is no commit, and neither is a file.
    program().args(["diff", "--base", "HEAD:policies", "policies"]).run(1).says("no commit");
    let ran = Driftline::new().policy("policies/a.yaml", enabled()).args(["diff", "--base", "HEAD", "policies"]).run(1);
    ran.says("is not in a usable git repository: not a git repository");
    let ran = program().env("PATH", "/nowhere").args(["diff", "--base", "HEAD", "policies"]).run(1);
    ran.says("error: cannot start git").says("install git");
    let elsewhere = committed(Driftline::new().policy("rules/a.yaml", enabled()));
    elsewhere.args(["diff", "--base", "HEAD"]).run(1).says("error: no policy files are given");
    let inner = program().file("inner/readme", "x").policy("inner/policies/a.yaml", enabled());
    git(&inner, &["init", "--quiet", "inner"]);
    let ran = inner.args(["diff", "--base", "HEAD", "policies", "inner/policies"]).run(1);
    ran.says("are in different git repositories");
}

/// A repository whose policies are not those of its commit, and in the policy folder a bare repository as plain files, in which
/// that commit has the policies of today.
fn with_a_planted_repository(settings: &[[&str; 2]]) -> Driftline {
    let program = committed(Driftline::new().policy("conf/policies/a.yaml", enabled()));
    git(&program, &["branch", "base"]);
    let program = program.policy("conf/policies/a.yaml", paused());
    let evil = committed(Driftline::new().policy("conf/policies/a.yaml", paused()).policy("a.yaml", paused()));
    git(&evil, &["branch", "base"]);
    let bare = program.path("conf/policies");
    for entry in ["HEAD", "config", "objects", "refs"] {
        let copied = Command::new("cp").arg("-r").arg(evil.path(".git").join(entry)).arg(&bare).status();
        assert!(copied.expect("cp").success());
    }
    for setting in settings {
        git(&program, &[&["config", "--file", "conf/policies/config"], &setting[..]].concat());
    }
    program
}

#[test]
fn a_bare_repository_among_the_policies_does_not_answer() {
    for settings in [&[][..], &[["core.bare", "true"]], &[["core.bare", "false"], ["core.worktree", "../.."]]] {
        let program = with_a_planted_repository(settings);
        let ran = program.run_with(&["diff", "--base", "base", "conf/policies"], 1);
        ran.says("is not the .git of a work tree").says("remove the files that look like a bare git repository");
        let check = ["check", "--base", "base", "--simulate", "world.yaml", "conf/policies"];
        program.run_with(&check, 1).says("is not the .git of a work tree");
    }
}

#[test]
fn a_linked_work_tree_and_a_submodule_answer() {
    let program = committed(Driftline::new().policy("policies/a.yaml", enabled()));
    git(&program, &["worktree", "add", "--quiet", "../linked", "HEAD"]);
    std::fs::write(program.path("../linked/policies/a.yaml"), paused()).expect("a file");
    let program = program.below("../linked");
    program.run_with(&["diff", "--base", "HEAD", "policies"], 2);
    let program = program.below("");
    let ran = program.run_with(&["diff", "--base", "HEAD", "../linked/policies"], 1);
    ran.says("are in different git repositories").says("compare one repository at a time");
    let outer = committed(Driftline::new().file("readme", "x"));
    git(&outer, &["submodule", "--quiet", "add", &format!("file://{}", program.path("").display()), "sub"]);
    let outer = outer.policy("sub/policies/a.yaml", paused());
    outer.run_with(&["diff", "--base", "HEAD", "sub/policies"], 1).says("are in different git repositories");
    outer.below("sub").run_with(&["diff", "--base", "HEAD", "policies"], 2);
}

#[test]
fn a_name_of_two_commits_is_refused() {
    let program = committed(Driftline::new().policy("policies/a.yaml", enabled()));
    git(&program, &["branch", "base"]);
    git(&program, &["tag", "base"]);
    let program = program.policy("policies/a.yaml", paused());
    // Both are the same commit: whichever it is makes no difference.
    program.run_with(&["diff", "--base", "base", "policies"], 2);
    git(&program, &["commit", "--quiet", "--all", "--message", "two"]);
    git(&program, &["tag", "--force", "base"]);
    git(&program, &["config", "core.warnAmbiguousRefs", "false"]);
    let ran = program.run_with(&["diff", "--base", "base", "policies"], 1);
    ran.says("error: \"base\" is ambiguous in this repository: refs/tags/base is ").says("refs/heads/base is ");
    ran.says("fix: use the full name, such as refs/heads/main");
    program.run_with(&["diff", "--base", "base~0", "policies"], 1).says("is ambiguous");
    program.run_with(&["diff", "--base", "refs/heads/base", "policies"], 2);
    program.run_with(&["diff", "--base", "refs/tags/base", "policies"], 0);
    // A branch that is called like the beginning of a commit id, and one that is called like a whole one.
    let first = git(&program, &["rev-parse", "refs/heads/base"]);
    let first = first.trim();
    git(&program, &["branch", &first[..8], "HEAD"]);
    program.run_with(&["diff", "--base", &first[..8], "policies"], 1).says("the commit id that begins with");
    git(&program, &["update-ref", &format!("refs/heads/{first}"), "HEAD"]);
    program.run_with(&["diff", "--base", first, "policies"], 2);
}

#[test]
fn replaced_objects_and_grafts_do_not_choose_the_revision() {
    let program = committed(Driftline::new().policy("policies/a.yaml", enabled()));
    std::fs::write(program.path("policies/a.yaml"), paused()).expect("a file");
    git(&program, &["commit", "--quiet", "--all", "--message", "two"]);
    git(&program, &["replace", "HEAD~1", "HEAD"]);
    program.run_with(&["diff", "--base", "HEAD~1", "policies"], 2);
    git(&program, &["replace", "--delete", "HEAD~1"]);
    let (two, one) = (git(&program, &["rev-parse", "HEAD"]), git(&program, &["rev-parse", "HEAD~1"]));
    std::fs::write(program.path("other"), "x").expect("a file");
    git(&program, &["add", "other"]);
    git(&program, &["commit", "--quiet", "--message", "three"]);
    let three = git(&program, &["rev-parse", "HEAD"]);
    // By the graft, what comes before the third is the first.
    std::fs::create_dir_all(program.path(".git/info")).expect("a folder");
    std::fs::write(program.path(".git/info/grafts"), format!("{} {}\n", three.trim(), one.trim())).expect("a file");
    program.run_with(&["diff", "--base", "HEAD~1", "policies"], 0);
    assert_ne!(two, one);
}

#[cfg(unix)]
#[test]
fn nothing_that_the_repository_names_is_run() {
    use std::os::unix::fs::PermissionsExt as _;
    let program = committed(Driftline::new().policy("policies/a.yaml", enabled()));
    let script = program.path(".git/evil");
    std::fs::write(&script, format!("#!/bin/sh\ntouch {}\ncat\n", program.path("ran").display())).expect("a script");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("permissions");
    std::fs::create_dir_all(program.path(".git/hooks")).expect("a folder");
    for hook in ["post-checkout", "post-index-change", "reference-transaction", "fsmonitor-watchman"] {
        std::fs::copy(&script, program.path(".git/hooks").join(hook)).expect("a hook");
    }
    let script = script.to_str().expect("UTF-8").to_owned();
    std::fs::write(program.path(".git/info/attributes"), "* filter=evil diff=evil\n").expect("attributes");
    for key in [
        "core.fsmonitor",
        "core.pager",
        "pager.rev-parse",
        "pager.ls-tree",
        "core.sshCommand",
        "core.askPass",
        "core.editor",
        "credential.helper",
        "diff.external",
        "diff.evil.textconv",
        "filter.evil.smudge",
        "filter.evil.process",
        "core.alternateRefsCommand",
        "uploadpack.packObjectsHook",
        "gpg.program",
    ] {
        git(&program, &["config", key, &script]);
    }
    for alias in ["rev-parse", "ls-tree", "cat-file"] {
        git(&program, &["config", &format!("alias.{alias}"), &format!("!{script}")]);
    }
    let program = program.policy("policies/a.yaml", paused());
    program.run_with(&["diff", "--base", "HEAD", "policies"], 2);
    assert!(!program.path("ran").exists(), "something ran");
}

#[test]
fn no_variable_of_a_hook_matters() {
    let evil = committed(Driftline::new().policy("policies/a.yaml", paused()));
    let at = |path: &str| evil.path(path).into_os_string();
    for (name, value) in [
        ("GIT_DIR", at(".git")),
        ("GIT_WORK_TREE", at("")),
        ("GIT_COMMON_DIR", at(".git")),
        ("GIT_INDEX_FILE", at(".git/index")),
        ("GIT_OBJECT_DIRECTORY", at(".git/objects")),
        ("GIT_ALTERNATE_OBJECT_DIRECTORIES", at(".git/objects")),
        ("GIT_CEILING_DIRECTORIES", "/".into()),
        ("GIT_NAMESPACE", "elsewhere".into()),
        ("GIT_QUARANTINE_PATH", at(".git/objects")),
        ("GIT_SHALLOW_FILE", at("policies/a.yaml")),
        ("GIT_REPLACE_REF_BASE", "refs/heads/".into()),
        ("GIT_CONFIG_PARAMETERS", "'core.worktree=/nowhere'".into()),
        ("GIT_CONFIG", at("policies/a.yaml")),
        ("GIT_DEFAULT_HASH", "sha256".into()),
        ("GIT_IMPLICIT_WORK_TREE", "0".into()),
    ] {
        let program = committed(Driftline::new().policy("policies/a.yaml", enabled()));
        let program = program.policy("policies/a.yaml", paused()).env(name, value);
        let program = program.env("GIT_CONFIG_COUNT", "1");
        let program = program.env("GIT_CONFIG_KEY_0", "core.worktree").env("GIT_CONFIG_VALUE_0", "/nowhere");
        assert!(program.run_with(&["diff", "--base", "HEAD", "policies"], 2).stdout.contains("1 with other"), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn of_another_users_repository_the_way_to_allow_it_is_told() {
    let program = committed(Driftline::new().policy("policies/a.yaml", enabled()));
    let root = program.path("");
    let given_away = Command::new("chown").args(["-R", "4711:4711"]).arg(&root).status();
    if !given_away.expect("chown").success() {
        // Only root can give a file away.
        return;
    }
    let ran = program.run_with(&["diff", "--base", "HEAD", "policies"], 1);
    let told = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("dubious ownership"), "{told}");
    assert!(told.contains("git config --global --add safe.directory "), "{told}");
    let root = root.canonicalize().expect("a folder");
    let output = program.command().args(["diff", "--base", "HEAD", "policies"]).output().expect("the program runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains(&format!("safe.directory {}", root.display())), "{told}");
    let allowed = Command::new("git")
        .args(["config", "--global", "--add", "safe.directory"])
        .arg(&root)
        .env("HOME", program.path("../home"))
        .status();
    assert!(allowed.expect("git runs").success());
    program.run_with(&["diff", "--base", "HEAD", "policies"], 0);
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
