//! Opening an account: getting credentials for it, and proof that they are its own.

use std::sync::{Arc, PoisonError};
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sdk_sts::operation::assume_role::{AssumeRoleError, AssumeRoleOutput};

use super::access::Slot;
use super::calls::{caller_identity, failed};
use super::credentials::{Lease, can_be_sent};
use super::retry::budget_of;
use super::watch::Watch;
use super::{Access, CallFailure, Caller, OpenAccount, Outcome, RoleTemplate, is_expired, judge};
use crate::model::{AccountId, Unread, UnreadReason};

/// An AssumeRole that STS refuses because it is not active in the Region asked, for the role's account.
///
/// Source: AWS STS API Reference, AssumeRole, Errors.
const REGION_DISABLED: &str = "RegionDisabledException";

impl Access {
    /// Gets credentials for an account: the caller's own for the caller's account, those of the configured role for any
    /// other. They serve all Regions.
    ///
    /// # Errors
    ///
    /// Why nothing in the account can be read: there is no role to assume, it cannot be assumed, or what was got belongs
    /// to another account.
    pub async fn open(&self, account: AccountId) -> Result<OpenAccount, Unread> {
        let slot = self.slot(account);
        let mut known = slot.lock().await;
        let opened = match known.as_ref() {
            Some(open) if !open.wants_renewal() => return Ok(open.clone()),
            Some(open) => open.renewed(self.lease_for(account).await?),
            None => OpenAccount::new(account, self.lease_for(account).await?),
        };
        Ok(known.insert(opened).clone())
    }

    /// New credentials for an account whose credentials are about to end, or were refused.
    ///
    /// # Errors
    ///
    /// As for [`Access::open`].
    pub async fn renew(&self, account: &OpenAccount) -> Result<OpenAccount, Unread> {
        let slot = self.slot(account.account());
        let mut known = slot.lock().await;
        // Of many calls that were refused at once, one refreshes the credentials of all.
        if let Some(newer) = known.as_ref().filter(|open| !open.wants_renewal() && !open.has_credentials_of(account)) {
            return Ok(newer.clone());
        }
        if account.account() == self.caller().account {
            self.base.refuse(&account.credentials()).await;
        }
        Ok(known.insert(account.renewed(self.lease_for(account.account()).await?)).clone())
    }

    /// Drops the credentials of an account about which nothing more is to be asked. Whoever asks all the same opens it anew.
    pub fn forget(&self, account: AccountId) {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).remove(&account);
    }

    fn slot(&self, account: AccountId) -> Slot {
        // An entry is put in whole: there is no half of it to be afraid of.
        Arc::clone(self.opened.lock().unwrap_or_else(PoisonError::into_inner).entry(account).or_default())
    }

    async fn lease_for(&self, account: AccountId) -> Result<Lease, Unread> {
        if account == self.caller().account {
            return self.base.lease().await.map_err(no_entry);
        }
        match &self.options.role {
            Some(role) => self.assume(role, account).await,
            None => Err(Unread::without_answer(
                UnreadReason::WrongAccount,
                format!(
                    "the credentials belong to account {}, and no role is configured to reach {account} with: set \
                     [aws] role_name",
                    self.caller().account
                ),
            )),
        }
    }

    async fn assume(&self, role: &RoleTemplate, account: AccountId) -> Result<Lease, Unread> {
        let base = self.base.lease().await.map_err(no_entry)?.credentials;
        let refused = match self.assume_with(base.clone(), role, account).await {
            Err(unread) if unread.evidence.code.as_deref().is_some_and(is_expired) => unread,
            assumed => return assumed,
        };
        // The credentials that the run started with have ended before their time: the chain may have others by now.
        self.base.refuse(&base).await;
        match self.base.lease().await {
            Ok(new) => self.assume_with(new.credentials, role, account).await,
            // Why there are no new ones is less than why the old ones were refused.
            Err(_) => Err(refused),
        }
    }

    async fn assume_with(&self, base: Credentials, role: &RoleTemplate, account: AccountId) -> Result<Lease, Unread> {
        let arn = role.arn(account, &self.caller().partition);
        let own = aws_sdk_sts::config::Builder::new().credentials_provider(base).retry_partition(budget_of(account));
        let request =
            self.clients.sts.assume_role().role_arn(&arn).role_session_name(self.options.session_name.as_str());
        let request = request.set_external_id(self.options.external_id.as_ref().map(|id| id.reveal().to_owned()));
        self.sts.turn().await;
        let watch = Watch::<AssumeRoleError>::new();
        let answer = request.customize().interceptor(watch.clone()).config_override(own).send().await;
        let answer = answer.map_err(|failure| no_entry(watch.explain(failed(&self.meter, &failure))))?;
        let Some(credentials) = credentials_of(&answer) else {
            return Err(Unread::without_answer(
                UnreadReason::Unintelligible,
                format!("AssumeRole for {arn} was answered without credentials that can be used"),
            ));
        };
        let named = answer.assumed_role_user().and_then(|user| Caller::from_arn(user.arn()));
        let owner = if named.is_some() {
            named
        } else {
            self.sts.turn().await;
            caller_identity(&self.clients, &self.meter, credentials.clone(), Some(budget_of(account)))
                .await
                .map_err(no_entry)?
        };
        match owner {
            Some(owner) if owner.account == account => Ok(Lease::starting_now(credentials)),
            Some(owner) => Err(Unread::without_answer(
                UnreadReason::WrongAccount,
                format!("AssumeRole for {arn} gave credentials of account {}", owner.account),
            )),
            None => Err(Unread::without_answer(
                UnreadReason::Unintelligible,
                format!("AssumeRole for {arn} gave credentials of which nobody says whose they are"),
            )),
        }
    }
}

fn credentials_of(answer: &AssumeRoleOutput) -> Option<Credentials> {
    let given = answer.credentials()?;
    if given.access_key_id().is_empty() || given.secret_access_key().is_empty() {
        return None;
    }
    // A time out of the clock's range is as good as none.
    let end = SystemTime::try_from(*given.expiration()).ok();
    let credentials = Credentials::new(
        given.access_key_id(),
        given.secret_access_key(),
        Some(given.session_token().to_owned()),
        end,
        "driftline",
    );
    can_be_sent(&credentials).then_some(credentials)
}

/// What a failed STS call means for every Region of the account.
fn no_entry(failure: CallFailure) -> Unread {
    let reason = match judge(&failure).outcome {
        Outcome::Unread(UnreadReason::Denied) => UnreadReason::RoleNotAssumable,
        Outcome::Unread(_) if failure.code.as_deref() == Some(REGION_DISABLED) => UnreadReason::RoleNotAssumable,
        Outcome::TokenRefused => UnreadReason::BadCredentials,
        Outcome::NotEnabled => UnreadReason::Unintelligible,
        Outcome::Unread(reason) => reason,
    };
    failure.into_unread(reason)
}
