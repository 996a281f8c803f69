//! Declarations and waivers without effect: unmatched, overridden, or expired.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use jiff::civil::Date;

use super::declaration::{Declaration, DeclaredWaiver};
use super::load::PolicySet;
use super::selector::{AccountMatch, Selection, Selectors};
use super::selector_scope::{
    Group, ItemOwner, ScopeAccount, declared_regions, reached_regions, reaches, selected_regions,
};
use super::unmatched::{
    Part, UnmatchedItem, label_first, label_limit_note, unmatched_chosen, unmatched_except, unmatched_items,
};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};
use crate::model::{ENDING_WITHIN_DAYS, Inventory, Origin, Resource, SettingId};

/// What became of a declaration or a waiver.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Usage {
    /// It reaches a target.
    pub(super) reached: bool,
    /// It decides a setting somewhere. Of declarations only.
    pub(super) decided: bool,
}

/// What messages call a waiver, which has no name.
const WAIVER: &str = "this waiver";

/// Warns of waivers, and of items of their selectors, that reach nothing in the inventory.
///
/// `uses` and `matched` are those of the declarations, then those of the waivers.
pub(super) fn report_waivers(
    set: &PolicySet,
    inventory: &Inventory,
    uses: &[Usage],
    matched: &[Vec<(&Group<'_>, bool)>],
    out: &mut Diagnostics,
) {
    let of_waivers = matched.iter().skip(set.declarations.len());
    let uses = uses.iter().skip(set.declarations.len());
    for ((waiver, uses), matched) in set.waivers.iter().zip(uses).zip(of_waivers) {
        let selection = &waiver.selection;
        let selected = selected_regions(&selection.chosen.regions, inventory);
        let held = |waiver: Option<&DeclaredWaiver>| -> Vec<ScopeAccount<'_>> {
            let each = matched.iter().map(|(group, excepted)| ScopeAccount {
                accounts: &group.accounts,
                regions: declared_regions(group, waiver, &selected),
                excepted: *excepted,
            });
            each.collect()
        };
        let targets = held(None);
        let whole = idle_whole((ItemOwner::Waiver, WAIVER), waiver.span, selection, *uses, inventory);
        let is_idle = whole.is_some();
        let selects_target = is_idle && selects_any(selection, &targets, inventory);
        if let Some(warning) = whole {
            let warning = match resource_to_name(set, waiver) {
                Some(fix) => warning.help(fix),
                None => warning,
            };
            out.push(Diagnostic { selects_target, ..warning });
        }
        match (is_idle, selects_target) {
            (true, false) => {}
            (true, true) => idle_parts(ItemOwner::Waiver, selection, (&targets, None), inventory, out),
            (false, _) => {
                idle_parts(ItemOwner::Waiver, selection, (&held(Some(waiver)), Some(&targets)), inventory, out);
            }
        }
    }
}

/// Warns of declarations, and of items of their selectors, that reach nothing in the inventory or decide nothing. Nothing is said of
/// those whose targets are not known.
pub(super) fn report_declarations(
    set: &PolicySet,
    unknown: &BTreeSet<usize>,
    inventory: &Inventory,
    uses: &[Usage],
    matched: &[Vec<(&Group<'_>, bool)>],
    out: &mut Diagnostics,
) {
    let declarations = (0..).zip(&set.declarations).filter(|(index, _)| !unknown.contains(index));
    for (index, declaration) in declarations {
        let (Some(uses), Some(matched)) = (uses.get(index), matched.get(index)) else { continue };
        let (what, selection) = (called(declaration), &declaration.selection);
        let of = ItemOwner::Declaration(declaration.resource);
        if let Some(diagnostics) = idle_whole((of, &what), declaration.span, selection, *uses, inventory) {
            out.push(diagnostics);
            continue;
        }
        let regions = reached_regions(of, selection, inventory);
        let held = matched.iter().map(|(group, excepted)| ScopeAccount {
            accounts: &group.accounts,
            regions: Rc::clone(&regions),
            excepted: *excepted,
        });
        idle_parts(of, selection, (&held.collect::<Vec<_>>(), None), inventory, out);
        if !uses.decided && declaration.unknown.settings.is_empty() {
            out.push(
                Diagnostic::warning(Code::FullyOverridden, format!("{what} has no effect"))
                    .label(declaration.span, "overridden in every target that it matches")
                    .help("remove it, or check its selectors; more specific declarations take precedence everywhere"),
            );
        }
    }
}

/// The groups of accounts that each selection matches, with whether its `except` has them.
pub(super) fn matched_groups<'a, 'g>(
    selections: usize,
    groups: &'a BTreeMap<Vec<AccountMatch>, Group<'g>>,
) -> Vec<Vec<(&'a Group<'g>, bool)>> {
    let mut matched: Vec<Vec<(&Group<'_>, bool)>> = vec![Vec::new(); selections];
    for (matches, group) in groups {
        for found in matches {
            if let Some(matched) = matched.get_mut(found.selection) {
                matched.push((group, found.excepted));
            }
        }
    }
    matched
}

/// Warns of settings that some target has without its existence: where the resource does not exist, they do not apply.
pub(super) fn report_without_existence(
    set: &PolicySet,
    groups: &BTreeMap<Vec<AccountMatch>, Group<'_>>,
    out: &mut Diagnostics,
) {
    let mut alone: Vec<&Arc<Origin>> = Vec::new();
    for (_, wish) in groups.values().flat_map(|group| &group.declared).flatten() {
        if wish.settings.iter().any(|desired| desired.setting.spec().absent.is_some()) {
            continue;
        }
        for desired in &wish.settings {
            for candidate in std::iter::once(&desired.decided).chain(&desired.agreeing) {
                if !alone.iter().any(|known| Arc::ptr_eq(known, &candidate.origin)) {
                    alone.push(&candidate.origin);
                }
            }
        }
    }
    for declaration in &set.declarations {
        // A nested table is declared as a whole.
        let mut told = BTreeSet::new();
        for (setting, declared) in &declaration.settings {
            let warning = setting.spec().needs_resource.and_then(|needs| needs.alone);
            let is_alone = alone.iter().any(|origin| Arc::ptr_eq(origin, &declared.origin));
            let Some(warning) = warning.filter(|_| is_alone && told.insert(setting.top_key())) else { continue };
            out.push(
                Diagnostic::warning(Code::SettingWithoutStatus, format!("`{}` {warning}", setting.top_key()))
                    .label(declared.span, "not applicable where the session is off")
                    .help("declare `status`, too: ENABLED, or [ENABLED, PAUSED, NOT_ENABLED] if any will do"),
            );
        }
    }
}

/// Warns of Regions that match nothing, before the accounts are known. Nothing is said of declarations whose targets are not known,
/// nor of waivers for what may be declared there.
pub(super) fn report_regions(set: &PolicySet, unknown: &BTreeSet<usize>, inventory: &Inventory, out: &mut Diagnostics) {
    let mut report = |of: ItemOwner, selection: &Selection, regions: Rc<[bool]>| {
        let only = |selectors: &Selectors| Selectors { regions: selectors.regions.clone(), ..Selectors::default() };
        // An `except` of accounts and Regions takes away something or nothing together with its accounts.
        let selection = Selection { chosen: only(&selection.chosen), except: selection.except.as_ref().map(only) };
        let held = [ScopeAccount { accounts: &[], regions, excepted: true }];
        idle_parts(of, &selection, (&held, None), inventory, out);
    };
    let mut declared: BTreeMap<SettingId, Vec<bool>> = BTreeMap::new();
    for (_, declaration) in (0..).zip(&set.declarations).filter(|(index, _)| !unknown.contains(index)) {
        let of = ItemOwner::Declaration(declaration.resource);
        let regions = reached_regions(of, &declaration.selection, inventory);
        for setting in declaration.settings.keys() {
            let declared = declared.entry(*setting).or_insert_with(|| vec![false; regions.len()]);
            declared.iter_mut().zip(regions.iter()).for_each(|(any, is)| *any |= is);
        }
        report(of, &declaration.selection, regions);
    }
    let waivers = if set.is_complete() && unknown.is_empty() { set.waivers.as_slice() } else { &[] };
    for waiver in waivers {
        let selected = selected_regions(&waiver.selection.chosen.regions, inventory);
        let is_declared = |nth: usize| {
            let declared = waiver.settings.iter().filter_map(|setting| declared.get(setting)?.get(nth));
            declared.copied().any(|is| is)
        };
        let regions = selected.iter().enumerate().map(|(nth, selected)| *selected && is_declared(nth)).collect();
        report(ItemOwner::Waiver, &waiver.selection, regions);
    }
}

fn called(declaration: &Declaration) -> String {
    declaration
        .name
        .as_ref()
        .map_or_else(|| "this declaration".to_owned(), |name| format!("the declaration \"{name}\""))
}

/// The warning about something that reaches no target at all.
fn idle_whole(
    (of, what): (ItemOwner, &str),
    span: Span,
    selection: &Selection,
    uses: Usage,
    inventory: &Inventory,
) -> Option<Diagnostic> {
    if uses.reached {
        return None;
    }
    let is_waiver = of == ItemOwner::Waiver;
    let (message, label) = if is_waiver {
        (format!("{what} covers no declared setting"), "covers nothing")
    } else {
        (format!("{what} matches no target of the inventory"), "matches nothing")
    };
    let mut diagnostic = Diagnostic::warning(Code::MatchesNothing, message).label(span, label);
    let found = unmatched_items(&selection.chosen, of, Part::Chosen, inventory);
    let mut help = None;
    for UnmatchedItem { spans, label, help: hint, .. } in &found {
        diagnostic = label_first(diagnostic, spans, label);
        help = help.or_else(|| (!spans.is_empty() && hint.starts_with("did you mean")).then(|| hint.clone()));
    }
    // Of a selection of nothing, only what is nowhere in the inventory is worth a word.
    for UnmatchedItem { spans, label, .. } in
        selection.except.iter().flat_map(|except| unmatched_items(except, of, Part::Except, inventory))
    {
        diagnostic = label_first(diagnostic, &spans, label);
    }
    let nothing_idle = found.iter().all(|idle| idle.spans.is_empty());
    Some(diagnostic.help(help.unwrap_or_else(|| {
        match left(of, selection, inventory) {
            Remaining::Something if is_waiver => {
                "check its selectors and `settings` against the declarations: none of them covers what it selects"
            }
            Remaining::NothingByExcept => "its `except` excludes everything that its selectors select",
            Remaining::NothingByItself if nothing_idle => "no target matches all of its selectors",
            Remaining::NothingByItself | Remaining::Something => {
                "check its selectors against `[inventory]` in driftline.toml"
            }
        }
        .to_owned()
    })))
}

/// The fix of a waiver for a resource of which nothing is declared.
fn resource_to_name(set: &PolicySet, waiver: &DeclaredWaiver) -> Option<String> {
    let is_declared = |resource: Resource| set.declarations.iter().any(|declared| declared.resource == resource);
    let declared = Resource::ALL.iter().filter(|resource| is_declared(**resource));
    let declared: Vec<String> = declared.map(|resource| format!("`resource: {resource}`")).collect();
    let is_about_declared = waiver.settings.iter().any(|setting| is_declared(setting.spec().resource));
    let resource = waiver.waiver.resource;
    (!is_about_declared && !declared.is_empty()).then(|| {
        format!("it is for the resource {resource}, of which nothing is declared; write {}", declared.join(" or "))
    })
}

/// Whether a selection, without its `except`, has one of the targets that its items select.
fn selects_any(selection: &Selection, held: &[ScopeAccount<'_>], inventory: &Inventory) -> bool {
    let excepted = selection.except.as_ref().map(|except| selected_regions(&except.regions, inventory));
    let is_excepted = |nth: usize| excepted.as_ref().is_some_and(|regions| regions.get(nth) == Some(&true));
    held.iter().any(|held| {
        let mut regions = held.regions.iter().enumerate();
        regions.any(|(nth, is)| *is && !(held.excepted && is_excepted(nth)))
    })
}

/// What a selection leaves of the inventory.
enum Remaining {
    /// At least a target.
    Something,
    /// Its `except` takes away all that its selectors select.
    NothingByExcept,
    /// Its selectors select nothing.
    NothingByItself,
}

fn left(of: ItemOwner, selection: &Selection, inventory: &Inventory) -> Remaining {
    let Selection { chosen, except } = selection;
    let accounts = || inventory.accounts().iter().filter(|account| chosen.accounts.reach(account).is_some());
    let regions = || inventory.regions().iter().filter(|region| reaches(of, selection, region, inventory));
    if accounts().next().is_none() || regions().next().is_none() {
        return Remaining::NothingByItself;
    }
    // A target is taken away where both its account and its Region are, so one that is not leaves something.
    let is_left = except.as_ref().is_none_or(|except| {
        accounts().any(|account| except.accounts.reach(account).is_none())
            || regions().any(|region| except.regions.reach(region).is_none())
    });
    if is_left { Remaining::Something } else { Remaining::NothingByExcept }
}

/// Warns of items that match nothing of what is held, those of the `except` too. An item that matches some of the targets, if those
/// are given as well, causes another warning.
fn idle_parts(
    of: ItemOwner,
    selection: &Selection,
    (held, targets): (&[ScopeAccount<'_>], Option<&[ScopeAccount<'_>]>),
    inventory: &Inventory,
    out: &mut Diagnostics,
) {
    let Selection { chosen, except } = selection;
    let unmatched: Option<BTreeSet<Span>> = targets.map(|targets| {
        let chosen = unmatched_chosen(chosen, of, targets, inventory);
        let except = except.iter().flat_map(|except| unmatched_except(except, of, targets, inventory));
        chosen.into_iter().chain(except).flat_map(|idle| idle.spans).collect()
    });
    let mut warn = |UnmatchedItem { nouns: (one, many), spans, label, help }: UnmatchedItem,
                    place: &str,
                    [does, do_]: [&str; 2]| {
        let is_unmatched = |span: &Span| unmatched.as_ref().is_none_or(|unmatched| unmatched.contains(span));
        let (idle, partly_idle): (Vec<Span>, Vec<Span>) = spans.into_iter().partition(is_unmatched);
        for (spans, selects_target) in [(idle, false), (partly_idle, true)] {
            let what = match spans.len() {
                0 => continue,
                1 => format!("1 {one} {place} {does}"),
                count => format!("{count} {many} {place} {do_}"),
            };
            let message = format!("{what}{}", label_limit_note(spans.len()));
            let warning = Diagnostic { selects_target, ..Diagnostic::warning(Code::MatchesNothing, message) };
            out.push(label_first(warning, &spans, label).help(help.clone()));
        }
    };
    let whose = match of {
        ItemOwner::Declaration(_) => "this declaration",
        ItemOwner::Waiver => "this waiver",
    };
    for idle in unmatched_chosen(chosen, of, held, inventory) {
        warn(idle, &format!("of {whose}"), ["matches no target", "match no target"]);
    }
    for idle in except.iter().flat_map(|except| unmatched_except(except, of, held, inventory)) {
        warn(idle, &format!("in the `except` of {whose}"), ["excludes nothing", "exclude nothing"]);
    }
}

/// Warns of waivers that no longer cover on the day `today`, or end soon after it.
pub fn check_expiry(set: &PolicySet, today: Date, out: &mut Diagnostics) {
    for declared in &set.waivers {
        let waiver = &declared.waiver;
        let left = waiver.days_left(today);
        let owner = waiver.owner.as_ref().map_or_else(String::new, |owner| format!("; owner: {owner}"));
        let (approved, repair, after) = if waiver.expects_unread() {
            (
                "the targets are still expected to be unread",
                "restore the access",
                "unread targets make a run incomplete",
            )
        } else {
            ("the drift is still approved", "fix the drift", "the drift counts")
        };
        if waiver.is_expired(today) {
            let ago = if left == -1 { "yesterday".to_owned() } else { format!("{} days ago", -left) };
            out.push(
                Diagnostic::warning(Code::WaiverExpired, "this waiver has expired and has no effect")
                    .label(declared.expires, format!("ended {ago}{owner}"))
                    .help(format!("remove it, or set a new `expires` date if {approved}")),
            );
        } else if left <= ENDING_WITHIN_DAYS {
            let when = match left {
                0 => "ends today".to_owned(),
                1 => "ends tomorrow".to_owned(),
                days => format!("ends in {days} days"),
            };
            out.push(
                Diagnostic::warning(Code::WaiverEnding, format!("this waiver {when}"))
                    .label(declared.expires, format!("last day of the waiver{owner}"))
                    .help(format!("{repair}, or set a new `expires` date; after that day, {after} again")),
            );
        }
    }
}
