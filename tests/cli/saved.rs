//! Saved files that somebody has altered: each value is of the type of its field, or the file is refused, with file and field.

use serde_json::{Value, json};

use crate::support::{ACCOUNT, Driftline, World, policy};

const DENIED: &str = "222233334444";

/// A program with a report that holds a bit of everything, and a snapshot.
fn program() -> Driftline {
    let world = World::new()
        .account(ACCOUNT, "sessions: {eu-west-1: {status: PAUSED}, us-east-1: {status: PAUSED}}")
        .account(DENIED, "sessions: {}, roles: []");
    let declared = format!(
        "accounts: [\"{ACCOUNT}\", \"{DENIED}\"], regions: [eu-west-1, us-east-1], status: ENABLED, \
         finding_publishing_frequency: [FIFTEEN_MINUTES, SIX_HOURS]"
    );
    let waiver = format!(
        "waivers:\n  - {{accounts: [\"{ACCOUNT}\"], regions: [us-east-1], while_live: PAUSED, reason: x, expires: 2099-01-01}}\n"
    );
    let program = Driftline::new().policy("a.yaml", policy([declared]) + &waiver).world(&world);
    let check = ["check", "a.yaml", "--simulate", "world.yaml"];
    for _ in 0..2 {
        program.run_with(&[&check[..], &["--since", "last.json"]].concat(), 6);
    }
    program.run_with(&["snapshot", "a.yaml", "--simulate", "world.yaml", "--out", "s.json"], 4);
    let snapshot = ["check", "a.yaml", "--live", "s.json", "--report", "json=live.json"];
    program.run_with(&snapshot, 6);
    program
}

fn json_of(program: &Driftline, file: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(program.path(file)).expect("a file")).expect("JSON")
}

/// What the program says of a file in which one value is another.
fn altered(program: &Driftline, file: &str, pointer: &str, value: &Value, command: &[&str]) -> String {
    let mut document = json_of(program, file);
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    match document.pointer_mut(parent).expect(pointer) {
        Value::Array(list) => list[key.parse::<usize>().expect("a number")] = value.clone(),
        parent => parent[key] = value.clone(),
    }
    std::fs::write(program.path("bad.json"), document.to_string()).expect("a file");
    let ran = program.run_with(command, 1);
    assert_eq!(ran.stdout, "", "{pointer}");
    ran.stderr
}

