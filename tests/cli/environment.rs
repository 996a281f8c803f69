//! Variables and profile files: what is set to nothing is unset, and what cannot be used is named before the first call.

use std::path::Path;

use driftline_simulator::Simulation;

use crate::support::{ACCOUNT, CALLER, Driftline, Ran, World, policy, repository, simulation};

fn check(account: &str) -> Driftline {
    let declaration = format!("accounts: [\"{account}\"], regions: [eu-west-1], status: ENABLED");
    Driftline::new().policy("a.yaml", policy([declaration])).args(["check", "a.yaml"])
}

fn at(simulation: &Simulation) -> Driftline {
    check(CALLER).variables(&simulation.environment())
}

/// The variables of a simulation without its key, and a folder `work/aws` for profile files.
fn by_profile(simulation: &Simulation, account: &str, config: &str, credentials: &str) -> Driftline {
    let variables: Vec<_> =
        simulation.environment().into_iter().filter(|(name, _)| *name == "AWS_ENDPOINT_URL").collect();
    let key = format!(
        "aws_access_key_id = {}\naws_secret_access_key = {}\n",
        simulation.access_key_id(),
        simulation.secret_access_key()
    );
    check(account)
        .variables(&variables)
        .env("AWS_CONFIG_FILE", "config")
        .env("AWS_SHARED_CREDENTIALS_FILE", "credentials")
        .file("config", config)
        .file("credentials", credentials.replace("KEY\n", &key))
}

/// That a run ends before the first call, with this in its words.
#[track_caller]
fn refused(simulation: &Simulation, program: &Driftline, words: &[&str]) -> Ran {
    let before = simulation.calls();
    let ran = program.run(1);
    for words in words {
        ran.says(words);
    }
    ran.says("\n  fix: ");
    assert!(!ran.stderr.contains(" { "), "no insides: {}", ran.stderr);
    assert_eq!((ran.stdout.as_str(), simulation.calls()), ("", before));
    ran
}

#[test]
fn what_is_set_to_nothing_is_unset() {
    let simulation = simulation(&World::new().enabled(CALLER));
    for name in [
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_PROFILE",
        "AWS_CA_BUNDLE",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_ENDPOINT_URL_MACIE2",
        "AWS_ENDPOINT_URL_STS",
        "AWS_ENDPOINT_URL_ACCOUNT",
        "AWS_ENDPOINT_URL_ORGANIZATIONS",
        "AWS_USE_FIPS_ENDPOINT",
        "AWS_USE_DUALSTACK_ENDPOINT",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "AWS_SESSION_TOKEN",
        "AWS_ROLE_ARN",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "no_proxy",
        "DRIFTLINE_EXTERNAL_ID",
        "DRIFTLINE_SHARD",
    ] {
        for nothing in ["", " "] {
            at(&simulation).env(name, nothing).run(0);
        }
    }
}

#[test]
fn an_empty_region_leaves_the_word_to_the_next_source() {
    let world = World::new().enabled(CALLER);
    let simulation = simulation(&world);
    // Where nobody says, it is us-east-1.
    at(&simulation).env("AWS_REGION", "").env("AWS_DEFAULT_REGION", "  ").run(0);
    let profile = by_profile(&simulation, CALLER, "[default]\nregion = nonsense!\n", "[default]\nKEY\n");
    let ran = refused(&simulation, &profile.env("AWS_REGION", "").env("AWS_DEFAULT_REGION", ""), &["is no Region"]);
    ran.says("region of profile \"default\" (config, line 2)");
}

#[test]
fn an_empty_endpoint_leaves_the_word_to_that_of_the_profile() {
    let simulation = simulation(&World::new().enabled(CALLER));
    let config = format!("[default]\nendpoint_url = {}\nregion = us-east-1\n", simulation.endpoint_url());
    let program = by_profile(&simulation, CALLER, &config, "[default]\nKEY\n");
    program.env("AWS_ENDPOINT_URL", "").env("AWS_ENDPOINT_URL_STS", " ").run(0);
}

