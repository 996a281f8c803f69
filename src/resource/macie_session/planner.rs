//! The calls that lead a session to what is declared, given the role of its account. The table of who may change what stands here.

use super::{
    BlockReason, Change, FREQUENCY, MembershipContext, MembershipRole, Operation, Risk, STATUS, Status,
    StatusTransition, consequence,
};
use crate::model::{AccountId, DesiredSetting, Target, Unread, Value};
use crate::resource::{NotEnabledEvidence, Outcome, Reading};

/// The changes that remove the drift of a target.
#[derive(Debug, Default)]
pub struct TargetChanges {
    status: Option<(Change, Status)>,
    frequency: Option<Change>,
}

impl TargetChanges {
    /// The changes for drift that is not waived. Where Macie is enabled, the declared frequency is set as well: without a session it
    /// cannot drift.
    pub fn from_settings<'a>(settings: impl Iterator<Item = (&'a DesiredSetting, Option<Value>, Outcome)>) -> Self {
        let (mut changes, mut frequency) = (Self::default(), None);
        for (desired, live, outcome) in settings {
            if desired.setting == FREQUENCY.id() {
                frequency = Some((desired, live, outcome));
            } else if desired.setting == STATUS.id() && outcome == Outcome::Drifted {
                changes.status = Change::for_drift(desired, live)
                    .and_then(|change| Some((Status::from_value(&change.after)?, change)))
                    .map(|(status, change)| (change, status));
            }
        }
        let enables = changes.transition() == Some(StatusTransition::Enabling);
        changes.frequency = frequency
            .filter(|(_, _, outcome)| enables || *outcome == Outcome::Drifted)
            .and_then(|(desired, live, _)| Change::for_drift(desired, live));
        changes
    }

    /// The kind of the status change, if the status changes.
    pub fn transition(&self) -> Option<StatusTransition> {
        let (change, status) = self.status.as_ref()?;
        Some(match (change.before.as_ref().and_then(Status::from_value), status) {
            (Some(Status::NotEnabled), _) => StatusTransition::Enabling,
            (_, Status::Enabled) => StatusTransition::Resuming,
            (_, Status::Paused | Status::NotEnabled) => StatusTransition::Ending,
        })
    }

    /// The new status of an account with this role, if it changes and AWS allows it.
    pub fn status_for_role(&self, role: &MembershipRole) -> Option<Status> {
        let (_, status) = self.status.as_ref()?;
        let is_allowed = match role {
            MembershipRole::Administrator { .. } => *status == Status::Enabled,
            MembershipRole::InvitedMember { .. } | MembershipRole::OrganizationMember { .. } => {
                *status != Status::NotEnabled
            }
            MembershipRole::Standalone | MembershipRole::StandaloneAsFarAsKnown | MembershipRole::Candidate { .. } => {
                true
            }
        };
        is_allowed.then_some(*status)
    }
}

/// A call before it has a number.
#[derive(Debug)]
pub struct StepDraft {
    /// The operation.
    pub operation: Operation,
    /// The account whose credentials it is called with.
    pub calling_account: AccountId,
    /// What changes by it, in the order of the settings.
    pub changes: Vec<Change>,
    /// What may be lost by it.
    pub risk: Risk,
    /// Its consequence, in words.
    pub consequence: String,
    /// How many classification jobs it cancels for good, where it does and that could be read.
    pub classification_jobs: Option<usize>,
    /// Whether a rollback cannot restore what it ends.
    pub one_way: bool,
}

/// A blocked change.
#[derive(Debug)]
pub struct BlockedDraft {
    /// The change.
    pub change: Change,
    /// Why it is blocked.
    pub block_reason: BlockReason,
    /// The same in words.
    pub reason: String,
    /// What a person can do about it.
    pub remediation: String,
}

/// The calls for a target in their order, and its blocked changes.
#[derive(Debug, Default)]
pub struct TargetPlan {
    /// The calls.
    pub drafts: Vec<StepDraft>,
    /// The blocked changes.
    pub blocked: Vec<BlockedDraft>,
}

