//! Runs that follow each other: what is new, changed, persisting and resolved; silence; and never two at once.

use std::fs::File;

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::{ACCOUNT, Driftline, World, policy};

const OTHER: &str = "222233334444";

/// A world with Macie as it is described in one account, and all well in another.
fn world(sessions: &str) -> World {
    World::new().account(ACCOUNT, &format!("sessions: {{{sessions}}}")).enabled(OTHER)
}

fn program(world: &World) -> Driftline {
    let declaration =
        format!("accounts: [\"{ACCOUNT}\", \"{OTHER}\"], regions: [eu-west-1, eu-west-2, us-east-1], status: ENABLED");
    Driftline::new().policy("a.yaml", policy([declaration])).world(world)
}

/// The same program with another world, as a later run finds it.
fn later(program: Driftline, world: &World) -> Driftline {
    program.world(world)
}

const CHECK: [&str; 6] = ["check", "a.yaml", "--simulate", "world.yaml", "--since", "last.json"];

const ON: &str = "\"*\": {status: ENABLED}";
const DRIFT: &str = "\"*\": {status: ENABLED}, eu-west-1: {status: PAUSED}, eu-west-2: off";
const LATER: &str = "\"*\": {status: ENABLED}, eu-west-1: off, us-east-1: {status: PAUSED}";

fn changes(program: &Driftline) -> Value {
    let report: Value = serde_json::from_str(&program.read("last.json")).expect("a report");
    report["changes"].clone()
}

#[test]
fn what_is_new_changed_persisting_and_resolved_is_told() {
    let first = program(&world(DRIFT)).args(CHECK);
    let ran = first.run(2);
    ran.says("note: there is no previous report in last.json, so everything is new");
    assert!(ran.stdout.contains("Changes   no earlier report: 2 new, 0 changed, 0 persisting, 0 resolved\n"));
    let second = later(first, &world(LATER));
    assert_snapshot!("second", second.run(2).stdout);
    let found = changes(&second);
    assert_eq!((&found["new"], &found["changed"], &found["persisting"]), (&1.into(), &1.into(), &0.into()));
    assert_eq!(found["resolved"][0]["region"], "eu-west-2");
    assert_eq!(found["resolved"][0]["was"], "drifted NOT_ENABLED");
    let third = later(second, &world(ON));
    assert!(third.run(0).stdout.contains("0 new, 0 changed, 0 persisting, 2 resolved\n"));
    assert!(third.run(0).stdout.contains("0 new, 0 changed, 0 persisting, 0 resolved\n"), "told once");
}

#[test]
fn since_when_it_drifts_is_carried_on() {
    let program = program(&world(DRIFT)).args(CHECK);
    program.run(2);
    let path = program.path("last.json");
    let text = std::fs::read_to_string(&path).expect("a report");
    let report: Value = serde_json::from_str(&text).expect("JSON");
    let finished = report["run"]["finished_at"].as_str().expect("a time").to_owned();
    std::fs::write(&path, text.replace(&finished, "2026-01-02T03:04:05Z")).expect("a file");
    program.run(2);
    program.run(2);
    let report: Value = serde_json::from_str(&std::fs::read_to_string(&path).expect("a report")).expect("JSON");
    let setting = &report["targets"][0]["settings"][0];
    assert_eq!((&setting["mark"], &setting["since"]), (&"persisting".into(), &"2026-01-02T03:04:05Z".into()));
}

#[test]
fn what_cannot_be_read_now_is_neither_resolved_nor_forgotten() {
    let first = program(&world(DRIFT)).args(CHECK);
    first.run(2);
    let denied =
        format!("{DRIFT}}}, denials: [{{actions: [\"macie2:GetMacieSession\"], regions: [eu-west-1]}}], tags: {{a: b");
    let second = later(first, &world(&denied));
    second.run(6);
    let found = changes(&second);
    assert_eq!(found["resolved"], Value::Array(Vec::new()));
    assert_eq!(
        (&found["carried"][0]["region"], &found["carried"][0]["was"]),
        (&"eu-west-1".into(), &"drifted PAUSED".into())
    );
    let third = later(second, &world(DRIFT));
    third.run(2);
    let found = changes(&third);
    assert_eq!(
        (&found["new"], &found["persisting"]),
        (&0.into(), &2.into()),
        "known from before it was unread: {found}"
    );
    assert_eq!(found["resolved"][0]["setting"], "session", "that it was unread is over");
}

