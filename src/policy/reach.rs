//! Declarations and waivers that do nothing, or less than they say.

use super::declaration::Declaration;
use super::idle::{Idle, idle, idle_except};
use super::load::PolicySet;
use super::places;
use super::selector::{Selection, Selectors};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};
use crate::model::{Inventory, Region, RegionReach};

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

/// Warns of Regions that match nothing, where nobody knows yet which accounts there are.
pub fn report_regions(set: &PolicySet, inventory: &Inventory, out: &mut Diagnostics) {
    let declarations = set.declarations.iter().map(|declaration| ("declaration", &declaration.selection));
    for (of, selection) in declarations.chain(set.waivers.iter().map(|waiver| ("waiver", &waiver.selection))) {
        let regions = |selectors: &Selectors| Selectors { regions: selectors.regions.clone(), ..Selectors::default() };
        let Selection { chosen, except } = selection;
        // An `except` of accounts and Regions takes away something or nothing together with its accounts.
        let except = except.as_ref().map(regions);
        idle_parts(of, &Selection { chosen: regions(chosen), except }, inventory, out);
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
    let found = idle(&selection.chosen, inventory);
    let mut help = None;
    for Idle { spans, label, help: hint, .. } in &found {
        diagnostic = places::label(diagnostic, spans, label);
        help = help.or_else(|| (!spans.is_empty() && hint.starts_with("did you mean")).then(|| hint.clone()));
    }
    // Of a selection of nothing, only what is nowhere in the inventory is worth a word.
    for Idle { spans, label, .. } in selection.except.iter().flat_map(|except| idle(except, inventory)) {
        diagnostic = places::label(diagnostic, &spans, label);
    }
    let nothing_idle = found.iter().all(|idle| idle.spans.is_empty());
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

/// Warns of items that match nothing, those of the `except` too.
fn idle_parts(of: &str, selection: &Selection, inventory: &Inventory, out: &mut Diagnostics) {
    let Selection { chosen, except } = selection;
    let mut warn = |Idle { nouns: (one, many), spans, label, help }: Idle, place: &str, [does, do_]: [&str; 2]| {
        let what = match spans.len() {
            0 => return,
            1 => format!("1 {one} {place} {does}"),
            count => format!("{count} {many} {place} {do_}"),
        };
        let message = format!("{what}{}", places::shown(spans.len()));
        out.push(places::label(Diagnostic::warning(Code::MatchesNothing, message), &spans, label).help(help));
    };
    for idle in idle(chosen, inventory) {
        warn(idle, &format!("of this {of}"), ["reaches no target", "reach no target"]);
    }
    for idle in except.iter().flat_map(|except| idle_except(chosen, except, inventory)) {
        warn(idle, &format!("in the `except` of this {of}"), ["takes nothing away", "take nothing away"]);
    }
}
