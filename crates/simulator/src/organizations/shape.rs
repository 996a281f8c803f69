//! How accounts, units and the organization itself look in answers.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::account_id::AccountId;
use crate::world::{Account, Organization, StatusField, Unit};

use super::name::arn;

/// Source: AWS Organizations API Reference, Organization.
pub(super) fn organization(organization: &Organization, management: &Account) -> Value {
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
pub(super) fn account(organization: &Organization, id: AccountId, account: &Account) -> Value {
    let mut shape = common(organization, id, account);
    if let Some(parent) = account.parent.as_deref().filter(|_| organization.paths) {
        let lineage = organization.units.lineage(parent);
        shape.insert("Paths".to_owned(), json!([format!("{}/{lineage}/{id}/", organization.id)]));
    }
    shape.into()
}

/// Source: AWS Organizations API Reference, DelegatedAdministrator.
pub(super) fn delegated_administrator(organization: &Organization, id: AccountId, account: &Account) -> Value {
    let mut shape = common(organization, id, account);
    shape.insert("DelegationEnabledDate".to_owned(), seconds(account.profile.joined));
    shape.into()
}

/// Source: AWS Organizations API Reference, Root.
pub(super) fn root(organization: &Organization) -> Value {
    let id = organization.units.root();
    json!({
        "Id": id,
        "Arn": arn(organization, "root", id),
        "Name": "Root",
        "PolicyTypes": [{ "Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED" }],
    })
}

/// Source: AWS Organizations API Reference, OrganizationalUnit.
pub(super) fn unit(organization: &Organization, unit: &Unit) -> Value {
    let mut shape = json!({ "Id": unit.id, "Arn": arn(organization, "ou", &unit.id), "Name": unit.name });
    if organization.paths {
        shape["Path"] = format!("{}/{}/", organization.id, organization.units.lineage(&unit.id)).into();
    }
    shape
}

/// Source: AWS Organizations API Reference, Parent.
pub(super) fn parent(organization: &Organization, id: &str) -> Value {
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
