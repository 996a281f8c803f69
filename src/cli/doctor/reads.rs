//! The reads that are tried: those of a check, of few targets.

use std::collections::{BTreeMap, BTreeSet};

use super::accounts::{AccountsRun, OpenAccounts, described, not_tried, unread_check};
use super::diagnosis::{CheckId, DoctorCheck};
use crate::aws::{CallResult, LoggedCall};
use crate::collect::{CollectLimits, Collector, ReadRequest};
use crate::model::{AccountId, DesiredTarget, Region, RegionTable, Resource, Unread, UnreadReason};
use crate::report::listed;
use crate::resource::macie_session::SharedAnswers;
use crate::resource::{NotEnabledEvidence, Reading, SettingReading, SettingRequest, further_settings};

/// Most accounts that one line names.
const NAMED: usize = 5;

/// The calls of a session and what they showed.
pub(super) type Calls = BTreeMap<LoggedCall, CallResult>;

/// The targets to try: one of each resource in each account, Region by Region in turn, and then each Region that is left. A Region
/// that is on in every account comes before one that an account must opt into.
pub(super) fn chosen<'a>(
    targets: &'a [DesiredTarget],
    table: &RegionTable,
    is_open: impl Fn(AccountId) -> bool,
) -> Vec<&'a DesiredTarget> {
    let readable = |target: &&DesiredTarget| is_open(target.account) && table.hosts(target.resource, &target.region);
    let targets: Vec<&DesiredTarget> = targets.iter().filter(readable).collect();
    let mut by_account: BTreeMap<(AccountId, Resource), Vec<&DesiredTarget>> = BTreeMap::new();
    for target in &targets {
        by_account.entry((target.account, target.resource)).or_default().push(target);
    }
    let mut turns: BTreeMap<Resource, usize> = BTreeMap::new();
    let mut chosen: Vec<&DesiredTarget> = Vec::new();
    for ((_, resource), all) in &by_account {
        let turn = turns.entry(*resource).or_default();
        let on: Vec<_> = all.iter().filter(|target| !table.is_opt_in(&target.region)).collect();
        let among = if on.is_empty() { all.iter().collect() } else { on };
        chosen.extend(among.get(turn.checked_rem(among.len()).unwrap_or_default()).map(|target| **target));
        *turn = turn.saturating_add(1);
    }
    let mut covered: BTreeSet<&Region> = chosen.iter().map(|target| &target.region).collect();
    for target in targets {
        if covered.insert(&target.region) {
            chosen.push(target);
        }
    }
    chosen.sort_by_key(|target| target.sort_key());
    chosen
}

