//! Every reason for which a target is unread, through the program: never in sync, never drift.

use std::collections::{BTreeMap, BTreeSet};

use driftline::model::UnreadReason;
use serde_json::{Value, json};

use crate::support::{CALLER, Driftline, World, policy};

/// What an account is like, what goes wrong in it, and what is then said of its Region eu-west-1.
struct Case {
    name: &'static str,
    account: &'static str,
    /// The operation with the fault, and the fault.
    fault: Option<(&'static str, &'static str)>,
    reason: UnreadReason,
    code: Option<&'static str>,
    layer: Option<&'static str>,
}

const MACIE: &str = "macie2:GetMacieSession";
const ROLE: &str = "sts:AssumeRole";
const POLICY_ARN: &str = "arn:aws:organizations::999988887777:policy/o-exampleorgid/service_control_policy/p-regions01";

const fn fault(
    name: &'static str,
    (operation, fault): (&'static str, &'static str),
    reason: UnreadReason,
    code: Option<&'static str>,
) -> Case {
    Case { name, account: "sessions: {\"*\": {}}", fault: Some((operation, fault)), reason, code, layer: None }
}

const fn account(
    name: &'static str,
    account: &'static str,
    reason: UnreadReason,
    code: Option<&'static str>,
    layer: Option<&'static str>,
) -> Case {
    Case { name, account, fault: None, reason, code, layer }
}

fn cases() -> Vec<Case> {
    use UnreadReason::{
        BadCredentials, Denied, RegionOff, RoleNotAssumable, Throttled, Unintelligible, Unreachable, WrongAccount,
    };
    let macie = |kind| (MACIE, kind);
    let denied = Some("AccessDeniedException");
    vec![
        account(
            "an organization's policy denies",
            "denials: [{actions: [\"macie2:GetMacieSession\"], layer: service_control_policy, explicit: true, policy_arn: \"arn:aws:organizations::999988887777:policy/o-exampleorgid/service_control_policy/p-regions01\"}]",
            Denied,
            denied,
            Some("service_control_policy"),
        ),
        account("nothing allows", "denials: [{actions: [\"macie2:*\"]}]", Denied, denied, Some("identity_policy")),
        account(
            "a boundary does not allow",
            "denials: [{actions: [\"macie2:*\"], layer: permissions_boundary}]",
            Denied,
            denied,
            Some("permissions_boundary"),
        ),
        fault(
            "words that nobody knows",
            macie(
                "{answer: {status: 403, headers: {x-amzn-errortype: AccessDeniedException}, body: \"{\\\"message\\\": \\\"Macie sleeps in this account\\\"}\"}}",
            ),
            Denied,
            denied,
        ),
        account("a role that does not exist", "roles: []", RoleNotAssumable, Some("AccessDenied"), None),
        account("a suspended account", "suspended: true", RoleNotAssumable, Some("AccessDenied"), None),
        account("another external id", "external_id: other-one", RoleNotAssumable, Some("AccessDenied"), None),
        fault("a role elsewhere", (ROLE, "{wrong_identity: \"000000000999\"}"), WrongAccount, None),
        fault("an expired token", macie("expired_token"), BadCredentials, Some("ExpiredTokenException")),
        fault("an unknown token", macie("unrecognized_client"), BadCredentials, Some("UnrecognizedClientException")),
        fault("throttled", macie("throttle"), Throttled, Some("ThrottlingException")),
        fault("throttled in other words", macie("too_many_requests"), Throttled, Some("TooManyRequestsException")),
        fault("throttled without a word", macie("bare_429"), Throttled, None),
        fault("throttled at the door", (ROLE, "throttle"), Throttled, Some("Throttling")),
        fault("a fault of AWS", macie("server_error"), Unreachable, Some("InternalServerException")),
        fault("a closed connection", macie("reset"), Unreachable, None),
        fault("half an answer", macie("truncated"), Unreachable, None),
        fault("a proxy's apology", macie("html_503"), Unintelligible, None),
        fault("a proxy's page", macie("foreign_body"), Unintelligible, None),
        fault("nothing at all", macie("empty_200"), Unintelligible, None),
        fault("an unknown status", macie("unknown_status"), Unintelligible, None),
        fault("an unknown frequency", macie("unknown_frequency"), Unintelligible, None),
        account(
            "a Region that is off",
            "list_regions: denied, sessions: {\"*\": {}}",
            RegionOff,
            Some("UnrecognizedClientException"),
            None,
        ),
    ]
}

