//! Declarations that do nothing, or less than they say.

use super::declaration::Declaration;
use super::load::PolicySet;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};
use crate::model::Inventory;

/// What became of a declaration.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Use {
    /// It reaches a target.
    pub(super) reached: bool,
    /// It decides a setting somewhere.
    pub(super) decided: bool,
}

/// More places than these are counted, not shown.
const SHOWN_AT_MOST: usize = 5;

/// Warns of declarations, and of items of their selectors, that reach nothing in the inventory or decide nothing.
pub(super) fn report(set: &PolicySet, inventory: &Inventory, uses: &[Use], out: &mut Diagnostics) {
    for (declaration, uses) in set.declarations.iter().zip(uses) {
        let strangers: Vec<Span> = declaration
            .accounts
            .ids()
            .filter(|(id, _)| inventory.account(*id).is_none())
            .map(|(_, span)| span)
            .collect();
        let idle: Vec<Span> = declaration
            .regions
            .items()
            .iter()
            .filter(|item| !inventory.regions().iter().any(|region| item.reach(region).is_some()))
            .map(super::RegionItem::span)
            .collect();
        if !uses.reached {
            out.push(matches_nothing(declaration, &strangers, &idle));
            continue;
        }
        if !strangers.is_empty() {
            out.push(
                places(partly(strangers.len(), "account", "accounts"), &strangers, "not in the inventory")
                    .help("widen `[inventory] accounts` in driftline.toml, or take them out"),
            );
        }
        if !idle.is_empty() {
            out.push(
                places(
                    partly(idle.len(), "Region or pattern", "Regions or patterns"),
                    &idle,
                    "no such Region in the inventory",
                )
                .help("widen `[inventory] regions` in driftline.toml, or take them out"),
            );
        }
        if !uses.decided {
            out.push(
                Diagnostic::warning(Code::FullyOverridden, format!("{} decides nothing", called(declaration)))
                    .label(declaration.span, "overridden in every target that it reaches")
                    .help("more specific declarations say otherwise everywhere; take this one out, or check its selectors"),
            );
        }
    }
}

fn called(declaration: &Declaration) -> String {
    declaration
        .name
        .as_ref()
        .map_or_else(|| "this declaration".to_owned(), |name| format!("the declaration \"{name}\""))
}

fn partly(count: usize, one: &str, many: &str) -> Diagnostic {
    let what = if count == 1 {
        format!("{one} of this declaration reaches")
    } else {
        format!("{many} of this declaration reach")
    };
    let shown = if count > SHOWN_AT_MOST { format!("; the first {SHOWN_AT_MOST} are shown") } else { String::new() };
    Diagnostic::warning(Code::MatchesNothing, format!("{count} {what} no target{shown}"))
}

fn places(mut diagnostic: Diagnostic, spans: &[Span], text: &str) -> Diagnostic {
    for span in spans.iter().take(SHOWN_AT_MOST) {
        diagnostic = diagnostic.label(*span, text);
    }
    diagnostic
}

fn matches_nothing(declaration: &Declaration, strangers: &[Span], idle: &[Span]) -> Diagnostic {
    let message = format!("{} reaches no target of the inventory", called(declaration));
    let diagnostic = Diagnostic::warning(Code::MatchesNothing, message).label(declaration.span, "reaches nothing");
    let diagnostic = places(diagnostic, strangers, "not in the inventory");
    let diagnostic = places(diagnostic, idle, "no such Region in the inventory");
    match &declaration.except {
        Some(_) if strangers.is_empty() && idle.is_empty() => {
            diagnostic.help("its `except` takes away everything that its selectors select")
        }
        _ => diagnostic.help("check its selectors against `[inventory]` in driftline.toml"),
    }
}
