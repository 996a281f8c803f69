//! Groups of unread targets that share one cause.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;

use super::model::{ChangeMark, Target};
use crate::model::{DenyingLayer, Unread, UnreadReason};

/// The cause for which a target of an account is unread: everything that a report shows of it but the request id. Messages that
/// differ only in the name of their Region or request are one cause.
///
/// Every grouping of unread targets uses this and nothing less, or what differs within a group would be shown for the first
/// target only.
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
    since: Option<Timestamp>,
}

impl<'a> Cause<'a> {
    /// The cause of an unread target or setting in a Region.
    pub(super) fn new(
        unread: &'a Unread,
        region: &str,
        (mark, since): (Option<ChangeMark>, Option<Timestamp>),
    ) -> Self {
        let denial = unread.denial.as_deref();
        let evidence = &unread.evidence;
        Self {
            reason: unread.reason,
            code: evidence.code.as_deref(),
            layer: denial.and_then(|denial| denial.layer),
            policy_arn: denial.and_then(|denial| denial.policy_arn.as_deref()),
            action: denial.and_then(|denial| denial.action.as_deref()),
            principal: denial.and_then(|denial| denial.principal.as_deref()),
            message: evidence
                .message
                .as_deref()
                .map(|message| without_names(message, region, evidence.request_id.as_deref())),
            mark,
            since,
        }
    }
}

/// Unread targets of one cause.
pub(super) type CauseGroup<'a> = Vec<(&'a Target<'a>, &'a Unread)>;

/// The unread ones among the targets of one account, grouped by cause.
pub(super) fn by_cause<'a>(targets: &'a [Cow<'_, Target<'_>>]) -> Vec<CauseGroup<'a>> {
    let mut causes: BTreeMap<Cause<'_>, CauseGroup<'_>> = BTreeMap::new();
    for target in targets {
        if let Some(unread) = target.unread() {
            let cause = Cause::new(unread, target.region.as_str(), (target.mark, target.since));
            causes.entry(cause).or_default().push((target, unread));
        }
    }
    causes.into_values().collect()
}

/// The message with placeholders for the Region's name and the request's id.
fn without_names<'a>(message: &'a str, region: &str, request_id: Option<&str>) -> Cow<'a, str> {
    let mut message = Cow::Borrowed(message);
    for (name, placeholder) in [(region, "\0"), (request_id.unwrap_or_default(), "\u{1}")] {
        if !name.is_empty() && message.contains(name) {
            message = Cow::Owned(message.replace(name, placeholder));
        }
    }
    message
}

/// Code and message, word for word; empty if there are none. Not escaped for any format.
pub(super) fn describe(unread: &Unread) -> String {
    let evidence = &unread.evidence;
    let said: Vec<&str> = [evidence.code.as_deref(), evidence.message.as_deref()].into_iter().flatten().collect();
    said.join(": ")
}

/// Whether a policy denied explicitly, as opposed to no policy allowing it.
///
/// Source: IAM User Guide, "Troubleshoot access denied error messages".
pub(super) fn is_explicit_denial(unread: &Unread) -> bool {
    unread.evidence.message.as_deref().is_some_and(|message| message.to_ascii_lowercase().contains("explicit deny"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Evidence;

    fn unread(message: &str, request_id: &str) -> Unread {
        let evidence = Evidence::new(Some("AccessDeniedException"), Some(message), Some(request_id));
        Unread { reason: UnreadReason::Denied, denial: None, evidence }
    }

    #[test]
    fn only_names_of_the_region_and_of_the_request_are_passed_over() {
        let same = |one: (&str, &str, &str), other: (&str, &str, &str)| {
            let (first, second) = (unread(one.0, one.2), unread(other.0, other.2));
            Cause::new(&first, one.1, (None, None)) == Cause::new(&second, other.1, (None, None))
        };
        assert!(same(("no: eu-west-1, r1", "eu-west-1", "r1"), ("no: us-east-1, r2", "us-east-1", "r2")));
        assert!(same(("no", "eu-west-1", "r1"), ("no", "us-east-1", "r2")));
        assert!(!same(("no: a", "eu-west-1", "r1"), ("no: b", "us-east-1", "r1")));
        assert!(!same(("no: eu-west-1", "eu-west-1", "r1"), ("no: eu-west-1", "us-east-1", "r1")));
        let told = unread("no", "r1");
        let new = Cause::new(&told, "eu-west-1", (Some(ChangeMark::New), None));
        assert_ne!(new, Cause::new(&told, "eu-west-1", (None, None)));
        assert_eq!(describe(&told), "AccessDeniedException: no");
    }
}
