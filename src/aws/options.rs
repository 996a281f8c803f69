//! Options of a session: credential source, role and timeouts.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use crate::model::{AccountId, Region};

/// Options of a session. [`AccessOptions::new`] gives the defaults; every field may be changed after that.
#[derive(Debug, Clone)]
pub struct AccessOptions {
    /// Source of credentials, endpoint and Region.
    pub source: Source,
    /// The role to assume in accounts other than the caller's; without one, no other account can be read.
    pub role: Option<RoleTemplate>,
    /// The external id that the role's trust policy asks for.
    pub external_id: Option<ExternalId>,
    /// Macie's administrator account, where the settings file names it.
    pub administrator: Option<AccountId>,
    /// The session name, which CloudTrail shows beside each call.
    pub session_name: SessionName,
    /// Maximum of attempts per call.
    pub attempts: NonZeroU32,
    /// Timeouts.
    pub timeouts: Timeouts,
    /// Whether the session logs its calls, for a diagnosis.
    pub logs_calls: bool,
}

/// Source of credentials, endpoint and Region.
#[derive(Clone)]
pub enum Source {
    /// The default chain of the SDK: environment, profile, IAM Identity Center, web identity, container, instance.
    /// Endpoints, profile, Region, proxies and certificate bundle come from the environment, as for every AWS tool.
    Environment,
    /// Fixed values. Neither environment nor AWS configuration files are read, and no proxy is used.
    Fixed {
        /// The base URL of every service, such as `http://127.0.0.1:4599`.
        endpoint_url: String,
        /// The access key id.
        access_key_id: String,
        /// The secret access key.
        secret_access_key: String,
        /// The Region of STS.
        region: Region,
    },
}

/// Timeouts. Every call has all three: the SDK itself sets only the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Of a connection.
    pub connect: Duration,
    /// Of one attempt, from connecting to the last byte of the response.
    pub attempt: Duration,
    /// Of a call with all its attempts and the pauses between them.
    pub operation: Duration,
}

impl AccessOptions {
    /// The defaults: no role, four attempts, the session name `driftline`.
    pub fn new(source: Source) -> Self {
        Self {
            source,
            role: None,
            external_id: None,
            administrator: None,
            session_name: SessionName::default(),
            attempts: NonZeroU32::MIN.saturating_add(3),
            timeouts: Timeouts::default(),
            logs_calls: false,
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), attempt: Duration::from_secs(10), operation: Duration::from_secs(25) }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => out.write_str("Environment"),
            Self::Fixed { endpoint_url, region, .. } => out
                .debug_struct("Fixed")
                .field("endpoint_url", endpoint_url)
                .field("region", region)
                .finish_non_exhaustive(),
        }
    }
}

/// A role to assume, as a template.
///
/// Parsed from a role name, with or without a path (`audit/DriftlineRead`), or from an ARN in which `{account}` stands
/// for the account id and `{partition}` for the partition of the caller. An ARN with a fixed account is valid for that
/// account only: elsewhere, its credentials turn out to be of the wrong account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleTemplate(Box<str>);

/// The name of the assumed role's session: 2 to 64 characters of `A-Z a-z 0-9 _ + = , . @ -`.
///
/// Source: AWS STS API Reference, AssumeRole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionName(Box<str>);

/// The external id that a trust policy may ask for: 2 to 1224 characters of `A-Z a-z 0-9 _ + = , . @ : / -`.
///
/// Source: AWS STS API Reference, AssumeRole. It is treated as a secret: neither `Debug` nor `Display` shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct ExternalId(Box<str>);

/// An invalid role, session name or external id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRole {
    /// Neither a role name nor an ARN with the account left open.
    #[error(
        "a role is a name such as \"DriftlineRead\", with or without a path, or an ARN such as \
         \"arn:{{partition}}:iam::{{account}}:role/DriftlineRead\" with {{account}} in the place of the account id"
    )]
    Role,
    /// Not a session name.
    #[error("a session name has 2 to 64 characters out of letters, digits and _+=,.@-")]
    SessionName,
    /// Not an external id.
    #[error("an external id has 2 to 1224 characters out of letters, digits and _+=,.@:/-")]
    ExternalId,
}

impl RoleTemplate {
    /// The ARN of the role in an account.
    pub fn arn(&self, account: AccountId, partition: &str) -> String {
        self.0.replace("{partition}", partition).replace("{account}", &account.to_string())
    }
}

impl RoleTemplate {
    /// The ARN with `*` for the account, as IAM policies name roles of many accounts of a partition.
    pub fn arn_anywhere(&self, partition: &str) -> String {
        self.0.replace("{partition}", partition).replace("{account}", "*")
    }

