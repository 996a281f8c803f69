//! `driftline iam-policy`: least-privilege IAM policies, and templates of the roles with them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::error::CliError;
use super::exit::ExitStatus;
use super::output::stdout;
use super::run_context::RunContext;
use super::usage_error::UsageError;
use super::workspace::{LoadedConfig, PolicyContextArgs, load};
use crate::aws::RoleTemplate;
use crate::diagnostic::write_json_document;
use crate::iam_policy::{
    Allowed, IamPolicy, NamedPolicy, PolicyKind, RequiredAccess, RoleResource, RoleRollout, Template, TemplateContent,
    Trust, cloudformation, cloudformation_rollout, policy_for, reading_policy, terraform, trust_policy,
};
use crate::inventory::{AccountsSource, RegionsSource};
use crate::model::{Partition, Region};

/// Print the least-privilege IAM policy for these files and a command (offline)
///
/// Each role gets a policy of its own; standard error says where to attach it. With --format cloudformation or terraform, check, plan and
/// apply print the role that driftline.toml names, with its trust policy. For administrator the policy is added to the role for changes,
/// and for hub it is a managed policy. trust has no template of its own.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline iam-policy check policies\n  \
    driftline iam-policy apply policies --without-enable\n  \
    driftline iam-policy apply policies --allow pause\n  \
    driftline iam-policy administrator policies\n  \
    driftline iam-policy hub policies\n  \
    driftline iam-policy check policies --format terraform\n  \
    driftline iam-policy roles policies --format cloudformation    for a StackSet\n  \
    driftline iam-policy trust policies --principal arn:aws:iam::999988887777:role/driftline")]
pub(super) struct IamPolicyArgs {
    /// Purpose of the policy
    #[arg(value_name = "FOR")]
    part: RequestedPolicy,
    /// Policy files or folders; by default those listed in driftline.toml, or else the folder policies beside it
    #[arg(value_name = "POLICY")]
    policies: Vec<PathBuf>,
    #[command(flatten)]
    policy_context: PolicyContextArgs,
    /// Leave out the permission to enable Macie
    #[arg(long)]
    without_enable: bool,
    /// Include an irreversible kind of change; repeatable
    #[arg(long, value_name = "WHAT")]
    allow: Vec<RiskyAction>,
    /// For `trust`, and as the default of a template: ARN of the role or user that runs driftline and may assume the roles
    #[arg(long, value_name = "ARN", required_if_eq("part", "trust"))]
    principal: Option<String>,
    /// Form of what is printed
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    format: PolicyFormat,
}

/// Purpose of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RequestedPolicy {
    /// Role for reading in each account, for `check`.
    Check,
    /// Role for reading in each account, for `plan`.
    Plan,
    /// Role for changes in each account.
    Apply,
    /// Role for changes in the Macie administrator account, in addition to `apply`.
    Administrator,
    /// Role or user that runs driftline.
    Hub,
    /// Trust policy of the roles: who may assume them.
    Trust,
    /// Roles for reading and for changes as one template for a StackSet; with --format cloudformation.
    Roles,
}

/// Action that cannot be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RiskyAction {
    /// Pausing Macie.
    Pause,
    /// Disabling Macie.
    Disable,
}

pub(super) fn run(context: &RunContext, args: &IamPolicyArgs) -> Result<ExitStatus, CliError> {
    let config = load(context, &args.policies, &args.policy_context)?;
    config.print_file_warnings(context);
    let allowed = Allowed {
        enable: !args.without_enable,
        pause: args.allow.contains(&RiskyAction::Pause),
        disable: args.allow.contains(&RiskyAction::Disable),
    };
    let access = required_access(&config);
    let roles = roles(&config, &access);
    let principal = args.principal.as_deref();
    let request = TemplateRequest { config: &config, access: &access, allowed, principal, roles: &roles };
    let printed = match (args.part, args.part.kind(), args.format) {
        (_, Some(kind), PolicyFormat::Json) => Printed::Policy(policy_for(kind, &access, allowed, &roles)),
        (part, Some(kind), format) => Printed::Template(request.template(part, kind, format)?),
        (RequestedPolicy::Trust, None, PolicyFormat::Json) => {
            let external_id = config.settings.aws.external_id.as_ref().map(|_| "PUT-THE-EXTERNAL-ID-HERE");
            Printed::Policy(trust_policy(principal.unwrap_or_default(), external_id))
        }
        (RequestedPolicy::Trust, None, format) => return Err(UsageError::TrustAlone(word(&format)).into()),
        (_, None, PolicyFormat::Cloudformation) => Printed::Template(request.rollout()?),
        (_, None, _) => return Err(UsageError::RolloutFormat.into()),
    };
    context.note(&attachment(args.part, &config, &access));
    match printed {
        Printed::Policy(policy) => {
            if policy.is_empty() {
                context.note("these files need no permission there; IAM accepts no policy without a statement");
            }
            stdout(|out| write_json_document(&policy, out))?;
        }
        Printed::Template(template) => stdout(|out| out.write_all(template.as_bytes()))?,
    }
    Ok(ExitStatus::Clean)
}

/// What `iam-policy` prints.
enum Printed {
    Policy(IamPolicy),
    Template(String),
}

