//! What `--since` compares with: only the report of a run about the same, no newer than this one; and what it never replaces.

use serde_json::Value;

use crate::support::{ACCOUNT, Driftline, Site, World, policy};

const OTHER: &str = "222233334444";
const CHECK: [&str; 6] = ["check", "a.yaml", "--simulate", "world.yaml", "--since", "last.json"];
const ON: &str = "\"*\": {status: ENABLED, finding_publishing_frequency: ONE_HOUR}";
const PAUSED: &str = "\"*\": {status: PAUSED, finding_publishing_frequency: ONE_HOUR}";

fn world(sessions: &str) -> World {
    World::new().account(ACCOUNT, &format!("sessions: {{{sessions}}}")).enabled(OTHER)
}

fn declared(settings: &str) -> String {
    format!("accounts: [\"{ACCOUNT}\", \"{OTHER}\"], regions: [eu-west-1], {settings}")
}

/// A simulated AWS, in which one account is paused.
fn program() -> Driftline {
    Driftline::new().policy("a.yaml", policy([declared("status: ENABLED")])).world(&world(PAUSED))
}

fn text(program: &Driftline, file: &str) -> String {
    std::fs::read_to_string(program.path(file)).expect("a file")
}

fn json(program: &Driftline, file: &str) -> Value {
    serde_json::from_str(&text(program, file)).expect("JSON")
}

/// Alters a report through its JSON, as an operator's script would.
fn alter(program: &Driftline, file: &str, change: impl FnOnce(&mut Value)) {
    let mut report = json(program, file);
    change(&mut report);
    std::fs::write(program.path(file), report.to_string()).expect("a file");
}

/// The problems that are told to be gone: each with its kind.
fn ended(program: &Driftline) -> Vec<(String, bool)> {
    let report = json(program, "last.json");
    let of = |gone: &Value| {
        let word = |key: &str| gone[key].as_str().expect("a text").to_owned();
        (format!("{} {}", word("setting"), word("kind")), gone["undeclared"].as_bool().expect("a flag"))
    };
    report["changes"]["resolved"].as_array().expect("a list").iter().map(of).collect()
}

#[test]
fn a_report_of_a_simulation_is_not_compared_with_aws_nor_the_other_way() {
    let site = Site::new(&world(ON), [declared("status: ENABLED")]).file("world.yaml", world(PAUSED).to_string());
    let aws = ["check", "a.yaml", "--since", "last.json"];
    site.run(&CHECK, 2);
    let ran = site.run(&aws, 0);
    ran.says(
        "note: the previous report in last.json covers a simulated AWS, and this run covers AWS, so everything is new",
    );
    assert!(!ran.stdout.contains("resolved:"), "{}", ran.stdout);
    assert_eq!(json(&site.program, "last.json")["changes"]["compared_with"], Value::Null);
    let ran = site.run(&CHECK, 2);
    ran.says("covers AWS, and this run covers a simulated AWS");
    assert!(ran.stdout.contains("1 new, 0 changed, 0 persisting, 0 resolved"), "{}", ran.stdout);
    let quiet = site.run(&[&aws[..], &["--quiet"]].concat(), 0);
    assert_eq!(quiet.stderr, "", "a note is no error");
}

/// A little later than now, as by a clock that differs a little.
fn later() -> Value {
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_mins(1);
    jiff::Timestamp::from_second(soon.as_second()).expect("a time").to_string().into()
}

#[test]
fn a_report_of_a_snapshot_is_not_compared_with_what_is_live_nor_the_other_way() {
    let program = program();
    program.run_with(&["snapshot", "a.yaml", "--simulate", "world.yaml", "--out", "s.json"], 0);
    let live = ["check", "a.yaml", "--live", "s.json", "--since", "last.json"];
    program.run_with(&live, 2);
    assert!(program.run_with(&live, 2).stdout.contains("1 persisting"), "one snapshot with itself");
    let program = program.world(&world(ON));
    let told = program.run_with(&CHECK, 0);
    told.says(
        "note: the previous report in last.json uses a snapshot, and this run reads the live state, so everything is new",
    );
    told.stdout_has_no("resolved:");
    alter(&program, "s.json", |snapshot| snapshot["taken_at"] = "2026-01-02T03:04:05Z".into());
    program.run_with(&live, 1).says("s.json is older than the previous report");
    alter(&program, "s.json", |snapshot| snapshot["taken_at"] = later());
    let told = program.run_with(&live, 2);
    told.says("shows the live state, and this run uses a snapshot").stdout_has_no("resolved:");
}

