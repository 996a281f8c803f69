//! AWS Organizations: the accounts of the organization and the units that contain them.

mod input;

use hyper::body::Bytes;
use serde_json::{Map, Value, json};

use crate::account_id::AccountId;
use crate::operation::Operation;
use crate::organizations::input::{Entity, Input};
use crate::response::{Answer, ServiceError, seconds};
use crate::world::World;
use crate::world::account::Account;
use crate::world::organization::{MAX_PAGE_SIZE, Organization, StatusField, Unit};

/// The organization, as one of its accounts may see it.
pub(crate) struct Organizations<'a> {
    world: &'a World,
    organization: &'a Organization,
}

impl<'a> Organizations<'a> {
    /// Answers a request of an account.
    ///
    /// Source: AWS Organizations API Reference: every operation here but DescribeOrganization "can be called only from the
    /// organization's management account or by a member account that is a delegated administrator".
    pub(crate) fn answer(
        world: &'a World,
        caller: AccountId,
        operation: Operation,
        body: &Bytes,
    ) -> Result<Answer, ServiceError> {
        let organization = world.organization().filter(|_| world.member(caller).is_some());
        let organization = organization.ok_or_else(input::not_in_use)?;
        if operation != Operation::DescribeOrganization && !organization.is_administered_by(caller) {
            return Err(input::not_an_administrator());
        }
        let input = Input::read(body)?;
        let body = Self { world, organization }.body(operation, &input)?;
        Ok(Answer::json_1_1(&body))
    }

    fn body(&self, operation: Operation, input: &Input) -> Result<Value, ServiceError> {
        match operation {
            Operation::DescribeAccount => {
                let id = input.account()?;
                let account = self.world.member(id).ok_or_else(input::account_not_found)?;
                Ok(json!({ "Account": account_shape(self.organization, id, account) }))
            }
            Operation::DescribeOrganization => {
                let management = self.world.member(self.organization.management).ok_or_else(input::not_in_use)?;
                Ok(json!({ "Organization": organization_shape(self.organization, management) }))
            }
            Operation::DescribeOrganizationalUnit => {
                let unit = self.organization.units.by_id(input.unit()?).ok_or_else(input::unit_not_found)?;
                Ok(json!({ "OrganizationalUnit": unit_shape(self.organization, unit) }))
            }
            Operation::ListAccounts => {
                let listing = Listing { operation, about: "", key: "Accounts" };
                let accounts = |count| self.world.members_behind(count);
                listing.page(self.organization, input, accounts, |account| self.account(account))
            }
            Operation::ListAccountsForParent => self.accounts_for_parent(input),
            Operation::ListDelegatedAdministrators => self.delegated_administrators(input),
            Operation::ListOrganizationalUnitsForParent => self.units_for_parent(input),
            Operation::ListParents => self.parents(input),
            Operation::ListRoots => {
                let listing = Listing { operation, about: "", key: "Roots" };
                listing.page(
                    self.organization,
                    input,
                    |count| std::iter::once(self.organization).skip(count),
                    root_shape,
                )
            }
            Operation::ListTagsForResource => self.tags(input),
            // Of other services.
            _ => Err(ServiceError::bad_request("UnknownOperationException", "")),
        }
    }

    /// The accounts directly in the root or a unit, and no deeper. Source: ListAccountsForParent.
    fn accounts_for_parent(&self, input: &Input) -> Result<Value, ServiceError> {
        let parent = self.parent(input)?;
        let accounts = |count| self.world.children_behind(parent, count);
        let listing = Listing { operation: Operation::ListAccountsForParent, about: parent, key: "Accounts" };
        listing.page(self.organization, input, accounts, |account| self.account(account))
    }

    /// The units directly in the root or a unit, and no deeper. Source: ListOrganizationalUnitsForParent.
    fn units_for_parent(&self, input: &Input) -> Result<Value, ServiceError> {
        let parent = self.parent(input)?;
        let operation = Operation::ListOrganizationalUnitsForParent;
        let listing = Listing { operation, about: parent, key: "OrganizationalUnits" };
        let units = |count| self.organization.units.directly_in(parent).skip(count);
        listing.page(self.organization, input, units, |unit| unit_shape(self.organization, unit))
    }

