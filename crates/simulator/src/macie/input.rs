//! Parameters, pages and errors of Macie.

use hyper::StatusCode;
use hyper::body::Bytes;
use serde_json::{Map, Value};

use crate::account_id::AccountId;
use crate::operation::Operation;
pub(crate) use crate::request::{invalid, json, missing, page_size, parse, required, unknown};
use crate::response::ServiceError;
use crate::world::World;
use crate::world::session::{Frequency, SessionConfig, SessionStatus};

/// The error where Macie is off. Only its message differs from a denial.
pub(crate) fn not_enabled(world: &World) -> ServiceError {
    ServiceError::new(world.not_enabled_status(), "AccessDeniedException", "Macie is not enabled")
}

/// The error of most reads of settings where Macie is off. Source: the code of sra-verify, from answers of AWS.
pub(crate) fn not_enabled_for_this_account(status: StatusCode) -> ServiceError {
    ServiceError::new(status, "AccessDeniedException", "Macie is not enabled for this account")
}

/// The error of the results repository where Macie is off. Source: the acceptance tests of the Terraform AWS provider.
pub(crate) fn not_enabled_for_your_account() -> ServiceError {
    let message = "Amazon Macie isn't enabled for your account";
    ServiceError::new(StatusCode::NOT_FOUND, "ResourceNotFoundException", message)
}

/// The error of discovery where Macie is off. Source: the code of mql, from answers of AWS.
pub(crate) fn not_onboarded(id: AccountId) -> ServiceError {
    let message = format!("Account Id: [{id}] has not been onboarded");
    ServiceError::new(StatusCode::FORBIDDEN, "AccessDeniedException", message)
}

/// A denial because of the caller's role among administrators and members.
pub(crate) fn denied(message: &'static str) -> ServiceError {
    ServiceError::new(StatusCode::FORBIDDEN, "AccessDeniedException", message)
}

/// The wording was seen in answers of AWS, also where Macie is off.
pub(crate) fn not_the_organizations_administrator() -> ServiceError {
    denied(
        "The request failed because you must be the Macie administrator for an organization to perform this operation",
    )
}

/// The error for an account that is no member. The Terraform AWS provider matches this wording.
pub(crate) fn not_associated() -> ServiceError {
    invalid("The request failed because the specified account is not associated with your account")
}

pub(crate) fn conflict(message: &'static str) -> ServiceError {
    ServiceError::new(StatusCode::CONFLICT, "ConflictException", message)
}

/// The error for a caller with members. The Terraform AWS provider matches this wording.
pub(crate) fn has_members() -> ServiceError {
    conflict("The request failed because one or more member accounts are associated with your account")
}

pub(crate) fn not_found() -> ServiceError {
    let message = "The request failed because the specified resource doesn't exist";
    ServiceError::new(StatusCode::NOT_FOUND, "ResourceNotFoundException", message)
}

/// The values that a request sets.
#[derive(Default)]
pub(crate) struct SessionInput {
    pub(crate) status: Option<SessionStatus>,
    pub(crate) frequency: Option<Frequency>,
}

impl SessionInput {
    pub(crate) fn is_empty(&self) -> bool {
        self.status.is_none() && self.frequency.is_none()
    }

    /// The configuration with the requested values.
    pub(crate) fn apply_to(&self, config: SessionConfig) -> SessionConfig {
        SessionConfig {
            status: self.status.unwrap_or(config.status),
            frequency: self.frequency.unwrap_or(config.frequency),
        }
    }

    pub(crate) fn read(body: &Bytes) -> Result<Self, ServiceError> {
        let body: Map<String, Value> = json(body)?;
        let status = word(&body, "status", &SessionStatus::ALL.map(SessionStatus::as_str))?;
        let frequency = word(&body, "findingPublishingFrequency", Frequency::WORDS)?;
        Ok(Self {
            status: SessionStatus::ALL.into_iter().find(|known| Some(known.as_str()) == status),
            frequency: frequency.and_then(Frequency::from_word),
        })
    }
}

/// The id of an account.
pub(crate) fn account(id: &str, key: &str) -> Result<AccountId, ServiceError> {
    id.parse().map_err(|_| {
        invalid(format!(
            "1 validation error detected: Value '{id}' at '{key}' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: [0-9]{{12}}"
        ))
    })
}

/// A word of an enumeration in a body.
fn word<'a>(body: &'a Map<String, Value>, key: &str, known: &[&str]) -> Result<Option<&'a str>, ServiceError> {
    match body.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(word)) if known.contains(&word.as_str()) => Ok(Some(word)),
        Some(Value::String(word)) => Err(unknown(word, key, known)),
        Some(other) => Err(ServiceError::bad_request("SerializationException", format!("{other} is no string"))),
    }
}

/// A number of a query.
pub(crate) fn parse_number(text: &str) -> Result<i64, ServiceError> {
    text.parse().map_err(|_| ServiceError::bad_request("SerializationException", format!("{text:?} is no number")))
}

/// The token for the page behind an item: the operation, what it is about, and the item.
///
/// Items may come and go between two pages. A token that names the last item neither skips nor repeats one.
pub(crate) fn page_token(operation: Operation, about: &str, last: &str) -> String {
    format!("{}/{about}/{last}", operation.name())
}

/// The last item before the page of a token.
pub(crate) fn last_before<'a>(operation: Operation, about: &str, token: &'a str) -> Result<&'a str, ServiceError> {
    token.strip_prefix(&format!("{}/{about}/", operation.name())).ok_or_else(foreign_token)
}

/// The error for a token of another operation.
pub(crate) fn foreign_token() -> ServiceError {
    invalid("The request failed because the nextToken is not one of this operation")
}
