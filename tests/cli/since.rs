//! Runs that follow each other: what is new, changed, persisting and resolved; silence; and never two at once.

use std::fs::File;

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::{ACCOUNT, CALLER, Driftline, World, policy};

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
    let earlier = ["started_at", "finished_at"]
        .iter()
        .fold(text, |text, field| text.replace(report["run"][field].as_str().expect("a time"), "2026-01-02T03:04:05Z"));
    std::fs::write(&path, earlier).expect("a file");
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
fn of_what_is_unread_as_before_two_lines_are_left() {
    let denied =
        format!("{ON}}}, denials: [{{actions: [\"macie2:GetMacieSession\"], regions: [eu-west-1]}}], tags: {{a: b");
    let args = [&CHECK[..], &["--only-changes"]].concat();
    let program = program(&world(&denied)).args(&args);
    assert!(program.run(4).stdout.contains("1 target could not be read"));
    let ran = program.run(4);
    let left =
        "Unchanged 1 as before: 1 unread\nVerdict   incomplete: 1 target could not be read; no drift in the rest\n";
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), (left, ""));
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

/// An organization of 40 accounts in 17 Regions: two roles are missing, one target is denied, and of three paused ones one is
/// waived. `more` is said of the ninth account.
fn organization(more: &str) -> World {
    let session = "sessions: {\"*\": {status: ENABLED}";
    let mut world =
        World::new().organization(&format!("management: \"{CALLER}\"")).account(CALLER, &format!("{session}}}"));
    for nth in 1..40 {
        let special = match nth {
            5..=7 => ", eu-west-1: {status: PAUSED}}".to_owned(),
            9 => format!("{more}}}"),
            30 | 31 => "}, roles: [Other]".to_owned(),
            32 => "}, denials: [{actions: [\"macie2:GetMacieSession\"], regions: [us-east-1]}]".to_owned(),
            _ => "}".to_owned(),
        };
        world = world.account(&format!("1111000000{nth:02}"), &format!("name: workload-{nth:02}, {session}{special}"));
    }
    world
}

/// The policies of the organization, and settings with 17 Regions.
fn organized(world: &World, waivers: &str) -> Driftline {
    let regions = "ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1 ap-southeast-2 ca-central-1 \
                   eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2";
    let regions: Vec<String> = regions.split(' ').map(|region| format!("\"{region}\"")).collect();
    let paused = "  - {accounts: [\"111100000006\"], settings: [status], reason: known, owner: a@example.com, expires: 2099-01-01}\n";
    Driftline::new()
        .policy(
            "a.yaml",
            policy(["name: every account, status: ENABLED, severity: high"]) + "waivers:\n" + paused + waivers,
        )
        .settings(&format!("[inventory]\naccounts = \"organization\"\nregions = [{}]\n", regions.join(", ")))
        .world(world)
}

#[test]
fn a_night_without_news_is_two_lines_and_one_with_news_names_it_everywhere() {
    let formats =
        ["slack=slack.json", "sns=sns.txt", "markdown=comment.md", "html=page.html", "prometheus=metrics.prom"];
    let mut args = [&CHECK[..], &["--only-changes", "--report", "text"]].concat();
    for format in formats {
        args.extend(["--report", format]);
    }
    let program = organized(&organization(""), "").args(&args);
    program.run(6);
    for _ in 0..2 {
        let ran = program.run(6);
        assert_eq!((ran.stdout.lines().count(), ran.stderr.as_str()), (2, ""), "{}", ran.stdout);
        assert!(ran.stdout.starts_with("Unchanged 38 as before: 2 drifted, 1 waived, 35 unread\n"), "{}", ran.stdout);
    }
    let program = later(program, &organization(", eu-central-1: {status: PAUSED}"));
    let ran = program.run(6);
    assert_snapshot!("one_new", ran.stdout);
    assert_eq!(ran.stderr, "");
    let subject = program.read("sns.txt").lines().next().expect("a subject").to_owned();
    assert!(subject.starts_with("driftline (simulated AWS): 1 new: workload-09 eu-central-1 PAUSED"), "{subject}");
    let named = "workload-09 (111100000009) eu-central-1 status want ENABLED, is PAUSED";
    for (file, old) in [("sns.txt", "workload-05"), ("slack.json", "workload-05"), ("comment.md", "workload-05")] {
        let text = program.read(file);
        assert!(text.contains(named) && text.contains("and 38 as before: "), "{file}: {text}");
        assert!(!text.contains(old), "{file} repeats what is known: {text}");
    }
    let page = program.read("page.html");
    assert!(page.find(named) < page.find("workload-05 ").or(Some(usize::MAX)), "the page begins with what is new");
    let metrics = program.read("metrics.prom");
    let problems = |severity: &str, change: &str| {
        let start =
            format!("driftline_problems{{change=\"{change}\",policy_set=\"default\",severity=\"{severity}\"}} ");
        metrics.lines().find_map(|line| line.strip_prefix(&start)).expect("a series").to_owned()
    };
    assert_eq!(
        [problems("high", "new"), problems("high", "changed"), problems("high", "persisting")],
        ["1", "0", "37"]
    );
    assert_eq!(metrics.lines().filter(|line| line.starts_with("driftline_problems{")).count(), 12, "every pair");
}

