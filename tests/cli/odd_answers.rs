//! Answers that are larger, later or otherwise than those of AWS: what is known is read, and nothing else is made of them.

use crate::support::{ACCOUNT, CALLER, Driftline, World, policy};

fn check(world: &World) -> Driftline {
    let declaration = format!("accounts: [\"{CALLER}\"], regions: [us-east-1], status: ENABLED");
    let program = Driftline::new().policy("a.yaml", policy([declaration])).world(world);
    program.args(["check", "a.yaml", "--simulate", "world.yaml"])
}

/// A fault of GetMacieSession of the caller that answers 200 with a body in JSON.
fn answering(body: &str) -> World {
    let body = body.replace('\\', "\\\\").replace('"', "\\\"");
    let fault = format!("{{answer: {{status: 200, headers: {{content-type: text/html}}, body: \"{body}\"}}}}");
    World::new().enabled(CALLER).fault(CALLER, &fault)
}

#[test]
fn what_only_informs_may_be_odd() {
    for (field, value) in [
        ("createdAt", "\"2026-11-22T15:13:07.06\""),
        ("updatedAt", "\"yesterday\""),
        ("createdAt", "1764000000"),
        ("updatedAt", "{\"seconds\": 7}"),
        ("serviceRole", "[\"arn\"]"),
    ] {
        let world = answering(&format!(
            "{{\"status\": \"ENABLED\", \"findingPublishingFrequency\": \"ONE_HOUR\", \"{field}\": {value}}}"
        ));
        let ran = check(&world).args(["--report", "json", "--report", "text=a.txt", "--verbose"]);
        let report = ran.run(0).json();
        let live = &report["targets"][0]["live"];
        assert_eq!((&live["status"], &live["created_at"]), (&"ENABLED".into(), &serde_json::Value::Null), "{live}");
        let note = live["note"].as_str().expect("a note");
        assert!(note.starts_with(&format!("not understood, so left out: {field} (")), "{note}");
        assert!(ran.read("a.txt").contains(field), "{}", ran.read("a.txt"));
        assert_eq!(report["requests"]["retried"], 0);
    }
    let plain = check(&World::new().enabled(CALLER)).args(["--report", "json"]).run(0).json();
    assert_eq!(plain["targets"][0]["live"].get("note"), None, "nothing is noted where there is nothing to note");
}

#[test]
fn a_field_that_matters_is_named_where_it_cannot_be_understood() {
    let world = answering("{\"status\": 7, \"findingPublishingFrequency\": \"ONE_HOUR\"}");
    let unread = check(&world).args(["--report", "json"]).run(4).json()["targets"][0]["unread"].clone();
    assert_eq!(unread["reason"], "unintelligible");
    assert_eq!(unread["message"], "HTTP 200 with a body in which status is no text (7)");
}

#[test]
fn an_answer_that_is_too_large_is_not_read_to_its_end() {
    let body = format!(
        "{{\"status\": \"ENABLED\", \"findingPublishingFrequency\": \"ONE_HOUR\", \"more\": \"{}\"}}",
        "x".repeat(2 << 20)
    );
    let report = check(&answering(&body)).args(["--report", "json"]).run(4).json();
    let unread = &report["targets"][0]["unread"];
    assert_eq!(unread["reason"], "unintelligible");
    assert_eq!(
        unread["message"],
        "HTTP 200 with a body that is none of AWS's: response error: the answer has more than 1 MiB"
    );
    assert_eq!(report["requests"]["retried"], 0, "it would be as large again");
    let sts = World::new().fault_of(
        "sts:GetCallerIdentity",
        CALLER,
        &format!("{{answer: {{status: 200, body: \"{}\"}}}}", "x".repeat(2 << 20)),
    );
    check(&sts).run(1).says("gave an answer that cannot be understood: ").says("more than 1 MiB");
}

#[test]
fn a_date_beyond_all_clocks_is_not_believed() {
    for date in ["Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "soon"] {
        for operation in ["sts:GetCallerIdentity", "sts:AssumeRole", "macie2:GetMacieSession"] {
            let page = format!("{{answer: {{status: 503, headers: {{date: \"{date}\"}}, body: \"<html>\"}}}}");
            let once = format!(
                "operations: [\"{operation}\"], accounts: [\"{CALLER}\", \"{ACCOUNT}\"], times: 1, fault: {page}"
            );
            let world = World::new().enabled(CALLER).enabled(ACCOUNT).faulty(&once);
            let declaration = format!("accounts: [\"{CALLER}\", \"{ACCOUNT}\"], regions: [us-east-1], status: ENABLED");
            let program = Driftline::new().policy("a.yaml", policy([declaration])).world(&world);
            let program = program.settings("[limits]\nconcurrency = 1\n");
            let ran = program.args(["check", "a.yaml", "--simulate", "world.yaml"]).run(0);
            assert_eq!(ran.stderr, "", "{date} {operation}");
        }
    }
}

#[test]
fn who_is_told_to_wait_longer_than_a_call_may_take_is_throttled() {
    let busy = "{answer: {status: 429, headers: {x-amzn-errortype: TooManyRequestsException, x-amz-retry-after: \"60000\"}, \
                body: \"{}\"}}";
    let report = check(&World::new().enabled(CALLER).fault(CALLER, busy)).args(["--report", "json"]).run(4).json();
    assert_eq!(report["targets"][0]["unread"]["reason"], "throttled", "{report}");
    assert_eq!(report["requests"]["retried"], 0);
    let world = World::new().fault_of("sts:GetCallerIdentity", CALLER, busy);
    check(&world).run(1).says("asked to slow down until the retries were used up");
}

