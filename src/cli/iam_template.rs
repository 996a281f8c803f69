//! Templates of `driftline iam-policy`: the roles with their policies, for CloudFormation and Terraform.

use clap::ValueEnum;

use super::usage_error::UsageError;
use super::workspace::LoadedConfig;
use crate::aws::RoleTemplate;
use crate::iam_policy::{
    Allowed, IamPolicy, NamedPolicy, PolicyKind, RequiredAccess, RoleResource, RoleRollout, Template, TemplateContent,
    Trust, cloudformation, cloudformation_rollout, policy_for, reading_policy, terraform,
};

/// Form of what `iam-policy` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum PolicyFormat {
    /// The policy alone.
    Json,
    /// A template in YAML that creates the role with its trust policy, or the policy.
    Cloudformation,
    /// The same in HCL, for Terraform and OpenTofu.
    Terraform,
}

impl PolicyFormat {
    /// The word that the option takes.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Cloudformation => "cloudformation",
            Self::Terraform => "terraform",
        }
    }
}

/// What the templates of a run are made from.
pub(super) struct TemplateRequest<'a> {
    pub(super) config: &'a LoadedConfig,
    pub(super) access: &'a RequiredAccess,
    pub(super) allowed: Allowed,
    /// The ARN of the principal, as given.
    pub(super) principal: Option<&'a str>,
    /// ARNs of the assumed roles, in any account.
    pub(super) roles: &'a [String],
}

impl TemplateRequest<'_> {
    /// The template for a purpose.
    pub(super) fn template(&self, kind: PolicyKind, format: PolicyFormat) -> Result<String, UsageError> {
        let policy = policy_for(kind, self.access, self.allowed, self.roles);
        if policy.is_empty() {
            return Err(UsageError::NothingToCreate(word(kind)));
        }
        let policy = NamedPolicy { name: policy_name(kind), policy };
        let content = match kind {
            PolicyKind::Check | PolicyKind::Plan => TemplateContent::Role(self.reading_role(policy)?),
            PolicyKind::Apply => match self.changing_role() {
                Some(role) => TemplateContent::Role(resource(role, CHANGES, policy)),
                None => TemplateContent::Addition { role: self.reading()?.path_and_name().1, policy },
            },
            PolicyKind::Administrator => {
                let role = self.changing_role().map_or_else(|| self.reading(), Ok)?;
                TemplateContent::Addition { role: role.path_and_name().1, policy }
            }
            PolicyKind::Hub => TemplateContent::Policy(policy),
        };
        let template = Template { content, trust: self.trust()? };
        let command = format!("driftline iam-policy {} --format {}", word(kind), format.word());
        Ok(match format {
            PolicyFormat::Terraform => terraform(&template, &command),
            PolicyFormat::Json | PolicyFormat::Cloudformation => cloudformation(&template, &command),
        })
    }

    /// The roles of all accounts.
    pub(super) fn rollout(&self) -> Result<String, UsageError> {
        let policy = |kind| policy_for(kind, self.access, self.allowed, self.roles);
        let named = |name, policy: IamPolicy| (!policy.is_empty()).then_some(NamedPolicy { name, policy });
        let read = NamedPolicy { name: "DriftlineRead", policy: reading_policy(self.access) };
        if self.config.settings.aws.apply_role.is_some() && self.changing_role().is_none() {
            return Err(UsageError::OneRole);
        }
        let apply = self.changing_role().and_then(|role| {
            let policy = named(policy_name(PolicyKind::Apply), policy(PolicyKind::Apply))?;
            Some(resource(role, CHANGES, policy))
        });
        let rollout = RoleRollout {
            read: self.reading_role(read)?,
            apply,
            administrator: named(policy_name(PolicyKind::Administrator), policy(PolicyKind::Administrator)),
            trust: self.trust()?,
        };
        Ok(cloudformation_rollout(&rollout, "driftline iam-policy roles --format cloudformation"))
    }

    /// The role for reading.
    fn reading(&self) -> Result<&RoleTemplate, UsageError> {
        let file = || self.config.settings_file().unwrap_or_else(|| "driftline.toml".to_owned());
        self.config.settings.aws.role.as_ref().ok_or_else(|| UsageError::NoRole(file()))
    }

    fn reading_role(&self, policy: NamedPolicy) -> Result<RoleResource, UsageError> {
        Ok(resource(self.reading()?, "Reads for driftline what its policies declare", policy))
    }

    /// The role for changes, if it is another one than that for reading.
    fn changing_role(&self) -> Option<&RoleTemplate> {
        let aws = &self.config.settings.aws;
        aws.apply_role.as_ref().filter(|role| aws.role.as_ref() != Some(role))
    }

    /// Who may assume the roles.
    fn trust(&self) -> Result<Trust, UsageError> {
        if let Some(principal) = self.principal.filter(|arn| !is_principal(arn)) {
            return Err(UsageError::Principal(principal.to_owned()));
        }
        let external_id = self.config.settings.aws.external_id.is_some();
        Ok(Trust { principal: self.principal.map(str::to_owned), external_id })
    }
}

/// The purpose of the role for changes.
const CHANGES: &str = "Changes for driftline what a reviewed plan contains";

fn resource(role: &RoleTemplate, description: &'static str, policy: NamedPolicy) -> RoleResource {
    let (path, name) = role.path_and_name();
    RoleResource { name, path, description, policy }
}

fn policy_name(kind: PolicyKind) -> &'static str {
    match kind {
        PolicyKind::Check => "DriftlineCheck",
        PolicyKind::Plan => "DriftlinePlan",
        PolicyKind::Apply => "DriftlineApply",
        PolicyKind::Administrator => "DriftlineAdministrator",
        PolicyKind::Hub => "DriftlineHub",
    }
}

/// The word of the command line.
fn word(kind: PolicyKind) -> &'static str {
    match kind {
        PolicyKind::Check => "check",
        PolicyKind::Plan => "plan",
        PolicyKind::Apply => "apply",
        PolicyKind::Administrator => "administrator",
        PolicyKind::Hub => "hub",
    }
}

/// Whether a trust policy can name the principal: the ARN of an account, a role or a user.
///
/// Source: IAM User Guide, "AWS JSON policy elements: Principal".
fn is_principal(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, resource] = parts.as_slice() else { return false };
    let is_partition =
        partition.starts_with("aws") && partition.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-');
    let is_account = account.len() == 12 && account.chars().all(|letter| letter.is_ascii_digit());
    let named = ["role/", "user/"].iter().find_map(|prefix| resource.strip_prefix(prefix));
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_+=,.@/-".contains(letter))
    };
    is_partition && is_account && (*resource == "root" || named.is_some_and(is_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_is_an_account_a_role_or_a_user() {
        for arn in [
            "arn:aws:iam::999988887777:root",
            "arn:aws-us-gov:iam::999988887777:role/ci/Driftline",
            "arn:aws-cn:iam::999988887777:user/ann@example.com",
        ] {
            assert!(is_principal(arn), "{arn}");
        }
        for arn in [
            "*",
            "999988887777",
            "arn:aws:iam::*:role/x",
            "arn:aws:iam::999988887777:role/",
            "arn:aws:iam::999988887777:role/*",
            "arn:aws:iam::999988887777:role/${AWS::AccountId}",
            "arn:aws:sts::999988887777:assumed-role/x/y",
            "arn:aws:iam::999988887777:group/x",
        ] {
            assert!(!is_principal(arn), "{arn}");
        }
    }
}