#[test]
fn lost_access_is_named_and_hides_no_drift() {
    let world = |roles: &str| {
        World::new()
            .account(
                ACCOUNT,
                &format!("sessions: {{\"*\": {{status: ENABLED}}, eu-west-1: {{status: PAUSED}}}}{roles}"),
            )
            .enabled(OTHER)
    };
    let program = program(&world("")).args(CHECK).args(["--only-changes"]);
    program.run(2);
    let program = later(program, &world(", roles: []"));
    let lost = program.run(6);
    assert_snapshot!("lost_access", lost.stdout);
    let first = std::fs::read(program.path("last.json")).expect("a report");
    let report: Value = serde_json::from_str(&program.read("last.json")).expect("a report");
    assert_eq!(report["verdict"], "drift_and_incomplete");
    assert_eq!((&report["changes"]["new"], &report["changes"]["newly_unread"]), (&3.into(), &3.into()));
    assert_eq!(program.run_with(&["--report", "prometheus"], 6).stdout.matches("change=\"persisting\"").count(), 4);
    program.run(6);
    // The saved report ends as the run did.
    let saved = std::fs::read(program.path("last.json")).expect("a report");
    Driftline::new().file("saved.json", saved).args(["report", "saved.json"]).run(6);
    // A report of version 1 may lack the fields that were added to it.
    let mut older: Value = serde_json::from_slice(&first).expect("a report");
    let since = older["changes"].as_object_mut().expect("an object");
    assert!(since.remove("newly_unread").is_some());
    let carried = since["carried"].as_array_mut().expect("a list").iter_mut();
    carried.for_each(|ended| assert!(ended.as_object_mut().expect("an object").remove("kind").is_some()));
    let older = Driftline::new().file("older.json", older.to_string());
    let again: Value = serde_json::from_str(&older.run_with(&["report", "older.json", "--report", "json"], 6).stdout)
        .expect("a report");
    assert_eq!(
        (&again["changes"]["newly_unread"], &again["changes"]["carried"][0]["kind"]),
        (&3.into(), &"unknown".into())
    );
    let program = later(program, &world(""));
    let again = program.run(2);
    assert!(
        again.stdout.contains("resolved, since it can be read again: 111122223333 eu-west-1, eu-west-2, us-east-1")
    );
    assert_eq!(changes(&program)["persisting"], 1, "the drift is the one of before");
    assert_eq!(program.run(2).stdout, "");
}

#[test]
fn the_morning_after_expired_credentials_tells_what_ended_from_what_is_readable_again() {
    let expired = |world: World| world.faulty("operations: [\"macie2:GetMacieSession\"], fault: expired_token");
    let program = program(&world(DRIFT)).args(CHECK).args(["--only-changes"]);
    let program = program.args(["--report", "text", "--report", "sns=sns.txt"]);
    program.run(2);
    let program = later(program, &expired(world(DRIFT)));
    let night = program.run(6).stdout;
    assert!(
        night.contains("newly unread: 111122223333 eu-west-1, eu-west-2, us-east-1 unread (bad_credentials"),
        "{night}"
    );
    let program = later(program, &world("\"*\": {status: ENABLED}, eu-west-1: {status: PAUSED}, us-east-1: off"));
    let morning = program.run(2).stdout;
    assert_snapshot!("the_morning_after", morning);
    let message = program.read("sns.txt");
    assert!(message.contains(": 1 new, 1 resolved, 6 readable again: 111122223333 us-east-1"), "{message}");
    let found = changes(&program);
    let kinds: Vec<&str> =
        found["resolved"].as_array().expect("a list").iter().filter_map(|ended| ended["kind"].as_str()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "drift_ended").count(), 1);
    assert_eq!(kinds.iter().filter(|kind| **kind == "readable_again").count(), 6);
    assert_eq!(
        (&found["new"], &found["persisting"]),
        (&1.into(), &1.into()),
        "what was found when it was readable again"
    );
}