/// Plans the calls that lead a target to what is declared, as far as AWS allows it.
///
/// `administrator_adds` says whether the administrator of a candidate can add it once the plan has come to that.
pub fn plan_target(
    target: &Target,
    reading: &Reading,
    changes: TargetChanges,
    context: Option<&MembershipContext>,
    administrator_adds: bool,
) -> TargetPlan {
    let region = target.region.as_str();
    let (block_reason, texts) = match reading {
        Reading::NotEnabled(NotEnabledEvidence::RegionOff) => (BlockReason::RegionOff, consequence::region_off(region)),
        Reading::NotEnabled(NotEnabledEvidence::NoMacieInRegion) => {
            (BlockReason::NoMacieInRegion, consequence::no_macie(region))
        }
        _ => return plan_changes(target.account, changes, context, administrator_adds),
    };
    // Without a session only the status drifts: the frequency does not apply.
    let mut plan = TargetPlan::default();
    if let Some((change, _)) = changes.status {
        plan.block(change, block_reason, texts);
    }
    plan
}

fn plan_changes(
    account: AccountId,
    changes: TargetChanges,
    context: Option<&MembershipContext>,
    administrator_adds: bool,
) -> TargetPlan {
    let mut plan = TargetPlan::default();
    let TargetChanges { status, mut frequency } = changes;
    if let Some((change, status)) = status {
        match context.map(|context| (context.role.as_ref(), &context.unfinished_jobs)) {
            None => {
                let texts = ("nobody asked for the account's place".to_owned(), "run again".to_owned());
                plan.block(change, BlockReason::MembershipUnknown, texts);
            }
            Some((Err(unread), _)) => {
                let texts = consequence::membership_unknown(unread, &change);
                plan.block(change, BlockReason::MembershipUnknown, texts);
            }
            Some((Ok(role), jobs)) => {
                let account = AccountContext { account, role, jobs: jobs.as_ref(), administrator_adds };
                frequency = account.plan_status(&mut plan, change, status, frequency);
            }
        }
    }
    // There is nothing to set where there is no session, and will be none.
    let has_session = frequency.as_ref().is_some_and(|change| change.before.is_some());
    if let Some(change) = frequency.filter(|_| has_session) {
        plan.update_session(account, vec![change], consequence::frequency());
    }
    plan
}

/// What decides who may change the status of a session.
struct AccountContext<'a> {
    account: AccountId,
    role: &'a MembershipRole,
    /// How many classification jobs are unfinished.
    jobs: Option<&'a Result<usize, Unread>>,
    administrator_adds: bool,
}

