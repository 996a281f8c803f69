//! `driftline init`: a project to start from.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::schemas::toml;
use crate::support::{Driftline, files_below};

const FILES: [&str; 8] = [
    ".driftline/policy.schema.json",
    ".driftline/settings.schema.json",
    ".github/workflows/macie.yml",
    ".gitignore",
    ".taplo.toml",
    "driftline.toml",
    "policies/macie.yaml",
    "world.yaml",
];

fn files(program: &Driftline, folder: &str) -> Vec<String> {
    let root = program.path(folder);
    let below =
        |path: &Path| path.strip_prefix(&root).expect("a path below it").to_str().expect("UTF-8").replace('\\', "/");
    files_below(&root).iter().map(|path| below(path)).collect()
}

#[test]
fn a_project_to_start_from_works_at_once() {
    let program = Driftline::new().args(["init"]);
    let ran = program.run(0);
    insta::assert_snapshot!("init", ran.stdout);
    assert_eq!(ran.stderr, "");
    assert_eq!(files(&program, ""), FILES);
    let again = |arguments: &[&str]| {
        let copy = Driftline::new();
        FILES
            .iter()
            .fold(copy, |copy, file| copy.file(file, fs::read(program.path(file)).expect("a file")))
            .args(arguments)
    };
    let ran = again(&["validate", "--deny-warnings"]).run(0);
    assert_eq!(ran.stdout, "valid: 1 policy file, 2 declarations, 22 targets in the caller's account\n");
    let ran = again(&["check", "--simulate", "world.yaml"]).run(2);
    assert!(ran.stdout.contains("2 targets are not as wanted; everything was read"), "{}", ran.stdout);
}

#[test]
fn a_folder_is_made_where_there_is_none() {
    let program = Driftline::new().args(["init", "infra/macie"]);
    let ran = program.run(0);
    assert!(ran.stdout.contains("wrote infra/macie/driftline.toml\n") && ran.stdout.contains("  cd infra/macie\n"));
    assert_eq!(files(&program, "infra/macie"), FILES);
    assert_eq!(Driftline::new().args(["init", "--quiet"]).run(0).stdout, "");
}

#[test]
fn nothing_is_written_over() {
    let program = Driftline::new().settings("mine").file("policies/macie.yaml", "mine").args(["init"]);
    let ran = program.run(1);
    assert_eq!(
        ran.stderr,
        "error: nothing was written, because these files exist: driftline.toml, policies/macie.yaml\n  fix: choose another \
         folder: driftline init FOLDER\n"
    );
    assert_eq!(files(&program, ""), ["driftline.toml", "policies/macie.yaml"]);
    assert_eq!(program.read("driftline.toml"), "mine");
}

#[test]
fn an_ignore_file_is_kept_and_told_what_to_add() {
    let program = Driftline::new().file(".gitignore", "mine").args(["init"]);
    let told = program.run(0).stdout;
    assert_eq!(program.read(".gitignore"), "mine");
    assert_eq!(files(&program, ""), FILES);
    assert!(told.contains("kept .gitignore; add what Git should ignore:\n  /plan.json\n"), "{told}");
    let ignored = Driftline::new().args(["init"]);
    ignored.run(0);
    let text = ignored.read(".gitignore");
    assert!(text.lines().filter(|line| !line.starts_with('#')).all(|line| told.contains(&format!("  {line}\n"))));
}

#[cfg(unix)]
#[test]
fn a_link_to_nowhere_is_in_the_way_too() {
    let program = Driftline::new();
    std::os::unix::fs::symlink("nowhere", program.path("world.yaml")).expect("a link");
    program.args(["init"]).run(1).says("these files exist: world.yaml");
}

#[test]
fn what_cannot_be_written_whole_is_not_written_at_all() {
    // Where a folder is to be, there is a file.
    let program = Driftline::new().file(".github", "a file").args(["init"]);
    program.run(1).says("error: the starter project cannot be written to .: ");
    assert_eq!(files(&program, ""), [".github"]);
    assert_eq!(program.names(""), [".github"], "folders that were made are gone, too");
}

#[test]
fn the_schemas_that_its_files_refer_to_are_there_and_accept_them() {
    let program = Driftline::new().args(["init"]);
    program.run(0);
    let schema = |name: &str| -> Value { serde_json::from_str(&program.read(name)).expect("JSON") };
    let policy: Value = serde_yaml::from_str(&program.read("policies/macie.yaml")).expect("YAML");
    assert!(
        program
            .read("policies/macie.yaml")
            .starts_with("# yaml-language-server: $schema=../.driftline/policy.schema.json\n")
    );
    assert!(jsonschema::is_valid(&schema(".driftline/policy.schema.json"), &policy));
    assert!(jsonschema::is_valid(&schema(".driftline/settings.schema.json"), &toml(&program.read("driftline.toml"))));
    for rule in toml(&program.read(".taplo.toml"))["rule"].as_array().expect("rules") {
        assert!(program.path(rule["schema"]["path"].as_str().expect("a path")).is_file(), "{rule}");
    }
}

#[test]
fn the_ci_job_is_sound_yaml_and_calls_commands_that_exist() {
    let program = Driftline::new().args(["init"]);
    program.run(0);
    let text = program.read(".github/workflows/macie.yml");
    let commented: String = text
        .lines()
        .map(|line| line.strip_prefix("  # ").map_or_else(|| line.to_owned(), |line| format!("  {line}")) + "\n")
        .collect();
    for text in [&text, &commented] {
        let job: Value = serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
        assert!(job["jobs"]["validate"]["steps"].as_array().is_some_and(|steps| steps.len() >= 4), "{job}");
    }
    for call in text.split("driftline ").skip(1).filter_map(|rest| rest.split([' ', '\n']).next()) {
        let known = driftline::cli::command().find_subcommand(call).is_some();
        let prose = ["run:", "--git", "run"].contains(&call) || text.contains(&format!("Install driftline\n{call}"));
        assert!(known || prose || call.is_empty(), "driftline {call}");
    }
}
