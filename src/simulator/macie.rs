//! Amazon Macie: the session of a target, and its administrator.

use hyper::StatusCode;
use hyper::body::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::model::{AccountId, Frequency, Region, Setting};

use super::answer::{Answer, Failure};
use super::regions;
use super::sessions::{Session, Sessions};
use super::world::{Account, DEFAULT_FREQUENCY, SessionStatus, World};

/// Macie in one target.
pub(super) struct Macie<'a> {
    pub(super) world: &'a World,
    pub(super) sessions: &'a Sessions,
    pub(super) id: AccountId,
    pub(super) account: &'a Account,
    pub(super) region: &'a Region,
}

/// What a request asks a session to become, as far as it says.
#[derive(Default)]
struct Wanted {
    status: Option<SessionStatus>,
    frequency: Option<Frequency>,
}

impl Macie<'_> {
    /// The session. Source: Amazon Macie API Reference, GetMacieSession.
    pub(super) fn get_session(&self) -> Result<Answer, Failure> {
        let session = self.session()?;
        Ok(Answer::json(&self.shown(&session)))
    }

    /// The session, or one made up where there is none, with a word of which no SDK knows the meaning.
    pub(super) fn get_session_with(&self, key: &str, word: &str) -> Answer {
        let made_up = Session {
            status: SessionStatus::default(),
            frequency: DEFAULT_FREQUENCY,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        };
        let session = self.sessions.read(self.world, self.id, self.region).unwrap_or(made_up);
        let mut body = self.shown(&session);
        body[key] = word.into();
        Answer::json(&body)
    }

    /// Enables Macie. Source: Amazon Macie API Reference, EnableMacie.
    ///
    /// What an equal `clientToken` does is not known; here it is ignored.
    pub(super) fn enable(&self, body: &Bytes) -> Result<Answer, Failure> {
        let wanted = Wanted::read(body)?;
        self.change(|session, now| match session {
            Some(_) => Err(conflict("Macie has already been enabled")),
            None => Ok(Some(Session {
                status: wanted.status.unwrap_or_default(),
                frequency: wanted.frequency.unwrap_or(DEFAULT_FREQUENCY),
                created_at: now,
                updated_at: now,
            })),
        })
    }

    /// Changes status or frequency. Source: Amazon Macie API Reference, UpdateMacieSession.
    ///
    /// A member cannot change its own status: Amazon Macie User Guide, "Administrator and member account relationships".
    pub(super) fn update_session(&self, body: &Bytes) -> Result<Answer, Failure> {
        let wanted = Wanted::read(body)?;
        if wanted.status.is_none() && wanted.frequency.is_none() {
            return Err(invalid("the request names neither status nor findingPublishingFrequency"));
        }
        self.change(|session, now| {
            let session = session.ok_or_else(|| self.not_enabled())?;
            let status = wanted.status.unwrap_or(session.status);
            if status != session.status && self.account.administrator.is_some() {
                let message = "The request failed because a member account can't change the status of its own account";
                return Err(Failure::new(StatusCode::FORBIDDEN, "AccessDeniedException", message));
            }
            let frequency = wanted.frequency.unwrap_or(session.frequency);
            Ok(Some(Session { status, frequency, updated_at: now, ..session }))
        })
    }

    /// Disables Macie. Source: Amazon Macie API Reference, DisableMacie; the refusal is that which the Terraform AWS
    /// provider knows.
    pub(super) fn disable(&self) -> Result<Answer, Failure> {
        self.change(|session, _| match session {
            None => Err(self.not_enabled()),
            Some(_) if self.account.administrator.is_some() => {
                Err(conflict("Cannot disable Macie while associated with an administrator account"))
            }
            Some(_) => Ok(None),
        })
    }

    /// The administrator of which the account is a member. Source: Amazon Macie API Reference, GetAdministratorAccount.
    pub(super) fn get_administrator(&self) -> Result<Answer, Failure> {
        let session = self.session()?;
        let Some(administrator) = self.account.administrator else {
            return Ok(Answer::json(&json!({})));
        };
        let relationship = match session.status {
            SessionStatus::Enabled => "Enabled",
            SessionStatus::Paused => "Paused",
        };
        Ok(Answer::json(
            &json!({ "administrator": { "accountId": administrator, "relationshipStatus": relationship } }),
        ))
    }

    fn session(&self) -> Result<Session, Failure> {
        self.sessions.read(self.world, self.id, self.region).ok_or_else(|| self.not_enabled())
    }

    fn change(
        &self,
        change: impl FnOnce(Option<Session>, Timestamp) -> Result<Option<Session>, Failure>,
    ) -> Result<Answer, Failure> {
        self.sessions.change(self.world, self.id, self.region, change)?;
        Ok(Answer::json(&json!({})))
    }

    fn shown(&self, session: &Session) -> Value {
        // In opt-in Regions the service principal, and with it the role's path, carries the Region.
        let principal = if regions::table().is_opt_in(self.region) {
            format!("macie.{}.amazonaws.com", self.region)
        } else {
            "macie.amazonaws.com".to_owned()
        };
        let role = format!("arn:aws:iam::{}:role/aws-service-role/{principal}/AWSServiceRoleForAmazonMacie", self.id);
        json!({
            "createdAt": session.created_at,
            "findingPublishingFrequency": session.frequency.as_str(),
            "serviceRole": role,
            "status": session.status.as_str(),
            "updatedAt": session.updated_at,
        })
    }

    /// The one error that is no error: told apart from a denial by its message alone.
    fn not_enabled(&self) -> Failure {
        Failure::new(self.world.not_enabled_status(), "AccessDeniedException", "Macie is not enabled")
    }
}

impl Wanted {
    fn read(body: &Bytes) -> Result<Self, Failure> {
        if body.is_empty() {
            return Ok(Self::default());
        }
        let body: Map<String, Value> = serde_json::from_slice(body)
            .map_err(|error| Failure::bad_request("SerializationException", error.to_string()))?;
        let statuses = SessionStatus::ALL.map(SessionStatus::as_str);
        let status = word(&body, "status", &statuses)?;
        let frequency = word(&body, "findingPublishingFrequency", Setting::FindingPublishingFrequency.words())?;
        Ok(Self {
            status: SessionStatus::ALL.into_iter().find(|known| Some(known.as_str()) == status),
            frequency: frequency.and_then(Frequency::from_word),
        })
    }
}

/// A word of a body, which must be one of an enumeration.
fn word<'a>(body: &'a Map<String, Value>, key: &str, known: &[&str]) -> Result<Option<&'a str>, Failure> {
    match body.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(word)) if known.contains(&word.as_str()) => Ok(Some(word)),
        Some(Value::String(word)) => Err(invalid(format!(
            "1 validation error detected: Value '{word}' at '{key}' failed to satisfy constraint: \
             Member must satisfy enum value set: [{}]",
            known.join(", ")
        ))),
        Some(other) => Err(Failure::bad_request("SerializationException", format!("{other} is no string"))),
    }
}

fn invalid(message: impl Into<String>) -> Failure {
    Failure::bad_request("ValidationException", message)
}

fn conflict(message: &str) -> Failure {
    Failure::new(StatusCode::CONFLICT, "ConflictException", message)
}
