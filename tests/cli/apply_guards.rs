//! The guards of `driftline apply`: each refuses by itself, all are told at once, and nothing is changed.

use serde_json::{Value, json};

use crate::support::{ACCOUNT, CALLER, Ran, Site, World};

/// Four targets: one publishes at another pace, one is to be paused, one to be disabled, one cannot be read if `denied`.
fn world(more: &str) -> World {
    World::new().account(ACCOUNT, &format!("sessions: {{\"*\": {{}}}}{more}"))
}

const DENIED: &str = ", denials: [{actions: [\"macie2:GetMacieSession\"], regions: [us-east-1]}]";

fn declarations() -> [String; 4] {
    let one = |region: &str, wanted: &str| format!("accounts: [\"{ACCOUNT}\"], regions: [{region}], {wanted}");
    [
        one("eu-central-1", "finding_publishing_frequency: ONE_HOUR"),
        one("eu-west-1", "status: PAUSED"),
        one("eu-west-2", "status: NOT_ENABLED"),
        one("us-east-1", "status: ENABLED"),
    ]
}

/// A site with a saved plan for the first three.
fn planned() -> Site {
    let site = Site::new(&world(""), declarations());
    site.plan();
    site
}

/// With everything allowed.
const ALLOWED: [&str; 9] =
    ["apply", "plan.json", "--journal", "j.jsonl", "--auto-approve", "--allow", "pause", "--allow", "disable"];

/// The guards that refused, in their order.
fn refused(report: &Value) -> Vec<&str> {
    let refusals = report["refusals"].as_array().expect("refusals");
    refusals.iter().map(|refusal| refusal["guard"].as_str().expect("a guard")).collect()
}

/// Applies, which exactly this guard refuses: with this reason, after the plan was told, and without a change.
#[track_caller]
fn refuses(site: &Site, arguments: &[&str], guard: &str, reason: &str) {
    let ran = site.run(&[arguments, &["--report", "json"]].concat(), 8);
    let report = ran.json();
    assert_eq!(refused(&report), [guard]);
    let told = report["refusals"][0]["reason"].as_str().expect("a reason");
    assert!(told.contains(reason), "{told}");
    assert!(ran.stderr.contains("Plan      "), "the plan is told before a guard can refuse: {}", ran.stderr);
    assert_eq!(report["totals"]["refused"], report["totals"]["steps"]);
    assert!(!site.simulation.was_written_to());
    assert!(!site.program.path("j.jsonl").exists());
}

#[test]
fn what_is_allowed_and_approved_is_done() {
    let site = planned();
    site.run(&ALLOWED, 0);
    assert_eq!(site.simulation.written().len(), 3);
}

#[test]
fn a_pause_and_a_disable_are_each_allowed_by_name() {
    let site = planned();
    let approved = ["apply", "plan.json", "--journal", "j.jsonl", "--auto-approve", "--allow"];
    let disable = [&approved[..], &["disable"]].concat();
    refuses(&site, &disable, "pause", "step 2 pauses Macie, which cancels every classification job there for good");
    let pause = [&approved[..], &["pause"]].concat();
    refuses(&site, &pause, "disable", "step 3 disables Macie, which deletes everything that it holds there");
}

#[test]
fn more_changes_than_allowed_are_refused() {
    let site = planned();
    refuses(
        &site,
        &[&ALLOWED[..], &["--max-changes", "2"]].concat(),
        "max_changes",
        "the plan has 3 changes, and one apply may make 2",
    );
    let site = site.settings("[apply]\nmax_changes = 2\n");
    refuses(&site, &ALLOWED, "max_changes", "the plan has 3 changes, and one apply may make 2");
    site.run(&[&ALLOWED[..], &["--max-changes", "3"]].concat(), 0);
}

#[test]
fn a_larger_share_of_the_targets_than_allowed_is_refused() {
    let site = planned();
    let reason = "the plan changes 3 of 4 targets, and one apply may change 74 percent of them";
    refuses(&site, &[&ALLOWED[..], &["--max-share", "74"]].concat(), "max_share", reason);
    let site = site.settings("[apply]\nmax_share = 74\n");
    refuses(&site, &ALLOWED, "max_share", reason);
    site.run(&[&ALLOWED[..], &["--max-share", "75"]].concat(), 0);
}

