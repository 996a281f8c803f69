//! The calls that change something. Nothing outside `apply` may name this, and a test holds that.

use std::error::Error;

use aws_sdk_macie2::config::Builder;
use aws_sdk_macie2::error::ProvideErrorMetadata;
use aws_sdk_macie2::operation::create_member::CreateMemberError;
use aws_sdk_macie2::operation::disable_macie::DisableMacieError;
use aws_sdk_macie2::operation::enable_macie::EnableMacieError;
use aws_sdk_macie2::operation::update_macie_session::UpdateMacieSessionError;
use aws_sdk_macie2::operation::update_member_session::UpdateMemberSessionError;
use aws_sdk_macie2::types::{AccountDetail, FindingPublishingFrequency, MacieStatus};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;

use super::{Frequency, Status};
use super::{Operation, SessionState};
use crate::aws::{AccountCredentials, AwsSession, CallFailure, NoRetryAfterSend};
use crate::model::{AccountId, Region, Target};

/// The way to change Macie sessions.
#[derive(Debug, Clone, Copy)]
pub struct SessionWriter<'a>(&'a AwsSession);

/// What a session is to become: only what is there is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct SessionChange {
    /// The status; `NOT_ENABLED` is not a value of the API and is not sent.
    status: Option<Status>,
    /// How often findings are published.
    frequency: Option<Frequency>,
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

impl<'a> SessionWriter<'a> {
    /// Lets these credentials change something.
    pub fn new(access: &'a AwsSession) -> Self {
        Self(access)
    }

    /// Makes the call of an operation on a target. `after` is what the target is to be set to by it.
    ///
    /// # Errors
    ///
    /// Any failure of the call.
    pub async fn perform(
        self,
        operation: &Operation,
        calling: &AccountCredentials,
        target: &Target,
        after: SessionState,
    ) -> Result<(), CallFailure> {
        let Target { account: member, region, .. } = target;
        let change = SessionChange { status: after.status(), frequency: after.frequency() };
        match (operation, change.status) {
            (Operation::EnableMacie, _) => self.enable(calling, region, change).await,
            (Operation::UpdateMacieSession, _) => self.update(calling, region, change).await,
            (Operation::DisableMacie, _) => self.disable(calling, region).await,
            (Operation::CreateMember { email }, _) => self.create_member(calling, region, *member, email).await,
            (Operation::UpdateMemberSession, Some(status)) => {
                self.update_member_session(calling, region, *member, status).await
            }
            // No plan is made like that, and nothing is to be set.
            (Operation::UpdateMemberSession, None) => Ok(()),
        }
    }

    /// Enables Macie in the account of the credentials.
    ///
    /// Source: Amazon Macie API Reference, EnableMacie. Which frequency AWS picks where none is sent is not documented, so both
    /// values should be there.
    ///
    /// # Errors
    ///
    /// Any failure, among them that Macie is enabled already.
    async fn enable(
        self,
        account: &AccountCredentials,
        region: &Region,
        wanted: SessionChange,
    ) -> Result<(), CallFailure> {
        let request = self.0.macie(region).enable_macie();
        let request = request.set_status(wanted.status()).set_finding_publishing_frequency(wanted.frequency());
        self.made(account, async |account| {
            request.clone().customize().config_override(once::<EnableMacieError>(account)).send().await.map(drop)
        })
        .await
    }

    /// Changes the session of the account of the credentials.
    ///
    /// Source: Amazon Macie API Reference, UpdateMacieSession.
    ///
    /// # Errors
    ///
    /// Any failure.
    async fn update(
        self,
        account: &AccountCredentials,
        region: &Region,
        wanted: SessionChange,
    ) -> Result<(), CallFailure> {
        let request = self.0.macie(region).update_macie_session();
        let request = request.set_status(wanted.status()).set_finding_publishing_frequency(wanted.frequency());
        self.made(account, async |account| {
            request.clone().customize().config_override(once::<UpdateMacieSessionError>(account)).send().await.map(drop)
        })
        .await
    }

    /// Disables Macie in the account of the credentials, which deletes all that Macie holds there.
    ///
    /// Source: Amazon Macie API Reference, DisableMacie.
    ///
    /// # Errors
    ///
    /// Any failure, among them that Macie is not enabled.
    async fn disable(self, account: &AccountCredentials, region: &Region) -> Result<(), CallFailure> {
        let request = self.0.macie(region).disable_macie();
        self.made(account, async |account| {
            request.clone().customize().config_override(once::<DisableMacieError>(account)).send().await.map(drop)
        })
        .await
    }

    /// Pauses or resumes Macie in a member, with the credentials of its administrator.
    ///
    /// Source: Amazon Macie API Reference, UpdateMemberSession.
    ///
    /// # Errors
    ///
    /// Any failure.
    async fn update_member_session(
        self,
        administrator: &AccountCredentials,
        region: &Region,
        member: AccountId,
        status: Status,
    ) -> Result<(), CallFailure> {
        let wanted = SessionChange { status: Some(status), frequency: None };
        let request = self.0.macie(region).update_member_session().id(member.to_string());
        let request = request.set_status(wanted.status());
        self.made(administrator, async |account| {
            request
                .clone()
                .customize()
                .config_override(once::<UpdateMemberSessionError>(account))
                .send()
                .await
                .map(drop)
        })
        .await
    }

    /// Adds an account of the organization as a member, which enables Macie in it, with the credentials of the administrator.
    ///
    /// Source: Amazon Macie API Reference, CreateMember; Amazon Macie User Guide, "Integrating and configuring an
    /// organization".
    ///
    /// # Errors
    ///
    /// Any failure, among them that the account is a member already.
    async fn create_member(
        self,
        administrator: &AccountCredentials,
        region: &Region,
        member: AccountId,
        email: &str,
    ) -> Result<(), CallFailure> {
        let detail = AccountDetail::builder().account_id(member.to_string()).email(email).build();
        let request = self.0.macie(region).create_member().account(detail);
        self.made(administrator, async |account| {
            request.clone().customize().config_override(once::<CreateMemberError>(account)).send().await.map(drop)
        })
        .await
    }

    /// Makes a change, once more with new credentials where AWS refused those at hand: then nothing was carried out.
    async fn made<E>(
        self,
        account: &AccountCredentials,
        call: impl AsyncFn(&AccountCredentials) -> Result<(), SdkError<E, HttpResponse>>,
    ) -> Result<(), CallFailure>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let Self(access) = self;
        let made = access
            .refreshing(account, async |account| call(account).await.map_err(|failure| access.call_failure(&failure)));
        made.await
    }
}

/// The account's own credentials and retry budget, without retries of what may have been done.
fn once<E: ProvideErrorMetadata + Error + Send + Sync + 'static>(account: &AccountCredentials) -> Builder {
    account.macie_config().retry_classifier(NoRetryAfterSend::<E>::new())
}
