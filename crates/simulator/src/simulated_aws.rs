//! The simulated AWS itself: from a request to what happens to it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::http::request::Parts;

use crate::account_id::AccountId;

use super::answer::{Answer, Failure, Reply};
use super::authorization;
use super::call_counts::Tally;
use super::fault_answer;
use super::fault_queue::FaultScript;
use super::limits::Limits;
use super::macie::{Macie, StateStore};
use super::operation::{Operation, Service};
use super::organizations::Organizations;
use super::principal::{self, Principal};
use super::request::{Request, UnroutableRequest};
use super::sim_clock::Stopwatch;
use super::sts::{RoleArn, Sts, role_arn};
use super::wall_clock::TimeOfDay;
use super::world::{Account, FaultKind, World};

/// The simulated AWS.
#[derive(Debug)]
pub(super) struct SimulatedAws {
    world: World,
    standings: StateStore,
    script: FaultScript,
    clock: Stopwatch,
    time: TimeOfDay,
    limits: Limits,
    tally: Tally,
    requests: AtomicU64,
}

impl SimulatedAws {
    pub(super) fn new(mut world: World) -> Self {
        let script = FaultScript::new(world.take_faults());
        let clock = Stopwatch::start();
        Self {
            limits: Limits::new(&world, &clock),
            clock,
            time: TimeOfDay::new(world.clock()),
            world,
            standings: StateStore::default(),
            script,
            tally: Tally::default(),
            requests: AtomicU64::new(0),
        }
    }

    /// The clock of the rate limits and of temporary credentials.
    pub(super) fn clock(&self) -> &Stopwatch {
        &self.clock
    }

    pub(super) fn tally(&self) -> &Tally {
        &self.tally
    }

    pub(super) fn world(&self) -> &World {
        &self.world
    }

    /// The state of Macie.
    pub(super) fn standings(&self) -> &StateStore {
        &self.standings
    }

    /// Decides what happens to a request, and how long that takes.
    pub(super) fn handle_request(&self, parts: &Parts, body: Bytes) -> (Duration, Reply) {
        // Of the shape of the real ones, but the same in each run.
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let request_id = format!("00000000-0000-4000-8000-{number:012x}");
        let mut delay = self.world.latency();
        let reaction = match Request::read(parts, body) {
            Err(UnroutableRequest::Refused(service, failure)) => answered(service, Err(failure), &request_id),
            // AWS does not resolve the name of an endpoint that does not exist. Here, the connection closes.
            Err(UnroutableRequest::NoEndpoint(operation)) => {
                self.tally.count(operation);
                Reply::Close
            }
            Ok(request) => self.handle(&request, &request_id, &mut delay),
        };
        (delay, reaction.dated(self.time.date()))
    }

    fn handle(&self, request: &Request, request_id: &str, delay: &mut Duration) -> Reply {
        let operation = request.operation;
        let service = operation.service();
        self.tally.count(operation);
        let answered = |result| answered(service, result, request_id);
        let mut instead = None;
        let mut fate = None;
        let mut drip = None;
        match self.script.next(subject(request), request.region, operation) {
            None => {}
            Some(FaultKind::Latency(length)) => *delay += *length,
            Some(FaultKind::Drip(length)) => drip = Some(*length),
            Some(FaultKind::WrongIdentity(account)) => instead = Some(*account),
            Some(FaultKind::AnswerLost) => fate = Some(Reply::Close),
            Some(FaultKind::AnswerLate) => fate = Some(Reply::Silence),
            Some(FaultKind::UnknownStatus) => {
                return self.strange_session(request, "status", "HIBERNATING", request_id);
            }
            Some(FaultKind::UnknownFrequency) => {
                return self.strange_session(request, "findingPublishingFrequency", "EVERY_FORTNIGHT", request_id);
            }
            Some(FaultKind::Throttle) => return answered(Err(fault_answer::throttle(service))),
            Some(FaultKind::TooManyRequests) => return answered(Err(fault_answer::too_many_requests())),
            Some(FaultKind::ServerError) => return answered(Err(fault_answer::server_error(service))),
            Some(FaultKind::ExpiredToken) => return answered(Err(Failure::expired_token(service))),
            Some(FaultKind::UnrecognizedClient) => return answered(Err(Failure::unknown_token(service))),
            Some(FaultKind::Bare429) => return answered(Ok(Answer::empty(StatusCode::TOO_MANY_REQUESTS))),
            Some(FaultKind::Empty200) => return answered(Ok(Answer::empty(StatusCode::OK))),
            Some(FaultKind::Html503) => return fault_answer::proxy_page(StatusCode::SERVICE_UNAVAILABLE),
            Some(FaultKind::ForeignBody) => return fault_answer::proxy_page(StatusCode::OK),
            Some(FaultKind::Hang) => return Reply::Silence,
            Some(FaultKind::Reset) => return Reply::Close,
            Some(FaultKind::Truncated) => return Reply::Cut(Answer::new(StatusCode::OK, "application/json", "{\"")),
            Some(FaultKind::Answer(answer)) => return fault_answer::verbatim(answer),
        }
        let reaction = answered(self.serve(request, instead, request_id));
        match (fate, drip, reaction) {
            (Some(fate), ..) => fate,
            (None, Some(length), Reply::Answer(answer)) => Reply::Drip(answer, length),
            (None, _, reaction) => reaction,
        }
    }