#[test]
fn empty_variables_of_a_chain_do_not_end_it() {
    let simulation = simulation(&World::new());
    let bare = check(CALLER).env("AWS_ENDPOINT_URL", simulation.endpoint_url());
    let bare = bare.env("AWS_WEB_IDENTITY_TOKEN_FILE", "").env("AWS_ROLE_ARN", "").env("AWS_ACCESS_KEY_ID", "");
    let bare = bare.env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "").env("AWS_CONTAINER_CREDENTIALS_FULL_URI", " ");
    let ran = refused(&simulation, &bare, &["error: no AWS credentials: "]);
    assert!(!ran.stderr.contains("URI") && !ran.stderr.contains("os error"), "{}", ran.stderr);
}

#[test]
fn a_variable_that_cannot_be_used_is_named_before_the_first_call() {
    let simulation = simulation(&World::new().enabled(CALLER));
    for (name, value, words) in [
        ("AWS_REGION", "us-east-1 ", "AWS_REGION is no Region: \"us-east-1 \"\n  fix: did you mean us-east-1?"),
        ("AWS_REGION", "nonsense!", "AWS_REGION is no Region: \"nonsense!\""),
        ("AWS_REGION", "EU-WEST-1", "did you mean eu-west-1?"),
        ("AWS_REGION", "us-east-1a", "AWS_REGION is no Region"),
        (
            "AWS_ENDPOINT_URL",
            "127.0.0.1:9",
            "AWS_ENDPOINT_URL is no URL of an endpoint (\"127.0.0.1:[port]\"): it does not begin",
        ),
        ("AWS_ENDPOINT_URL", "ftp://host", "it does not begin with http:// or https://"),
        ("AWS_ENDPOINT_URL", "http://", "there is no host in it"),
        ("AWS_ENDPOINT_URL", "http://host:99999", "its port is no number from 1 to 65535"),
        (
            "AWS_ENDPOINT_URL",
            "http://user:hush@host",
            "AWS_ENDPOINT_URL is no URL of an endpoint: there is a user name",
        ),
        ("AWS_ENDPOINT_URL", "http://host/?key=hush", "there is a query"),
        ("AWS_ENDPOINT_URL_MACIE2", "nonsense", "AWS_ENDPOINT_URL_MACIE2 is no URL"),
        ("AWS_ENDPOINT_URL_STS", "localhost:4566", "AWS_ENDPOINT_URL_STS is no URL"),
        ("AWS_ENDPOINT_URL_ORGANIZATIONS", "//host", "AWS_ENDPOINT_URL_ORGANIZATIONS is no URL"),
        ("AWS_ENDPOINT_URL_ACCOUNT", "http://a b", "AWS_ENDPOINT_URL_ACCOUNT is no URL"),
        ("AWS_ENDPOINT_URL_SSM", "nonsense", "AWS_ENDPOINT_URL_SSM is no URL"),
        ("AWS_ENDPOINT_URL_SIGNIN", "nonsense", "AWS_ENDPOINT_URL_SIGNIN is no URL"),
        ("AWS_USE_FIPS_ENDPOINT", "yes", "AWS_USE_FIPS_ENDPOINT is neither true nor false: \"yes\""),
        (
            "AWS_USE_FIPS_ENDPOINT",
            "true",
            "AWS_USE_FIPS_ENDPOINT cannot be used together with an endpoint of your own, which AWS_ENDPOINT_URL",
        ),
        ("AWS_USE_DUALSTACK_ENDPOINT", "TRUE", "AWS_USE_DUALSTACK_ENDPOINT cannot be used together"),
        ("HTTP_PROXY", "socks5://user:hush@proxy:1", "HTTP_PROXY is no URL of a proxy: driftline speaks"),
        ("https_proxy", "http://proxy:port", "https_proxy is no URL of a proxy"),
        ("ALL_PROXY", "http://", "ALL_PROXY is no URL of a proxy"),
        ("AWS_CA_BUNDLE", "missing.pem", "AWS_CA_BUNDLE names missing.pem, which cannot be read: No such file"),
        ("AWS_CONFIG_FILE", ".", ". cannot be read: "),
    ] {
        let ran = refused(&simulation, &at(&simulation).env(name, value), &[words]);
        assert!(!ran.stderr.contains("hush"), "{}", ran.stderr);
    }
    let half = check(CALLER).env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE").env("AWS_SECRET_ACCESS_KEY", "");
    refused(&simulation, &half, &["AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not"]);
    let bare = || check(CALLER).env("AWS_ENDPOINT_URL", simulation.endpoint_url());
    let container = bare().env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "127.0.0.1/credentials");
    refused(&simulation, &container, &["AWS_CONTAINER_CREDENTIALS_FULL_URI is no URL of an endpoint"]);
    let container = bare().env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "credentials");
    refused(&simulation, &container, &["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is no path"]);
}

