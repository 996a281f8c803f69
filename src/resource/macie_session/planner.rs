//! Which calls lead a target to what is wanted, given its account's place. The table of who may change what stands here.

use super::consequence;
use super::target_changes::{TargetChanges, default_frequency};
use super::{
    BlockReason, Change, MembershipContext, MembershipRole, NotEnabledEvidence, Operation, Reading, Risk, Status,
};
use crate::model::{AccountId, Target};

/// A call before it has a number.
#[derive(Debug)]
pub struct StepDraft {
    /// What is called.
    pub operation: Operation,
    /// The account whose credentials it is called with.
    pub calling_account: AccountId,
    /// What changes by it, in the order of the settings.
    pub changes: Vec<Change>,
    /// What may be lost by it.
    pub risk: Risk,
    /// What comes of it, in words.
    pub consequence: String,
    /// How many classification jobs it cancels for good, where it does and that could be read.
    pub classification_jobs: Option<usize>,
}

/// A change that is blocked, and the fix.
#[derive(Debug)]
pub struct BlockedDraft {
    /// The change.
    pub change: Change,
    /// What is in the way.
    pub block_reason: BlockReason,
    /// The same in words.
    pub reason: String,
    /// What a person can do about it.
    pub remediation: String,
}

/// The calls for a target in their order, and what cannot be done.
#[derive(Debug, Default)]
pub struct TargetPlan {
    /// The calls.
    pub drafts: Vec<StepDraft>,
    /// What cannot be done.
    pub blocked: Vec<BlockedDraft>,
}

/// Plans the calls that lead a target to what is declared, as far as AWS allows it.
///
/// `administrator_adds` says of a candidate whether its administrator can add it once the plan has come to that.
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
    // Where there can be no session, that alone drifts, and not how often it would publish.
    let mut plan = TargetPlan::default();
    if let Some((change, _)) = changes.status {
        plan.block(change, block_reason, texts);
    }
    plan
}

/// The table of who may change what.
///
/// Sources: Amazon Macie User Guide, "Administrator and member account relationships", "Suspending Macie", "Disabling Macie",
/// "Integrating and configuring an organization".
fn plan_changes(
    account: AccountId,
    wanted: TargetChanges,
    surroundings: Option<&MembershipContext>,
    administrator_takes_in: bool,
) -> TargetPlan {
    let mut route = TargetPlan::default();
    let TargetChanges { status, mut frequency } = wanted;
    if let Some((change, status)) = status {
        let jobs = surroundings.and_then(|known| known.unfinished_jobs.clone());
        let standing = surroundings.map(|known| &known.role);
        match (standing, status) {
            (None, _) => {
                let texts = ("nobody asked for the account's place".to_owned(), "run again".to_owned());
                route.block(change, BlockReason::MembershipUnknown, texts);
            }
            (Some(Err(unread)), _) => {
                let texts = consequence::membership_unknown(unread, &change);
                route.block(change, BlockReason::MembershipUnknown, texts);
            }
            (Some(Ok(standing)), Status::NotEnabled) => {
                route.disable(account, change, standing, jobs);
                // A session that ends publishes nothing. One that has to stay is set as it is wanted otherwise.
                frequency = frequency.filter(|_| route.drafts.is_empty());
            }
            (Some(Ok(standing)), _) if change.is_from_off() => {
                route.enable(account, change, status, frequency.take(), standing, administrator_takes_in);
            }
            (Some(Ok(standing)), _) => {
                route.pause_or_resume(account, change, status, &mut frequency, standing, jobs);
            }
        }
    }
    // A frequency for a session that is not there, and will not be, is left out: there is nothing to set.
    let there_is_a_session = frequency.as_ref().is_some_and(|change| change.before.is_some());
    if let Some(change) = frequency.filter(|_| there_is_a_session) {
        route.own_update(account, vec![change], consequence::frequency(), None);
    }
    route
}