/// The table of who may change what.
///
/// Sources: Amazon Macie User Guide, "Administrator and member account relationships", "Suspending Macie", "Disabling Macie",
/// "Integrating and configuring an organization".
impl AccountContext<'_> {
    /// Plans the change of the status. Returns the change of the frequency that no call of it makes.
    fn plan_status(
        &self,
        plan: &mut TargetPlan,
        change: Change,
        status: Status,
        frequency: Option<Change>,
    ) -> Option<Change> {
        if status == Status::NotEnabled {
            self.disable(plan, change);
            // A session that ends publishes nothing. One that has to stay gets its frequency.
            frequency.filter(|_| plan.drafts.is_empty())
        } else if change.is_from_off() {
            self.enable(plan, change, status, frequency);
            None
        } else {
            self.pause_or_resume(plan, change, status, frequency)
        }
    }

    fn enable(&self, plan: &mut TargetPlan, change: Change, status: Status, frequency: Option<Change>) {
        let (administrator, email) = match self.role {
            MembershipRole::Candidate { administrator, email, .. } if self.administrator_adds => {
                (*administrator, email.clone())
            }
            role => {
                let consequence = consequence::enable(status, frequency.is_none(), role);
                let changes = vec![change, frequency.unwrap_or_else(Change::default_frequency)];
                plan.drafts.push(StepDraft::new(Operation::EnableMacie, self.account, changes, consequence));
                return;
            }
        };
        let enabled = Status::Enabled.value();
        let first = Change { after: enabled.clone(), ..change.clone() };
        let consequence = consequence::taken_in(administrator, frequency.is_none());
        let operation = Operation::CreateMember { email };
        plan.drafts.push(StepDraft::new(operation, administrator, vec![first], consequence));
        if let Some(frequency) = frequency {
            plan.update_session(self.account, vec![frequency], consequence::frequency_of_new_member());
        }
        if status == Status::Paused {
            let pause = Change { before: Some(enabled), ..change };
            let (operation, consequence) = (Operation::UpdateMemberSession, consequence::pause_of_new_member());
            plan.drafts.push(StepDraft::new(operation, administrator, vec![pause], consequence));
        }
    }

    fn pause_or_resume(
        &self,
        plan: &mut TargetPlan,
        change: Change,
        status: Status,
        frequency: Option<Change>,
    ) -> Option<Change> {
        let consequence = if status == Status::Paused { consequence::pause(self.jobs) } else { consequence::resume() };
        match self.role {
            MembershipRole::Administrator { members } if status == Status::Paused => {
                let texts = consequence::administrator(*members, "pause");
                plan.block(change, BlockReason::AdministratorWithMembers, texts);
                frequency
            }
            MembershipRole::OrganizationMember { administrator, .. } => {
                let consequence = format!("{consequence} {}", consequence::by_administrator(*administrator));
                let step = StepDraft::new(Operation::UpdateMemberSession, *administrator, vec![change], consequence);
                plan.drafts.push(self.with_jobs(step));
                frequency
            }
            _ => {
                let changes = [change].into_iter().chain(frequency).collect();
                let step = StepDraft::new(Operation::UpdateMacieSession, self.account, changes, consequence);
                plan.drafts.push(self.with_jobs(step));
                None
            }
        }
    }

    fn disable(&self, plan: &mut TargetPlan, change: Change) {
        match self.role {
            MembershipRole::Administrator { members } => {
                let texts = consequence::administrator(*members, "disable");
                plan.block(change, BlockReason::AdministratorWithMembers, texts);
            }
            MembershipRole::InvitedMember { administrator }
            | MembershipRole::OrganizationMember { administrator, .. } => {
                let texts = consequence::member_cannot_disable(self.account, *administrator);
                plan.block(change, BlockReason::MemberCannotDisable, texts);
            }
            MembershipRole::Standalone | MembershipRole::StandaloneAsFarAsKnown | MembershipRole::Candidate { .. } => {
                let consequence = consequence::disable(self.jobs);
                let step = StepDraft::new(Operation::DisableMacie, self.account, vec![change], consequence);
                plan.drafts.push(self.with_jobs(step));
            }
        }
    }

    /// Adds the jobs that a step cancels. A pause is one way unless it is known that there is none.
    fn with_jobs(&self, step: StepDraft) -> StepDraft {
        let classification_jobs = self.jobs.and_then(|jobs| jobs.as_ref().ok().copied());
        let cancels = step.risk == Risk::Disruptive && classification_jobs != Some(0);
        StepDraft { classification_jobs, one_way: step.one_way || cancels, ..step }
    }
}

impl TargetPlan {
    fn block(&mut self, change: Change, block_reason: BlockReason, (reason, remediation): (String, String)) {
        self.blocked.push(BlockedDraft { change, block_reason, reason, remediation });
    }

    /// A call of the account itself.
    fn update_session(&mut self, account: AccountId, changes: Vec<Change>, consequence: String) {
        self.drafts.push(StepDraft::new(Operation::UpdateMacieSession, account, changes, consequence));
    }
}

