//! AWS Systems Manager as one account sees it in one Region: Session documents, and sessions of Session Manager.

mod documents;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::body::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use strum::{EnumString, VariantNames};

use crate::account_id::AccountId;
use crate::operation::{Operation, WriteLog};
use crate::region::Region;
use crate::request::{invalid, json, page_size, required};
use crate::response::{Answer, ServiceError, seconds};
use crate::ssm::documents::{DocumentInput, DocumentStore};
use crate::world::World;
use crate::world::session_manager::ManagedSession;

/// The maximum page size, and the default.
///
/// Source: AWS Systems Manager API Reference, DescribeSessions, `MaxResults`; what it does without is not documented.
const MAX_PAGE_SIZE: usize = 200;
const DEFAULT_PAGE_SIZE: usize = 50;

/// The most filters of a request. Source: AWS Systems Manager API Reference, DescribeSessions, `Filters`.
const MAX_FILTERS: usize = 6;

/// Time for which an ended session stays in the history. Source: AWS Systems Manager API Reference, DescribeSessions, `State`.
const RETENTION: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Systems Manager's state of all targets.
#[derive(Debug)]
pub(crate) struct SystemsManagerStore {
    /// The start of the simulation, from which times ago are counted.
    started: Timestamp,
    documents: DocumentStore,
    /// The times of the answers to DescribeSessions, of targets where a session ends with one.
    answers: Mutex<BTreeMap<(AccountId, Region), Vec<Timestamp>>>,
}

/// Systems Manager in one account and Region, for one request.
pub(crate) struct SystemsManager<'a> {
    pub(crate) world: &'a World,
    pub(crate) store: &'a SystemsManagerStore,
    pub(crate) id: AccountId,
    pub(crate) region: Region,
}

/// The two lists of sessions, as the API spells them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, VariantNames)]
enum State {
    Active,
    History,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeSessionsInput {
    state: Option<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
    #[serde(default)]
    filters: Vec<Filter>,
}

/// A condition on a session. The protocol has its keys in lower case.
#[derive(Deserialize)]
struct Filter {
    key: String,
    value: String,
}

impl SystemsManagerStore {
    pub(crate) fn new(started: Timestamp, log: Arc<WriteLog>) -> Self {
        Self { started, documents: DocumentStore::new(log), answers: Mutex::default() }
    }

    fn answers(&self, target: (AccountId, Region)) -> Vec<Timestamp> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.get(&target).cloned().unwrap_or_default()
    }

    fn count_answer(&self, target: (AccountId, Region), now: Timestamp) {
        // A push cannot fail half-way, so a panic cannot leave half of it.
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).entry(target).or_default().push(now);
    }
}

impl SystemsManager<'_> {
    /// Answers a request at a time of day.
    pub(crate) fn answer(&self, operation: Operation, body: &Bytes, now: Timestamp) -> Result<Answer, ServiceError> {
        let documents = &self.store.documents;
        let target = (self.world, self.id, self.region);
        let body = match operation {
            Operation::DescribeSessions => self.describe_sessions(&json(body)?, now)?,
            Operation::GetDocument => documents.get(target, &json(body)?)?,
            Operation::DescribeDocument => documents.describe(target, &json(body)?)?,
            Operation::CreateDocument => documents.create(target, &json(body)?)?,
            Operation::UpdateDocument => documents.update(target, &json(body)?)?,
            Operation::UpdateDocumentDefaultVersion => documents.set_default(target, &json(body)?)?,
            // Of other services.
            _ => return Err(ServiceError::bad_request("UnknownOperationException", "")),
        };
        Ok(Answer::json_1_1(&body))
    }

    /// One page of the active or of the ended sessions.
    ///
    /// Source: AWS Systems Manager API Reference, DescribeSessions. A token is the last session before the page, so that one
    /// that ends in between neither skips nor repeats another.
    fn describe_sessions(&self, input: &DescribeSessionsInput, now: Timestamp) -> Result<Value, ServiceError> {
        let state: State = required(input.state.clone(), "state")?;
        let size = page_size(input.max_results, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)?;
        let filters = parse_filters(&input.filters)?;
        let about = about(state, &input.filters);
        let first = match input.next_token.as_deref().map(|token| token.strip_prefix(&about)?.parse::<usize>().ok()) {
            None => 0,
            Some(last) => last.ok_or_else(invalid_token)?.saturating_add(1),
        };
        let target = (self.id, self.region);
        let account = self.world.account(self.id);
        let list = account.map(|account| account.session_manager.sessions(self.region)).unwrap_or_default();
        let answers = self.store.answers(target);
        let are_ended = state == State::History;
        let wanted = list.candidates(target, first, are_ended).filter_map(|(number, session)| {
            let session = self.current(session, &answers);
            let is_kept = session.ended.is_none_or(|ended| now.duration_since(ended) <= RETENTION);
            let is_wanted = session.is_ended == are_ended && is_kept && filters.iter().all(|one| one.holds(&session));
            is_wanted.then_some((number, session))
        });
        let mut rest = wanted.peekable();
        let page: Vec<(usize, CurrentSession)> = rest.by_ref().take(size).collect();
        let next = rest.peek().and(page.last()).map(|(last, _)| format!("{about}{last}"));
        let sessions: Vec<Value> = page.iter().map(|(_, session)| session.shape()).collect();
        let mut body = json!({ "Sessions": sessions });
        if let Some(next) = next {
            body["NextToken"] = next.into();
        }
        if list.changes() {
            self.store.count_answer(target, now);
        }
        Ok(body)
    }

    /// A session after these answers.
    fn current(&self, mut session: ManagedSession, answers: &[Timestamp]) -> CurrentSession {
        let ends_after = session.ends_after.and_then(|count| usize::try_from(count.get()).ok()?.checked_sub(1));
        let ended_since = ends_after.and_then(|answer| answers.get(answer)).copied();
        if ended_since.is_some() {
            session.status = Some("Terminated".to_owned());
        }
        let started = session.started.map(|time| time.moment(self.store.started));
        let ended = ended_since.or_else(|| session.ended.map(|time| time.moment(self.store.started)));
        CurrentSession { is_ended: ended_since.is_some() || session.is_ended(), session, started, ended }
    }
}

