//! The journal of an apply: where it may lie, what it may be, and who may go on with it.

use crate::support::{ACCOUNT, CALLER, Site, World};

const REGION: &str = "eu-west-1";

fn world() -> World {
    World::new().account(ACCOUNT, "sessions: {\"*\": {}}")
}

/// One target that is to publish every hour.
fn site(world: &World) -> Site {
    let declaration = format!("accounts: [\"{ACCOUNT}\"], regions: [{REGION}], finding_publishing_frequency: ONE_HOUR");
    Site::new(world, [declaration])
}

const RESUME: [&str; 6] = ["apply", "--resume", "j.jsonl", "--auto-approve", "--visible-within", "1s"];

/// The journal of an apply whose only call was refused, so that there is something left to do.
fn half_done() -> Site {
    let site = site(&world().faulty(
        "operations: [\"macie2:UpdateMacieSession\"], times: 1, fault: {answer: {status: 400, headers: \
         {x-amzn-errortype: ValidationException}, body: '{\"message\":\"no\"}'}}",
    ));
    site.apply(&[], 8);
    site
}

fn text(site: &Site) -> String {
    std::fs::read_to_string(site.program.path("j.jsonl")).expect("a journal")
}

#[test]
fn a_journal_holds_the_plan_each_intent_and_each_result() {
    let site = site(&world());
    site.apply(&[], 0);
    let lines = text(&site);
    let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let kinds: Vec<&str> = lines.iter().filter_map(|line| line["type"].as_str()).collect();
    assert_eq!(kinds, ["begin", "intent", "result", "end"]);
    assert_eq!(lines[0]["format"], "driftline.journal");
    assert_eq!(lines[0]["plan"]["format"], "driftline.plan");
    assert_eq!(lines[0]["plan"]["steps"][0]["operation"], "UpdateMacieSession");
    assert_eq!(lines[1]["found"]["finding_publishing_frequency"], "FIFTEEN_MINUTES");
    assert_eq!(lines[1]["wanted"]["finding_publishing_frequency"], "ONE_HOUR");
    assert_eq!(lines[1]["wanted"]["status"], serde_json::Value::Null, "what is not sent is not meant");
    assert_eq!(lines[2]["outcome"], "verified");
    assert_eq!(lines[2]["live"]["finding_publishing_frequency"], "ONE_HOUR");
    assert_eq!(lines[3]["totals"]["verified"], 1);
    let secret = site.simulation.secret_access_key();
    assert!(!text(&site).contains(secret) && !text(&site).contains("SessionToken"), "no secret is kept");
}

#[test]
fn without_a_name_the_journal_lies_here_under_the_time() {
    let site = site(&world());
    let ran = site.run(&["apply", "a.yaml", "--auto-approve"], 0);
    let names = site.program.names("");
    let journal = names.iter().find(|name| name.starts_with("driftline-apply-")).expect("a journal");
    assert!(journal.ends_with("Z.jsonl"), "{journal}");
    assert!(ran.stdout.contains(&format!("Journal   {journal}")), "{}", ran.stdout);
}

#[test]
fn where_no_journal_can_be_written_nothing_is_read_and_nothing_changed() {
    let site = site(&world()).file("folder/file", "");
    for (journal, says) in [("missing/j.jsonl", "missing/j.jsonl"), ("folder", "there already is a file folder")] {
        let ran = site.run(&["apply", "a.yaml", "--auto-approve", "--journal", journal], 1);
        ran.says(says);
        assert_eq!(ran.stdout, "");
        assert!(site.simulation.calls().is_empty());
    }
}

#[test]
fn a_journal_replaces_no_file() {
    let site = site(&world()).file("j.jsonl", "precious");
    let ran = site.apply(&[], 1);
    ran.says("error: there already is a file j.jsonl, and a journal never replaces one");
    ran.says("or go on with what it holds: driftline apply --resume FILE");
    assert_eq!(text(&site), "precious");
    assert!(site.simulation.calls().is_empty());
}

#[test]
fn a_failed_step_is_tried_again_and_a_done_one_is_not() {
    let site = half_done();
    let report = site.run(&[&RESUME[..], &["--report", "json"]].concat(), 0).json();
    assert_eq!(report["totals"]["verified"], 1);
    assert_eq!(report["journal"], "j.jsonl");
    assert_eq!(site.session(ACCOUNT, REGION), "ENABLED, ONE_HOUR");
    let written = site.simulation.written();
    let reads = site.simulation.calls()["macie2:GetMacieSession"];
    let report = site.run(&[&RESUME[..], &["--report", "json"]].concat(), 0).json();
    assert_eq!(report["steps"][0]["message"], "it is ENABLED, ONE_HOUR (by the earlier run)");
    assert_eq!(site.simulation.written(), written);
    assert_eq!(site.simulation.calls()["macie2:GetMacieSession"], reads, "nor is it read again");
    let kinds: Vec<String> = text(&site)
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["type"].to_string())
        .collect();
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.trim_matches('"')).collect();
    assert_eq!(kinds, ["begin", "intent", "result", "end", "resume", "intent", "result", "end", "resume", "end"]);
}

