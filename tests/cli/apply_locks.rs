//! A plan is carried out by one apply at a time, and led back by one rollback at a time.

use std::process::Stdio;

use crate::support::{ACCOUNT, Ran, Site, World, policy};

const REGION: &str = "eu-west-1";

/// One target that is to publish every hour in the place of every six, with a saved plan.
fn planned(faults: &[&str]) -> Site {
    let sessions = format!("sessions: {{{REGION}: {{finding_publishing_frequency: SIX_HOURS}}}}");
    let world = faults.iter().fold(World::new().account(ACCOUNT, &sessions), |world, fault| world.faulty(fault));
    let wanted = format!("accounts: [\"{ACCOUNT}\"], regions: [{REGION}], finding_publishing_frequency: ONE_HOUR");
    let site = Site::new(&world, [wanted]);
    site.plan();
    site
}

const LATE: &str = "operations: [\"macie2:UpdateMacieSession\"], times: 1, fault: answer_late";

fn apply<'a>(plan: &'a str, journal: &'a str) -> [&'a str; 5] {
    ["apply", plan, "--auto-approve", "--journal", journal]
}

fn is_refused(ran: &Ran, plan: &str) {
    ran.says(&format!("error: refused (in use): another apply of the plan {plan} is under way"));
    ran.says("wait until that one has ended; then plan again");
    assert_eq!(ran.stdout, "", "nothing of the plan is told as if it were carried out");
}

#[test]
fn a_second_apply_of_a_plan_is_refused_by_whatever_name() {
    let site = planned(&[LATE]);
    std::os::unix::fs::symlink("plan.json", site.program.path("link.json")).expect("a link");
    std::fs::hard_link(site.program.path("plan.json"), site.program.path("other.json")).expect("a name");
    let mut child = site.begin(&apply("plan.json", "j.jsonl"));
    site.until("the change", |simulation| !simulation.written().is_empty());
    for plan in ["plan.json", "./plan.json", "link.json", "other.json"] {
        is_refused(&site.run(&apply(plan, "k.jsonl"), 8), plan);
    }
    assert!(!site.program.path("k.jsonl").exists());
    // What changes nothing is kept away by nobody.
    let dry = site.run(&["apply", "plan.json", "--dry-run", "--report", "json"], 8);
    assert_eq!(dry.json()["steps"][0]["outcome"], "stale");
    child.kill().expect("the process is there");
    child.wait().expect("an end");
    // A kill leaves no lock: what is refused now is a target that has changed.
    let ran = site.run(&[&apply("plan.json", "k.jsonl")[..], &["--report", "json"]].concat(), 8);
    assert_eq!(ran.json()["steps"][0]["outcome"], "stale");
    assert_eq!(site.simulation.written().len(), 1);
}

#[test]
fn of_five_applies_at_once_one_makes_the_change() {
    let site = planned(&["operations: [\"macie2:UpdateMacieSession\"], times: 1, fault: {latency: 500ms}"]);
    let journals: Vec<String> = (1..=5).map(|nth| format!("j{nth}.jsonl")).collect();
    let children: Vec<_> = journals.iter().map(|journal| site.begin(&apply("plan.json", journal))).collect();
    let ends = children.into_iter().map(|child| child.wait_with_output().expect("an end").status.code());
    let mut ends: Vec<_> = ends.collect();
    ends.sort_unstable();
    assert_eq!(ends, [Some(0), Some(8), Some(8), Some(8), Some(8)]);
    assert_eq!(site.simulation.written().len(), 1);
}

#[test]
fn of_two_rollbacks_at_once_one_leads_back() {
    let first = "operations: [\"macie2:UpdateMacieSession\"], times: 1, fault: {latency: 0ms}";
    let site = planned(&[first, LATE]);
    site.run(&apply("plan.json", "j.jsonl"), 0);
    let back = |journal| ["rollback", "j.jsonl", "--auto-approve", "--journal", journal];
    let mut command = site.program.command();
    command.args(back("k.jsonl")).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the program runs");
    site.until("the change", |simulation| simulation.written().len() == 2);
    site.run(&back("l.jsonl"), 1).says("the journal j.jsonl");
    child.kill().expect("the process is there");
    child.wait().expect("an end");
    assert_eq!(site.simulation.written().len(), 2);
}

#[test]
fn a_copy_of_a_plan_is_the_same_plan() {
    let site = planned(&[LATE]);
    let plan = std::fs::read_to_string(site.program.path("plan.json")).expect("a plan");
    let site = site.file("below/copy.json", &plan).file("spaced.json", format!("\n{plan}\n"));
    let mut child = site.begin(&apply("plan.json", "j.jsonl"));
    site.until("the change", |simulation| !simulation.written().is_empty());
    for copy in ["below/copy.json", "spaced.json"] {
        is_refused(&site.run(&apply(copy, "k.jsonl"), 8), copy);
    }
    site.run(&["apply", "below/copy.json", "--dry-run"], 8).stdout_has_no("in use");
    child.kill().expect("the process is there");
    child.wait().expect("an end");
    let ran = site.run(&[&apply("spaced.json", "k.jsonl")[..], &["--report", "json"]].concat(), 8);
    assert_eq!(ran.json()["steps"][0]["outcome"], "stale", "a kill leaves no lock");
    assert_eq!(site.simulation.written().len(), 1);
}

#[test]
fn where_no_lock_can_be_made_that_is_said() {
    let site = planned(&[]);
    let nowhere = site.program.path("nowhere");
    let mut command = site.program.command();
    let output = command.args(apply("plan.json", "j.jsonl")).env("TMPDIR", nowhere).output().expect("the program runs");
    site.program.assert_exit(&output, 0).says("note: no lock can be created in ");
}

#[test]
fn applies_of_one_second_in_one_folder_have_journals_of_their_own() {
    let late = "operations: [\"sts:GetCallerIdentity\"], fault: {latency: 300ms}";
    let regions = ["eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1"];
    let world = World::new().account(ACCOUNT, "sessions: {\"*\": {finding_publishing_frequency: SIX_HOURS}}");
    let mut site = Site::new(&world.faulty(late), ["status: ENABLED"]);
    for region in regions {
        let wanted = format!("accounts: [\"{ACCOUNT}\"], regions: [{region}], finding_publishing_frequency: ONE_HOUR");
        site = site.file(&format!("{region}.yaml"), policy([wanted]));
    }
    let names = regions.map(|region| format!("{region}.yaml"));
    let children: Vec<_> = names.iter().map(|name| site.begin(&["apply", name, "--auto-approve"])).collect();
    for child in children {
        site.program.assert_exit(&child.wait_with_output().expect("an end"), 0);
    }
    let journals = site.program.names(".").into_iter().filter(|name| name.starts_with("driftline-apply-")).count();
    assert_eq!((journals, site.simulation.written().len()), (4, 4));
}
