//! The accounts that are tried: a sample, and the credentials for each of them.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use jiff::civil::Date;

use super::diagnosis::{CheckId, DoctorCheck};
use crate::aws::{AccountCredentials, AwsSession, FailureMeaning, RoleTemplate, classify};
use crate::cli::endpoint::Deadline;
use crate::cli::run_context::RunContext;
use crate::cli::workspace::{LoadedConfig, ResolvedPolicies};
use crate::model::{
    AccountId, DesiredTarget, Region, Resource, SettingId, Unread, UnreadReason, Waivable, Waiver, WaiverMatch,
};
use crate::report::{fix_for, pluralize};

/// A diagnosis of the accounts.
pub(super) struct AccountsRun<'a> {
    pub(super) context: &'a RunContext,
    pub(super) config: &'a LoadedConfig,
    pub(super) access: &'a AwsSession,
    pub(super) resolved: &'a ResolvedPolicies,
    /// The role to assume, if one is configured.
    pub(super) role: Option<&'a RoleTemplate>,
    /// The number of accounts that are tried beside the caller's; `None` for all.
    pub(super) sample: Option<NonZeroUsize>,
    pub(super) deadline: Deadline,
}

/// The accounts that can be read, each with its credentials.
pub(super) type OpenAccounts = BTreeMap<AccountId, AccountCredentials>;

/// A sample of sorted accounts, evenly spread, the same in each run.
pub(super) fn sample(accounts: &[AccountId], size: Option<NonZeroUsize>) -> Vec<AccountId> {
    let total = accounts.len();
    let size = size.map_or(total, |size| size.get().min(total));
    let index = |nth: usize| nth.saturating_mul(total).checked_div(size).unwrap_or_default();
    (0..size).filter_map(|nth| accounts.get(index(nth)).copied()).collect()
}

