//! Response bodies before the SDK reads them: size limits, and informative fields that it could not parse.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::DateTime;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::date_time::Format;
use futures_util::stream;
use http_body::Frame;
use http_body_util::{BodyExt as _, LengthLimitError, Limited, StreamBody};
use serde_json::Value;

use super::response_json::twice;

/// Size limit of a response about one thing: those of AWS have a few hundred bytes.
const ONE: usize = 1 << 20;

/// Size limit of a page: one has up to 200 classification jobs, each with its buckets, or 200 sessions.
const LIST: usize = 8 << 20;

/// Credible values of the `Date` header: 2000 to 2200, in seconds.
const CREDIBLE_DATES: std::ops::Range<i64> = 946_684_800..7_258_118_400;

/// Size limit of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limit(usize);

/// A response beyond the size limit.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the answer has more than {} MiB", .0 >> 20)]
pub(super) struct TooLarge(usize);

impl Limit {
    /// The limit of an operation.
    pub(super) fn for_operation(name: &str) -> Self {
        Self(if name.starts_with("List") || name == "DescribeSessions" { LIST } else { ONE })
    }
}

/// The limit of a request. One without is a request for credentials.
pub(super) fn limit_for(request: &HttpRequest) -> Limit {
    request.extension::<Limit>().copied().unwrap_or(Limit(ONE))
}

/// The response with a size limit and without an incredible date.
pub(super) fn guard(mut answer: HttpResponse, Limit(most): Limit) -> HttpResponse {
    let date = answer.headers().get("date").map(|date| DateTime::from_str(date, Format::HttpDate));
    if let Some(date) = date
        && !date.is_ok_and(|date| CREDIBLE_DATES.contains(&date.secs()))
    {
        // The SDK signs by the clock of responses, and panics over a year that it cannot write.
        answer.headers_mut().remove("date");
    }
    // The length has been checked below; a normalized body may be shorter.
    answer.headers_mut().remove("content-length");
    let is_success = answer.status().as_u16() == 200;
    let body = answer.take_body();
    let odd = Odd::default();
    answer.add_extension(odd.clone());
    // Read on demand, so that an error belongs to this response.
    let reading = async move {
        let read = Limited::new(body, most).collect().await.map_err(|failure| too_large(failure, most))?;
        let whole = read.to_bytes();
        let tidied = if is_success { normalize(&whole, &odd) } else { None };
        Ok::<_, Box<dyn Error + Send + Sync>>(Frame::data(tidied.map_or(whole, Into::into)))
    };
    *answer.body_mut() = SdkBody::from_body_1_x(StreamBody::new(stream::once(reading)));
    answer
}

fn too_large(failure: Box<dyn Error + Send + Sync>, most: usize) -> Box<dyn Error + Send + Sync> {
    if failure.is::<LengthLimitError>() { TooLarge(most).into() } else { failure }
}

/// Informative times of Macie.
const TIMES: [&str; 7] =
    ["createdAt", "disabledAt", "firstEnabledAt", "invitedAt", "lastRunTime", "lastUpdatedAt", "updatedAt"];

/// Informative times of AWS Organizations and Systems Manager, in seconds.
const SECONDS: [&str; 2] = ["CreatedDate", "JoinedTimestamp"];

/// Informative texts of Macie.
const TEXTS: [&str; 1] = ["serviceRole"];

/// Essential texts: an error in one is reported.
const VITAL: [&str; 3] = ["status", "findingPublishingFrequency", "accountId"];

/// The shortest duration of credentials of AssumeRole.
///
/// Source: AWS STS API Reference, AssumeRole, `DurationSeconds`.
const SHORTEST_SESSION: Duration = Duration::from_mins(15);

/// Limit of a shown value, in characters.
const SHOWN: usize = 60;

/// The malformed informative fields of a response.
#[derive(Debug, Clone, Default)]
pub(super) struct Odd(Arc<Mutex<Vec<OddField>>>);

/// A malformed field with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OddField {
    pub(super) name: &'static str,
    pub(super) value: String,
}

impl Odd {
    pub(super) fn fields(&self) -> Vec<OddField> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, name: &'static str, value: &Value) {
        let value = shown(value);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(OddField { name, value });
    }
}

/// Replaces malformed informative fields by null: the SDK would reject the whole response. `None` if there are none.
pub(super) fn normalize(body: &[u8], odd: &Odd) -> Option<Vec<u8>> {
    match body.iter().find(|byte| !byte.is_ascii_whitespace())? {
        b'{' => {
            let mut value: Value = serde_json::from_slice(body).ok()?;
            // Not repaired: which of them is right is unknown.
            if twice(body).is_some() {
                return None;
            }
            let mut changed = false;
            tidy_value(&mut value, odd, &mut changed);
            changed.then(|| serde_json::to_vec(&value).ok())?
        }
        b'<' => tidy_expiration(std::str::from_utf8(body).ok()?),
        _ => None,
    }
}

