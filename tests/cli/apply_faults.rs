//! `driftline apply` where something is in the way: what shows counts, and not what was answered.

use serde_json::Value;

use crate::support::{ACCOUNT, CALLER, Ran, Site, World, organization};

const REGION: &str = "eu-west-1";
const WRITTEN: &str = "macie2:UpdateMacieSession 111122223333 eu-west-1";

/// One target that is to publish every hour in the place of every six.
fn six_hours() -> World {
    World::new().account(ACCOUNT, &format!("sessions: {{{REGION}: {{finding_publishing_frequency: SIX_HOURS}}}}"))
}

fn hourly() -> String {
    format!("accounts: [\"{ACCOUNT}\"], regions: [{REGION}], finding_publishing_frequency: ONE_HOUR")
}

/// That target, with a fault of the call that changes it.
fn faulty(times: &str, fault: &str) -> Site {
    let fault = format!("operations: [\"macie2:UpdateMacieSession\"], {times} fault: {fault}");
    Site::new(&six_hours().faulty(&fault), [hourly()])
}

/// An answer of AWS word for word.
fn answer(status: u16, code: &str) -> String {
    format!(
        "{{answer: {{status: {status}, headers: {{x-amzn-errortype: {code}}}, body: '{{\"message\":\"so it is\"}}'}}}}"
    )
}

/// Applies, and returns what came of the only step.
#[track_caller]
fn only_step(site: &Site, more: &[&str], exit: i32) -> Value {
    step(&site.apply(&[&["--report", "json"], more].concat(), exit))
}

#[track_caller]
fn step(ran: &Ran) -> Value {
    let report = ran.json();
    assert_eq!(report["totals"]["steps"], 1, "{report}");
    report["steps"][0].clone()
}

#[test]
fn a_change_whose_answer_is_lost_is_looked_for_and_not_made_twice() {
    for fault in ["answer_lost", "answer_late"] {
        let site = faulty("", fault);
        let step = only_step(&site, &[], 0);
        assert_eq!(step["outcome"], "verified", "{fault}");
        assert_eq!(
            step["message"],
            "it is ENABLED, ONE_HOUR, although UpdateMacieSession was answered with: no answer"
        );
        assert_eq!(site.simulation.written(), [WRITTEN]);
        site.is_in_sync();
    }
}

#[test]
fn a_change_that_was_never_made_is_not_taken_for_made() {
    // An answer without a body is AWS's own; a page of somebody else is none, whatever its status.
    for (fault, outcome) in [
        ("reset", "failed"),
        ("truncated", "failed"),
        ("html_503", "failed"),
        ("foreign_body", "failed"),
        ("bare_429", "failed"),
        (
            "{answer: {status: 429, headers: {content-type: application/json}, body: '{\"code\": \"rate_limited\"}'}}",
            "failed",
        ),
        ("{answer: {status: 203, headers: {content-type: application/json}, body: '{}'}}", "failed"),
        ("{answer: {status: 500, headers: {}, body: ''}}", "failed"),
        ("{answer: {status: 200, headers: {content-type: application/json}, body: '{\"cut\":'}}", "failed"),
        ("empty_200", "applied"),
    ] {
        let site = faulty("", fault);
        let step = only_step(&site, &["--visible-within", "200ms"], 8);
        assert_eq!(step["outcome"], outcome, "{fault}: {step}");
        // What was accepted is not asked for again; what was not answered is, a few times, after a look each.
        let calls = if outcome == "applied" { 1 } else { 3 };
        assert_eq!(site.simulation.calls()["macie2:UpdateMacieSession"], calls, "{fault}");
        assert_eq!(step["live"]["finding_publishing_frequency"], "SIX_HOURS", "{fault}");
        assert!(site.simulation.written().is_empty());
    }
}

#[test]
fn a_throttled_change_is_tried_again_until_it_is_made_or_until_patience_ends() {
    for fault in ["throttle", "too_many_requests", "bare_429"] {
        let site = faulty("times: 2,", fault);
        assert_eq!(only_step(&site, &[], 0)["outcome"], "verified", "{fault}");
        assert_eq!(site.simulation.calls()["macie2:UpdateMacieSession"], 3);
        assert_eq!(site.simulation.written(), [WRITTEN]);
    }
    let site = faulty("", "throttle");
    let step = only_step(&site, &[], 8);
    assert_eq!(step["outcome"], "failed");
    assert_eq!(step["error"]["reason"], "throttled");
    assert_eq!(
        step["message"],
        "AWS asked to slow down until the retries of UpdateMacieSession were used up; nothing was changed"
    );
    assert!(site.simulation.written().is_empty());
}

