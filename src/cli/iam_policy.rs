//! `driftline iam-policy`: least-privilege IAM policies.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::error::CliError;
use super::exit::ExitStatus;
use super::output::stdout;
use super::run_context::RunContext;
use super::workspace::{LoadedConfig, PolicyContextArgs, load};
use crate::aws::RoleTemplate;
use crate::diagnostic::write_json_document;
use crate::iam_policy::{Allowed, PolicyKind, RequiredAccess, policy_for, trust_policy};
use crate::inventory::{AccountsSource, RegionsSource};
use crate::model::Region;

/// Print the least IAM policy for these files and a command, without AWS
///
/// One policy for each place where one is attached; standard error says where that is.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    driftline iam-policy check policies\n  \
    driftline iam-policy apply policies --without-enable\n  \
    driftline iam-policy apply policies --allow pause\n  \
    driftline iam-policy administrator policies\n  \
    driftline iam-policy hub policies\n  \
    driftline iam-policy trust policies --principal arn:aws:iam::999988887777:role/driftline")]
pub(super) struct IamPolicyArgs {
    /// What the policy is for
    #[arg(value_name = "FOR")]
    part: RequestedPolicy,
    /// Policy files, or folders of them; without any, those that driftline.toml lists, or else the folder policies beside it
    #[arg(value_name = "POLICY")]
    policies: Vec<PathBuf>,
    #[command(flatten)]
    policy_context: PolicyContextArgs,
    /// Leave out what enables Macie where it is off
    #[arg(long)]
    without_enable: bool,
    /// Add what cannot be undone, by name; may be given several times
    #[arg(long, value_name = "WHAT")]
    allow: Vec<RiskyAction>,
    /// Who may assume the roles, for `trust`: the ARN of the role or user that runs driftline
    #[arg(long, value_name = "ARN", required_if_eq("part", "trust"))]
    principal: Option<String>,
}

/// Purpose of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RequestedPolicy {
    /// The role for reading in each account, to check.
    Check,
    /// The role for reading in each account, to plan.
    Plan,
    /// The role for changing in each account.
    Apply,
    /// The role for changing in the account of the Macie administrator, beside that for each account.
    Administrator,
    /// The role or user that runs driftline.
    Hub,
    /// Who may assume the roles: their trust policy.
    Trust,
}

/// Action that cannot be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RiskyAction {
    /// Pausing.
    Pause,
    /// Disabling.
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
    let kind = match args.part {
        RequestedPolicy::Check => Some(PolicyKind::Check),
        RequestedPolicy::Plan => Some(PolicyKind::Plan),
        RequestedPolicy::Apply => Some(PolicyKind::Apply),
        RequestedPolicy::Administrator => Some(PolicyKind::Administrator),
        RequestedPolicy::Hub => Some(PolicyKind::Hub),
        RequestedPolicy::Trust => None,
    };
    let policy = if let Some(kind) = kind {
        policy_for(kind, &required_access(&config), allowed, &roles(&config))
    } else {
        let needs_external_id = config.settings.aws.external_id.is_some();
        trust_policy(args.principal.as_deref().unwrap_or_default(), needs_external_id)
    };
    context.note(&attachment(args.part, &config));
    if policy.is_empty() {
        context.note("these files need nothing there; IAM takes no policy without a statement");
    }
    stdout(|out| write_json_document(&policy, out))?;
    Ok(ExitStatus::Clean)
}

fn required_access(config: &LoadedConfig) -> RequiredAccess {
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

/// ARNs of the assumed roles, in any account.
fn roles(config: &LoadedConfig) -> Vec<String> {
    let aws = &config.settings.aws;
    let mut roles: Vec<String> =
        [&aws.role, &aws.apply_role].into_iter().flatten().map(RoleTemplate::arn_anywhere).collect();
    roles.dedup();
    if roles.is_empty() { vec!["arn:aws:iam::*:role/PUT-THE-ROLE-HERE".to_owned()] } else { roles }
}

/// Where the policy is attached.
fn attachment(part: RequestedPolicy, config: &LoadedConfig) -> String {
    let aws = &config.settings.aws;
    let named = |role: &Option<RoleTemplate>, key: &str| {
        role.as_ref().map_or_else(|| format!("the role that [aws] {key} will name"), RoleTemplate::arn_anywhere)
    };
    let reading = || named(&aws.role, "role_name");
    let changing = || named(aws.apply_role.as_ref().map_or(&aws.role, |_| &aws.apply_role), "apply_role_name");
    match part {
        RequestedPolicy::Check | RequestedPolicy::Plan => {
            format!("for {} in each account, and for whoever runs driftline in an account of their own", reading())
        }
        RequestedPolicy::Apply => {
            format!("for {} in each account, and for whoever runs driftline in an account of their own", changing())
        }
        RequestedPolicy::Administrator => {
            format!("for {} in the account of the Macie administrator, beside that of `iam-policy apply`", changing())
        }
        RequestedPolicy::Hub => "for the role or user that runs driftline".to_owned(),
        RequestedPolicy::Trust => format!("the trust policy of {} and of {}", reading(), changing()),
    }
}
