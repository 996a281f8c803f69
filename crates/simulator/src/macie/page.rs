//! Answers page by page.

use crate::answer::Failure;
use crate::operation::Operation;

use super::failure;

/// How many items a page has, within the bounds of its operation.
pub(super) fn size(asked: Option<i64>, default: usize, most: usize) -> Result<usize, Failure> {
    let Some(asked) = asked else { return Ok(default) };
    usize::try_from(asked).ok().filter(|size| (1..=most).contains(size)).ok_or_else(|| {
        failure::invalid(format!(
            "1 validation error detected: Value '{asked}' at 'maxResults' failed to satisfy constraint: \
             Member must have value between 1 and {most}"
        ))
    })
}

/// A number of a query.
pub(super) fn number(text: &str) -> Result<i64, Failure> {
    text.parse().map_err(|_| Failure::bad_request("SerializationException", format!("{text:?} is no number")))
}

/// The token for the page behind an item: the operation, what it is about, and the item.
///
/// Items may come and go between two pages: what names the last one neither skips any nor repeats one.
pub(super) fn token(operation: Operation, about: &str, last: &str) -> String {
    format!("{}/{about}/{last}", operation.name())
}

/// The last item before the page of a token.
pub(super) fn last<'a>(operation: Operation, about: &str, token: &'a str) -> Result<&'a str, Failure> {
    token.strip_prefix(&format!("{}/{about}/", operation.name())).ok_or_else(foreign)
}

/// That a token is none of the operation.
pub(super) fn foreign() -> Failure {
    failure::invalid("The request failed because the nextToken is not one of this operation")
}
