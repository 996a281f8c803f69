//! The targets for people: accounts of which the same is wanted in the same Regions together.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::Arc;

use super::reach::{ReadMethod, TargetList};
use crate::model::{AccountId, DesiredSettings, DesiredTarget};
use crate::offline::messages::{accepted, account, faint, labelled, listed, plain};
use crate::report::{Detail, TextOptions, pluralize, terminal, wrapped};

/// More accounts than these are counted, the first ones named.
const NAMED_AT_MOST: usize = 12;

/// What is wanted in which Regions: of an account, in the order of its first Regions.
type Layout<'reach> = Vec<(&'reach str, Vec<String>)>;

/// Writes the targets for people.
pub fn write_targets_text(reach: &TargetList, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let at_most = if options.detail == Detail::Verbose { usize::MAX } else { NAMED_AT_MOST };
    if options.detail > Detail::Quiet {
        accounts(reach, at_most, options, out)?;
        left_over(reach, at_most, options, out)?;
    }
    summary(reach, options, out)
}

fn accounts(reach: &TargetList, at_most: usize, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut known: HashMap<*const DesiredSettings, String> = HashMap::new();
    for target in reach.desired.targets() {
        known.entry(Arc::as_ptr(&target.wish)).or_insert_with(|| wanted(&target.wish));
    }
    let mut alike: BTreeMap<Layout<'_>, Vec<AccountId>> = BTreeMap::new();
    for targets in reach.desired.targets().chunk_by(|one, two| one.account == two.account) {
        let Some(first) = targets.first() else { continue };
        let mut layout: Layout<'_> = Vec::new();
        for target in targets {
            let words = known.get(&Arc::as_ptr(&target.wish)).map_or("", String::as_str);
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
        labelled("", &text, 0, options.width, |text| options.paint.strong(text), out)?;
        for (words, regions) in layout {
            labelled("", words, 2, options.width, plain, out)?;
            labelled("", &regions.join(", "), 6, options.width, faint(options.paint), out)?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// What is wanted of a target, setting by setting.
fn wanted(wish: &DesiredSettings) -> String {
    let parts: Vec<String> =
        wish.settings.iter().map(|wish| format!("{} {}", wish.setting, accepted(&wish.decided))).collect();
    parts.join("; ")
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
    // That an account is active is nothing to be said.
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
            labelled("! ", &text, 0, options.width, plain, out)?;
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
    for line in wrapped(&text, options.width) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}
