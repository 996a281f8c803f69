//! Targets of a run, as text and as JSON, version 1.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::offline_output::{account, faint, known, plain, values, write_paragraph, written};
use crate::diagnostic::{DocumentKind, Envelope, write_json_document};
use crate::model::{
    Account, AccountId, AccountState, DesiredSettings, DesiredState, DesiredTarget, Inventory, RegionTable, Resource,
    SettingId, Severity, TargetSelection,
};
use crate::report::{Detail, Selected, SelectionResult, TextOptions, listed, pluralize, terminal, wrapped};
use crate::resource::SettingKey;

/// Targets of the policies in an inventory, and what either side lacks.
#[derive(Debug, Clone)]
pub(super) struct TargetList {
    /// The selection; `None` for every declared target.
    pub(super) selection: Option<TargetSelection>,
    /// The desired state.
    pub(super) desired: DesiredState,
    /// The accounts and Regions.
    pub(super) inventory: Inventory,
    /// The Regions with Macie, and those that need an opt-in.
    pub(super) table: RegionTable,
    /// The account ids that declarations list, each once.
    pub(super) declared: Vec<AccountId>,
    /// The policy files, sorted.
    pub(super) policy_files: Vec<String>,
    /// The settings file as displayed, if there is one.
    pub(super) settings_file: Option<String>,
    /// The digest of the policy set.
    pub(super) policy_digest: String,
}

impl TargetList {
    /// The accounts of the inventory that no declaration reaches.
    fn unreached(&self) -> Vec<&Account> {
        self.inventory.accounts().iter().filter(|account| !self.desired.reaches(account.id)).collect()
    }

    /// The account ids that declarations list and the inventory lacks.
    fn unknown_accounts(&self) -> Vec<AccountId> {
        self.declared.iter().copied().filter(|id| self.inventory.account(*id).is_none()).collect()
    }

    /// How a run reads the live state of a target.
    fn reading(&self, target: &DesiredTarget) -> ReadMethod {
        if !self.table.hosts(target.resource, &target.region) {
            ReadMethod::WithoutCall
        } else if self.table.is_opt_in(&target.region) {
            ReadMethod::WhereOn
        } else {
            ReadMethod::Read
        }
    }
}

/// How a run reads the live state of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ReadMethod {
    /// It calls the service of the resource.
    Read,
    /// It calls the service if the account has opted into the Region.
    WhereOn,
    /// Macie does not exist there; no call is needed.
    WithoutCall,
}

/// Maximum of accounts named per line; the rest is counted.
const MAX_NAMED: usize = 12;

/// Desired settings and their Regions, in order of the first Region.
type Layout<'reach> = Vec<(&'reach str, Vec<String>)>;

/// Writes the targets as text. Accounts with the same desired settings in the same Regions share a paragraph.
pub(super) fn write_targets_text(reach: &TargetList, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let at_most = if options.detail == Detail::Verbose { usize::MAX } else { MAX_NAMED };
    if options.detail > Detail::Quiet {
        accounts(reach, at_most, options, out)?;
        left_over(reach, at_most, options, out)?;
    }
    summary(reach, options, out)
}

