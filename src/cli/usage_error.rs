//! Errors in arguments and variables that the parser accepts.

use clap_complete::Shell;

/// Error in an argument or a variable that the parser accepts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum UsageError {
    /// An invalid log filter.
    #[error("DRIFTLINE_LOG is not a valid log filter")]
    LogFilter,
    /// No manual page has the name.
    #[error("there is no manual page of {name}")]
    NoPage {
        /// The name, as given.
        name: String,
        /// The nearest names, or all.
        near: Vec<String>,
    },
    /// The date for manual pages is none.
    #[error("SOURCE_DATE_EPOCH is no number of seconds since 1970")]
    SourceDate,
    /// A shell whose completion script cannot ask driftline.
    #[error("there is no dynamic completion for {0}")]
    NoDynamicCompletion(Shell),
    /// A template of a role that the settings do not name.
    #[error("{0} names no role, so a template has none to create")]
    NoRole(String),
    /// A template of all roles where one role serves both purposes.
    #[error(
        "`[aws] apply_role_name` in driftline.toml is the role for reading, so a StackSet cannot give changes to a role of their own"
    )]
    OneRole,
    /// A template of a trust policy without its role.
    #[error("{0} has no resource that is a trust policy alone")]
    TrustAlone(String),
    /// The roles of all accounts in a form that cannot hold them.
    #[error("`iam-policy roles` is a CloudFormation template")]
    RolloutFormat,
    /// A template without a permission in it.
    #[error("these files need no permission for {0}, so there is nothing to create")]
    NothingToCreate(String),
    /// A principal that no trust policy can name.
    #[error("--principal {0:?} is not the ARN of an account, a role or a user")]
    Principal(String),
}

impl UsageError {
    /// The fix.
    pub(super) fn help(&self) -> String {
        match self {
            Self::LogFilter => {
                "set a level (error, warn, info, debug, trace) or levels of modules, such as driftline=debug; or \
                                unset the variable"
                    .to_owned()
            }
            Self::NoPage { near, .. } => format!("name one of: {}", near.join(", ")),
            Self::SourceDate => "set the variable to the time of the source, or unset it".to_owned(),
            Self::NoDynamicCompletion(_) => "leave --dynamic out; bash, zsh and fish have it".to_owned(),
            Self::NoRole(_) => "add the line role_name = \"DriftlineRead\" under `[aws]` in driftline.toml".to_owned(),
            Self::OneRole => {
                "name another one, such as apply_role_name = \"DriftlineApply\"; or leave the key out, and give the role for \
                 reading the policy of `driftline iam-policy apply`"
                    .to_owned()
            }
            Self::TrustAlone(format) => {
                format!("print the role with its trust policy: driftline iam-policy check --format {format}")
            }
            Self::RolloutFormat => {
                "add --format cloudformation; in other forms each role stands alone: `driftline iam-policy plan` and `… apply`"
                    .to_owned()
            }
            Self::NothingToCreate(_) => "leave the template out; --format json prints the empty policy".to_owned(),
            Self::Principal(_) => {
                "write it as IAM does, such as --principal arn:aws:iam::999988887777:role/driftline".to_owned()
            }
        }
    }
}
