//! Steps, blocked changes, unread targets and the scope in the document.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::drift::Approval;
use crate::model::{AccountId, Origin, Region, Resource, Severity, Target, TargetSelection, UnreadReason, Value};
use crate::plan::{BlockedChange, DesiredChange, PlanScope, SkippedTarget, Step};
use crate::resource::macie_session::Status;
use crate::resource::{BlockReason, Change, Operation, Risk, SessionState, SettingKey};

/// One call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedStep {
    /// From 1.
    number: u32,
    account: AccountId,
    account_name: Option<Box<str>>,
    region: Region,
    operation: OperationName,
    /// The account whose credentials it is called with.
    calling_account: AccountId,
    /// The address that CreateMember is given; null for other operations.
    email: Option<Box<str>>,
    /// What changes by it.
    settings: Vec<SavedChange>,
    /// What it rests on: the target is left alone if it is not so any more.
    reading: SavedReading,
    risk: Risk,
    /// What comes of it, in words.
    consequence: String,
    /// How many classification jobs it cancels for good; null where it cancels none, or that could not be read.
    classification_jobs: Option<usize>,
    /// Whether a rollback cannot restore what it ends: a membership, a session, or classification jobs.
    one_way: bool,
    /// The numbers of the steps that must be done before it.
    after_steps: Vec<u32>,
}

/// An operation of the Macie API that changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
enum OperationName {
    CreateMember,
    EnableMacie,
    UpdateMacieSession,
    UpdateMemberSession,
    DisableMacie,
}

/// A setting that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedChange {
    setting: SettingKey,
    /// Null where it has no value, or one that AWS chooses.
    before: Option<String>,
    after: String,
    /// Null where no declaration asks for the setting.
    severity: Option<Severity>,
    /// The declaration that sets it; null where none does and the call needs a value.
    origin: Option<Origin>,
}

/// The key of a step's reading that is no setting.
pub(super) const UPDATED_AT: &str = "updated_at";

/// What a target was set to: as read, or as the step before leaves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false))]
struct SavedReading {
    // Refuses keys that no setting has: `flatten` rules out `deny_unknown_fields`.
    #[serde(flatten)]
    values: SessionState,
    /// When the session was last changed, where it was read and AWS says so.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    updated_at: Option<Timestamp>,
}

/// A change that no step makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SavedDesiredChange {
    setting: SettingKey,
    /// What is live, as reports show it. Null where the setting has no value, or one that AWS chooses.
    before: Option<String>,
    /// Null where there is no value to set.
    after: Option<String>,
    /// The accepted values, where there is no value to set; left out elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    desired: Vec<String>,
    /// Null where no declaration asks for the setting.
    severity: Option<Severity>,
    /// The declaration that sets it.
    origin: Option<Origin>,
}

// The signature is that of serde.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_macie_session(resource: &Resource) -> bool {
    *resource == Resource::MacieSession
}

/// A blocked change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedBlocked {
    account: AccountId,
    account_name: Option<Box<str>>,
    region: Region,
    /// The resource; left out for a Macie session.
    #[serde(default, skip_serializing_if = "is_macie_session")]
    resource: Resource,
    change: SavedDesiredChange,
    block_reason: BlockReason,
    /// The block reason in words.
    reason: String,
    /// What a person can do about it.
    remediation: String,
}

/// A target of which nothing is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedUnread {
    account: AccountId,
    region: Region,
    /// The resource; left out for a Macie session.
    #[serde(default, skip_serializing_if = "is_macie_session")]
    resource: Resource,
    /// Whether another declared setting of the target is known.
    partly: bool,
    reason: UnreadReason,
    code: Option<Box<str>>,
    message: Option<Box<str>>,
    request_id: Option<Box<str>>,
    /// The waiver that expects it; null where none does.
    expected: Option<Approval>,
}

/// The selected targets: those of any of the accounts in any of the Regions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedSelection {
    /// Account ids, names and name patterns, sorted; empty for every account.
    accounts: Vec<String>,
    /// Region codes and patterns, sorted; empty for every Region.
    regions: Vec<String>,
}

