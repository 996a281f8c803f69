//! Selected targets: `--account`, `--region` and ACCOUNT/REGION, resolved against the declared ones.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::error::CliError;
use super::explanation::NoTarget;
use crate::diagnostic::nearest_words;
use crate::model::{AccountId, DesiredState, Inventory, Region, SelectionMatcher, Shard, Target, TargetSelection};
use crate::report::{RunSelection, View, listed};

/// Maximum of names that an error suggests.
const SUGGESTED: usize = 3;

/// Maximum of names that an error lists where none is near.
const LISTED: usize = 5;

/// The options that select targets.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct SelectionArgs {
    /// Only the targets of these accounts: an id, a name or a name pattern; repeatable
    ///
    /// The verdict and the exit code are those of the selected targets. Precedence, waivers and warnings about the policies are
    /// those of all targets. Names need an inventory that has them. With --region, a target must match both.
    #[arg(long = "account", value_name = "ACCOUNT", value_parser = NonEmptyStringValueParser::new())]
    accounts: Vec<String>,
    /// Only the targets in these Regions: a code or a pattern, such as 'eu-*'; repeatable
    #[arg(long = "region", value_name = "REGION", value_parser = NonEmptyStringValueParser::new())]
    regions: Vec<String>,
}

impl SelectionArgs {
    /// The selection; `None` for every declared target.
    pub(super) fn selection(&self) -> Option<TargetSelection> {
        TargetSelection::new(self.accounts.clone(), self.regions.clone())
    }
}

/// The part of the declared targets that a run covers.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RunScope<'a> {
    /// The selected targets; every declared one without it.
    pub(super) selection: Option<&'a TargetSelection>,
    /// Accounts and Regions that must be declared targets. They do not restrict what is read.
    pub(super) only: &'a [NamedPlace],
    /// The part of the accounts; all accounts without it.
    pub(super) shard: Option<Shard>,
}

/// Checks that a saved report has the selection of this run.
///
/// # Errors
///
/// If it has another one: its targets would pass for undeclared, or those of this run for new.
pub(super) fn ensure_same_selection(
    view: &View<'_>,
    selection: Option<&TargetSelection>,
    file: &str,
) -> Result<(), CliError> {
    let saved = view.run.selection.as_ref().map(|selection| &selection.items);
    if saved == selection {
        return Ok(());
    }
    let covered = |selection: Option<&TargetSelection>| {
        selection.map_or_else(|| "every declared target".to_owned(), |selection| format!("only {selection}"))
    };
    Err(CliError::OtherSelection { file: file.to_owned(), saved: covered(saved), run: covered(selection) })
}

/// ACCOUNT/REGION: an account id or name, and a Region. The Region follows the last slash, as names may contain some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamedPlace {
    pub(super) account: String,
    pub(super) region: Region,
}

impl FromStr for NamedPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (account, region) = text
            .rsplit_once('/')
            .filter(|(account, _)| !account.is_empty())
            .ok_or_else(|| "write it as ACCOUNT/REGION, such as 111122223333/eu-central-1".to_owned())?;
        let region = region.parse().map_err(|error| format!("\"{region}\": {error}"))?;
        Ok(Self { account: account.to_owned(), region })
    }
}

impl NamedPlace {
    /// The account id, if it is one.
    pub(super) fn id(&self) -> Option<AccountId> {
        self.account.parse().ok()
    }

    /// The account: an id, or the name of an account of the inventory.
    ///
    /// # Errors
    ///
    /// If no account has the name, several have it, or names are unknown.
    pub(super) fn find_account(&self, inventory: &Inventory) -> Result<AccountId, CliError> {
        if let Some(id) = self.id() {
            return Ok(id);
        }
        let name = self.account.as_str();
        if !inventory.knowledge().names {
            return Err(CliError::NamesUnknown(name.to_owned()));
        }
        let accounts = inventory.accounts().iter();
        let ids: Vec<AccountId> =
            accounts.filter(|account| account.name.as_deref() == Some(name)).map(|account| account.id).collect();
        match ids.as_slice() {
            [id] => Ok(*id),
            [] => {
                let known = inventory.accounts().iter().filter_map(|account| account.name.as_deref());
                let problem = format!("no account of the inventory has the name {name}");
                Err(CliError::Unselectable(vec![(problem, suggestion(name, known, "accounts of the inventory"))]))
            }
            several => {
                let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
                let problem = format!("{} accounts have the name {name}: {}", ids.len(), listed(&ids, LISTED));
                Err(CliError::Unselectable(vec![(problem, "use the id of the account".to_owned())]))
            }
        }
    }
}