impl TargetPlan {
    fn block(&mut self, change: Change, block_reason: BlockReason, (reason, remediation): (String, String)) {
        self.blocked.push(BlockedDraft { change, block_reason, reason, remediation });
    }

    fn enable(
        &mut self,
        account: AccountId,
        change: Change,
        status: Status,
        frequency: Option<Change>,
        standing: &MembershipRole,
        administrator_takes_in: bool,
    ) {
        let by = match standing {
            MembershipRole::Candidate { administrator, email, .. } if administrator_takes_in => {
                Some((*administrator, email))
            }
            _ => None,
        };
        let Some((administrator, email)) = by else {
            let nobody_asks = frequency.is_none();
            let changes = vec![change, frequency.unwrap_or_else(default_frequency)];
            let consequence = consequence::enable(status, nobody_asks, standing);
            self.drafts.push(draft(Operation::EnableMacie, account, changes, consequence));
            return;
        };
        let enabled = Status::Enabled.value();
        let first = Change { after: enabled.clone(), ..change.clone() };
        let operation = Operation::CreateMember { email: email.clone() };
        let consequence = consequence::taken_in(administrator, frequency.is_none());
        self.drafts.push(draft(operation, administrator, vec![first], consequence));
        if let Some(frequency) = frequency {
            self.own_update(account, vec![frequency], consequence::frequency_of_new_member(), None);
        }
        if status == Status::Paused {
            let pause = Change { before: Some(enabled), ..change };
            let consequence = consequence::pause_of_new_member();
            let operation = Operation::UpdateMemberSession;
            self.drafts.push(draft(operation, administrator, vec![pause], consequence));
        }
    }

    fn pause_or_resume(
        &mut self,
        account: AccountId,
        change: Change,
        status: Status,
        frequency: &mut Option<Change>,
        standing: &MembershipRole,
        jobs: Option<Result<usize, crate::model::Unread>>,
    ) {
        let consequence =
            if status == Status::Paused { consequence::pause(jobs.as_ref()) } else { consequence::resume() };
        let jobs = jobs.and_then(Result::ok);
        match standing {
            MembershipRole::Administrator { members } if status == Status::Paused => {
                let texts = consequence::administrator(*members, "pause");
                self.block(change, BlockReason::AdministratorWithMembers, texts);
            }
            MembershipRole::OrganizationMember { administrator } => {
                let consequence = format!("{consequence} {}", consequence::by_administrator(*administrator));
                let step = draft(Operation::UpdateMemberSession, *administrator, vec![change], consequence);
                self.drafts.push(StepDraft { classification_jobs: jobs, ..step });
            }
            _ => {
                let changes: Vec<Change> = [Some(change), frequency.take()].into_iter().flatten().collect();
                self.own_update(account, changes, consequence, jobs);
            }
        }
    }

    fn disable(
        &mut self,
        account: AccountId,
        change: Change,
        standing: &MembershipRole,
        jobs: Option<Result<usize, crate::model::Unread>>,
    ) {
        match standing {
            MembershipRole::Administrator { members } => {
                let texts = consequence::administrator(*members, "disable");
                self.block(change, BlockReason::AdministratorWithMembers, texts);
            }
            MembershipRole::InvitedMember { administrator } | MembershipRole::OrganizationMember { administrator } => {
                let texts = consequence::member_cannot_disable(account, *administrator);
                self.block(change, BlockReason::MemberCannotDisable, texts);
            }
            MembershipRole::Standalone | MembershipRole::StandaloneAsFarAsKnown | MembershipRole::Candidate { .. } => {
                let consequence = consequence::disable(jobs.as_ref());
                let step = draft(Operation::DisableMacie, account, vec![change], consequence);
                self.drafts.push(StepDraft { classification_jobs: jobs.and_then(Result::ok), ..step });
            }
        }
    }

