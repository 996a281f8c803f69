//! The ARNs of what is in an organization.

use hyper::body::Bytes;

use crate::operation::Operation;
use crate::world::Organization;

use super::input::{Entity, Input};

/// The ARN of a resource of an organization, which carries the management account. `kind` is `account`, `ou`, `root`.
///
/// Source: Service Authorization Reference, "Resource types defined by AWS Organizations".
pub(super) fn arn(organization: &Organization, kind: &str, id: &str) -> String {
    format!("arn:aws:organizations::{}:{kind}/{}/{id}", organization.management, organization.id)
}

/// The resource of a request, as a denial names it: `*` for operations that have none.
///
/// Source: Service Authorization Reference, "Actions defined by AWS Organizations".
pub(crate) fn resource(organization: Option<&Organization>, operation: Operation, body: &Bytes) -> Option<String> {
    let (organization, input) = (organization?, Input::read(body).ok()?);
    let entity = match operation {
        Operation::DescribeAccount => Entity::Account(input.account().ok()?),
        Operation::DescribeOrganizationalUnit => Entity::Unit(input.unit().ok()?),
        Operation::ListAccountsForParent | Operation::ListOrganizationalUnitsForParent => {
            let parent = input.parent().ok()?;
            if parent == organization.units.root() { Entity::Root(parent) } else { Entity::Unit(parent) }
        }
        Operation::ListParents => input.child().ok()?,
        Operation::ListTagsForResource => input.resource().ok()?,
        _ => return None,
    };
    Some(match entity {
        Entity::Account(id) => arn(organization, "account", &id.to_string()),
        Entity::Root(id) => arn(organization, "root", id),
        Entity::Unit(id) => arn(organization, "ou", id),
    })
}