/// Why an account and a Region are no target; `None` if they are one.
pub(super) fn no_target_reason(
    account: AccountId,
    region: &Region,
    desired: &DesiredState,
    inventory: &Inventory,
) -> Option<NoTarget> {
    if desired.targets().iter().any(|target| target.account == account && target.region == *region) {
        None
    } else if inventory.account(account).is_none() {
        Some(NoTarget::AccountNotInInventory)
    } else if !inventory.regions().contains(region) {
        Some(NoTarget::RegionNotInInventory)
    } else {
        Some(NoTarget::NotDeclared)
    }
}

/// Error for an account and a Region that are no target.
pub(super) fn no_target(
    reason: NoTarget,
    (account, region): (AccountId, &Region),
    desired: &DesiredState,
) -> (String, String) {
    let problem = format!("{account}/{region} is not a target: {}", reason.message());
    let targets = desired.targets().iter();
    let fix = match reason {
        NoTarget::AccountNotInInventory => {
            let ids: BTreeSet<String> = targets.map(|target| target.account.to_string()).collect();
            suggestion(&account.to_string(), ids.iter().map(String::as_str), "accounts with a target")
        }
        NoTarget::RegionNotInInventory | NoTarget::NotDeclared => {
            let here = targets.filter(|target| target.account == account).map(|target| target.region.as_str());
            let here: BTreeSet<&str> = here.collect();
            if here.is_empty() {
                "`driftline targets` lists the accounts with a target".to_owned()
            } else {
                suggestion(region.as_str(), here.into_iter(), "Regions of the account with a target")
            }
        }
    };
    (problem, fix)
}

/// The accounts and Regions of `--only`, each of which must be a declared target; sorted, each once.
///
/// # Errors
///
/// Those that are none.
pub(super) fn find_places(
    places: &[NamedPlace],
    desired: &DesiredState,
    inventory: &Inventory,
) -> Result<Vec<(AccountId, Region)>, CliError> {
    let (mut found, mut missing) = (BTreeSet::new(), Vec::new());
    for place in places {
        let account = match place.find_account(inventory) {
            Ok(account) => account,
            Err(CliError::Unselectable(problems)) => {
                missing.extend(problems);
                continue;
            }
            Err(error) => return Err(error),
        };
        let reason = no_target_reason(account, &place.region, desired, inventory);
        missing.extend(reason.map(|reason| no_target(reason, (account, &place.region), desired)));
        found.insert((account, place.region.clone()));
    }
    if missing.is_empty() { Ok(found.into_iter().collect()) } else { Err(CliError::Unselectable(missing)) }
}

/// Targets that a selection may match, by account and Region.
#[derive(Debug, Default)]
pub(super) struct Selectable<'a> {
    /// The accounts with a target, each with its name if known and its Regions.
    accounts: BTreeMap<AccountId, (Option<&'a str>, BTreeSet<&'a Region>)>,
    /// Whether account names are known.
    names: bool,
    /// Further accounts, which have no target.
    without_target: BTreeMap<AccountId, Option<&'a str>>,
}

impl<'a> Selectable<'a> {
    /// The declared targets of an inventory.
    fn declared(desired: &'a DesiredState, inventory: &'a Inventory) -> Self {
        let mut selectable = Self { names: inventory.knowledge().names, ..Self::default() };
        for target in desired.targets() {
            let name = || inventory.account(target.account).and_then(|account| account.name.as_deref());
            selectable.add(target.account, name, &target.region);
        }
        let others = inventory.accounts().iter().filter(|account| !desired.reaches(account.id));
        selectable.without_target = others.map(|account| (account.id, account.name.as_deref())).collect();
        selectable
    }

    /// Targets in order, each with the name of its account.
    pub(super) fn named(targets: impl Iterator<Item = (AccountId, Option<&'a str>, &'a Region)>) -> Self {
        let mut selectable = Self::default();
        for (account, name, region) in targets {
            selectable.names |= name.is_some();
            selectable.add(account, || name, region);
        }
        selectable
    }

    fn add(&mut self, account: AccountId, name: impl FnOnce() -> Option<&'a str>, region: &'a Region) {
        self.accounts.entry(account).or_insert_with(|| (name(), BTreeSet::new())).1.insert(region);
    }