#[test]
fn a_value_of_a_report_that_is_not_of_its_type_is_refused_with_its_field() {
    let program = program();
    for (pointer, value, field) in [
        ("/run/started_at", json!("yesterday"), "`run.started_at`"),
        ("/run/finished_at", json!("2026-01-02T03:04:05+01:00[Europe/Berlin]"), "`run.finished_at`"),
        ("/run/finished_at", json!("2026-13-02T03:04:05Z"), "`run.finished_at`"),
        ("/run/as_of", json!("31 March"), "`run.as_of`"),
        ("/run/carried", json!({"readings": 1, "read_at": "\u{1b}[31m"}), "`run.carried.read_at`"),
        ("/run/carried", json!({"readings": 9, "read_at": "2026-01-01T00:00:00Z"}), "`run.carried.readings`"),
        ("/run/snapshot", json!({"taken_at": ""}), "`run.snapshot.taken_at`"),
        ("/run/command", json!("check ::error::x"), "`run.command`"),
        ("/run/policy_digest", json!("<script>"), "`run.policy_digest`"),
        ("/run/source", json!("azure"), "`run.source`"),
        ("/run/shard", json!({"index": 5, "count": 3}), "`run.shard`"),
        ("/run/shard", json!({"index": 0, "count": 0}), "`run.shard`"),
        ("/run/shard", json!({"index": 1, "count": -3}), "`run.shard.count`"),
        ("/run/caller/arn", json!("x"), "`run.caller`"),
        ("/run/caller/account", json!("123"), "`run.caller.account`"),
        ("/run/management_account", json!(7), "`run.management_account`"),
        ("/verdict", json!("fine"), "`verdict`"),
        ("/ledger/drifted", json!(0), "`ledger`"),
        ("/ledger/declared", json!("4"), "`ledger.declared`"),
        ("/requests/macie2", json!(-1), "`requests.macie2`"),
        ("/targets/0/account", json!("11112222333"), "`targets[0].account`"),
        ("/targets/0/region", json!("../../x-1"), "is no Region"),
        ("/targets/0/account_state", json!("GONE"), "`targets[0].account_state`"),
        ("/targets/0/outcome", json!("fine"), "`targets[0].outcome`"),
        ("/targets/0/outcome", json!("waived"), "`ledger`"),
        ("/targets/0/read_at", json!("now"), "targets[0] (111122223333/eu-west-1)`: `read_at`"),
        ("/targets/0/live/status", json!("ASLEEP"), "targets[0] (111122223333/eu-west-1)`: its live status"),
        ("/targets/0/live/created_at", json!("long ago"), "`live.created_at`"),
        ("/targets/0/live/finding_publishing_frequency", json!("NEVER"), "its frequency is the unknown word"),
        ("/targets/0/settings/0/setting", json!("x"), "`targets[0].settings[0].setting`"),
        ("/targets/0/settings/0/desired/0", json!("::error::x"), "the unknown word"),
        ("/targets/0/settings/0/live", json!("ENABLED"), "its live value is not that of the target"),
        ("/targets/0/settings/0/severity", json!("huge"), "`targets[0].settings[0].severity`"),
        ("/targets/0/settings/0/since", json!("a week"), "`status.since`"),
        ("/targets/0/settings/0/mark", json!("old"), "`targets[0].settings[0].mark`"),
        ("/targets/0/settings/0/origin/line", json!("3"), "`targets[0].settings[0].origin.line`"),
        ("/targets/1/settings/0/waiver/expires", json!("never"), "`targets[1].settings[0].waiver.expires`"),
        ("/targets/1/settings/0/waiver/while_live/0", json!("ASLEEP"), "the unknown word"),
        ("/targets/1/settings/0/waiver", Value::Null, "a waiver stands at what is not waived"),
        ("/targets/2/unread/reason", json!("lazy"), "`targets[2].unread.reason`"),
        ("/targets/2/unread/since", json!("<b>"), "`unread.since`"),
        ("/changes/told_at", json!("soon"), "`changes`"),
        ("/changes/compared_with", json!("soon"), "`changes`"),
        ("/changes/new", json!(7), "`changes`"),
        (
            "/changes/resolved",
            json!([{"account": "1", "region": "x", "setting": "s", "was": "w", "since": ""}]),
            "`changes.resolved[0].account`",
        ),
        (
            "/changes/carried",
            json!([{"account": ACCOUNT, "region": "eu-west-1", "setting": "status", "was": "drifted <b>", "since": "2026-01-01T00:00:00Z"}]),
            "nothing that a target can have been",
        ),
    ] {
        let said = altered(&program, "last.json", pointer, &value, &["report", "bad.json"]);
        assert!(said.contains("bad.json: it is not a sound report: "), "{pointer}: {said}");
        assert!(said.contains(field), "{pointer}: {said}");
        assert!(!said.contains('\u{1b}'), "{pointer}: {said}");
        // Who completes it is told the same.
        let complete = ["check", "a.yaml", "--simulate", "world.yaml", "--only-unread", "bad.json"];
        assert!(altered(&program, "last.json", pointer, &value, &complete).contains(field), "{pointer}");
    }
}

/// What the program says of a report after a change of several values.
fn refused(program: &Driftline, change: impl Fn(&mut Value)) -> String {
    let mut document = json_of(program, "last.json");
    change(&mut document);
    std::fs::write(program.path("bad.json"), document.to_string()).expect("a file");
    let told = program.run_with(&["report", "bad.json"], 1).stderr;
    let complete = ["check", "a.yaml", "--simulate", "world.yaml", "--only-unread", "bad.json"];
    assert_eq!(program.run_with(&complete, 1).stderr, told);
    told
}