#[test]
fn an_error_of_the_service_is_no_proof_that_nothing_was_done() {
    let site = faulty("times: 1,", "server_error");
    assert_eq!(only_step(&site, &["--visible-within", "1s"], 0)["outcome"], "verified");
    assert_eq!(site.simulation.written(), [WRITTEN]);
    let intents = site.program.read("j.jsonl").lines().filter(|line| line.contains("\"type\":\"intent\"")).count();
    assert_eq!(intents, 2, "each call is written down before it is made");
    // Planned, looked at before the first call, before the second one, and after it.
    assert!(site.simulation.calls()["macie2:GetMacieSession"] >= 4);
    let site = faulty("", "server_error");
    let step = only_step(&site, &["--visible-within", "1s"], 8);
    assert_eq!(step["outcome"], "failed");
    assert_eq!(
        step["message"],
        "there was no good answer to UpdateMacieSession, and 1s later it is ENABLED, SIX_HOURS"
    );
    // Somebody else's change, right after the last look before the call, is the one that is wanted.
    let meanwhile = format!(
        "meanwhile: [{{account: \"{ACCOUNT}\", region: {REGION}, after: 2, session: {{finding_publishing_frequency: \
         ONE_HOUR}}}}]"
    );
    let fault = "operations: [\"macie2:UpdateMacieSession\"], fault: server_error";
    let site = Site::new(&six_hours().faulty(fault).with(&meanwhile), [hourly()]);
    let step = only_step(&site, &[], 0);
    assert!(
        step["message"].as_str().is_some_and(|text| text.contains("although UpdateMacieSession was answered with"))
    );
}

#[test]
fn a_change_without_an_answer_is_not_made_over_what_somebody_else_has_set_meanwhile() {
    let meanwhile = format!(
        "meanwhile: [{{account: \"{ACCOUNT}\", region: {REGION}, after: 2, session: {{finding_publishing_frequency: \
         FIFTEEN_MINUTES}}}}]"
    );
    let page = "{answer: {status: 429, headers: {content-type: text/html}, body: '<html>slow down</html>'}}";
    for fault in ["server_error", "html_503", "reset", "foreign_body", "bare_429", page] {
        let faulty = format!("operations: [\"macie2:UpdateMacieSession\"], times: 1, fault: {fault}");
        let site = Site::new(&six_hours().faulty(&faulty).with(&meanwhile), [hourly()]);
        let step = only_step(&site, &["--visible-within", "1s"], 8);
        assert_eq!(step["outcome"], "failed", "{fault}");
        let message = step["message"].as_str().expect("a message");
        assert!(!message.contains("nothing was changed"), "{message}");
        assert!(
            message.ends_with("1s later it is ENABLED, FIFTEEN_MINUTES: neither as it was nor as it is to be"),
            "{message}"
        );
        assert_eq!(site.simulation.calls()["macie2:UpdateMacieSession"], 1, "{fault}");
        assert_eq!(site.session(ACCOUNT, REGION), "ENABLED, FIFTEEN_MINUTES", "{fault}");
    }
}

#[test]
fn whatever_is_called_is_called_again_after_an_error_of_the_service_and_made_once() {
    for operation in ["CreateMember", "DisableMacie", "EnableMacie", "UpdateMacieSession", "UpdateMemberSession"] {
        for fault in ["server_error", "answer_lost"] {
            let fault = format!("operations: [\"macie2:{operation}\"], times: 1, fault: {fault}");
            let site = organization::site(&organization::organization().faulty(&fault), "");
            site.run(&[&["apply", "plan.json"], &organization::APPROVED[..]].concat(), 0);
            organization::is_done(&site, &fault);
        }
    }
}

#[test]
fn a_refusal_is_told_in_words_with_its_way_out() {
    let rows = [
        (409, "ConflictException", "is in conflict with how the account is set", "administrator and members"),
        (402, "ServiceQuotaExceededException", "would exceed a quota", "raise the quota"),
        (400, "ValidationException", "does not take UpdateMacieSession as it was sent", ""),
    ];
    for (status, code, message, remediation) in rows {
        let site = faulty("", &answer(status, code));
        let step = only_step(&site, &[], 8);
        assert_eq!(step["outcome"], "failed");
        assert_eq!(step["error"]["code"], code);
        assert_eq!(step["error"]["message"], "so it is");
        assert!(step["message"].as_str().is_some_and(|text| text.contains(message)), "{step}");
        assert!(step["remediation"].as_str().is_some_and(|text| text.contains(remediation)), "{step}");
        assert_eq!(site.simulation.calls()["macie2:UpdateMacieSession"], 1, "AWS has said what it thinks");
    }
}