#[test]
fn every_command_that_asks_aws_says_so() {
    let simulation = simulation(&World::new().enabled(CALLER));
    for arguments in
        [&["plan", "a.yaml"][..], &["apply", "a.yaml"], &["inventory"], &["snapshot", "a.yaml", "--out", "s.json"]]
    {
        let program = Driftline::new().policy("a.yaml", policy([format!("accounts: [\"{CALLER}\"], status: ENABLED")]));
        let program =
            program.variables(&simulation.environment()).env("AWS_ENDPOINT_URL_STS", "nonsense").args(arguments);
        refused(&simulation, &program, &["error: AWS_ENDPOINT_URL_STS is no URL of an endpoint (\"nonsense\")"]);
    }
}

#[test]
fn a_key_of_a_profile_that_cannot_be_used_is_named_with_its_line() {
    let simulation = simulation(&World::new().enabled(CALLER));
    for (config, words) in [
        (
            "[profile audit]\nregion = nonsense!\n",
            "region of profile \"audit\" (config, line 2) is no Region: \"nonsense!\"",
        ),
        ("[profile audit]\n\nendpoint_url = host\n", "endpoint_url of profile \"audit\" (config, line 3) is no URL"),
        (
            "[profile audit]\nservices = local\n[services local]\nmacie2 =\n  endpoint_url = host:1\n",
            "macie2.endpoint_url of services \"local\" (config, line 5) is no URL of an endpoint (\"host:1\")",
        ),
        (
            "[profile audit]\nservices = gone\n",
            "services of profile \"audit\" (config, line 2) names the section [services gone]",
        ),
        (
            "[profile audit]\nuse_fips_endpoint = true\n",
            "use_fips_endpoint of profile \"audit\" (config, line 2) cannot be used together",
        ),
        ("[profile audit]\nca_bundle = gone.pem\n", "ca_bundle of profile \"audit\" (config, line 2) names gone.pem"),
        (
            "[profile audit]\nrole_arn = arn:aws:iam::111122223333:role/R\nsource_profile = keys\nmfa_serial = arn:aws:iam::999988887777:mfa/me\n",
            "mfa_serial of profile \"audit\" (config, line 4) asks for a one-time code, which driftline cannot ask for",
        ),
        (
            "[profile audit]\nrole_arn = arn:aws:iam::111122223333:role/R\nsource_profile = between\n[profile between]\nrole_arn = arn:aws:iam::999988887777:role/S\nsource_profile = keys\nmfa_serial = arn:aws:iam::999988887777:mfa/me\n",
            "mfa_serial of profile \"between\" (config, line 7) asks for a one-time code",
        ),
    ] {
        let program =
            by_profile(&simulation, CALLER, config, "[audit]\nKEY\n[keys]\nKEY\n").env("AWS_PROFILE", "audit");
        refused(&simulation, &program, &[words]);
    }
    let mfa = "[profile audit]\nrole_arn = arn:aws:iam::111122223333:role/R\nsource_profile = keys\nmfa_serial = arn:aws:iam::999988887777:mfa/me\n";
    let program = by_profile(&simulation, CALLER, mfa, "[keys]\nKEY\n").env("AWS_PROFILE", "audit");
    let ran = refused(&simulation, &program, &["aws configure export-credentials --profile audit"]);
    insta::assert_snapshot!("one_time_code", ran.stderr);
    // With keys in variables, the profile's are not used.
    let keys = program.env("AWS_ACCESS_KEY_ID", simulation.access_key_id());
    keys.env("AWS_SECRET_ACCESS_KEY", simulation.secret_access_key()).run(0);
}

