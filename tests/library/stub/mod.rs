//! A loopback server that says what a test wants said, byte by byte.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// A request, as far as the tests look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ask {
    /// The service that the signature is for: `macie2`, `sts`, `account`, `organizations`.
    pub(crate) service: String,
    /// The operation, where a header names it: `ListAccounts`.
    pub(crate) operation: String,
    /// The Region that the signature is for.
    pub(crate) region: String,
    /// The access key id that signed.
    pub(crate) key: String,
    /// The account that the key belongs to: the stub's temporary keys are `ASIA` and the account id.
    pub(crate) account: String,
    /// The body.
    pub(crate) body: String,
    /// The user agent.
    pub(crate) agent: String,
    /// How many requests wait for their answer, this one among them.
    pub(crate) at_once: usize,
}

/// What the stub does about a request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// Answers.
    Answer { status: u16, headers: Vec<(String, String)>, body: String },
    /// Promises more bytes than it sends, and closes.
    Truncated { body: String },
    /// Closes without a word.
    Close,
    /// Says nothing, ever.
    Hang,
    /// Waits for a permit, then does the rest.
    Gated(Arc<Semaphore>, Box<Reply>),
}

/// The server. It stops when dropped.
pub(crate) struct Stub {
    pub(crate) url: String,
    log: Arc<Mutex<Vec<Ask>>>,
    busy: Arc<Busy>,
    listening: JoinHandle<()>,
}

/// Requests that wait for their answer: now, and at most so far.
#[derive(Default)]
struct Busy {
    now: AtomicUsize,
    most: AtomicUsize,
}

pub(crate) const CALLER: &str = "999988887777";

impl Reply {
    pub(crate) fn json(status: u16, body: impl Into<String>) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self::Answer { status, headers, body: body.into() }
    }

    pub(crate) fn error(status: u16, code: &str, message: &str) -> Self {
        let headers = vec![("x-amzn-errortype".to_owned(), code.to_owned())];
        Self::Answer { status, headers, body: serde_json::json!({ "message": message }).to_string() }
    }

    pub(crate) fn sts_error(status: u16, code: &str, message: &str) -> Self {
        Self::Answer {
            status,
            headers: Vec::new(),
            body: format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
                 <RequestId>r-1</RequestId></ErrorResponse>"
            ),
        }
    }
}