#[test]
fn a_session_that_is_there_already_is_read_and_not_fought_over() {
    let enabled = format!(
        "meanwhile: [{{account: \"{ACCOUNT}\", region: {REGION}, after: 2, session: {{finding_publishing_frequency: \
         SIX_HOURS}}}}]"
    );
    let declaration = |frequency: &str| {
        format!(
            "accounts: [\"{ACCOUNT}\"], regions: [{REGION}], status: ENABLED, finding_publishing_frequency: {frequency}"
        )
    };
    let world = World::new().account(ACCOUNT, "").with(&enabled);
    let site = Site::new(&world, [declaration("SIX_HOURS")]);
    let step = only_step(&site, &[], 0);
    assert_eq!(step["operation"], "EnableMacie");
    assert_eq!(step["message"], "it is ENABLED, SIX_HOURS, although EnableMacie was answered with: ConflictException");
    assert!(site.simulation.written().is_empty(), "somebody else was faster");
    let site = Site::new(&world, [declaration("ONE_HOUR")]);
    let step = only_step(&site, &["--visible-within", "1s"], 8);
    assert_eq!(step["outcome"], "failed");
    assert_eq!(step["live"]["finding_publishing_frequency"], "SIX_HOURS");
}

#[test]
fn a_denied_change_names_the_action_and_the_layer() {
    let permissions = "permissions: {DriftlineRead: [\"macie2:*\"], DriftlineApply: [\"macie2:GetMacieSession\"]}";
    let sessions = format!("sessions: {{{REGION}: {{finding_publishing_frequency: SIX_HOURS}}}}");
    let roles = "roles: [DriftlineRead, DriftlineApply]";
    let site = Site::new(&World::new().account(ACCOUNT, &format!("{roles}, {sessions}, {permissions}")), [hourly()]);
    let step = only_step(&site, &[], 8);
    assert_eq!(step["outcome"], "failed");
    assert_eq!(step["message"], "AWS denied UpdateMacieSession");
    assert_eq!(step["error"]["reason"], "denied");
    assert_eq!(step["remediation"], "allow macie2:UpdateMacieSession in the identity-based policy");
    let denial = "denials: [{actions: [\"macie2:UpdateMacieSession\"], layer: service_control_policy, explicit: true}]";
    let site = Site::new(&World::new().account(ACCOUNT, &format!("{sessions}, {denial}")), [hourly()]);
    let step = only_step(&site, &[], 8);
    assert_eq!(
        step["remediation"],
        "except driftline's role from the service control policy that denies macie2:UpdateMacieSession"
    );
}

#[test]
fn one_role_reads_and_the_other_changes() {
    let sessions = format!("sessions: {{{REGION}: {{finding_publishing_frequency: SIX_HOURS}}}}");
    let allowed = "permissions: {DriftlineRead: [\"macie2:GetMacieSession\"], DriftlineApply: \
                   [\"macie2:GetMacieSession\", \"macie2:UpdateMacieSession\"]}";
    let roles = |roles: &str| World::new().account(ACCOUNT, &format!("roles: [{roles}], {sessions}"));
    let both = World::new().account(ACCOUNT, &format!("roles: [DriftlineRead, DriftlineApply], {sessions}, {allowed}"));
    Site::new(&both, [hourly()]).apply(&[], 0);
    // Where the one for changes is missing, everything is planned, and nothing is read again, let alone changed.
    let site = Site::new(&roles("DriftlineRead"), [hourly()]);
    let step = only_step(&site, &[], 8);
    assert_eq!(step["outcome"], "refused");
    assert_eq!(step["error"]["reason"], "role_not_assumable");
    assert!(!site.simulation.was_written_to());
    // Where the one for reading is missing, nothing is planned.
    let ran = Site::new(&roles("DriftlineApply"), [hourly()]).apply(&["--report", "json"], 8);
    assert_eq!(ran.json()["totals"]["steps"], 0);
    assert_eq!(ran.json()["refusals"][0]["guard"], "nothing_read");
    // Without one for changes, the one for reading does both.
    let site =
        Site::new(&roles("DriftlineRead"), [hourly()]).file("driftline.toml", "[aws]\nrole_name = \"DriftlineRead\"\n");
    site.apply(&[], 0);
    assert_eq!(site.session(ACCOUNT, REGION), "ENABLED, ONE_HOUR");
}

