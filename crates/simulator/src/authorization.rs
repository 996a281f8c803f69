//! Whether a principal may do what it asks for.

use super::answer::Failure;
use super::macie::{StateStore, service_role};
use super::operation::{Operation, Service};
use super::organizations;
use super::principal::Principal;
use super::request::Request;
use super::sts::role_arn;
use super::world::{Account, World};

/// What the first session of an account needs beside its own action.
const CREATE_SERVICE_ROLE: &str = "iam:CreateServiceLinkedRole";

/// The refusal that a request of a principal earns, if it earns one: by a policy that denies it, or by none that allows it.
pub(super) fn refusal(
    world: &World,
    standings: &StateStore,
    request: &Request,
    (principal, account): (&Principal, &Account),
) -> Option<Failure> {
    let Request { operation, region, .. } = *request;
    let refused = |action: &str, resource: &str, reason: &str| {
        Some(Failure::denied(operation.service(), &principal.arn(), action, resource, reason))
    };
    if let Some(denial) = account.denial(operation, region) {
        let reason = denial.reason(operation).to_string();
        return refused(operation.action(), &resource(world, request, principal), &reason);
    }
    let may = |action: &str| principal.role().is_none_or(|role| account.permissions.allow(role, action));
    let not_allowed = |action: &str| format!("because no identity-based policy allows the {action} action");
    if operation != Operation::GetCallerIdentity && !may(operation.action()) {
        let action = operation.action();
        return refused(action, &resource(world, request, principal), &not_allowed(action));
    }
    // Source: Amazon Macie User Guide, "Using service-linked roles for Macie": whoever enables Macie first creates the role.
    let needs_role = operation == Operation::EnableMacie && !standings.has_service_role(world, principal.account());
    if needs_role && !may(CREATE_SERVICE_ROLE) {
        let role = service_role(principal.account(), region);
        return refused(CREATE_SERVICE_ROLE, &role, &not_allowed(CREATE_SERVICE_ROLE));
    }
    None
}

/// The resource of a request, as a denial names it.
///
/// Source: the Service Authorization Reference of each service.
fn resource(world: &World, request: &Request, principal: &Principal) -> String {
    let Request { operation, region, ref body, .. } = *request;
    let account = principal.account();
    match operation.service() {
        Service::Sts => role_arn(request).unwrap_or("*").to_owned(),
        Service::Account => super::account::resource(world, account, body),
        Service::Organizations => {
            organizations::resource(world.organization(), operation, body).unwrap_or_else(|| "*".to_owned())
        }
        Service::Macie => format!("arn:aws:macie2:{region}:{account}:*"),
    }
}
