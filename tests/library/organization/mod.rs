//! Listing an organization over HTTP: pages, places, limits, and every way in which the accounts can stay unknown.

mod errors;
mod listing;
mod regions;
mod saved;

use std::num::NonZeroU32;

use crate::stub::{Ask, CALLER, Reply, Stub};
use driftline::aws::{AccessOptions, AwsSession, OrganizationError, Source};
use driftline::inventory::{ListFields, Listing, Organization, list};
use serde_json::{Value, json};

const A: &str = "000000000001";
const B: &str = "000000000002";
const C: &str = "000000000003";

const NAMES: ListFields = ListFields { units: false, tags: false, regions: false };
const UNITS: ListFields = ListFields { units: true, ..NAMES };
const TAGS: ListFields = ListFields { tags: true, ..NAMES };
const REGIONS: ListFields = ListFields { regions: true, ..NAMES };

fn options(stub: &Stub) -> AccessOptions {
    let mut options = AccessOptions::new(Source::Fixed {
        endpoint_url: stub.url.clone(),
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret_access_key: "hush".to_owned(),
        region: "eu-west-1".parse().expect("a Region"),
    });
    options.attempts = NonZeroU32::MIN;
    options.role = Some("Read".parse().expect("a role"));
    options
}

async fn connect(stub: &Stub) -> AwsSession {
    AwsSession::connect(options(stub)).await.expect("a way to the stub")
}

async fn listed(stub: &Stub, wanted: ListFields) -> Result<Listing, OrganizationError> {
    list(&connect(stub).await, wanted, &|_| ()).await
}

/// An organization whose answers are those of a function, by operation and input; where that is silent, those of a small and
/// healthy one: the caller manages it, A is directly in the root, B is in Workloads, and C in Workloads/Prod.
async fn organization(script: impl Fn(&str, &Value) -> Option<Reply> + Send + Sync + 'static) -> Stub {
    Stub::serve(move |ask: &Ask| {
        let input = serde_json::from_str(&ask.body).unwrap_or_default();
        let operation = if ask.service == "account" { "ListRegions" } else { ask.operation.as_str() };
        script(operation, &input).or_else(|| small(operation, &input))
    })
    .await
}

fn small(operation: &str, input: &Value) -> Option<Reply> {
    let account = |id: &str, name: &str, above: &str| {
        let path = format!("o-example/r-1/{above}{id}/");
        json!({"Id": id, "Name": name, "Email": format!("{name}@example.com"), "State": "ACTIVE", "Paths": [path]})
    };
    let answer = match operation {
        "DescribeOrganization" => json!({"Organization": {"Id": "o-example", "MasterAccountId": CALLER}}),
        "ListAccounts" => json!({"Accounts": [
            account(C, "c", "ou-1-work/ou-1-prod/"),
            account(A, "a", ""),
            account(CALLER, "management", ""),
            account(B, "b", "ou-1-work/"),
        ]}),
        "ListRoots" => json!({"Roots": [{"Id": "r-1", "Name": "Root"}]}),
        "ListOrganizationalUnitsForParent" => json!({"OrganizationalUnits": match input["ParentId"].as_str() {
            Some("r-1") => json!([{"Id": "ou-1-work", "Name": "Workloads"}, {"Id": "ou-1-idle", "Name": "Idle"}]),
            Some("ou-1-work") => json!([{"Id": "ou-1-prod", "Name": "Prod"}]),
            _ => json!([]),
        }}),
        "ListAccountsForParent" => json!({"Accounts": match input["ParentId"].as_str() {
            Some("r-1") => json!([{"Id": CALLER}, {"Id": A}]),
            Some("ou-1-work") => json!([{"Id": B}]),
            Some("ou-1-prod") => json!([{"Id": C}]),
            _ => json!([]),
        }}),
        "ListTagsForResource" => json!({"Tags": [{"Key": "of", "Value": input["ResourceId"]}]}),
        _ => return None,
    };
    Some(Reply::json(200, answer.to_string()))
}

#[expect(clippy::unnecessary_wraps, reason = "it is an arm of scripts that may be silent")]
fn answer(body: &Value) -> Option<Reply> {
    Some(Reply::json(200, body.to_string()))
}

/// `id name unit-path` of each account.
fn places(organization: &Organization) -> Vec<String> {
    let account = |account: &driftline::model::Account| {
        format!("{} {} {}", account.id, account.name.as_deref().unwrap_or("?"), account.unit_path())
    };
    organization.accounts.iter().map(account).collect()
}

/// The operations that were asked, in order of arrival.
fn operations(stub: &Stub) -> Vec<String> {
    stub.asked("organizations").into_iter().map(|ask| ask.operation).collect()
}