#[test]
fn a_report_of_another_partition_or_organization_is_not_compared() {
    let program = program();
    program.run_with(&CHECK, 2);
    let arn = json(&program, "last.json")["run"]["caller"]["arn"].as_str().expect("an ARN").to_owned();
    alter(&program, "last.json", |report| {
        report["run"]["caller"]["arn"] = arn.replacen("arn:aws:", "arn:aws-cn:", 1).into();
    });
    program.run_with(&CHECK, 2).says("is from the partition aws-cn, and this run from aws, so everything is new");
}

#[test]
fn what_is_not_the_report_of_an_earlier_run_stays() {
    let program = program();
    program.run_with(&["plan", "a.yaml", "--simulate", "world.yaml", "--out", "plan.json"], 2);
    program.run_with(&["snapshot", "a.yaml", "--simulate", "world.yaml", "--out", "snapshot.json"], 0);
    program.run_with(&["apply", "a.yaml", "--simulate", "world.yaml", "--auto-approve", "--journal", "j.jsonl"], 0);
    program.run_with(&["diff", "a.yaml", "a.yaml", "--report", "json=diff.json"], 0);
    program.run_with(&["check", "a.yaml", "--simulate", "world.yaml", "--report", "jsonl=lines.jsonl"], 2);
    program.run_with(&["check", "a.yaml", "--simulate", "world.yaml", "--report", "csv=table.csv"], 2);
    let program =
        program.file("run.sh", "#!/bin/sh\n").file("other.json", "{\"a\": 1}").file("odd", [0xff, 0x00, 0x10]);
    let program = program.file("driftline.toml", "policies = [\"a.yaml\"]\n");
    for file in [
        "plan.json",
        "snapshot.json",
        "j.jsonl",
        "diff.json",
        "lines.jsonl",
        "table.csv",
        "run.sh",
        "other.json",
        "odd",
        "a.yaml",
        "driftline.toml",
        "world.yaml",
    ] {
        let before = std::fs::read(program.path(file)).expect("a file");
        for more in [&[][..], &["--quiet"], &["--only-changes", "--quiet"]] {
            let arguments = ["check", "a.yaml", "--simulate", "world.yaml", "--since", file];
            let ran = program.run_with(&[&arguments[..], more].concat(), 1);
            // Of what a run reads, it is said that the run reads it.
            let why = match file {
                "a.yaml" | "driftline.toml" | "world.yaml" => "cannot be overwritten: this run reads it",
                _ => "is not the report of a previous run, and --since would replace it",
            };
            ran.says(&format!("{file} {why}"));
            ran.says("fix: ");
            assert_eq!(ran.stdout, "");
        }
        assert_eq!(std::fs::read(program.path(file)).expect("a file"), before, "{file}");
    }
}

#[test]
fn nothing_is_asked_where_the_file_has_to_stay() {
    let site = Site::new(&world(ON), [declared("status: ENABLED")]).file("x.json", "{\"format\": \"driftline.plan\"}");
    site.run(&["check", "a.yaml", "--since", "x.json", "--jitter", "60m"], 1)
        .says("its `format` is \"driftline.plan\"");
    assert!(site.simulation.calls().is_empty(), "{:?}", site.simulation.calls());
}

#[test]
fn a_report_of_a_newer_version_stays_and_one_that_was_cut_off_does_not() {
    let program = program();
    program.run_with(&CHECK, 2);
    let whole = text(&program, "last.json");
    let newer = whole.replacen("\"format_version\": 1", "\"format_version\": 2", 1);
    for newer in [newer.as_str(), &newer[..300]] {
        std::fs::write(program.path("last.json"), newer).expect("a file");
        let ran = program.run_with(&CHECK, 1);
        ran.says("it has format version 2, and this driftline reads version 1").says("update driftline");
        assert_eq!(text(&program, "last.json"), newer);
    }
    for end in [1, 5, 40, 300, whole.len() - 3] {
        std::fs::write(program.path("last.json"), &whole[..end]).expect("a file");
        program.run_with(&CHECK, 2).says("cannot be read, so everything is new");
        assert_eq!(json(&program, "last.json")["changes"]["new"], 1);
    }
    std::fs::write(program.path("last.json"), "").expect("a file");
    program.run_with(&CHECK, 2).says("cannot be read, so everything is new: it is empty");
}

