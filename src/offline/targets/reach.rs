//! What every format of the list of targets is drawn from.

use crate::model::{Account, AccountId, DesiredState, DesiredTarget, Inventory, RegionTable};

/// The targets of the policies in an inventory, and what is left over on either side.
#[derive(Debug, Clone)]
pub struct TargetList {
    /// What is wanted.
    pub desired: DesiredState,
    /// Which accounts and Regions there are.
    pub inventory: Inventory,
    /// Which Regions have Macie, and which of them accounts must opt into.
    pub table: RegionTable,
    /// The account ids that declarations list, each once.
    pub declared: Vec<AccountId>,
    /// The policy files, sorted.
    pub policy_files: Vec<String>,
    /// The settings file, as shown, where there is one.
    pub settings_file: Option<String>,
    /// The digest of the policy set.
    pub policy_digest: String,
}

impl TargetList {
    /// The accounts of the inventory that no declaration reaches.
    pub(super) fn unreached(&self) -> Vec<&Account> {
        let targets = self.desired.targets();
        let is_reached =
            |account: &&Account| targets.binary_search_by_key(&account.id, |target| target.account).is_ok();
        self.inventory.accounts().iter().filter(|account| !is_reached(account)).collect()
    }

    /// The account ids that declarations list and the inventory lacks.
    pub(super) fn unknown_accounts(&self) -> Vec<AccountId> {
        self.declared.iter().copied().filter(|id| self.inventory.account(*id).is_none()).collect()
    }

    /// How a run would learn what is live there.
    pub(super) fn reading(&self, target: &DesiredTarget) -> ReadMethod {
        if !self.table.has_macie(&target.region) {
            ReadMethod::WithoutCall
        } else if self.table.is_opt_in(&target.region) {
            ReadMethod::WhereOn
        } else {
            ReadMethod::Read
        }
    }
}

/// How a run learns what is live in a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ReadMethod {
    /// It asks Macie.
    Read,
    /// It asks Macie where the account has opted into the Region.
    WhereOn,
    /// Macie does not exist there: that is known without a call.
    WithoutCall,
}