#[test]
fn a_change_that_shows_late_is_waited_for() {
    let site = Site::new(&six_hours().with("visibility: 3"), [hourly()]);
    let step = only_step(&site, &[], 0);
    assert_eq!(step["outcome"], "verified");
    assert_eq!(site.simulation.written(), [WRITTEN]);
    // Planned from one reading, looked at once before the call, and three times in vain after it.
    assert_eq!(site.simulation.calls()["macie2:GetMacieSession"], 6);
}

#[test]
fn a_change_that_never_shows_is_told_as_accepted_and_not_seen() {
    let site = Site::new(&six_hours().with("visibility: 1000000"), [hourly()]);
    let step = only_step(&site, &["--visible-within", "1s"], 8);
    assert_eq!(step["outcome"], "applied");
    assert_eq!(step["message"], "AWS accepted UpdateMacieSession, and 1s later it still is ENABLED, SIX_HOURS");
    assert_eq!(step["remediation"], "check again in some minutes; if it stays so, ask AWS Support");
    let ran =
        site.run(&["apply", "--resume", "j.jsonl", "--auto-approve", "--visible-within", "1s", "--report", "json"], 8);
    assert_eq!(ran.json()["steps"][0]["outcome"], "applied");
    assert_eq!(site.simulation.written(), [WRITTEN], "what was accepted is not asked for again");
}

#[test]
fn what_somebody_else_has_changed_since_the_plan_is_left_alone() {
    for (session, now) in [
        ("{finding_publishing_frequency: FIFTEEN_MINUTES}", "ENABLED, FIFTEEN_MINUTES"),
        ("{status: PAUSED, finding_publishing_frequency: SIX_HOURS}", "PAUSED, SIX_HOURS"),
        ("off", "off"),
    ] {
        let world = six_hours()
            .with(&format!("meanwhile: [{{account: \"{ACCOUNT}\", region: {REGION}, after: 1, session: {session}}}]"));
        let site = Site::new(&world, [hourly()]);
        let step = only_step(&site, &[], 8);
        assert_eq!(step["outcome"], "stale");
        let seen = if now == "off" { "NOT_ENABLED" } else { now };
        assert_eq!(
            step["message"],
            format!("the plan saw ENABLED, SIX_HOURS, and it is {seen} now: someone else has changed it")
        );
        assert!(!site.simulation.was_written_to());
        assert_eq!(site.session(ACCOUNT, REGION), now);
    }
}

#[test]
fn a_target_that_cannot_be_read_again_is_not_changed() {
    let world = six_hours()
        .faulty(&format!("accounts: [\"{ACCOUNT}\"], operations: [\"macie2:GetMacieSession\"], fault: unknown_status"));
    let site = Site::new(&six_hours(), [hourly()]);
    site.plan();
    let later = Site::new(&world, [hourly()]);
    let plan = std::fs::read(site.program.path("plan.json")).expect("a plan");
    let later = later.file("plan.json", plan);
    let ran = later.run(&["apply", "plan.json", "--auto-approve", "--journal", "j.jsonl", "--report", "json"], 8);
    assert_eq!(step(&ran)["outcome"], "refused");
    assert_eq!(step(&ran)["message"], "unread: unintelligible; what cannot be read is not changed");
    assert!(!later.simulation.was_written_to());
}

/// The caller's account in six Regions, in each of which the change is refused.
fn six_refused() -> (World, String) {
    let regions = "eu-central-1, eu-north-1, eu-west-1, eu-west-2, eu-west-3, us-east-1";
    let world = World::new().account(CALLER, "sessions: {\"*\": {finding_publishing_frequency: SIX_HOURS}}");
    let fault = format!("operations: [\"macie2:UpdateMacieSession\"], fault: {}", answer(409, "ConflictException"));
    let declaration = format!("accounts: [\"{CALLER}\"], regions: [{regions}], finding_publishing_frequency: ONE_HOUR");
    (world.faulty(&fault), declaration)
}

#[test]
fn after_so_many_failures_no_more_steps_begin() {
    for (most, failed) in [("1", 1), ("2", 2), ("6", 6)] {
        let (world, declaration) = six_refused();
        let site = Site::new(&world, [declaration]).settings("[limits]\nconcurrency = 1\n");
        let report = site.apply(&["--max-failures", most, "--report", "json"], 8).json();
        assert_eq!(report["totals"]["failed"], failed);
        assert_eq!(report["totals"]["not_tried"], 6 - failed);
        assert_eq!(site.simulation.calls()["macie2:UpdateMacieSession"], failed);
        let told = report["steps"][5]["message"].as_str().expect("a message").to_owned();
        assert!(failed == 6 || told.starts_with("the run stopped after "), "{told}");
    }
}