#[test]
fn what_is_new_says_when_it_was_changed() {
    let program = program(&world(ON)).args(CHECK).args(["--only-changes"]);
    let formats = ["text", "markdown", "slack", "sns"];
    let program =
        program.args(formats.iter().flat_map(|format| ["--report".to_owned(), format!("{format}={format}.out")]));
    program.run(0);
    let program = later(program, &world("\"*\": {status: PAUSED}"));
    program.run(2);
    for format in formats {
        let said = program.read(format!("{format}.out"));
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let changed = "is PAUSED (medium, a.yaml:3), changed 2026-01-01 00:00 UTC, by Macie's updatedAt";
        assert!(said.contains(changed), "{format}: {said}");
    }
}

#[test]
fn a_setting_that_becomes_readable_with_drift_is_resolved_and_new() {
    let world = |sessions: &str, denied: &str| {
        World::new().account(ACCOUNT, &format!("sessions: {{\"*\": {{{sessions}}}}}{denied}"))
    };
    let denied = ", denials: [{actions: [\"macie2:GetAutomatedDiscoveryConfiguration\"]}]";
    let declaration = format!(
        "accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: ENABLED, automated_discovery: {{status: ENABLED}}"
    );
    let program = Driftline::new().policy("a.yaml", policy([declaration])).world(&world("", denied)).args(CHECK);
    program.run(4);
    let program = later(program, &world("", ""));
    program.run(2);
    let found = changes(&program);
    assert_eq!((&found["new"], &found["changed"]), (&1.into(), &0.into()), "{found}");
    assert_eq!(found["resolved"][0]["kind"], "readable_again");
    // And the other way: what is unread by itself hides no drift.
    let program = later(program, &world("", denied));
    program.run(6);
    let found = changes(&program);
    assert_eq!(
        (&found["newly_unread"], &found["carried"][0]["was"]),
        (&1.into(), &"drifted DISABLED".into()),
        "{found}"
    );
    program.run(6);
}

#[test]
fn another_cause_of_the_same_reason_is_a_change() {
    let world = |layer: &str, arn: &str| {
        let denial = format!(
            "denials: [{{actions: [\"macie2:GetMacieSession\"], regions: [eu-west-1], layer: {layer}, explicit: true{arn}}}]"
        );
        World::new().account(ACCOUNT, &format!("sessions: {{{ON}}}, {denial}")).enabled(OTHER)
    };
    let policy = |id: &str| {
        format!(", policy_arn: \"arn:aws:organizations::999988887777:policy/o-example/service_control_policy/p-{id}\"")
    };
    let program = program(&world("service_control_policy", &policy("one"))).args(CHECK);
    program.run(4);
    assert!(program.run(4).stdout.contains("0 new, 0 changed, 1 persisting"));
    let program = later(program, &world("service_control_policy", &policy("two")));
    let ran = program.run(4).stdout;
    assert!(ran.contains("0 new, 1 changed, 0 persisting") && ran.contains("p-two"), "{ran}");
    let program = later(program, &world("identity_policy", ""));
    assert!(program.run(4).stdout.contains("0 new, 1 changed, 0 persisting"));
}