#[test]
fn keys_that_are_set_to_nothing_are_as_good_as_absent() {
    let simulation = simulation(&World::new().enabled(CALLER));
    let empty = "[default]\nKEY\naws_session_token =\nregion = \nrole_arn =\nexternal_id =\nendpoint_url =\ncredential_process =\n\
                 ca_bundle =\nmfa_serial =\nuse_fips_endpoint =\n";
    by_profile(&simulation, CALLER, "", empty).run(0);
    let without = by_profile(&simulation, CALLER, "", "[default]\naws_access_key_id =\naws_secret_access_key =\n");
    refused(&simulation, &without, &["error: no AWS credentials: "]);
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    let simulation = simulation(&World::new().enabled(CALLER));
    by_profile(&simulation, CALLER, "\u{feff}[default]\r\nregion = us-east-1\r\n", "\u{feff}[default]\nKEY\n").run(0);
}

#[test]
fn what_is_wrong_with_a_profile_file_is_told_with_file_and_line() {
    let simulation = simulation(&World::new().enabled(CALLER));
    let with = |config: &str, credentials: &str| by_profile(&simulation, CALLER, config, credentials);
    refused(
        &simulation,
        &with("", "[default]\nKEY\nstray\n"),
        &["error: credentials, line 4: it is neither a section"],
    );
    refused(&simulation, &with("region = x\n", ""), &["error: config, line 1: it stands before the first section"]);
    refused(&simulation, &with("[default\n", ""), &["error: config, line 1: a section's header ends with"]);
    let latin = with("", "").file("credentials", b"[default]\n# \xe9\n");
    refused(&simulation, &latin, &["error: credentials is no profile file: it is not UTF-8"]);
    let large = with("", "").file("config", "# x\n".repeat(1 << 21));
    refused(&simulation, &large, &["error: config is no profile file: it has more than 4 MiB"]);
    let device = with("", "").env("AWS_SHARED_CREDENTIALS_FILE", "/dev/zero");
    if Path::new("/dev/zero").exists() {
        refused(&simulation, &device, &["error: /dev/zero is no profile file"]);
    }
}

#[test]
fn a_file_that_is_to_hold_credentials_is_named() {
    let simulation = simulation(&World::new().enabled(CALLER));
    let role = "arn:aws:iam::999988887777:role/R";
    let bare = || check(CALLER).env("AWS_ENDPOINT_URL", simulation.endpoint_url());
    let token = bare().env("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere/token").env("AWS_ROLE_ARN", role);
    let ran = refused(&simulation, &token, &["error: no AWS credentials: "]);
    ran.says("AWS_WEB_IDENTITY_TOKEN_FILE names /nowhere/token, which cannot be read: No such file or directory");
    let config = format!("[default]\nrole_arn = {role}\nweb_identity_token_file = /nowhere/token\n");
    let ran = refused(&simulation, &by_profile(&simulation, CALLER, &config, ""), &["error: no AWS credentials: "]);
    ran.says("web_identity_token_file of profile \"default\" (config, line 3) names /nowhere/token");
    let gone = bare().env("AWS_SHARED_CREDENTIALS_FILE", "/nowhere/credentials");
    refused(&simulation, &gone, &["AWS_SHARED_CREDENTIALS_FILE names /nowhere/credentials, which is not there"]);
    let misnamed = by_profile(&simulation, CALLER, "[audit]\nregion = us-east-1\n", "").env("AWS_PROFILE", "audit");
    refused(&simulation, &misnamed, &["in config its header [audit] would have to be [profile audit]"]);
}

#[test]
fn whoever_logs_in_with_identity_center_is_told_the_command() {
    let simulation = simulation(&World::new().enabled(CALLER));
    let config = "[profile audit]\nsso_session = main\nsso_account_id = 111122223333\nsso_role_name = Audit\n\
                  [sso-session main]\nsso_region = us-east-1\nsso_start_url = https://example.awsapps.com/start\n";
    let program = by_profile(&simulation, CALLER, config, "").env("AWS_PROFILE", "audit");
    let ran = refused(
        &simulation,
        &program,
        &["error: no AWS credentials: ", "fix: log in: aws sso login --profile audit\n"],
    );
    ran.says("its token is kept in [folder]/home/.aws/sso/cache");
    // Without AWS_PROFILE, the command names the profile that counts then.
    let default = by_profile(&simulation, CALLER, &config.replace("profile audit", "default"), "");
    refused(&simulation, &default, &["fix: log in: aws sso login --profile default\n"]);
}

