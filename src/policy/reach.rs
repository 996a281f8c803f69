//! Declarations and waivers that do nothing, or less than they say.

use super::declaration::Declaration;
use super::load::PolicySet;
use super::places;
use super::selector::{AccountSelectors, Selection, UnitName};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span, nearest};
use crate::model::{Account, Inventory, Region, RegionReach, Unit};

/// What became of a declaration or a waiver.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Use {
    /// It reaches a target.
    pub(super) reached: bool,
    /// It decides a setting somewhere. Of declarations only.
    pub(super) decided: bool,
}

/// What messages call a waiver, which has no name.
const WAIVER: &str = "this waiver";

/// Items of a selector that reach nothing in the inventory.
struct Idle {
    /// One of them, and several, as a message calls them.
    nouns: (&'static str, &'static str),
    spans: Vec<Span>,
    /// What to write under each.
    label: &'static str,
    help: String,
}

/// Warns of declarations, of waivers, and of items of their selectors, that reach nothing in the inventory or decide nothing.
///
/// `uses` are those of the declarations, then those of the waivers.
pub(super) fn report(set: &PolicySet, inventory: &Inventory, uses: &[Use], out: &mut Diagnostics) {
    for (declaration, uses) in set.declarations.iter().zip(uses) {
        let what = called(declaration);
        if let Some(diagnostics) = idle_whole(&what, declaration.span, &declaration.selection, *uses, inventory) {
            out.push(diagnostics);
            continue;
        }
        idle_parts("declaration", &declaration.selection, inventory, out);
        if !uses.decided {
            out.push(
                Diagnostic::warning(Code::FullyOverridden, format!("{what} decides nothing"))
                    .label(declaration.span, "overridden in every target that it reaches")
                    .help("more specific declarations say otherwise everywhere; take this one out, or check its selectors"),
            );
        }
    }
    for (declared, uses) in set.waivers.iter().zip(uses.iter().skip(set.declarations.len())) {
        match idle_whole(WAIVER, declared.span, &declared.selection, *uses, inventory) {
            Some(diagnostic) => out.push(diagnostic),
            None => idle_parts("waiver", &declared.selection, inventory, out),
        }
    }
}

fn called(declaration: &Declaration) -> String {
    declaration
        .name
        .as_ref()
        .map_or_else(|| "this declaration".to_owned(), |name| format!("the declaration \"{name}\""))
}

/// The doubt about something that reaches no target at all.
fn idle_whole(what: &str, span: Span, selection: &Selection, uses: Use, inventory: &Inventory) -> Option<Diagnostic> {
    if uses.reached {
        return None;
    }
    let is_waiver = what == WAIVER;
    let (message, label) = if is_waiver {
        (format!("{what} is for nothing that is declared"), "covers nothing")
    } else {
        (format!("{what} reaches no target of the inventory"), "reaches nothing")
    };
    let mut diagnostic = Diagnostic::warning(Code::MatchesNothing, message).label(span, label);
    let idle = idle(selection, inventory);
    let mut help = None;
    for Idle { spans, label, help: hint, .. } in &idle {
        diagnostic = places::label(diagnostic, spans, label);
        help = help.or_else(|| (!spans.is_empty() && hint.starts_with("did you mean")).then(|| hint.clone()));
    }
    let nothing_idle = idle.iter().all(|idle| idle.spans.is_empty());
    Some(diagnostic.help(help.unwrap_or_else(|| {
        match left(selection, inventory) {
            Left::Something if is_waiver => {
                "no declaration wants anything of what it selects: check its selectors and `settings` against the declarations"
            }
            Left::NothingByExcept => "its `except` takes away everything that its selectors select",
            Left::NothingByItself if nothing_idle => "no target fits all of its selectors at once",
            Left::NothingByItself | Left::Something => {
                "check its selectors against `[inventory]` in driftline.toml"
            }
        }
        .to_owned()
    })))
}

/// What a selection leaves of the inventory.
enum Left {
    /// At least a target.
    Something,
    /// Its `except` takes away all that its selectors select.
    NothingByExcept,
    /// Its selectors select nothing.
    NothingByItself,
}

fn left(Selection { chosen, except }: &Selection, inventory: &Inventory) -> Left {
    let accounts = || inventory.accounts().iter().filter(|account| chosen.accounts.reach(account).is_some());
    let is_reached = |region: &&Region| {
        let reach = chosen.regions.reach(region);
        reach.is_some_and(|reach| reach == RegionReach::Name || !inventory.is_by_name_only(region))
    };
    let regions = || inventory.regions().iter().filter(is_reached);
    if accounts().next().is_none() || regions().next().is_none() {
        return Left::NothingByItself;
    }
    // A target is taken away where both its account and its Region are, so one that is not leaves something.
    let is_left = except.as_ref().is_none_or(|except| {
        accounts().any(|account| except.accounts.reach(account).is_none())
            || regions().any(|region| except.regions.reach(region).is_none())
    });
    if is_left { Left::Something } else { Left::NothingByExcept }
}

