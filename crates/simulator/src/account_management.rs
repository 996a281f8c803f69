//! AWS Account Management: ListRegions.

use hyper::StatusCode;
use hyper::body::Bytes;
use serde::Deserialize;
use serde_json::json;

use crate::account_id::AccountId;
use crate::operation::{Operation, Service};
use crate::principal::Principal;
use crate::region::Region;
use crate::response::{Answer, ServiceError};
use crate::world::World;
use crate::world::account::Account;
use crate::world::organization::{Organization, TrustedService};

/// The maximum page size, which is also the default.
///
/// Source: AWS Account Management API reference, ListRegions, `MaxResults`; what it does without is not documented.
const MAX_PAGE_SIZE: usize = 50;

/// What precedes the last Region of a page in the token for the next.
const TOKEN_PREFIX: &str = "after:";

const STATUSES: [&str; 5] = ["ENABLED", "ENABLING", "DISABLING", "DISABLED", "ENABLED_BY_DEFAULT"];

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListRegionsInput {
    account_id: Option<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
    region_opt_status_contains: Option<Vec<String>>,
}

/// The Regions of the partition with their status in the caller's account, or in another one, page by page.
///
/// Source: AWS Account Management API reference, ListRegions.
pub(crate) fn list_regions(world: &World, principal: &Principal, body: &Bytes) -> Result<Answer, ServiceError> {
    let input = ListRegionsInput::read(body).map_err(|error| invalid(error.to_string()))?;
    let account = match &input.account_id {
        None => world.account(principal.account()),
        Some(id) => {
            let id = id.parse().map_err(|_| invalid(format!("{id:?} is no account id")))?;
            another(world, principal, id)?
        }
    };
    let account = account.ok_or_else(|| ServiceError::unknown_token(Service::Account))?;
    let size = match input.max_results {
        None => MAX_PAGE_SIZE,
        Some(size) => usize::try_from(size)
            .ok()
            .filter(|size| (1..=MAX_PAGE_SIZE).contains(size))
            .ok_or_else(|| invalid(format!("MaxResults must be from 1 to {MAX_PAGE_SIZE}")))?,
    };
    let wanted = input.region_opt_status_contains.unwrap_or_default();
    if let Some(unknown) = wanted.iter().find(|status| !STATUSES.contains(&status.as_str())) {
        return Err(invalid(format!("{unknown:?} is no Region opt status")));
    }
    let after = input.next_token.as_deref().map(last_of_page_before).transpose()?;

    let mut rest = Region::all()
        .filter(|region| region.is_commercial())
        .map(|region| (region, status(account, region)))
        .filter(|(_, status)| wanted.is_empty() || wanted.iter().any(|wanted| wanted == status))
        .filter(|(region, _)| after.as_ref().is_none_or(|after| *region > *after))
        .peekable();
    let page: Vec<(Region, &str)> = rest.by_ref().take(size).collect();
    let next = rest.peek().and(page.last()).map(|(region, _)| format!("{TOKEN_PREFIX}{region}"));

    let page: Vec<_> = page
        .into_iter()
        .map(|(region, status)| json!({ "RegionName": region.as_str(), "RegionOptStatus": status }))
        .collect();
    let mut body = json!({ "Regions": page });
    if let Some(next) = next {
        body["NextToken"] = next.into();
    }
    Ok(Answer::json(&body))
}

/// An account of the organization that the caller administers.
///
/// Source: AWS Account Management API reference, ListRegions, `AccountId`; the messages were seen in answers of AWS. That
/// the management account may not be named at all is a denial there, not an invalid request.
fn another<'a>(world: &'a World, principal: &Principal, id: AccountId) -> Result<Option<&'a Account>, ServiceError> {
    let refused = |reason: &str| {
        let (caller, action) = (principal.arn(), Operation::ListRegions.action());
        let message = format!("User: {caller} is not authorized to perform: {action}{reason}");
        ServiceError::new(StatusCode::FORBIDDEN, "AccessDeniedException", message)
    };
    let organization = world.organization().filter(|organization| organization.is_administered_by(principal.account()));
    let organization = organization.ok_or_else(|| refused(""))?;
    if !organization.trusts(TrustedService::AccountManagement) {
        return Err(refused(" (Your organization must first enable trusted access with AWS Account Management.)"));
    }
    if id == organization.management {
        let reason =
            "The management account can only be managed using the standalone context from the management account.";
        return Err(refused(&format!(" ({reason})")));
    }
    world.member(id).map(Some).ok_or_else(|| refused(""))
}

/// The resource of a request, as a denial names it: the caller's own account, or one of its organization.
///
/// Source: Service Authorization Reference, "Resource types defined by AWS Account Management".
pub(crate) fn resource(world: &World, caller: AccountId, body: &Bytes) -> String {
    let asked = ListRegionsInput::read(body).ok().and_then(|input| input.account_id);
    match (asked, world.organization()) {
        (Some(id), Some(Organization { id: organization, management, .. })) => {
            format!("arn:aws:account::{management}:account/{organization}/{id}")
        }
        _ => format!("arn:aws:account::{caller}:account"),
    }
}

impl ListRegionsInput {
    fn read(body: &Bytes) -> serde_json::Result<Self> {
        if body.is_empty() { Ok(Self::default()) } else { serde_json::from_slice(body) }
    }
}

fn status(account: &Account, region: Region) -> &'static str {
    match (region.is_opt_in(), account.is_on(region)) {
        (false, _) => "ENABLED_BY_DEFAULT",
        (true, true) => "ENABLED",
        (true, false) => "DISABLED",
    }
}

fn last_of_page_before(token: &str) -> Result<Region, ServiceError> {
    let region = token.strip_prefix(TOKEN_PREFIX).and_then(|region| region.parse().ok());
    region.ok_or_else(|| invalid("the NextToken is not one of this operation".to_owned()))
}

fn invalid(message: String) -> ServiceError {
    ServiceError::bad_request("ValidationException", message)
}