fn tidy_value(value: &mut Value, odd: &Odd, changed: &mut bool) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| tidy_value(item, odd, changed)),
        Value::Object(fields) => {
            for (key, field) in fields.iter_mut() {
                match informative(key) {
                    Some((name, is_fit)) if !field.is_null() && !is_fit(field) => {
                        odd.note(name, field);
                        *field = Value::Null;
                        *changed = true;
                    }
                    Some(_) => {}
                    None => tidy_value(field, odd, changed),
                }
            }
        }
        _ => {}
    }
}

/// Whether the SDK can read a value.
type IsFit = fn(&Value) -> bool;

/// The name of an informative field, with the check of its value.
fn informative(key: &str) -> Option<(&'static str, IsFit)> {
    let found = |names: &[&'static str]| names.iter().copied().find(|name| *name == key);
    if let Some(name) = found(&TIMES) {
        return Some((name, |value| {
            value.as_str().is_some_and(|time| DateTime::from_str(time, Format::DateTimeWithOffset).is_ok())
        }));
    }
    if let Some(name) = found(&SECONDS) {
        return Some((name, Value::is_number));
    }
    found(&TEXTS).map(|name| (name, Value::is_string as IsFit))
}

/// Repairs a response of STS whose credentials expire at a time without a time zone, or at an invalid one. They are
/// used for the shortest possible duration; AWS refuses what has expired before.
fn tidy_expiration(body: &str) -> Option<Vec<u8>> {
    let (before, rest) = body.split_once("<Expiration>")?;
    let (time, after) = rest.split_once("</Expiration>")?;
    let is_time = |time: &str| DateTime::from_str(time, Format::DateTimeWithOffset).is_ok();
    if is_time(time) {
        return None;
    }
    let in_utc = format!("{}Z", time.trim());
    let end = if is_time(&in_utc) {
        in_utc
    } else {
        let end = SystemTime::now() + SHORTEST_SESSION;
        DateTime::from(end).fmt(Format::DateTime).ok()?
    };
    Some(format!("{before}<Expiration>{end}</Expiration>{after}").into_bytes())
}

/// The problem of a JSON body: a repeated key, or an essential field that is no text.
pub(super) fn unfit(body: &[u8]) -> Option<String> {
    if let Some(problem) = twice(body) {
        return Some(problem);
    }
    let value: Value = serde_json::from_slice(body).ok()?;
    let fields = value.as_object()?;
    VITAL.iter().find_map(|name| {
        let field = fields.get(*name).filter(|field| !field.is_string() && !field.is_null())?;
        Some(format!("{name} is no text ({})", shown(field)))
    })
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tidied(body: &str) -> (Option<String>, Vec<&'static str>) {
        let odd = Odd::default();
        let text = normalize(body.as_bytes(), &odd).map(|bytes| String::from_utf8(bytes).expect("UTF-8"));
        (text, odd.fields().iter().map(|field| field.name).collect())
    }

    #[test]
    fn what_the_sdk_can_read_stays_as_it_is() {
        for body in [
            r#"{"createdAt":"2026-11-22T15:13:07.062Z","updatedAt":"2026-11-22T15:13:07+01:00","serviceRole":"arn:x"}"#,
            r#"{"createdAt":null,"Accounts":[{"JoinedTimestamp":1.4E9}]}"#,
            "",
            "[1",
            "<html>",
        ] {
            assert_eq!(tidied(body), (None, vec![]), "{body}");
        }
    }

    #[test]
    fn what_only_informs_is_null_and_named() {
        let body =
            r#"{"createdAt":"2026-11-22T15:13:07.06","serviceRole":7,"status":"ENABLED","updatedAt":1764000000}"#;
        let expected = r#"{"createdAt":null,"serviceRole":null,"status":"ENABLED","updatedAt":null}"#;
        assert_eq!(tidied(body), (Some(expected.to_owned()), vec!["createdAt", "serviceRole", "updatedAt"]));
        let (lists, names) = tidied(r#"{"members":[{"invitedAt":""}],"Accounts":[{"JoinedTimestamp":"today"}]}"#);
        let expected = r#"{"Accounts":[{"JoinedTimestamp":null}],"members":[{"invitedAt":null}]}"#;
        assert_eq!((lists.as_deref(), names.len()), (Some(expected), 2));
    }

    #[test]
    fn an_end_of_credentials_is_made_one() {
        let body = |time: &str| format!("<a><Expiration>{time}</Expiration></a>");
        assert_eq!(tidied(&body("2026-11-22T15:13:07Z")).0, None);
        assert_eq!(tidied(&body("2026-11-22T15:13:07")).0, Some(body("2026-11-22T15:13:07Z")));
        let made = tidied(&body("soon")).0.expect("an end");
        assert!(made.contains("<Expiration>20") && made.ends_with("Z</Expiration></a>"), "{made}");
    }

    #[test]
    fn a_field_that_matters_is_named() {
        assert_eq!(unfit(br#"{"status":7}"#).as_deref(), Some("status is no text (7)"));
        assert_eq!(unfit(br#"{"status":"ENABLED"}"#), None);
        assert_eq!(unfit(b"<html>"), None);
    }
}