#[test]
fn with_only_changes_silence_means_that_all_is_as_it_was() {
    let args = [&CHECK[..], &["--only-changes", "--quiet"]].concat();
    let program = program(&world(DRIFT)).args(&args);
    assert!(program.run(2).stdout.contains("2 new"));
    let ran = program.run(2);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    let resolved = later(program, &world(ON));
    assert!(resolved.run(0).stdout.contains("2 resolved"));
    assert_eq!(resolved.run(0).stdout, "");
}

#[test]
fn files_and_folders_are_written_in_silence_too() {
    let args = [&CHECK[..], &["--only-changes", "--report", "csv=a.csv", "--report", "asff=findings"]].concat();
    let program = program(&world(DRIFT)).args(args);
    program.run(2);
    std::fs::remove_file(program.path("a.csv")).expect("a report");
    std::fs::remove_dir_all(program.path("findings")).expect("a report");
    assert_eq!(program.run(2).stdout, "");
    assert!(program.path("a.csv").is_file());
    assert!(program.path("findings").join(format!("{ACCOUNT}.eu-west-1.001.asff.json")).is_file());
}

#[test]
fn what_is_unread_is_told_each_time() {
    let denied =
        format!("{ON}}}, denials: [{{actions: [\"macie2:GetMacieSession\"], regions: [eu-west-1]}}], tags: {{a: b");
    let args = [&CHECK[..], &["--only-changes", "--quiet"]].concat();
    let program = program(&world(&denied)).args(&args);
    for _ in 0..2 {
        assert!(program.run(4).stdout.contains("1 target could not be read"));
    }
}

#[test]
fn reminders_repeat_what_stands() {
    let args = [&CHECK[..], &["--only-changes", "--quiet", "--remind", "7d"]].concat();
    let program = program(&world(DRIFT)).args(&args);
    program.run(2);
    assert_eq!(program.run(2).stdout, "");
    let path = program.path("last.json");
    let report: Value = serde_json::from_str(&std::fs::read_to_string(&path).expect("a report")).expect("JSON");
    let told = report["changes"]["told_at"].as_str().expect("a time").to_owned();
    let text = std::fs::read_to_string(&path).expect("a report");
    let told_line = format!("\"told_at\": \"{told}\"");
    std::fs::write(&path, text.replace(&told_line, "\"told_at\": \"2026-01-01T00:00:00Z\"")).expect("a file");
    assert!(program.run(2).stdout.contains("2 persisting"));
    assert_eq!(program.run(2).stdout, "", "the week begins anew");
}

#[test]
fn a_report_that_cannot_be_read_makes_everything_new_and_is_replaced() {
    let program = program(&world(DRIFT)).args(CHECK).file("last.json", "{\"format\": \"driftline.report\", \"format_v");
    program.run(2).says("note: the previous report in last.json cannot be read, so everything is new: it is not JSON");
    assert_eq!(changes(&program)["compared_with"], Value::Null);
    assert!(program.run(2).stdout.contains("2 persisting"));
}

#[test]
fn two_runs_with_the_same_file_never_overlap() {
    let program = program(&world(DRIFT)).args(CHECK).file("last.json.lock", "4711\n");
    let held = File::open(program.path("last.json.lock")).expect("the lock file");
    held.lock().expect("a lock");
    let ran = program.run(1);
    ran.says("error: another run (process 4711) uses the same file: last.json.lock is locked");
    ran.says("--lock-wait 5m");
    assert!(!program.path("last.json").exists(), "nothing was read");
    drop(held);
    program.run(2);
}

#[test]
fn the_last_report_stays_where_the_new_one_cannot_be_written() {
    let program =
        program(&world(DRIFT)).args(["check", "a.yaml", "--simulate", "world.yaml", "--since", "missing/last.json"]);
    program.run(1).says("cannot be written");
}

#[test]
fn options_that_need_an_earlier_report_are_refused_without_one() {
    for option in [&["--only-changes"][..], &["--lock-wait", "5m"], &["--only-changes", "--remind", "7d"]] {
        program(&world(ON))
            .args(["check", "a.yaml", "--simulate", "world.yaml"])
            .args(option)
            .run(1)
            .says("--since <FILE>");
    }
    program(&world(ON)).args(CHECK).args(["--jitter", "soon"]).run(1).says("it is not a number with a unit");
    program(&world(ON)).args(CHECK).args(["--jitter", "1ms"]).run(0);
}
