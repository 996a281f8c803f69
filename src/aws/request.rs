//! Helpers that the calls of every service and resource share.

use std::collections::BTreeSet;

use aws_credential_types::Credentials;
use aws_sdk_macie2::config::Builder as MacieConfig;
use aws_sdk_ssm::config::Builder as SystemsManagerConfig;
use aws_sdk_sts::error::ProvideErrorMetadata;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;

use super::{AccountCredentials, AwsSession, CallFailure, FailureKind};
use crate::model::Region;

impl AwsSession {
    /// The Macie client of a Region. It has no credentials of its own.
    pub(crate) fn macie(&self, region: &Region) -> aws_sdk_macie2::Client {
        self.clients.macie(region)
    }

    /// The Systems Manager client of a Region. It has no credentials of its own.
    pub(crate) fn systems_manager(&self, region: &Region) -> aws_sdk_ssm::Client {
        self.clients.systems_manager(region)
    }

    /// The facts of a failed call. A denial is counted.
    pub(crate) fn call_failure<E>(&self, failure: &SdkError<E, HttpResponse>) -> CallFailure
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        self.metrics.call_failure(failure)
    }

    /// The credentials that the run starts with.
    ///
    /// # Errors
    ///
    /// If the provider has none.
    pub(crate) async fn base_credentials(&self) -> Result<Credentials, CallFailure> {
        Ok(self.base.lease().await?.credentials)
    }
}

impl AccountCredentials {
    /// The configuration of a Macie call: the account's credentials and its retry budget.
    pub(crate) fn macie_config(&self) -> MacieConfig {
        MacieConfig::new().credentials_provider(self.credentials()).retry_partition(self.budget())
    }

    /// The same for a call of Systems Manager.
    pub(crate) fn systems_manager_config(&self) -> SystemsManagerConfig {
        SystemsManagerConfig::new().credentials_provider(self.credentials()).retry_partition(self.budget())
    }
}

/// A page: its items, if the response has a list, and the token of the next page.
pub(crate) struct Page<T> {
    pub(crate) items: Option<Vec<T>>,
    pub(crate) next: Option<String>,
}

/// Reads every item of every page, `at_most` so many pages. An empty page with a next token is normal.
///
/// Source: AWS Organizations API Reference, ListAccounts: a response can be empty "even when there are more results
/// available", and the last one is that whose `NextToken` is null.
///
/// # Errors
///
/// Any failure of any page, a list without end, and a last page without a list: a partial list is useless.
pub(crate) async fn every_page<T>(
    action: &str,
    at_most: usize,
    mut ask: impl AsyncFnMut(Option<String>) -> Result<Page<T>, CallFailure>,
) -> Result<Vec<T>, CallFailure> {
    let (mut items, mut token, mut tokens) = (Vec::new(), None, BTreeSet::new());
    for _ in 0..at_most {
        let page = ask(token).await?;
        let next = page.next.filter(|token| !token.is_empty());
        match page.items {
            Some(more) => items.extend(more),
            None if next.is_some() => {}
            None => return Err(foreign(format!("{action} was answered without a list"))),
        }
        let Some(next) = next else { return Ok(items) };
        if !tokens.insert(next.clone()) {
            return Err(foreign(format!("{action} goes in a circle: it named the same next page twice")));
        }
        token = Some(next);
    }
    Err(foreign(format!("{action} has no last page")))
}

/// Failure for a response that AWS would not give.
pub(crate) fn foreign(message: String) -> CallFailure {
    CallFailure {
        kind: FailureKind::Foreign,
        code: None,
        message: Some(message.into()),
        request_id: None,
        http_status: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(pages: &[(Option<&[u8]>, Option<&str>)]) -> Result<Vec<u8>, String> {
        let mut asked = pages.iter();
        let ask = async |_: Option<String>| {
            let (items, next) = asked.next().expect("not asked again after the last page");
            Ok(Page { items: items.map(<[u8]>::to_vec), next: next.map(str::to_owned) })
        };
        every_page("a:B", 100, ask).await.map_err(|failure| failure.message.expect("a reason").into())
    }

    #[tokio::test]
    async fn empty_pages_are_passed_over() {
        let pages: [(Option<&[u8]>, _); 4] =
            [(Some(&[]), Some("1")), (Some(&[1]), Some("2")), (None, Some("3")), (Some(&[2, 3]), Some(""))];
        assert_eq!(read(&pages).await, Ok(vec![1, 2, 3]));
        assert_eq!(read(&[(Some(&[]), None)]).await, Ok(vec![]));
    }

    #[tokio::test]
    async fn half_an_answer_and_an_answer_without_end_are_none() {
        assert_eq!(
            read(&[(Some(&[1]), Some("1")), (None, None)]).await,
            Err("a:B was answered without a list".to_owned())
        );
        let circle: [(Option<&[u8]>, _); 3] =
            [(Some(&[1]), Some("1")), (Some(&[2]), Some("2")), (Some(&[3]), Some("1"))];
        let told = "a:B goes in a circle: it named the same next page twice";
        assert_eq!(read(&circle).await, Err(told.to_owned()));
        let mut count = 0_u64;
        let endless = async |_: Option<String>| {
            count += 1;
            Ok(Page::<u8> { items: Some(vec![]), next: Some(count.to_string()) })
        };
        let failure = every_page("a:B", 100, endless).await.expect_err("no end");
        assert_eq!(failure.message.as_deref(), Some("a:B has no last page"));
    }
}
