//! The files in `examples/shards`, carried out: their arguments and scripts as Kubernetes, AWS Batch and GitHub would run them,
//! against a simulated AWS, with a folder in the place of the bucket.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use driftline_simulator::Simulation;
use serde_json::Value;

use crate::support::{Driftline, copied, files_below, repository};

/// Stands for the AWS CLI. A bucket is a folder in $STORE, and a job is a line in a file.
const AWS: &str = r#"#!/bin/sh
set -eu
[ -z "${SKIPPED:-}" ] || exit 2
case "$1 $2 $3 $4" in
  "s3 cp --no-progress --recursive")
    [ "$7 $8 $9 ${10}" = "--exclude * --include shard-*.json" ]
    mkdir -p "$6"
    find "$STORE/${5#s3://}" -name 'shard-*.json' -exec cp {} "$6" \; ;;
  "s3 cp --no-progress "*)
    mkdir -p "$(dirname "$STORE/${5#s3://}")"
    cp "$4" "$STORE/${5#s3://}" ;;
  "batch submit-job --job-name "*)
    echo "$*" >> "$STORE/jobs"
    echo "job-$(wc -l < "$STORE/jobs" | tr -d ' ')" ;;
  *) exit 9 ;;
esac
"#;

fn text(file: &str) -> String {
    fs::read_to_string(repository("examples/shards").join(file)).expect("a file")
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).expect("YAML")
}