#[test]
fn whoever_names_a_profile_that_is_not_there_is_told_which_are() {
    let simulation = simulation(&World::new().enabled(CALLER));
    let config = "[default]\nregion = us-east-1\n[profile audit]\nregion = us-east-1\n";
    let program = by_profile(&simulation, CALLER, config, "[old]\nregion = us-east-1\n").env("AWS_PROFILE", "audti");
    let ran =
        refused(&simulation, &program, &["(AWS_PROFILE is \"audti\", which is not in config nor in credentials)"]);
    ran.says("\n  fix: set AWS_PROFILE to a profile that is there (audit, default, old), or unset it\n");
}

#[test]
fn refused_credentials_are_named_with_their_place() {
    let simulation = simulation(&World::new());
    let unknown = "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = hush\n";
    let ran = by_profile(&simulation, CALLER, "", unknown).run(1);
    ran.says("error: AWS refuses the credentials: InvalidClientTokenId: ");
    ran.says("where these come from: aws_access_key_id of profile \"default\" (credentials, line 2)\n");
}

#[test]
fn who_is_spared_the_proxy_is_asked_without_it() {
    let simulation = simulation(&World::new().enabled(CALLER));
    let host = simulation.endpoint_url().trim_start_matches("http://").to_owned();
    let port = host.rsplit(':').next().expect("a port");
    for spared in ["*", "127.0.0.1", &host, "127.0.0.0/8", &format!(" x.test , {host}"), "x.test *"] {
        for name in ["NO_PROXY", "no_proxy"] {
            at(&simulation).env("HTTP_PROXY", "http://127.0.0.1:9").env(name, spared).run(0);
            at(&simulation).env("ALL_PROXY", "127.0.0.1:9").env(name, spared).run(0);
        }
    }
    for other in ["127.0.0.1:1", "localhost", &format!("localhost:{port}"), "10.0.0.0/8"] {
        let ran = at(&simulation).env("http_proxy", "http://user:hush@127.0.0.1:9").env("NO_PROXY", other).run(1);
        ran.says("cannot be reached: no connection: ");
        assert!(!ran.stderr.contains("hush"), "{}", ran.stderr);
    }
    let by_name = at(&simulation).env("AWS_ENDPOINT_URL", format!("http://localhost:{port}"));
    by_name.env("HTTP_PROXY", "http://127.0.0.1:9").env("NO_PROXY", format!("localhost:{port}")).run(0);
}

#[test]
fn an_endpoint_that_cannot_be_reached_is_named() {
    let dead = || {
        check(CALLER)
            .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "hush")
            .env("AWS_REGION", "eu-north-1")
            // Nobody on the network is asked.
            .env("HTTPS_PROXY", "http://127.0.0.1:9")
    };
    dead().run(1).says("cannot be reached: no connection: sts.eu-north-1.amazonaws.com: ");
    let ran = dead().env("AWS_USE_FIPS_ENDPOINT", "true").run(1);
    ran.says("no connection: sts-fips.eu-north-1.amazonaws.com: ");
    ran.says("\n  fix: AWS_USE_FIPS_ENDPOINT asks for endpoints that are not in every Region");
    let profile = "[default]\nuse_fips_endpoint = true\n";
    let ran = dead().env("AWS_CONFIG_FILE", "config").file("config", profile).run(1);
    ran.says("fix: use_fips_endpoint of profile \"default\" (config, line 2) asks for endpoints");
}

#[test]
fn an_unread_target_names_the_host_that_was_not_reached() {
    let simulation = simulation(&World::new().enabled(CALLER));
    let program = at(&simulation).env("AWS_ENDPOINT_URL_MACIE2", "http://127.0.0.1:9").args(["--report", "json"]);
    let message = program.run(4).json()["targets"][0]["unread"]["message"].clone();
    assert!(message.as_str().expect("a text").starts_with("no connection: 127.0.0.1:"), "{message}");
}