    /// The one parent of an account or unit. Source: ListParents.
    fn parents(&self, input: &Input) -> Result<Value, ServiceError> {
        let parent = match input.child()? {
            Entity::Account(id) => self.world.member(id).and_then(|account| account.parent.as_deref()),
            Entity::Root(id) | Entity::Unit(id) => self.organization.units.by_id(id).map(|unit| unit.parent.as_str()),
        };
        let parent = parent.ok_or_else(input::child_not_found)?;
        let listing = Listing { operation: Operation::ListParents, about: parent, key: "Parents" };
        let show = |id| parent_shape(self.organization, id);
        listing.page(self.organization, input, |count| std::iter::once(parent).skip(count), show)
    }

    /// The tags of an account; units and the root have none here. Source: ListTagsForResource.
    fn tags(&self, input: &Input) -> Result<Value, ServiceError> {
        let (units, resource) = (&self.organization.units, input.resource()?);
        let account = match resource {
            Entity::Account(id) => Some(self.world.member(id).ok_or_else(input::target_not_found)?),
            Entity::Root(id) if id == units.root() => None,
            Entity::Unit(id) if units.by_id(id).is_some() => None,
            Entity::Root(_) | Entity::Unit(_) => return Err(input::target_not_found()),
        };
        let about = match resource {
            Entity::Account(id) => id.to_string(),
            Entity::Root(id) | Entity::Unit(id) => id.to_owned(),
        };
        let listing = Listing { operation: Operation::ListTagsForResource, about: &about, key: "Tags" };
        let tags = |count| account.into_iter().flat_map(|account| &account.profile.tags).skip(count);
        listing.page(self.organization, input, tags, |(key, value)| json!({ "Key": key, "Value": value }))
    }

    /// The delegated administrators, which here are those of every service. Source: ListDelegatedAdministrators.
    fn delegated_administrators(&self, input: &Input) -> Result<Value, ServiceError> {
        if input.service_principal.as_deref().is_some_and(|service| !service.ends_with(".amazonaws.com")) {
            return Err(input::invalid_input("UNRECOGNIZED_SERVICE_PRINCIPAL"));
        }
        let about = input.service_principal.as_deref().unwrap_or_default();
        let operation = Operation::ListDelegatedAdministrators;
        let listing = Listing { operation, about, key: "DelegatedAdministrators" };
        let delegated = &self.organization.delegated_administrators;
        let members = |count| delegated.iter().skip(count).filter_map(|id| Some((*id, self.world.member(*id)?)));
        let show = |(id, account)| delegated_administrator_shape(self.organization, id, account);
        listing.page(self.organization, input, members, show)
    }

    fn account(&self, (id, account): (AccountId, &Account)) -> Value {
        account_shape(self.organization, id, account)
    }

    /// The id of a root or unit that exists.
    fn parent<'i>(&self, input: &'i Input) -> Result<&'i str, ServiceError> {
        let (units, parent) = (&self.organization.units, input.parent()?);
        let exists = parent == units.root() || units.by_id(parent).is_some();
        if exists { Ok(parent) } else { Err(input::parent_not_found()) }
    }
}

/// A list that is handed out page by page.
pub(crate) struct Listing<'a> {
    pub(crate) operation: Operation,
    /// The id of what the list is about, so that a token for one is foreign to another.
    pub(crate) about: &'a str,
    /// What the answer calls the list.
    pub(crate) key: &'static str,
}

/// Where in a list a page starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Start {
    offset: usize,
    /// Whether the empty page that may precede the page was answered.
    is_announced: bool,
}

