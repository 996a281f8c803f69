//! The files in `examples/aws` and `examples/atlantis`, carried out: their scripts as Fargate, CodeBuild and Atlantis would run them,
//! against a simulated AWS, with a folder in the place of the bucket.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::{Command, Stdio};

use driftline_simulator::Simulation;
use serde_json::Value;

use crate::support::{Driftline, Ran, copied, repository};

/// Stands for the AWS CLI. A bucket is a folder in $STORE, and a message is a line in a file. What $DENIED names is denied.
const AWS: &str = r#"#!/bin/sh
set -eu
case "$* " in *"${DENIED:-nothing is}"*) echo "AccessDenied" >&2; exit "${WITH:-1}" ;; esac
case "$1 $2 $3 $4" in
  "s3 cp --no-progress --recursive")
    case "$5" in
      s3://*) from="$STORE/${5#s3://}" to="$6" ;;
      *) from="$5" to="$STORE/${6#s3://}" ;;
    esac
    [ -d "$from" ] || exit 0
    mkdir -p "$to"
    cp -r "$from/." "$to" ;;
  "s3 cp --no-progress "*)
    mkdir -p "$(dirname "$STORE/${5#s3://}")"
    cp "$4" "$STORE/${5#s3://}" ;;
  "sns publish --topic-arn $TOPIC")
    [ "$5 $7" = "--subject --message" ]
    printf '%s\n' "$6" >> "$STORE/subjects"
    printf '%s\n' "$8" >> "$STORE/messages" ;;
  *) exit 9 ;;
esac
"#;

fn text(file: &str) -> String {
    fs::read_to_string(repository(file)).expect("a file")
}

/// The worked example in a bucket, with driftline and `aws` on the path.
fn ground() -> (Simulation, Driftline) {
    let world = text("examples/organization/world.yaml");
    let world = driftline_simulator::World::parse(&world, "world.yaml").expect("a world");
    let simulation = Simulation::start(world, 0).expect("a simulation");
    let program = Driftline::new().file("bin/aws", AWS).file("store/subjects", "");
    let program = copied(program, "examples/organization");
    let bucket = program.path("store/b/policies");
    fs::create_dir_all(&bucket).expect("a folder");
    for name in ["driftline.toml", "policies"] {
        fs::rename(program.path(name), bucket.join(name)).expect("a file");
    }
    fs::set_permissions(program.path("bin/aws"), fs::Permissions::from_mode(0o755)).expect("a mode");
    symlink(env!("CARGO_BIN_EXE_driftline"), program.path("bin/driftline")).expect("a link");
    let path = format!("{}:{}", program.path("bin").display(), std::env::var("PATH").expect("a path"));
    let store = program.path("store");
    let program = program.variables(&simulation.environment()).env("PATH", path).env("STORE", store);
    (simulation, program.env("BUCKET", "b").env("TOPIC", "arn:topic").env("DRIFTLINE_EXTERNAL_ID", ""))
}

/// Runs a script in the folder and environment of a program.
#[track_caller]
fn shell(program: &Driftline, arguments: &[&str], script: &str, variables: &[(&str, &str)], exit: i32) -> Ran {
    let inner = program.command();
    let mut command = Command::new(arguments[0]);
    command.args(&arguments[1..]).arg(script).env_clear();
    command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = command.envs(variables.iter().copied()).current_dir(program.path("")).stdin(Stdio::null());
    program.assert_exit(&output.output().expect("a shell"), exit)
}

/// The script of the container in the template. Its YAML has tags, so the lines are taken as they stand.
fn fargate_script() -> String {
    let template = text("examples/aws/fargate.yaml");
    let (_, script) = template.split_once("            - sh\n            - -euc\n            - |\n").expect("a script");
    let lines = script.lines().take_while(|line| line.starts_with("              "));
    lines.flat_map(|line| [&line[14..], "\n"]).collect()
}