#[test]
fn a_certificate_of_somebody_unknown_is_asked_about_once_and_the_way_out_is_named() {
    let server = tls::Server::start();
    let program = || {
        check(CALLER)
            .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "hush")
            .env("AWS_ENDPOINT_URL", &server.url)
    };
    let other = repository("tests/certificates/root.pem");
    let ran = program().env("AWS_CA_BUNDLE", &other).run(1);
    ran.says("cannot be reached: no connection: 127.0.0.1:").says("UnknownIssuer");
    ran.says("set AWS_CA_BUNDLE, or ca_bundle of the profile, to a file");
    assert_eq!(server.connections(), 1, "it is not tried again");
    // The same server, known by variable or by profile: it answers, though with nothing that STS would say.
    let authority = repository("tests/certificates/authority.pem");
    program().env("AWS_CA_BUNDLE", &authority).run(1).says("gave an answer that cannot be understood");
    let profile = format!("[default]\nca_bundle = {}\n", authority.display());
    let known = program().env("AWS_CONFIG_FILE", "config").file("config", profile);
    known.run(1).says("gave an answer that cannot be understood");
    // Where a system trusts nobody, that is what is said.
    let nobody = program().file("none.pem", "").env("SSL_CERT_FILE", "none.pem").env("SSL_CERT_DIR", ".");
    nobody
        .run(1)
        .says("  fix: no root certificates found on this machine: install ca-certificates, or set AWS_CA_BUNDLE, or");
}

/// A server with a certificate of an authority that nobody knows. Its key was made for this test.
mod tls {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};

    use crate::support::repository;

    pub(super) struct Server {
        pub(super) url: String,
        connections: Arc<AtomicUsize>,
    }

    impl Server {
        pub(super) fn start() -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
            let url = format!("https://{}", listener.local_addr().expect("an address"));
            let connections: Arc<AtomicUsize> = Arc::default();
            let certificate = CertificateDer::from_pem_file(repository("tests/certificates/localhost.pem"));
            let key = PrivateKeyDer::from_pem_file(repository("tests/certificates/localhost.key"));
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let config = rustls::ServerConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .expect("protocol versions")
                .with_no_client_auth()
                .with_single_cert(vec![certificate.expect("a certificate")], key.expect("a key"))
                .expect("a server");
            let (config, counted) = (Arc::new(config), Arc::clone(&connections));
            std::thread::spawn(move || {
                for stream in listener.incoming() {
                    let (Ok(mut stream), Ok(mut tls)) = (stream, rustls::ServerConnection::new(Arc::clone(&config)))
                    else {
                        continue;
                    };
                    counted.fetch_add(1, Ordering::Relaxed);
                    let mut tls = rustls::Stream::new(&mut tls, &mut stream);
                    let mut request = [0; 4096];
                    if tls.read(&mut request).is_ok_and(|size| size > 0) {
                        let _ = tls.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi");
                        let _ = tls.flush();
                    }
                }
            });
            Self { url, connections }
        }

        pub(super) fn connections(&self) -> usize {
            self.connections.load(Ordering::Relaxed)
        }
    }
}

/// A program that prints the simulation's key.
fn printing(simulation: &Simulation) -> String {
    format!(
        "printf '{{\"Version\": 1, \"AccessKeyId\": \"%s\", \"SecretAccessKey\": \"%s\"}}' {} {}",
        simulation.access_key_id(),
        simulation.secret_access_key()
    )
}

#[test]
#[cfg(unix)]
fn a_program_that_prints_credentials_is_listened_to() {
    let simulation = simulation(&World::new().enabled(CALLER).account(ACCOUNT, "sessions: {\"*\": {}}"));
    let config = format!("[default]\ncredential_process = {}\n", printing(&simulation));
    by_profile(&simulation, CALLER, &config, "").run(0);
    // And so it is at the bottom of a role.
    let config = format!(
        "[profile audit]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/Reader\nsource_profile = base\nregion = us-east-1\n\
         [profile base]\ncredential_process = {}\n",
        printing(&simulation)
    );
    let ran =
        by_profile(&simulation, ACCOUNT, &config, "").env("AWS_PROFILE", "audit").args(["--report", "json"]).run(0);
    assert_eq!(ran.json()["run"]["caller"]["account"], ACCOUNT);
}