fn unread(world: &World) -> serde_json::Value {
    check(world).args(["--report", "json"]).run(4).json()["targets"][0]["unread"].clone()
}

#[test]
fn a_field_that_stands_twice_is_not_read_as_either() {
    for twice in
        ["\"status\": \"PAUSED\"", "\"st\\u0061tus\": \"PAUSED\"", "\"more\": {\"a\": 1, \"a\": 2}, \"createdAt\": 7"]
    {
        let body = format!("{{{twice}, \"status\": \"ENABLED\", \"findingPublishingFrequency\": \"ONE_HOUR\"}}");
        let unread = unread(&answering(&body));
        assert_eq!(unread["reason"], "unintelligible", "{unread}");
        let message = unread["message"].as_str().expect("a message");
        assert!(message.contains(" stands twice at line 1"), "{message}");
    }
}

/// GetMacieSession of the caller, answered 403 with this body.
fn refusing(body: &str) -> World {
    let body = body.replace('"', "\\\"");
    let fault =
        format!("{{answer: {{status: 403, headers: {{x-amzn-errortype: AccessDeniedException}}, body: \"{body}\"}}}}");
    World::new().enabled(CALLER).fault(CALLER, &fault)
}

#[test]
fn an_error_that_says_two_things_is_never_not_enabled() {
    let (off, denied) = ("Macie is not enabled.", "User: x is not authorized to perform: macie2:GetMacieSession");
    for body in [
        format!("{{\"Message\": \"{denied}\", \"message\": \"{off}\"}}"),
        format!("{{\"message\": \"{off}\", \"Message\": \"{denied}\"}}"),
        format!("{{\"message\": \"{denied}\", \"message\": \"{off}\"}}"),
        format!("{{\"MESSAGE\": \"{denied}\", \"message\": \"{off}\"}}"),
    ] {
        assert_eq!(unread(&refusing(&body))["reason"], "denied", "{body}");
    }
    let other = unread(&refusing(&format!("{{\"__type\": \"InternalFailure\", \"message\": \"{off}\"}}")));
    assert_eq!(other["reason"], "unintelligible");
    assert_eq!(other["message"], "HTTP 403 with two error codes: AccessDeniedException, and InternalFailure");
    // The same code twice is one.
    let same = format!("{{\"__type\": \"aws#AccessDeniedException\", \"message\": \"{off}\"}}");
    check(&refusing(&same)).run(2);
}

#[test]
fn an_answer_of_sts_that_was_cut_off_gives_no_credentials() {
    let answer = format!(
        "<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser><AssumedRoleId>A:s</AssumedRoleId><Arn>arn:aws:sts::{ACCOUNT}\
         :assumed-role/R/s</Arn></AssumedRoleUser><Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>hush\
         </SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
    );
    let fault = format!("{{answer: {{status: 200, body: \"{answer}\"}}}}");
    let world = World::new().account(ACCOUNT, "roles: [Reader]").fault_of("sts:AssumeRole", ACCOUNT, &fault);
    let declaration = format!("accounts: [\"{ACCOUNT}\"], regions: [us-east-1], status: ENABLED");
    let program = Driftline::new().policy("a.yaml", policy([declaration])).world(&world);
    let program = program.settings("[aws]\nrole_name = \"Reader\"\n");
    let report = program.args(["check", "a.yaml", "--simulate", "world.yaml", "--report", "json"]).run(4).json();
    assert_eq!(report["targets"][0]["unread"]["reason"], "unintelligible", "{report}");
    assert!(!report.to_string().contains("hush"));
}

#[test]
fn what_is_no_http_is_an_answer_of_somebody_else() {
    use std::io::{Read as _, Write as _};
    let head = "HTTP/1.1 200 OK\r\n";
    let long = format!("{head}{}\r\n", "x-filler: 0123456789012345678901234567890123456789\r\n".repeat(20_000));
    let negative = format!("{head}content-length: -1\r\n\r\n{{}}");
    for answer in ["SSH-2.0-OpenSSH_9.6\r\n".to_owned(), negative, long] {
        let simulation = crate::support::simulation(&World::new().enabled(CALLER));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let said = answer.clone();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(said.as_bytes());
                // Until the other side has heard enough.
                let _ = stream.read(&mut [0; 4096]);
            }
        });
        let declaration = format!("accounts: [\"{CALLER}\"], regions: [us-east-1], status: ENABLED");
        let program =
            Driftline::new().policy("a.yaml", policy([declaration])).args(["check", "a.yaml", "--report", "json"]);
        let program = program.variables(&simulation.environment()).env("AWS_ENDPOINT_URL_MACIE2", url);
        let unread = program.run(4).json()["targets"][0]["unread"].clone();
        assert_eq!(unread["reason"], "unintelligible", "{unread}");
        let message = unread["message"].as_str().expect("a message");
        assert!(message.starts_with("the answer is not one of AWS: 127.0.0.1:"), "{message}");
    }
}