#[test]
fn the_task_on_fargate_keeps_its_state_and_reports_changes_once() {
    let (_simulation, program) = ground();
    let script = fargate_script();
    let run = |variables: &[(&str, &str)], exit| shell(&program, &["sh", "-euc"], &script, variables, exit);
    let subjects = || program.read("store/subjects").lines().count();
    let names = |folder: &str| -> BTreeSet<String> {
        let files = crate::support::files_below(&program.path(folder));
        files.into_iter().map(|path| path.file_name().expect("a name").to_string_lossy().into_owned()).collect()
    };
    // Nobody was told, so the problems must be new in the next run as well.
    run(&[("DENIED", "sns publish")], 1);
    assert_eq!((subjects(), names("store/b/state").len()), (0, 0));
    let first = run(&[], 6);
    assert!(first.stdout.ends_with("driftline ended with code 6\n"), "{}", first.stdout);
    assert_eq!(subjects(), 1, "{}", program.read("store/subjects"));
    assert!(program.read("store/subjects").contains("7 of 42 targets drifted"), "{}", program.read("store/subjects"));
    let kept = ["report.html", "report.json", "sns.txt"].map(str::to_owned);
    assert_eq!(names("store/b/reports"), BTreeSet::from(kept));
    assert_eq!(names("store/b/state"), BTreeSet::from(["last.json".to_owned()]));
    // Nothing has changed, so there is no message.
    run(&[], 6);
    assert_eq!(subjects(), 1);
    // What cannot be read or written fails the task, with the state as it was.
    let state = program.read("store/b/state/last.json");
    for denied in ["s3://b/state/ state", "s3://b/policies/", " reports s3://b/reports/", "s3://b/state/last.json"] {
        // The AWS CLI also ends with 2, which would be drift.
        for with in ["1", "2", "254"] {
            let ran = run(&[("DENIED", denied), ("WITH", with)], 1);
            assert!(!ran.stdout.contains("driftline ended with"), "{denied}: {}", ran.stdout);
        }
    }
    assert_eq!(program.read("store/b/state/last.json"), state);
    // Without policies there is no verdict, and the line is none that the alarm counts.
    fs::remove_dir_all(program.path("store/b/policies")).expect("a folder");
    let ran = run(&[], 1);
    assert!(ran.stdout.ends_with("driftline ended with code 1\n"), "{}", ran.stdout);
}

#[test]
fn the_alarms_look_for_what_the_task_prints_and_ends_with() {
    let template = text("examples/aws/fargate.yaml");
    assert!(fargate_script().ends_with("\necho \"driftline ended with code $code\"\nended=\"$code\"\n"));
    // As fields, so that a line with more words than these is another line.
    let filter = "FilterPattern: \"[w1 = driftline, w2 = ended, w3 = with, w4 = code, code = 0 || code = 2]\"";
    assert!(template.contains(filter) && template.contains("exitCode: [{anything-but: [0, 2]}]"));
    assert!(template.contains("TreatMissingData: breaching"));
}

#[test]
fn the_role_of_the_task_has_the_actions_that_the_program_asks_for() {
    let template = text("examples/aws/fargate.yaml");
    let folder = repository("examples/organization");
    let printed = |purpose: &str| -> Value {
        let program = Driftline::new().args(["iam-policy", purpose, "--config"]).args([folder.join("driftline.toml")]);
        program.run(0).json()
    };
    let actions = |policy: &Value, sid: &str| -> Vec<String> {
        let statements = policy["Statement"].as_array().expect("statements");
        let found = statements.iter().find(|statement| statement["Sid"] == sid).expect("a statement");
        found["Action"]
            .as_array()
            .expect("actions")
            .iter()
            .map(|action| action.as_str().expect("a text").into())
            .collect()
    };
    let organization = actions(&printed("hub"), "Organization");
    let listed = template.lines().filter_map(|line| line.trim().strip_prefix("- organizations:"));
    let listed: Vec<String> = listed.map(|action| format!("organizations:{action}")).collect();
    assert_eq!(listed, organization);
    let default = template.lines().find_map(|line| line.trim().strip_prefix("Default: macie2:")).expect("actions");
    let default: BTreeSet<String> = format!("macie2:{default}").split(", ").map(str::to_owned).collect();
    let policy = printed("check");
    let least = ["Macie", "Regions"].iter().flat_map(|sid| actions(&policy, sid)).collect();
    assert_eq!(default, least);
    // Nothing else is written to, and nothing is deleted.
    for action in
        ["s3:*\n            Resource: [!GetAtt", "s3:GetObject", "s3:PutObject", "s3:ListBucket", "sns:Publish"]
    {
        assert!(template.contains(&format!("Action: {action}")), "{action}");
    }
    assert!(!template.contains("s3:Delete") && !template.contains("Action: \"*\""));
}

#[test]
fn the_build_of_codebuild_publishes_reports_and_fails_as_it_is_told() {
    let build: Value = serde_yaml::from_str(&text("examples/aws/buildspec.yml")).expect("YAML");
    let commands = |phase: &str| -> Vec<String> {
        let commands = build["phases"][phase]["commands"].as_array().expect("commands");
        commands.iter().map(|command| command.as_str().expect("a text").to_owned()).collect()
    };
    // The wheel is not installed here.
    let install = commands("install").join("\n");
    assert!(
        install.ends_with("install --quiet --only-binary=driftline \"driftline==$DRIFTLINE_VERSION\""),
        "{install}"
    );
    assert_eq!(build["env"]["variables"]["DRIFTLINE_VERSION"], env!("CARGO_PKG_VERSION"));
    let script = commands("build").join("\n").replace("/tmp/driftline/bin/driftline", "driftline");
    let (_simulation, program) = ground();
    let source = program.path("store/b/policies").display().to_string();
    for (fail_on, code) in
        [(build["env"]["variables"]["FAIL_ON"].as_str().expect("a text"), 4), ("drift", 2), ("none", 0)]
    {
        let variables = [("CODEBUILD_SRC_DIR", source.as_str()), ("FAIL_ON", fail_on)];
        // What the source has in the place of the reports is neither published nor followed.
        let reports = program.path("store/b/policies/reports");
        fs::create_dir_all(program.path("elsewhere")).expect("a folder");
        if code == 4 {
            symlink(program.path("elsewhere"), &reports).expect("a link");
        } else {
            fs::create_dir(&reports).expect("a folder");
            fs::write(reports.join("old.html"), "not of this build").expect("a file");
        }
        shell(&program, &["sh", "-ec"], &script, &variables, code);
        for (part, name) in [("reports", "driftline"), ("artifacts", "")] {
            let part = if name.is_empty() { &build[part] } else { &build[part][name] };
            let folder = format!("store/b/policies/{}", part["base-directory"].as_str().expect("a folder"));
            let written = program.names(&folder);
            for file in part["files"].as_array().expect("files") {
                assert!(written.iter().any(|name| name == file), "{file} of {written:?}");
            }
        }
        assert!(program.names("elsewhere").is_empty() && !reports.join("old.html").exists(), "{fail_on}");
        fs::remove_dir_all(&reports).expect("a folder");
    }
}