/// The file stays as it is, with or without words for a reader.
fn stays(program: &Driftline, content: &str, why: &str) {
    std::fs::write(program.path("last.json"), content).expect("a file");
    for more in [&[][..], &["--quiet"]] {
        let ran = program.run_with(&[&CHECK[..], more].concat(), 1);
        ran.says("last.json").says(why).says("fix: ");
        assert_eq!(ran.stdout, "");
        assert_eq!(text(program, "last.json"), content);
    }
}

#[test]
fn whatever_is_not_certainly_of_this_version_stays() {
    let program = program();
    program.run_with(&CHECK, 2);
    let whole = text(&program, "last.json");
    for version in ["2", "\"2\"", "99999999999999999999999", "12", "1.5", "-1"] {
        let newer = whole.replacen("\"format_version\": 1", &format!("\"format_version\": {version}"), 1);
        let end = newer.find("\"format_version\": ").expect("a version") + 18 + version.len();
        for cut in [end, end + 1, 300, newer.len()] {
            stays(&program, &newer[..cut], "it has format version ");
        }
    }
    let end = whole.find("\"format_version\": 1").expect("a version") + 19;
    stays(&program, &whole[..end], "it is truncated within its format version");
    std::fs::write(program.path("last.json"), &whole[..=end]).expect("a file");
    program.run_with(&CHECK, 2).says("cannot be read, so everything is new");
}

#[test]
fn a_report_that_somebody_has_altered_stays() {
    let program = program();
    program.run_with(&CHECK, 2);
    let whole = text(&program, "last.json");
    stays(&program, &whole.replacen("\"drifted\": 1", "\"drifted\": 0", 1), "it is not a sound report: `ledger`");
    stays(&program, &format!("{whole}<<<<<<< HEAD\n"), "it is not JSON: trailing characters");
    stays(&program, &format!("{whole}{whole}"), "it is not JSON: trailing characters");
    stays(&program, &whole.replacen("\"verdict\":", "verdict:", 1), "it is not JSON: key must be a string");
    stays(&program, &whole.replacen("\"run\":", "\"ran\":", 1), "it is not a sound report: missing field `run`");
    // Zeros are what a disk leaves of an end that it had not written yet.
    for end in [whole.len() / 2, whole.len() - 3] {
        std::fs::write(program.path("last.json"), format!("{}\0\0\0", &whole[..end])).expect("a file");
        program.run_with(&CHECK, 2).says("cannot be read, so everything is new");
    }
}

#[test]
fn a_region_that_is_off_now_cannot_be_read_again() {
    let policy = policy([format!("accounts: [\"{ACCOUNT}\"], regions: [\"af-*\"], status: ENABLED")]);
    let unread = World::new().account(ACCOUNT, "regions_on: [af-south-1], sessions: {}, roles: []");
    let program = Driftline::new().policy("a.yaml", policy).world(&unread);
    program.run_with(&CHECK, 4);
    let program = program.world(&World::new().account(ACCOUNT, "sessions: {}"));
    let ran = program.run_with(&CHECK, 0);
    assert!(ran.stdout.contains("does not apply: 111122223333 af-south-1 session"), "{}", ran.stdout);
    ran.stdout_has_no("read again").stdout_has_no("any more");
    assert_eq!(ended(&program), [("session not_applicable".to_owned(), false)]);
    program.run_with(&["report", "last.json"], 0);
}

#[test]
fn a_target_that_is_read_again_is_told_so() {
    let unread = World::new().account(ACCOUNT, "sessions: {}, roles: []").enabled(OTHER);
    let program = program().world(&unread);
    program.run_with(&CHECK, 4);
    let program = program.world(&world(ON));
    program.run_with(&CHECK, 0);
    assert_eq!(ended(&program), [("session readable_again".to_owned(), false)]);
}

