//! Profiles of `aws login`: the credentials of a console session, as the AWS CLI caches them.

use driftline_simulator::Simulation;

use crate::support::{CALLER, Driftline, World, policy, simulation};

const CONFIG: &str = "[profile audit]\nlogin_session = arn:aws:iam::999988887777:user/auditor\nregion = us-east-1\n";

/// The name of the cached token: the SHA-256 of the session.
const TOKEN: &str = "bf4b2bd4b5723029c1f08f672afb2fbcbf2f70a03ad4bda5b879f83351ad76b3.json";

/// A check with the profile, and no other credentials.
fn with_login(simulation: &Simulation) -> Driftline {
    let endpoint: Vec<_> =
        simulation.environment().into_iter().filter(|(name, _)| *name == "AWS_ENDPOINT_URL").collect();
    let declaration = format!("accounts: [\"{CALLER}\"], regions: [eu-west-1], status: ENABLED");
    Driftline::new()
        .policy("a.yaml", policy([declaration]))
        .args(["check", "a.yaml"])
        .variables(&endpoint)
        .env("AWS_CONFIG_FILE", "config")
        .env("AWS_SHARED_CREDENTIALS_FILE", "credentials")
        .env("AWS_PROFILE", "audit")
        .file("config", CONFIG)
        .file("credentials", "")
}

/// A cached token with the simulator's key, as `aws login` writes it.
fn token(simulation: &Simulation, expires_at: &str) -> String {
    serde_json::json!({
        "accessToken": {
            "accessKeyId": simulation.access_key_id(),
            "secretAccessKey": simulation.secret_access_key(),
            "sessionToken": "session",
            "accountId": CALLER,
            "expiresAt": expires_at,
        },
        "tokenType": "aws_sigv4",
        "refreshToken": "refresh",
        "clientId": "arn:aws:signin:::devtools/same-device",
        "dpopKey": "not a key: a token that is valid is not renewed",
    })
    .to_string()
}

#[test]
fn the_cached_token_is_used_wherever_it_is_kept() {
    let simulation = simulation(&World::new().enabled(CALLER));
    let valid = token(&simulation, "2099-01-01T00:00:00Z");
    with_login(&simulation).file(format!("../home/.aws/login/cache/{TOKEN}"), valid.as_str()).run(0);
    let elsewhere = with_login(&simulation).env("AWS_LOGIN_CACHE_DIRECTORY", "tokens");
    elsewhere.file(format!("tokens/{TOKEN}"), valid.as_str()).run(0);
}

#[test]
fn a_missing_or_expired_token_names_the_login_command() {
    let simulation = simulation(&World::new().enabled(CALLER));
    let missing = with_login(&simulation);
    let expired = with_login(&simulation)
        .file(format!("../home/.aws/login/cache/{TOKEN}"), token(&simulation, "2020-01-01T00:00:00Z"));
    for program in [missing, expired] {
        let ran = program.run(1);
        ran.says("error: no AWS credentials: ");
        ran.says(&format!("its token is kept in [folder]/home/.aws/login/cache/{TOKEN}"));
        ran.says("fix: log in: aws login --profile audit\n");
        assert!(!ran.stderr.contains("not a key"), "{}", ran.stderr);
    }
}

#[test]
fn a_role_is_assumed_from_a_console_session() {
    let simulation = simulation(&World::new().enabled(CALLER));
    let role = "[profile role]\nrole_arn = arn:aws:iam::999988887777:role/Audit\nsource_profile = audit\n";
    let ran = with_login(&simulation).file("config", format!("{CONFIG}{role}")).env("AWS_PROFILE", "role").run(1);
    ran.says("fix: log in: aws login --profile audit\n");
}

#[test]
fn a_token_that_is_no_regular_file_is_refused_with_the_line_that_names_it() {
    let simulation = simulation(&World::new().enabled(CALLER));
    let program = with_login(&simulation).file(format!("../home/.aws/login/cache/{TOKEN}/a"), "");
    let ran = program.run(1);
    ran.says("login_session of profile \"audit\" (config, line 2) has its token from ");
    ran.says("regular file");
}
