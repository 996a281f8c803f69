//! Answers page by page.

use serde_json::{Value, json};

use crate::answer::Failure;
use crate::operation::Operation;
use crate::world::{LARGEST_PAGE, Organization};

use super::failure;
use super::input::Input;

/// A list that is handed out page by page.
pub(super) struct Listing<'a> {
    pub(super) operation: Operation,
    /// The id of what the list is about, so that a token for one is foreign to another.
    pub(super) about: &'a str,
    /// What the answer calls the list.
    pub(super) key: &'static str,
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
    pub(super) fn page<T, I: Iterator<Item = T>>(
        &self,
        organization: &Organization,
        input: &Input,
        items_behind: impl FnOnce(usize) -> I,
        show: impl Fn(T) -> Value,
    ) -> Result<Value, Failure> {
        let size = match input.max_results {
            None => organization.page_size,
            Some(size) if size < 1 => return Err(failure::invalid_input("MIN_VALUE_EXCEEDED")),
            Some(size) => usize::try_from(size)
                .ok()
                .filter(|size| *size <= LARGEST_PAGE)
                .ok_or_else(|| failure::invalid_input("MAX_VALUE_EXCEEDED"))?
                .min(organization.page_size),
        };
        let start = match &input.next_token {
            None => Start { offset: 0, is_announced: false },
            Some(token) => self.start(token).ok_or_else(|| failure::invalid_input("INVALID_NEXT_TOKEN"))?,
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