#[test]
fn an_old_plan_is_refused() {
    let site = planned();
    let plan: Value =
        serde_json::from_str(&std::fs::read_to_string(site.program.path("plan.json")).expect("a plan")).expect("JSON");
    let made: jiff::Timestamp = plan["created_at"].as_str().expect("a time").parse().expect("a time");
    // Whole seconds are saved, so that a plan is some age from the second after on.
    while jiff::Timestamp::now().duration_since(made) < jiff::SignedDuration::from_secs(1) {
        std::thread::yield_now();
    }
    refuses(&site, &[&ALLOWED[..], &["--max-age", "0s"]].concat(), "too_old", "and may be 0s old");
    site.run(&ALLOWED, 0);
}

#[test]
fn without_a_terminal_somebody_must_have_approved() {
    let site = planned();
    let arguments: Vec<&str> = ALLOWED.into_iter().filter(|word| *word != "--auto-approve").collect();
    refuses(&site, &arguments, "not_confirmed", "nobody has confirmed, and there is no terminal to ask at");
}

#[test]
fn other_policies_than_those_of_the_plan_are_refused() {
    let site = planned();
    let policy = std::fs::read_to_string(site.program.path("a.yaml")).expect("a policy");
    let site = site.file("a.yaml", policy.replace("ONE_HOUR", "SIX_HOURS"));
    refuses(&site, &ALLOWED, "other_policies", "the policies (a.yaml) are not those that the plan was made for");
    let site = site.file("a.yaml", "version: 1\nmacie_sessions: [{status: ON}]\n");
    refuses(&site, &ALLOWED, "other_policies", "cannot be compared with it: 1 error in them");
    std::fs::remove_file(site.program.path("a.yaml")).expect("a file");
    refuses(&site, &ALLOWED, "other_policies", "cannot be compared with it: 1 error in them");
}

#[test]
fn the_policies_may_be_named_behind_the_plan() {
    let site = planned();
    let policy = std::fs::read_to_string(site.program.path("a.yaml")).expect("a policy");
    let site = site.file("b.yaml", policy.replace("PAUSED", "ENABLED"));
    let named = |path: &str| [&["apply", "plan.json"], &[path][..], &ALLOWED[2..]].concat().join(" ");
    let other = named("b.yaml");
    let words: Vec<&str> = other.split(' ').collect();
    refuses(&site, &words, "other_policies", "are not those that the plan was made for");
    // The same text is the same policy, wherever it lies.
    let site = site.file("elsewhere/a.yaml", policy);
    let same = named("elsewhere/a.yaml");
    site.run(&same.split(' ').collect::<Vec<_>>(), 0);
}

#[test]
fn another_caller_and_another_aws_are_refused() {
    let site = planned();
    let other = "222233334444";
    let elsewhere = World::new().account(ACCOUNT, "sessions: {\"*\": {}}").account(other, "").to_string();
    let elsewhere = elsewhere.replace(&format!("caller: \"{CALLER}\""), &format!("caller: \"{other}\""));
    let parsed = driftline_simulator::World::parse(&elsewhere, "world.yaml").expect("a world");
    let theirs = driftline_simulator::Simulation::start(parsed, 0).expect("a simulation");
    let mut command = site.program.command();
    command.args(ALLOWED).args(["--report", "json"]).envs(theirs.environment());
    let ran: Ran = site.program.assert_exit(&command.output().expect("the program runs"), 8);
    assert_eq!(refused(&ran.json()), ["other_caller"]);
    assert_eq!(
        ran.json()["refusals"][0]["reason"],
        format!("the credentials are of account {other}, and the plan was made with those of {CALLER}")
    );
    assert!(!theirs.was_written_to());
    let site = site.file("world.yaml", world("").to_string());
    let simulated = [&ALLOWED[..], &["--simulate", "world.yaml"]].concat();
    refuses(&site, &simulated, "other_caller", "the plan was made of AWS, and this apply would go to a simulated one");
    site.run(&["plan", "a.yaml", "--out", "plan.json", "--simulate", "world.yaml"], 2);
    refuses(
        &site,
        &ALLOWED,
        "other_caller",
        "the plan was made of a simulated AWS, and this apply would go to another",
    );
    site.run(&simulated, 0);
    assert!(!site.simulation.was_written_to(), "the simulated one was changed, and nothing else");
}