#[test]
fn values_of_a_report_that_contradict_each_other_are_refused_with_their_field() {
    let program = program();
    let late = "2099-01-01T00:00:00Z";
    let past = "2026-01-01T00:00:00Z";
    let base = |field: &str, count: u64| {
        let mut counts = json!({"accepts": 0, "waives": 0, "causes": 0, "already": 0, "unread": 0, "unmanaged": 0,
            "no_longer_declared": 0, "settings_no_longer_declared": 0});
        counts[field] = count.into();
        json!({"revision": "main", "counts": counts})
    };
    for (pointer, value, field) in [
        ("/run/started_at", json!("20261128T18Z"), "`run.started_at`"),
        ("/run/started_at", json!("2026-11-28T18:05Z"), "`run.started_at`"),
        ("/run/started_at", json!("2026-11-28T18:05:60Z"), "`run.started_at`"),
        ("/run/started_at", json!("2026-11-28T18:05:00.5Z"), "`run.started_at`"),
        ("/run/started_at", json!("-002026-11-28T18:05:00Z"), "`run.started_at`"),
        ("/run/started_at", json!(late), "`run.finished_at`: it is before `run.started_at`"),
        ("/run/snapshot", json!({"taken_at": late}), "`run.snapshot.taken_at`"),
        ("/run/carried", json!({"readings": 1, "read_at": late}), "`run.carried.read_at`"),
        ("/run/carried", json!({"readings": 0, "read_at": past}), "`run.carried.readings`"),
        ("/run/shard", json!({"index": 1, "count": 1000}), "`account`: it is not in this shard"),
        ("/run/caller/arn", json!("arn:aws:sts::000011112222:assumed-role/a/\u{1b}[2J"), "`run.caller`"),
        ("/targets/0/read_at", json!(past), "`run.carried`: it is not there"),
        ("/targets/0/evidence", json!({"basis": "listed", "administrator": ACCOUNT}), "`live.finding_publishing_"),
        ("/targets/2/evidence", json!({"basis": "answer"}), "`evidence`"),
        ("/targets/0/settings/0/desired", json!([]), "`desired`: it is empty"),
        ("/targets/0/settings/0/desired/0", json!("ONE_HOUR"), "`desired`: the unknown word"),
        ("/targets/0/settings/0/since", json!(late), "`status.since`"),
        ("/targets/0/settings/0/origin/line", json!(0), "`origin`"),
        ("/targets/0/settings/0/origin/column", json!(0), "`origin`"),
        ("/targets/0/settings/0/review", json!("causes"), "`review`"),
        ("/targets/1/settings/0/waiver/expires", json!("2020-01-01"), "`waiver.expires`"),
        ("/targets/1/settings/0/waiver/while_live", json!(["ENABLED"]), "`waiver.while_live`"),
        ("/waivers/0/covered", json!(5), "`waivers[0]`: `covered`"),
        ("/waivers/0/covered", json!(0), "`waivers[0]`: `covered`"),
        ("/waivers/0/uncovered", json!(1), "`waivers[0]`: `uncovered`"),
        ("/waivers/0/in_sync", json!(99), "`waivers[0]`: `in_sync`"),
        ("/waivers/0/unread", json!(99), "`waivers[0]`: `unread`"),
        ("/waivers/0/state", json!("expired"), "`waivers[0]`: `state`"),
        ("/waivers/0/while_live", json!(["ASLEEP"]), "`waivers[0]`: `while_live`"),
        ("/waivers/0/origin/line", json!(0), "`waivers[0]`"),
        ("/base", base("unmanaged", 99), "`base.counts.unmanaged`"),
        ("/base", base("waives", 1), "`base.counts`"),
        ("/base", base("unread", 99), "`base.counts.unread`"),
        ("/changes/compared_with", json!(late), "`changes`: `compared_with`"),
        ("/changes/compared_with", Value::Null, "`changes`: `compared_with`"),
    ] {
        let said = altered(&program, "last.json", pointer, &value, &["report", "bad.json"]);
        assert!(said.contains("bad.json: it is not a sound report: "), "{pointer} {value}: {said}");
        assert!(said.contains(field), "{pointer} {value}: {said}");
        assert!(!said.contains('\u{1b}'), "{pointer}: {said}");
        let complete = ["check", "a.yaml", "--simulate", "world.yaml", "--only-unread", "bad.json"];
        assert!(altered(&program, "last.json", pointer, &value, &complete).contains(field), "{pointer}");
    }
    let off = |field: &'static str, value: Value| {
        refused(&program, |report| {
            report["targets"][0]["live"] = json!({"status": "NOT_ENABLED", field: value.clone()});
            report["targets"][0]["evidence"] = json!({"basis": "answer"});
        })
    };
    assert!(off("finding_publishing_frequency", json!("ONE_HOUR")).contains("`live.finding_publishing_frequency`"));
    assert!(off("created_at", json!(past)).contains("`live.created_at`"));
    let twice = refused(&program, |report| {
        let settings = report["targets"][0]["settings"].as_array_mut().expect("a list");
        settings.insert(1, settings[0].clone());
    });
    assert!(twice.contains("`settings`: status stands twice"), "{twice}");
}