impl AccountsRun<'_> {
    /// Reads the chosen targets as a check does.
    pub(super) async fn read(&self, open: &OpenAccounts) -> (Vec<ReadRequest>, Vec<Reading>) {
        let chosen = chosen(self.targets(), &self.config.table, |account| open.contains_key(&account));
        let requests: Vec<ReadRequest> = chosen.into_iter().map(ReadRequest::for_target).collect();
        let limits = CollectLimits {
            concurrency: self.config.settings.concurrency,
            deadline: Some(self.deadline.remaining()),
            keeps_open: true,
        };
        let bar = self.context.reading_bar(requests.len());
        let progress = |finished: usize| bar.set_position(finished as u64);
        let collector = Collector::new(self.access, &requests, &self.config.table, limits, &progress);
        let readings = collector.collect(self.context.shutdown.cancelled()).await.readings;
        bar.finish_and_clear();
        (requests, readings)
    }

    /// Tries the calls for further settings where Macie is off, so that a check makes none of them: their permission shows all the
    /// same. One target is enough.
    pub(super) async fn try_further_settings(
        &self,
        open: &OpenAccounts,
        requests: &[ReadRequest],
        readings: &[Reading],
    ) {
        let is_off = |reading: &Reading| matches!(reading, Reading::NotEnabled(NotEnabledEvidence::Answer(_)));
        let off = requests.iter().zip(readings).filter(|(_, reading)| is_off(reading)).find_map(|(request, _)| {
            let declared =
                request.declared.as_deref().filter(|declared| further_settings(declared).next().is_some())?;
            Some((open.get(&request.target.account)?, &request.target.region, declared))
        });
        let Some((credentials, region, declared)) = off else { return };
        let shared = SharedAnswers::new(None);
        let request = SettingRequest { aws: self.access, credentials, region, declared, shared: &shared };
        // The log of the calls has the result.
        let reading = async {
            request.read(|_| ()).await;
            Ok(())
        };
        let _ = self.within(reading).await;
    }

    /// The Regions: those that answered, and what is unread for another reason than a denied action.
    pub(super) fn region_checks(
        &self,
        requests: &[ReadRequest],
        readings: &[Reading],
        calls: &Calls,
    ) -> Vec<DoctorCheck> {
        let mut answered: BTreeSet<&Region> = BTreeSet::new();
        let mut unread: BTreeMap<(&Region, UnreadReason), Vec<(&ReadRequest, Unread)>> = BTreeMap::new();
        for (request, reading) in requests.iter().zip(readings) {
            let region = &request.target.region;
            let found = unread_of(request, reading);
            if has_answer(reading) {
                answered.insert(region);
            }
            if let Some(found) = found.filter(|found| !(is_denial(found) && has_denial(request, calls))) {
                unread.entry((region, found.reason)).or_default().push((request, found));
            }
        }
        let mut checks = Vec::new();
        let failing: BTreeSet<&Region> = unread.keys().map(|(region, _)| *region).collect();
        let names: Vec<String> = answered.difference(&failing).map(ToString::to_string).collect();
        if !names.is_empty() {
            let detail = format!("{} answered: {}", names.len(), listed(&names, NAMED));
            checks.push(DoctorCheck::ok(CheckId::Region, "Regions", detail));
        }
        for ((region, reason), found) in unread {
            let Some((request, first)) = found.first() else { continue };
            if matches!(reason, UnreadReason::Deadline | UnreadReason::Interrupted) {
                checks.push(not_tried(CheckId::Region, region.to_string(), first));
                continue;
            }
            let accounts: BTreeSet<AccountId> = found.iter().map(|(request, _)| request.target.account).collect();
            let accounts: Vec<String> = accounts.into_iter().map(|account| self.name(account)).collect();
            let detail = format!("{}, in {}", described(first), listed(&accounts, NAMED));
            let fix = self.fix(request.target.resource, first, request.target.account);
            let targets = found.iter().filter_map(|(request, _)| self.resolved.desired.find(&request.target));
            let end = self.expected_until(targets, |_| true, reason);
            checks.push(unread_check(CheckId::Region, region.to_string(), detail, end).fix(fix));
        }
        // Where nothing at all was read, nothing is proven, whatever the waivers expect.
        if !readings.is_empty() && readings.iter().all(|reading| matches!(reading, Reading::Unread(_))) {
            checks.push(DoctorCheck::not_checked(CheckId::Region, "Regions", "no target could be read"));
        }
        checks
    }
}

fn is_denial(unread: &Unread) -> bool {
    unread.reason == UnreadReason::Denied
}

/// Whether the service answered for itself.
fn has_answer(reading: &Reading) -> bool {
    match reading {
        Reading::On(_)
        | Reading::NotEnabled(NotEnabledEvidence::Answer(_))
        | Reading::Preferences(_)
        | Reading::Sessions(_) => true,
        Reading::Listed(_) | Reading::NotEnabled(_) | Reading::NotApplicable(_) | Reading::Unread(_) => false,
    }
}

/// Why a target is unread, or a declared setting of it.
fn unread_of(request: &ReadRequest, reading: &Reading) -> Option<Unread> {
    if let Reading::Unread(unread) = reading {
        return Some(unread.clone());
    }
    let declared = request.declared.iter().flat_map(|declared| &declared.settings);
    declared.map(|desired| reading.setting(desired)).find_map(|setting| match setting {
        SettingReading::Unread(unread) => Some((*unread).clone()),
        SettingReading::Known(_) | SettingReading::NotApplicable => None,
    })
}

/// Whether an action was denied there, which has a check of its own.
fn has_denial(request: &ReadRequest, calls: &Calls) -> bool {
    let (account, region) = (Some(request.target.account), Some(&request.target.region));
    calls.iter().any(|(call, result)| {
        matches!(result, CallResult::Denied(_)) && call.account == account && call.region.as_ref() == region
    })
}
