//! The relationship of an account to a Macie administrator, as far as it decides who is asked for a setting.

use std::sync::Arc;

use super::answer::Answer;
use super::extra_call::unread;
use super::shared_answers::AdministratorAnswer;
use crate::aws::says_not_administrator;
use crate::model::{AccountId, Unread};
use crate::resource::SettingRequest;

/// The relationship of an account to a Macie administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relationship {
    /// The settings file names it as the administrator.
    Administrator,
    /// It has an administrator.
    Member,
    /// It has none: it stands alone, or is an administrator that the settings file does not name.
    WithoutAdministrator,
}

impl SettingRequest<'_> {
    /// Whether the settings file names another account, or this one, as Macie's administrator; `None` if it names none.
    pub(super) fn is_named_administrator(self) -> Option<bool> {
        self.aws.administrator().map(|administrator| administrator == self.credentials.account())
    }

    /// The relationship of the account: what the settings file and the administrator's list say, or else the account itself.
    ///
    /// # Errors
    ///
    /// Why it is unknown. What depends on it is unread, never not applicable.
    pub(super) async fn relationship(self) -> Result<Relationship, Arc<Unread>> {
        if self.is_named_administrator() == Some(true) {
            return Ok(Relationship::Administrator);
        }
        match &self.shared.administrator_answer {
            Some(AdministratorAnswer::Member(_)) => Ok(Relationship::Member),
            Some(AdministratorAnswer::NotListed) => Ok(Relationship::WithoutAdministrator),
            None => Ok(match self.administrator().await? {
                Some(_) => Relationship::Member,
                None => Relationship::WithoutAdministrator,
            }),
        }
    }

    /// The administrator of the account, asked of the account itself, once.
    ///
    /// # Errors
    ///
    /// Why it is unknown.
    pub(super) async fn administrator(self) -> Result<Option<AccountId>, Arc<Unread>> {
        let asking = async || {
            let membership = self.aws.membership(self.credentials, self.region).await.map_err(unread)?;
            Ok(membership.map(|membership| membership.administrator))
        };
        self.shared.administrator.get_or_init(asking).await.clone()
    }

    /// The answer to DescribeOrganizationConfiguration, asked once; `None` if AWS says that only the administrator of an
    /// organization may ask, so that the account is none.
    ///
    /// Source: Amazon Macie API Reference, DescribeOrganizationConfiguration: only the delegated administrator can.
    ///
    /// # Errors
    ///
    /// Any other failure.
    pub(super) async fn organization(self) -> Result<Option<Answer>, Arc<Unread>> {
        let SettingRequest { aws, credentials, region, .. } = self;
        let asking = async || {
            let answer = aws.ask("DescribeOrganizationConfiguration", credentials, async |config, observer| {
                let call = aws.macie(region).describe_organization_configuration().customize();
                call.interceptor(observer).config_override(config).send().await
            });
            match answer.await {
                Ok(answer) => Ok(Some(answer)),
                Err(failure) if says_not_administrator(&failure) => Ok(None),
                Err(failure) => Err(unread(failure)),
            }
        };
        self.shared.organization.get_or_init(asking).await.clone()
    }
}