#[test]
fn a_last_run_of_a_time_to_come_is_told_as_such() {
    let program = program();
    program.run_with(&CHECK, 2);
    alter(&program, "last.json", |report| report["run"]["finished_at"] = "2036-01-01T00:00:00Z".into());
    let ran = program.run_with(&CHECK, 2);
    assert!(ran.stdout.contains("since the last run, whose time is yet to come: 0 new"), "{}", ran.stdout);
    assert!(!text(&program, "last.json").contains("2036"), "no time of the new report is to come");
    let again = program.run_with(&["report", "last.json"], 2);
    assert!(again.stdout.contains("whose time is yet to come"), "{}", again.stdout);
    let next = program.run_with(&CHECK, 2);
    assert!(!next.stdout.contains("yet to come"), "{}", next.stdout);
}

#[test]
fn the_only_shard_is_the_whole_wherever_reports_meet() {
    let program = program();
    let whole = [&CHECK[..4], &["--report", "json=whole.json"]].concat();
    program.run_with(&whole, 2);
    let only = [&CHECK[..4], &["--shard", "1/1", "--report", "json=only.json"]].concat();
    program.run_with(&only, 2);
    program.run_with(&[&CHECK[..4], &["--only-unread", "only.json"]].concat(), 2);
    program.run_with(&[&CHECK[..4], &["--only-unread", "whole.json", "--shard", "1/1"]].concat(), 2);
    let scheduled = program.env("JOB_COMPLETION_INDEX", "0").env("JOB_COMPLETIONS", "1");
    scheduled.run_with(&[&CHECK[..4], &["--only-unread", "whole.json"]].concat(), 2);
    for file in ["only.json", "whole.json"] {
        scheduled.run_with(&["report", file], 2);
        std::fs::copy(scheduled.path(file), scheduled.path("last.json")).expect("a file");
        let ran = scheduled.run_with(&[&CHECK[..], &["--shard", "1/1"]].concat(), 2);
        assert!(ran.stdout.contains("1 persisting"), "{}", ran.stdout);
    }
    // Two of the whole are two, whatever they are called.
    let told = scheduled.run_with(&["report", "only.json", "whole.json"], 1);
    told.says("targets stand in more than one report");
    assert!(!told.stderr.contains("does not say which shard"), "{}", told.stderr);
    let part = [&CHECK[..4], &["--only-unread", "only.json", "--shard", "1/2"]].concat();
    scheduled.run_with(&part, 1).says("another part of the accounts");
}

/// What an operator completes while the job goes on: an account is denied, and then another one drifts.
fn meanwhile() -> Driftline {
    let denied = format!("{ON}}}, tags: {{a: b");
    let unread =
        World::new().account(ACCOUNT, &format!("sessions: {{{denied}}}")).account(OTHER, "sessions: {}, roles: []");
    let program = program().world(&unread);
    program.run_with(&[&CHECK[..4], &["--report", "json=a.json"]].concat(), 4);
    let program = program.world(&world(PAUSED));
    program.run_with(&CHECK, 2);
    program
}

#[test]
fn readings_from_before_the_last_run_resolve_nothing() {
    let program = meanwhile();
    let before = text(&program, "last.json");
    let complete = [&CHECK[..], &["--only-unread", "a.json"]].concat();
    let ran = program.run_with(&complete, 1);
    ran.says(
        "a.json is older than the previous report in last.json and differs from it (first 111122223333/eu-west-1)",
    );
    assert_eq!(text(&program, "last.json"), before);
    // Whatever their times are.
    alter(&program, "a.json", |report| {
        report["run"]["started_at"] = "2026-01-02T03:04:05Z".into();
        report["run"]["finished_at"] = "2026-01-02T03:04:06Z".into();
    });
    program.run_with(&complete, 1).says("is older than the previous report");
    // Without --since there is nothing to hold them against, and their age is told.
    let ran = program.run_with(&[&CHECK[..4], &["--only-unread", "a.json"]].concat(), 0);
    assert!(ran.stdout.contains("1 of 2 readings are those of an earlier run"), "{}", ran.stdout);
    // What the last run has left unread is completed from it.
    let ran = program.run_with(&[&CHECK[..], &["--only-unread", "last.json"]].concat(), 2);
    assert!(ran.stdout.contains("1 persisting"), "{}", ran.stdout);
}

