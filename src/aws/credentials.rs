//! Credentials with an owner and an expiry.

use std::fmt;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_runtime::client::retries::RetryPartition;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::CallFailure;
use super::failure::refuses_credentials;
use super::retry::retry_partition;
use crate::model::AccountId;

/// Refresh margin before expiry.
const MARGIN: Duration = Duration::from_mins(5);

/// Credentials with less time left are used as they are: new ones would hardly last longer.
const SHORTEST: Duration = Duration::from_secs(1);

/// Credentials that are proven to belong to an account.
#[derive(Clone)]
pub struct AccountCredentials {
    account: AccountId,
    lease: ExpiringCredentials,
    budget: RetryPartition,
}

/// Credentials and the time of their refresh.
#[derive(Clone)]
pub(super) struct ExpiringCredentials {
    pub(super) credentials: Credentials,
    renew_at: Option<Instant>,
}

/// The base credentials of the run, resolved once and again before they expire.
pub(super) struct BaseCredentials {
    provider: SharedCredentialsProvider,
    lease: Mutex<Option<ExpiringCredentials>>,
}

impl AccountCredentials {
    pub(super) fn new(account: AccountId, lease: ExpiringCredentials) -> Self {
        Self { account, lease, budget: retry_partition(account) }
    }

    /// Credentials that are about to expire or have expired, for tests of what happens then.
    #[cfg(test)]
    pub(crate) fn for_tests(wants_refresh: bool, is_expired: bool) -> Self {
        let end = is_expired.then_some(SystemTime::UNIX_EPOCH);
        let credentials = Credentials::new("AKID", "secret", None, end, "test");
        let lease = ExpiringCredentials { credentials, renew_at: wants_refresh.then(Instant::now) };
        Self::new("111122223333".parse().expect("an account id"), lease)
    }

    /// The account.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// Whether the credentials should be refreshed before the next call.
    pub fn wants_refresh(&self) -> bool {
        self.lease.is_over()
    }

    /// Whether the credentials have expired.
    pub fn is_expired(&self) -> bool {
        self.lease.has_ended()
    }

    /// The same account with new credentials. The retry budget is kept.
    #[must_use]
    pub(super) fn refreshed(&self, lease: ExpiringCredentials) -> Self {
        Self { account: self.account, lease, budget: self.budget.clone() }
    }

    pub(super) fn credentials(&self) -> Credentials {
        self.lease.credentials.clone()
    }

    /// Whether two copies of the account have the same credentials.
    pub(super) fn has_credentials_of(&self, other: &Self) -> bool {
        is_same(&self.lease.credentials, &other.lease.credentials)
    }

    pub(super) fn budget(&self) -> RetryPartition {
        self.budget.clone()
    }
}

impl ExpiringCredentials {
    /// Credentials are refreshed minutes before they expire; short-lived ones after three quarters of their time, so
    /// that new ones always last for a while.
    pub(super) fn starting_now(credentials: Credentials) -> Self {
        let renew_at = credentials.expiry().and_then(|expiry| {
            let left = expiry.duration_since(SystemTime::now()).ok()?;
            if left < SHORTEST {
                return None;
            }
            Some(Instant::now() + left.saturating_sub(MARGIN.min(left / 4)))
        });
        Self { credentials, renew_at }
    }

    fn is_over(&self) -> bool {
        // The timer clock may stop while the machine sleeps.
        self.renew_at.is_some_and(|moment| moment <= Instant::now() || self.has_ended())
    }

    fn has_ended(&self) -> bool {
        self.credentials.expiry().is_some_and(|end| end <= SystemTime::now())
    }
}

impl BaseCredentials {
    pub(super) fn new(provider: SharedCredentialsProvider) -> Self {
        Self { provider, lease: Mutex::default() }
    }

    /// Drops credentials that AWS calls expired early, so that the chain is asked again.
    pub(super) async fn refuse(&self, refused: &Credentials) {
        let mut known = self.lease.lock().await;
        if known.as_ref().is_some_and(|lease| is_same(&lease.credentials, refused)) {
            *known = None;
        }
    }

