//! Accounts, units and the organization as answers show them, and their ARNs.

use hyper::body::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::account_id::AccountId;
use crate::operation::Operation;
use crate::organizations::input::{Entity, Input};
use crate::world::account::Account;
use crate::world::organization::{Organization, StatusField, Unit};

/// Source: AWS Organizations API Reference, Organization.
pub(crate) fn organization(organization: &Organization, management: &Account) -> Value {
    let id = organization.management;
    json!({
        "Id": organization.id,
        "Arn": format!("arn:aws:organizations::{id}:organization/{}", organization.id),
        "FeatureSet": "ALL",
        "MasterAccountArn": arn(organization, "account", &id.to_string()),
        "MasterAccountId": id,
        "MasterAccountEmail": management.profile.email,
        "AvailablePolicyTypes": [{ "Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED" }],
    })
}

/// Source: AWS Organizations API Reference, Account.
pub(crate) fn account(organization: &Organization, id: AccountId, account: &Account) -> Value {
    let mut shape = common(organization, id, account);
    if let Some(parent) = account.parent.as_deref().filter(|_| organization.paths) {
        let lineage = organization.units.lineage(parent);
        shape.insert("Paths".to_owned(), json!([format!("{}/{lineage}/{id}/", organization.id)]));
    }
    shape.into()
}

/// Source: AWS Organizations API Reference, DelegatedAdministrator.
pub(crate) fn delegated_administrator(organization: &Organization, id: AccountId, account: &Account) -> Value {
    let mut shape = common(organization, id, account);
    shape.insert("DelegationEnabledDate".to_owned(), seconds(account.profile.joined));
    shape.into()
}

/// Source: AWS Organizations API Reference, Root.
pub(crate) fn root(organization: &Organization) -> Value {
    let id = organization.units.root();
    json!({
        "Id": id,
        "Arn": arn(organization, "root", id),
        "Name": "Root",
        "PolicyTypes": [{ "Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED" }],
    })
}

/// Source: AWS Organizations API Reference, OrganizationalUnit.
pub(crate) fn unit(organization: &Organization, unit: &Unit) -> Value {
    let mut shape = json!({ "Id": unit.id, "Arn": arn(organization, "ou", &unit.id), "Name": unit.name });
    if organization.paths {
        shape["Path"] = format!("{}/{}/", organization.id, organization.units.lineage(&unit.id)).into();
    }
    shape
}

/// Source: AWS Organizations API Reference, Parent.
pub(crate) fn parent(organization: &Organization, id: &str) -> Value {
    let kind = if id == organization.units.root() { "ROOT" } else { "ORGANIZATIONAL_UNIT" };
    json!({ "Id": id, "Type": kind })
}

/// What accounts and delegated administrators have in common.
fn common(organization: &Organization, id: AccountId, account: &Account) -> Map<String, Value> {
    let profile = &account.profile;
    // The account that founds an organization counts as invited. Source: the examples of ListAccounts.
    let joined_method = if id == organization.management { "INVITED" } else { "CREATED" };
    let mut shape = Map::from_iter([
        ("Id".to_owned(), json!(id)),
        ("Arn".to_owned(), json!(arn(organization, "account", &id.to_string()))),
        ("Email".to_owned(), json!(profile.email)),
        ("Name".to_owned(), json!(profile.name)),
        ("JoinedMethod".to_owned(), json!(joined_method)),
        ("JoinedTimestamp".to_owned(), seconds(profile.joined)),
    ]);
    if matches!(organization.status_field, StatusField::State | StatusField::Both) {
        shape.insert("State".to_owned(), json!(profile.state.as_str()));
    }
    if matches!(organization.status_field, StatusField::Status | StatusField::Both) {
        shape.insert("Status".to_owned(), json!(profile.state.as_status()));
    }
    shape
}

/// A moment as the JSON 1.1 protocol has it: seconds since 1970.
fn seconds(moment: Timestamp) -> Value {
    moment.as_duration().as_secs_f64().into()
}

/// The ARN of a resource of an organization, which carries the management account. `kind` is `account`, `ou`, `root`.
///
/// Source: Service Authorization Reference, "Resource types defined by AWS Organizations".
pub(crate) fn arn(organization: &Organization, kind: &str, id: &str) -> String {
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