impl AccountsRun<'_> {
    pub(super) fn targets(&self) -> &[DesiredTarget] {
        self.resolved.desired.targets()
    }

    /// The id of an account with its name.
    pub(super) fn name(&self, id: AccountId) -> String {
        let name = self.resolved.inventory.account(id).and_then(|account| account.name.as_deref());
        name.map_or_else(|| id.to_string(), |name| format!("{id} ({name})"))
    }

    /// The fix for what is unread in an account.
    pub(super) fn fix(&self, resource: Resource, unread: &Unread, id: AccountId) -> String {
        fix_for(resource, unread, id, self.resolved.inventory.account(id).and_then(|account| account.state))
    }

    /// Until when waivers expect what was found to be unread: of each target, all the settings that this concerns. `None` if they do
    /// not, or if no target is concerned.
    pub(super) fn expected_until<'t>(
        &self,
        targets: impl Iterator<Item = &'t DesiredTarget>,
        concerns: impl Fn(SettingId) -> bool,
        reason: UnreadReason,
    ) -> Option<Date> {
        let settings = targets.flat_map(|target| &target.declared.settings).filter(|desired| concerns(desired.setting));
        let mut first = None;
        for desired in settings {
            let covers = |waiver: &&Arc<Waiver>| {
                waiver.cover(desired.setting, Waivable::Unread(reason), self.config.today) == WaiverMatch::Covers
            };
            let end = desired.waivers.iter().filter(covers).map(|waiver| waiver.expires).max()?;
            first = first.map_or(Some(end), |first: Date| Some(first.min(end)));
        }
        first
    }

    /// The targets of an account.
    pub(super) fn targets_of(&self, account: AccountId) -> impl Iterator<Item = &DesiredTarget> {
        let targets = self.targets();
        let start = targets.partition_point(|target| target.account < account);
        targets.iter().skip(start).take_while(move |target| target.account == account)
    }

    fn role_expected_until(&self, account: AccountId, unread: &Unread) -> Option<Date> {
        self.expected_until(self.targets_of(account), |_| true, unread.reason)
    }

    /// Does work until a signal or the deadline ends it.
    pub(super) async fn within<T>(&self, work: impl Future<Output = Result<T, Unread>>) -> Result<T, Unread> {
        tokio::select! {
            biased;
            () = self.context.shutdown.cancelled() => {
                Err(Unread::local(UnreadReason::Interrupted, "the run was interrupted"))
            }
            done = work => done,
            () = tokio::time::sleep(self.deadline.remaining()) => {
                Err(Unread::local(UnreadReason::Deadline, "the deadline passed"))
            }
        }
    }

    /// Opens the caller's account and a sample of the others. Each account that cannot be opened has a check.
    pub(super) async fn open(&self) -> (OpenAccounts, Vec<DoctorCheck>) {
        let caller = self.access.caller().account;
        let targets = self.targets().chunk_by(|one, next| one.account == next.account);
        let accounts: Vec<AccountId> = targets.filter_map(|targets| Some(targets.first()?.account)).collect();
        let others: Vec<AccountId> = accounts.iter().copied().filter(|account| *account != caller).collect();
        let asked = if self.role.is_some() { sample(&others, self.sample) } else { Vec::new() };
        let own = accounts.into_iter().filter(|account| *account == caller);
        let opening = own
            .chain(asked.iter().copied())
            .map(|account| async move { (account, self.within(self.access.credentials_for(account)).await) });
        let opened: Vec<_> = stream::iter(opening).buffered(self.config.settings.concurrency.get()).collect().await;
        let (mut open, mut failures) = (OpenAccounts::new(), Vec::new());
        for (account, result) in opened {
            match result {
                Ok(credentials) => drop(open.insert(account, credentials)),
                Err(unread) => failures.push((account, unread)),
            }
        }
        let mut checks = vec![self.role_check(&others, &asked, &failures)];
        checks.extend(failures.iter().map(|(account, unread)| self.failed_role(*account, unread)));
        (open, checks)
    }

    /// The role in all accounts.
    fn role_check(&self, others: &[AccountId], asked: &[AccountId], failures: &[(AccountId, Unread)]) -> DoctorCheck {
        const SUBJECT: &str = "role";
        if others.is_empty() {
            return DoctorCheck::skipped(CheckId::Role, SUBJECT, "every target is in the caller's own account");
        }
        let Some(role) = self.role else {
            let others = pluralize(others.len(), "account");
            let detail = format!("no role is configured, so {others} beside the caller's cannot be read");
            return DoctorCheck::error(CheckId::Role, SUBJECT, detail).fix("set `[aws] role_name` in driftline.toml");
        };
        let failed = failures.iter().filter(|(account, _)| asked.contains(account)).count();
        let sampled = if asked.len() < others.len() {
            format!(", a sample of {}", pluralize(others.len(), "account"))
        } else {
            String::new()
        };
        let detail = format!(
            "{} can be assumed in {} of {}{sampled}",
            role.arn_anywhere(&self.access.caller().partition),
            asked.len() - failed,
            pluralize(asked.len(), "account")
        );
        let is_expected =
            |(account, unread): &(AccountId, Unread)| self.role_expected_until(*account, unread).is_some();
        if failed == 0 {
            DoctorCheck::ok(CheckId::Role, SUBJECT, detail)
        } else if failures.iter().all(is_expected) {
            DoctorCheck::warning(CheckId::Role, SUBJECT, format!("{detail}; waivers expect the rest to be unread"))
        } else {
            let fix = "create the role there, and let its trust policy name the caller: `driftline iam-policy trust \
                       --principal ARN` prints one";
            DoctorCheck::error(CheckId::Role, SUBJECT, detail).fix(fix)
        }
    }

    fn failed_role(&self, account: AccountId, unread: &Unread) -> DoctorCheck {
        let subject = self.name(account);
        if matches!(unread.reason, UnreadReason::Deadline | UnreadReason::Interrupted) {
            return not_tried(CheckId::Role, subject, unread);
        }
        let end = self.role_expected_until(account, unread);
        unread_check(CheckId::Role, subject, described(unread), end).fix(self.fix(
            Resource::MacieSession,
            unread,
            account,
        ))
    }

    /// Macie's administrator account: whether it can be opened and lists its members.
    pub(super) async fn administrator_check(&self) -> DoctorCheck {
        const ID: CheckId = CheckId::Administrator;
        let Some(administrator) = self.config.settings.aws.administrator_account else {
            return DoctorCheck::skipped(ID, "administrator", "no `[aws] administrator_account` is configured");
        };
        let Some(region) = self.macie_region() else {
            return DoctorCheck::skipped(ID, self.name(administrator), "no Macie session is declared");
        };
        let subject = self.name(administrator);
        let credentials = match self.within(self.access.credentials_for(administrator)).await {
            Ok(credentials) => credentials,
            Err(unread) => return self.failed_administrator(administrator, &unread),
        };
        let mut first = None;
        let mut on_member = |account, _| {
            first.get_or_insert(account);
            false
        };
        let listing = async {
            let listed = self.access.list_members(&credentials, &region, 1, &mut on_member).await;
            Ok::<_, Unread>(listed)
        };
        match self.within(listing).await {
            Err(unread) => not_tried(ID, subject, &unread),
            Ok(Err(failure)) => match classify(&failure).outcome {
                FailureMeaning::NotEnabled => {
                    DoctorCheck::warning(ID, subject, format!("Macie is not enabled in it in {region}"))
                        .fix("enable Macie there, or correct `[aws] administrator_account` in driftline.toml")
                }
                FailureMeaning::Unread(reason) => {
                    self.failed_administrator(administrator, &failure.into_unread(reason))
                }
                FailureMeaning::TokenRefused | FailureMeaning::NoDocument | FailureMeaning::ReadAgain => {
                    self.failed_administrator(administrator, &failure.into_unread(UnreadReason::BadCredentials))
                }
            },
            Ok(Ok(_)) => {
                if let Some(member) = first {
                    // The log of the calls has the result.
                    let asking = async { Ok(self.access.member(&credentials, &region, member).await.is_ok()) };
                    let _ = self.within(asking).await;
                }
                DoctorCheck::ok(ID, subject, format!("lists its members in {region}"))
            }
        }
    }

    fn failed_administrator(&self, administrator: AccountId, unread: &Unread) -> DoctorCheck {
        let check = self.failed_role(administrator, unread);
        check.about(CheckId::Administrator)
    }

    /// A Region in which Macie is declared, preferably one that is on in every account.
    fn macie_region(&self) -> Option<Region> {
        let table = &self.config.table;
        let hosted = |target: &&DesiredTarget| {
            target.resource == Resource::MacieSession && table.hosts(target.resource, &target.region)
        };
        let regions = || self.targets().iter().filter(hosted).map(|target| &target.region);
        regions().find(|region| !table.is_opt_in(region)).or_else(|| regions().next()).cloned()
    }
}

