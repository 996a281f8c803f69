//! The session of the caller's own target.

use hyper::body::Bytes;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use crate::answer::{Answer, Failure};
use crate::operation::Operation;
use crate::world::{DEFAULT_FREQUENCY, Membership, SessionStatus};

use super::failure::{self, conflict, denied, invalid};
use super::input::Wanted;
use super::service::{Macie, service_role};
use super::state_store::{TrueState, WriteCall};
use super::target_state::{Session, TargetState};

/// The answer to GetMacieSession. By far the most frequent one, it is written out without a detour.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VisibleState {
    created_at: Timestamp,
    finding_publishing_frequency: &'static str,
    service_role: String,
    status: &'static str,
    updated_at: Timestamp,
}

impl Macie<'_> {
    /// The session. Source: Amazon Macie API Reference, GetMacieSession.
    pub(super) fn get_session(&self) -> Result<Answer, Failure> {
        let standing = self.standings.read_session(self.world, self.id, self.region);
        let session = standing.session.ok_or_else(|| self.not_enabled())?;
        Ok(Answer::json(&self.shown(&session)))
    }

    /// The session, or one made up where there is none, with a word of which no SDK knows the meaning.
    pub(crate) fn get_session_with(&self, key: &str, word: &str) -> Answer {
        let made_up = Session {
            status: SessionStatus::default(),
            frequency: DEFAULT_FREQUENCY,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        };
        let standing = self.standings.read_session(self.world, self.id, self.region);
        let shown = self.shown(&standing.session.unwrap_or(made_up));
        let mut body = json!(shown);
        body[key] = word.into();
        Answer::json(&body)
    }

    /// Enables Macie. Source: Amazon Macie API Reference, EnableMacie.
    ///
    /// What an equal `clientToken` does is not known; here it is ignored.
    pub(super) fn enable(&self, body: &Bytes) -> Result<Answer, Failure> {
        let wanted = Wanted::read(body)?;
        self.write(Operation::EnableMacie, |truth, now| {
            let own = truth.get(self.id);
            if own.session.is_some() {
                return Err(conflict("Macie has already been enabled"));
            }
            let (status, frequency) =
                (wanted.status.unwrap_or_default(), wanted.frequency.unwrap_or(DEFAULT_FREQUENCY));
            Ok(own.with(status, frequency, now))
        })
    }

    /// Changes status or frequency. Source: Amazon Macie API Reference, UpdateMacieSession.
    ///
    /// A member through the organization cannot change its own status, and an administrator cannot suspend Macie while it
    /// has members: Amazon Macie User Guide, "Administrator and member account relationships", "Suspending Macie".
    pub(super) fn update_session(&self, body: &Bytes) -> Result<Answer, Failure> {
        let wanted = Wanted::read(body)?;
        if wanted.status.is_none() && wanted.frequency.is_none() {
            return Err(invalid("the request names neither status nor findingPublishingFrequency"));
        }
        self.write(Operation::UpdateMacieSession, |truth, now| {
            let own = truth.get(self.id);
            let session = own.session.ok_or_else(|| self.not_enabled())?;
            let status = wanted.status.unwrap_or(session.status);
            if status != session.status {
                if own.member_of().is_some_and(|relation| relation.membership == Membership::Organization) {
                    let message =
                        "The request failed because a member account can't change the status of its own account";
                    return Err(denied(message));
                }
                if status == SessionStatus::Paused && truth.has_members(self.id) {
                    return Err(failure::has_members());
                }
            }
            Ok(own.with(status, wanted.frequency.unwrap_or(session.frequency), now))
        })
    }

    /// Disables Macie. Source: Amazon Macie API Reference, DisableMacie; the refusals are those which the Terraform AWS
    /// provider knows.
    pub(super) fn disable(&self) -> Result<Answer, Failure> {
        self.write(Operation::DisableMacie, |truth, now| {
            let own = truth.get(self.id);
            if own.session.is_none() {
                return Err(self.not_enabled());
            }
            if own.member_of().is_some() {
                return Err(conflict("Cannot disable Macie while associated with an administrator account"));
            }
            if truth.has_members(self.id) {
                return Err(failure::has_members());
            }
            Ok(own.disabled(now))
        })
    }

    fn write(
        &self,
        operation: Operation,
        change: impl FnOnce(&TrueState<'_>, Timestamp) -> Result<TargetState, Failure>,
    ) -> Result<Answer, Failure> {
        self.standings.write(self.world, &WriteCall { operation, account: self.id, region: self.region }, change)?;
        Ok(Answer::json(&json!({})))
    }

    fn shown(&self, session: &Session) -> VisibleState {
        VisibleState {
            created_at: session.created_at,
            finding_publishing_frequency: session.frequency.as_str(),
            service_role: service_role(self.id, self.region),
            status: session.status.as_str(),
            updated_at: session.updated_at,
        }
    }
}