    /// Checks that each item of a selection, and the selection as a whole, matches a target.
    ///
    /// # Errors
    ///
    /// Every item that matches nothing, with the nearest names.
    pub(super) fn ensure_matched(&self, selection: &TargetSelection) -> Result<(), CliError> {
        let is_name = |item: &&String| item.parse::<AccountId>().is_err();
        if let Some(name) = selection.accounts().iter().find(is_name).filter(|_| !self.names) {
            return Err(CliError::NamesUnknown(name.clone()));
        }
        let regions: BTreeSet<&Region> =
            self.accounts.values().flat_map(|(_, regions)| regions.iter().copied()).collect();
        let mut unmatched: Vec<(String, String)> =
            selection.accounts().iter().filter_map(|item| self.unmatched_account(item)).collect();
        unmatched.extend(selection.regions().iter().filter_map(|item| unmatched_region(item, &regions)));
        if unmatched.is_empty() {
            unmatched.extend(self.unmatched_combination(selection));
        }
        if unmatched.is_empty() { Ok(()) } else { Err(CliError::Unselectable(unmatched)) }
    }

    fn unmatched_account(&self, item: &str) -> Option<(String, String)> {
        let matcher = TargetSelection::new(vec![item.to_owned()], Vec::new())?.matcher();
        if self.accounts.iter().any(|(id, (name, _))| matcher.selects_account(*id, *name)) {
            return None;
        }
        if self.without_target.iter().any(|(id, name)| matcher.selects_account(*id, *name)) {
            let problem = format!("--account {item}: no declaration reaches the account");
            return Some((problem, "`driftline targets` lists the accounts with a target".to_owned()));
        }
        let problem = format!("--account {item} matches no declared target");
        let ids = self.accounts.keys().filter(|id| **id != AccountId::UnknownCaller);
        let ids: Vec<String> = ids.map(ToString::to_string).collect();
        let names = || self.accounts.values().filter_map(|(name, _)| *name);
        let what = "accounts with a target";
        let fix = if item.parse::<AccountId>().is_ok() || !self.names {
            suggestion(item, ids.iter().map(String::as_str), what)
        } else {
            suggestion(item, names(), what)
        };
        Some((problem, fix))
    }

    /// Why no target matches both lists, each of whose items matches one.
    fn unmatched_combination(&self, selection: &TargetSelection) -> Option<(String, String)> {
        let matcher = selection.matcher();
        let selected = self.accounts.iter().filter(|(id, (name, _))| matcher.selects_account(**id, *name));
        let regions: BTreeSet<&Region> = selected.flat_map(|(_, (_, regions))| regions.iter().copied()).collect();
        if regions.iter().any(|region| matcher.selects_region(region)) {
            return None;
        }
        let known: Vec<String> = regions.iter().map(ToString::to_string).collect();
        let problem = format!("{selection} matches no declared target, though each of them does");
        Some((problem, format!("the Regions of the selected accounts with a target: {}", listed(&known, LISTED))))
    }
}

fn unmatched_region(item: &str, regions: &BTreeSet<&Region>) -> Option<(String, String)> {
    let matcher = TargetSelection::new(Vec::new(), vec![item.to_owned()])?.matcher();
    if regions.iter().any(|region| matcher.selects_region(region)) {
        return None;
    }
    let problem = format!("--region {item} matches no declared target");
    Some((problem, suggestion(item, regions.iter().map(|region| region.as_str()), "Regions with a target")))
}

/// The nearest names, or else some of them.
fn suggestion<'a>(item: &str, known: impl Iterator<Item = &'a str>, what: &str) -> String {
    let known: BTreeSet<&str> = known.collect();
    let near = nearest_words(item, known.iter().copied(), SUGGESTED);
    let repeat = if item.contains(',') { "repeat the option for each item; " } else { "" };
    if near.is_empty() {
        let known: Vec<String> = known.into_iter().map(str::to_owned).collect();
        format!("{repeat}{what}: {}", listed(&known, LISTED))
    } else {
        format!("{repeat}did you mean {}?", near.join(" or "))
    }
}

/// Restricts a desired state to a selection, each item of which must match a declared target.
pub(super) fn select(
    desired: DesiredState,
    selection: &TargetSelection,
    inventory: &Inventory,
) -> Result<DesiredState, CliError> {
    Selectable::declared(&desired, inventory).ensure_matched(selection)?;
    let matcher = selection.matcher();
    Ok(desired.for_selection(|target| is_selected(&matcher, &target.target(), inventory)))
}

/// The selection in a report about a desired state that it restricts.
pub(super) fn run_selection(selection: Option<&TargetSelection>, desired: &DesiredState) -> Option<RunSelection> {
    selection.map(|items| RunSelection { items: items.clone(), declared_total: desired.declared_total() })
}

/// Whether a selection has a target, whose account may be in the inventory.
pub(super) fn is_selected(matcher: &SelectionMatcher, target: &Target, inventory: &Inventory) -> bool {
    let name = inventory.account(target.account).and_then(|account| account.name.as_deref());
    matcher.selects_account(target.account, name) && matcher.selects_region(&target.region)
}
