//! The errors of Macie.

use hyper::StatusCode;

use crate::answer::Failure;
use crate::world::World;

/// The one error that is no error: told apart from a denial by its message alone.
pub(super) fn not_enabled(world: &World) -> Failure {
    Failure::new(world.not_enabled_status(), "AccessDeniedException", "Macie is not enabled")
}

/// That the caller may not do something because of what it is.
pub(super) fn denied(message: &'static str) -> Failure {
    Failure::new(StatusCode::FORBIDDEN, "AccessDeniedException", message)
}

/// The words that AWS was seen to use, also where Macie is simply off.
pub(super) fn not_the_organizations_administrator() -> Failure {
    denied(
        "The request failed because you must be the Macie administrator for an organization to perform this operation",
    )
}

pub(super) fn invalid(message: impl Into<String>) -> Failure {
    Failure::bad_request("ValidationException", message)
}

/// That an account is no member. The Terraform AWS provider knows these words.
pub(super) fn not_associated() -> Failure {
    invalid("The request failed because the specified account is not associated with your account")
}

pub(super) fn conflict(message: &'static str) -> Failure {
    Failure::new(StatusCode::CONFLICT, "ConflictException", message)
}

/// That the caller has members. The Terraform AWS provider knows these words.
pub(super) fn has_members() -> Failure {
    conflict("The request failed because one or more member accounts are associated with your account")
}

pub(super) fn not_found() -> Failure {
    let message = "The request failed because the specified resource doesn't exist";
    Failure::new(StatusCode::NOT_FOUND, "ResourceNotFoundException", message)
}