fn accounts(reach: &TargetList, at_most: usize, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut known: HashMap<*const DesiredSettings, String> = HashMap::new();
    for target in reach.desired.targets() {
        known.entry(Arc::as_ptr(&target.declared)).or_insert_with(|| desired_settings(target));
    }
    let mut alike: BTreeMap<Layout<'_>, Vec<AccountId>> = BTreeMap::new();
    for targets in reach.desired.targets().chunk_by(|one, two| one.account == two.account) {
        let Some(first) = targets.first() else { continue };
        let mut layout: Layout<'_> = Vec::new();
        for target in targets {
            let words = known.get(&Arc::as_ptr(&target.declared)).map_or("", String::as_str);
            let region = region(reach, target);
            match layout.iter_mut().find(|(known, _)| *known == words) {
                Some((_, regions)) => regions.push(region),
                None => layout.push((words, vec![region])),
            }
        }
        alike.entry(layout).or_default().push(first.account);
    }
    let mut alike: Vec<(Layout<'_>, Vec<AccountId>)> = alike.into_iter().collect();
    alike.sort_by(|one, two| one.1.cmp(&two.1));
    for (layout, ids) in &alike {
        let names: Vec<String> = ids.iter().map(|id| named(reach, *id)).collect();
        let count = if ids.len() > 1 { format!("{} accounts: ", ids.len()) } else { String::new() };
        let text = format!("{count}{}", listed(&names, at_most));
        write_paragraph("", &text, options.width, |text| options.paint.strong(text), out)?;
        for (words, regions) in layout {
            write_paragraph("  ", words, options.width, plain, out)?;
            write_paragraph("      ", &regions.join(", "), options.width, faint(options.paint), out)?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Desired settings of a target on one line as they are written, after the resource if it is not a Macie session.
fn desired_settings(target: &DesiredTarget) -> String {
    let settings = target.declared.settings.iter().map(AsRef::as_ref);
    let declared = target.declared.parameter().into_iter().chain(settings);
    let parts: Vec<String> =
        declared.map(|desired| format!("{} {}", desired.setting, written(&desired.decided))).collect();
    let resource = match target.resource {
        Resource::MacieSession => String::new(),
        other => format!("{other}: "),
    };
    format!("{resource}{}", parts.join("; "))
}

fn region(reach: &TargetList, target: &DesiredTarget) -> String {
    match reach.reading(target) {
        ReadMethod::Read => target.region.to_string(),
        ReadMethod::WhereOn => format!("{} (opt-in)", target.region),
        ReadMethod::WithoutCall => format!("{} (no Macie)", target.region),
    }
}

fn named(reach: &TargetList, id: AccountId) -> String {
    let Some(found) = reach.inventory.account(id) else { return account(id) };
    let name = found.name.as_deref().map(|name| terminal(name).into_owned());
    // Active accounts are the normal case.
    let state = found.state.filter(|state| !state.allows_assume_role()).map(|state| state.to_string());
    let known: Vec<String> = name.into_iter().chain(state).collect();
    if known.is_empty() { account(id) } else { format!("{} ({})", account(id), known.join(", ")) }
}

fn left_over(reach: &TargetList, at_most: usize, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let unreached: Vec<String> = reach.unreached().iter().map(|account| named(reach, account.id)).collect();
    let strangers: Vec<String> = reach.unknown_accounts().iter().map(|id| account(*id)).collect();
    let mut said = false;
    for (ids, what) in [
        (&unreached, "of the inventory that no declaration reaches"),
        (&strangers, "that a declaration lists and the inventory lacks"),
    ] {
        if !ids.is_empty() {
            let text = format!("{} {what}: {}", pluralize(ids.len(), "account"), listed(ids, at_most));
            write_paragraph("! ", &text, options.width, plain, out)?;
            said = true;
        }
    }
    if said { writeln!(out) } else { Ok(()) }
}

fn summary(reach: &TargetList, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let targets = reach.desired.targets();
    let accounts = targets.chunk_by(|one, two| one.account == two.account).count();
    let regions: BTreeSet<_> = targets.iter().map(|target| &target.region).collect();
    let mut text = format!(
        "{} in {} and {}",
        pluralize(targets.len(), "target"),
        pluralize(accounts, "account"),
        pluralize(regions.len(), "Region"),
    );
    let count = |how: ReadMethod| targets.iter().filter(|target| reach.reading(target) == how).count();
    let (where_on, without_call) = (count(ReadMethod::WhereOn), count(ReadMethod::WithoutCall));
    if where_on > 0 {
        let _ = write!(text, "; read only where the account has opted into the Region: {where_on}");
    }
    if without_call > 0 {
        let _ = write!(text, "; known without a call, as Macie does not exist there: {without_call}");
    }
    let selected = reach.selection.as_ref().map(|selection| {
        let (count, total) = (targets.len(), reach.desired.declared_total());
        terminal(&Selected { count, total, options: selection.to_string() }.to_string()).into_owned()
    });
    for text in [Some(text), selected].into_iter().flatten() {
        for line in wrapped(&text, options.width) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

const TARGETS: DocumentKind = DocumentKind { format: "driftline.targets", version: 1, title: "driftline targets" };

/// Writes the targets as one JSON object and a line feed.
pub(super) fn write_targets_json(reach: &TargetList, out: &mut dyn Write) -> io::Result<()> {
    let targets = reach.desired.targets();
    let document = Document {
        policy_digest: &reach.policy_digest,
        policy_files: &reach.policy_files,
        settings_file: reach.settings_file.as_deref(),
        selection: reach.selection.as_ref().map(SelectionResult::from),
        declared_total: reach.desired.declared_total(),
        counts: Counts {
            accounts: targets.chunk_by(|one, two| one.account == two.account).count(),
            targets: targets.len(),
        },
        accounts: Accounts(reach),
        unreached_accounts: reach
            .unreached()
            .iter()
            .map(|account| Unreached { account: known(account.id), account_name: account.name.as_deref() })
            .collect(),
        missing_accounts: reach.unknown_accounts(),
    };
    write_json_document(&Envelope::new(TARGETS, document), out)
}

/// The JSON Schema of the list of targets.
pub(super) fn targets_schema() -> serde_json::Value {
    TARGETS.schema::<Document<'_>>()
}

/// Targets that a run would read. Readers must ignore fields that they do not know.
#[derive(Serialize, JsonSchema)]
struct Document<'a> {
    policy_digest: &'a str,
    policy_files: &'a [String],
    /// The settings file; null if there is none.
    settings_file: Option<&'a str>,
    /// What `--account` and `--region` selected; null for every declared target.
    selection: Option<SelectionResult<'a>>,
    /// The number of declared targets, selected or not.
    declared_total: usize,
    counts: Counts,
    /// The accounts with a target, sorted by id.
    #[schemars(with = "Vec<AccountTargets<'a>>")]
    accounts: Accounts<'a>,
    /// The accounts of the inventory that no declaration reaches.
    unreached_accounts: Vec<Unreached<'a>>,
    /// The account ids that a declaration lists and the inventory lacks.
    #[schemars(with = "Vec<String>")]
    missing_accounts: Vec<AccountId>,
}

/// Totals.
#[derive(Serialize, JsonSchema)]
struct Counts {
    accounts: usize,
    targets: usize,
}

/// An account with its targets.
#[derive(Serialize, JsonSchema)]
struct AccountTargets<'a> {
    /// Null for the caller's account, if it is unknown.
    account: Option<AccountId>,
    /// The account's name, if the inventory has names.
    account_name: Option<&'a str>,
    /// State of the account in AWS Organizations, if the inventory has it.
    account_state: Option<AccountState>,
    /// Its targets, sorted by Region, then resource.
    targets: Vec<Target<'a>>,
}

/// A target.
#[derive(Serialize, JsonSchema)]
struct Target<'a> {
    resource: Resource,
    region: &'a str,
    /// Whether an effective declaration names the Region, as opposed to reaching it by a pattern or by "all".
    region_named: bool,
    /// How a run reads the live state of the target.
    reading: ReadMethod,
    /// The declared settings.
    settings: Vec<DesiredJson<'a>>,
    /// What is declared beside settings: `ended_within`, which says which sessions the rules are about.
    parameters: Vec<ParameterJson<'a>>,
}

/// A declared parameter.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Parameter")]
struct ParameterJson<'a> {
    setting: &'static str,
    /// The declared value, alone in its list.
    accepted: Vec<Cow<'a, str>>,
}

/// Desired setting.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Wanted")]
struct DesiredJson<'a> {
    #[schemars(with = "SettingKey")]
    setting: SettingId,
    /// The accepted values; the first is what apply would set.
    accepted: Vec<Cow<'a, str>>,
    severity: Severity,
}

/// An account that no declaration reaches.
#[derive(Serialize, JsonSchema)]
struct Unreached<'a> {
    /// Null for the caller's account, if it is unknown.
    account: Option<AccountId>,
    account_name: Option<&'a str>,
}

