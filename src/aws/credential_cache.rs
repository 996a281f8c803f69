//! Credentials per account: assumed roles, proof of their owner, and refresh.

use std::sync::{Arc, PoisonError};
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sdk_sts::operation::assume_role::{AssumeRoleError, AssumeRoleOutput};

use super::aws_session::{CredentialSlot, caller_identity};
use super::credentials::{ExpiringCredentials, fits_headers};
use super::failure::refuses_credentials;
use super::response_check::ResponseObserver;
use super::retry::retry_partition;
use super::{AccountCredentials, AwsSession, CallFailure, Caller, FailureMeaning, RoleTemplate, classify, is_expired};
use crate::model::{AccountId, Unread, UnreadReason};

/// Error code of a Region in which STS is not active for the account of the role.
///
/// Source: AWS STS API Reference, AssumeRole, Errors.
const REGION_DISABLED: &str = "RegionDisabledException";

impl AwsSession {
    /// Credentials for an account: those of the caller for its own account, those of the configured role for any other.
    /// They serve all Regions.
    ///
    /// # Errors
    ///
    /// Why nothing in the account can be read: no role is configured, it cannot be assumed, or its credentials belong
    /// to another account.
    pub async fn credentials_for(&self, account: AccountId) -> Result<AccountCredentials, Unread> {
        let slot = self.slot(account);
        let mut known = slot.lock().await;
        let opened = match known.as_ref() {
            Some(open) if !open.wants_refresh() => return Ok(open.clone()),
            Some(open) => open.refreshed(self.expiring_credentials_for(account).await?),
            None => AccountCredentials::new(account, self.expiring_credentials_for(account).await?),
        };
        Ok(known.insert(opened).clone())
    }

    /// New credentials for an account whose credentials expire soon or were refused.
    ///
    /// # Errors
    ///
    /// As for [`AwsSession::credentials_for`].
    pub async fn refresh(&self, account: &AccountCredentials) -> Result<AccountCredentials, Unread> {
        let slot = self.slot(account.account());
        let mut known = slot.lock().await;
        // Of many calls refused at once, one refreshes the credentials for all.
        if let Some(newer) = known.as_ref().filter(|open| !open.wants_refresh() && !open.has_credentials_of(account)) {
            return Ok(newer.clone());
        }
        if account.account() == self.caller().account {
            self.base.refuse(&account.credentials()).await;
        }
        Ok(known.insert(account.refreshed(self.expiring_credentials_for(account.account()).await?)).clone())
    }

    /// Drops the credentials of a finished account. A later call opens it again.
    pub fn drop_credentials(&self, account: AccountId) {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).remove(&account);
    }

    fn slot(&self, account: AccountId) -> CredentialSlot {
        // Entries are inserted whole, so a poisoned lock is safe.
        Arc::clone(self.opened.lock().unwrap_or_else(PoisonError::into_inner).entry(account).or_default())
    }

    async fn expiring_credentials_for(&self, account: AccountId) -> Result<ExpiringCredentials, Unread> {
        if account == self.caller().account {
            return self.base.lease().await.map_err(role_not_assumable);
        }
        match &self.options.role {
            Some(role) => self.assume(role, account).await,
            None => Err(Unread::local(
                UnreadReason::WrongAccount,
                format!(
                    "the credentials belong to account {}, and no role is configured to reach {account} with: set \
                     [aws] role_name",
                    self.caller().account
                ),
            )),
        }
    }

    async fn assume(&self, role: &RoleTemplate, account: AccountId) -> Result<ExpiringCredentials, Unread> {
        let base = self.base.lease().await.map_err(role_not_assumable)?.credentials;
        let refused = match self.assume_with(base.clone(), role, account).await {
            Err(unread) if unread.evidence.code.as_deref().is_some_and(is_expired) => unread,
            assumed => return assumed,
        };
        // The base credentials have expired early: the chain may have others by now.
        self.base.refuse(&base).await;
        match self.base.lease().await {
            Ok(new) => self.assume_with(new.credentials, role, account).await,
            // The refusal says more than the failed refresh: it names the call.
            Err(_) => Err(refused),
        }
    }

    async fn assume_with(
        &self,
        base: Credentials,
        role: &RoleTemplate,
        account: AccountId,
    ) -> Result<ExpiringCredentials, Unread> {
        let arn = role.arn(account, &self.caller().partition);
        let own =
            aws_sdk_sts::config::Builder::new().credentials_provider(base).retry_partition(retry_partition(account));
        let request =
            self.clients.sts.assume_role().role_arn(&arn).role_session_name(self.options.session_name.as_str());
        let request = request.set_external_id(self.options.external_id.as_ref().map(|id| id.reveal().to_owned()));
        self.sts.acquire().await;
        let observer = ResponseObserver::<AssumeRoleError>::new();
        let answer = request.customize().interceptor(observer.clone()).config_override(own).send().await;
        let answer = answer.map_err(|failure| role_not_assumable(observer.explain(self.call_failure(&failure))))?;
        let Some(credentials) = parse_credentials(&answer) else {
            return Err(Unread::local(
                UnreadReason::Unintelligible,
                format!("AssumeRole for {arn} was answered without credentials that can be used"),
            ));
        };
        let named = answer.assumed_role_user().and_then(|user| Caller::from_arn(user.arn()));
        let owner = if named.is_some() {
            named
        } else {
            self.sts.acquire().await;
            caller_identity(&self.clients, &self.metrics, credentials.clone(), Some(retry_partition(account)))
                .await
                .map_err(role_not_assumable)?
        };
        match owner {
            Some(owner) if owner.account == account => Ok(ExpiringCredentials::starting_now(credentials)),
            Some(owner) => Err(Unread::local(
                UnreadReason::WrongAccount,
                format!("AssumeRole for {arn} gave credentials of account {}", owner.account),
            )),
            None => Err(Unread::local(
                UnreadReason::Unintelligible,
                format!("AssumeRole for {arn} gave credentials of which nobody says whose they are"),
            )),
        }
    }
}

