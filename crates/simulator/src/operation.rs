//! The operations that are simulated, and the log of the calls that changed something.

use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use strum::{IntoStaticStr, VariantArray};

use crate::account_id::AccountId;
use crate::region::Region;

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
    /// AWS Systems Manager.
    Ssm,
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
    BatchUpdateAutomatedDiscoveryAccounts,
    CreateMember,
    DescribeOrganizationConfiguration,
    DisableMacie,
    EnableMacie,
    GetAdministratorAccount,
    GetAutomatedDiscoveryConfiguration,
    GetClassificationExportConfiguration,
    GetFindingsPublicationConfiguration,
    GetMacieSession,
    GetMember,
    GetRevealConfiguration,
    ListAutomatedDiscoveryAccounts,
    ListClassificationJobs,
    ListMembers,
    ListOrganizationAdminAccounts,
    PutClassificationExportConfiguration,
    PutFindingsPublicationConfiguration,
    UpdateAutomatedDiscoveryConfiguration,
    UpdateMacieSession,
    UpdateMemberSession,
    UpdateOrganizationConfiguration,
    UpdateRevealConfiguration,
    CreateDocument,
    DescribeDocument,
    DescribeSessions,
    GetDocument,
    UpdateDocument,
    UpdateDocumentDefaultVersion,
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
    const ALL: [Self; 5] = [Self::Sts, Self::Account, Self::Organizations, Self::Macie, Self::Ssm];

    /// The name in the scope of a signature, and before the colon of an IAM action.
    pub(crate) fn signing_name(self) -> &'static str {
        match self {
            Self::Sts => "sts",
            Self::Account => "account",
            Self::Organizations => "organizations",
            Self::Macie => "macie2",
            Self::Ssm => "ssm",
        }
    }

    /// Prefix of the operation's name in the header `X-Amz-Target` of a JSON 1.1 service.
    ///
    /// Source: AWS Organizations API Reference, "Making API requests"; AWS Systems Manager API Reference, "Making API requests".
    fn target_prefix(self) -> Option<&'static str> {
        match self {
            Self::Organizations => Some("AWSOrganizationsV20161128."),
            Self::Ssm => Some("AmazonSSM."),
            Self::Sts | Self::Account | Self::Macie => None,
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
            Self::CreateDocument
            | Self::DescribeDocument
            | Self::DescribeSessions
            | Self::GetDocument
            | Self::UpdateDocument
            | Self::UpdateDocumentDefaultVersion => Service::Ssm,
            _ => Service::Macie,
        }
    }

    /// Whether the operation writes.
    pub(crate) fn writes(self) -> bool {
        let verbs = ["BatchUpdate", "Create", "Disable", "Enable", "Put", "Update"];
        verbs.iter().any(|verb| self.name().starts_with(verb))
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
            (Service::Macie, "PATCH", "/automated-discovery/accounts") => {
                Some(Self::BatchUpdateAutomatedDiscoveryAccounts)
            }
            (Service::Macie, "GET", "/automated-discovery/configuration") => {
                Some(Self::GetAutomatedDiscoveryConfiguration)
            }
            (Service::Macie, "PUT", "/automated-discovery/configuration") => {
                Some(Self::UpdateAutomatedDiscoveryConfiguration)
            }
            (Service::Macie, "GET", "/findings-publication-configuration") => {
                Some(Self::GetFindingsPublicationConfiguration)
            }
            (Service::Macie, "PUT", "/findings-publication-configuration") => {
                Some(Self::PutFindingsPublicationConfiguration)
            }
            (Service::Macie, "GET", "/classification-export-configuration") => {
                Some(Self::GetClassificationExportConfiguration)
            }
            (Service::Macie, "PUT", "/classification-export-configuration") => {
                Some(Self::PutClassificationExportConfiguration)
            }
            (Service::Macie, "GET", "/reveal-configuration") => Some(Self::GetRevealConfiguration),
            (Service::Macie, "PUT", "/reveal-configuration") => Some(Self::UpdateRevealConfiguration),
            (Service::Macie, "GET", "/members") => Some(Self::ListMembers),
            (Service::Macie, "POST", "/members") => Some(Self::CreateMember),
            (Service::Macie, "GET", "/members/{id}") => Some(Self::GetMember),
            (Service::Macie, "PATCH", "/macie/members/{id}") => Some(Self::UpdateMemberSession),
            (Service::Macie, "POST", "/jobs/list") => Some(Self::ListClassificationJobs),
            (Service::Macie, "GET", "/admin") => Some(Self::ListOrganizationAdminAccounts),
            (Service::Macie, "GET", "/admin/configuration") => Some(Self::DescribeOrganizationConfiguration),
            (Service::Macie, "PATCH", "/admin/configuration") => Some(Self::UpdateOrganizationConfiguration),
            _ => None,
        }
    }

    /// The operation named by the header `X-Amz-Target` of a JSON service. Source: the AWS JSON 1.1 protocol of Smithy.
    pub(crate) fn from_target_header(service: Service, target: &str) -> Option<Self> {
        let name = target.strip_prefix(service.target_prefix()?)?;
        Self::ALL.iter().copied().find(|operation| operation.service() == service && operation.name() == name)
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

/// A call that changes something of an account in a Region, be it the caller's own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WriteCall {
    pub(crate) operation: Operation,
    pub(crate) account: AccountId,
    pub(crate) region: Region,
}

/// The calls that changed something, in order.
#[derive(Debug, Default)]
pub(crate) struct WriteLog(Mutex<Vec<WriteCall>>);

impl WriteLog {
    pub(crate) fn add(&self, call: WriteCall) {
        // A push cannot fail half-way, so a panic cannot leave half of it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(call);
    }

    /// Each call with the account and Region that it changed: `macie2:UpdateMacieSession 111122223333 eu-central-1`.
    pub(crate) fn calls(&self) -> Vec<String> {
        let calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.iter().map(|call| format!("{} {} {}", call.operation.action(), call.account, call.region)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_prints_as_it_is_written() {
        for text in ["macie2:GetMacieSession", "sts:AssumeRole", "account:*", "organizations:ListAccounts", "ssm:*"] {
            assert_eq!(text.parse::<OperationPattern>().expect("a pattern").to_string(), text);
        }
        for text in ["*", "macie2", "GetMacieSession", "macie2:getmaciesession", "s3:*", ""] {
            assert!(text.parse::<OperationPattern>().is_err(), "{text}");
        }
    }
}