impl StepDraft {
    fn new(operation: Operation, calling_account: AccountId, mut changes: Vec<Change>, consequence: String) -> Self {
        changes.sort_by_key(|change| change.setting);
        let (risk, one_way) = (operation.risk(&changes), operation.is_one_way());
        Self { operation, calling_account, changes, risk, consequence, classification_jobs: None, one_way }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{SettingId, UnreadReason, Value};
    use crate::resource::macie_session::{FREQUENCY, Frequency, STATUS};

    const SELF: u8 = 1;
    const HEAD: u8 = 5;

    fn account(digit: u8) -> AccountId {
        format!("00000000000{digit}").parse().expect("an id")
    }

    fn change(setting: SettingId, before: Option<Value>, after: Value) -> Change {
        Change { setting, before, after, severity: None, origin: None }
    }

    fn status(before: Status, after: Status) -> TargetChanges {
        let change = change(STATUS.id(), Some(before.value()), after.value());
        TargetChanges { status: Some((change, after)), frequency: None }
    }

    /// With another frequency as well: of a session that is there, or of one that is to be.
    fn and_frequency(mut changes: TargetChanges) -> TargetChanges {
        let was_off = changes.status.as_ref().is_some_and(|(change, _)| change.is_from_off());
        let before = (!was_off).then(|| Frequency::SixHours.value());
        changes.frequency = Some(change(FREQUENCY.id(), before, Frequency::OneHour.value()));
        changes
    }

    /// The plan in short: `UpdateMacieSession 1 safe: PAUSED` for each call, then `! block_reason` for each blocked change.
    fn short(changes: TargetChanges, role: Result<MembershipRole, Unread>, administrator_adds: bool) -> String {
        let context = MembershipContext { role, unfinished_jobs: None };
        let plan = plan_changes(account(SELF), changes, Some(&context), administrator_adds);
        let call = |draft: &StepDraft| {
            let caller = draft.calling_account.to_string();
            let values: Vec<_> = draft.changes.iter().map(|change| change.after.text()).collect();
            let (name, risk) = (draft.operation.name(), draft.risk.as_str());
            format!("{name} {} {risk}: {}", caller.trim_start_matches('0'), values.join(" "))
        };
        let calls = plan.drafts.iter().map(call);
        let stuck = plan.blocked.iter().map(|blocked| format!("! {}", blocked.block_reason.as_str()));
        calls.chain(stuck).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn the_table_of_who_may_change_what() {
        use Status::{Enabled, NotEnabled, Paused};
        let head = account(HEAD);
        let alone = || Ok(MembershipRole::Standalone);
        let invited = || Ok(MembershipRole::InvitedMember { administrator: head });
        let member = || Ok(MembershipRole::OrganizationMember { administrator: head, administrator_is_on: None });
        let heads = || Ok(MembershipRole::Administrator { members: 2 });
        let candidate = || {
            let email = "new@example.com".into();
            Ok(MembershipRole::Candidate { administrator: head, email, administrator_is_on: true })
        };
        let unknown = || Err(Unread::local(UnreadReason::Denied, "no"));
        let pause = || status(Enabled, Paused);
        let resume = || status(Paused, Enabled);
        let disable = || status(Enabled, NotEnabled);
        let enable = || status(NotEnabled, Enabled);
        let asleep = || status(NotEnabled, Paused);
        for (changes, role, adds, expected) in [
            (pause(), alone(), false, "UpdateMacieSession 1 disruptive: PAUSED"),
            (pause(), invited(), false, "UpdateMacieSession 1 disruptive: PAUSED"),
            (pause(), member(), false, "UpdateMemberSession 5 disruptive: PAUSED"),
            (pause(), heads(), false, "! administrator_with_members"),
            (pause(), unknown(), false, "! membership_unknown"),
            (resume(), alone(), false, "UpdateMacieSession 1 safe: ENABLED"),
            (resume(), invited(), false, "UpdateMacieSession 1 safe: ENABLED"),
            (resume(), member(), false, "UpdateMemberSession 5 safe: ENABLED"),
            (resume(), heads(), false, "UpdateMacieSession 1 safe: ENABLED"),
            (disable(), alone(), false, "DisableMacie 1 destructive: NOT_ENABLED"),
            (disable(), invited(), false, "! member_cannot_disable"),
            (disable(), member(), false, "! member_cannot_disable"),
            (disable(), heads(), false, "! administrator_with_members"),
            (enable(), alone(), false, "EnableMacie 1 safe: ENABLED FIFTEEN_MINUTES"),
            (asleep(), alone(), false, "EnableMacie 1 safe: PAUSED FIFTEEN_MINUTES"),
            (enable(), candidate(), false, "EnableMacie 1 safe: ENABLED FIFTEEN_MINUTES"),
            (enable(), candidate(), true, "CreateMember 5 safe: ENABLED"),
            (asleep(), candidate(), true, "CreateMember 5 safe: ENABLED, UpdateMemberSession 5 disruptive: PAUSED"),
            // With another frequency: in the same call where it is the account's own, in one of its own else.
            (and_frequency(pause()), alone(), false, "UpdateMacieSession 1 disruptive: PAUSED ONE_HOUR"),
            (
                and_frequency(pause()),
                member(),
                false,
                "UpdateMemberSession 5 disruptive: PAUSED, UpdateMacieSession 1 safe: ONE_HOUR",
            ),
            (
                and_frequency(pause()),
                heads(),
                false,
                "UpdateMacieSession 1 safe: ONE_HOUR, ! administrator_with_members",
            ),
            (and_frequency(pause()), unknown(), false, "UpdateMacieSession 1 safe: ONE_HOUR, ! membership_unknown"),
            (and_frequency(disable()), alone(), false, "DisableMacie 1 destructive: NOT_ENABLED"),
            (and_frequency(disable()), member(), false, "UpdateMacieSession 1 safe: ONE_HOUR, ! member_cannot_disable"),
            (and_frequency(enable()), alone(), false, "EnableMacie 1 safe: ENABLED ONE_HOUR"),
            (and_frequency(enable()), unknown(), false, "! membership_unknown"),
            (
                and_frequency(asleep()),
                candidate(),
                true,
                "CreateMember 5 safe: ENABLED, UpdateMacieSession 1 safe: ONE_HOUR, UpdateMemberSession 5 disruptive: PAUSED",
            ),
        ] {
            let row = format!("{:?} {role:?} {adds}", changes.status.as_ref().map(|(_, status)| status));
            assert_eq!(short(changes, role, adds), expected, "{row}");
        }
    }

    #[test]
    fn a_step_is_one_way_unless_a_rollback_restores_all_that_it_ends() {
        use Status::{Enabled, NotEnabled, Paused};
        let (paused, ended) = ((Enabled, Paused), (Enabled, NotEnabled));
        let unknown = || Err(Unread::local(UnreadReason::Denied, "no"));
        let member = || MembershipRole::OrganizationMember { administrator: account(HEAD), administrator_is_on: None };
        let new = || MembershipRole::Candidate {
            administrator: account(HEAD),
            email: "new@example.com".into(),
            administrator_is_on: true,
        };
        for (role, way, jobs, expected) in [
            (MembershipRole::Standalone, paused, Some(Ok(0)), vec![false]),
            (MembershipRole::Standalone, paused, Some(Ok(2)), vec![true]),
            (MembershipRole::Standalone, paused, Some(unknown()), vec![true]),
            (member(), paused, None, vec![true]),
            (member(), paused, Some(Ok(0)), vec![false]),
            (member(), (Paused, Enabled), None, vec![false]),
            (MembershipRole::Standalone, ended, Some(Ok(0)), vec![true]),
            (MembershipRole::Standalone, (NotEnabled, Enabled), None, vec![false]),
            (new(), (NotEnabled, Enabled), None, vec![true]),
            // The session is new and has no jobs.
            (new(), (NotEnabled, Paused), None, vec![true, false]),
        ] {
            let row = format!("{role:?} {way:?} {jobs:?}");
            let context = MembershipContext { role: Ok(role), unfinished_jobs: jobs };
            let plan = plan_changes(account(SELF), status(way.0, way.1), Some(&context), true);
            let found: Vec<bool> = plan.drafts.iter().map(|draft| draft.one_way).collect();
            assert_eq!(found, expected, "{row}");
        }
    }
}