    /// The answer that AWS would give, without faults; with `instead`, about another account's identity.
    fn serve(&self, request: &Request, instead: Option<AccountId>, request_id: &str) -> Result<Answer, Failure> {
        let operation = &request.operation;
        let (principal, account) = self.authenticate(request)?;
        if !self.limits.allow(&self.world, *operation, principal.account()) {
            return Err(fault_answer::throttle(operation.service()));
        }
        if let Some(refusal) = authorization::refusal(&self.world, &self.standings, request, (&principal, account)) {
            return Err(refusal);
        }
        let sts = Sts { world: &self.world, clock: &self.clock, time: self.time, request_id };
        match operation {
            Operation::GetCallerIdentity => match instead {
                Some(instead) => sts.get_caller_identity(&principal.moved_to(instead)),
                None => sts.get_caller_identity(&principal),
            },
            Operation::AssumeRole => sts.assume_role(&principal, &request.form, instead),
            Operation::ListRegions => super::account::list_regions(&self.world, &principal, &request.body),
            Operation::DescribeAccount
            | Operation::DescribeOrganization
            | Operation::DescribeOrganizationalUnit
            | Operation::ListAccounts
            | Operation::ListAccountsForParent
            | Operation::ListDelegatedAdministrators
            | Operation::ListOrganizationalUnitsForParent
            | Operation::ListParents
            | Operation::ListRoots
            | Operation::ListTagsForResource => {
                Organizations::answer(&self.world, principal.account(), *operation, &request.body)
            }
            Operation::CreateMember
            | Operation::DisableMacie
            | Operation::EnableMacie
            | Operation::GetAdministratorAccount
            | Operation::GetMacieSession
            | Operation::GetMember
            | Operation::ListClassificationJobs
            | Operation::ListMembers
            | Operation::ListOrganizationAdminAccounts
            | Operation::UpdateMacieSession
            | Operation::UpdateMemberSession => self.macie(&principal, request).answer(request),
        }
    }

    /// Who asks, and the account that it belongs to. An opt-in Region that is off knows nobody, nor does another partition.
    fn authenticate(&self, request: &Request) -> Result<(Principal, &Account), Failure> {
        let service = request.operation.service();
        if let Some(refusal) = request.signed.and_then(|signed| self.time.refusal(signed, service)) {
            return Err(refusal);
        }
        let unknown = || Failure::unknown_token(service);
        let token = request.session_token.as_deref();
        let known = Principal::from_credentials(&self.world, &request.access_key_id, token);
        let (principal, end) = known.ok_or_else(unknown)?;
        let account = self.world.account(principal.account()).ok_or_else(unknown)?;
        if !request.region.is_commercial() || !account.is_on(request.region) {
            return Err(unknown());
        }
        if end.is_some_and(|end| end <= self.clock.elapsed()) {
            return Err(Failure::expired_token(service));
        }
        Ok((principal, account))
    }

    fn strange_session(&self, request: &Request, key: &str, word: &str, request_id: &str) -> Reply {
        let result = self
            .authenticate(request)
            .map(|(principal, _)| self.macie(&principal, request).get_session_with(key, word));
        answered(Service::Macie, result, request_id)
    }

    fn macie<'a>(&'a self, principal: &Principal, request: &'a Request) -> Macie<'a> {
        let id = principal.account();
        Macie { world: &self.world, standings: &self.standings, id, region: request.region }
    }
}

fn answered(service: Service, result: Result<Answer, Failure>, request_id: &str) -> Reply {
    let answer = result.unwrap_or_else(|failure| failure.answer(service, request_id));
    Reply::Answer(answer.with_request_id(request_id))
}

/// The account that a request is about: that of the role to be assumed, else that of the credentials.
fn subject(request: &Request) -> Option<AccountId> {
    match (request.operation, role_arn(request)) {
        (Operation::AssumeRole, arn) => RoleArn::parse(arn?).map(|role| role.account),
        _ => principal::account_of_key(&request.access_key_id),
    }
}
