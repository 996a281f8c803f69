//! Faults of a world file.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use hyper::header::{HeaderName, HeaderValue};
use hyper::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_yaml::Spanned;

use super::values::{Contradiction, Count, Operations, Pause};
use crate::account_id::AccountId;
use crate::operation::Operation;
use crate::region::Region;
use crate::world::fault::{Fault, FaultKind, VerbatimAnswer};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenFault {
    accounts: Option<Vec<AccountId>>,
    regions: Option<Vec<Region>>,
    operations: Option<Vec<Spanned<Operations>>>,
    #[serde(default)]
    after: Count,
    times: Option<NonZeroU32>,
    fault: Spanned<WrittenKind>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WrittenKind {
    Throttle,
    TooManyRequests,
    #[serde(rename = "bare_429")]
    Bare429,
    ServerError,
    #[serde(rename = "html_503")]
    Html503,
    Hang,
    Reset,
    Truncated,
    ForeignBody,
    #[serde(rename = "empty_200")]
    Empty200,
    ExpiredToken,
    UnrecognizedClient,
    UnknownStatus,
    UnknownFrequency,
    WrongIdentity(AccountId),
    Latency(Pause),
    Drip(Pause),
    AnswerLost,
    AnswerLate,
    Error(WrittenError),
    Answer(WrittenAnswer),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenError {
    status: Option<u16>,
    code: String,
    message: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAnswer {
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
}

impl WrittenFault {
    pub(crate) fn check(self) -> Result<Fault, Contradiction> {
        let at = self.fault.referenced;
        let kind = self.fault.value.check().map_err(|cause| Contradiction { at, cause })?;
        for operations in self.operations.iter().flatten() {
            let pattern = operations.value.0;
            if !Operation::ALL.iter().any(|operation| pattern.covers(*operation) && kind.fits(*operation)) {
                let cause = format!("this kind of fault has no meaning for {pattern}");
                return Err(Contradiction { at: operations.referenced, cause });
            }
        }
        Ok(Fault {
            accounts: self.accounts.map(BTreeSet::from_iter),
            regions: self.regions.map(BTreeSet::from_iter),
            operations: self.operations.map(|list| list.into_iter().map(|operations| operations.value.0).collect()),
            after: self.after.0,
            times: self.times,
            kind,
        })
    }
}

impl WrittenKind {
    fn check(self) -> Result<FaultKind, String> {
        Ok(match self {
            Self::Throttle => FaultKind::Throttle,
            Self::TooManyRequests => FaultKind::TooManyRequests,
            Self::Bare429 => FaultKind::Bare429,
            Self::ServerError => FaultKind::ServerError,
            Self::Html503 => FaultKind::Html503,
            Self::Hang => FaultKind::Hang,
            Self::Reset => FaultKind::Reset,
            Self::Truncated => FaultKind::Truncated,
            Self::ForeignBody => FaultKind::ForeignBody,
            Self::Empty200 => FaultKind::Empty200,
            Self::ExpiredToken => FaultKind::ExpiredToken,
            Self::UnrecognizedClient => FaultKind::UnrecognizedClient,
            Self::UnknownStatus => FaultKind::UnknownStatus,
            Self::UnknownFrequency => FaultKind::UnknownFrequency,
            Self::WrongIdentity(account) => FaultKind::WrongIdentity(account),
            Self::Latency(Pause(length)) => FaultKind::Latency(length),
            Self::Drip(Pause(length)) => FaultKind::Drip(length),
            Self::AnswerLost => FaultKind::AnswerLost,
            Self::AnswerLate => FaultKind::AnswerLate,
            Self::Error(WrittenError { status: written, code, message }) => {
                let status = status(written.unwrap_or(400))?;
                if !status.is_client_error() && !status.is_server_error() {
                    return Err(format!("{} is no HTTP status of an error", status.as_u16()));
                }
                FaultKind::Error { status, code, message }
            }
            Self::Answer(answer) => FaultKind::Answer(answer.check()?),
        })
    }
}

impl WrittenAnswer {
    fn check(self) -> Result<VerbatimAnswer, String> {
        let status = status(self.status)?;
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let key: HeaderName = name.parse().map_err(|_| format!("{name:?} is no name of an HTTP header"))?;
            let value: HeaderValue = value.parse().map_err(|_| format!("{value:?} cannot stand in an HTTP header"))?;
            headers.insert(key, value);
        }
        Ok(VerbatimAnswer { status, headers, body: self.body })
    }
}

fn status(number: u16) -> Result<StatusCode, String> {
    StatusCode::from_u16(number)
        .ok()
        // A status below 200 announces another answer, which would never come.
        .filter(|status| status.as_u16() >= 200)
        .ok_or_else(|| format!("{number} is no HTTP status of an answer"))
}