/// A session with its times.
struct CurrentSession {
    session: ManagedSession,
    is_ended: bool,
    started: Option<Timestamp>,
    ended: Option<Timestamp>,
}

impl CurrentSession {
    /// The session in an answer.
    fn shape(&self) -> Value {
        let mut shape = json!(self.session);
        for (key, moment) in [("StartDate", self.started), ("EndDate", self.ended)] {
            if let Some(moment) = moment {
                shape[key] = seconds(moment);
            }
        }
        shape
    }
}

/// A parsed filter.
enum Condition<'a> {
    StartedAfter(Timestamp),
    StartedBefore(Timestamp),
    Equals(Field, &'a str),
}

/// A field of a session that a filter compares.
type Field = fn(&ManagedSession) -> Option<&str>;

/// Source: AWS Systems Manager API Reference, SessionFilter.
const FIELDS: [(&str, Field); 5] = [
    ("Target", |session| session.target.as_deref()),
    ("Owner", |session| session.owner.as_deref()),
    ("Status", |session| session.status.as_deref()),
    ("SessionId", |session| Some(&session.id)),
    ("AccessType", |session| session.access_type.as_deref()),
];

impl Condition<'_> {
    fn holds(&self, session: &CurrentSession) -> bool {
        match self {
            Self::StartedAfter(moment) => session.started.is_some_and(|started| started > *moment),
            Self::StartedBefore(moment) => session.started.is_some_and(|started| started < *moment),
            Self::Equals(field, value) => field(&session.session) == Some(value),
        }
    }
}

fn parse_filters(filters: &[Filter]) -> Result<Vec<Condition<'_>>, ServiceError> {
    if filters.len() > MAX_FILTERS {
        return Err(invalid(format!("Filters has more than {MAX_FILTERS} items")));
    }
    filters.iter().map(Filter::condition).collect()
}

impl Filter {
    fn condition(&self) -> Result<Condition<'_>, ServiceError> {
        let moment = || self.value.parse().map_err(|_| invalid(format!("{:?} is no date and time", self.value)));
        match self.key.as_str() {
            "InvokedAfter" => Ok(Condition::StartedAfter(moment()?)),
            "InvokedBefore" => Ok(Condition::StartedBefore(moment()?)),
            key => match FIELDS.into_iter().find(|(name, _)| *name == key) {
                Some((_, field)) => Ok(Condition::Equals(field, &self.value)),
                None => Err(ServiceError::bad_request("InvalidFilterKey", "The specified key isn't valid.")),
            },
        }
    }
}

/// Prefix of the session's number in the token of a list.
fn about(state: State, filters: &[Filter]) -> String {
    let text = filters.iter().fold(format!("{state:?}"), |text, Filter { key, value }| format!("{text} {key} {value}"));
    let digest = Sha256::digest(text);
    let digits = digest.iter().take(8).fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    format!("{}/{digits}/", Operation::DescribeSessions.name())
}

fn invalid_token() -> ServiceError {
    ServiceError::bad_request("InvalidNextToken", "The specified token isn't valid.")
}

/// The resource of a request, as a denial names it.
///
/// Source: Service Authorization Reference, "Resource types defined by AWS Systems Manager". DescribeSessions has none.
pub(crate) fn resource(account: AccountId, region: Region, body: &Bytes) -> String {
    let document = json::<DocumentInput>(body).ok().and_then(|input| input.name);
    match document {
        Some(name) => documents::arn(account, region, &name),
        None => format!("arn:aws:ssm:{region}:{account}:*"),
    }
}