#[test]
fn atlantis_plans_and_applies_and_no_pull_request_chooses_a_command() {
    let server: Value = serde_yaml::from_str(&text("examples/atlantis/repos.yaml")).expect("YAML");
    let repository: Value = serde_yaml::from_str(&text("examples/atlantis/atlantis.yaml")).expect("YAML");
    assert_eq!(server["repos"][0]["allow_custom_workflows"], false);
    assert_eq!(server["repos"][0]["allowed_overrides"], serde_json::json!(["workflow"]));
    assert_eq!(server["repos"][0]["allowed_workflows"], serde_json::json!(["driftline"]));
    assert_eq!(repository["projects"][0]["workflow"], "driftline");
    assert!(repository["workflows"].is_null() && repository["projects"][0]["apply_requirements"].is_null());
    let command = |stage: &str| {
        let steps = &server["workflows"]["driftline"][stage]["steps"];
        assert_eq!(steps.as_array().map(Vec::len), Some(1));
        steps[0]["run"]["command"].as_str().expect("a command").to_owned()
    };
    let world = |status: &str| {
        format!(
            "version: 1\ncaller: \"111122223333\"\naccounts:\n  \"111122223333\": {{sessions: {{us-east-1: {{status: {status}}}}}}}\n"
        )
    };
    let policy =
        "version: 1\nmacie_sessions:\n  - {accounts: [\"111122223333\"], regions: [us-east-1], status: ENABLED}\n";
    let program = Driftline::new().policy("policies/a.yaml", policy);
    let parsed = driftline_simulator::World::parse(&world("PAUSED"), "world.yaml").expect("a world");
    let simulation = Simulation::start(parsed, 0).expect("a simulation");
    fs::create_dir_all(program.path("bin")).expect("a folder");
    symlink(env!("CARGO_BIN_EXE_driftline"), program.path("bin/driftline")).expect("a link");
    let path = format!("{}:{}", program.path("bin").display(), std::env::var("PATH").expect("a path"));
    let program = program.variables(&simulation.environment()).env("PATH", path);
    let plan = [("PLANFILE", "default.tfplan")];
    // Links of the pull request in the place of what is written.
    for name in ["default.tfplan", "default.tfplan.json", "default.tfplan.jsonl"] {
        symlink(program.path("elsewhere"), program.path(name)).expect("a link");
    }
    let ran = shell(&program, &["sh", "-c"], &command("plan"), &plan, 0);
    assert!(ran.stdout.contains("PAUSED") && program.path("default.tfplan").exists(), "{}", ran.stdout);
    shell(&program, &["sh", "-c"], &command("apply"), &plan, 0);
    assert!(!program.path("elsewhere").exists(), "a link was followed");
    program.run_with(&["check"], 0);
    // The next plan of the pull request is applied like the first.
    shell(&program, &["sh", "-c"], &command("plan"), &plan, 0);
    let ran = shell(&program, &["sh", "-c"], &command("apply"), &plan, 0);
    assert!(ran.stdout.contains("nothing to change"), "{}", ran.stdout);
    // An error is one, and the exit codes of a plan are none.
    fs::write(program.path("policies/a.yaml"), "version: 2\n").expect("a file");
    shell(&program, &["sh", "-c"], &command("plan"), &plan, 1);
    fs::remove_file(program.path("bin/driftline")).expect("a link");
    for (code, ends) in [(0, 0), (2, 0), (4, 0), (6, 0), (1, 1), (130, 130)] {
        let program = &program;
        fs::write(program.path("bin/driftline"), format!("#!/bin/sh\nexit {code}\n")).expect("a file");
        fs::set_permissions(program.path("bin/driftline"), fs::Permissions::from_mode(0o755)).expect("a mode");
        shell(program, &["sh", "-c"], &command("plan"), &plan, ends);
    }
}