#[test]
fn changes_that_contradict_the_targets_are_refused() {
    let program = program();
    let gone = |region: &str, was: &str, kind: &str, undeclared: bool| {
        json!({"account": ACCOUNT, "region": region, "setting": "status", "was": was, "since": "2026-01-01T00:00:00Z",
            "kind": kind, "undeclared": undeclared})
    };
    let here = |was, kind| gone("eu-west-1", was, kind, false);
    let away = || gone("eu-north-1", "drifted PAUSED", "undeclared", true);
    for (list, entries, why) in [
        ("resolved", vec![here("drifted PAUSED", "accepted")], "the problem is still there"),
        ("resolved", vec![here("drifted PAUSED", "drift_ended")], "its `kind` drift_ended"),
        ("resolved", vec![here("drifted ONE_HOUR", "drift_ended")], "nothing that a target can have been"),
        ("resolved", vec![here("unread denied", "drift_ended")], "nothing that a target can have been"),
        ("resolved", vec![gone("eu-north-1", "drifted PAUSED", "drift_ended", true)], "its `kind` drift_ended"),
        ("resolved", vec![gone("eu-north-1", "drifted PAUSED", "undeclared", false)], "its `undeclared`"),
        ("resolved", vec![here("drifted PAUSED", "vanished")], "`changes.resolved[0].kind`"),
        ("resolved", vec![away(), away()], "`resolved[1]`: the problem is still there, or stands twice"),
        ("carried", vec![here("drifted PAUSED", "unknown")], "its `kind` unknown"),
        ("carried", vec![away()], "what is undeclared does not stand there"),
    ] {
        let said = refused(&program, |report| report["changes"][list] = Value::Array(entries.clone()));
        assert!(said.contains("bad.json: it is not a sound report: `changes"), "{entries:?}: {said}");
        assert!(said.contains(why), "{entries:?}: {said}");
    }
    // What fits is taken.
    let mut report = json_of(&program, "last.json");
    report["changes"]["resolved"] = json!([away()]);
    std::fs::write(program.path("good.json"), report.to_string()).expect("a file");
    program.run_with(&["report", "good.json"], 6);
}

#[test]
fn a_value_of_a_snapshot_that_is_not_of_its_type_is_refused_with_its_field() {
    let program = program();
    let place = json_of(&program, "s.json")["targets"]
        .as_array()
        .and_then(|targets| targets.iter().position(|target| target["live"]["created_at"].is_string()))
        .expect("a target");
    for (pointer, value, field) in [
        ("/taken_at".to_owned(), json!("yesterday"), "`taken_at`"),
        ("/taken_at".to_owned(), json!("2026-11-28T18:05Z"), "`taken_at`"),
        (format!("/targets/{place}/live/status"), json!("NOT_ENABLED"), "`live.finding_publishing_frequency`"),
        ("/source".to_owned(), json!("azure"), "`source`"),
        ("/caller/arn".to_owned(), json!("x"), "its caller is no user or role"),
        (format!("/targets/{place}/account"), json!("123"), "].account`"),
        (format!("/targets/{place}/region"), json!("x"), "that is no Region"),
        (format!("/targets/{place}/live/created_at"), json!("long ago"), "`live.created_at`"),
        (format!("/targets/{place}/live/updated_at"), json!("2026-01-01"), "`live.updated_at`"),
        (format!("/targets/{place}/live/status"), json!("ASLEEP"), "its live status is the unknown word"),
        (format!("/targets/{place}/evidence"), json!({"basis": "hearsay"}), "].evidence"),
    ] {
        let said = altered(&program, "s.json", &pointer, &value, &["check", "a.yaml", "--live", "bad.json"]);
        assert!(said.contains("bad.json cannot be used: it is not a sound snapshot: "), "{pointer}: {said}");
        assert!(said.contains(field), "{pointer}: {said}");
    }
}

#[test]
fn every_report_of_the_program_is_sound() {
    let program = program();
    for file in ["last.json", "live.json"] {
        for format in ["json", "text", "csv", "html", "markdown", "sns"] {
            program.run_with(&["report", file, "--report", format], 6);
        }
    }
}