#[test]
fn a_last_line_that_was_cut_off_was_not_written() {
    let site = half_done();
    let whole = text(&site);
    for torn in ["{", "{\"type\":\"result\",\"step\":1,\"outcome\":\"veri", "\u{0}\u{0}\u{0}"] {
        std::fs::write(site.program.path("j.jsonl"), format!("{whole}{torn}")).expect("a file");
        let ran = site.run(&["apply", "--resume", "j.jsonl", "--dry-run"], 0);
        assert!(ran.stdout.contains("would be called"), "{}", ran.stdout);
        assert!(text(&site).ends_with(torn), "a dry run writes nothing at all");
    }
    site.run(&RESUME, 0);
    assert!(text(&site).starts_with(&format!("{whole}{{\"type\":\"resume\"")), "the torn line is gone");
}

#[test]
fn what_is_no_journal_is_not_gone_on_with() {
    let site = half_done();
    let whole = text(&site);
    let lines: Vec<&str> = whole.lines().collect();
    let rows = [
        (whole.replace(lines[1], "garbage"), "the journal j.jsonl makes no sense at line 2: expected value"),
        (whole.replace("\"step\":1", "\"step\":7"), "makes no sense at line 2: the plan has no step 7"),
        (format!("{whole}{}\n", lines[0]), "makes no sense at line 5: an apply begins twice"),
        (
            whole.replace("\"refused\"", "\"forgiven\"").replace("\"failed\"", "\"forgiven\""),
            "makes no sense at line 3",
        ),
        (lines[1..].join("\n") + "\n", "its first line is not where an apply begins"),
        (whole.replace("driftline.journal", "driftline.diary"), "its `format` is \"driftline.diary\""),
        ("{\"a\": 1}\n".to_owned(), "j.jsonl is not a journal of an apply: its first line: "),
        (String::new(), "j.jsonl is not a journal of an apply: it holds no whole line"),
    ];
    for (journal, says) in rows {
        std::fs::write(site.program.path("j.jsonl"), &journal).expect("a file");
        for arguments in [&RESUME[..], &["rollback", "j.jsonl", "--auto-approve", "--journal", "k.jsonl"]] {
            let ran = site.run(arguments, 1);
            ran.says(says);
            assert_eq!(ran.stdout, "");
            assert_eq!(text(&site), journal, "it is left as it is");
        }
    }
    std::fs::write(site.program.path("j.jsonl"), b"\xff\n").expect("a file");
    site.run(&RESUME, 1).says("it is not UTF-8");
    std::fs::remove_file(site.program.path("j.jsonl")).expect("a file");
    site.run(&RESUME, 1).says("the journal j.jsonl cannot be read: ");
    site.run(&["apply", "--resume", "a.yaml", "--auto-approve"], 1).says("a.yaml is not a journal of an apply");
    assert!(site.simulation.written().is_empty());
}

#[test]
fn an_altered_plan_in_a_journal_is_refused() {
    let site = half_done();
    let altered = text(&site).replace("\"after\":\"ONE_HOUR\"", "\"after\":\"SIX_HOURS\"");
    std::fs::write(site.program.path("j.jsonl"), altered).expect("a file");
    let ran = site.run(&RESUME, 8);
    assert!(ran.stdout.contains("refused (altered): the plan was altered after it was made: the plan in the journal"));
    let ran = site.run(&["rollback", "j.jsonl", "--auto-approve", "--journal", "k.jsonl", "--report", "json"], 8);
    assert_eq!(ran.json()["refusals"][0]["guard"], "altered");
    assert!(site.simulation.written().is_empty());
}

#[test]
fn another_caller_does_not_go_on() {
    let site = half_done();
    let journal = text(&site);
    let other = world().to_string().replace(&format!("caller: \"{CALLER}\""), &format!("caller: \"{ACCOUNT}\""));
    let other = driftline_simulator::World::parse(&other, "world.yaml").expect("a world");
    let theirs = driftline_simulator::Simulation::start(other, 0).expect("a simulation");
    let mut command = site.program.command();
    command.args(RESUME).envs(theirs.environment());
    let ran = site.program.assert_exit(&command.output().expect("the program runs"), 8);
    assert!(ran.stdout.contains("refused (other_caller)"), "{}", ran.stdout);
    assert_eq!(text(&site), journal, "what is refused leaves no line");
    assert!(!theirs.was_written_to());
}

#[cfg(unix)]
#[test]
fn two_runs_never_write_one_journal() {
    let site = site(&world().faulty("operations: [\"macie2:UpdateMacieSession\"], times: 1, fault: answer_late"));
    let mut child = site.begin(&["apply", "a.yaml", "--auto-approve", "--journal", "j.jsonl"]);
    site.until("the change", |simulation| !simulation.written().is_empty());
    let before = text(&site);
    site.run(&RESUME, 1)
        .says("error: another apply is writing the journal j.jsonl")
        .says("wait until that one has ended");
    let back = ["rollback", "j.jsonl", "--auto-approve", "--journal", "k.jsonl"];
    site.run(&back, 1).says("error: another apply is writing the journal j.jsonl");
    assert_eq!(text(&site), before);
    child.kill().expect("the process is there");
    child.wait().expect("an end");
    assert_eq!(site.simulation.written().len(), 1);
    site.run(&RESUME, 0);
}
