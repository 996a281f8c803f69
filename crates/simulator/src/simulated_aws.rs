//! The simulated AWS: authentication, authorization, faults and routing, from a request to a reply.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::http::request::Parts;

use crate::account_id::AccountId;
use crate::account_management;
use crate::clock::{Limits, SimClock, WallClock};
use crate::macie::state_store::StateStore;
use crate::macie::{Macie, service_role};
use crate::operation::{Operation, Service, WriteLog};
use crate::organizations::Organizations;
use crate::principal::Principal;
use crate::request::{Request, UnroutableRequest};
use crate::request_log::{CallCounts, RequestLog};
use crate::response::{Answer, Reply, ServiceError};
use crate::ssm::{SystemsManager, SystemsManagerStore};
use crate::sts::{RoleArn, Sts, role_arn};
use crate::world::World;
use crate::world::account::Account;
use crate::world::fault::{FaultKind, FaultQueue};
use crate::{organizations, principal, response, ssm};

/// The simulated AWS.
#[derive(Debug)]
pub(crate) struct SimulatedAws {
    world: World,
    states: StateStore,
    systems_manager: SystemsManagerStore,
    written: Arc<WriteLog>,
    script: FaultQueue,
    clock: SimClock,
    time: WallClock,
    limits: Limits,
    call_counts: CallCounts,
    request_log: RequestLog,
    /// The number of requests, also of those that reach no operation.
    requests: AtomicU64,
}

impl SimulatedAws {
    pub(crate) fn new(mut world: World) -> Self {
        let script = FaultQueue::new(world.take_faults());
        let (clock, time) = (SimClock::start(), WallClock::new(world.clock()));
        let written = Arc::<WriteLog>::default();
        Self {
            limits: Limits::new(&world, &clock),
            clock,
            time,
            world,
            states: StateStore::new(Arc::clone(&written)),
            systems_manager: SystemsManagerStore::new(time.now(), Arc::clone(&written)),
            written,
            script,
            call_counts: CallCounts::default(),
            request_log: RequestLog::default(),
            requests: AtomicU64::new(0),
        }
    }

    /// The clock of the rate limits and of temporary credentials.
    pub(crate) fn clock(&self) -> &SimClock {
        &self.clock
    }

    pub(crate) fn call_counts(&self) -> &CallCounts {
        &self.call_counts
    }

    pub(crate) fn request_log(&self) -> &RequestLog {
        &self.request_log
    }

    pub(crate) fn world(&self) -> &World {
        &self.world
    }

    /// The calls that changed something.
    pub(crate) fn written(&self) -> &WriteLog {
        &self.written
    }

    /// The state of Macie.
    pub(crate) fn states(&self) -> &StateStore {
        &self.states
    }

    /// The reply to a request, and its delay.
    pub(crate) fn handle_request(&self, parts: &Parts, body: Bytes) -> (Duration, Reply) {
        // Of the shape of the real ones, but the same in each run.
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let request_id = format!("00000000-0000-4000-8000-{number:012x}");
        let mut delay = self.world.latency();
        let reply = match Request::read(parts, body) {
            Err(UnroutableRequest::Refused(service, failure)) => answered(service, Err(failure), &request_id),
            // AWS does not resolve the name of an endpoint that does not exist. Here, the connection closes.
            Err(UnroutableRequest::NoEndpoint(operation)) => {
                self.call_counts.count(operation);
                Reply::Close
            }
            Ok(request) => self.handle(&request, &request_id, &mut delay),
        };
        (delay, reply.dated(self.time.date()))
    }

    fn handle(&self, request: &Request, request_id: &str, delay: &mut Duration) -> Reply {
        let operation = request.operation;
        let service = operation.service();
        self.call_counts.count(operation);
        let about = subject(request);
        self.request_log.add(operation, about, request.region, &request.body);
        let answered = |result| answered(service, result, request_id);
        let mut instead = None;
        let mut fate = None;
        let mut drip = None;
        match self.script.next(about, request.region, operation) {
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
            Some(FaultKind::Throttle) => return answered(Err(response::throttle(service))),
            Some(FaultKind::TooManyRequests) => return answered(Err(response::too_many_requests())),
            Some(FaultKind::ServerError) => return answered(Err(response::server_error(service))),
            Some(FaultKind::ExpiredToken) => return answered(Err(ServiceError::expired_token(service))),
            Some(FaultKind::UnrecognizedClient) => return answered(Err(ServiceError::unknown_token(service))),
            Some(FaultKind::Bare429) => return answered(Ok(Answer::empty(StatusCode::TOO_MANY_REQUESTS))),
            Some(FaultKind::Empty200) => return answered(Ok(Answer::empty(StatusCode::OK))),
            Some(FaultKind::Html503) => return response::proxy_page(StatusCode::SERVICE_UNAVAILABLE),
            Some(FaultKind::ForeignBody) => return response::proxy_page(StatusCode::OK),
            Some(FaultKind::Hang) => return Reply::Silence,
            Some(FaultKind::Reset) => return Reply::Close,
            Some(FaultKind::Truncated) => return Reply::Cut(Answer::new(StatusCode::OK, "application/json", "{\"")),
            Some(FaultKind::Error { status, code, message }) => {
                return answered(Err(ServiceError::new(*status, code.clone(), message.as_str())));
            }
            Some(FaultKind::Answer(answer)) => return response::verbatim(answer),
        }
        let reply = answered(self.serve(request, instead, request_id));
        match (fate, drip, reply) {
            (Some(fate), ..) => fate,
            (None, Some(length), Reply::Answer(answer)) => Reply::Drip(answer, length),
            (None, _, reply) => reply,
        }
    }

