//! Parameters and errors of AWS Organizations.

use hyper::StatusCode;
use hyper::body::Bytes;
use serde::Deserialize;

use crate::account_id::AccountId;
use crate::response::ServiceError;
use crate::world::organization::{is_root, is_unit};

/// The parameters of all operations together.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    pub(crate) max_results: Option<i64>,
    pub(crate) next_token: Option<String>,
    pub(crate) service_principal: Option<String>,
    account_id: Option<String>,
    child_id: Option<String>,
    organizational_unit_id: Option<String>,
    parent_id: Option<String>,
    resource_id: Option<String>,
}

/// The kind of thing that an id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entity<'a> {
    Account(AccountId),
    Root(&'a str),
    Unit(&'a str),
}

impl Input {
    pub(crate) fn read(body: &Bytes) -> Result<Self, ServiceError> {
        if body.is_empty() {
            return Ok(Self::default());
        }
        serde_json::from_slice(body)
            .map_err(|error| ServiceError::bad_request("SerializationException", error.to_string()))
    }

    pub(crate) fn account(&self) -> Result<AccountId, ServiceError> {
        match Self::entity(self.account_id.as_deref())? {
            Entity::Account(id) => Ok(id),
            Entity::Root(_) | Entity::Unit(_) => Err(invalid_input("INVALID_PATTERN")),
        }
    }

    pub(crate) fn unit(&self) -> Result<&str, ServiceError> {
        match Self::entity(self.organizational_unit_id.as_deref())? {
            Entity::Unit(id) => Ok(id),
            Entity::Account(_) | Entity::Root(_) => Err(invalid_input("INVALID_PATTERN")),
        }
    }

    /// The root or unit whose children are asked for.
    pub(crate) fn parent(&self) -> Result<&str, ServiceError> {
        match Self::entity(self.parent_id.as_deref())? {
            Entity::Root(id) | Entity::Unit(id) => Ok(id),
            Entity::Account(_) => Err(invalid_input("INVALID_PATTERN")),
        }
    }

    /// The account or unit whose parent is asked for.
    pub(crate) fn child(&self) -> Result<Entity<'_>, ServiceError> {
        match Self::entity(self.child_id.as_deref())? {
            Entity::Root(_) => Err(invalid_input("INVALID_PATTERN")),
            child => Ok(child),
        }
    }

    /// Whatever has tags.
    pub(crate) fn resource(&self) -> Result<Entity<'_>, ServiceError> {
        Self::entity(self.resource_id.as_deref())
    }

    fn entity(id: Option<&str>) -> Result<Entity<'_>, ServiceError> {
        let id = id.ok_or_else(|| invalid_input("INPUT_REQUIRED"))?;
        if is_root(id) {
            Ok(Entity::Root(id))
        } else if is_unit(id) {
            Ok(Entity::Unit(id))
        } else {
            id.parse().map(Entity::Account).map_err(|_| invalid_input("INVALID_PATTERN"))
        }
    }
}

/// The error for a caller outside of any organization.
pub(crate) fn not_in_use() -> ServiceError {
    ServiceError::bad_request("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
}

/// The error for a caller that is neither the management account nor a delegated administrator.
pub(crate) fn not_an_administrator() -> ServiceError {
    let message = "You don't have permissions to access this resource.";
    ServiceError::new(StatusCode::FORBIDDEN, "AccessDeniedException", message)
}

/// The error for an invalid parameter, with AWS's word for the reason.
pub(crate) fn invalid_input(reason: &'static str) -> ServiceError {
    let message = match reason {
        "INPUT_REQUIRED" => "You must include a value for all required parameters.",
        "INVALID_NEXT_TOKEN" => "Get the NextToken parameter from the response to a previous call of the operation.",
        "INVALID_PATTERN" => "You provided a value that does not match the required pattern.",
        "MAX_VALUE_EXCEEDED" => "You provided a numeric parameter that has a larger value than the maximum.",
        "MIN_VALUE_EXCEEDED" => "You provided a numeric parameter that has a smaller value than the minimum.",
        "UNRECOGNIZED_SERVICE_PRINCIPAL" => "You specified an unrecognized service principal.",
        _ => "You specified an invalid value.",
    };
    ServiceError { reason: Some(reason), ..ServiceError::bad_request("InvalidInputException", message) }
}

pub(crate) fn account_not_found() -> ServiceError {
    ServiceError::bad_request("AccountNotFoundException", "You specified an account that doesn't exist.")
}

pub(crate) fn unit_not_found() -> ServiceError {
    let message = "We can't find an OU with the OrganizationalUnitId that you specified.";
    ServiceError::bad_request("OrganizationalUnitNotFoundException", message)
}

pub(crate) fn parent_not_found() -> ServiceError {
    let message = "We can't find a root or OU with the ParentId that you specified.";
    ServiceError::bad_request("ParentNotFoundException", message)
}

pub(crate) fn child_not_found() -> ServiceError {
    let message = "We can't find an organizational unit (OU) or AWS account with the ChildId that you specified.";
    ServiceError::bad_request("ChildNotFoundException", message)
}

pub(crate) fn target_not_found() -> ServiceError {
    ServiceError::bad_request("TargetNotFoundException", "You specified a target that doesn't exist.")
}