    /// The path of the role, with `/` at both ends, and its name.
    pub fn path_and_name(&self) -> (String, String) {
        let whole = self.0.split_once(":role/").map_or(&*self.0, |(_, whole)| whole);
        match whole.rsplit_once('/') {
            Some((path, name)) => (format!("/{path}/"), name.to_owned()),
            None => ("/".to_owned(), whole.to_owned()),
        }
    }
}

impl FromStr for RoleTemplate {
    type Err = InvalidRole;

    fn from_str(text: &str) -> Result<Self, InvalidRole> {
        if !text.starts_with("arn:") {
            let name = text.strip_prefix('/').unwrap_or(text);
            return if is_role_path(name) {
                Ok(Self(format!("arn:{{partition}}:iam::{{account}}:role/{name}").into()))
            } else {
                Err(InvalidRole::Role)
            };
        }
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        match parts.as_slice() {
            ["arn", partition, "iam", "", account, resource]
                if (*account == "{account}" || account.parse::<AccountId>().is_ok())
                    && (*partition == "{partition}" || partition.starts_with("aws"))
                    && resource.strip_prefix("role/").is_some_and(is_role_path) =>
            {
                Ok(Self(text.into()))
            }
            _ => Err(InvalidRole::Role),
        }
    }
}

impl SessionName {
    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for SessionName {
    fn default() -> Self {
        Self("driftline".into())
    }
}

impl FromStr for SessionName {
    type Err = InvalidRole;

    fn from_str(text: &str) -> Result<Self, InvalidRole> {
        if (2..=64).contains(&text.len()) && has_only(text, "_+=,.@-") {
            Ok(Self(text.into()))
        } else {
            Err(InvalidRole::SessionName)
        }
    }
}

impl ExternalId {
    /// The id itself, for the call that needs it.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for ExternalId {
    type Err = InvalidRole;

    fn from_str(text: &str) -> Result<Self, InvalidRole> {
        if (2..=1224).contains(&text.len()) && has_only(text, "_+=,.@:/-") {
            Ok(Self(text.into()))
        } else {
            Err(InvalidRole::ExternalId)
        }
    }
}

impl fmt::Debug for ExternalId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("ExternalId(hidden)")
    }
}

fn has_only(text: &str, marks: &str) -> bool {
    text.chars().all(|letter| letter.is_ascii_alphanumeric() || marks.contains(letter))
}

/// Source: IAM API Reference, CreateRole: a name has up to 64 characters, a path up to 512.
fn is_role_path(text: &str) -> bool {
    let name = text.rsplit('/').next().unwrap_or_default();
    (1..=64).contains(&name.len())
        && text.len() <= 512 + 64
        && text.split('/').all(|part| !part.is_empty() && has_only(part, "_+=,.@-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arn(text: &str) -> String {
        let account = "012345678901".parse().expect("an account id");
        text.parse::<RoleTemplate>().expect("a role").arn(account, "aws-cn")
    }

    #[test]
    fn a_name_a_path_and_an_arn_lead_to_a_role() {
        assert_eq!(arn("Read"), "arn:aws-cn:iam::012345678901:role/Read");
        assert_eq!(arn("/audit/Read"), "arn:aws-cn:iam::012345678901:role/audit/Read");
        assert_eq!(arn("arn:aws:iam::{account}:role/x/Read"), "arn:aws:iam::012345678901:role/x/Read");
        assert_eq!(arn("arn:{partition}:iam::{account}:role/Read"), "arn:aws-cn:iam::012345678901:role/Read");
    }

    #[test]
    fn a_role_has_a_path_and_a_name() {
        let parts = |text: &str| text.parse::<RoleTemplate>().expect("a role").path_and_name();
        let pair = |path: &str, name: &str| (path.to_owned(), name.to_owned());
        assert_eq!(parts("Read"), pair("/", "Read"));
        assert_eq!(parts("/audit/eu/Read"), pair("/audit/eu/", "Read"));
        assert_eq!(parts("arn:aws:iam::{account}:role/x/Read"), pair("/x/", "Read"));
    }

    #[test]
    fn what_is_not_a_role_is_refused() {
        for bad in ["", "a b", "arn:aws:iam::1:role/Read", "arn:aws:iam::{account}:user/x", "a//b", "{account}"] {
            assert_eq!(bad.parse::<RoleTemplate>(), Err(InvalidRole::Role), "{bad}");
        }
    }

    #[test]
    fn the_external_id_is_not_shown() {
        let id: ExternalId = "very-secret".parse().expect("an external id");
        assert!(!format!("{id:?}").contains("secret"));
        assert!("x".parse::<ExternalId>().is_err() && "a b".parse::<SessionName>().is_err());
    }
}