#[test]
#[cfg(unix)]
fn a_program_that_prints_something_else_is_named_and_its_secrets_are_not() {
    let simulation = simulation(&World::new());
    for (command, words) in [
        (
            "echo '{\"Version\": 1, \"AccessKeyId\": \"hush\"}'",
            "the program did not print credentials as JSON (line 1, column ",
        ),
        ("echo '{\"Version\": 2, \"AccessKeyId\": \"hush\", \"SecretAccessKey\": \"hush\"}'", "a version other than 1"),
        (
            "echo '{\"Version\": 1, \"AccessKeyId\": \"hush\", \"SecretAccessKey\": \"\"}'",
            "an empty AccessKeyId or SecretAccessKey",
        ),
        ("echo hush", "the program did not print credentials as JSON"),
        ("sh -c 'echo no session >&2; exit 7'", "the program ended with exit status: 7: no session"),
        ("/nowhere/program", "the program ended with exit status: 127: "),
        ("yes hush", "the program printed more than 64 KiB"),
    ] {
        let config = format!("[profile audit]\nregion = us-east-1\ncredential_process = {command}\n");
        let program = by_profile(&simulation, CALLER, &config, "").env("AWS_PROFILE", "audit");
        let ran =
            refused(&simulation, &program, &["credential_process of profile \"audit\" (config, line 3): ", words]);
        assert!(!ran.stderr.contains("hush"), "{}", ran.stderr);
    }
}

#[test]
#[cfg(unix)]
fn a_program_that_hangs_is_ended_with_the_run() {
    let simulation = simulation(&World::new());
    // A shell that waits for what it has started.
    let config = "[default]\ncredential_process = sh -c 'sleep 300 & echo $! > pid; wait'\n";
    let program = by_profile(&simulation, CALLER, config, "").args(["--deadline", "1s"]);
    program.run(4);
    let pid: i32 = program.read("pid").trim().parse().expect("a number");
    let pid = rustix::process::Pid::from_raw(pid).expect("a process");
    // What was ended may be nobody's child any more until the system has noticed.
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while is_running(pid) {
        assert!(std::time::Instant::now() < patience, "it is left running");
        std::thread::yield_now();
    }
}

#[cfg(unix)]
fn is_running(pid: rustix::process::Pid) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
    // One that has ended and that nobody has waited for is a zombie.
    let is_zombie = state.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z'));
    !is_zombie && rustix::process::test_kill_process(pid).is_ok()
}

#[test]
fn a_profile_that_does_not_lead_to_credentials_is_named_with_its_line() {
    let simulation = simulation(&World::new().enabled(CALLER));
    let role = "role_arn = arn:aws:iam::111122223333:role/R";
    let audit = "of profile \"audit\"";
    for (config, words) in [
        (
            "aws_access_key_id = AKIDEXAMPLE\n".to_owned(),
            format!("aws_access_key_id {audit} (config, line 2) is set, and aws_secret_access_key is not"),
        ),
        (
            "aws_secret_access_key = hush\n".to_owned(),
            format!("aws_secret_access_key {audit} (config, line 2) is set, and aws_access_key_id is not"),
        ),
        (
            "aws_session_token = hush\n".to_owned(),
            format!("aws_session_token {audit} (config, line 2) is set, and aws_access_key_id is not"),
        ),
        (format!("{role}\n"), format!("role_arn {audit} (config, line 2) is set, and nothing says which credentials")),
        (
            format!("{role}\nsource_profile = gone\n"),
            format!("source_profile {audit} (config, line 3) names profile \"gone\", which is not there"),
        ),
        (
            format!("{role}\nsource_profile = empty\n[profile empty]\nregion = us-east-1\n"),
            format!("source_profile {audit} (config, line 3) names profile \"empty\", which has no credentials"),
        ),
        (
            format!("{role}\nsource_profile = audit\n"),
            format!("source_profile {audit} (config, line 3) names profile \"audit\", which has no credentials"),
        ),
        (
            format!("{role}\nsource_profile = b\n[profile b]\n{role}\nsource_profile = audit\n"),
            "source_profile of profile \"b\" (config, line 6) leads in a circle: \"audit\" → \"b\" → \"audit\""
                .to_owned(),
        ),
        (
            format!("{role}\nsource_profile = b\n[profile b]\naws_access_key_id = AKIDEXAMPLE\n"),
            "aws_access_key_id of profile \"b\" (config, line 5) is set, and aws_secret_access_key is not".to_owned(),
        ),
        (
            format!("{role}\ncredential_source = Ec2\n"),
            format!("credential_source {audit} (config, line 3) is no source of credentials: \"Ec2\""),
        ),
        (
            format!("{role}\nsource_profile = b\ncredential_source = Environment\n"),
            format!(
                "credential_source {audit} (config, line 4) cannot be used together with source_profile {audit} (config, line 3)"
            ),
        ),
        (
            "sso_session = main\nsso_account_id = 1\nsso_role_name = R\n".to_owned(),
            format!("sso_session {audit} (config, line 2) names the section [sso-session main], which is not there"),
        ),
    ] {
        let config = format!("[profile audit]\n{config}");
        let program = by_profile(&simulation, CALLER, &config, "").env("AWS_PROFILE", "audit");
        let ran = refused(&simulation, &program, &[&words]);
        assert!(!ran.stderr.contains("hush"), "{}", ran.stderr);
    }
    // One that names itself has its own keys, and one that is a source may be in the other file.
    let own =
        format!("[profile audit]\n{}\nsource_profile = audit\nregion = us-east-1\n", role.replace(ACCOUNT, CALLER));
    by_profile(&simulation, CALLER, &own, "[audit]\nKEY\n").env("AWS_PROFILE", "audit").run(0);
}