#[test]
fn a_snapshot_from_before_the_last_run_resolves_nothing() {
    let program = program();
    program.run_with(&["snapshot", "a.yaml", "--simulate", "world.yaml", "--out", "new.json"], 0);
    let program = program.world(&world(ON));
    program.run_with(&["snapshot", "a.yaml", "--simulate", "world.yaml", "--out", "old.json"], 0);
    alter(&program, "old.json", |snapshot| snapshot["taken_at"] = "2026-01-02T03:04:05Z".into());
    let live = |file| ["check", "a.yaml", "--live", file, "--since", "last.json"];
    program.run_with(&live("new.json"), 2);
    let before = text(&program, "last.json");
    program.run_with(&live("old.json"), 1).says("old.json is older than the previous report in last.json");
    assert_eq!(text(&program, "last.json"), before);
    // The other way it is a change.
    std::fs::remove_file(program.path("last.json")).expect("a file");
    program.run_with(&live("old.json"), 0);
    assert!(program.run_with(&live("new.json"), 2).stdout.contains("1 new"));
}

#[test]
fn what_is_not_declared_any_more_is_not_resolved() {
    let policies = |declarations: &str| policy([declarations.to_owned()]);
    let frequency = declared("finding_publishing_frequency: ONE_HOUR");
    let elsewhere =
        format!("accounts: [\"{ACCOUNT}\", \"{OTHER}\"], regions: [us-east-1], finding_publishing_frequency: ONE_HOUR");
    let one = format!("accounts: [\"{OTHER}\"], regions: [eu-west-1], status: ENABLED");
    for (declaration, what) in [(&frequency, "the setting"), (&elsewhere, "the Region"), (&one, "the account")] {
        let program = program();
        program.run_with(&CHECK, 2);
        let program = program.policy("a.yaml", policies(declaration));
        let ran = program.run_with(&CHECK, 0);
        assert!(
            ran.stdout.contains("not declared any more: 111122223333 eu-west-1 status (was drifted PAUSED"),
            "{what}: {}",
            ran.stdout
        );
        assert!(ran.stdout.contains("0 resolved, 1 not declared any more"), "{what}: {}", ran.stdout);
        assert_eq!(ended(&program), [("status undeclared".to_owned(), true)], "{what}");
        let markdown = program.run_with(&["report", "last.json", "--report", "markdown"], 0).stdout;
        assert!(markdown.contains("0 resolved, 1 not declared any more"), "{what}: {markdown}");
        assert!(!program.run_with(&CHECK, 0).stdout.contains("any more"), "told once");
    }
}

#[test]
fn a_setting_of_a_target_that_is_unread_now_may_not_be_declared_any_more_either() {
    let program = program();
    program.run_with(&CHECK, 2);
    let unread = World::new().account(ACCOUNT, "sessions: {}, roles: []").enabled(OTHER);
    let program = program.world(&unread).policy("a.yaml", policy([declared("finding_publishing_frequency: ONE_HOUR")]));
    program.run_with(&CHECK, 4);
    assert_eq!(ended(&program), [("status undeclared".to_owned(), true)]);
    assert_eq!(json(&program, "last.json")["changes"]["carried"], Value::Array(Vec::new()));
}

#[test]
fn why_a_problem_is_over_is_told() {
    let cases = [
        ("status: ENABLED", ON, 0, "status drift_ended", "resolved: "),
        ("status: PAUSED", PAUSED, 2, "status accepted", "resolved, since the policies accept it now: "),
    ];
    for (settings, sessions, exit, kind, words) in cases {
        let program = program();
        program.run_with(&CHECK, 2);
        let program = program.policy("a.yaml", policy([declared(settings)])).world(&world(sessions));
        let ran = program.run_with(&CHECK, exit);
        assert!(ran.stdout.contains(&format!("{words}111122223333 eu-west-1 status")), "{}", ran.stdout);
        assert_eq!(ended(&program), [(kind.to_owned(), false)]);
    }
    // A waiver that is added is a change of what goes on.
    let program = program();
    program.run_with(&CHECK, 2);
    let waiver = format!(
        "waivers:\n  - {{accounts: [\"{ACCOUNT}\"], reason: migration, owner: x@example.com, expires: 2099-01-01}}\n"
    );
    let program = program.policy("a.yaml", policy([declared("status: ENABLED")]) + &waiver);
    program.run_with(&CHECK, 0);
    assert!(ended(&program).is_empty());
    assert_eq!(json(&program, "last.json")["changes"]["changed"], 1);
    // Once the session is off, how often it publishes is no question any more; nobody has mended it.
    let both = declared("status: ENABLED, finding_publishing_frequency: FIFTEEN_MINUTES");
    let program = Driftline::new().policy("a.yaml", policy([both])).world(&world(PAUSED));
    program.run_with(&CHECK, 2);
    let program = program.world(&world(""));
    let ran = program.run_with(&CHECK, 2);
    assert!(ended(&program).contains(&("finding_publishing_frequency not_applicable".to_owned(), false)));
    assert!(ran.stdout.contains("does not apply any more: 111122223333"), "{}", ran.stdout);
}

