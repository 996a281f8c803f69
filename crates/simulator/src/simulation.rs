//! A running simulation and its HTTP server.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use std::{io, thread};

use futures_util::stream;
use futures_util::stream::StreamExt as _;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, Limited, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::{CONTENT_LENGTH, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::runtime;
use tokio::sync::oneshot;

use crate::account_id::AccountId;
use crate::operation::Operation;
use crate::principal::{Principal, SECRET_ACCESS_KEY};
use crate::region::Region;
use crate::response::{Answer, Reply};
use crate::simulated_aws::SimulatedAws;
use crate::world::World;
use crate::world::session::{Frequency, SessionStatus};

/// The default Region of clients.
const HOME_REGION: &str = "us-east-1";

/// The simulated AWS, served on loopback by a thread of its own until this is dropped.
#[derive(Debug)]
pub struct Simulation {
    aws: Arc<SimulatedAws>,
    endpoint_url: String,
    access_key_id: String,
    /// The server stops when this is gone.
    stop: Option<oneshot::Sender<Infallible>>,
    server: Option<JoinHandle<()>>,
}

impl Simulation {
    /// Starts the simulated AWS of a world on 127.0.0.1. Port 0 is any that is free.
    ///
    /// When this returns, requests are already accepted.
    pub fn start(world: World, port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let endpoint_url = format!("http://{}", listener.local_addr()?);
        let access_key_id = Principal::User { account: world.caller() }.access_key_id();
        let aws = Arc::new(SimulatedAws::new(world));
        let (stop, stopped) = oneshot::channel();

        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let shared = Arc::clone(&aws);
        let server = thread::Builder::new()
            .name("simulated-aws".to_owned())
            .spawn(move || runtime.block_on(serve(listener, shared, stopped)))?;
        Ok(Self { aws, endpoint_url, access_key_id, stop: Some(stop), server: Some(server) })
    }

    /// The URL of all services in all Regions, such as `http://127.0.0.1:4566`.
    pub fn endpoint_url(&self) -> &str {
        &self.endpoint_url
    }

    /// The access key id of the IAM user `auditor` in the caller's account. It is no secret, and is the same in each run.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The secret access key. It is the same for every key, and no secret either.
    pub fn secret_access_key(&self) -> &'static str {
        SECRET_ACCESS_KEY
    }

    /// The default Region of clients.
    pub fn region(&self) -> &'static str {
        HOME_REGION
    }

    /// The environment variables that lead any AWS SDK, and the AWS CLI, here.
    ///
    /// Source: AWS SDKs and Tools Reference Guide, "Environment variables list".
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ENDPOINT_URL", self.endpoint_url.clone()),
            ("AWS_ACCESS_KEY_ID", self.access_key_id.clone()),
            ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY.to_owned()),
            // Some read the one, some the other.
            ("AWS_REGION", HOME_REGION.to_owned()),
            ("AWS_DEFAULT_REGION", HOME_REGION.to_owned()),
        ]
    }

    /// Stops the clock of the rate limits and of temporary credentials, so that what is throttled, and what has expired,
    /// depends on nothing but [`Self::pass_time`].
    pub fn stop_clock(&self) {
        self.aws.clock().stop();
    }

    /// Stops the clock of the rate limits and of temporary credentials, and moves it on. The time of day stays as it is.
    pub fn pass_time(&self, length: Duration) {
        self.aws.clock().pass(length);
    }

    /// How often each operation was called, by `service:Operation`, whatever became of the calls.
    pub fn calls(&self) -> BTreeMap<String, u64> {
        self.aws.call_counts().by_action()
    }

    /// Begins the list of [`Self::requests`].
    pub fn log_requests(&self) {
        self.aws.request_log().switch_on();
    }

    /// The requests since [`Self::log_requests`], in order, whatever became of them: operation, account, Region and body, such as
    /// `ssm:DescribeSessions 111122223333 eu-west-1 {"State":"Active"}`. Macie's reads have no body. The account is that of the
    /// credentials, or that of the role to be assumed.
    pub fn requests(&self) -> Vec<String> {
        self.aws.request_log().requests()
    }

    /// Whether an operation that changes anything was ever called, even if the call was refused.
    pub fn was_written_to(&self) -> bool {
        self.aws.call_counts().calls().any(|(operation, _): (Operation, u64)| operation.writes())
    }

    /// The calls that changed something, in order: `macie2:UpdateMacieSession 111122223333 eu-central-1`, with the account
    /// that they changed. Calls that were refused are not among them; those whose answer got lost are.
    pub fn written(&self) -> Vec<String> {
        self.aws.written().calls()
    }

    /// The session of a target as it is now, whether or not that shows already. `None`: Macie is not enabled there.
    pub fn session(&self, account: AccountId, region: Region) -> Option<(SessionStatus, Frequency)> {
        let session = self.aws.states().now(self.aws.world(), account, region).session?;
        Some((session.config.status, session.config.frequency))
    }

    /// How many classification jobs of a target are neither finished nor cancelled.
    pub fn jobs(&self, account: AccountId, region: Region) -> u64 {
        self.aws.states().now(self.aws.world(), account, region).unfinished_jobs().into()
    }

    /// The administrator of which an account is a member in a Region.
    pub fn administrator(&self, account: AccountId, region: Region) -> Option<AccountId> {
        self.aws.states().administrator(self.aws.world(), account, region)
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(server) = self.server.take()
            && server.join().is_err()
        {
            tracing::error!("the thread of the simulated AWS panicked");
        }
    }
}

