//! The operations that are simulated.

use std::fmt;
use std::str::FromStr;

use strum::{IntoStaticStr, VariantArray};

/// A service with a signing name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// AWS Security Token Service.
    Sts,
    /// AWS Account Management.
    Account,
    /// AWS Organizations.
    Organizations,
    /// Amazon Macie.
    Macie,
}

/// An operation of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, VariantArray)]
pub(crate) enum Operation {
    AssumeRole,
    GetCallerIdentity,
    ListRegions,
    DescribeAccount,
    DescribeOrganization,
    DescribeOrganizationalUnit,
    ListAccounts,
    ListAccountsForParent,
    ListDelegatedAdministrators,
    ListOrganizationalUnitsForParent,
    ListParents,
    ListRoots,
    ListTagsForResource,
    CreateMember,
    DisableMacie,
    EnableMacie,
    GetAdministratorAccount,
    GetAutomatedDiscoveryConfiguration,
    GetMacieSession,
    GetMember,
    ListAutomatedDiscoveryAccounts,
    ListClassificationJobs,
    ListMembers,
    ListOrganizationAdminAccounts,
    UpdateMacieSession,
    UpdateMemberSession,
}

/// One operation, or all of a service: `macie2:GetMacieSession` or `macie2:*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OperationPattern {
    One(Operation),
    AllOf(Service),
}

/// The error for a text that is not an operation pattern.
#[derive(Debug, thiserror::Error)]
#[error("no such operation is simulated; there are {}, and \"*\" in place of a name", Operation::known())]
pub(crate) struct UnknownOperation;

impl Service {
    const ALL: [Self; 4] = [Self::Sts, Self::Account, Self::Organizations, Self::Macie];

    /// The name in the scope of a signature, and before the colon of an IAM action.
    pub(crate) fn signing_name(self) -> &'static str {
        match self {
            Self::Sts => "sts",
            Self::Account => "account",
            Self::Organizations => "organizations",
            Self::Macie => "macie2",
        }
    }

    pub(crate) fn from_signing_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.signing_name() == name)
    }
}

impl Operation {
    pub(crate) const ALL: &[Self] = <Self as VariantArray>::VARIANTS;

