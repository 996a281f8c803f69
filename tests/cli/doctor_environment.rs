//! `doctor` on the environment: profiles, proxies and variables, without a secret.

use crate::doctor::{at, checks, doctor, json, only};
use crate::support::{ACCOUNT, World, simulation};

#[test]
fn an_endpoint_that_is_not_reached_is_shown_without_secrets() {
    let program = doctor(&[ACCOUNT])
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "hush")
        .env("AWS_REGION", "eu-north-1")
        .env("DRIFTLINE_EXTERNAL_ID", "hush-hush")
        .env("HTTPS_PROXY", "http://user:hush@127.0.0.1:9")
        .env("NO_PROXY", "localhost");
    let ran = program.run(1);
    for part in [
        "  ✓ [aws] external_id: set (DRIFTLINE_EXTERNAL_ID)\n",
        "  ✓ credentials: AWS_ACCESS_KEY_ID\n",
        "  ✓ Region: eu-north-1 (AWS_REGION)\n",
        "  ✓ proxies: HTTPS_PROXY: http://127.0.0.1:[port], with a user name, NO_PROXY: localhost\n",
        "  ✗ caller: STS, which tells whose the credentials are, cannot be reached: ",
    ] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
    assert!(!ran.stdout.contains("hush") && !ran.stdout.contains("`driftline doctor`"), "{}", ran.stdout);
}

#[test]
fn a_missing_profile_is_a_warning_if_the_credentials_come_from_elsewhere() {
    let simulation = simulation(&World::new().enabled(ACCOUNT));
    let program = at(&simulation, doctor(&[ACCOUNT])).env("AWS_PROFILE", "nope");
    let report = json(program, 0);
    let missing = "profile \"nope\" (AWS_PROFILE) does not exist";
    let fix = "there is no profile file; unset AWS_PROFILE";
    assert_eq!(only(&report, "profile"), ["warning", "profile", missing, fix]);
    // Not even if the caller is not known.
    let unreached = doctor(&[ACCOUNT])
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "hush")
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        .env("AWS_PROFILE", "nope");
    let report = json(unreached, 1);
    assert_eq!((only(&report, "profile")[0].as_str(), only(&report, "caller")[0].as_str()), ("warning", "error"));
    // Without other credentials, it is why there are none.
    let none = doctor(&[ACCOUNT]).env("AWS_EC2_METADATA_DISABLED", "true").env("AWS_PROFILE", "nope");
    let report = json(none, 1);
    assert_eq!(only(&report, "profile"), ["error", "profile", missing, fix]);
    assert_eq!(only(&report, "caller")[3], fix, "the same words");
}

#[test]
fn thousands_of_profiles_make_a_short_fix() {
    let profiles = (0..3000).map(|number| format!("[profile p{number:04}]\nregion = us-east-1\n"));
    let config = profiles.collect::<Vec<_>>().concat();
    let program = doctor(&[ACCOUNT])
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "config")
        .env("AWS_PROFILE", "nope")
        .file("config", config);
    let report = json(program, 1);
    let fix = "set AWS_PROFILE to a profile that is there (p0000, p0001, p0002, p0003, p0004, p0005, p0006, p0007, …), \
               or unset it";
    let [state, _, detail, shown] = only(&report, "profile");
    assert_eq!((state.as_str(), shown.as_str()), ("error", fix));
    assert_eq!(detail, "profile \"nope\" (AWS_PROFILE) is not in config");
    assert_eq!(only(&report, "caller")[3], fix, "the same words");
}

#[test]
fn no_part_of_the_credentials_of_a_proxy_is_shown() {
    let proxies = |url: &str| {
        let program = doctor(&[ACCOUNT])
            .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "hush")
            .env("HTTPS_PROXY", url);
        let ran = program.args(["--report", "json"]).run(1);
        for secret in ["alice", "2024", "hush"] {
            assert!(!ran.stdout.contains(secret) && !ran.stderr.contains(secret), "{url}: {}", ran.stdout);
        }
        only(&ran.json(), "proxies")
    };
    for url in ["http://alice:2024/hush@127.0.0.1:9", "http://127.0.0.1:9?token=hush", "http://127.0.0.1:9/#hush"] {
        let [state, _, detail, _] = proxies(url);
        assert_eq!(state, "error", "{url}");
        assert!(detail.starts_with("HTTPS_PROXY is no URL of a proxy: "), "{detail}");
    }
    let [state, _, detail, _] = proxies("http://alice:hush@127.0.0.1:9/hush");
    assert_eq!((state.as_str(), detail.as_str()), ("ok", "HTTPS_PROXY: http://127.0.0.1:[port], with a user name"));
}

#[test]
fn a_blank_external_id_is_not_set() {
    let world = World::new().enabled(ACCOUNT);
    for (id, shown) in [(" ", "not set (default)"), ("abc", "set (DRIFTLINE_EXTERNAL_ID)")] {
        let program = doctor(&[ACCOUNT]).world(&world).args(["--simulate", "world.yaml"]);
        let report = json(program.env("DRIFTLINE_EXTERNAL_ID", id), 0);
        let found = checks(&report, "setting").into_iter().find(|check| check[1] == "[aws] external_id");
        assert_eq!(found.expect("a check")[2], shown, "{id:?}");
    }
}
