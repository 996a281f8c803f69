//! What a request to AWS Organizations asks for.

use hyper::body::Bytes;
use serde::Deserialize;

use crate::account_id::AccountId;
use crate::answer::Failure;
use crate::identifier;

use super::failure;

/// The parameters of all operations together.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    pub(super) max_results: Option<i64>,
    pub(super) next_token: Option<String>,
    pub(super) service_principal: Option<String>,
    account_id: Option<String>,
    child_id: Option<String>,
    organizational_unit_id: Option<String>,
    parent_id: Option<String>,
    resource_id: Option<String>,
}

/// What an id stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entity<'a> {
    Account(AccountId),
    Root(&'a str),
    Unit(&'a str),
}

impl Input {
    pub(super) fn read(body: &Bytes) -> Result<Self, Failure> {
        if body.is_empty() {
            return Ok(Self::default());
        }
        serde_json::from_slice(body).map_err(|error| Failure::bad_request("SerializationException", error.to_string()))
    }

    pub(super) fn account(&self) -> Result<AccountId, Failure> {
        match Self::entity(self.account_id.as_deref())? {
            Entity::Account(id) => Ok(id),
            Entity::Root(_) | Entity::Unit(_) => Err(failure::invalid_input("INVALID_PATTERN")),
        }
    }

    pub(super) fn unit(&self) -> Result<&str, Failure> {
        match Self::entity(self.organizational_unit_id.as_deref())? {
            Entity::Unit(id) => Ok(id),
            Entity::Account(_) | Entity::Root(_) => Err(failure::invalid_input("INVALID_PATTERN")),
        }
    }

    /// The root or unit whose children are asked for.
    pub(super) fn parent(&self) -> Result<&str, Failure> {
        match Self::entity(self.parent_id.as_deref())? {
            Entity::Root(id) | Entity::Unit(id) => Ok(id),
            Entity::Account(_) => Err(failure::invalid_input("INVALID_PATTERN")),
        }
    }

    /// The account or unit whose parent is asked for.
    pub(super) fn child(&self) -> Result<Entity<'_>, Failure> {
        match Self::entity(self.child_id.as_deref())? {
            Entity::Root(_) => Err(failure::invalid_input("INVALID_PATTERN")),
            child => Ok(child),
        }
    }

    /// Whatever has tags.
    pub(super) fn resource(&self) -> Result<Entity<'_>, Failure> {
        Self::entity(self.resource_id.as_deref())
    }

    fn entity(id: Option<&str>) -> Result<Entity<'_>, Failure> {
        let id = id.ok_or_else(|| failure::invalid_input("INPUT_REQUIRED"))?;
        if identifier::is_root(id) {
            Ok(Entity::Root(id))
        } else if identifier::is_unit(id) {
            Ok(Entity::Unit(id))
        } else {
            id.parse().map(Entity::Account).map_err(|_| failure::invalid_input("INVALID_PATTERN"))
        }
    }
}
