//! The fan-out over HTTP: whose credentials ask what, what is never asked, and that no target is ever lost.

mod accounts;
mod limits;
mod regions;
mod strain;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::stub::{Ask, CALLER, Reply, Stub, assumed, assumed_account, regions, session};
use driftline::aws::{AccessOptions, AwsSession, ConnectError, Source};
use driftline::collect::{CollectLimits, Collected, Collector, ReadRequest};
use driftline::model::{RegionTable, Target, UnreadReason};
use driftline::resource::{LiveStatus, NotApplicable, NotEnabledEvidence, Reading};
use tokio::sync::Semaphore;

const A: &str = "000000000001";
const B: &str = "000000000002";

fn options(stub: &Stub) -> AccessOptions {
    let mut options = AccessOptions::new(Source::Fixed {
        endpoint_url: stub.url.clone(),
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret_access_key: "hush".to_owned(),
        region: "us-east-1".parse().expect("a Region"),
    });
    options.role = Some("Read".parse().expect("a role"));
    options
}

async fn connect(stub: &Stub) -> AwsSession {
    let mut options = options(stub);
    options.attempts = NonZeroU32::MIN;
    AwsSession::connect(options).await.expect("a way to the stub")
}

fn pattern(account: &str, region: &str) -> ReadRequest {
    let target = Target::macie_session(account.parse().expect("an id"), region.parse().expect("a Region"));
    ReadRequest { target, region_named: false, member_list_suffices: false, declared: None }
}

fn named(account: &str, region: &str) -> ReadRequest {
    ReadRequest { region_named: true, ..pattern(account, region) }
}

fn at_once(calls: usize) -> CollectLimits {
    CollectLimits { concurrency: NonZeroUsize::new(calls).expect("more than none"), deadline: None, keeps_open: false }
}

async fn read(access: &AwsSession, questions: &[ReadRequest]) -> Collected {
    Collector::new(access, questions, &RegionTable::bundled(), at_once(8), &|_| ())
        .collect(std::future::pending())
        .await
}

fn is_on(reading: &Reading) -> bool {
    matches!(reading, Reading::On(session) if session.status == LiveStatus::Enabled)
}

fn reason(reading: &Reading) -> Option<UnreadReason> {
    match reading {
        Reading::Unread(unread) => Some(unread.reason),
        _ => None,
    }
}

fn message(reading: &Reading) -> &str {
    match reading {
        Reading::Unread(unread) => unread.evidence.message.as_deref().unwrap_or_default(),
        _ => "",
    }
}

fn refused() -> Reply {
    Reply::error(403, "UnrecognizedClientException", "The security token included in the request is invalid.")
}

fn is_assume_role(ask: &Ask) -> bool {
    ask.body.contains("Action=AssumeRole")
}
