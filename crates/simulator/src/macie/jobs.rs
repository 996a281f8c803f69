//! Classification jobs.

use hyper::body::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::macie::target_state::{BEGINNING, Jobs};
use crate::macie::{Macie, input};
use crate::operation::Operation;
use crate::response::{Answer, ServiceError};

/// The maximum and the default page size.
///
/// Source: Amazon Macie API Reference, ListClassificationJobs, `maxResults`; what it does without is not documented.
const MAX_PAGE_SIZE: usize = 200;
const DEFAULT_PAGE_SIZE: usize = 25;

const STATUSES: [&str; 6] = ["RUNNING", "PAUSED", "CANCELLED", "COMPLETE", "IDLE", "USER_PAUSED"];
const KEYS: [&str; 4] = ["jobType", "jobStatus", "createdAt", "name"];

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListClassificationJobsInput {
    #[serde(default)]
    filter_criteria: Criteria,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[derive(Default, Deserialize)]
struct Criteria {
    #[serde(default)]
    includes: Vec<Term>,
    #[serde(default)]
    excludes: Vec<Term>,
}

/// A condition on a job.
#[derive(Deserialize)]
struct Term {
    comparator: Option<String>,
    key: Option<String>,
    #[serde(default)]
    values: Vec<String>,
}

impl Macie<'_> {
    /// The jobs of the caller's target. Of those which are not finished, every other one is scheduled and idle.
    ///
    /// Source: Amazon Macie API Reference, ListClassificationJobs. Here, only the status can be asked for.
    pub(crate) fn list_jobs(&self, body: &Bytes) -> Result<Answer, ServiceError> {
        let operation = Operation::ListClassificationJobs;
        let input: ListClassificationJobsInput = input::json(body)?;
        let Criteria { includes, excludes } = &input.filter_criteria;
        for term in includes.iter().chain(excludes) {
            term.check()?;
        }
        let size = input::page_size(input.max_results, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)?;
        let after: u32 = match &input.next_token {
            None => 0,
            Some(token) => input::last_before(operation, "", token)?.parse().map_err(|_| input::foreign_token())?,
        };
        let (_, state) = self.own()?;
        let Jobs { count, are_cancelled } = state.jobs;
        let status = |number: u32| match (are_cancelled, is_scheduled(number)) {
            (true, _) => "CANCELLED",
            (false, true) => "IDLE",
            (false, false) => "RUNNING",
        };
        let is_wanted = |number: &u32| {
            let status = status(*number);
            includes.iter().all(|term| term.holds(status)) && !excludes.iter().any(|term| term.holds(status))
        };
        let mut rest = (after.saturating_add(1)..=count).filter(is_wanted).peekable();
        let page: Vec<u32> = rest.by_ref().take(size).collect();
        let next = rest.peek().and(page.last()).map(|last| input::page_token(operation, "", &last.to_string()));
        let items: Vec<Value> = page.iter().map(|number| self.job(*number, status(*number))).collect();
        let mut body = json!({ "items": items });
        if let Some(next) = next {
            body["nextToken"] = next.into();
        }
        Ok(Answer::json(&body))
    }

    fn job(&self, number: u32, status: &str) -> Value {
        let digest = Sha256::digest(format!("{} {} {number}", self.id, self.region));
        json!({
            "createdAt": BEGINNING,
            "jobId": digest.iter().take(16).fold(String::new(), |id, byte| format!("{id}{byte:02x}")),
            "jobStatus": status,
            "jobType": if is_scheduled(number) { "SCHEDULED" } else { "ONE_TIME" },
            "name": format!("job-{number}"),
        })
    }
}

fn is_scheduled(number: u32) -> bool {
    number.is_multiple_of(2)
}

impl Term {
    fn check(&self) -> Result<(), ServiceError> {
        let key = self.key.as_deref().ok_or_else(|| input::missing("filterCriteria.key"))?;
        let comparator = self.comparator.as_deref().ok_or_else(|| input::missing("filterCriteria.comparator"))?;
        if !KEYS.contains(&key) {
            return Err(input::unknown(key, "filterCriteria.key", &KEYS));
        }
        if key != "jobStatus" {
            return Err(input::invalid(format!("The simulated AWS filters jobs by jobStatus alone, not by {key}")));
        }
        if !["EQ", "NE"].contains(&comparator) {
            return Err(input::invalid(format!("The request failed because {comparator} is no comparator for {key}")));
        }
        match self.values.iter().find(|value| !STATUSES.contains(&value.as_str())) {
            Some(value) => Err(input::unknown(value, "filterCriteria.values", &STATUSES)),
            None => Ok(()),
        }
    }

    fn holds(&self, status: &str) -> bool {
        let is_among = self.values.iter().any(|value| value == status);
        is_among == (self.comparator.as_deref() == Some("EQ"))
    }
}
