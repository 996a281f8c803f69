//! Groups of unread targets that share one cause.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;

use super::model::{ChangeMark, Expectation, Target};
use crate::model::{AccountId, DenyingLayer, Origin, Resource, Unread, UnreadReason};
use crate::plan::SkippedTarget;

/// The cause for which a target is unread: everything that a report shows of it but the request id. Texts that differ only in
/// the names of their own target (account, Region, request) are one cause: the ARN in a denial names all of them.
///
/// Every grouping of unread targets uses this and nothing less, or what differs within a group would be shown for the first
/// target only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cause<'a> {
    /// The waiver that expects it. What none expects comes first.
    expected: Option<Cow<'a, Origin>>,
    reason: UnreadReason,
    /// The resource, if the reason lies in it.
    resource: Option<Resource>,
    code: Option<Cow<'a, str>>,
    layer: Option<DenyingLayer>,
    policy_arn: Option<Cow<'a, str>>,
    action: Option<Cow<'a, str>>,
    principal: Option<Cow<'a, str>>,
    message: Option<Cow<'a, str>>,
    mark: Option<ChangeMark>,
    since: Option<Timestamp>,
}

/// The account, the Region and the resource of a target.
pub(super) type Place<'a> = (AccountId, &'a str, Resource);

/// When a cause was first seen, compared with an earlier report: targets that differ in it are not grouped.
pub(super) type Seen = (Option<ChangeMark>, Option<Timestamp>);

impl<'a> Cause<'a> {
    /// The cause of an unread target or setting.
    pub(super) fn new(unread: &'a Unread, (account, region, resource): Place<'_>, (mark, since): Seen) -> Self {
        let denial = unread.denial.as_deref();
        let evidence = &unread.evidence;
        let names = Names::new(account, region, evidence.request_id.as_deref());
        Self {
            expected: None,
            reason: unread.reason,
            resource: is_of_the_resource(unread.reason).then_some(resource),
            code: evidence.code.as_deref().map(Cow::Borrowed),
            layer: denial.and_then(|denial| denial.layer),
            policy_arn: denial.and_then(|denial| names.without(denial.policy_arn.as_deref())),
            action: denial.and_then(|denial| denial.action.as_deref()).map(Cow::Borrowed),
            principal: denial.and_then(|denial| names.without(denial.principal.as_deref())),
            message: names.without(evidence.message.as_deref()),
            mark,
            since,
        }
    }

    /// The same, as a waiver expects it, if one does.
    pub(super) fn expected_by(self, waiver: Option<&'a Expectation<'_>>) -> Self {
        Self { expected: waiver.map(|waiver| Cow::Borrowed(&*waiver.origin)), ..self }
    }

    /// The cause of a target that a plan leaves alone. The plan keeps the message alone, which holds the rest.
    pub(super) fn for_skipped(item: &'a SkippedTarget) -> Self {
        let names = Names::new(item.target.account, item.target.region.as_str(), item.request_id.as_deref());
        Self {
            expected: item.expected.as_ref().map(|waiver| Cow::Borrowed(&waiver.origin)),
            reason: item.reason,
            resource: is_of_the_resource(item.reason).then_some(item.target.resource),
            code: item.code.as_deref().map(Cow::Borrowed),
            layer: None,
            policy_arn: None,
            action: None,
            principal: None,
            message: names.without(item.message.as_deref()),
            mark: None,
            since: None,
        }
    }
}

impl Cause<'_> {
    /// The cause whenever it was first seen, for reports that say so of a group.
    pub(super) fn at_any_time(self) -> Self {
        Self { mark: None, since: None, ..self }
    }

    /// The reason.
    pub(super) fn reason(&self) -> UnreadReason {
        self.reason
    }

    /// The resource, if the reason lies in it.
    pub(super) fn resource(&self) -> Option<Resource> {
        self.resource
    }

    /// The same, without the target that it was found at.
    pub(super) fn into_owned(self) -> Cause<'static> {
        let owned = |text: Option<Cow<'_, str>>| text.map(|text| Cow::Owned(text.into_owned()));
        let Self { expected, reason, resource, code, layer, policy_arn, action, principal, message, mark, since } =
            self;
        Cause {
            expected: expected.map(|origin| Cow::Owned(origin.into_owned())),
            reason,
            resource,
            code: owned(code),
            layer,
            policy_arn: owned(policy_arn),
            action: owned(action),
            principal: owned(principal),
            message: owned(message),
            mark,
            since,
        }
    }
}

/// Whether the cause lies in the resource that was to be read, as opposed to its account, its Region or the run: it may have
/// another fix than the same cause of another resource.
fn is_of_the_resource(reason: UnreadReason) -> bool {
    match reason {
        UnreadReason::Denied
        | UnreadReason::Throttled
        | UnreadReason::Unreachable
        | UnreadReason::Unintelligible
        | UnreadReason::Contradicted
        | UnreadReason::NotListed => true,
        UnreadReason::RoleNotAssumable
        | UnreadReason::WrongAccount
        | UnreadReason::RegionOff
        | UnreadReason::BadCredentials
        | UnreadReason::Deadline
        | UnreadReason::Interrupted => false,
    }
}