/// The target of a case: the Region that may be off, or one that cannot be.
fn region(case: &Case) -> &'static str {
    if case.reason == UnreadReason::RegionOff { "me-south-1" } else { "eu-west-1" }
}

#[test]
fn every_reason_has_its_reason_its_code_and_exit_code_4() {
    let cases: BTreeMap<String, Case> =
        cases().into_iter().enumerate().map(|(nth, case)| (format!("{:012}", nth + 1), case)).collect();
    let mut world = World::new();
    let mut declarations = Vec::new();
    for (id, case) in &cases {
        world = world.account(id, case.account);
        if let Some((operation, fault)) = case.fault {
            world = world.fault_of(operation, id, fault);
        }
        let more = if case.reason == UnreadReason::RegionOff { ", eu-west-1" } else { "" };
        declarations.push(format!("accounts: [\"{id}\"], regions: [{}{more}], status: ENABLED", region(case)));
    }
    let program = Driftline::new().policy("a.yaml", policy(&declarations)).world(&world);
    let ran = program.args(["check", "a.yaml", "--simulate", "world.yaml", "--report", "json"]).run(4);
    let report = ran.json();
    let mut unread: BTreeMap<&str, &Value> = BTreeMap::new();
    for target in report["targets"].as_array().expect("targets") {
        let id = target["account"].as_str().expect("an account");
        if target["region"] == region(&cases[id]) {
            assert_eq!(target["outcome"], "unread", "{}", cases[id].name);
            assert!(target["live"].is_null(), "{}", cases[id].name);
            let settings = target["settings"].as_array().expect("settings");
            assert!(settings.iter().all(|setting| setting["outcome"] == "unread" && setting["live"].is_null()));
            unread.insert(id, &target["unread"]);
        }
    }
    assert_eq!(unread.len(), cases.len());
    for (id, case) in &cases {
        let said = unread[id.as_str()];
        let expected = json!({"reason": case.reason.as_str(), "code": case.code, "layer": case.layer});
        let told = json!({"reason": said["reason"], "code": said["code"], "layer": said["layer"]});
        assert_eq!(told, expected, "{}: {said}", case.name);
        assert!(said["message"].as_str().is_some_and(|message| !message.is_empty()), "{}: {said}", case.name);
    }
    let with_policy: Vec<&Value> =
        unread.values().map(|said| &said["policy_arn"]).filter(|arn| !arn.is_null()).collect();
    assert_eq!(with_policy, [POLICY_ARN]);
    // The limits of the run itself are proven where they are set, `deadline` in settings.rs and `interrupted` in
    // interruption.rs; what comes of asking somebody else, in reader.rs.
    let mut seen: BTreeSet<UnreadReason> = cases.values().map(|case| case.reason).collect();
    seen.extend([
        UnreadReason::Deadline,
        UnreadReason::Interrupted,
        UnreadReason::Contradicted,
        UnreadReason::NotListed,
    ]);
    assert_eq!(seen, BTreeSet::from(UnreadReason::ALL));
}

#[test]
fn the_same_cause_is_told_once_for_all_its_regions() {
    let declaration = format!("accounts: [\"000000000001\", \"{CALLER}\"], status: NOT_ENABLED");
    let program = Driftline::new().policy("a.yaml", policy([declaration])).world(&World::new());
    let ran = program.args(["check", "a.yaml", "--simulate", "world.yaml"]).run(4);
    assert_eq!(ran.stdout.matches("unread: role_not_assumable").count(), 1, "{}", ran.stdout);
    let fixes = ran.stdout.matches("fix: ").count();
    assert_eq!(fixes, 2, "of the cause, and below the account: {}", ran.stdout);
    assert!(ran.stdout.contains("Verdict   incomplete: 22 targets could not be read; no drift in the rest"));
}

#[test]
fn what_passes_is_tried_again_and_read() {
    for kind in ["throttle", "bare_429", "server_error", "reset", "truncated"] {
        let world = World::new().enabled("111122223333");
        let world = world.faulty(&format!("operations: [\"{MACIE}\"], times: 2, fault: {kind}"));
        let declaration = "accounts: [\"111122223333\"], regions: [eu-west-1], status: ENABLED";
        let program = Driftline::new().policy("a.yaml", policy([declaration])).world(&world);
        let report = program.args(["check", "a.yaml", "--simulate", "world.yaml", "--report", "json"]).run(0).json();
        assert_eq!(report["requests"]["macie2"], 3, "{kind}");
        assert_eq!(report["requests"]["retried"], 2, "{kind}");
    }
}

