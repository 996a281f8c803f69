//! New credentials for a call whose credentials AWS refused, and the same call once more.
//!
//! A refused or expired token means that nothing was carried out: that holds for what reads and for what changes something.

use super::failure::refuses_credentials;
use super::{AccountCredentials, AwsSession, CallFailure};

impl AwsSession {
    /// One call in an account. Refused credentials are refreshed, and the same call is made once more.
    ///
    /// The collector refreshes credentials by itself, for all questions about an account at once; everything else goes this way.
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
            // Why there are no new ones is less than why the old ones were refused: that names the call.
            Err(_) => Err(failure),
        }
    }

    /// The same for a call with the credentials that the run starts with.
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