/// Accounts are converted one by one while they are written: there may be hundreds of thousands of targets.
struct Accounts<'a>(&'a TargetList);

impl Serialize for Accounts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let accounts = self.0.desired.targets().chunk_by(|one, two| one.account == two.account);
        serializer.collect_seq(accounts.filter_map(|targets| account_targets(self.0, targets)))
    }
}

fn account_targets<'a>(reach: &'a TargetList, targets: &'a [DesiredTarget]) -> Option<AccountTargets<'a>> {
    let id = targets.first()?.account;
    let known_of = reach.inventory.account(id);
    let targets = targets.iter().map(|found| target(reach, found)).collect();
    Some(AccountTargets {
        account: known(id),
        account_name: known_of.and_then(|account| account.name.as_deref()),
        account_state: known_of.and_then(|account| account.state),
        targets,
    })
}

fn target<'a>(reach: &TargetList, target: &'a DesiredTarget) -> Target<'a> {
    let settings = target.declared.settings.iter();
    Target {
        resource: target.resource,
        region: target.region.as_str(),
        region_named: target.declared.region_named,
        reading: reach.reading(target),
        settings: settings
            .map(|desired| DesiredJson {
                setting: desired.setting,
                accepted: values(&desired.decided),
                severity: desired.severity,
            })
            .collect(),
        parameters: target
            .declared
            .parameter()
            .map(|window| ParameterJson { setting: window.setting.key(), accepted: values(&window.decided) })
            .into_iter()
            .collect(),
    }
}
