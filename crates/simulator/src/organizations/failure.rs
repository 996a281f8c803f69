//! The errors of AWS Organizations.
//!
//! Source of the codes: AWS Organizations API Reference. The wording of those about access, throttling, membership,
//! accounts and targets was seen in answers of AWS; that of the others is the reference's description of them.

use hyper::StatusCode;

use crate::answer::Failure;

/// The caller's account is in no organization.
pub(super) fn not_in_use() -> Failure {
    Failure::bad_request("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
}

/// Neither the management account nor a delegated administrator asks.
pub(super) fn not_an_administrator() -> Failure {
    let message = "You don't have permissions to access this resource.";
    Failure::new(StatusCode::FORBIDDEN, "AccessDeniedException", message)
}

/// A parameter that cannot be, with the word that says why.
pub(super) fn invalid_input(reason: &'static str) -> Failure {
    let message = match reason {
        "INPUT_REQUIRED" => "You must include a value for all required parameters.",
        "INVALID_NEXT_TOKEN" => "Get the NextToken parameter from the response to a previous call of the operation.",
        "INVALID_PATTERN" => "You provided a value that does not match the required pattern.",
        "MAX_VALUE_EXCEEDED" => "You provided a numeric parameter that has a larger value than the maximum.",
        "MIN_VALUE_EXCEEDED" => "You provided a numeric parameter that has a smaller value than the minimum.",
        "UNRECOGNIZED_SERVICE_PRINCIPAL" => "You specified an unrecognized service principal.",
        _ => "You specified an invalid value.",
    };
    Failure { reason: Some(reason), ..Failure::bad_request("InvalidInputException", message) }
}

pub(super) fn account_not_found() -> Failure {
    Failure::bad_request("AccountNotFoundException", "You specified an account that doesn't exist.")
}

pub(super) fn unit_not_found() -> Failure {
    let message = "We can't find an OU with the OrganizationalUnitId that you specified.";
    Failure::bad_request("OrganizationalUnitNotFoundException", message)
}

pub(super) fn parent_not_found() -> Failure {
    let message = "We can't find a root or OU with the ParentId that you specified.";
    Failure::bad_request("ParentNotFoundException", message)
}

pub(super) fn child_not_found() -> Failure {
    let message = "We can't find an organizational unit (OU) or AWS account with the ChildId that you specified.";
    Failure::bad_request("ChildNotFoundException", message)
}

pub(super) fn target_not_found() -> Failure {
    Failure::bad_request("TargetNotFoundException", "You specified a target that doesn't exist.")
}
