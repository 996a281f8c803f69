//! A run over several machines: as many real processes at once, each told by its variables which shard it is.

use std::collections::BTreeSet;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use driftline::model::{AccountId, Shard};
use driftline_simulator::Simulation;
use serde_json::Value;

use crate::support::{ACCOUNT, Driftline, World, copied, policy, repository, simulation};

/// What a machine finds in its environment.
type Variables = Vec<(&'static str, String)>;

/// What each machine is told, counted from 0: by Kubernetes, by AWS Batch, or by our own variable.
const SAYERS: [fn(u32, u32) -> Variables; 3] = [
    |index, count| vec![("JOB_COMPLETION_INDEX", index.to_string()), ("JOB_COMPLETIONS", count.to_string())],
    |index, count| {
        vec![("AWS_BATCH_JOB_ARRAY_INDEX", index.to_string()), ("AWS_BATCH_JOB_ARRAY_SIZE", count.to_string())]
    },
    |index, count| vec![("DRIFTLINE_SHARD", format!("{}/{count}", index + 1))],
];

/// The worked example, whose organization is served to any process.
fn example() -> (Simulation, Driftline) {
    let text = std::fs::read_to_string(repository("examples/organization/world.yaml")).expect("a world");
    let world = driftline_simulator::World::parse(&text, "world.yaml").expect("a world");
    let simulation = Simulation::start(world, 0).expect("a simulation");
    let program = copied(Driftline::new(), "examples/organization").variables(&simulation.environment());
    (simulation, program)
}

/// Begins a check with these variables, whose report goes to a file.
fn begin(program: &Driftline, variables: &[(&str, String)], file: &str) -> Child {
    let mut command = program.command();
    command.args(["check", "--report", &format!("json={file}"), "--report", "text"]);
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs")
}

/// A saved report, with what differs from run to run taken out.
fn report(program: &Driftline, file: &str) -> Value {
    let mut report: Value = serde_json::from_str(&program.read(file)).expect("JSON");
    report.as_object_mut().expect("an object").remove("requests");
    let run = report["run"].as_object_mut().expect("a run");
    for part in ["started_at", "finished_at"] {
        run.remove(part);
    }
    report
}

fn accounts(report: &Value) -> BTreeSet<String> {
    let targets = report["targets"].as_array().expect("targets").iter();
    targets.map(|target| target["account"].as_str().expect("an account").to_owned()).collect()
}

/// How often an operation was called so far.
fn calls(simulation: &Simulation, operation: &str) -> u64 {
    simulation.calls().get(operation).copied().unwrap_or_default()
}

#[test]
fn processes_that_run_at_once_make_the_report_of_one() {
    const OPERATIONS: [&str; 3] = ["sts:AssumeRole", "macie2:GetMacieSession", "account:ListRegions"];
    let (simulation, program) = example();
    let count_all = || OPERATIONS.map(|operation| calls(&simulation, operation));
    program.run_with(&["check", "--report", "json=whole.json"], 6);
    let (alone, whole) = (count_all(), report(&program, "whole.json"));
    assert!(alone.iter().all(|calls| *calls > 0), "{alone:?}");
    for (sayer, count) in SAYERS.into_iter().zip([3_u32, 4, 2]) {
        let before = count_all();
        let file = |index: u32| format!("shard-{index}.json");
        let machines: Vec<(u32, Variables, Child)> = (0..count)
            .map(|index| (index, sayer(index, count), begin(&program, &sayer(index, count), &file(index))))
            .collect();
        let mut seen = BTreeSet::new();
        for (index, variables, child) in machines {
            let output = child.wait_with_output().expect("an end");
            let code = output.status.code().expect("a code");
            let said = program.assert_exit(&output, code);
            let part = report(&program, &file(index));
            assert_eq!(part["run"]["shard"], serde_json::json!({"index": index + 1, "count": count}));
            let verdict =
                ["in_sync", "drift", "incomplete", "drift_and_incomplete"][usize::try_from(code / 2).expect("a code")];
            assert_eq!(part["verdict"], verdict, "{code}");
            let set: Vec<String> = variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let taken =
                format!("checking shard {}/{count} of the accounts, as set by {}\n", index + 1, set.join(" and "));
            assert_eq!(said.stderr, taken, "once, and nothing else");
            assert!(said.stdout.contains(&format!("\nShard     {}/{count}: ", index + 1)), "{}", said.stdout);
            for account in accounts(&part) {
                assert!(seen.insert(account.clone()), "{account} is in two shards");
            }
        }
        // No role is assumed, and no target read, by more than one of them.
        let after = count_all();
        for (nth, operation) in OPERATIONS.iter().enumerate() {
            assert_eq!(after[nth] - before[nth], alone[nth], "{operation}");
        }
        let mut merge = vec!["report".to_owned(), "--report".to_owned(), "json=merged.json".to_owned()];
        merge.extend((0..count).rev().map(file));
        let merge: Vec<&str> = merge.iter().map(String::as_str).collect();
        program.run_with(&merge, 6);
        assert_eq!(report(&program, "merged.json"), whole);
    }
}

/// Twelve accounts, and the shard of two that the last one is in, counted from 0.
fn twelve() -> (Vec<String>, u32) {
    let ids: Vec<String> = (1..=12).map(|number| format!("{number:012}")).collect();
    let last: AccountId = ids[11].parse().expect("an id");
    let index = (1..=2).find(|index| Shard { index: *index, count: 2 }.has(last)).expect("a shard");
    (ids, index - 1)
}

#[test]
fn a_machine_that_was_killed_is_missed_until_its_shard_was_run_again() {
    let (ids, doomed) = twelve();
    let world = || ids.iter().fold(World::new(), |world, id| world.enabled(id));
    let declaration = format!("accounts: {ids:?}, regions: [eu-west-1, us-east-1], status: ENABLED");
    // The last account never answers: its machine cannot come to an end by itself.
    let mute = simulation(&world().fault(&ids[11], "hang"));
    let program = Driftline::new()
        .policy("a.yaml", policy([declaration]))
        .settings("policies = [\"a.yaml\"]\n[aws]\nrole_name = \"R\"\n");
    let of = |simulation: &Simulation, index: u32| -> Variables {
        simulation.environment().into_iter().chain(SAYERS[0](index, 2)).collect()
    };
    let file = |index: u32| format!("shard-{index}.json");
    let mut killed = begin(&program, &of(&mute, doomed), &file(doomed));
    let patience = Instant::now() + Duration::from_mins(1);
    while calls(&mute, "macie2:GetMacieSession") == 0 {
        assert!(Instant::now() < patience, "it never asked: {:?}", mute.calls());
        std::thread::sleep(Duration::from_millis(2));
    }
    let other = begin(&program, &of(&mute, 1 - doomed), &file(1 - doomed));
    killed.kill().expect("it is there");
    killed.wait().expect("an end");
    program.assert_exit(&other.wait_with_output().expect("an end"), 0);
    assert!(!program.path(file(doomed)).exists(), "it was killed before it had a report");

    // As `shard-*.json` would be: one file, which is in sync.
    let missing = format!("of 2 shards, one is missing: {}/2", doomed + 1);
    let said = program.run_with(&["report", &file(1 - doomed)], 1);
    said.says(&missing);
    assert_eq!(said.stdout, "", "no verdict");
    let by_itself = program.run_with(&["report", &file(1 - doomed), "--part"], 0).stdout;
    assert!(by_itself.contains(&format!("Shard     {}/2: ", 2 - doomed)), "{by_itself}");
    // The same one twice does not make up for it.
    let twice = program.run_with(&["report", &file(1 - doomed), &file(1 - doomed)], 1);
    twice.says(&missing).says(&format!("shard {}/2 is there twice", 2 - doomed));
    program
        .run_with(&["report", &file(1 - doomed), &file(1 - doomed), "--part"], 1)
        .says("--part is for one report alone");

    // That shard again, on another machine.
    let sound = simulation(&world());
    let again = begin(&program, &of(&sound, doomed), &file(doomed));
    program.assert_exit(&again.wait_with_output().expect("an end"), 0);
    let merged = program.run_with(&["report", "shard-0.json", "shard-1.json", "--report", "json"], 0).json();
    assert_eq!(merged["ledger"]["declared"], 24);
    assert_eq!(merged["ledger"]["in_sync"], 24);
}

#[test]
fn a_lone_shard_of_very_many_is_refused_in_few_words() {
    let program = one_account();
    let check = ["check", "--simulate", "world.yaml", "--shard", "1/4294967295", "--quiet", "--report", "json=a.json"];
    program.run_with(&check, 0);
    let said = program.run_with(&["report", "a.json"], 1).stderr;
    assert!(said.contains("some are missing: 2/4294967295, ") && said.contains(", and 4294967194 more"), "{said}");
    assert!(said.len() < 4000, "{}", said.len());
}

/// A check of one account in a simulated AWS of its own.
fn one_account() -> Driftline {
    let declaration = format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: ENABLED");
    Driftline::new()
        .policy("a.yaml", policy([declaration]))
        .settings("policies = [\"a.yaml\"]\n")
        .world(&World::new().enabled(ACCOUNT))
}

/// Such a check, with these variables.
fn check(variables: &[(&str, &str)], more: &[&str]) -> Driftline {
    let program = one_account().args(["check", "--simulate", "world.yaml"]).args(more);
    variables.iter().fold(program, |program, (name, value)| program.env(name, value))
}

#[test]
fn the_option_counts_before_our_variable_and_that_before_schedulers() {
    let all = [
        ("DRIFTLINE_SHARD", "1/1"),
        ("JOB_COMPLETION_INDEX", "7"),
        ("AWS_BATCH_JOB_ARRAY_INDEX", "x"),
        ("AWS_BATCH_JOB_ARRAY_SIZE", "2"),
    ];
    let by_option = check(&all, &["--shard", "1/1", "--report", "json"]).run(0);
    assert_eq!(by_option.stderr, "", "who has said it need not be told");
    assert_eq!(by_option.json()["run"]["shard"]["count"], 1);
    let by_variable = check(&all, &[]).run(0);
    assert_eq!(by_variable.stderr, "checking shard 1/1 of the accounts, as set by DRIFTLINE_SHARD=1/1\n");
    assert!(!by_variable.stdout.contains("Shard"), "the only shard is the whole: {}", by_variable.stdout);
    assert_eq!(check(&all, &["--quiet"]).run(0).stderr, "");
}

#[test]
fn empty_variables_split_nothing() {
    let empty = [
        "DRIFTLINE_SHARD",
        "JOB_COMPLETION_INDEX",
        "JOB_COMPLETIONS",
        "AWS_BATCH_JOB_ARRAY_INDEX",
        "AWS_BATCH_JOB_ARRAY_SIZE",
    ];
    let ran = check(&empty.map(|name| (name, "")), &["--report", "json"]).run(0);
    assert_eq!(ran.stderr, "");
    assert_eq!(ran.json()["run"].get("shard"), None);
    // An option without a value is no option left out: a script meant to say something.
    check(&[], &["--shard", ""]).run(1).says("a shard is written as INDEX/COUNT");
}

#[test]
fn variables_of_other_ci_systems_split_nothing() {
    let ran = check(&[("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "4")], &["--report", "json"]).run(0);
    assert_eq!(ran.json()["run"].get("shard"), None);
}

#[test]
fn what_is_not_clear_is_refused_with_the_way_out() {
    for (variables, parts) in [
        (
            &[("JOB_COMPLETION_INDEX", "2")][..],
            &["JOB_COMPLETION_INDEX is set and JOB_COMPLETIONS is not", "`completions`"][..],
        ),
        (&[("JOB_COMPLETIONS", "2")], &["JOB_COMPLETIONS is set and JOB_COMPLETION_INDEX is not", "Indexed"]),
        (&[("AWS_BATCH_JOB_ARRAY_INDEX", "2")], &["AWS_BATCH_JOB_ARRAY_SIZE is not"]),
        (
            &[("JOB_COMPLETION_INDEX", "2"), ("JOB_COMPLETIONS", "2")],
            &["JOB_COMPLETION_INDEX=2 and JOB_COMPLETIONS=2: "],
        ),
        (&[("JOB_COMPLETION_INDEX", "two"), ("JOB_COMPLETIONS", "2")], &["JOB_COMPLETION_INDEX is \"two\""]),
        (
            &[
                ("JOB_COMPLETION_INDEX", "0"),
                ("JOB_COMPLETIONS", "2"),
                ("AWS_BATCH_JOB_ARRAY_INDEX", "1"),
                ("AWS_BATCH_JOB_ARRAY_SIZE", "2"),
            ],
            &["select shard 1/2, and AWS_BATCH_JOB_ARRAY_INDEX=1 and AWS_BATCH_JOB_ARRAY_SIZE=2 select shard 2/2"],
        ),
        (&[("DRIFTLINE_SHARD", "3/2")], &["DRIFTLINE_SHARD is \"3/2\": a shard is written as INDEX/COUNT"]),
    ] {
        let ran = check(variables, &[]).run(1);
        assert_eq!(ran.stdout, "", "{variables:?}");
        for part in parts.iter().chain(&["`--shard 1/1` checks everything on this machine"]) {
            ran.says(part);
        }
    }
}

#[test]
fn what_another_shard_has_seen_is_not_resolved_by_this_one() {
    let index = (1..=2).find(|index| Shard { index: *index, count: 2 }.has(ACCOUNT.parse().expect("an id")));
    let index = index.expect("a shard");
    let (its, other) = (format!("{index}/2"), format!("{}/2", 3 - index));
    let program = one_account().world(&World::new().account(ACCOUNT, "sessions: {\"*\": {status: PAUSED}}"));
    let run = |shard: &[&str], exit: i32| {
        let arguments = ["check", "--simulate", "world.yaml", "--since", "last.json", "--report", "json"];
        program.run_with(&[&arguments, shard].concat(), exit)
    };
    let changes = |report: &Value| {
        let counted = |key: &str| report["changes"][key].as_u64().expect("a number");
        let resolved = report["changes"]["resolved"].as_array().expect("a list").len();
        (counted("new"), counted("persisting"), resolved)
    };
    assert_eq!(changes(&run(&["--shard", &its], 2).json()), (1, 0, 0));
    assert_eq!(changes(&run(&["--shard", &its], 2).json()), (0, 1, 0));
    let otherwise = run(&["--shard", &other], 0);
    assert_eq!(changes(&otherwise.json()), (0, 0, 0), "nobody has looked at it");
    otherwise.says(&format!("covers shard {its}, and this run covers shard {other}, so everything is new"));
    let whole = run(&[], 2);
    whole.says(&format!("covers shard {other}, and this run covers all accounts, so everything is new"));
    assert_eq!(changes(&whole.json()), (1, 0, 0));
    // The only shard is the whole.
    assert_eq!(changes(&run(&["--shard", "1/1"], 2).json()), (0, 1, 0));
}

#[test]
fn a_part_says_so_in_every_degree_of_detail() {
    let shard = (1..=2).find(|index| Shard { index: *index, count: 2 }.has(ACCOUNT.parse().expect("an id")));
    let shard = format!("{}/2", shard.expect("a shard"));
    for detail in [&[][..], &["--verbose"], &["--quiet"]] {
        let said = check(&[], &[&["--shard", &shard], detail].concat()).run(0).stdout;
        let line =
            format!("Shard     {shard}: only a part of the accounts; `driftline report` merges the parts\nLedger  ");
        assert!(said.contains(&line), "{said}");
    }
}
