//! Something in the place of AWS: a listener on loopback that gives the answers that it is told, and the way to it.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use driftline::aws::{AccessOptions, AccountCredentials, AwsSession, ConnectError, Source};
use driftline::model::AccountId;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

use super::answer::Answer;

/// The account of the credentials.
pub(crate) const CALLER: &str = "999988887777";

/// The account that the role is assumed in.
pub(crate) const OTHER: &str = "111122223333";

/// Longer than all that the client waits for.
const PATIENCE: Duration = Duration::from_mins(1);

/// The listener and its runtime, for one thread.
pub(crate) struct Aws {
    runtime: Runtime,
    url: String,
    script: Arc<Mutex<Script>>,
    access: AwsSession,
    pub(crate) own: AccountCredentials,
    pub(crate) other: AccountCredentials,
}

/// What the listener answers.
#[derive(Default)]
struct Script {
    /// In this order; once there are none left it closes the connection. Without any, it answers as AWS does where all is well.
    answers: Option<VecDeque<Answer>>,
    given: usize,
}

thread_local! {
    static AWS: Aws = Aws::start();
}

/// Runs a try on this thread's listener.
pub(crate) fn with_aws<T>(run: impl FnOnce(&Aws) -> T) -> T {
    AWS.with(run)
}

impl Aws {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let script: Arc<Mutex<Script>> = Arc::default();
        let told = Arc::clone(&script);
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, Arc::clone(&told)));
            }
        });
        let (access, own, other) = runtime.block_on(async {
            let access = AwsSession::connect(options(&url)).await.expect("a way");
            let own = access.credentials_for(CALLER.parse().expect("an id")).await.expect("the caller's own account");
            let other = access.credentials_for(OTHER.parse().expect("an id")).await.expect("another account");
            (access, own, other)
        });
        Self { runtime, url, script, access, own, other }
    }

    /// Asks with these answers, by the way that stands. Returns how many of them were given, too.
    pub(crate) fn ask<T>(&self, answers: &[Answer], asking: impl AsyncFnOnce(&AwsSession) -> T) -> (T, usize) {
        self.answer(answers);
        let asked = self.within(asking(&self.access));
        (asked, self.given())
    }

    /// Connects anew with these answers.
    pub(crate) fn connect(&self, answers: &[Answer]) -> Result<AwsSession, ConnectError> {
        self.answer(answers);
        let connected = self.within(AwsSession::connect(options(&self.url)));
        self.given();
        connected
    }

    /// Connects anew, and asks with these answers: what has its own pace would otherwise wait for it.
    pub(crate) fn ask_anew<T>(&self, answers: &[Answer], asking: impl AsyncFnOnce(&AwsSession) -> T) -> (T, usize) {
        let access = self.within(AwsSession::connect(options(&self.url))).expect("a way");
        self.answer(answers);
        let asked = self.within(asking(&access));
        (asked, self.given())
    }

    fn within<T>(&self, asking: impl Future<Output = T>) -> T {
        let asked = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, asking).await });
        asked.expect("the client's own limits end every call")
    }

    fn answer(&self, answers: &[Answer]) {
        *self.script() = Script { answers: Some(answers.iter().cloned().collect()), given: 0 };
    }

    /// How many answers were given; from here on all is well again.
    fn given(&self) -> usize {
        std::mem::take(&mut *self.script()).given
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().expect("the script")
    }
}

fn options(url: &str) -> AccessOptions {
    let mut options = AccessOptions::new(Source::Fixed {
        endpoint_url: url.to_owned(),
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret_access_key: SECRET.to_owned(),
        region: "us-east-1".parse().expect("a Region"),
    });
    options.role = Some("Read".parse().expect("a role"));
    options.attempts = NonZeroU32::MIN;
    options
}

/// What must show nowhere.
pub(crate) const SECRET: &str = "hush-hush-hush";

async fn converse(mut stream: TcpStream, script: Arc<Mutex<Script>>) {
    while let Some(request) = request(&mut stream).await {
        let answer = {
            let mut script = script.lock().expect("the script");
            script.given += 1;
            match &mut script.answers {
                None => Some(healthy(&request)),
                Some(answers) => answers.pop_front(),
            }
        };
        let Some(answer) = answer else { return };
        let (bytes, closes) = answer.to_wire();
        if stream.write_all(&bytes).await.is_err() || closes {
            return;
        }
    }
}

/// A whole request; `None` once there are no more.
async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

/// What STS says where all is well.
fn healthy(request: &str) -> Answer {
    let body = if request.contains("action=assumerole") {
        assumed(OTHER.parse().expect("an id"))
    } else {
        format!(
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
             <Arn>arn:aws:iam::{CALLER}:user/auditor</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>"
        )
    };
    Answer { status: 200, headers: Vec::new(), body: body.into_bytes(), is_whole: true }
}

/// An answer to AssumeRole.
fn assumed(account: AccountId) -> String {
    format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>\
         <AssumedRoleUser><AssumedRoleId>A:s</AssumedRoleId><Arn>arn:aws:sts::{account}:assumed-role/Read/driftline</Arn>\
         </AssumedRoleUser><Credentials><AccessKeyId>ASIA{account}</AccessKeyId><SecretAccessKey>{SECRET}</SecretAccessKey>\
         <SessionToken>token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>\
         </AssumeRoleResult></AssumeRoleResponse>"
    )
}
