//! GetDocument: the reading of the preferences document in its default and its latest version.

use std::cmp::Ordering;
use std::time::Duration;

use aws_sdk_ssm::operation::RequestId;
use aws_sdk_ssm::operation::get_document::{GetDocumentError, GetDocumentOutput};
use aws_sdk_ssm::types::{DocumentFormat, DocumentStatus, DocumentType};
use jiff::Timestamp;

use super::preferences::fault_of_document;
use super::settings::DOCUMENT_NAME;
use super::{DocumentVersion, Inputs, Preferences, PreferencesDocument};
use crate::aws::{
    AccountCredentials, AwsSession, CallFailure, FailureMeaning, ResponseObserver, classify_systems_manager,
};
use crate::model::{Evidence, Region, Target, Unread, UnreadReason};
use crate::resource::macie_session::CompactTimestamp;
use crate::resource::{Reading, Response, TargetRequest};

const DEFAULT: &str = "$DEFAULT";
const LATEST: &str = "$LATEST";

/// The pauses before a version that is being created or updated is read again. Each is short: a target must not keep others
/// waiting for minutes.
const PAUSES: [Duration; 3] = [Duration::from_millis(200), Duration::from_millis(400), Duration::from_millis(800)];

/// Why there is no reading yet, or none at all.
enum Stop {
    /// The first call's token was refused.
    TokenRefused(CallFailure),
    /// What was read changed meanwhile or does not fit together: it is read once more from the start. If that does not help, it is
    /// unread for this reason.
    Again(Unread),
    /// It is unread.
    Unread(Unread),
}

/// What one of the two calls says.
enum Answer {
    Absent(Evidence),
    Present(DocumentVersion, Option<CompactTimestamp>),
}

impl AwsSession {
    /// Asks Systems Manager for a version of the preferences document of an account in a Region: `$DEFAULT`, `$LATEST`, or a
    /// number.
    ///
    /// # Errors
    ///
    /// Any failure, among them that there is no document: [`classify_systems_manager`] gives its meaning.
    pub async fn preferences_document(
        &self,
        account: &AccountCredentials,
        region: &Region,
        version: &str,
    ) -> Result<GetDocumentOutput, CallFailure> {
        let observer = ResponseObserver::<GetDocumentError>::new();
        let call = self.systems_manager(region).get_document().name(DOCUMENT_NAME).document_version(version);
        let call = call.document_format(DocumentFormat::Json).customize().interceptor(observer.clone());
        let answer = call.config_override(account.systems_manager_config()).send().await;
        answer.map_err(|failure| observer.explain(self.call_failure(&failure)))
    }
}

/// Reads the preferences of a target.
pub(in crate::resource) async fn read(request: TargetRequest<'_>) -> Response {
    let read = match read_once(request).await {
        // AWS has answered this target already: a token that it refuses now says nothing about the Region.
        Err(Stop::Again(_)) => read_once(request).await.map_err(|stop| match stop {
            Stop::TokenRefused(failure) => Stop::Unread(failure.into_unread(UnreadReason::BadCredentials)),
            stop => stop,
        }),
        read => read,
    };
    match read {
        Ok(preferences) => Response::Reading(Reading::Preferences(preferences.into())),
        Err(Stop::TokenRefused(failure)) => Response::TokenRefused(failure),
        Err(Stop::Again(unread) | Stop::Unread(unread)) => Response::Reading(Reading::Unread(unread)),
    }
}

async fn read_once(request: TargetRequest<'_>) -> Result<Preferences, Stop> {
    let default = version(request, DEFAULT).await?;
    let latest = version(request, LATEST).await?;
    match (default, latest) {
        (Answer::Absent(evidence), Answer::Absent(_)) => Ok(Preferences::Absent(evidence)),
        (Answer::Present(default, created_at), Answer::Present(latest, _)) => {
            let document = pair(request.target, default, latest)?;
            Ok(Preferences::Present(document.with_created_at(created_at)))
        }
        (Answer::Absent(_), Answer::Present(..)) => Err(contradicted("there is no default version, and a latest one")),
        (Answer::Present(..), Answer::Absent(_)) => Err(contradicted("there is a default version, and no latest one")),
    }
}

/// The document of two versions, which must not contradict each other.
fn pair(target: &Target, default: DocumentVersion, latest: DocumentVersion) -> Result<PreferencesDocument, Stop> {
    match compare_numbers(&default.number, &latest.number) {
        Ordering::Less => Ok(PreferencesDocument::new(target, default, Some(latest))),
        Ordering::Equal if default.inputs == latest.inputs => Ok(PreferencesDocument::new(target, default, None)),
        Ordering::Equal => Err(contradicted(&format!("version {} has two contents", default.number))),
        Ordering::Greater => {
            let (default, latest) = (default.number, latest.number);
            Err(contradicted(&format!("the default version {default} is later than the latest one, {latest}")))
        }
    }
}

