//! The calls that change something. Nothing outside `apply` may name this, and a test holds that.

use aws_sdk_macie2::config::Builder;
use aws_sdk_macie2::types::{AccountDetail, FindingPublishingFrequency, MacieStatus};

use super::calls::failed;
use super::membership::own;
use super::retry::OnceOnly;
use super::{Access, CallFailure, OpenAccount};
use crate::model::{AccountId, Frequency, Region, Status};

/// The way to change Macie sessions.
#[derive(Debug, Clone, Copy)]
pub struct Writer<'a>(&'a Access);

/// What a session is to become: only what is there is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SessionChange {
    /// The status; `NOT_ENABLED` is not a value of the API and is not sent.
    pub status: Option<Status>,
    /// How often findings are published.
    pub frequency: Option<Frequency>,
}

impl SessionChange {
    fn status(self) -> Option<MacieStatus> {
        match self.status {
            Some(Status::Enabled) => Some(MacieStatus::Enabled),
            Some(Status::Paused) => Some(MacieStatus::Paused),
            Some(Status::NotEnabled) | None => None,
        }
    }

    fn frequency(self) -> Option<FindingPublishingFrequency> {
        self.frequency.map(|frequency| frequency.as_str().into())
    }
}

impl<'a> Writer<'a> {
    /// Lets these credentials change something.
    pub fn new(access: &'a Access) -> Self {
        Self(access)
    }

    /// Enables Macie in the account of the credentials.
    ///
    /// Source: Amazon Macie API Reference, EnableMacie. Which frequency AWS picks where none is sent is not documented, so both
    /// values should be there.
    ///
    /// # Errors
    ///
    /// Any failure, among them that Macie is enabled already.
    pub async fn enable(
        self,
        account: &OpenAccount,
        region: &Region,
        wanted: SessionChange,
    ) -> Result<(), CallFailure> {
        let request = self.0.clients.macie(region).enable_macie();
        let request = request.set_status(wanted.status()).set_finding_publishing_frequency(wanted.frequency());
        let sent = request.customize().config_override(once(account)).send().await;
        sent.map(drop).map_err(|failure| failed(&self.0.meter, &failure))
    }

    /// Changes the session of the account of the credentials.
    ///
    /// Source: Amazon Macie API Reference, UpdateMacieSession.
    ///
    /// # Errors
    ///
    /// Any failure.
    pub async fn update(
        self,
        account: &OpenAccount,
        region: &Region,
        wanted: SessionChange,
    ) -> Result<(), CallFailure> {
        let request = self.0.clients.macie(region).update_macie_session();
        let request = request.set_status(wanted.status()).set_finding_publishing_frequency(wanted.frequency());
        let sent = request.customize().config_override(once(account)).send().await;
        sent.map(drop).map_err(|failure| failed(&self.0.meter, &failure))
    }

    /// Disables Macie in the account of the credentials, which deletes all that Macie holds there.
    ///
    /// Source: Amazon Macie API Reference, DisableMacie.
    ///
    /// # Errors
    ///
    /// Any failure, among them that Macie is not enabled.
    pub async fn disable(self, account: &OpenAccount, region: &Region) -> Result<(), CallFailure> {
        let sent = self.0.clients.macie(region).disable_macie().customize().config_override(once(account)).send().await;
        sent.map(drop).map_err(|failure| failed(&self.0.meter, &failure))
    }

    /// Pauses or resumes Macie in a member, with the credentials of its administrator.
    ///
    /// Source: Amazon Macie API Reference, UpdateMemberSession.
    ///
    /// # Errors
    ///
    /// Any failure.
    pub async fn set_member(
        self,
        administrator: &OpenAccount,
        region: &Region,
        member: AccountId,
        status: Status,
    ) -> Result<(), CallFailure> {
        let wanted = SessionChange { status: Some(status), frequency: None };
        let request = self.0.clients.macie(region).update_member_session().id(member.to_string());
        let request = request.set_status(wanted.status()).customize().config_override(once(administrator));
        request.send().await.map(drop).map_err(|failure| failed(&self.0.meter, &failure))
    }

    /// Adds an account of the organization as a member, which enables Macie in it, with the credentials of the administrator.
    ///
    /// Source: Amazon Macie API Reference, CreateMember; Amazon Macie User Guide, "Integrating and configuring an
    /// organization".
    ///
    /// # Errors
    ///
    /// Any failure, among them that the account is a member already.
    pub async fn take_in(
        self,
        administrator: &OpenAccount,
        region: &Region,
        member: AccountId,
        email: &str,
    ) -> Result<(), CallFailure> {
        let detail = AccountDetail::builder().account_id(member.to_string()).email(email).build();
        let request = self.0.clients.macie(region).create_member().account(detail);
        let sent = request.customize().config_override(once(administrator)).send().await;
        sent.map(drop).map_err(|failure| failed(&self.0.meter, &failure))
    }
}

/// The account's own credentials and retry budget, without retries of what may have been done.
fn once(account: &OpenAccount) -> Builder {
    own(account).retry_classifier(OnceOnly)
}
