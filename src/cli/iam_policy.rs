//! `driftline iam-policy`: the least that must be allowed.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::arguments::Common;
use super::error::CliError;
use super::exit::ExitStatus;
use super::output::{stderr, stdout};
use super::policy_context::PolicyContextArgs;
use super::workspace::{LoadedConfig, load};
use crate::aws::RoleTemplate;
use crate::diagnostic::write_json_document;
use crate::iam_policy::{Allowed, PolicyKind, RequiredAccess, policy_for, trust_policy};
use crate::inventory::{AccountsSource, RegionsSource};
use crate::model::Region;
use crate::report::terminal;

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
pub(super) struct IamPolicyArguments {
    /// What the policy is for
    #[arg(value_name = "FOR")]
    part: RequestedPolicy,
    /// Policy files, or folders of them; without any, those that driftline.toml lists, or else the folder policies beside it
    #[arg(value_name = "POLICY")]
    policies: Vec<PathBuf>,
    #[command(flatten)]
    given: PolicyContextArgs,
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

/// What a policy is for.
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

/// What cannot be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RiskyAction {
    /// Pausing.
    Pause,
    /// Disabling.
    Disable,
}

pub(super) fn run(common: &Common, arguments: &IamPolicyArguments) -> Result<ExitStatus, CliError> {
    let inputs = load(common, &arguments.policies, &arguments.given)?;
    inputs.tell_file_warnings(common);
    let aws = &inputs.settings.aws;
    let allowed = Allowed {
        enable: !arguments.without_enable,
        pause: arguments.allow.contains(&RiskyAction::Pause),
        disable: arguments.allow.contains(&RiskyAction::Disable),
    };
    let part = match arguments.part {
        RequestedPolicy::Check => Some(PolicyKind::Check),
        RequestedPolicy::Plan => Some(PolicyKind::Plan),
        RequestedPolicy::Apply => Some(PolicyKind::Apply),
        RequestedPolicy::Administrator => Some(PolicyKind::Administrator),
        RequestedPolicy::Hub => Some(PolicyKind::Hub),
        RequestedPolicy::Trust => None,
    };
    let policy = match part {
        Some(part) => policy_for(part, &demand(&inputs), allowed, &roles(&inputs)),
        None => trust_policy(arguments.principal.as_deref().unwrap_or_default(), aws.external_id.is_some()),
    };
    if !common.quiet {
        stderr(&format!("note: {}\n", terminal(&place(arguments.part, &inputs))));
        if policy.is_empty() {
            stderr("note: these files need nothing there; IAM takes no policy without a statement\n");
        }
    }
    stdout(|out| write_json_document(&policy, out))?;
    Ok(ExitStatus::Clean)
}

fn demand(inputs: &LoadedConfig) -> RequiredAccess {
    let settings = &inputs.settings;
    let listed: Option<Vec<Region>> = match &settings.regions {
        RegionsSource::Macie => None,
        RegionsSource::Listed(regions) => Some(regions.iter().cloned().collect()),
    };
    RequiredAccess {
        lists_organization: settings.accounts == AccountsSource::Organization,
        knows_organization: matches!(settings.accounts, AccountsSource::Organization | AccountsSource::Saved(_)),
        names_administrator: settings.aws.administrator_account.is_some(),
        ..RequiredAccess::from_policies(&inputs.policies, listed.as_deref(), &inputs.table)
    }
}

/// The roles that are assumed, in any account.
fn roles(inputs: &LoadedConfig) -> Vec<String> {
    let aws = &inputs.settings.aws;
    let mut roles: Vec<String> =
        [&aws.role, &aws.apply_role].into_iter().flatten().map(RoleTemplate::arn_anywhere).collect();
    roles.dedup();
    if roles.is_empty() { vec!["arn:aws:iam::*:role/PUT-THE-ROLE-HERE".to_owned()] } else { roles }
}

/// Where the policy is attached.
fn place(part: RequestedPolicy, inputs: &LoadedConfig) -> String {
    let aws = &inputs.settings.aws;
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
