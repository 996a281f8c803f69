//! Credentials: what is said where there are none, where they do not fit, and what is never said of them.

use driftline_simulator::Simulation;

use crate::support::{ACCOUNT, CALLER, Driftline, Simulated, World, policy, simulation};

/// A check of one target of an account.
fn check(account: &str) -> Driftline {
    let declaration = format!("accounts: [\"{account}\"], regions: [eu-west-1], status: ENABLED");
    Driftline::new().policy("a.yaml", policy([declaration])).args(["check", "a.yaml"])
}

fn at(simulation: &Simulation, account: &str) -> Driftline {
    check(account).variables(&simulation.environment())
}

#[test]
fn without_credentials_nothing_can_be_said() {
    let ran = check(CALLER).run(1);
    assert_eq!(ran.stdout, "");
    insta::assert_snapshot!("no_credentials", ran.stderr);
}

#[test]
fn a_profile_that_does_not_exist_is_named() {
    let ran = check(CALLER).env("AWS_PROFILE", "audit").run(1);
    ran.says("error: no AWS credentials: ").says("(AWS_PROFILE is \"audit\")").says("\n  fix: ");
}

#[test]
fn an_expired_token_is_refused_with_the_words_of_aws() {
    let simulation = simulation(&World::new().fault_of("sts:GetCallerIdentity", CALLER, "expired_token"));
    let ran = at(&simulation, CALLER).run(1);
    assert_eq!(ran.stdout, "");
    assert_eq!(
        ran.stderr,
        "error: AWS refuses the credentials: ExpiredToken: The security token included in the request is expired\n  \
         fix: log in again, or get new credentials for where these come from: AWS_ACCESS_KEY_ID\n"
    );
}

#[test]
fn credentials_that_aws_does_not_know_are_refused() {
    let simulation = simulation(&World::new());
    let ran = at(&simulation, CALLER).env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE").run(1);
    ran.says("error: AWS refuses the credentials: InvalidClientTokenId: The security token included in the request is");
}

#[test]
fn credentials_with_a_line_break_are_told_and_not_sent() {
    let simulation = simulation(&World::new());
    for (variable, value) in [("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE\n"), ("AWS_SESSION_TOKEN", "to\nken")] {
        let ran = at(&simulation, CALLER).env(variable, value).run(1);
        ran.says(
            "error: no AWS credentials: the access key id or the session token holds a character that no request can",
        );
        assert_eq!(ran.stdout, "");
    }
    assert!(simulation.calls().is_empty(), "{:?}", simulation.calls());
}

#[test]
fn an_endpoint_where_nobody_listens_is_unreachable() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    let simulation = simulation(&World::new());
    let ran = at(&simulation, CALLER).env("AWS_ENDPOINT_URL", format!("http://{port}")).run(1);
    ran.says("error: STS, which tells whose the credentials are, cannot be reached: no connection: ");
    ran.says("\n  fix: check the network, the proxy variables, AWS_REGION and AWS_ENDPOINT_URL; `driftline doctor` shows what is set\n");
    assert_eq!(ran.stdout, "");
}

#[test]
fn an_answer_of_somebody_else_is_not_understood() {
    let simulation = simulation(&World::new().fault_of("sts:GetCallerIdentity", CALLER, "foreign_body"));
    let ran = at(&simulation, CALLER).run(1);
    ran.says("error: STS, which tells whose the credentials are, gave an answer that cannot be understood: ");
    ran.says("check whether a proxy or a login page answers in the place of AWS");
}

#[test]
fn another_account_cannot_be_read_without_a_role() {
    let simulation = simulation(&World::new().enabled(ACCOUNT));
    let ran = at(&simulation, ACCOUNT).args(["--report", "json"]).run(4);
    let unread = &ran.json()["targets"][0]["unread"];
    assert_eq!(unread["reason"], "wrong_account");
    assert_eq!(
        unread["message"],
        format!(
            "the credentials belong to account {CALLER}, and no role is configured to reach {ACCOUNT} with: set [aws] \
             role_name"
        )
    );
    assert!(!simulation.calls().contains_key("macie2:GetMacieSession"), "no call is made with them");
    insta::assert_snapshot!("wrong_account", at(&simulation, ACCOUNT).run(4).stdout);
}

#[test]
fn a_role_that_cannot_be_assumed_leaves_its_account_unread() {
    let simulation = simulation(&World::new().account(ACCOUNT, "suspended: true"));
    let program = at(&simulation, ACCOUNT).settings("[aws]\nrole_name = \"Reader\"\n");
    insta::assert_snapshot!("role_not_assumable", program.run(4).stdout);
}

#[test]
fn the_printed_variables_lead_to_the_simulation() {
    let simulated = Simulated::start(&World::new().enabled(ACCOUNT).enabled(CALLER));
    let names: Vec<&str> = simulated.variables.iter().map(|(name, _)| name.as_str()).collect();
    let expected =
        ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"];
    assert_eq!(names, expected);
    let report = check(CALLER).variables(&simulated.variables).args(["--report", "json"]).run(0).json();
    assert_eq!(report["run"]["caller"]["account"], CALLER);
    assert_eq!(report["run"]["source"], "aws", "as far as the program can tell");
    let program = check(ACCOUNT).variables(&simulated.variables).settings("[aws]\nrole_name = \"Reader\"\n");
    program.run(0);
}

#[test]
fn no_secret_is_in_any_output() {
    let world = World::new()
        .account(ACCOUNT, "external_id: the-external-id, sessions: {\"*\": {}}")
        .account("222233334444", "external_id: another-one")
        .fault("111122223333", "foreign_body");
    let simulation = simulation(&world);
    let declaration = format!("accounts: [\"{ACCOUNT}\", \"{CALLER}\", \"222233334444\"], status: ENABLED");
    for settings in ["external_id = \"the-external-id\"\n", ""] {
        let program = Driftline::new()
            .policy("a.yaml", policy([&declaration]))
            .settings(&format!("[aws]\nrole_name = \"Reader\"\n{settings}"))
            .variables(&simulation.environment())
            .env("DRIFTLINE_LOG", "trace")
            .args(["check", "a.yaml", "--verbose", "--report", "text=a.txt", "--report", "json"]);
        let program =
            if settings.is_empty() { program.env("DRIFTLINE_EXTERNAL_ID", "the-external-id") } else { program };
        let ran = program.run(6);
        assert!(ran.stderr.lines().count() > 10, "the log says something: {}", ran.stderr);
        assert!(ran.json()["requests"]["sts"].as_u64() >= Some(3), "the secrets were in use");
        let texts = [&ran.stdout, &ran.stderr, &program.read("a.txt")];
        for secret in [simulation.secret_access_key(), "the-external-id", "driftline-simulated-token"] {
            for text in texts {
                let line = text.lines().find(|line| line.contains(secret)).unwrap_or_default();
                assert_eq!(line, "", "{secret} is told");
            }
        }
    }
}

#[test]
fn without_being_asked_nothing_is_logged() {
    let simulation = simulation(&World::new().enabled(CALLER));
    assert_eq!(at(&simulation, CALLER).run(0).stderr, "");
    let logged = at(&simulation, CALLER).env("DRIFTLINE_LOG", "trace").run(0);
    assert_ne!(logged.stderr, "");
    assert_eq!(logged.stdout, at(&simulation, CALLER).run(0).stdout, "logs go to standard error only");
}
