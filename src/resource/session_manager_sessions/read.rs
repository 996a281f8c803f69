//! DescribeSessions: every page of the active sessions and, where a rule asks for them, of the ended ones.

use std::cell::Cell;
use std::time::Duration;

use aws_sdk_ssm::operation::describe_sessions::DescribeSessionsError;
use aws_sdk_ssm::types::{Session as Listed, SessionState};
use aws_smithy_types::DateTime;
use jiff::Timestamp;

use super::{Session, SessionList, SessionTexts, Sessions, declared_window};
use crate::aws::{
    CallFailure, FailureMeaning, Page, ResponseObserver, SlidingWindowLimiter, classify_systems_manager, every_page,
    foreign,
};
use crate::model::{Clock, UnreadReason, Window};
use crate::resource::{Reading, Response, TargetRequest};

/// The largest page. Source: Systems Manager API Reference, DescribeSessions, `MaxResults`.
const SESSIONS_IN_A_PAGE: i32 = 200;

/// A list with more pages is taken for one without end.
const PAGES_AT_MOST: usize = 2_000;

/// Calls in any second, per account and Region. AWS allows 6; one is left for others.
///
/// Source: AWS General Reference, "AWS Systems Manager endpoints and quotas", rate of DescribeSessions.
const CALLS_IN_A_SECOND: usize = 5;

/// One reading of the sessions of a target.
struct SessionReader<'a> {
    request: TargetRequest<'a>,
    limiter: SlidingWindowLimiter,
    /// Whether a call was answered: the token is good, and the Region is on.
    was_answered: Cell<bool>,
}

/// Reads the sessions of a target: all of them, or none.
pub(in crate::resource) async fn read(request: TargetRequest<'_>) -> Response {
    let window = request.declared.map_or_else(|| Some(Window::longest()), declared_window);
    let limiter = SlidingWindowLimiter::new(CALLS_IN_A_SECOND, Duration::from_secs(1));
    let reader = SessionReader { request, limiter, was_answered: Cell::new(false) };
    let read = match reader.sessions(window.clone()).await {
        // AWS no longer knows the token of a page.
        Err(failure) if classify_systems_manager(&failure).outcome == FailureMeaning::ReadAgain => {
            reader.sessions(window).await
        }
        read => read,
    };
    match read {
        Ok(sessions) => Response::Reading(Reading::Sessions(Sessions::Listed(sessions).into())),
        Err(failure) => reader.interpret(failure),
    }
}

impl SessionReader<'_> {
    /// Lists the sessions. One that ends meanwhile is in both lists, or in one of them: the active ones are read first.
    async fn sessions(&self, ended_within: Option<Window>) -> Result<SessionList, CallFailure> {
        let read_at = Clock::System.now();
        let active = self.list(SessionState::Active).await?;
        let ended = if ended_within.is_some() { self.list(SessionState::History).await? } else { Vec::new() };
        let sessions = active.iter().map(|listed| (listed, false)).chain(ended.iter().map(|listed| (listed, true)));
        let sessions = sessions.map(|(listed, is_ended)| session(listed, is_ended)).collect::<Result<Vec<_>, _>>()?;
        Ok(SessionList::new(read_at, ended_within, sessions))
    }

    /// Every page of a list.
    async fn list(&self, state: SessionState) -> Result<Vec<Listed>, CallFailure> {
        let TargetRequest { aws, credentials, target, .. } = self.request;
        let client = aws.systems_manager(&target.region);
        every_page("ssm:DescribeSessions", PAGES_AT_MOST, async |token| {
            self.limiter.acquire().await;
            let call = client.describe_sessions().state(state.clone()).max_results(SESSIONS_IN_A_PAGE);
            let watch = ResponseObserver::<DescribeSessionsError>::new();
            let call = call.set_next_token(token).customize().interceptor(watch.clone());
            let page = call.config_override(credentials.systems_manager_config()).send().await;
            let page = page.map_err(|failure| watch.explain(aws.call_failure(&failure)))?;
            self.was_answered.set(true);
            Ok(Page { items: page.sessions, next: page.next_token })
        })
        .await
    }

    fn interpret(&self, failure: CallFailure) -> Response {
        let unread = |reason| Reading::Unread(failure.clone().into_unread(reason));
        Response::Reading(match classify_systems_manager(&failure).outcome {
            FailureMeaning::TokenRefused if !self.was_answered.get() => return Response::TokenRefused(failure),
            FailureMeaning::TokenRefused => unread(UnreadReason::BadCredentials),
            FailureMeaning::Unread(reason) => unread(reason),
            // There is no error that means "no sessions": only an empty list does.
            FailureMeaning::NotEnabled | FailureMeaning::NoDocument | FailureMeaning::ReadAgain => {
                unread(UnreadReason::Unintelligible)
            }
        })
    }
}

/// A session of an answer.
///
/// # Errors
///
/// A session without an id: it could stand twice, and reports could not name it.
fn session(listed: &Listed, is_ended: bool) -> Result<Session<'_>, CallFailure> {
    let id = listed.session_id().filter(|id| !id.is_empty());
    let urls = listed.output_url();
    Ok(Session {
        id: id.ok_or_else(|| foreign("ssm:DescribeSessions lists a session without a `SessionId`".to_owned()))?,
        is_ended,
        started_at: listed.start_date().and_then(timestamp),
        ended_at: listed.end_date().and_then(timestamp),
        texts: SessionTexts {
            access_type: listed.access_type().map(|word| word.as_str()),
            document_name: listed.document_name(),
            max_session_duration: listed.max_session_duration(),
            owner: listed.owner(),
            reason: listed.reason(),
            status: listed.status().map(|word| word.as_str()),
            target: listed.target(),
            details: listed.details(),
            s3_output_url: urls.and_then(|urls| urls.s3_output_url()),
            cloudwatch_output_url: urls.and_then(|urls| urls.cloud_watch_output_url()),
        },
    })
}

/// A time; `None` for one that no calendar has, as if it were missing.
fn timestamp(time: &DateTime) -> Option<Timestamp> {
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_becomes_a_session_and_one_without_an_id_is_none() {
        let listed = Listed::builder()
            .session_id("timmy-01cd54a0c8322733a")
            .target("i-1")
            .details("")
            .start_date(DateTime::from_millis(1_600_000_000_250))
            .build();
        let read = session(&listed, true).expect("a session");
        let started_at = Timestamp::from_millisecond(1_600_000_000_250).ok();
        assert_eq!((read.id, read.is_ended, read.started_at), ("timmy-01cd54a0c8322733a", true, started_at));
        assert_eq!((read.ended_at, read.texts.document_name, read.texts.access_type), (None, None, None));
        for id in [None, Some("")] {
            let nameless = Listed::builder().set_session_id(id.map(str::to_owned)).build();
            assert!(session(&nameless, false).is_err());
        }
    }
}