#[test]
fn a_denial_is_never_taken_for_macie_being_off() {
    for (message, exit) in [
        ("Macie is not enabled", 0),
        ("MACIE IS NOT ENABLED FOR THIS ACCOUNT.", 0),
        ("Amazon Macie isn\u{2019}t enabled for your account", 0),
        ("Macie is not currently enabled", 4),
        ("You are not authorized, or Macie is not enabled", 4),
        ("User: x is not authorized to perform: macie2:GetMacieSession because Macie is not enabled", 4),
        ("", 4),
    ] {
        let body = format!("{{\\\"message\\\": \\\"{message}\\\"}}");
        let answer = format!(
            "{{answer: {{status: 403, headers: {{x-amzn-errortype: AccessDeniedException}}, body: \"{body}\"}}}}"
        );
        let declaration = "accounts: [\"111122223333\"], regions: [eu-west-1], status: NOT_ENABLED";
        let world = World::new().enabled("111122223333").fault("111122223333", &answer);
        let program = Driftline::new().policy("a.yaml", policy([declaration])).world(&world);
        program.args(["check", "a.yaml", "--simulate", "world.yaml"]).run(exit);
    }
}

/// Two Regions that are denied in different words, and a third in those of the first.
fn in_different_words(command: &str) -> Driftline {
    let denied = |regions: &str, message: &str| {
        let body = format!("{{\\\"message\\\": \\\"{message}\\\"}}");
        let answer = format!(
            "{{answer: {{status: 403, headers: {{x-amzn-errortype: AccessDeniedException}}, body: \"{body}\"}}}}"
        );
        format!("operations: [\"macie2:*\"], regions: [{regions}], fault: {answer}")
    };
    let world = World::new().enabled(CALLER);
    let world = world.faulty(&denied("eu-central-1, eu-west-2", "Odd words of the first kind"));
    let world = world.faulty(&denied("eu-west-1", "Other words of the second kind"));
    let declaration =
        format!("accounts: [\"{CALLER}\"], regions: [eu-central-1, eu-west-1, eu-west-2], status: ENABLED");
    Driftline::new().policy("a.yaml", policy([declaration])).world(&world).args([
        command,
        "a.yaml",
        "--simulate",
        "world.yaml",
    ])
}

#[test]
fn words_that_differ_are_all_told_whoever_groups() {
    let text = in_different_words("check").run(4).stdout;
    assert!(text.contains("eu-central-1, eu-west-2  unread: denied"), "those of the same words stand together: {text}");
    let reports: [&[&str]; 13] = [
        &[],
        &["--verbose"],
        &["--report", "json"],
        &["--report", "markdown"],
        &["--report", "html"],
        &["--report", "github"],
        &["--report", "junit"],
        &["--report", "sarif"],
        &["--report", "sarif", "--sarif-group", "line"],
        &["--report", "codequality"],
        &["--report", "csv"],
        &["--report", "slack"],
        &["--report", "sns"],
    ];
    for arguments in reports {
        let written = in_different_words("check").args(arguments).run(4).stdout;
        for words in ["Odd words of the first kind", "Other words of the second kind"] {
            assert!(written.contains(words), "{arguments:?} do not tell {words:?}: {written}");
        }
    }
    for format in ["text", "json", "markdown"] {
        let planned = in_different_words("plan").args(["--report", format]).run(4).stdout;
        for words in ["Odd words of the first kind", "Other words of the second kind"] {
            assert!(planned.contains(words), "the plan as {format} does not tell {words:?}: {planned}");
        }
    }
}

#[test]
fn words_that_differ_in_the_name_of_the_region_stand_together_and_are_all_told_by_verbose() {
    let denials = "sessions: {\"*\": {}}, denials: [{actions: [\"macie2:GetMacieSession\"]}]";
    let declaration = format!("accounts: [\"{CALLER}\"], regions: [eu-central-1, eu-west-1], status: ENABLED");
    let world = World::new().account(CALLER, denials);
    let program = || {
        Driftline::new().policy("a.yaml", policy([&declaration])).world(&world).args([
            "check",
            "a.yaml",
            "--simulate",
            "world.yaml",
        ])
    };
    let text = program().run(4).stdout;
    assert!(text.contains("eu-central-1, eu-west-1  unread: denied"), "{text}");
    assert!(text.contains("so in eu-central-1; elsewhere the same with names of its own"), "{text}");
    let verbose = program().args(["--verbose"]).run(4).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for region in ["eu-central-1", "eu-west-1"] {
        assert!(verbose.contains(&format!("arn:aws:macie2:{region}:")), "{verbose}");
    }
}