    /// The answer of AWS without faults; with `instead`, STS answers with the identity of another account.
    fn serve(&self, request: &Request, instead: Option<AccountId>, request_id: &str) -> Result<Answer, ServiceError> {
        let operation = &request.operation;
        let (principal, account) = self.authenticate(request)?;
        if !self.limits.allow(&self.world, *operation, (principal.account(), request.region)) {
            return Err(response::throttle(operation.service()));
        }
        if let Some(refusal) = refusal(&self.world, &self.states, request, (&principal, account)) {
            return Err(refusal);
        }
        let sts = Sts { world: &self.world, clock: &self.clock, time: self.time, request_id };
        match operation.service() {
            Service::Sts if *operation == Operation::AssumeRole => sts.assume_role(&principal, &request.form, instead),
            Service::Sts => sts.get_caller_identity(&match instead {
                Some(instead) => principal.moved_to(instead),
                None => principal,
            }),
            Service::Account => account_management::list_regions(&self.world, &principal, &request.body),
            Service::Organizations => {
                Organizations::answer(&self.world, principal.account(), *operation, &request.body)
            }
            Service::Macie => self.macie(&principal, request).answer(request),
            Service::Ssm => {
                let (id, region) = (principal.account(), request.region);
                let manager = SystemsManager { world: &self.world, store: &self.systems_manager, id, region };
                manager.answer(*operation, &request.body, self.time.now())
            }
        }
    }

    /// The principal of a request, and its account. An opt-in Region that is off knows no principal, nor does another partition.
    fn authenticate(&self, request: &Request) -> Result<(Principal, &Account), ServiceError> {
        let service = request.operation.service();
        if let Some(refusal) = request.signed.and_then(|signed| self.time.refusal(signed, service)) {
            return Err(refusal);
        }
        let unknown = || ServiceError::unknown_token(service);
        let token = request.session_token.as_deref();
        let known = Principal::from_credentials(&self.world, &request.access_key_id, token);
        let (principal, end) = known.ok_or_else(unknown)?;
        let account = self.world.account(principal.account()).ok_or_else(unknown)?;
        if !request.region.is_commercial() || !account.is_on(request.region) {
            return Err(unknown());
        }
        if end.is_some_and(|end| end <= self.clock.elapsed()) {
            return Err(ServiceError::expired_token(service));
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
        Macie { world: &self.world, states: &self.states, id, region: request.region }
    }
}

fn answered(service: Service, result: Result<Answer, ServiceError>, request_id: &str) -> Reply {
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

/// The action that the first session of an account needs in addition.
const CREATE_SERVICE_ROLE: &str = "iam:CreateServiceLinkedRole";

/// The refusal of a request, by a policy that denies it or for want of one that allows it.
pub(crate) fn refusal(
    world: &World,
    states: &StateStore,
    request: &Request,
    (principal, account): (&Principal, &Account),
) -> Option<ServiceError> {
    let Request { operation, region, .. } = *request;
    let refused = |action: &str, resource: &str, reason: &str| {
        Some(ServiceError::denied(operation.service(), &principal.arn(), action, resource, reason))
    };
    if let Some(denial) = account.denial(operation, region) {
        let reason = denial.reason(operation).to_string();
        return refused(&operation.action(), &resource(world, request, principal), &reason);
    }
    let may = |action: &str| principal.role().is_none_or(|role| account.permissions.allow(role, action));
    let not_allowed = |action: &str| format!("because no identity-based policy allows the {action} action");
    if operation != Operation::GetCallerIdentity && !may(&operation.action()) {
        let action = operation.action();
        return refused(&action, &resource(world, request, principal), &not_allowed(&action));
    }
    // Source: Amazon Macie User Guide, "Using service-linked roles for Macie": whoever enables Macie first creates the role.
    let needs_role = operation == Operation::EnableMacie && !states.has_service_role(world, principal.account());
    if needs_role && !may(CREATE_SERVICE_ROLE) {
        let role = service_role(principal.account(), region);
        return refused(CREATE_SERVICE_ROLE, &role, &not_allowed(CREATE_SERVICE_ROLE));
    }
    None
}

/// The resource of a request, as a denial names it.
///
/// Source: the Service Authorization Reference of each service.
fn resource(world: &World, request: &Request, principal: &Principal) -> String {
    let Request { operation, region, ref body, .. } = *request;
    let account = principal.account();
    match operation.service() {
        Service::Sts => role_arn(request).unwrap_or("*").to_owned(),
        Service::Account => account_management::resource(world, account, body),
        Service::Organizations => {
            organizations::resource(world.organization(), operation, body).unwrap_or_else(|| "*".to_owned())
        }
        Service::Macie => format!("arn:aws:macie2:{region}:{account}:*"),
        Service::Ssm => ssm::resource(account, region, body),
    }
}