#[test]
fn a_clock_that_was_ahead_silences_nothing() {
    let program = program().args([&CHECK[..], &["--only-changes", "--quiet", "--remind", "1d"]].concat());
    program.run(2);
    assert_eq!(program.run(2).stdout, "");
    let ahead = |report: &mut Value| {
        report["changes"]["told_at"] = "2036-01-01T00:00:00Z".into();
        for time in ["started_at", "finished_at"] {
            report["run"][time] = "2036-01-01T00:00:00Z".into();
        }
        report["targets"][0]["settings"][0]["since"] = "2036-01-01T00:00:00Z".into();
    };
    alter(&program, "last.json", ahead);
    let ran = program.run(2);
    assert!(ran.stdout.contains("1 persisting") && ran.stdout.contains(ACCOUNT), "{}", ran.stdout);
    let report = json(&program, "last.json");
    let now = &report["run"]["finished_at"];
    assert_eq!(&report["changes"]["told_at"], now);
    assert!(report["targets"][0]["settings"][0]["since"].as_str() <= now.as_str(), "not from a time to come");
    assert_eq!(program.run(2).stdout, "", "the day begins anew");
    // Without the list of changes, the time of the run counts.
    alter(&program, "last.json", |report| {
        ahead(report);
        report.as_object_mut().expect("an object").remove("changes");
    });
    assert!(program.run(2).stdout.contains("1 persisting"));
}

#[test]
fn of_a_last_run_that_is_to_come_nobody_knows_which_readings_are_newer() {
    let program = meanwhile();
    alter(&program, "last.json", |report| {
        report["run"]["started_at"] = "2036-01-01T00:00:00Z".into();
        report["run"]["finished_at"] = "2036-01-01T00:00:00Z".into();
    });
    let ran = program.run_with(&[&CHECK[..], &["--only-unread", "a.json"]].concat(), 0);
    ran.says("is from the future").stdout_has_no("resolved:");
}

#[test]
fn the_quiet_form_names_what_is_new_what_has_changed_and_what_stands() {
    let args = [&CHECK[..], &["--only-changes", "--quiet", "--remind", "7d"]].concat();
    let program = program().args(&args);
    let first = program.run(2).stdout;
    assert!(first.contains("new: 111122223333 eu-west-1 status want ENABLED, is PAUSED\n"), "{first}");
    let program = program.world(&world(""));
    let second = program.run(2).stdout;
    assert!(
        second.contains("changed: 111122223333 eu-west-1 status want ENABLED, is NOT_ENABLED (medium, a.yaml:"),
        "{second}"
    );
    let broken = World::new().account(ACCOUNT, "sessions: {}, roles: []").enabled(OTHER);
    let program = program.world(&broken);
    let third = program.run(6).stdout;
    assert!(third.contains("newly unread: 111122223333 eu-west-1 unread (role_not_assumable: "), "{third}");
    // That something is unread is said each time.
    let fourth = program.run(6).stdout;
    assert!(fourth.contains("1 as before: 1 unread; 1 drifted when last read"), "{fourth}");
    assert!(!first.contains(OTHER) && !fourth.contains(OTHER));
}

#[test]
fn of_many_problems_the_quiet_form_names_some_and_counts_the_rest() {
    let many = format!("accounts: [\"{ACCOUNT}\"], regions: [\"eu-*\", \"us-*\", \"ap-*\"], status: ENABLED");
    let program = Driftline::new().policy("a.yaml", policy([many])).world(&world(PAUSED));
    let told = program.run_with(&[&CHECK[..], &["--quiet"]].concat(), 2).stdout;
    assert_eq!(told.lines().filter(|line| line.contains("new: ")).count(), 12, "{told}");
    assert!(told.contains("more problems like these"), "{told}");
}