fn parse_credentials(answer: &AssumeRoleOutput) -> Option<Credentials> {
    let given = answer.credentials()?;
    if given.access_key_id().is_empty() || given.secret_access_key().is_empty() {
        return None;
    }
    // A time out of range counts as none.
    let end = SystemTime::try_from(*given.expiration()).ok();
    let credentials = Credentials::new(
        given.access_key_id(),
        given.secret_access_key(),
        Some(given.session_token().to_owned()),
        end,
        "driftline",
    );
    fits_headers(&credentials).then_some(credentials)
}

/// The unread reason of a failed STS call, for every Region of the account.
fn role_not_assumable(failure: CallFailure) -> Unread {
    let reason = match classify(&failure).outcome {
        FailureMeaning::Unread(UnreadReason::Denied) => UnreadReason::RoleNotAssumable,
        FailureMeaning::Unread(_) if failure.code.as_deref() == Some(REGION_DISABLED) => UnreadReason::RoleNotAssumable,
        FailureMeaning::TokenRefused => UnreadReason::BadCredentials,
        FailureMeaning::NotEnabled | FailureMeaning::NoDocument | FailureMeaning::ReadAgain => {
            UnreadReason::Unintelligible
        }
        FailureMeaning::Unread(reason) => reason,
    };
    failure.into_unread(reason)
}

impl AwsSession {
    /// Makes a call in an account. Refused credentials are refreshed, and the call is repeated once. A refused token
    /// means that nothing was carried out, for reads and writes alike.
    ///
    /// The collector refreshes credentials itself, for all tasks of an account at once; everything else uses this
    /// method.
    ///
    /// # Errors
    ///
    /// The failure of the last call.
    pub async fn refreshing<T>(
        &self,
        account: &AccountCredentials,
        mut call: impl AsyncFnMut(&AccountCredentials) -> Result<T, CallFailure>,
    ) -> Result<T, CallFailure> {
        let failure = match call(account).await {
            Err(failure) if refuses_credentials(&failure) => failure,
            answered => return answered,
        };
        match self.refresh(account).await {
            Ok(refreshed) => call(&refreshed).await,
            // The refusal says more than the failed refresh: it names the call.
            Err(_) => Err(failure),
        }
    }

    /// The same with the base credentials.
    ///
    /// # Errors
    ///
    /// The failure of the last call.
    pub(crate) async fn refreshing_base<T>(
        &self,
        call: impl AsyncFnMut() -> Result<T, CallFailure>,
    ) -> Result<T, CallFailure> {
        self.base.refreshing(call).await
    }
}
