//! AWS Organizations: the accounts of the organization and the units that contain them.

mod input;
pub(crate) mod shape;

use hyper::body::Bytes;
use serde_json::{Value, json};

use crate::account_id::AccountId;
use crate::operation::Operation;
use crate::organizations::input::{Entity, Input};
use crate::response::{Answer, ServiceError};
use crate::world::World;
use crate::world::account::Account;
use crate::world::organization::{MAX_PAGE_SIZE, Organization};

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
                Ok(json!({ "Account": shape::account(self.organization, id, account) }))
            }
            Operation::DescribeOrganization => {
                let management = self.world.member(self.organization.management).ok_or_else(input::not_in_use)?;
                Ok(json!({ "Organization": shape::organization(self.organization, management) }))
            }
            Operation::DescribeOrganizationalUnit => {
                let unit = self.organization.units.by_id(input.unit()?).ok_or_else(input::unit_not_found)?;
                Ok(json!({ "OrganizationalUnit": shape::unit(self.organization, unit) }))
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
                    shape::root,
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
        listing.page(self.organization, input, units, |unit| shape::unit(self.organization, unit))
    }

    /// The one parent of an account or unit. Source: ListParents.
    fn parents(&self, input: &Input) -> Result<Value, ServiceError> {
        let parent = match input.child()? {
            Entity::Account(id) => self.world.member(id).and_then(|account| account.parent.as_deref()),
            Entity::Root(id) | Entity::Unit(id) => self.organization.units.by_id(id).map(|unit| unit.parent.as_str()),
        };
        let parent = parent.ok_or_else(input::child_not_found)?;
        let listing = Listing { operation: Operation::ListParents, about: parent, key: "Parents" };
        let show = |id| shape::parent(self.organization, id);
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
        let show = |(id, account)| shape::delegated_administrator(self.organization, id, account);
        listing.page(self.organization, input, members, show)
    }

    fn account(&self, (id, account): (AccountId, &Account)) -> Value {
        shape::account(self.organization, id, account)
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
