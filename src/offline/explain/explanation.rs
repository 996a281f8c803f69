//! What every format of the explanation is drawn from.

use crate::model::{Candidate, DesiredSetting, DesiredTarget, Specificity, Target};
use jiff::civil::Date;
use serde::Serialize;

/// What is wanted of one target.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The target that was asked about.
    pub target: Target,
    /// The name of its account, where the inventory knows names.
    pub account_name: Option<Box<str>>,
    /// What is wanted of it, or why nothing is.
    pub found: Result<DesiredTarget, NoTarget>,
    /// The day by which waivers are judged.
    pub today: Date,
    /// The policy files, sorted.
    pub policy_files: Vec<String>,
    /// The settings file, as shown, where there is one.
    pub settings_file: Option<String>,
    /// The digest of the policy set.
    pub policy_digest: String,
}

/// Why an account and a Region are no target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoTarget {
    /// The account is not in the inventory.
    AccountNotInInventory,
    /// The Region is not in the inventory.
    RegionNotInInventory,
    /// No declaration reaches it.
    NotDeclared,
}

impl NoTarget {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::AccountNotInInventory => "the account is not in the inventory",
            Self::RegionNotInInventory => "the Region is not in the inventory",
            Self::NotDeclared => "no declaration reaches it",
        }
    }
}

/// Why a declaration lost: in what it is less specific than one that counts, such as "all Regions is less specific than
/// Region name".
pub(super) fn why_lost(lost: &Candidate, wish: &DesiredSetting) -> String {
    let counting = std::iter::once(&wish.decided).chain(&wish.agreeing);
    // Whatever beats it is itself beaten by one that counts, or counts.
    let Some(winner) = counting.map(|claim| claim.specificity).find(|winner| winner.overrides(lost.specificity)) else {
        return "less specific".to_owned();
    };
    let Specificity { accounts, regions } = lost.specificity;
    let mut reasons = Vec::new();
    if accounts != winner.accounts {
        reasons.push(format!("{accounts} is less specific than {}", winner.accounts));
    }
    if regions != winner.regions {
        reasons.push(format!("{regions} is less specific than {}", winner.regions));
    }
    reasons.join(", and ")
}
