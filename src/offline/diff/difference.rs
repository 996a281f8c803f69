//! What every format of the difference is drawn from.

use crate::desired_diff::DesiredDiff;
use crate::model::AccountId;
use std::collections::BTreeMap;

use jiff::civil::Date;

/// Two policy sets, and what the new one changes about the old one.
#[derive(Debug, Clone)]
pub struct Difference {
    /// What was.
    pub old: DiffSide,
    /// What is.
    pub new: DiffSide,
    /// The changes.
    pub changes: DesiredDiff,
    /// The names of accounts, where the inventory knows names.
    pub names: BTreeMap<AccountId, Box<str>>,
    /// The day by which waivers are judged.
    pub today: Date,
}

/// One of the two policy sets.
#[derive(Debug, Clone, Default)]
pub struct DiffSide {
    /// What to call it: its paths, or the revision.
    pub name: String,
    /// The full id of the commit, where it comes from one.
    pub commit: Option<String>,
    /// The policy files, sorted.
    pub files: Vec<String>,
    /// The settings file, as shown, where there is one.
    pub settings_file: Option<String>,
    /// The digest of the policy set.
    pub digest: String,
    /// The paths that did not exist there, though they do on the other side.
    pub absent: Vec<String>,
    /// Links and submodules into which nobody looked.
    pub left_out: Vec<String>,
}