    fn own_update(&mut self, account: AccountId, mut changes: Vec<Change>, consequence: String, jobs: Option<usize>) {
        changes.sort_by_key(|change: &Change| change.setting);
        let step = draft(Operation::UpdateMacieSession, account, changes, consequence);
        self.drafts.push(StepDraft { classification_jobs: jobs, ..step });
    }
}

fn draft(operation: Operation, calling_account: AccountId, changes: Vec<Change>, consequence: String) -> StepDraft {
    let risk = operation.risk(&changes);
    StepDraft { operation, calling_account, changes, risk, consequence, classification_jobs: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{SettingId, Unread, UnreadReason, Value};
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

    /// With another pace as well: of a session that is there, or of one that is to be.
    fn and_pace(mut wanted: TargetChanges) -> TargetChanges {
        let was_off = wanted.status.as_ref().is_some_and(|(change, _)| change.is_from_off());
        let before = (!was_off).then(|| Frequency::SixHours.value());
        wanted.frequency = Some(change(FREQUENCY.id(), before, Frequency::OneHour.value()));
        wanted
    }

    /// The route in short: `UpdateMacieSession 1 safe: PAUSED` for each call, then `! block_reason` for what cannot be done.
    fn short(wanted: TargetChanges, standing: Result<MembershipRole, Unread>, administrator_takes_in: bool) -> String {
        let known = MembershipContext { role: standing, unfinished_jobs: None };
        let route = plan_changes(account(SELF), wanted, Some(&known), administrator_takes_in);
        let call = |draft: &StepDraft| {
            let caller = draft.calling_account.to_string();
            let values: Vec<_> = draft.changes.iter().map(|change| change.after.text()).collect();
            let (name, risk) = (draft.operation.name(), draft.risk.as_str());
            format!("{name} {} {risk}: {}", caller.trim_start_matches('0'), values.join(" "))
        };
        let calls = route.drafts.iter().map(call);
        let stuck = route.blocked.iter().map(|blocked| format!("! {}", blocked.block_reason.as_str()));
        calls.chain(stuck).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn the_table_of_who_may_change_what() {
        use Status::{Enabled, NotEnabled, Paused};
        let head = account(HEAD);
        let alone = || Ok(MembershipRole::Standalone);
        let invited = || Ok(MembershipRole::InvitedMember { administrator: head });
        let member = || Ok(MembershipRole::OrganizationMember { administrator: head });
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
        for (wanted, standing, takes_in, expected) in [
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
            // With another pace: in the same call where it is the account's own, in one of its own else.
            (and_pace(pause()), alone(), false, "UpdateMacieSession 1 disruptive: PAUSED ONE_HOUR"),
            (
                and_pace(pause()),
                member(),
                false,
                "UpdateMemberSession 5 disruptive: PAUSED, UpdateMacieSession 1 safe: ONE_HOUR",
            ),
            (and_pace(pause()), heads(), false, "UpdateMacieSession 1 safe: ONE_HOUR, ! administrator_with_members"),
            (and_pace(pause()), unknown(), false, "UpdateMacieSession 1 safe: ONE_HOUR, ! membership_unknown"),
            (and_pace(disable()), alone(), false, "DisableMacie 1 destructive: NOT_ENABLED"),
            (and_pace(disable()), member(), false, "UpdateMacieSession 1 safe: ONE_HOUR, ! member_cannot_disable"),
            (and_pace(enable()), alone(), false, "EnableMacie 1 safe: ENABLED ONE_HOUR"),
            (and_pace(enable()), unknown(), false, "! membership_unknown"),
            (
                and_pace(asleep()),
                candidate(),
                true,
                "CreateMember 5 safe: ENABLED, UpdateMacieSession 1 safe: ONE_HOUR, UpdateMemberSession 5 disruptive: PAUSED",
            ),
        ] {
            let row = format!("{:?} {standing:?} {takes_in}", wanted.status.as_ref().map(|(_, status)| status));
            assert_eq!(short(wanted, standing, takes_in), expected, "{row}");
        }
    }
}
