//! The principal of a request, and its credentials.
//!
//! Credentials encode their principal, so that none are stored, and are recognizable as fake.

use std::time::Duration;

use crate::account_id::AccountId;
use crate::world::World;

/// The secret of every access key. Signatures are not verified, but a client cannot sign without one.
pub(crate) const SECRET_ACCESS_KEY: &str = "driftline/simulated/secret/access/key/00";

/// The name of the IAM user whose credentials the simulation hands out.
const USER_NAME: &str = "auditor";
const LONG_TERM_PREFIX: &str = "AKIAFAKE";
const TEMPORARY_PREFIX: &str = "ASIAFAKE";
const TOKEN_PREFIX: &str = "driftline-simulated-token";

/// The principal of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Principal {
    /// The IAM user of the caller's account.
    User { account: AccountId },
    /// A session of a role. The role has its path and no leading slash.
    RoleSession { account: AccountId, role: String, session: String },
}

/// The account that an access key belongs to, whether or not the key is valid.
pub(crate) fn account_of_key(access_key_id: &str) -> Option<AccountId> {
    let account =
        access_key_id.strip_prefix(LONG_TERM_PREFIX).or_else(|| access_key_id.strip_prefix(TEMPORARY_PREFIX))?;
    account.parse().ok()
}

impl Principal {
    /// The principal of an access key and token, or `None` if AWS would not know them. Temporary credentials come with their
    /// end, counted from the start of the simulation.
    pub(crate) fn from_credentials(
        world: &World,
        access_key_id: &str,
        token: Option<&str>,
    ) -> Option<(Self, Option<Duration>)> {
        let account = account_of_key(access_key_id)?;
        if access_key_id.starts_with(LONG_TERM_PREFIX) {
            return (account == world.caller()).then_some((Self::User { account }, None));
        }
        let mut words = token?.strip_prefix(TOKEN_PREFIX)?.strip_prefix('/')?.splitn(4, '/');
        let (of, end, session, role) = (words.next()?, words.next()?, words.next()?, words.next()?);
        let end = Duration::from_millis(end.parse().ok()?);
        let is_issued = of.parse() == Ok(account) && !role.is_empty() && world.account(account).is_some();
        let principal = || Self::RoleSession { account, role: role.to_owned(), session: session.to_owned() };
        is_issued.then(|| (principal(), Some(end)))
    }

    pub(crate) fn account(&self) -> AccountId {
        match self {
            Self::User { account } | Self::RoleSession { account, .. } => *account,
        }
    }

    /// The role, with its path but without a leading slash.
    pub(crate) fn role(&self) -> Option<&str> {
        match self {
            Self::User { .. } => None,
            Self::RoleSession { role, .. } => Some(role),
        }
    }

    /// The ARN, without the path of a role. Source: IAM User Guide, "IAM identifiers".
    pub(crate) fn arn(&self) -> String {
        match self {
            Self::User { account } => format!("arn:aws:iam::{account}:user/{USER_NAME}"),
            Self::RoleSession { account, role, session } => {
                let name = role.rsplit('/').next().unwrap_or_default();
                format!("arn:aws:sts::{account}:assumed-role/{name}/{session}")
            }
        }
    }

    /// The unique id in the form of STS: of a user, or of a role with the name of the session after a colon.
    pub(crate) fn user_id(&self) -> String {
        match self {
            Self::User { account } => format!("AIDAFAKE0{account}"),
            Self::RoleSession { account, session, .. } => format!("AROAFAKE0{account}:{session}"),
        }
    }

    /// The id of the access key.
    pub(crate) fn access_key_id(&self) -> String {
        match self {
            Self::User { account } => format!("{LONG_TERM_PREFIX}{account}"),
            Self::RoleSession { account, .. } => format!("{TEMPORARY_PREFIX}{account}"),
        }
    }

    /// The session token that goes with the key until a moment counted from the start of the simulation. Only temporary
    /// credentials have one.
    pub(crate) fn session_token(&self, end: Duration) -> Option<String> {
        match self {
            Self::User { .. } => None,
            Self::RoleSession { account, role, session } => {
                Some(format!("{TOKEN_PREFIX}/{account}/{}/{session}/{role}", end.as_millis()))
            }
        }
    }

    /// The same principal in another account.
    pub(crate) fn moved_to(self, account: AccountId) -> Self {
        match self {
            Self::User { .. } => Self::User { account },
            Self::RoleSession { role, session, .. } => Self::RoleSession { account, role, session },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world() -> World {
        World::parse("version: 1\ncaller: '999988887777'\naccounts: {'999988887777': {}, '012345678901': {}}", "w.yaml")
            .expect("a valid world")
    }

    #[test]
    fn credentials_lead_back_to_their_principal() {
        let account = "012345678901".parse().expect("an id");
        let session = Principal::RoleSession { account, role: "audit/Reader".into(), session: "me@here".into() };
        let end = Duration::from_millis(1500);
        let (key, token) = (session.access_key_id(), session.session_token(end));
        assert_eq!(Principal::from_credentials(&world(), &key, token.as_deref()), Some((session.clone(), Some(end))));
        assert_eq!(session.arn(), "arn:aws:sts::012345678901:assumed-role/Reader/me@here", "without the path");
        let user = Principal::User { account: world().caller() };
        assert_eq!(Principal::from_credentials(&world(), &user.access_key_id(), None), Some((user.clone(), None)));
        assert_eq!(user.access_key_id().len(), 20, "as long as a real one");
        assert_eq!(SECRET_ACCESS_KEY.len(), 40, "as long as a real one");
    }

    #[test]
    fn other_credentials_lead_nowhere() {
        let token = "driftline-simulated-token/012345678901/3600000/me/Reader";
        for (key, token) in [
            ("AKIAIOSFODNN7EXAMPLE", None),
            ("AKIAFAKE012345678901", None),
            ("ASIAFAKE012345678901", None),
            ("ASIAFAKE012345678901", Some("a real token")),
            ("ASIAFAKE999988887777", Some(token)),
            ("ASIAFAKE555555555555", Some("driftline-simulated-token/555555555555/3600000/me/Reader")),
            ("ASIAFAKE012345678901", Some("driftline-simulated-token/012345678901/3600000/Reader")),
            ("ASIAFAKE012345678901", Some("driftline-simulated-token/012345678901/soon/me/Reader")),
        ] {
            assert_eq!(Principal::from_credentials(&world(), key, token), None, "{key} {token:?}");
        }
    }
}
