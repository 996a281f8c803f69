//! IAM policies: the actions that a role may do, and denials with the wording of AWS.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use crate::operation::{Operation, OperationPattern};
use crate::region::Region;

/// What each role that is listed may do. The others may do everything.
#[derive(Debug, Default)]
pub(crate) struct Permissions(pub(crate) BTreeMap<String, Vec<ActionPattern>>);

/// One action of any service, or all of one: `iam:CreateServiceLinkedRole` or `iam:*`.
///
/// Unlike an operation pattern it may name what is not simulated: policies do.
#[derive(Debug, Clone)]
pub(crate) struct ActionPattern {
    service: String,
    /// `None` is any.
    name: Option<String>,
}

/// Why a text is not an action pattern.
#[derive(Debug, thiserror::Error)]
#[error("an action is a service and a name, such as macie2:GetMacieSession, or \"*\" in place of the name")]
pub(crate) struct InvalidAction;

impl Permissions {
    /// Whether a role, given with its path but without a leading slash, may do an action.
    pub(crate) fn allow(&self, role: &str, action: &str) -> bool {
        self.0.get(role).is_none_or(|patterns| patterns.iter().any(|pattern| pattern.covers(action)))
    }
}

impl ActionPattern {
    /// Source: IAM User Guide, "IAM JSON policy elements: Action": "The prefix and the action name are case insensitive".
    fn covers(&self, action: &str) -> bool {
        action.split_once(':').is_some_and(|(service, name)| {
            self.service.eq_ignore_ascii_case(service)
                && self.name.as_deref().is_none_or(|known| known.eq_ignore_ascii_case(name))
        })
    }
}

impl FromStr for ActionPattern {
    type Err = InvalidAction;

    fn from_str(text: &str) -> Result<Self, InvalidAction> {
        let (service, name) = text.split_once(':').ok_or(InvalidAction)?;
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_service = is_word(&service.replace('-', "x"));
        match name {
            "*" if is_service => Ok(Self { service: service.to_owned(), name: None }),
            name if is_service && is_word(name) => {
                Ok(Self { service: service.to_owned(), name: Some(name.to_owned()) })
            }
            _ => Err(InvalidAction),
        }
    }
}

/// The kind of policy that denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Layer {
    #[default]
    IdentityPolicy,
    ResourcePolicy,
    ServiceControlPolicy,
    ResourceControlPolicy,
    PermissionsBoundary,
    SessionPolicy,
    VpcEndpointPolicy,
}

/// A denial of some actions to every principal of an account.
#[derive(Debug, Clone)]
pub(crate) struct Denial {
    pub(crate) actions: Vec<OperationPattern>,
    pub(crate) regions: Option<BTreeSet<Region>>,
    pub(crate) layer: Layer,
    pub(crate) explicit: bool,
    pub(crate) policy_arn: Option<String>,
}

impl Layer {
    /// The layer in AWS's words, and the article before it.
    ///
    /// Source: IAM User Guide, "Troubleshoot access denied error messages".
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::IdentityPolicy => ("an", "identity-based policy"),
            Self::ResourcePolicy => ("a", "resource-based policy"),
            Self::ServiceControlPolicy => ("a", "service control policy"),
            Self::ResourceControlPolicy => ("a", "resource control policy"),
            Self::PermissionsBoundary => ("a", "permissions boundary"),
            Self::SessionPolicy => ("a", "session policy"),
            Self::VpcEndpointPolicy => ("a", "VPC endpoint policy"),
        }
    }
}

impl Denial {
    /// That no identity-based policy allows one operation.
    pub(crate) fn for_operation(operation: Operation) -> Self {
        Self {
            actions: vec![OperationPattern::One(operation)],
            regions: None,
            layer: Layer::default(),
            explicit: false,
            policy_arn: None,
        }
    }

    /// Whether it denies the operation there. GetCallerIdentity cannot be denied.
    ///
    /// Source: AWS STS API Reference, GetCallerIdentity: "No permissions are required".
    pub(crate) fn denies(&self, operation: Operation, region: Region) -> bool {
        operation != Operation::GetCallerIdentity
            && self.actions.iter().any(|action| action.covers(operation))
            && self.regions.as_ref().is_none_or(|regions| regions.contains(&region))
    }

    /// The end of the message, behind the resource.
    ///
    /// Source: IAM User Guide, "Troubleshoot access denied error messages"; the policy's ARN since 2026.
    pub(crate) fn reason(&self, operation: Operation) -> impl fmt::Display {
        let (article, words) = self.layer.words();
        match (self.explicit, &self.policy_arn) {
            (false, _) => format!("because no {words} allows the {} action", operation.action()),
            (true, None) => format!("with an explicit deny in {article} {words}"),
            (true, Some(arn)) => format!("with an explicit deny in {article} {words}: {arn}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_what_it_says_in_any_case() {
        let covers = |pattern: &str, action: &str| pattern.parse::<ActionPattern>().expect("a pattern").covers(action);
        assert!(covers("macie2:GetMacieSession", "macie2:GetMacieSession"));
        assert!(covers("MACIE2:getmaciesession", "macie2:GetMacieSession"));
        assert!(covers("iam:*", "iam:CreateServiceLinkedRole"));
        assert!(!covers("iam:*", "macie2:EnableMacie") && !covers("macie2:EnableMacie", "macie2:DisableMacie"));
        for bad in ["", "*", "macie2", "macie2:", ":*", "macie2:Get*", "macie2:Get Session", "a:b:c"] {
            assert!(bad.parse::<ActionPattern>().is_err(), "{bad}");
        }
    }
}