/// The word that the command line has for a value.
fn word(value: &impl ValueEnum) -> String {
    value.to_possible_value().map(|word| word.get_name().to_owned()).unwrap_or_default()
}

impl RequestedPolicy {
    /// The kind of policy, if it is one of a role's own.
    fn kind(self) -> Option<PolicyKind> {
        match self {
            Self::Check => Some(PolicyKind::Check),
            Self::Plan => Some(PolicyKind::Plan),
            Self::Apply => Some(PolicyKind::Apply),
            Self::Administrator => Some(PolicyKind::Administrator),
            Self::Hub => Some(PolicyKind::Hub),
            Self::Trust | Self::Roles => None,
        }
    }
}

/// The access that the files of a run need.
pub(super) fn required_access(config: &LoadedConfig) -> RequiredAccess {
    let settings = &config.settings;
    let listed: Option<Vec<Region>> = match &settings.regions {
        RegionsSource::Macie => None,
        RegionsSource::Listed(regions) => Some(regions.iter().cloned().collect()),
    };
    RequiredAccess {
        lists_organization: settings.accounts == AccountsSource::Organization,
        knows_organization: matches!(settings.accounts, AccountsSource::Organization | AccountsSource::Saved(_)),
        names_administrator: settings.aws.administrator_account.is_some(),
        ..RequiredAccess::from_policies(&config.policies, listed.as_deref(), &config.table)
    }
}

/// The partition of the first target; the commercial one without targets.
fn partition(access: &RequiredAccess) -> &'static str {
    access.partitions.first().copied().unwrap_or(Partition::Aws.as_str())
}

/// ARNs of the assumed roles, in any account of the partitions of the targets.
fn roles(config: &LoadedConfig, access: &RequiredAccess) -> Vec<String> {
    let aws = &config.settings.aws;
    let partitions = access.partitions.iter().copied().chain([partition(access)]).collect::<BTreeSet<_>>();
    let named: Vec<&RoleTemplate> = [&aws.role, &aws.apply_role].into_iter().flatten().collect();
    let in_partition = |partition: &'static str| {
        let unnamed = named.is_empty().then(|| format!("arn:{partition}:iam::*:role/PUT-THE-ROLE-HERE"));
        named.iter().map(move |role| role.arn_anywhere(partition)).chain(unnamed)
    };
    let mut roles: Vec<String> = Vec::new();
    for role in partitions.into_iter().flat_map(in_partition) {
        if !roles.contains(&role) {
            roles.push(role);
        }
    }
    roles
}

/// Where the policy is attached.
fn attachment(part: RequestedPolicy, config: &LoadedConfig, access: &RequiredAccess) -> String {
    let aws = &config.settings.aws;
    let named = |role: &Option<RoleTemplate>, key: &str| match role {
        Some(role) => role.arn_anywhere(partition(access)),
        None => format!("the role that [aws] {key} will name"),
    };
    let reading = || named(&aws.role, "role_name");
    let changing = || named(aws.apply_role.as_ref().map_or(&aws.role, |_| &aws.apply_role), "apply_role_name");
    match part {
        RequestedPolicy::Check | RequestedPolicy::Plan => {
            format!("for {} in each account, and for users who run driftline in their own account", reading())
        }
        RequestedPolicy::Apply => {
            format!("for {} in each account, and for users who run driftline in their own account", changing())
        }
        RequestedPolicy::Administrator => {
            format!("for {} in the Macie administrator account, in addition to that of `iam-policy apply`", changing())
        }
        RequestedPolicy::Hub => "for the role or user that runs driftline".to_owned(),
        RequestedPolicy::Trust if aws.apply_role.is_none() || aws.apply_role == aws.role => {
            format!("the trust policy of {}", reading())
        }
        RequestedPolicy::Trust => format!("the trust policy of {} and of {}", reading(), changing()),
        RequestedPolicy::Roles => {
            "for each account: a StackSet with service-managed permissions leaves out the management account, which takes a stack"
                .to_owned()
        }
    }
}

/// Form of what `iam-policy` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PolicyFormat {
    /// The policy alone.
    Json,
    /// A template in YAML that creates the role with its trust policy, or the policy.
    Cloudformation,
    /// The same in HCL, for Terraform and OpenTofu.
    Terraform,
}

/// What the templates of a run are made from.
struct TemplateRequest<'a> {
    config: &'a LoadedConfig,
    access: &'a RequiredAccess,
    allowed: Allowed,
    /// The ARN of the principal, as given.
    principal: Option<&'a str>,
    /// ARNs of the assumed roles, in any account.
    roles: &'a [String],
}

impl TemplateRequest<'_> {
    /// The template for a purpose.
    fn template(&self, part: RequestedPolicy, kind: PolicyKind, format: PolicyFormat) -> Result<String, UsageError> {
        let policy = policy_for(kind, self.access, self.allowed, self.roles);
        if policy.is_empty() {
            return Err(UsageError::NothingToCreate(word(&part)));
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
        let command = format!("driftline iam-policy {} --format {}", word(&part), word(&format));
        Ok(match format {
            PolicyFormat::Terraform => terraform(&template, &command),
            PolicyFormat::Json | PolicyFormat::Cloudformation => cloudformation(&template, &command),
        })
    }

    /// The roles of all accounts.
    fn rollout(&self) -> Result<String, UsageError> {
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