#[cfg(unix)]
#[test]
fn what_has_no_end_is_no_file_of_a_token() {
    let simulation = simulation(&World::new().enabled(CALLER));
    let role = "arn:aws:iam::999988887777:role/R";
    let with_pipe = |program: Driftline, name: &str| {
        let made = std::process::Command::new("mkfifo").arg(program.path(name)).status().expect("mkfifo");
        assert!(made.success());
        program
    };
    let bare = || check(CALLER).env("AWS_ENDPOINT_URL", simulation.endpoint_url());
    for (path, problem) in [
        ("pipe", "it is not a regular file"),
        ("link", "it is not a regular file"),
        ("/dev/zero", "it is not a regular file"),
        ("large", "it is larger than 1 MiB"),
        (".", "it is not a regular file"),
    ] {
        let ready = |program: Driftline| {
            let program = with_pipe(program, "pipe").file("large", vec![b'x'; (1 << 20) + 1]);
            std::os::unix::fs::symlink("pipe", program.path("link")).expect("a link");
            program
        };
        let web = ready(bare()).env("AWS_WEB_IDENTITY_TOKEN_FILE", path).env("AWS_ROLE_ARN", role);
        let words = format!("error: AWS_WEB_IDENTITY_TOKEN_FILE names {path}, which cannot be used: {problem}");
        refused(&simulation, &web, &[&words]);
        let container = ready(bare()).env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path);
        let container = container.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/credentials");
        let words =
            format!("error: AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names {path}, which cannot be used: {problem}");
        refused(&simulation, &container, &[&words]);
        let config = format!("[default]\nrole_arn = {role}\nweb_identity_token_file = {path}\n");
        let profile = ready(by_profile(&simulation, CALLER, &config, ""));
        let words =
            format!("web_identity_token_file of profile \"default\" (config, line 3) names {path}, which cannot");
        refused(&simulation, &profile, &[&words]);
    }
    let config = "[profile audit]\nsso_session = main\nsso_account_id = 111122223333\nsso_role_name = Audit\n\
                  [sso-session main]\nsso_region = us-east-1\nsso_start_url = https://example.awsapps.com/start\n";
    let login = by_profile(&simulation, CALLER, config, "").env("AWS_PROFILE", "audit");
    std::fs::create_dir_all(login.path("../home/.aws/sso/cache")).expect("folders");
    let login = with_pipe(login, "../home/.aws/sso/cache/b28b7af69320201d1cf206ebf28373980add1451.json");
    refused(
        &simulation,
        &login,
        &["sso_session of profile \"audit\" (config, line 2) has its token from ", "regular file"],
    );
    // With keys at hand, nothing of all that is read.
    at(&simulation).env("AWS_WEB_IDENTITY_TOKEN_FILE", "/dev/zero").env("AWS_ROLE_ARN", role).run(0);
}

#[cfg(unix)]
#[test]
fn a_profile_file_that_is_a_pipe_holds_nobody_up_for_longer_than_the_deadline() {
    let simulation = simulation(&World::new().enabled(CALLER));
    for variable in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] {
        let program = at(&simulation).env(variable, "pipe").args(["--deadline", "1s"]);
        let made = std::process::Command::new("mkfifo").arg(program.path("pipe")).status().expect("mkfifo");
        assert!(made.success());
        assert!(program.run(4).stdout.contains("unread: deadline"));
        at(&simulation).env(variable, "/dev/null").run(0);
    }
}
