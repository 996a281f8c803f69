//! A running simulation.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::runtime;
use tokio::sync::oneshot;

use crate::account_id::AccountId;
use crate::region::Region;
use crate::world::Frequency;

use super::operation::Operation;
use super::principal::{Principal, SECRET_ACCESS_KEY};
use super::server;
use super::simulated_aws::SimulatedAws;
use super::world::{SessionStatus, World};

/// The Region that clients are told to start from.
const HOME_REGION: &str = "us-east-1";

/// The simulated AWS, served on loopback by a thread of its own until this is dropped.
#[derive(Debug)]
pub struct Simulation {
    cloud: Arc<SimulatedAws>,
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
        let cloud = Arc::new(SimulatedAws::new(world));
        let (stop, stopped) = oneshot::channel();

        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let shared = Arc::clone(&cloud);
        let server = thread::Builder::new()
            .name("simulated-aws".to_owned())
            .spawn(move || runtime.block_on(server::serve(listener, shared, stopped)))?;
        Ok(Self { cloud, endpoint_url, access_key_id, stop: Some(stop), server: Some(server) })
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

    /// The Region that clients are told to start from.
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
        self.cloud.clock().stop();
    }

    /// Stops the clock of the rate limits and of temporary credentials, and moves it on. The time of day stays as it is.
    pub fn pass_time(&self, length: Duration) {
        self.cloud.clock().pass(length);
    }

    /// How often each operation was called, by `service:Operation`, whatever became of the calls.
    pub fn calls(&self) -> BTreeMap<String, u64> {
        self.cloud.tally().by_action()
    }

    /// Whether an operation that changes anything was ever called, even if the call was refused.
    pub fn was_written_to(&self) -> bool {
        self.cloud.tally().calls().any(|(operation, _): (Operation, u64)| operation.writes())
    }

    /// The calls that changed something, in order: `macie2:UpdateMacieSession 111122223333 eu-central-1`, with the account
    /// that they changed. Calls that were refused are not among them; those whose answer got lost are.
    pub fn written(&self) -> Vec<String> {
        self.cloud.standings().written()
    }

    /// The session of a target as it is now, whether or not that shows already. `None`: Macie is not enabled there.
    pub fn session(&self, account: AccountId, region: Region) -> Option<(SessionStatus, Frequency)> {
        let session = self.cloud.standings().now(self.cloud.world(), account, region).session?;
        Some((session.status, session.frequency))
    }

    /// How many classification jobs of a target are neither finished nor cancelled.
    pub fn jobs(&self, account: AccountId, region: Region) -> u64 {
        self.cloud.standings().now(self.cloud.world(), account, region).unfinished_jobs().into()
    }

    /// The administrator of which an account is a member in a Region.
    pub fn administrator(&self, account: AccountId, region: Region) -> Option<AccountId> {
        self.cloud.standings().administrator(self.cloud.world(), account, region)
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