/// A check that a signal or the deadline prevented.
pub(super) fn not_tried(id: CheckId, subject: impl Into<String>, unread: &Unread) -> DoctorCheck {
    let check = DoctorCheck::not_checked(id, subject, unread.evidence.message.as_deref().unwrap_or_default());
    if unread.reason == UnreadReason::Deadline {
        check.fix("raise --deadline, or take a smaller --sample")
    } else {
        check
    }
}

/// A check of something unread: a warning if waivers expect it until a day, else an error.
pub(super) fn unread_check(id: CheckId, subject: impl Into<String>, found: String, end: Option<Date>) -> DoctorCheck {
    match end {
        Some(end) => DoctorCheck::warning(id, subject, format!("unread as expected until {end}: {found}")),
        None => DoctorCheck::error(id, subject, found),
    }
}

/// Reason, code and message of something unread.
pub(super) fn described(unread: &Unread) -> String {
    let parts = [Some(unread.reason.as_str()), unread.evidence.code.as_deref(), unread.evidence.message.as_deref()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_spread_evenly_and_never_larger_than_the_whole() {
        let accounts: Vec<AccountId> =
            (0..10).map(|number| format!("{number:012}").parse().expect("an account id")).collect();
        let picked = |size: usize| {
            let ids = sample(&accounts, NonZeroUsize::new(size));
            ids.iter().map(|id| id.to_string().trim_start_matches('0').to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(picked(3), ["", "3", "6"]);
        assert_eq!(picked(1), [""]);
        assert_eq!(picked(99).len(), 10);
        assert_eq!(sample(&accounts, None), accounts);
        assert_eq!(sample(&[], None), []);
    }
}