fn word(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// The worked example in a folder, with driftline and `aws` on the path; the inventory is saved there.
fn ground() -> (Simulation, Driftline) {
    let world = fs::read_to_string(repository("examples/organization/world.yaml")).expect("a world");
    let world = driftline_simulator::World::parse(&world, "world.yaml").expect("a world");
    let simulation = Simulation::start(world, 0).expect("a simulation");
    let program = copied(Driftline::new(), "examples/organization").file("bin/aws", AWS).file("store/jobs", "");
    fs::set_permissions(program.path("bin/aws"), fs::Permissions::from_mode(0o755)).expect("a mode");
    symlink(env!("CARGO_BIN_EXE_driftline"), program.path("bin/driftline")).expect("a link");
    let path = format!("{}:{}", program.path("bin").display(), std::env::var("PATH").expect("a path"));
    let store = program.path("store");
    let program = program.variables(&simulation.environment()).env("PATH", path).env("STORE", store);
    (simulation, program)
}

/// A shell in the folder and environment of a program.
fn shell(program: &Driftline, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let inner = program.command();
    let mut command = Command::new("bash");
    command.args(arguments).env_clear().envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.envs(variables.iter().copied()).current_dir(program.path("")).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs all at once, and returns what came of each.
fn at_once(commands: impl IntoIterator<Item = Command>) -> Vec<Output> {
    let children: Vec<_> = commands.into_iter().map(|mut command| command.spawn().expect("it starts")).collect();
    children.into_iter().map(|child| child.wait_with_output().expect("an end")).collect()
}

/// The targets of a report with what became of them.
fn outcomes(report: &str) -> Vec<(String, String, String)> {
    let report: Value = serde_json::from_str(report).expect("JSON");
    let targets = report["targets"].as_array().expect("targets").iter();
    let own = |target: &Value, key: &str| word(&target[key]).to_owned();
    targets.map(|target| (own(target, "account"), own(target, "region"), own(target, "outcome"))).collect()
}

/// The same of a run that is not split.
fn undivided(program: &Driftline) -> Vec<(String, String, String)> {
    program.run_with(&["check", "--inventory", "accounts.json", "--report", "json=whole.json"], 6);
    outcomes(&program.read("whole.json"))
}

#[test]
fn the_pods_of_the_indexed_job_make_one_report() {
    let (_simulation, program) = ground();
    let jobs: Vec<Value> = text("kubernetes.yaml").split("\n---\n").map(yaml).collect();
    let [shards, merge] = &jobs[..] else { panic!("{jobs:?}") };
    let container = |job: &Value| job["spec"]["template"]["spec"]["containers"][0].clone();
    let count = shards["spec"]["completions"].as_u64().expect("a number");
    assert_eq!(shards["spec"]["completionMode"], "Indexed");
    let completions = count.to_string();
    assert_eq!(container(shards)["env"], serde_json::json!([{"name": "JOB_COMPLETIONS", "value": completions}]));
    fs::create_dir(program.path("run")).expect("a folder");
    let reports = program.path("run");
    let arguments = |job: &Value, index: &str| -> Vec<String> {
        let words = container(job)["args"].as_array().expect("arguments").clone();
        let put = |word: &str| {
            let folder = format!("={}/", reports.display());
            word.replace("$(JOB_COMPLETION_INDEX)", index).replace("=/reports/", &folder)
        };
        words.iter().map(|argument| put(word(argument))).collect()
    };
    let pod = |index: u64| {
        let mut command = program.command();
        command.args(arguments(shards, &index.to_string()));
        command.env("JOB_COMPLETION_INDEX", index.to_string()).env("JOB_COMPLETIONS", &completions);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    };
    let merged = |exit: i32| {
        let mut command = program.command();
        let output = command.args(arguments(merge, "")).current_dir(&reports).output().expect("the program runs");
        program.assert_exit(&output, exit)
    };
    // The last pod is late: until then the merge is tried in vain.
    let first = at_once((0..count - 1).map(pod));
    let codes = |outputs: &[Output]| outputs.iter().all(|output| matches!(output.status.code(), Some(0 | 2 | 4 | 6)));
    assert!(codes(&first), "{first:?}");
    merged(1).says(&format!("run1-shard-{}.json: ", count - 1));
    assert!(codes(&at_once([pod(count - 1)])));
    merged(6);
    assert_eq!(outcomes(&program.read("run/run1-report.json")), undivided(&program));
    // What ends for good, and what is tried again.
    for (job, action) in [(shards, "FailIndex"), (merge, "FailJob")] {
        let rules = &job["spec"]["podFailurePolicy"]["rules"];
        let on = serde_json::json!({"containerName": "driftline", "operator": "In", "values": [2, 4, 6]});
        assert_eq!(*rules, serde_json::json!([{"action": action, "onExitCodes": on}]));
        assert_eq!(job["spec"]["template"]["spec"]["restartPolicy"], "Never");
    }
    // One word tells the run from other runs, once in each line: so much does sed replace.
    let text = text("kubernetes.yaml");
    let named = text.lines().filter(|line| !line.trim().starts_with('#')).map(|line| line.matches("run1").count());
    let named: Vec<usize> = named.filter(|count| *count > 0).collect();
    assert_eq!(named, [1; 9], "both Jobs, four reports as they are written and read, and the two that are merged");
}

#[test]
fn the_children_of_the_array_job_make_one_report() {
    const COUNT: &str = "3";
    let (_simulation, program) = ground();
    let policies = program.path("").display().to_string();
    let script = |name: &str| repository("examples/shards/batch").join(name).display().to_string();
    let (shard, merge, submit) = (script("shard"), script("merge"), script("submit"));
    let always = [("BUCKET", "b"), ("DAY", "2027-03-31"), ("POLICIES", policies.as_str())];
    let child = |index: &str| {
        let id = format!("run-7:{index}");
        let own =
            [("AWS_BATCH_JOB_ARRAY_INDEX", index), ("AWS_BATCH_JOB_ARRAY_SIZE", COUNT), ("AWS_BATCH_JOB_ID", &id)];
        shell(&program, &[&shard], &[&always[..], &own].concat())
    };
    let merging = |exit: i32| {
        let output = shell(&program, &[&merge], &[("BUCKET", "b"), ("RUN", "run-7")]).output().expect("it starts");
        program.assert_exit(&output, exit)
    };
    for output in at_once([child("0"), child("2")]) {
        program.assert_exit(&output, 0).says("as set by AWS_BATCH_JOB_ARRAY_INDEX=");
    }
    assert_eq!(program.names("store/b/run-7"), ["shard-1.json", "shard-3.json"]);
    merging(1).says("of 3 shards, one is missing: 2/3");
    assert_eq!(program.names("store/b/run-7"), ["shard-1.json", "shard-3.json"], "no verdict is left behind");
    // The missing one again, as a job of its own.
    let alone = [("AWS_BATCH_JOB_ID", "other"), ("RUN", "run-7"), ("DRIFTLINE_SHARD", "2/3")];
    let again = shell(&program, &[&shard], &[&always[..], &alone].concat()).output().expect("it starts");
    program.assert_exit(&again, 0).says("shard 2/3 of the accounts, as set by DRIFTLINE_SHARD=2/3");
    // The AWS CLI ends with 2 if it skips a file, which would be drift.
    let skipped = [("BUCKET", "b"), ("RUN", "run-7"), ("SKIPPED", "1")];
    let output = shell(&program, &[&merge], &skipped).output().expect("it starts");
    program.assert_exit(&output, 1);
    merging(6);
    let kept = ["report.html", "report.json", "shard-1.json", "shard-2.json", "shard-3.json"];
    assert_eq!(program.names("store/b/run-7"), kept);
    assert_eq!(outcomes(&program.read("store/b/run-7/report.json")), undivided(&program));

    // A child that can say nothing fails, and leaves nothing behind.
    let broken = shell(&program, &[&shard], &[&always[..2], &alone, &[("POLICIES", "/")]].concat());
    program.assert_exit(&at_once([broken])[0], 1);

    let submitted = shell(&program, &[&submit, COUNT], &[("QUEUE", "q")]).output().expect("it starts");
    program.assert_exit(&submitted, 0);
    let jobs = program.read("store/jobs");
    let [run, merge] = jobs.lines().collect::<Vec<_>>()[..] else { panic!("{jobs}") };
    assert!(run.contains("--array-properties size=3 ") && run.contains("{name=DAY,value=20"), "{run}");
    assert!(merge.contains("--depends-on jobId=job-1 ") && merge.contains("{name=RUN,value=job-1}"), "{merge}");
    for (definition, submitted) in [("shard", run), ("merge", merge)] {
        let job: Value = serde_json::from_str(&text(&format!("batch/{definition}.json"))).expect("JSON");
        assert!(submitted.contains(&format!("--job-definition {} ", word(&job["jobDefinitionName"]))), "{submitted}");
        let command = &job["containerProperties"]["command"];
        assert_eq!(*command, serde_json::json!([format!("/policies/{definition}")]));
    }
}

#[test]
fn the_jobs_of_the_workflow_make_one_report() {
    let (_simulation, program) = ground();
    let workflow = yaml(&text("github.yml"));
    let step = |job: &str, name: &str| -> Value {
        let steps = workflow["jobs"][job]["steps"].as_array().expect("steps");
        steps
            .iter()
            .find(|step| step["name"].as_str().is_some_and(|found| found.starts_with(name)))
            .expect(name)
            .clone()
    };
    let job = &workflow["jobs"]["shard"];
    assert_eq!(job["strategy"]["fail-fast"], false);
    let shards: Vec<u64> =
        job["strategy"]["matrix"]["shard"].as_array().expect("shards").iter().filter_map(Value::as_u64).collect();
    assert_eq!(shards, (1..=shards.len() as u64).collect::<Vec<_>>());
    let check = step("shard", "Check this shard");
    let run = |shard: &u64| {
        let filled = |text: &Value| {
            let count = shards.len().to_string();
            word(text).replace("${{ matrix.shard }}", &shard.to_string()).replace("${{ strategy.job-total }}", &count)
        };
        let (split, report) = (filled(&job["env"]["DRIFTLINE_SHARD"]), filled(&check["env"]["REPORT"]));
        assert_eq!(split, format!("{shard}/{}", shards.len()));
        let variables = [("DRIFTLINE_SHARD", split.as_str()), ("REPORT", report.as_str())];
        shell(&program, &["-e", "-c", word(&check["run"])], &variables)
    };
    // Each job passes with its report, whatever that says; the merge tells.
    for output in at_once(shards.iter().map(run)) {
        program.assert_exit(&output, 0);
    }
    fs::create_dir(program.path("shards")).expect("a folder");
    let moved = |shard: &u64| {
        let name = format!("shard-{shard}.json");
        fs::rename(program.path(&name), program.path("shards").join(name)).expect("a report");
    };
    let merge = step("merge", "Merge");
    let merged = |exit: i32| {
        let output = shell(&program, &["-e", "-c", word(&merge["run"])], &[]).output().expect("it starts");
        program.assert_exit(&output, exit)
    };
    merged(1).says("shards/shard-*.json: ");
    moved(&1);
    merged(1).says("of 4 shards, some are missing: 2/4, 3/4, 4/4");
    shards[1..].iter().for_each(moved);
    merged(6);
    assert_eq!(outcomes(&program.read("report.json")), undivided(&program));
    // A shard that can say nothing fails its job.
    fs::write(program.path("accounts.json"), "{}").expect("a file");
    program.assert_exit(&at_once([run(&1)])[0], 1);
}

#[test]
fn the_files_are_sound_and_call_driftline_as_it_wants_to_be_called() {
    let folder = repository("examples/shards");
    let of = |path: &Path, ending: &str| path.extension().is_some_and(|found| found == ending);
    let mut calls = 0;
    for path in files_below(&folder).into_iter().chain([repository("docs/how-to/shards.md")]) {
        let text = fs::read_to_string(&path).expect("UTF-8");
        if of(&path, "yml") || of(&path, "yaml") {
            text.split("\n---\n").for_each(|document| drop(yaml(document)));
        } else if of(&path, "json") {
            serde_json::from_str::<Value>(&text).expect("JSON");
        } else if !of(&path, "md") && !path.ends_with("Dockerfile") {
            let mode = fs::metadata(&path).expect("a file").permissions().mode();
            assert_eq!(mode & 0o111, 0o111, "{} is a script", path.display());
        }
        let lines = text.lines().map(|line| line.trim().trim_start_matches("- ").trim_start_matches("run: "));
        for line in lines.filter(|line| line.starts_with("driftline ")) {
            // What a shell puts in the place of variables.
            let shards = ["\"$CI_NODE_INDEX/$CI_NODE_TOTAL\"", "\"$((INDEX + 1))/$TOTAL\""];
            let line = shards.iter().fold(line.replace("\"$DAY\"", "2027-03-31"), |line, put| line.replace(put, "1/4"));
            let own = line.split(' ').take_while(|word| *word != "||");
            let call: Vec<String> = own.map(|word| word.replace('"', "")).collect();
            let parsed = driftline::cli::command().try_get_matches_from(&call);
            assert!(parsed.is_ok(), "{}: {call:?}: {parsed:?}", path.display());
            calls += 1;
        }
    }
    assert_eq!(calls, 9);
    let workflow = yaml(&text("github.yml"));
    assert_eq!(workflow["permissions"], serde_json::json!({}));
    let jobs = workflow["jobs"].as_object().expect("jobs");
    for step in jobs.values().flat_map(|job| job["steps"].as_array().expect("steps")) {
        // What others write must not become a part of a script.
        assert!(!step["run"].as_str().unwrap_or_default().contains("${{"), "{step}");
    }
}
