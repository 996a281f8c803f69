//! Policies that deny, and the words in which AWS says so.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde_yaml::Spanned;

use crate::operation::{Operation, OperationPattern};
use crate::region::Region;

use super::error::Contradiction;
use super::spanned::Operations;

/// The kind of policy that denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Layer {
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
    actions: Vec<OperationPattern>,
    regions: Option<BTreeSet<Region>>,
    layer: Layer,
    explicit: bool,
    policy_arn: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenDenial {
    actions: Vec<Spanned<Operations>>,
    regions: Option<Vec<Region>>,
    #[serde(default)]
    layer: Layer,
    #[serde(default)]
    explicit: bool,
    policy_arn: Option<Spanned<String>>,
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
    pub(super) fn for_operation(operation: Operation) -> Self {
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

impl WrittenDenial {
    pub(super) fn check(self) -> Result<Denial, Contradiction> {
        if let Some(arn) = self.policy_arn.as_ref().filter(|_| !self.explicit) {
            let cause = "AWS tells the policy_arn only of an explicit denial: add \"explicit: true\"".to_owned();
            return Err(Contradiction { at: arn.referenced, cause });
        }
        for action in &self.actions {
            if action.value.0 == OperationPattern::One(Operation::GetCallerIdentity) {
                let cause = "sts:GetCallerIdentity cannot be denied: it needs no permission".to_owned();
                return Err(Contradiction { at: action.referenced, cause });
            }
        }
        Ok(Denial {
            actions: self.actions.into_iter().map(|action| action.value.0).collect(),
            regions: self.regions.map(BTreeSet::from_iter),
            layer: self.layer,
            explicit: self.explicit,
            policy_arn: self.policy_arn.map(|arn| arn.value),
        })
    }
}
