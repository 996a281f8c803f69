//! How fast targets are read, beside what could be had: bare HTTP, signed HTTP, and the SDK at its best, in the same run.
//!
//! `cargo bench --bench gather`, or `cargo bench --bench gather -- 500 17` for so many accounts and Regions. The simulated AWS has
//! a processor of its own. `cargo bench --bench gather -- latency` measures with 100 ms before every answer, `-- latency preferences`
//! and `-- latency publication` do so with settings that take further calls. Results are in `docs/explanation/scale.md`.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a benchmark without its inputs cannot go on, and tells")]

#[cfg(unix)]
mod served;

/// That of the program, so that all rows have the same.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[cfg(not(unix))]
fn main() {}

#[cfg(unix)]
fn main() {
    rows::run();
}

#[cfg(unix)]
mod rows {
    use std::collections::BTreeMap;
    use std::future::Future;
    use std::num::NonZeroUsize;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant, SystemTime};

    use aws_credential_types::Credentials;
    use aws_sdk_macie2::config::{BehaviorVersion, Builder, SharedCredentialsProvider};
    use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
    use aws_sigv4::sign::v4;
    use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
    use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
    use aws_smithy_types::retry::RetryConfig;
    use driftline::aws::{AccessOptions, AwsSession, Source};
    use driftline::collect::{CollectLimits, Collector, ReadRequest};
    use driftline::model::{AccountId, Region, RegionTable, Target};
    use futures_util::StreamExt as _;
    use futures_util::stream;
    use http_body_util::{BodyExt as _, Empty};
    use hyper::body::Bytes;
    use hyper_util::client::legacy::Client;
    use hyper_util::client::legacy::connect::HttpConnector;
    use hyper_util::rt::TokioExecutor;

    use super::served::{DRIFTLINE, Declared, Served};

    const RUNS: usize = 5;

    /// A target, and whose credentials to ask it with.
    struct Job {
        account: AccountId,
        region: Region,
        credentials: Credentials,
    }

    /// What a row took.
    struct Took {
        wall: Duration,
        processor: Duration,
    }

    pub(super) fn run() {
        let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
        if let Some(("latency", declared)) = arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) {
            return match declared.first().map(String::as_str) {
                Some("preferences") => latency(Declared::Preferences, (1_000, 17), &[64]),
                Some("publication") => latency(Declared::Publication, (1_000, 17), &[64]),
                _ => latency(Declared::Sessions, (2_000, 22), &[64, 256, 512]),
            };
        }
        let number = |nth: usize, usual: usize| arguments.get(nth).and_then(|text| text.parse().ok()).unwrap_or(usual);
        let (accounts, regions) = (number(0, 500), number(1, 17));
        let served = Served::start(&format!("accounts={accounts},regions={regions},drift=5"));
        let (targets, concurrency) = (accounts * regions, 64);
        println!("{accounts} accounts × {regions} Regions, {concurrency} calls at once, {RUNS} runs each, medians");
        println!("| Way | checks/s | processor s per 1,000 |\n|---|--:|--:|");
        let jobs = block_on(jobs(&served));
        row("bare hyper", targets, || timed(|| block_on(bare(&served, &jobs, concurrency, false))));
        row("hyper, signed", targets, || timed(|| block_on(bare(&served, &jobs, concurrency, true))));
        let best = row("SDK at its best", targets, || timed(|| block_on(sdk(&served, &jobs, concurrency))));
        let gathering = row("driftline, gathering", targets, || timed(|| block_on(gathered(&served, concurrency))));
        let policy = served.policy(Declared::Sessions);
        let whole = row("driftline, the whole check", targets, || checked(&served, &policy, concurrency).0);
        println!("\nof the SDK at its best: gathering {:.2}, the whole check {:.2}", gathering / best, whole / best);
    }

    /// Asking as often as so many calls at once allow, with 100 ms before each answer.
    fn latency(declared: Declared, (accounts, regions): (u32, u32), concurrencies: &[u16]) {
        let served = Served::start(&format!("accounts={accounts},regions={regions},drift=5,latency=100ms"));
        println!("{declared:?}: {accounts} accounts × {regions} Regions, 100 ms before each answer, one run each");
        println!("| Calls at once | calls | ideal | took | of the ideal |\n|--:|--:|--:|--:|--:|");
        let policy = served.policy(declared);
        for concurrency in concurrencies {
            let (took, calls) = checked(&served, &policy, usize::from(*concurrency));
            let (ideal, took) = (f64::from(calls) * 0.1 / f64::from(*concurrency), took.wall.as_secs_f64());
            println!("| {concurrency} | {calls} | {ideal:.1} s | {took:.1} s | {:.2} |", took / ideal);
        }
    }

    /// Runs a row so often, and gives its median of checks per second.
    fn row(name: &str, targets: usize, mut once: impl FnMut() -> Took) -> f64 {
        let mut took: Vec<Took> = (0..RUNS).map(|_| once()).collect();
        took.sort_by_key(|took| took.wall);
        let median = took.get(RUNS / 2).expect("a run");
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let targets = targets as f64;
        let rate = targets / median.wall.as_secs_f64();
        println!("| {name} | {rate:.0} | {:.3} |", median.processor.as_secs_f64() * 1000.0 / targets);
        rate
    }

    fn timed(work: impl FnOnce()) -> Took {
        let (began, before) = (Instant::now(), spent("/proc/self/stat", [13, 14]));
        work();
        Took { wall: began.elapsed(), processor: spent("/proc/self/stat", [13, 14]).saturating_sub(before) }
    }

    /// Processor time by the fields of `proc(5)`: a hundredth of a second each, on every Linux that there is.
    fn spent(file: &str, fields: [usize; 2]) -> Duration {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        // The name of the program, in brackets, may hold anything.
        let rest = text.rsplit(')').next().unwrap_or_default();
        let parts: Vec<&str> = rest.split_whitespace().collect();
        let field = |nth: usize| parts.get(nth - 2).and_then(|part| part.parse::<u64>().ok()).unwrap_or_default();
        Duration::from_millis(10 * fields.iter().map(|nth| field(*nth)).sum::<u64>())
    }

    fn block_on<T>(work: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(work)
    }

    fn options(served: &Served) -> AccessOptions {
        let mut options = AccessOptions::new(Source::Fixed {
            endpoint_url: served.variable("AWS_ENDPOINT_URL").to_owned(),
            access_key_id: served.variable("AWS_ACCESS_KEY_ID").to_owned(),
            secret_access_key: served.variable("AWS_SECRET_ACCESS_KEY").to_owned(),
            region: "us-east-1".parse().expect("a Region"),
        });
        options.role = Some("DriftlineRead".parse().expect("a role"));
        options
    }

    /// Every target, with credentials for it: what the rows below need not get for themselves.
    async fn jobs(served: &Served) -> Vec<Job> {
        let own = Credentials::new(
            served.variable("AWS_ACCESS_KEY_ID"),
            served.variable("AWS_SECRET_ACCESS_KEY"),
            None,
            None,
            "benchmark",
        );
        let config = aws_sdk_sts::config::Builder::new()
            .behavior_version(BehaviorVersion::latest())
            .http_client(http_client())
            .endpoint_url(served.variable("AWS_ENDPOINT_URL"))
            .region(aws_sdk_sts::config::Region::from_static("us-east-1"))
            .credentials_provider(own);
        let sts = aws_sdk_sts::Client::from_conf(config.build());
        let mut jobs = Vec::new();
        let regions = served.regions();
        for account in served.accounts() {
            let arn = format!("arn:aws:iam::{account}:role/DriftlineRead");
            let answer = sts.assume_role().role_arn(arn).role_session_name("benchmark").send().await;
            let given = answer.expect("a session").credentials.expect("credentials");
            let credentials = Credentials::new(
                given.access_key_id,
                given.secret_access_key,
                Some(given.session_token),
                None,
                "benchmark",
            );
            jobs.extend(regions.iter().map(|region| Job {
                account,
                region: region.clone(),
                credentials: credentials.clone(),
            }));
        }
        jobs
    }

    fn http_client() -> aws_smithy_runtime_api::client::http::SharedHttpClient {
        aws_smithy_http_client::Builder::new().tls_provider(Provider::rustls(CryptoMode::Ring)).build_https()
    }

    /// Without the SDK: as a request looks on the wire, signed or with a signature that nobody checks.
    async fn bare(served: &Served, jobs: &[Job], concurrency: usize, signs: bool) {
        let client: Client<HttpConnector, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
        let base = served.variable("AWS_ENDPOINT_URL");
        let answers = stream::iter(jobs).map(|job| {
            let request = if signs { signed(base, job) } else { unsigned(base, job) };
            let answer = client.request(request);
            async move {
                let answer = answer.await.expect("an answer");
                answer.into_body().collect().await.expect("a body").to_bytes().len()
            }
        });
        let bytes = answers.buffer_unordered(concurrency).fold(0, |sum, length| async move { sum + length }).await;
        assert!(bytes > jobs.len(), "{bytes} bytes for {} targets", jobs.len());
    }

    fn unsigned(base: &str, job: &Job) -> hyper::Request<Empty<Bytes>> {
        let scope = format!(
            "AWS4-HMAC-SHA256 Credential={}/20260101/{}/macie2/aws4_request, SignedHeaders=host, Signature=0",
            job.credentials.access_key_id(),
            job.region.as_str()
        );
        hyper::Request::get(format!("{base}/macie"))
            .header("authorization", scope)
            .header("x-amz-security-token", job.credentials.session_token().unwrap_or_default())
            .body(Empty::new())
            .expect("a request")
    }

    fn signed(base: &str, job: &Job) -> hyper::Request<Empty<Bytes>> {
        let identity = job.credentials.clone().into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(job.region.as_str())
            .name("macie2")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .expect("parameters")
            .into();
        let url = format!("{base}/macie");
        let host = base.trim_start_matches("http://");
        let signable = SignableRequest::new("GET", &url, [("host", host)].into_iter(), SignableBody::Bytes(&[]));
        let (instructions, _) = sign(signable.expect("a request"), &parameters).expect("a signature").into_parts();
        let mut request = hyper::Request::get(&url).header("host", host).body(Empty::new()).expect("a request");
        instructions.apply_to_request_http1x(&mut request);
        request
    }

    /// The SDK, one pool for all, a client per Region, the credentials of each account given call by call, nothing else.
    async fn sdk(served: &Served, jobs: &[Job], concurrency: usize) {
        let http = http_client();
        let client = |region: &Region| {
            let config = Builder::new()
                .behavior_version(BehaviorVersion::latest())
                .http_client(http.clone())
                .endpoint_url(served.variable("AWS_ENDPOINT_URL"))
                .region(aws_sdk_macie2::config::Region::new(region.as_str().to_owned()))
                .retry_config(RetryConfig::disabled())
                .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
            (region.clone(), aws_sdk_macie2::Client::from_conf(config.build()))
        };
        let clients: BTreeMap<Region, aws_sdk_macie2::Client> = served.regions().iter().map(client).collect();
        let answers = stream::iter(jobs).map(|job| {
            let own = Builder::new().credentials_provider(SharedCredentialsProvider::new(job.credentials.clone()));
            let call = clients[&job.region].get_macie_session().customize().config_override(own);
            async move {
                let _ = job.account;
                // A session that is off is an answer, too.
                let answer = call.send().await;
                usize::from(answer.is_ok() || answer.is_err_and(|error| error.as_service_error().is_some()))
            }
        });
        let read = answers.buffer_unordered(concurrency).fold(0, |sum, one| async move { sum + one }).await;
        assert_eq!(read, jobs.len());
    }

    /// driftline's own reading, from connecting to the last reading, with the accounts to open.
    async fn gathered(served: &Served, concurrency: usize) {
        let access = AwsSession::connect(options(served)).await.expect("a way to the simulated AWS");
        let regions = served.regions();
        let regions = &regions;
        let questions: Vec<ReadRequest> = served
            .accounts()
            .flat_map(|account| {
                regions.iter().map(move |region| ReadRequest {
                    target: Target::macie_session(account, region.clone()),
                    region_named: false,
                    member_list_suffices: false,
                    declared: None,
                })
            })
            .collect();
        let limits = CollectLimits {
            concurrency: NonZeroUsize::new(concurrency).expect("some"),
            deadline: None,
            keeps_open: false,
        };
        let table = RegionTable::bundled();
        let gathering =
            Collector::new(&access, &questions, &table, limits, &|_| ()).collect(std::future::pending()).await;
        assert_eq!(gathering.readings.len(), questions.len());
    }

    /// The program, from its start to its end, with a report in text and one in JSON, and the number of calls that it counts.
    fn checked(served: &Served, policy: &str, concurrency: usize) -> (Took, u32) {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("policy.yaml"), policy).expect("a policy");
        std::fs::write(folder.path().join("driftline.toml"), served.settings(concurrency)).expect("settings");
        let before = spent("/proc/self/stat", [15, 16]);
        let began = Instant::now();
        let status = Command::new(DRIFTLINE)
            .args(["check", "--report", "json=report.json"])
            .envs(served.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("the program runs");
        let wall = began.elapsed();
        assert_eq!(status.code(), Some(2), "drift, and everything was read");
        let took = Took { wall, processor: spent("/proc/self/stat", [15, 16]).saturating_sub(before) };
        (took, calls(&std::fs::read(folder.path().join("report.json")).expect("a report")))
    }

    /// The calls to all services that a report counts.
    fn calls(report: &[u8]) -> u32 {
        #[derive(serde::Deserialize)]
        struct Report {
            requests: BTreeMap<String, u32>,
        }
        let Report { requests } = serde_json::from_slice(report).expect("JSON");
        let are_services = |name: &str| !["retried", "throttled", "access_denied"].contains(&name);
        requests.iter().filter(|(name, _)| are_services(name)).map(|(_, count)| count).sum()
    }
}