    /// The name, as the API spells it.
    pub(crate) fn name(self) -> &'static str {
        self.into()
    }

    /// The IAM action: service and name.
    pub(crate) fn action(self) -> String {
        format!("{}:{}", self.service().signing_name(), self.name())
    }

    pub(crate) fn service(self) -> Service {
        match self {
            Self::AssumeRole | Self::GetCallerIdentity => Service::Sts,
            Self::ListRegions => Service::Account,
            Self::DescribeAccount
            | Self::DescribeOrganization
            | Self::DescribeOrganizationalUnit
            | Self::ListAccounts
            | Self::ListAccountsForParent
            | Self::ListDelegatedAdministrators
            | Self::ListOrganizationalUnitsForParent
            | Self::ListParents
            | Self::ListRoots
            | Self::ListTagsForResource => Service::Organizations,
            Self::CreateMember
            | Self::DisableMacie
            | Self::EnableMacie
            | Self::GetAdministratorAccount
            | Self::GetAutomatedDiscoveryConfiguration
            | Self::GetMacieSession
            | Self::GetMember
            | Self::ListAutomatedDiscoveryAccounts
            | Self::ListClassificationJobs
            | Self::ListMembers
            | Self::ListOrganizationAdminAccounts
            | Self::UpdateMacieSession
            | Self::UpdateMemberSession => Service::Macie,
        }
    }

    /// Whether the operation writes.
    pub(crate) fn writes(self) -> bool {
        matches!(
            self,
            Self::CreateMember
                | Self::DisableMacie
                | Self::EnableMacie
                | Self::UpdateMacieSession
                | Self::UpdateMemberSession
        )
    }

    /// The operation named by STS's parameter `Action`.
    pub(crate) fn from_sts_action(action: &str) -> Option<Self> {
        match action {
            "AssumeRole" => Some(Self::AssumeRole),
            "GetCallerIdentity" => Some(Self::GetCallerIdentity),
            _ => None,
        }
    }

    /// The operation at a method and path of a REST-JSON service, with `{id}` in place of an id.
    ///
    /// Source: the "URI" sections of the Amazon Macie API Reference; AWS Account Management API reference, ListRegions.
    pub(crate) fn from_rest_path(service: Service, method: &str, path: &str) -> Option<Self> {
        match (service, method, path) {
            (Service::Account, "POST", "/listRegions") => Some(Self::ListRegions),
            (Service::Macie, "GET", "/macie") => Some(Self::GetMacieSession),
            (Service::Macie, "POST", "/macie") => Some(Self::EnableMacie),
            (Service::Macie, "PATCH", "/macie") => Some(Self::UpdateMacieSession),
            (Service::Macie, "DELETE", "/macie") => Some(Self::DisableMacie),
            (Service::Macie, "GET", "/administrator") => Some(Self::GetAdministratorAccount),
            (Service::Macie, "GET", "/automated-discovery/accounts") => Some(Self::ListAutomatedDiscoveryAccounts),
            (Service::Macie, "GET", "/automated-discovery/configuration") => {
                Some(Self::GetAutomatedDiscoveryConfiguration)
            }
            (Service::Macie, "GET", "/members") => Some(Self::ListMembers),
            (Service::Macie, "POST", "/members") => Some(Self::CreateMember),
            (Service::Macie, "GET", "/members/{id}") => Some(Self::GetMember),
            (Service::Macie, "PATCH", "/macie/members/{id}") => Some(Self::UpdateMemberSession),
            (Service::Macie, "POST", "/jobs/list") => Some(Self::ListClassificationJobs),
            (Service::Macie, "GET", "/admin") => Some(Self::ListOrganizationAdminAccounts),
            _ => None,
        }
    }

    /// The operation named by the header `X-Amz-Target` of a JSON service.
    ///
    /// Source: AWS Organizations API Reference, "Making API requests"; the AWS JSON 1.1 protocol of Smithy.
    pub(crate) fn from_target_header(service: Service, target: &str) -> Option<Self> {
        let name = target.strip_prefix("AWSOrganizationsV20161128.")?;
        let of_service = |operation: &Self| service == Service::Organizations && operation.service() == service;
        Self::ALL.iter().copied().filter(of_service).find(|operation| operation.name() == name)
    }

    fn known() -> String {
        Self::ALL.iter().map(|operation| operation.action()).collect::<Vec<_>>().join(", ")
    }
}

impl OperationPattern {
    pub(crate) fn covers(self, operation: Operation) -> bool {
        match self {
            Self::One(one) => one == operation,
            Self::AllOf(service) => service == operation.service(),
        }
    }
}

impl FromStr for OperationPattern {
    type Err = UnknownOperation;

    fn from_str(text: &str) -> Result<Self, UnknownOperation> {
        let all_of = text.strip_suffix(":*").and_then(Service::from_signing_name).map(Self::AllOf);
        let one = || Operation::ALL.iter().copied().find(|operation| operation.action() == text).map(Self::One);
        all_of.or_else(one).ok_or(UnknownOperation)
    }
}

impl fmt::Display for OperationPattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(operation) => out.write_str(&operation.action()),
            Self::AllOf(service) => write!(out, "{}:*", service.signing_name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_prints_as_it_is_written() {
        for text in ["macie2:GetMacieSession", "sts:AssumeRole", "account:*", "organizations:ListAccounts", "macie2:*"]
        {
            assert_eq!(text.parse::<OperationPattern>().expect("a pattern").to_string(), text);
        }
        for text in ["*", "macie2", "GetMacieSession", "macie2:getmaciesession", "s3:*", ""] {
            assert!(text.parse::<OperationPattern>().is_err(), "{text}");
        }
    }
}