/// The names by which the texts of one cause differ from target to target.
struct Names<'n>([(Cow<'n, str>, &'static str); 3]);

impl<'n> Names<'n> {
    fn new(account: AccountId, region: &'n str, request_id: Option<&'n str>) -> Self {
        Self([
            (region.into(), "\0"),
            (request_id.unwrap_or_default().into(), "\u{1}"),
            (account.to_string().into(), "\u{2}"),
        ])
    }

    /// The text with placeholders for the names.
    fn without<'t>(&self, text: Option<&'t str>) -> Option<Cow<'t, str>> {
        let mut text = Cow::Borrowed(text?);
        for (name, placeholder) in &self.0 {
            if !name.is_empty() && text.contains(&**name) {
                text = Cow::Owned(text.replace(&**name, placeholder));
            }
        }
        Some(text)
    }
}

/// A text about a target, with placeholders for the names of the target: texts of one kind differ in nothing else.
pub(super) fn without_names(text: &str, target: &crate::model::Target) -> String {
    let names = Names::new(target.account, target.region.as_str(), None);
    names.without(Some(text)).unwrap_or_default().into_owned()
}

/// Unread targets of one cause.
pub(super) type CauseGroup<'a> = Vec<(&'a Target<'a>, &'a Unread)>;

/// The unread ones among the targets of one account, grouped by cause.
pub(super) fn by_cause<'a>(targets: &'a [Cow<'_, Target<'_>>]) -> Vec<CauseGroup<'a>> {
    let mut causes: BTreeMap<Cause<'_>, CauseGroup<'_>> = BTreeMap::new();
    for target in targets {
        if let Some(unread) = target.unread() {
            let cause =
                Cause::new(unread, target.place(), (target.mark, target.since)).expected_by(target.expected.as_ref());
            causes.entry(cause).or_default().push((target, unread));
        }
    }
    causes.into_values().collect()
}

/// Code and message, word for word; empty if there are none. Not escaped for any format.
pub(super) fn describe(unread: &Unread) -> String {
    let evidence = &unread.evidence;
    let said: Vec<&str> = [evidence.code.as_deref(), evidence.message.as_deref()].into_iter().flatten().collect();
    said.join(": ")
}

/// The name of the role that was refused, with its path, if the message says it.
pub(super) fn refused_role(unread: &Unread) -> Option<&str> {
    let message = unread.evidence.message.as_deref()?;
    let (_, resource) = message.split_once("on resource: ")?;
    let arn = resource.split_whitespace().next()?;
    arn.split_once(":role/").map(|(_, role)| role).filter(|role| !role.is_empty())
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

    fn id(text: &str) -> AccountId {
        text.parse().expect("an id")
    }

    #[test]
    fn only_names_of_the_target_and_of_the_request_are_passed_over() {
        let same = |one: (&str, &str, &str), other: (&str, &str, &str)| {
            let (first, second) = (unread(one.0, one.2), unread(other.0, other.2));
            let macie = Resource::MacieSession;
            let (here, there) = ((id("111122223333"), one.1, macie), (id("222233334444"), other.1, macie));
            Cause::new(&first, here, (None, None)) == Cause::new(&second, there, (None, None))
        };
        assert!(same(("no: eu-west-1, r1", "eu-west-1", "r1"), ("no: us-east-1, r2", "us-east-1", "r2")));
        assert!(same(("no", "eu-west-1", "r1"), ("no", "us-east-1", "r2")));
        let on = |region: &str, account: &str| format!("no: arn:aws:macie2:{region}:{account}:*");
        let (one, other) = (on("eu-west-1", "111122223333"), on("us-east-1", "222233334444"));
        assert!(same((&one, "eu-west-1", "r1"), (&other, "us-east-1", "r2")));
        assert!(!same((&one, "eu-west-1", "r1"), (&one, "eu-west-1", "r2")), "another account than its own");
        assert!(!same(("no: a", "eu-west-1", "r1"), ("no: b", "us-east-1", "r1")));
        assert!(!same(("no: eu-west-1", "eu-west-1", "r1"), ("no: eu-west-1", "us-east-1", "r1")));
        let told = unread("no", "r1");
        let place = (id("111122223333"), "eu-west-1", Resource::MacieSession);
        let new = Cause::new(&told, place, (Some(ChangeMark::New), None));
        assert_ne!(new, Cause::new(&told, place, (None, None)));
        let other = (place.0, place.1, Resource::SessionManagerPreferences);
        assert_ne!(Cause::new(&told, other, (None, None)), Cause::new(&told, place, (None, None)));
        let role = Unread { reason: UnreadReason::RoleNotAssumable, ..told.clone() };
        assert_eq!(Cause::new(&role, other, (None, None)), Cause::new(&role, place, (None, None)));
        assert_eq!(describe(&told), "AccessDeniedException: no");
    }
}