/// The maximum size of a request body. No request of the simulated services comes near it.
const MAX_BODY_BYTES: usize = 1 << 20;
/// The delay between the first half of a truncated answer and the end of its connection: enough for that half to be sent.
const TRUNCATION_DELAY: Duration = Duration::from_millis(20);
/// The number of bytes that a truncated answer announces and never sends.
const MISSING_BYTES: usize = 4096;
/// The delay after a failure to accept a connection, which happens when the process is out of file descriptors.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(50);

/// The maximum number of pieces of a slow body.
const MAX_PIECES: usize = 100;

type Body = UnsyncBoxBody<Bytes, io::Error>;

/// Serves connections until the sender of `stop` is dropped.
pub(crate) async fn serve(
    listener: tokio::net::TcpListener,
    aws: Arc<SimulatedAws>,
    mut stop: oneshot::Receiver<Infallible>,
) {
    loop {
        tokio::select! {
            _ = &mut stop => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(tokio::spawn(serve_connection(stream, Arc::clone(&aws)))),
                Err(error) => {
                    tracing::debug!(%error, "the simulated AWS cannot accept a connection");
                    tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
                }
            },
        }
    }
}

async fn serve_connection(stream: TcpStream, aws: Arc<SimulatedAws>) {
    // Answers are small: without this, the kernel would delay them to send more at once.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "the simulated AWS cannot hasten a connection");
    }
    let service = service_fn(|request| respond(request, &aws));
    if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await {
        // Also what becomes of each connection that a fault closes.
        tracing::debug!(%error, "a connection to the simulated AWS ended");
    }
}

/// An error closes the connection without an answer.
async fn respond(request: hyper::Request<Incoming>, aws: &SimulatedAws) -> Result<hyper::Response<Body>, io::Error> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, MAX_BODY_BYTES).collect().await.map_err(io::Error::other)?.to_bytes();
    let (delay, reply) = aws.handle_request(&parts, body);
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    match reply {
        Reply::Answer(answer) => Ok(whole(answer)),
        Reply::Drip(answer, length) => Ok(dripping(answer, length)),
        Reply::Cut(answer) => Ok(cut(answer)),
        Reply::Close => Err(io::Error::new(io::ErrorKind::ConnectionAborted, "closed without an answer")),
        Reply::Silence => std::future::pending().await,
    }
}

fn whole(answer: Answer) -> hyper::Response<Body> {
    response(
        Answer { body: Bytes::new(), ..answer },
        Full::new(answer.body).map_err(|never| match never {}).boxed_unsync(),
    )
}

fn dripping(mut answer: Answer, length: Duration) -> hyper::Response<Body> {
    let body = std::mem::take(&mut answer.body);
    answer.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    let start = Instant::now();
    let size = body.len().div_ceil(MAX_PIECES).max(1);
    let pieces: Vec<Bytes> =
        (0..body.len()).step_by(size).map(|from| body.slice(from..(from + size).min(body.len()))).collect();
    let pause = length / u32::try_from(pieces.len()).unwrap_or(1).max(1);
    let send = move |(number, piece): (u32, Bytes)| async move {
        // Counted from the start, so that delays do not add up.
        tokio::time::sleep((pause * number).saturating_sub(start.elapsed())).await;
        Ok(Frame::data(piece))
    };
    response(answer, StreamBody::new(stream::iter((1..).zip(pieces)).then(send)).boxed_unsync())
}

fn cut(mut answer: Answer) -> hyper::Response<Body> {
    let sent = std::mem::take(&mut answer.body);
    answer.headers.insert(CONTENT_LENGTH, HeaderValue::from(sent.len() + MISSING_BYTES));
    let half = stream::iter([Ok(Frame::data(sent))]);
    let end = stream::once(async {
        tokio::time::sleep(TRUNCATION_DELAY).await;
        Err(io::Error::new(io::ErrorKind::ConnectionAborted, "cut within the answer"))
    });
    response(answer, StreamBody::new(half.chain(end)).boxed_unsync())
}

fn response(answer: Answer, body: Body) -> hyper::Response<Body> {
    let mut response = hyper::Response::new(body);
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    response
}
