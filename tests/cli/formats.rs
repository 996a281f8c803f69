//! What single formats are told, and what a step of GitHub Actions gets beside its annotations.

use serde_json::Value;

use crate::support::{ACCOUNT, Driftline, World, policy};

/// A check that finds drift.
fn check() -> Driftline {
    let declaration = format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: PAUSED");
    let program = Driftline::new().policy("a.yaml", policy([declaration])).world(&World::new().enabled(ACCOUNT));
    program.args(["check", "a.yaml", "--simulate", "world.yaml"])
}

fn sarif(program: &Driftline) -> Value {
    program.run(2).json()
}

/// The file that the first result is about.
fn file(log: &Value) -> &str {
    let location = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    location["artifactLocation"]["uri"].as_str().expect("a file")
}

#[test]
fn json_lines_end_with_the_exit_code() {
    let ran = check().args(["--report", "jsonl"]).run(2);
    let end: Value = serde_json::from_str(ran.stdout.lines().last().expect("a line")).expect("JSON");
    assert_eq!((end["type"].as_str(), end["exit_code"].as_u64()), (Some("run_end"), Some(2)));
}

#[test]
fn summary_and_outputs_are_added_where_annotations_are_asked_for() {
    let program = check().file("summary.md", "before\n").file("output", "mine=1\n");
    let program = program.env("GITHUB_STEP_SUMMARY", "summary.md").env("GITHUB_OUTPUT", "output");
    program.run(2);
    assert_eq!(program.read("summary.md"), "before\n", "not asked for");
    let program = program.args(["--report", "github"]);
    let ran = program.run(2);
    assert!(ran.stdout.starts_with("::warning file=a.yaml,line=3,"), "{}", ran.stdout);
    assert!(program.read("summary.md").starts_with("before\n## driftline: drift; everything was read\n"));
    let outputs = "verdict=drift\nexit-code=2\ndrifted=1\nunread=0\nwaived=0\npartly-unread=0\nexpected-unread=0\n";
    assert_eq!(program.read("output"), format!("mine=1\n{outputs}"));
    program.run(2);
    assert_eq!(program.read("output"), format!("mine=1\n{outputs}{outputs}"));
}

#[test]
fn no_variables_or_empty_ones_are_no_failure() {
    check().args(["--report", "github=annotations"]).run(2);
    check().args(["--report", "github"]).env("GITHUB_STEP_SUMMARY", "").env("GITHUB_OUTPUT", "").run(2);
}

#[test]
fn a_summary_that_cannot_be_written_is_refused_before_anything_is_read() {
    let program = check().args(["--report", "github"]);
    for name in ["GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"] {
        let ran = check().args(["--report", "github"]).env(name, "missing/file").run(1);
        ran.says("error: missing/file cannot be written: ");
        assert_eq!(ran.stdout, "");
    }
    program.env("GITHUB_OUTPUT", "output").run(2);
}

#[cfg(unix)]
#[test]
fn a_summary_that_is_not_taken_fails_the_run_and_no_report_is_lost() {
    let program = check().args(["--report", "github", "--report", "json=a.json"]);
    let program = program.env("GITHUB_STEP_SUMMARY", "/dev/full").env("GITHUB_OUTPUT", "output");
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    let ran = program.run(1);
    ran.says("error: /dev/full cannot be written: ");
    assert!(ran.stdout.starts_with("::warning "), "{}", ran.stdout);
    assert!(program.read("a.json").contains("\"verdict\": \"drift\""));
    assert!(program.read("output").contains("verdict=drift\n"));
}

#[test]
fn paths_begin_where_the_repository_does() {
    let below = || {
        let declaration = format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: PAUSED");
        let program = Driftline::new().policy("infra/a.yaml", policy([declaration]));
        let program = program.file("infra/world.yaml", World::new().enabled(ACCOUNT).to_string()).below("infra");
        program.args(["check", "a.yaml", "--simulate", "world.yaml", "--report", "sarif"])
    };
    assert_eq!(file(&sarif(&below().file(".git", "gitdir: elsewhere\n"))), "infra/a.yaml");
    assert_eq!(file(&sarif(&below().args(["--path-root", ".."]))), "infra/a.yaml");
    assert_eq!(file(&sarif(&below().file(".git", "").args(["--path-root", "."]))), "a.yaml");
    let ran = below().file("other/x", "").args(["--path-root", "../other"]).run(1);
    ran.says("error: ../other cannot be the repository root: it does not contain the working directory\n  fix: ");
    below().args(["--path-root", "missing"]).run(1).says("error: missing cannot be the repository root: ");
}