impl SavedChange {
    fn from_change(change: &Change) -> Self {
        Self {
            setting: change.setting.into(),
            before: change.before.as_ref().map(Value::to_string),
            after: change.after.to_string(),
            severity: change.severity,
            origin: change.origin.clone(),
        }
    }

    fn into_change(self, resource: Resource) -> Result<Change, String> {
        let setting = self.setting.resolve(resource)?;
        let value = |word: &str| -> Result<Value, String> {
            setting.parse(word).ok_or_else(|| format!("\"{word}\" is no value of {setting}"))
        };
        Ok(Change {
            setting,
            before: self.before.as_deref().map(value).transpose()?,
            after: value(&self.after)?,
            severity: self.severity,
            origin: self.origin,
        })
    }
}

impl SavedDesiredChange {
    fn from_change(change: &DesiredChange) -> Self {
        Self {
            setting: change.setting.into(),
            before: change.before.clone(),
            after: change.after.as_ref().map(Value::to_string),
            desired: change.desired.clone(),
            severity: change.severity,
            origin: change.origin.clone(),
        }
    }

    fn into_change(self, resource: Resource) -> Result<DesiredChange, String> {
        let setting = self.setting.resolve(resource)?;
        let unknown = |word: &str| format!("\"{word}\" is no value of {setting}");
        let value = |word: &str| setting.parse(word).ok_or_else(|| unknown(word));
        if let Some(word) = self.desired.iter().find(|word| setting.parse_item(word).is_none()) {
            return Err(unknown(word));
        }
        Ok(DesiredChange {
            setting,
            before: self.before,
            after: self.after.as_deref().map(value).transpose()?,
            desired: self.desired,
            severity: self.severity,
            origin: self.origin,
        })
    }
}

impl SavedStep {
    pub(super) fn from_step(step: &Step) -> Self {
        let (operation, email) = match &step.operation {
            Operation::CreateMember { email } => (OperationName::CreateMember, Some(email.clone())),
            Operation::EnableMacie => (OperationName::EnableMacie, None),
            Operation::UpdateMacieSession => (OperationName::UpdateMacieSession, None),
            Operation::UpdateMemberSession => (OperationName::UpdateMemberSession, None),
            Operation::DisableMacie => (OperationName::DisableMacie, None),
        };
        Self {
            number: step.number,
            account: step.target.account,
            account_name: step.account_name.clone(),
            region: step.target.region.clone(),
            operation,
            calling_account: step.calling_account,
            email,
            settings: step.changes.iter().map(SavedChange::from_change).collect(),
            reading: SavedReading { values: step.expected.clone(), updated_at: step.session_updated_at },
            risk: step.risk,
            consequence: step.consequence.clone(),
            classification_jobs: step.classification_jobs,
            one_way: step.one_way,
            after_steps: step.after.clone(),
        }
    }

    pub(super) fn into_step(self) -> Result<Step, String> {
        let operation = match (self.operation, self.email) {
            (OperationName::CreateMember, Some(email)) => Operation::CreateMember { email },
            (OperationName::CreateMember, None) => return Err(format!("step {} has no address", self.number)),
            (OperationName::EnableMacie, _) => Operation::EnableMacie,
            (OperationName::UpdateMacieSession, _) => Operation::UpdateMacieSession,
            (OperationName::UpdateMemberSession, _) => Operation::UpdateMemberSession,
            (OperationName::DisableMacie, _) => Operation::DisableMacie,
        };
        let target = Target::macie_session(self.account, self.region);
        let changes = self.settings.into_iter().map(|change| change.into_change(target.resource));
        let changes: Vec<Change> = changes.collect::<Result<_, _>>()?;
        let (number, name) = (self.number, operation.name());
        // The guards depend on the risk, so that it must be that of the operation and not what the file says.
        if operation.risk(&changes) != self.risk {
            return Err(format!("step {number} says that it is {}, and {name} is not", self.risk.as_str()));
        }
        if operation.is_one_way() && !self.one_way {
            return Err(format!("step {number} says that it can be rolled back, and {name} cannot"));
        }
        let ends = changes.iter().any(|change| change.status_after() == Some(Status::NotEnabled));
        if ends != (operation == Operation::DisableMacie) {
            return Err(format!("step {number} does not do by {name} what it says"));
        }
        Ok(Step {
            number,
            target,
            account_name: self.account_name,
            operation,
            calling_account: self.calling_account,
            changes,
            session_updated_at: self.reading.updated_at,
            expected: self.reading.values,
            risk: self.risk,
            consequence: self.consequence,
            classification_jobs: self.classification_jobs,
            one_way: self.one_way,
            after: self.after_steps,
        })
    }
}

