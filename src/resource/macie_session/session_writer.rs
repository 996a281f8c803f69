//! The calls that write. A test ensures that nothing outside `apply` names this.

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

/// Writer of Macie sessions.
#[derive(Debug, Clone, Copy)]
pub struct SessionWriter<'a>(&'a AwsSession);

/// The values to send. Absent ones are not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct SessionChange {
    /// `NOT_ENABLED` is not a value of the API and is not sent.
    status: Option<Status>,
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
    /// A writer for this session.
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
            // The planner makes no such step, and there is nothing to set.
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
    /// Any failure, including that Macie is enabled already.
    async fn enable(
        self,
        account: &AccountCredentials,
        region: &Region,
        change: SessionChange,
    ) -> Result<(), CallFailure> {
        let request = self.0.macie(region).enable_macie();
        let request = request.set_status(change.status()).set_finding_publishing_frequency(change.frequency());
        self.call(account, async |account| {
            request
                .clone()
                .customize()
                .config_override(without_retries::<EnableMacieError>(account))
                .send()
                .await
                .map(drop)
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
        change: SessionChange,
    ) -> Result<(), CallFailure> {
        let request = self.0.macie(region).update_macie_session();
        let request = request.set_status(change.status()).set_finding_publishing_frequency(change.frequency());
        self.call(account, async |account| {
            request
                .clone()
                .customize()
                .config_override(without_retries::<UpdateMacieSessionError>(account))
                .send()
                .await
                .map(drop)
        })
        .await
    }

    /// Disables Macie in the account of the credentials, which deletes all that Macie holds there.
    ///
    /// Source: Amazon Macie API Reference, DisableMacie.
    ///
    /// # Errors
    ///
    /// Any failure, including that Macie is not enabled.
    async fn disable(self, account: &AccountCredentials, region: &Region) -> Result<(), CallFailure> {
        let request = self.0.macie(region).disable_macie();
        self.call(account, async |account| {
            request
                .clone()
                .customize()
                .config_override(without_retries::<DisableMacieError>(account))
                .send()
                .await
                .map(drop)
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
        let change = SessionChange { status: Some(status), frequency: None };
        let request = self.0.macie(region).update_member_session().id(member.to_string());
        let request = request.set_status(change.status());
        self.call(administrator, async |account| {
            request
                .clone()
                .customize()
                .config_override(without_retries::<UpdateMemberSessionError>(account))
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
    /// Any failure, including that the account is a member already.
    async fn create_member(
        self,
        administrator: &AccountCredentials,
        region: &Region,
        member: AccountId,
        email: &str,
    ) -> Result<(), CallFailure> {
        let detail = AccountDetail::builder().account_id(member.to_string()).email(email).build();
        let request = self.0.macie(region).create_member().account(detail);
        self.call(administrator, async |account| {
            request
                .clone()
                .customize()
                .config_override(without_retries::<CreateMemberError>(account))
                .send()
                .await
                .map(drop)
        })
        .await
    }

    /// Makes a call, and repeats it with new credentials where AWS refused the old ones: then nothing was carried out.
    async fn call<E>(
        self,
        account: &AccountCredentials,
        send: impl AsyncFn(&AccountCredentials) -> Result<(), SdkError<E, HttpResponse>>,
    ) -> Result<(), CallFailure>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let Self(access) = self;
        let answer = access
            .refreshing(account, async |account| send(account).await.map_err(|failure| access.call_failure(&failure)));
        answer.await
    }
}

/// The account's credentials and retry budget, without retries of what may have been carried out.
fn without_retries<E: ProvideErrorMetadata + Error + Send + Sync + 'static>(account: &AccountCredentials) -> Builder {
    account.macie_config().retry_classifier(NoRetryAfterSend::<E>::new())
}