#[test]
fn sarif_is_told_how_to_group_and_what_to_leave_in() {
    let plain = sarif(&check().args(["--report", "sarif"]));
    assert!(plain["runs"][0].get("automationDetails").is_none());
    let log = sarif(&check().args(["--report", "sarif", "--sarif-group", "line", "--sarif-category", "prod"]));
    assert_eq!(log["runs"][0]["automationDetails"]["id"], "driftline/prod/");
    let message = log["runs"][0]["results"][0]["message"]["text"].as_str().expect("a message");
    assert!(message.starts_with("status of 1 target is not 'PAUSED'"), "{message}");
    assert_eq!(log["runs"][0]["invocations"][0]["exitCode"], 2);
    let waiver = format!(
        "version: 1\nwaivers:\n  - {{accounts: [\"{ACCOUNT}\"], reason: \"it [ends](soon)\", expires: 2049-12-31}}\n"
    );
    let with_waivers = || check().policy("w.yaml", &waiver).args(["w.yaml", "--report", "sarif"]);
    assert_eq!(with_waivers().run(0).json()["runs"][0]["results"], Value::Array(Vec::new()));
    let log = with_waivers().args(["--sarif-waived"]).run(0).json();
    let suppression = &log["runs"][0]["results"][0]["suppressions"][0];
    assert_eq!(suppression["justification"], "it [ends] (soon)");
}

#[test]
fn a_name_that_is_empty_is_none() {
    for option in ["--policy-set", "--sarif-category"] {
        check().args([option, ""]).run(1).says("a value is required");
    }
}

/// The places that the formats for forges name, of a policy file of a check in a repository's folder `repo`.
fn places(program: impl Fn() -> Driftline, name: &str) -> [String; 4] {
    let run =
        |format: &str| program().args(["check", name, "--simulate", "world.yaml", "--report", format]).run(2).stdout;
    let json = |format: &str| -> Value { serde_json::from_str(&run(format)).expect("JSON") };
    let github = run("github");
    let annotation =
        github.split_once("file=").and_then(|(_, rest)| rest.split_once(",line=")).expect("an annotation").0;
    let junit = run("junit");
    let case = junit.split_once(" file=\"").and_then(|(_, rest)| rest.split_once('"')).expect("a case").0;
    [
        file(&json("sarif")).to_owned(),
        json("codequality")[0]["location"]["path"].as_str().expect("a path").to_owned(),
        annotation.to_owned(),
        case.to_owned(),
    ]
}

/// A repository with a policy of the same name inside and outside.
fn inside_and_outside() -> Driftline {
    let declaration = format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: PAUSED");
    let program = Driftline::new().file("repo/.git", "gitdir: elsewhere\n").below("repo");
    let program = program.file("repo/world.yaml", World::new().enabled(ACCOUNT).to_string());
    ["repo/shared/p.yaml", "shared/p.yaml", "repo/a b%#.yaml", "repo/deep/x"]
        .into_iter()
        .fold(program, |program, path| program.policy(path, policy([&declaration])))
}

#[test]
fn a_policy_outside_the_repository_is_no_file_of_it() {
    for name in ["../shared/p.yaml", "deep/../../shared/p.yaml", "./../shared/p.yaml"] {
        assert_eq!(places(inside_and_outside, name), ["../shared/p.yaml"; 4], "{name}");
    }
    assert_eq!(places(inside_and_outside, "deep/../shared/p.yaml"), ["shared/p.yaml"; 4]);
    let program = inside_and_outside();
    let absolute = |path: &str| program.path(path).to_string_lossy().into_owned();
    let named = |path: &str| places(|| inside_and_outside().file("x", ""), &absolute(path));
    assert!(named("shared/p.yaml").iter().all(|place| place.starts_with("../")), "another folder is outside");
    let ran = program
        .run_with(&["check", &absolute("repo/shared/p.yaml"), "--simulate", "world.yaml", "--report", "sarif"], 2);
    assert_eq!(file(&ran.json()), "shared/p.yaml");
    assert_eq!(
        file(&program.run_with(&["check", "a b%#.yaml", "--simulate", "world.yaml", "--report", "sarif"], 2).json()),
        "a%20b%25%23.yaml"
    );
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_to_the_file_that_the_repository_has() {
    let linked = |to: &'static str, name: &'static str| {
        move || {
            let program = inside_and_outside();
            std::os::unix::fs::symlink(to, program.path("repo").join(name)).expect("a link");
            program
        }
    };
    assert_eq!(places(linked("shared", "link"), "link/p.yaml"), ["shared/p.yaml"; 4]);
    assert_eq!(places(linked("../shared", "link"), "link/p.yaml"), ["../shared/p.yaml"; 4]);
    // Beside `deep`'s target there is another folder `shared` than beside `deep`.
    assert_eq!(places(linked("../shared", "link"), "link/../shared/p.yaml"), ["../shared/p.yaml"; 4]);
}

#[cfg(unix)]
#[test]
fn a_backslash_belongs_to_the_name() {
    let program = || {
        let program = inside_and_outside();
        std::fs::copy(program.path("repo/shared/p.yaml"), program.path("repo/shared\\p.yaml")).expect("a copy");
        program
    };
    assert_eq!(
        places(program, "shared\\p.yaml"),
        ["shared%5Cp.yaml", "shared\\p.yaml", "shared\\p.yaml", "shared\\p.yaml"]
    );
}