#[test]
fn an_unread_target_is_left_alone_and_the_others_are_not() {
    let site = Site::new(&world(DENIED), declarations());
    site.run(&["plan", "a.yaml", "--out", "plan.json"], 6);
    let report = site.run(&[&ALLOWED[..], &["--report", "json"]].concat(), 0).json();
    assert_eq!(refused(&report), [""; 0]);
    assert_eq!(report["totals"]["verified"], 3);
    assert_eq!(site.simulation.written().len(), 3);
}

#[test]
fn everything_that_refuses_is_told_at_once() {
    let site = Site::new(&world(DENIED), declarations());
    site.run(&["plan", "a.yaml", "--out", "plan.json"], 6);
    let plan = std::fs::read_to_string(site.program.path("plan.json")).expect("a plan");
    let altered =
        plan.replace("\"account\": \"999988887777\"", "\"account\": \"222233334444\"").replace(": \"20", ": \"19");
    assert_ne!(plan, altered);
    let site = site.file("plan.json", altered).file("a.yaml", "version: 1\nmacie_sessions: []\n");
    let limits = ["--max-changes", "1", "--max-share", "10", "--require-complete"];
    let ran = site.run(&[&["apply", "plan.json", "--journal", "j.jsonl"][..], &limits].concat(), 8);
    let told = ran.stdout.split_once("Plan      ").expect("the plan comes first").1;
    // How old that is, is not the same every day.
    let (before, after) = told.split_once(" ago, at ").expect("the age");
    let before = before.rsplit_once("was made ").expect("the age").0;
    insta::assert_snapshot!("everything_refuses", format!("{before}was made [age] ago, at {after}"));
    assert!(!site.simulation.was_written_to());
}

/// What somebody does to a saved plan.
type Alteration<'a> = &'a dyn Fn(&mut Value);

#[test]
fn an_altered_plan_is_refused_however_it_was_altered() {
    let site = planned();
    let plan = std::fs::read_to_string(site.program.path("plan.json")).expect("a plan");
    let alter = |change: Alteration<'_>| {
        let mut document: Value = serde_json::from_str(&plan).expect("JSON");
        change(&mut document);
        serde_json::to_string_pretty(&document).expect("JSON")
    };
    // What still makes sense is shown, and refused by the guard.
    let still_a_plan: [Alteration<'_>; 5] = [
        &|plan| plan["steps"][0]["settings"][0]["after"] = "SIX_HOURS".into(),
        &|plan| drop(plan["steps"].as_array_mut().expect("steps").pop()),
        &|plan| plan["steps"][0]["account"] = CALLER.into(),
        &|plan| plan["created_at"] = "2099-01-01T00:00:00Z".into(),
        &|plan| plan["fingerprint"] = format!("sha256:{}", "0".repeat(64)).into(),
    ];
    for change in still_a_plan {
        let ran = {
            std::fs::write(site.program.path("plan.json"), alter(change)).expect("a file");
            site.run(&[&ALLOWED[..], &["--report", "json"]].concat(), 8)
        };
        assert_eq!(refused(&ran.json())[0], "altered");
        assert_eq!(
            ran.json()["refusals"][0]["reason"],
            "the plan was altered after it was made: its fingerprint does not match its content"
        );
    }
    // What makes none cannot be shown.
    let no_plan: [(Alteration<'_>, &str); 8] = [
        (&|plan| plan["approved"] = true.into(), "unknown field `approved`"),
        (&|plan| plan["steps"][0]["force"] = true.into(), "unknown field `force`"),
        (&|plan| plan["steps"][0]["operation"] = "DeleteMember".into(), "unknown variant `DeleteMember`"),
        (&|plan| plan["steps"][0]["settings"][0]["after"] = "DAILY".into(), "\"DAILY\" is no value of"),
        (&|plan| plan["steps"][1]["risk"] = "safe".into(), "step 2 says that it is safe, and "),
        (&|plan| plan["steps"][0]["number"] = 7.into(), "its steps are not numbered in their order"),
        (&|plan| plan["steps"][0]["after_steps"] = json!([3]), "its steps are not numbered in their order"),
        (&|plan| plan["policy_digest"] = Value::Null, "it leads neither to policies nor to a journal"),
    ];
    for (change, what) in no_plan {
        std::fs::write(site.program.path("plan.json"), alter(change)).expect("a file");
        let ran = site.run(&ALLOWED, 8);
        ran.says("error: refused (altered): the plan plan.json was altered after it was made: ").says(what);
        assert_eq!(ran.stdout, "");
    }
    assert!(!site.simulation.was_written_to());
    // White space is nobody's change.
    let document: Value = serde_json::from_str(&plan).expect("JSON");
    std::fs::write(site.program.path("plan.json"), document.to_string()).expect("a file");
    site.run(&ALLOWED, 0);
}