impl SavedBlocked {
    pub(super) fn from_blocked(blocked: &BlockedChange) -> Self {
        Self {
            account: blocked.target.account,
            account_name: blocked.account_name.clone(),
            region: blocked.target.region.clone(),
            resource: blocked.target.resource,
            change: SavedDesiredChange::from_change(&blocked.change),
            block_reason: blocked.block_reason,
            reason: blocked.reason.clone(),
            remediation: blocked.remediation.clone(),
        }
    }

    pub(super) fn into_blocked(self) -> Result<BlockedChange, String> {
        let target = Target::new(self.resource, self.account, self.region);
        Ok(BlockedChange {
            change: self.change.into_change(target.resource)?,
            target,
            account_name: self.account_name,
            block_reason: self.block_reason,
            reason: self.reason,
            remediation: self.remediation,
        })
    }
}

/// The selection of a plan, and its accounts and Regions of `--only`.
pub(super) fn saved_scope(scope: &PlanScope) -> (Option<SavedSelection>, Vec<String>) {
    match scope {
        PlanScope::Whole => (None, Vec::new()),
        PlanScope::Selection(selection) => {
            let (accounts, regions) = (selection.accounts().to_vec(), selection.regions().to_vec());
            (Some(SavedSelection { accounts, regions }), Vec::new())
        }
        PlanScope::Only(places) => {
            (None, places.iter().map(|(account, region)| format!("{account}/{region}")).collect())
        }
    }
}

/// The scope of a saved plan.
pub(super) fn scope(selection: Option<SavedSelection>, only: &[String]) -> Result<PlanScope, String> {
    let place = |text: &String| {
        let (account, region) = text.split_once('/')?;
        Some((account.parse().ok()?, region.parse().ok()?))
    };
    match selection {
        None if only.is_empty() => Ok(PlanScope::Whole),
        None => {
            let places: Option<Vec<(AccountId, Region)>> = only.iter().map(place).collect();
            places.map(PlanScope::Only).ok_or_else(|| "`only` holds no ACCOUNT/REGION".to_owned())
        }
        Some(SavedSelection { accounts, regions }) if only.is_empty() => TargetSelection::new(accounts, regions)
            .map(PlanScope::Selection)
            .ok_or_else(|| "its selection selects nothing".to_owned()),
        Some(_) => Err("it has both a selection and `only`".to_owned()),
    }
}

impl SavedUnread {
    pub(super) fn from_skipped(unread: &SkippedTarget) -> Self {
        Self {
            account: unread.target.account,
            region: unread.target.region.clone(),
            resource: unread.target.resource,
            partly: unread.partly,
            reason: unread.reason,
            code: unread.code.as_deref().map(Into::into),
            message: unread.message.as_deref().map(Into::into),
            request_id: unread.request_id.as_deref().map(Into::into),
            expected: unread.expected.clone(),
        }
    }

    pub(super) fn into_skipped(self) -> SkippedTarget {
        SkippedTarget {
            target: Target::new(self.resource, self.account, self.region),
            partly: self.partly,
            reason: self.reason,
            code: self.code.map(Into::into),
            message: self.message.map(Into::into),
            request_id: self.request_id.map(Into::into),
            expected: self.expected,
        }
    }
}