impl Stub {
    /// Serves; `script` may say something of its own, else the request is answered as a healthy AWS would.
    pub(crate) async fn serve(script: impl Fn(&Ask) -> Option<Reply> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let log: Arc<Mutex<Vec<Ask>>> = Arc::default();
        let busy: Arc<Busy> = Arc::default();
        let (script, seen, working) = (Arc::new(script), Arc::clone(&log), Arc::clone(&busy));
        let listening = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, seen, working) = (Arc::clone(&script), Arc::clone(&seen), Arc::clone(&working));
                tokio::spawn(async move { converse(stream, &*script, &seen, &working).await });
            }
        });
        Self { url, log, busy, listening }
    }

    /// How many requests waited for their answer at once, at most.
    pub(crate) fn busiest(&self) -> usize {
        self.busy.most.load(Ordering::Relaxed)
    }

    /// The requests so far for a service, in order of arrival.
    pub(crate) fn asked(&self, service: &str) -> Vec<Ask> {
        let log = self.log.lock().expect("the log");
        log.iter().filter(|ask| ask.service == service).cloned().collect()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn converse(
    mut stream: TcpStream,
    script: &(dyn Fn(&Ask) -> Option<Reply> + Send + Sync),
    log: &Mutex<Vec<Ask>>,
    busy: &Busy,
) {
    while let Some(mut ask) = read_request(&mut stream).await {
        ask.at_once = busy.now.fetch_add(1, Ordering::Relaxed) + 1;
        busy.most.fetch_max(ask.at_once, Ordering::Relaxed);
        log.lock().expect("the log").push(ask.clone());
        // Others get a chance to be under way as well.
        tokio::task::yield_now().await;
        let mut reply = script(&ask).unwrap_or_else(|| healthy(&ask));
        while let Reply::Gated(gate, rest) = reply {
            gate.acquire().await.expect("an open gate").forget();
            reply = *rest;
        }
        busy.now.fetch_sub(1, Ordering::Relaxed);
        match reply {
            Reply::Answer { status, headers, body } => {
                let mut head = format!("HTTP/1.1 {status} Stub\r\ncontent-length: {}\r\n", body.len());
                for (name, value) in headers {
                    head.extend([name.as_str(), ": ", value.as_str(), "\r\n"]);
                }
                if stream.write_all(format!("{head}\r\n{body}").as_bytes()).await.is_err() {
                    return;
                }
            }
            Reply::Truncated { body } => {
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len() + 100);
                stream.write_all(head.as_bytes()).await.ok();
                return;
            }
            Reply::Hang => std::future::pending().await,
            Reply::Close | Reply::Gated(..) => return,
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Ask> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let length: usize = header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    while bytes.len() < head_end + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let authorization = header("authorization").unwrap_or_default();
    let scope = authorization.split("Credential=").nth(1).unwrap_or_default();
    let scope: Vec<&str> = scope.split(['/', ',']).collect();
    let part = |index: usize| (*scope.get(index).unwrap_or(&"")).to_owned();
    let key = part(0);
    let account = key.strip_prefix("ASIA").unwrap_or(CALLER).to_owned();
    let body = String::from_utf8_lossy(&bytes[head_end..]).into_owned();
    let agent = header("user-agent").unwrap_or_default();
    let target = header("x-amz-target").unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    Some(Ask { service: part(3), operation, region: part(2), key, account, body, agent, at_once: 0 })
}

/// What an AWS in which everything is on would say.
pub(crate) fn healthy(ask: &Ask) -> Reply {
    match ask.service.as_str() {
        "macie2" => session("ENABLED", "SIX_HOURS"),
        "account" => regions(&[("us-east-1", "ENABLED_BY_DEFAULT")]),
        "sts" if ask.body.contains("Action=AssumeRole") => {
            let account = assumed_account(ask);
            assumed(
                &account,
                Some(&format!("arn:aws:sts::{account}:assumed-role/Read/driftline")),
                "2099-01-01T00:00:00Z",
            )
        }
        _ => Reply::Answer {
            status: 200,
            headers: Vec::new(),
            body: format!(
                "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
                 <Arn>arn:aws:iam::{account}:user/auditor</Arn><UserId>U</UserId><Account>{account}</Account>\
                 </GetCallerIdentityResult></GetCallerIdentityResponse>",
                account = ask.account
            ),
        },
    }
}

/// The account whose role is to be assumed.
pub(crate) fn assumed_account(ask: &Ask) -> String {
    let arn = ask.body.split("RoleArn=").nth(1).unwrap_or_default();
    arn.split("%3A").nth(4).unwrap_or_default().to_owned()
}

/// An answer to AssumeRole.
pub(crate) fn assumed(account: &str, user: Option<&str>, expiration: &str) -> Reply {
    let user = user.map_or(String::new(), |arn| {
        format!("<AssumedRoleUser><AssumedRoleId>A:s</AssumedRoleId><Arn>{arn}</Arn></AssumedRoleUser>")
    });
    Reply::Answer {
        status: 200,
        headers: Vec::new(),
        body: format!(
            "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>{user}\
             <Credentials><AccessKeyId>ASIA{account}</AccessKeyId><SecretAccessKey>hush</SecretAccessKey>\
             <SessionToken>token</SessionToken><Expiration>{expiration}</Expiration></Credentials>\
             </AssumeRoleResult></AssumeRoleResponse>"
        ),
    }
}

/// An answer to GetMacieSession.
pub(crate) fn session(status: &str, frequency: &str) -> Reply {
    Reply::json(200, serde_json::json!({ "status": status, "findingPublishingFrequency": frequency }).to_string())
}

/// An answer to ListRegions.
pub(crate) fn regions(states: &[(&str, &str)]) -> Reply {
    let listed: Vec<_> = states
        .iter()
        .map(|(name, status)| serde_json::json!({ "RegionName": name, "RegionOptStatus": status }))
        .collect();
    Reply::json(200, serde_json::json!({ "Regions": listed }).to_string())
}