#[test]
fn what_is_no_plan_is_not_applied() {
    let site = planned();
    let plan = std::fs::read_to_string(site.program.path("plan.json")).expect("a plan");
    let version = plan.replace("\"format_version\": 1", "\"format_version\": 2");
    for (text, says) in [
        (plan[..plan.len() / 2].to_owned(), "plan.json"),
        (String::new(), "plan.json"),
        (version, "it has format version 2, and this driftline reads version 1"),
        (
            "{\"format\": \"driftline.report\", \"format_version\": 1}".to_owned(),
            "its `format` is \"driftline.report\"",
        ),
    ] {
        std::fs::write(site.program.path("plan.json"), text).expect("a file");
        let ran = site.run(&ALLOWED, 1);
        ran.says(says);
        assert_eq!(ran.stdout, "");
    }
    // A newer version may know more settings: such a plan is not altered.
    for pointer in ["/steps/0/settings/0/setting", "/steps/0/reading"] {
        let mut newer: Value = serde_json::from_str(&plan).expect("JSON");
        match newer.pointer_mut(pointer).expect(pointer) {
            Value::Object(reading) => drop(reading.insert("phase_of_the_moon".to_owned(), "FULL".into())),
            setting => *setting = "phase_of_the_moon".into(),
        }
        std::fs::write(site.program.path("plan.json"), newer.to_string()).expect("a file");
        let ran = site.run(&ALLOWED, 1);
        ran.says("`phase_of_the_moon`, which this driftline does not know: a newer driftline made it");
        assert!(!ran.stderr.contains("altered"), "{}", ran.stderr);
    }
    // Nor is one of an older driftline, which lacks what the guards ask for.
    let mut older: Value = serde_json::from_str(&plan).expect("JSON");
    for (inside, fields) in [("", &["only", "partial_policies", "unmatched"][..]), ("/summary", &["declared_total"])] {
        let object = older.pointer_mut(inside).and_then(Value::as_object_mut).expect("an object");
        for field in fields {
            assert!(object.remove(*field).is_some(), "{field}");
        }
    }
    std::fs::write(site.program.path("plan.json"), older.to_string()).expect("a file");
    let ran = site.run(&ALLOWED, 1);
    ran.says("it was made by an older driftline").says("make it again and review it: driftline plan --out FILE");
    assert!(!ran.stderr.contains("altered"), "{}", ran.stderr);
    site.run(&["apply", "missing.json", "--auto-approve"], 1).says("no such file or folder: missing.json");
    assert!(!site.simulation.was_written_to());
}

#[test]
fn a_plan_made_in_the_same_run_is_guarded_too() {
    let site = Site::new(&world(""), declarations());
    let ran = site.apply(&["--max-changes", "1", "--report", "json"], 8);
    assert_eq!(refused(&ran.json()), ["max_changes", "pause", "disable"]);
    assert!(!site.simulation.was_written_to());
}

#[test]
fn where_nothing_is_to_be_done_nobody_need_confirm() {
    let site = Site::new(&world(""), [format!("accounts: [\"{ACCOUNT}\"], regions: [eu-west-1], status: ENABLED")]);
    site.run(&["plan", "a.yaml", "--out", "plan.json"], 0);
    let ran = site.run(&["apply", "plan.json"], 0);
    assert!(ran.stdout.ends_with("Result    nothing to change\n"), "{}", ran.stdout);
    assert_eq!(site.program.names(""), ["a.yaml", "driftline.toml", "plan.json"], "there is no journal of nothing");
}