impl Listing<'_> {
    /// One page of the items, of which those behind a number of them are given. A token is the operation, what it is about, and the number of items before the page.
    ///
    /// Source: AWS Organizations API Reference, ListAccounts: it "can occasionally return an empty set of results even
    /// when more results are available".
    pub(crate) fn page<T, I: Iterator<Item = T>>(
        &self,
        organization: &Organization,
        input: &Input,
        items_behind: impl FnOnce(usize) -> I,
        show: impl Fn(T) -> Value,
    ) -> Result<Value, ServiceError> {
        let size = match input.max_results {
            None => organization.page_size,
            Some(size) if size < 1 => return Err(input::invalid_input("MIN_VALUE_EXCEEDED")),
            Some(size) => usize::try_from(size)
                .ok()
                .filter(|size| *size <= MAX_PAGE_SIZE)
                .ok_or_else(|| input::invalid_input("MAX_VALUE_EXCEEDED"))?
                .min(organization.page_size),
        };
        let start = match &input.next_token {
            None => Start { offset: 0, is_announced: false },
            Some(token) => self.start(token).ok_or_else(|| input::invalid_input("INVALID_NEXT_TOKEN"))?,
        };
        if organization.empty_pages && !start.is_announced {
            let token = self.token(Start { is_announced: true, ..start });
            return Ok(json!({ self.key: [], "NextToken": token }));
        }
        let mut rest = items_behind(start.offset).peekable();
        let page: Vec<Value> = rest.by_ref().take(size).map(show).collect();
        let next = rest.peek().map(|_| Start { offset: start.offset + page.len(), is_announced: false });
        let mut answer = json!({ self.key: page });
        if let Some(next) = next {
            answer["NextToken"] = self.token(next).into();
        }
        Ok(answer)
    }

    fn prefix(&self) -> String {
        format!("{}/{}/", self.operation.name(), self.about)
    }

    fn token(&self, start: Start) -> String {
        let Start { offset, is_announced } = start;
        format!("{}{offset}{}", self.prefix(), if is_announced { "+" } else { "" })
    }

    fn start(&self, token: &str) -> Option<Start> {
        let text = token.strip_prefix(&self.prefix())?;
        let offset = text.strip_suffix('+');
        Some(Start { offset: offset.unwrap_or(text).parse().ok()?, is_announced: offset.is_some() })
    }
}

/// Source: AWS Organizations API Reference, Organization.
fn organization_shape(organization: &Organization, management: &Account) -> Value {
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
fn account_shape(organization: &Organization, id: AccountId, account: &Account) -> Value {
    let mut shape = common_shape(organization, id, account);
    if let Some(parent) = account.parent.as_deref().filter(|_| organization.paths) {
        let lineage = organization.units.lineage(parent);
        shape.insert("Paths".to_owned(), json!([format!("{}/{lineage}/{id}/", organization.id)]));
    }
    shape.into()
}

/// Source: AWS Organizations API Reference, DelegatedAdministrator.
fn delegated_administrator_shape(organization: &Organization, id: AccountId, account: &Account) -> Value {
    let mut shape = common_shape(organization, id, account);
    shape.insert("DelegationEnabledDate".to_owned(), seconds(account.profile.joined));
    shape.into()
}

/// Source: AWS Organizations API Reference, Root.
fn root_shape(organization: &Organization) -> Value {
    let id = organization.units.root();
    json!({
        "Id": id,
        "Arn": arn(organization, "root", id),
        "Name": "Root",
        "PolicyTypes": [{ "Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED" }],
    })
}

/// Source: AWS Organizations API Reference, OrganizationalUnit.
fn unit_shape(organization: &Organization, unit: &Unit) -> Value {
    let mut shape = json!({ "Id": unit.id, "Arn": arn(organization, "ou", &unit.id), "Name": unit.name });
    if organization.paths {
        shape["Path"] = format!("{}/{}/", organization.id, organization.units.lineage(&unit.id)).into();
    }
    shape
}

/// Source: AWS Organizations API Reference, Parent.
fn parent_shape(organization: &Organization, id: &str) -> Value {
    let kind = if id == organization.units.root() { "ROOT" } else { "ORGANIZATIONAL_UNIT" };
    json!({ "Id": id, "Type": kind })
}

/// Fields that accounts and delegated administrators share.
fn common_shape(organization: &Organization, id: AccountId, account: &Account) -> Map<String, Value> {
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

/// The ARN of a resource of an organization, which carries the management account. `kind` is `account`, `ou`, `root`.
///
/// Source: Service Authorization Reference, "Resource types defined by AWS Organizations".
fn arn(organization: &Organization, kind: &str, id: &str) -> String {
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
