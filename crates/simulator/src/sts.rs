//! AWS Security Token Service: GetCallerIdentity and AssumeRole.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use crate::account_id::AccountId;
use crate::clock::{SimClock, WallClock};
use crate::operation::{Operation, Service};
use crate::principal::{Principal, SECRET_ACCESS_KEY};
use crate::request::{Parameters, Request};
use crate::response::{Answer, STS_NAMESPACE, ServiceError};
use crate::world::World;

/// The default lifetime of temporary credentials. Source: AWS STS API Reference, AssumeRole.
const DEFAULT_SECONDS: u64 = 3600;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GetCallerIdentityResponse<'a> {
    #[serde(rename = "@xmlns")]
    xmlns: &'static str,
    get_caller_identity_result: CallerIdentity,
    response_metadata: ResponseMetadata<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CallerIdentity {
    arn: String,
    user_id: String,
    account: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AssumeRoleResponse<'a> {
    #[serde(rename = "@xmlns")]
    xmlns: &'static str,
    assume_role_result: AssumeRoleResult,
    response_metadata: ResponseMetadata<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AssumeRoleResult {
    assumed_role_user: AssumedRoleUser,
    credentials: Credentials,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AssumedRoleUser {
    assumed_role_id: String,
    arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Credentials {
    access_key_id: String,
    secret_access_key: &'static str,
    session_token: String,
    expiration: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ResponseMetadata<'a> {
    request_id: &'a str,
}

/// A role's ARN, taken apart: `arn:aws:iam::ACCOUNT:role/PATH/NAME`.
///
/// Source: IAM User Guide, "IAM identifiers".
pub(crate) struct RoleArn<'a> {
    pub(crate) account: AccountId,
    /// Path and name, without a leading slash.
    path_and_name: &'a str,
}

impl<'a> RoleArn<'a> {
    pub(crate) fn parse(arn: &'a str) -> Option<Self> {
        let (account, path_and_name) = arn.strip_prefix("arn:aws:iam::")?.split_once(":role/")?;
        let name = path_and_name.rsplit('/').next()?;
        is_name(name, 1).then_some(Self { account: account.parse().ok()?, path_and_name })
    }
}

/// The ARN of the role that a request is about.
pub(crate) fn role_arn(request: &Request) -> Option<&str> {
    request.form.get("RoleArn")
}

/// STS, as one request reaches it.
pub(crate) struct Sts<'a> {
    pub(crate) world: &'a World,
    pub(crate) clock: &'a SimClock,
    pub(crate) time: WallClock,
    pub(crate) request_id: &'a str,
}

impl Sts<'_> {
    /// Who the caller is. Source: AWS STS API Reference, GetCallerIdentity.
    pub(crate) fn get_caller_identity(&self, principal: &Principal) -> Result<Answer, ServiceError> {
        Answer::xml(&GetCallerIdentityResponse {
            xmlns: STS_NAMESPACE,
            get_caller_identity_result: CallerIdentity {
                arn: principal.arn(),
                user_id: principal.user_id(),
                account: principal.account().to_string(),
            },
            response_metadata: ResponseMetadata { request_id: self.request_id },
        })
    }

    /// Credentials for a session of a role; with `instead`, those of a session in that account.
    ///
    /// A missing account or role, a trust policy that refuses, and a suspended account all look the same, as they do in AWS.
    ///
    /// Source: AWS STS API Reference, AssumeRole.
    pub(crate) fn assume_role(
        &self,
        principal: &Principal,
        form: &Parameters,
        instead: Option<AccountId>,
    ) -> Result<Answer, ServiceError> {
        let parameter = |name: &str| form.get(name);
        let arn = parameter("RoleArn").ok_or_else(|| missing("roleArn"))?;
        let session = parameter("RoleSessionName").ok_or_else(|| missing("roleSessionName"))?;
        if !is_name(session, 2) {
            return Err(unsatisfied(session, "roleSessionName", "regular expression pattern: [\\w+=,.@-]*"));
        }
        let asked = lifetime(parameter("DurationSeconds"))?;
        let length = self.world.credentials_last().map_or(asked, |length| length.min(asked));
        let role = RoleArn::parse(arn)
            .ok_or_else(|| ServiceError::bad_request("ValidationError", format!("{arn} is invalid")))?;

        let trusts =
            |account| self.world.account(account)?.trusts(role.path_and_name, parameter("ExternalId")).then_some(());
        if trusts(role.account).is_none() {
            return Err(ServiceError::denied(Service::Sts, &principal.arn(), &Operation::AssumeRole.action(), arn, ""));
        }
        let assumed = Principal::RoleSession {
            account: instead.unwrap_or(role.account),
            role: role.path_and_name.to_owned(),
            session: session.to_owned(),
        };
        // Clients judge by their own clock, so this moment must be real; here it is judged by a clock that can be stopped.
        let expiration = self.time.now().saturating_add(length).unwrap_or(Timestamp::MAX);
        let end = self.clock.elapsed().saturating_add(length);
        Answer::xml(&AssumeRoleResponse {
            xmlns: STS_NAMESPACE,
            assume_role_result: AssumeRoleResult {
                assumed_role_user: AssumedRoleUser { assumed_role_id: assumed.user_id(), arn: assumed.arn() },
                credentials: Credentials {
                    access_key_id: assumed.access_key_id(),
                    secret_access_key: SECRET_ACCESS_KEY,
                    session_token: assumed.session_token(end).unwrap_or_default(),
                    expiration: expiration.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
                },
            },
            response_metadata: ResponseMetadata { request_id: self.request_id },
        })
    }
}

fn lifetime(seconds: Option<&str>) -> Result<Duration, ServiceError> {
    let Some(text) = seconds else {
        return Ok(Duration::from_secs(DEFAULT_SECONDS));
    };
    let in_range = text.parse().ok().filter(|seconds| (900..=43_200).contains(seconds));
    in_range.map(Duration::from_secs).ok_or_else(|| unsatisfied(text, "durationSeconds", "value between 900 and 43200"))
}

/// Whether a text may name a role or a session: `[\w+=,.@-]`, at most 64 of them.
fn is_name(text: &str, shortest: usize) -> bool {
    (shortest..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
}

fn missing(parameter: &str) -> ServiceError {
    let message = format!(
        "1 validation error detected: Value at '{parameter}' failed to satisfy constraint: Member must not be null"
    );
    ServiceError::bad_request("ValidationError", message)
}

fn unsatisfied(value: &str, parameter: &str, constraint: &str) -> ServiceError {
    let message = format!(
        "1 validation error detected: Value '{value}' at '{parameter}' failed to satisfy constraint: Member must satisfy {constraint}"
    );
    ServiceError::bad_request("ValidationError", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_arn_is_taken_apart() {
        let role = RoleArn::parse("arn:aws:iam::012345678901:role/audit/eu/Reader").expect("an ARN");
        assert_eq!((role.account.to_string().as_str(), role.path_and_name), ("012345678901", "audit/eu/Reader"));
        for bad in [
            "",
            "Reader",
            "arn:aws:iam::1:role/R",
            "arn:aws:iam::012345678901:user/R",
            "arn:aws:iam::012345678901:role/",
        ] {
            assert!(RoleArn::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn lifetimes_have_bounds() {
        assert_eq!(lifetime(None).expect("the default").as_secs(), 3600);
        assert_eq!(lifetime(Some("900")).expect("the least").as_secs(), 900);
        for bad in ["899", "43201", "-1", "soon", ""] {
            assert!(lifetime(Some(bad)).is_err(), "{bad}");
        }
    }
}