    /// Asks the chain again in any case.
    async fn refresh(&self) -> Result<(), CallFailure> {
        *self.lease.lock().await = None;
        self.lease().await.map(drop)
    }

    /// Makes a call with the base credentials. If AWS refuses them, the chain is asked again and the call is repeated
    /// once.
    ///
    /// # Errors
    ///
    /// The failure of the last call.
    pub(super) async fn refreshing<T>(
        &self,
        mut call: impl AsyncFnMut() -> Result<T, CallFailure>,
    ) -> Result<T, CallFailure> {
        let failure = match call().await {
            Err(failure) if refuses_credentials(&failure) => failure,
            answered => return answered,
        };
        match self.refresh().await {
            Ok(()) => call().await,
            Err(_) => Err(failure),
        }
    }

    /// The credentials, resolved again if they expire soon.
    pub(super) async fn lease(&self) -> Result<ExpiringCredentials, CallFailure> {
        // Held while the chain resolves, so that many accounts opened at once resolve it once.
        let mut known = self.lease.lock().await;
        if let Some(lease) = known.as_ref().filter(|lease| !lease.is_over()) {
            return Ok(lease.clone());
        }
        let resolved = self.provider.provide_credentials().await;
        let credentials = resolved.map_err(|failure| CallFailure::from_credentials_error(&failure))?;
        if !fits_headers(&credentials) {
            return Err(CallFailure::without_credentials(
                "the access key id or the session token holds a character that no request can carry, such as a line break",
            ));
        }
        Ok(known.insert(ExpiringCredentials::starting_now(credentials)).clone())
    }
}

/// Whether both are the same credentials. A role that is assumed again may get a new session token with the same key
/// id.
fn is_same(one: &Credentials, other: &Credentials) -> bool {
    (one.access_key_id(), one.session_token()) == (other.access_key_id(), other.session_token())
}

/// Whether request headers can carry the credentials. The signer of the SDK panics otherwise.
///
/// Source: RFC 9110, 5.5 "Field Values"; AWS STS API Reference, Credentials, for what they are made of.
pub(super) fn fits_headers(credentials: &Credentials) -> bool {
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    is_plain(credentials.access_key_id()) && credentials.session_token().is_none_or(is_plain)
}

impl fmt::Debug for AccountCredentials {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("OpenAccount").field("account", &self.account).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lease(seconds: u64) -> ExpiringCredentials {
        let end = SystemTime::now() + Duration::from_secs(seconds);
        ExpiringCredentials::starting_now(Credentials::new("AKID", "secret", None, Some(end), "test"))
    }

    #[tokio::test(start_paused = true)]
    async fn credentials_are_renewed_before_their_end_and_never_at_once() {
        let (hour, minute) = (lease(3600), lease(60));
        assert!(!hour.is_over() && !minute.is_over());
        tokio::time::advance(Duration::from_secs(46)).await;
        assert!(!hour.is_over() && minute.is_over());
        tokio::time::advance(Duration::from_secs(3600 - 46 - 299)).await;
        assert!(hour.is_over());
        assert!(!lease(0).is_over(), "what has ended already is for AWS to refuse");
    }

    #[test]
    fn credentials_that_no_header_holds_are_never_sent() {
        let can_be = |id: &str, token: Option<&str>| {
            fits_headers(&Credentials::new(id, "any\nthing", token.map(str::to_owned), None, "test"))
        };
        assert!(can_be("AKIDEXAMPLE", None) && can_be("ASIA", Some("IQoJb3JpZ2lu//+==")));
        for bad in ["AKID\n", "\rAKID", "AK ID", "AKÏD", "AKID\u{7f}", "\0"] {
            assert!(!can_be(bad, None) && !can_be("AKID", Some(bad)), "{bad:?}");
        }
    }

    #[test]
    fn an_open_account_shows_no_secret() {
        let account = "111122223333".parse().expect("an account id");
        let lease =
            ExpiringCredentials { credentials: Credentials::new("AKID", "hush", None, None, "test"), renew_at: None };
        let shown = format!("{:?}", AccountCredentials::new(account, lease));
        assert!(shown.contains("111122223333") && !shown.contains("hush") && !shown.contains("AKID"));
    }
}
