//! The HTTP server: connections that answer, stay silent, or break where the world says so.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt as _};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, Limited, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::{CONTENT_LENGTH, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::answer::{Answer, Reply};
use super::simulated_aws::SimulatedAws;

/// The largest body that is read. No request of the simulated services comes near.
const LARGEST_BODY: usize = 1 << 20;
/// How long after its first half a cut answer breaks off: long enough for that half to leave.
const UNTIL_CUT: Duration = Duration::from_millis(20);
/// How many bytes a cut answer promises and never sends.
const MISSING: usize = 4096;
/// How long to wait when no connection can be accepted, which is when the process has no file left to open.
const UNTIL_RETRY: Duration = Duration::from_millis(50);

/// In how many bits a body comes that takes its time.
const MOST_BITS: usize = 100;

type Body = UnsyncBoxBody<Bytes, io::Error>;

/// Serves connections until `stop` is told, or its sender is gone.
pub(super) async fn serve(listener: TcpListener, cloud: Arc<SimulatedAws>, mut stop: oneshot::Receiver<Infallible>) {
    loop {
        tokio::select! {
            _ = &mut stop => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(tokio::spawn(converse(stream, Arc::clone(&cloud)))),
                Err(error) => {
                    tracing::debug!(%error, "the simulated AWS cannot accept a connection");
                    tokio::time::sleep(UNTIL_RETRY).await;
                }
            },
        }
    }
}

async fn converse(stream: TcpStream, cloud: Arc<SimulatedAws>) {
    // Answers are small, and nobody wants to wait for more to be sent along.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "the simulated AWS cannot hasten a connection");
    }
    let service = service_fn(|request| respond(request, &cloud));
    if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await {
        // Also what becomes of each connection that a fault closes.
        tracing::debug!(%error, "a connection to the simulated AWS ended");
    }
}

/// An error closes the connection without an answer.
async fn respond(request: hyper::Request<Incoming>, cloud: &SimulatedAws) -> Result<hyper::Response<Body>, io::Error> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, LARGEST_BODY).collect().await.map_err(io::Error::other)?.to_bytes();
    let (delay, reaction) = cloud.handle_request(&parts, body);
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    match reaction {
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
    let size = body.len().div_ceil(MOST_BITS).max(1);
    let bits: Vec<Bytes> =
        (0..body.len()).step_by(size).map(|from| body.slice(from..(from + size).min(body.len()))).collect();
    let pause = length / u32::try_from(bits.len()).unwrap_or(1).max(1);
    let bit = move |(number, bit): (u32, Bytes)| async move {
        // Counted from the start, so that what each pause is too long does not add up.
        tokio::time::sleep((pause * number).saturating_sub(start.elapsed())).await;
        Ok(Frame::data(bit))
    };
    response(answer, StreamBody::new(stream::iter((1..).zip(bits)).then(bit)).boxed_unsync())
}

fn cut(mut answer: Answer) -> hyper::Response<Body> {
    let sent = std::mem::take(&mut answer.body);
    answer.headers.insert(CONTENT_LENGTH, HeaderValue::from(sent.len() + MISSING));
    let half = stream::iter([Ok(Frame::data(sent))]);
    let end = stream::once(async {
        tokio::time::sleep(UNTIL_CUT).await;
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