#[test]
fn a_waiver_is_news_once_and_warnings_break_no_silence() {
    let waivers =
        "waivers:\n  - {accounts: [\"111122223333\"], reason: move, owner: a@example.com, expires: 2099-12-31}\n";
    let declared = policy([format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: ENABLED")]);
    let program = Driftline::new().policy("a.yaml", declared.clone() + waivers).world(&world(DRIFT)).args(CHECK);
    let program = program.args(["--only-changes"]);
    let ran = program.run(0);
    assert!(ran.stderr.contains("note: there is no previous report"), "{}", ran.stderr);
    let silent = |program: &Driftline, more: &[&str]| {
        let ran = program.run_with(more, 0);
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    };
    silent(&program, &[]);
    let soon = ["--as-of", "2099-12-25"];
    let ran = program.run_with(&soon, 0);
    assert!(ran.stdout.contains("waiver: a.yaml:5 (a@example.com): ends in 6 days; move"), "{}", ran.stdout);
    let report: Value = serde_json::from_str(&program.read("last.json")).expect("a report");
    assert_eq!((&report["waivers"][0]["became"], &report["changes"]["waivers"]), (&"expiring".into(), &1.into()));
    silent(&program, &soon);
    // The drift ends: the waiver covers nothing any more.
    let program = later(program, &world(ON));
    let ran = program.run_with(&soon, 0);
    assert!(ran.stdout.contains("covers nothing now"), "{}", ran.stdout);
    silent(&program, &soon);
    let ran = program.run_with(&["--as-of", "2100-01-02"], 0);
    assert!(ran.stdout.contains("expired 2 days ago"), "{}", ran.stdout);
    silent(&program, &["--as-of", "2100-01-02"]);
}

#[test]
fn an_error_ends_the_silence() {
    let cut = "{\"format\": \"driftline.report\", \"format_v";
    let args = ["check", "a.yaml", "--since", "last.json", "--only-changes", "--live", "missing.json"];
    let program = program(&world(ON)).file("last.json", cut).args(args);
    program.run(1).says("note: the previous report in last.json cannot be read").says("error: ");
}

#[test]
fn what_is_unread_as_expected_breaks_no_silence() {
    let waiver = |accounts: &str, reason: &str| {
        format!(
            "  - {{accounts: [{accounts}], unread: [{reason}], reason: acquired, owner: a@example.com, expires: 2099-01-01}}\n"
        )
    };
    let expected =
        waiver("\"111100000030\", \"111100000031\"", "role_not_assumable") + &waiver("\"111100000032\"", "denied");
    let program = organized(&organization(""), &expected).args(CHECK).args(["--only-changes"]);
    program.run(2);
    for _ in 0..2 {
        let ran = program.run(2);
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    }
    // The waivers go and come back: nothing is resolved.
    let everyone = policy(["name: every account, status: ENABLED, severity: high"]) + "waivers:\n";
    let program = program.policy("a.yaml", format!("{everyone}{}", waiver("\"111100000032\"", "denied")));
    let gone = program.run(6).stdout;
    assert!(gone.contains("changed: workload-30 (111100000030) "), "{gone}");
    let counts = |program: &Driftline| {
        let found = changes(program);
        let resolved = found["resolved"].as_array().expect("a list").len();
        (found["new"].clone(), found["changed"].clone(), resolved)
    };
    assert_eq!(counts(&program), (0.into(), 35.into(), 0), "34 that were expected, and drift that was waived");
    let program = program.policy("a.yaml", format!("{everyone}{expected}"));
    assert!(program.run(2).stdout.contains("unread as expected until 2099-01-01 (role_not_assumable"));
    assert_eq!(counts(&program), (0.into(), 34.into(), 0));
}

#[test]
fn lost_access_that_is_expected_is_named_once_and_its_drift_counts() {
    let world = |status: &str, roles: &str| {
        World::new().account(ACCOUNT, &format!("sessions: {{\"*\": {{status: {status}}}}}{roles}")).enabled(OTHER)
    };
    let waiver = format!(
        "waivers:\n  - {{accounts: [\"{ACCOUNT}\"], unread: role_not_assumable, reason: move, owner: a@example.com, expires: 2099-01-01}}\n"
    );
    let declared = policy([format!("accounts: [\"{ACCOUNT}\", \"{OTHER}\"], regions: [eu-west-1], status: ENABLED")]);
    let program = Driftline::new().policy("a.yaml", declared + &waiver).world(&world("PAUSED", "")).args(CHECK);
    let program = program.args(["--only-changes", "--report", "text", "--report", "prometheus=metrics.prom"]);
    let program = program.args(["--report", "markdown=comment.md", "--report", "slack=slack.json"]);
    program.run(2);
    let program = later(program, &world("PAUSED", ", roles: []"));
    let lost = program.run(2).stdout;
    assert!(lost.contains("newly unread: 111122223333 eu-west-1 unread as expected until 2099-01-01"), "{lost}");
    let report: Value = serde_json::from_str(&program.read("last.json")).expect("a report");
    assert_eq!((&report["verdict"], &report["ledger"]["expected_unread"]), (&"drift".into(), &1.into()));
    let rest = "1 drifted when last read; 1 unread as expected, until 2099-01-01";
    let comment = program.read("comment.md");
    assert!(comment.contains(&format!("## driftline: drift, 2 targets; {rest}\n")), "{comment}");
    let slack = program.read("slack.json");
    assert!(slack.contains(&format!("Verdict: drift, 0 of 2 targets drifted; {rest}")), "{slack}");
    let metrics = program.read("metrics.prom");
    let of =
        |change: &str| format!("driftline_problems{{change=\"{change}\",policy_set=\"default\",severity=\"medium\"}}");
    assert!(
        metrics.contains(&format!("{} 0\n", of("new"))) && metrics.contains(&format!("{} 1\n", of("persisting"))),
        "{metrics}"
    );
    let ran = program.run(2);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""), "named once, and the exit code goes on");
    let program = later(program, &world("ENABLED", ""));
    let found = program.run(0).stdout;
    assert!(found.contains("resolved: 111122223333 eu-west-1 status (was drifted PAUSED"), "{found}");
    assert!(found.contains("resolved, since it can be read again: 111122223333 eu-west-1 session"), "{found}");
}

