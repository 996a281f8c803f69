//! Grouping of unread targets: those that one cause kept from being read are told together.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{ChangeMark, Target, UnreadResult};
use crate::model::{DenyingLayer, UnreadReason};

/// What kept a target of an account from being read: all that a reader is told of it but the request id. Where a message names
/// the Region or the request, those of another Region differ in that name alone, and are the same cause.
///
/// Whoever groups unread targets groups them by this and by nothing less, or what differs within the group would be told of
/// the first target only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cause<'a> {
    reason: UnreadReason,
    code: Option<&'a str>,
    layer: Option<DenyingLayer>,
    policy_arn: Option<&'a str>,
    action: Option<&'a str>,
    principal: Option<&'a str>,
    message: Option<Cow<'a, str>>,
    mark: Option<ChangeMark>,
    since: Option<&'a str>,
}

impl<'a> Cause<'a> {
    /// The cause of what is unread in a Region.
    pub(super) fn new(unread: &'a UnreadResult<'_>, region: &str) -> Self {
        Self {
            reason: unread.reason,
            code: unread.code.as_deref(),
            layer: unread.layer,
            policy_arn: unread.policy_arn.as_deref(),
            action: unread.action.as_deref(),
            principal: unread.principal.as_deref(),
            message: unread
                .message
                .as_deref()
                .map(|message| without_names(message, region, unread.request_id.as_deref())),
            mark: unread.mark,
            since: unread.since.as_deref(),
        }
    }
}

/// Unread targets of one cause: their Regions, and what is known of each.
pub(super) type CauseGroup<'a> = Vec<(&'a str, &'a UnreadResult<'a>)>;

/// The unread ones among the targets of one account, those of the same cause together.
pub(super) fn by_cause<'a>(targets: &'a [Cow<'_, Target<'_>>]) -> Vec<CauseGroup<'a>> {
    let mut causes: BTreeMap<Cause<'_>, CauseGroup<'_>> = BTreeMap::new();
    for target in targets {
        if let Some(unread) = &target.unread {
            causes.entry(Cause::new(unread, &target.region)).or_default().push((&*target.region, unread));
        }
    }
    causes.into_values().collect()
}

/// The message, with the same marks in the place of each Region's name and each request's id.
fn without_names<'a>(message: &'a str, region: &str, request_id: Option<&str>) -> Cow<'a, str> {
    let mut message = Cow::Borrowed(message);
    for (name, mark) in [(region, "\0"), (request_id.unwrap_or_default(), "\u{1}")] {
        if !name.is_empty() && message.contains(name) {
            message = Cow::Owned(message.replace(name, mark));
        }
    }
    message
}

impl UnreadResult<'_> {
    /// Code and message, word for word; empty where nothing was said. It is not escaped for any format.
    pub(super) fn describe(&self) -> String {
        let said: Vec<&str> = [self.code.as_deref(), self.message.as_deref()].into_iter().flatten().collect();
        said.join(": ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unread(message: &str, request_id: &str) -> UnreadResult<'static> {
        UnreadResult {
            reason: UnreadReason::Denied,
            code: Some("AccessDeniedException".into()),
            message: Some(message.to_owned().into()),
            request_id: Some(request_id.to_owned().into()),
            action: None,
            principal: None,
            layer: None,
            policy_arn: None,
            since: None,
            mark: None,
        }
    }

    #[test]
    fn only_names_of_the_region_and_of_the_request_are_passed_over() {
        let same = |one: (&str, &str, &str), other: (&str, &str, &str)| {
            Cause::new(&unread(one.0, one.2), one.1) == Cause::new(&unread(other.0, other.2), other.1)
        };
        assert!(same(("no: eu-west-1, r1", "eu-west-1", "r1"), ("no: us-east-1, r2", "us-east-1", "r2")));
        assert!(same(("no", "eu-west-1", "r1"), ("no", "us-east-1", "r2")));
        assert!(!same(("no: a", "eu-west-1", "r1"), ("no: b", "us-east-1", "r1")));
        assert!(!same(("no: eu-west-1", "eu-west-1", "r1"), ("no: eu-west-1", "us-east-1", "r1")));
        let new = UnreadResult { mark: Some(ChangeMark::New), ..unread("no", "r1") };
        assert_ne!(Cause::new(&new, "eu-west-1"), Cause::new(&unread("no", "r1"), "eu-west-1"));
        assert_eq!(unread("no", "r1").describe(), "AccessDeniedException: no");
    }
}