fn idle_parts(of: &str, selection: &Selection, inventory: &Inventory, out: &mut Diagnostics) {
    for Idle { nouns: (one, many), spans, label, help } in idle(selection, inventory) {
        let what = match spans.len() {
            0 => continue,
            1 => format!("1 {one} of this {of} reaches"),
            count => format!("{count} {many} of this {of} reach"),
        };
        let shown = places::shown(spans.len());
        let diagnostic = Diagnostic::warning(Code::MatchesNothing, format!("{what} no target{shown}"));
        out.push(places::label(diagnostic, &spans, label).help(help));
    }
}

/// The items that reach nothing, kind by kind.
fn idle(selection: &Selection, inventory: &Inventory) -> Vec<Idle> {
    let accounts = &selection.chosen.accounts;
    let any = |test: &dyn Fn(&Account) -> bool| inventory.accounts().iter().any(test);
    let strangers = accounts.ids().filter(|(id, _)| inventory.account(*id).is_none()).map(|(_, span)| span);
    let names = accounts.listed.iter().flat_map(|listed| &listed.names);
    let names = names.filter(|(name, _)| !any(&|account| account.name.as_deref().is_some_and(|it| name.matches(it))));
    let regions = selection.chosen.regions.items().iter();
    let regions = regions.filter(|item| !inventory.regions().iter().any(|region| item.reach(region).is_some()));
    let [tag_keys, tag_values] = idle_tags(accounts, inventory);
    let widen = |what: &str| format!("widen `[inventory] {what}` in driftline.toml, or take them out");
    vec![
        Idle {
            nouns: ("account", "accounts"),
            spans: strangers.collect(),
            label: "not in the inventory",
            help: widen("accounts"),
        },
        Idle {
            nouns: ("name pattern", "name patterns"),
            spans: names.map(|(_, span)| *span).collect(),
            label: "no account has such a name",
            help: "names are compared letter by letter; * stands for any letters, ? for one".to_owned(),
        },
        idle_units(accounts, inventory),
        tag_keys,
        tag_values,
        Idle {
            nouns: ("Region or pattern", "Regions or patterns"),
            spans: regions.map(super::RegionItem::span).collect(),
            label: "no such Region in the inventory",
            help: widen("regions"),
        },
    ]
}

/// Keys that no account has, and of the others the values that no account has.
fn idle_tags(accounts: &AccountSelectors, inventory: &Inventory) -> [Idle; 2] {
    let any = |test: &dyn Fn(&Account) -> bool| inventory.accounts().iter().any(test);
    let tags = accounts.tags.iter().flatten();
    let (known, strange): (Vec<_>, Vec<_>) = tags.partition(|tag| any(&|account| account.tags.contains_key(&tag.key)));
    let values = known.iter().flat_map(|tag| {
        tag.values.iter().filter(|(value, _)| !any(&|account| account.tags.get(&tag.key) == Some(value)))
    });
    [
        Idle {
            nouns: ("tag", "tags"),
            spans: strange.iter().map(|tag| tag.span).collect(),
            label: "no account has a tag with this key",
            help: "keys are compared letter by letter".to_owned(),
        },
        Idle {
            nouns: ("tag value", "tag values"),
            spans: values.map(|(_, span)| *span).collect(),
            label: "no account has this value",
            help: "values are compared letter by letter".to_owned(),
        },
    ]
}

fn idle_units(accounts: &AccountSelectors, inventory: &Inventory) -> Idle {
    let holds = |name: &UnitName| inventory.accounts().iter().any(|account| name.reach(&account.units).is_some());
    let idle: Vec<_> = accounts.units.iter().flatten().filter(|unit| !holds(&unit.name)).collect();
    let near = idle.first().and_then(|unit| match &unit.name {
        UnitName::Id(_) => None,
        UnitName::Path(path) => near_unit(&path.join("/"), inventory),
    });
    Idle {
        nouns: ("organizational unit", "organizational units"),
        spans: idle.iter().map(|unit| unit.span).collect(),
        label: "holds no account of the inventory",
        help: near.map_or_else(
            || {
                "a path begins below the root and is compared letter by letter; a unit with a / in its name is selected by its \
                 id; `driftline inventory` tells the units of each account"
                    .to_owned()
            },
            |near| format!("did you mean \"{near}\"? a path begins below the root"),
        ),
    }
}

/// The path of a unit that may be meant: one that ends in the same name, or one that is spelt alike.
fn near_unit(path: &str, inventory: &Inventory) -> Option<String> {
    let mut known: Vec<String> = inventory
        .accounts()
        .iter()
        .flat_map(|account| (1..=account.units.len()).filter_map(|depth| account.units.get(..depth)))
        .map(Unit::path)
        .collect();
    known.sort_unstable();
    known.dedup();
    // A unit whose name holds a slash: only its id tells it from a path.
    known.retain(|known| known != path);
    let ending = format!("/{path}");
    let longer = known.iter().find(|known| known.ends_with(&ending)).cloned();
    longer.or_else(|| nearest(path, known.iter().map(String::as_str)).map(str::to_owned))
}