/// What a waiver covered counts once the waiver is past, although its target is unread by then.
#[test]
fn a_waiver_that_ends_while_its_target_is_unread_hides_no_drift() {
    let world = |roles: &str| {
        World::new().account(ACCOUNT, &format!("sessions: {{\"*\": {{status: PAUSED}}}}{roles}")).enabled(OTHER)
    };
    let of = |accounts: &str| {
        policy([format!("accounts: [{accounts}], regions: [eu-west-1], status: ENABLED")])
            + &format!(
                "waivers:\n  - {{accounts: [\"{ACCOUNT}\"], unread: role_not_assumable, reason: move, owner: a@example.com, expires: 2099-01-01}}\n"
            )
    };
    let both = of(&format!("\"{ACCOUNT}\", \"{OTHER}\""));
    let sleeps = |more: &str| {
        format!(
            "  - {{accounts: [\"{ACCOUNT}\"], settings: [status]{more}, reason: sleeps, owner: a@example.com, expires: 2027-01-31}}\n"
        )
    };
    let program = Driftline::new().policy("a.yaml", both.clone() + &sleeps("")).world(&world("")).args(CHECK);
    let program = program.args(["--only-changes"]);
    program.run_with(&["--as-of", "2027-01-01"], 0);
    let program = later(program, &world(", roles: []"));
    program.run_with(&["--as-of", "2027-01-02"], 0);
    let waived = std::fs::read(program.path("last.json")).expect("a report");
    assert_eq!(changes(&program)["carried"][0]["was"], "waived PAUSED");
    let is_news = |program: &Driftline, day: &str| {
        let ran = program.run_with(&["--as-of", day], 2);
        let told = "changed: 111122223333 eu-west-1 status (was drifted PAUSED, since";
        let words = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(told) && words.contains("no waiver covers it any more"), "{}", ran.stdout);
        let found = changes(program);
        assert_eq!((&found["changed"], &found["carried"][0]["waiver_ended"]), (&1.into(), &true.into()), "{found}");
        let saved = std::fs::read(program.path("last.json")).expect("a report");
        Driftline::new().file("saved.json", &saved).args(["report", "saved.json"]).run(2);
        let one = ["report", "saved.json", "--account", OTHER, "--report", "json"];
        let other = Driftline::new().file("saved.json", saved).args(one).run(0).json();
        assert_eq!(
            (&other["changes"]["changed"], &other["changes"]["carried"]),
            (&0.into(), &Value::Array(Vec::new()))
        );
        let ran = program.run_with(&["--as-of", day], 2);
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""), "named once, and the exit code goes on");
        assert_eq!(changes(program)["carried"][0]["was"], "drifted PAUSED");
    };
    is_news(&program, "2027-02-05");
    // A waiver that is gone, or that is for another live value now, is no waiver either.
    for waiver in [String::new(), sleeps(", while_live: {status: [NOT_ENABLED]}")] {
        let program = Driftline::new().policy("a.yaml", both.clone() + &waiver).world(&world(", roles: []"));
        is_news(&program.file("last.json", &waived).args(CHECK).args(["--only-changes"]), "2027-01-03");
    }
}

/// What is as before is one line in the short report, too.
#[test]
fn what_persists_is_one_line_in_the_short_report() {
    let program = program(&world("\"*\": {status: PAUSED}")).args(CHECK).args(["--quiet"]);
    program.run(2);
    let told = program.run(2).stdout;
    assert!(told.contains("3 as before: 3 drifted") && !told.contains("persisting: "), "{told}");
    let told = program.run_with(&["--only-changes", "--remind", "1d"], 2).stdout;
    assert_eq!(told, "", "not due yet");
}