/// Orders numbers that may be longer than any integer type. They have no leading zeros.
fn compare_numbers(one: &str, other: &str) -> Ordering {
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

fn contradicted(what: &str) -> Stop {
    Stop::Again(Unread::local(UnreadReason::Contradicted, format!("two answers of ssm:GetDocument differ: {what}")))
}

/// Reads a version. One that is being created or updated gets some time to become active.
async fn version(request: TargetRequest<'_>, which: &str) -> Result<Answer, Stop> {
    let mut pauses = PAUSES.iter();
    loop {
        let output = match get(request, which).await {
            Ok(output) => output,
            Err(failure) => return absent(failure, which),
        };
        let is_changing = matches!(output.status(), Some(DocumentStatus::Creating | DocumentStatus::Updating));
        match pauses.next() {
            Some(pause) if is_changing => tokio::time::sleep(*pause).await,
            _ => return present(&output, which),
        }
    }
}

/// The first call's token tells whether the Region is on, so that its refusal is for the caller to judge. After it, refused
/// credentials are refreshed.
async fn get(request: TargetRequest<'_>, which: &str) -> Result<GetDocumentOutput, CallFailure> {
    let TargetRequest { aws, credentials, target, .. } = request;
    if which == DEFAULT {
        return aws.preferences_document(credentials, &target.region, which).await;
    }
    let call = async |account: &AccountCredentials| aws.preferences_document(account, &target.region, which).await;
    aws.refreshing(credentials, call).await
}

fn absent(failure: CallFailure, which: &str) -> Result<Answer, Stop> {
    match classify_systems_manager(&failure).outcome {
        FailureMeaning::NoDocument => Ok(Answer::Absent(failure.into_evidence())),
        FailureMeaning::ReadAgain => Err(Stop::Again(failure.into_unread(UnreadReason::Unintelligible))),
        FailureMeaning::TokenRefused if which == DEFAULT => Err(Stop::TokenRefused(failure)),
        FailureMeaning::TokenRefused => Err(Stop::Unread(failure.into_unread(UnreadReason::BadCredentials))),
        FailureMeaning::NotEnabled => Err(Stop::Unread(failure.into_unread(UnreadReason::Unintelligible))),
        FailureMeaning::Unread(reason) => Err(Stop::Unread(failure.into_unread(reason))),
    }
}

fn present(output: &GetDocumentOutput, which: &str) -> Result<Answer, Stop> {
    let version = parse(output).map_err(|fault| {
        let message = match fault {
            Fault::OfDocument(what) => fault_of_document(which, &what),
            Fault::OfAnswer(what) => format!("the answer about {DOCUMENT_NAME}, version {which}, {what}"),
        };
        let evidence = Evidence::new(None, Some(&message), output.request_id());
        Stop::Unread(Unread { reason: UnreadReason::Unintelligible, denial: None, evidence })
    })?;
    let created_at = output.created_date().and_then(|time| {
        CompactTimestamp::from_timestamp(Timestamp::new(time.secs(), time.subsec_nanos().try_into().ok()?).ok()?)
    });
    Ok(Answer::Present(version, created_at))
}

/// What is wrong with an answer, in words that follow on the name of the document.
enum Fault {
    /// The account's own document.
    OfDocument(String),
    /// The answer does not say what every answer of AWS says.
    OfAnswer(&'static str),
}

/// The version of an answer.
///
/// # Errors
///
/// What is wrong with it.
fn parse(output: &GetDocumentOutput) -> Result<DocumentVersion, Fault> {
    match output.status() {
        Some(DocumentStatus::Active) => {}
        Some(other) => {
            let why = output.status_information().map(|why| format!(" ({why})")).unwrap_or_default();
            return Err(Fault::OfDocument(format!("is not Active: its status is {}{why}", other.as_str())));
        }
        None => return Err(Fault::OfAnswer("has no status")),
    }
    if let Some(other) = output.document_type().filter(|kind| **kind != DocumentType::Session) {
        let what = format!("has the type {}, and preferences have Session", other.as_str());
        return Err(Fault::OfDocument(what));
    }
    let number = output.document_version().filter(|number| is_version_number(number));
    let Some(number) = number else { return Err(Fault::OfAnswer("has no version number")) };
    let Some(content) = output.content() else { return Err(Fault::OfAnswer("has no content")) };
    let inputs = Inputs::from_content(content).map_err(Fault::OfDocument)?;
    Ok(DocumentVersion { number: number.into(), inputs: inputs.into() })
}

/// Whether a text is the number of a version.
///
/// Source: AWS Systems Manager API Reference, GetDocument, `DocumentVersion`.
pub fn is_version_number(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit())
}
