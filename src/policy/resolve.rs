//! The resolution of declarations: which one takes precedence for each target and setting.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::declaration::{Declaration, DeclaredSetting};
use super::load::PolicySet;
use super::organization_rules::report_auto_enable;
use super::selector::{AccountMatch, AccountSelectors, Selection, matches};
use super::selector_scope::Group;
use super::unmatched::{label_first, label_limit_note};
use super::unused;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};
use crate::model::{
    Accepted, AccountId, AccountSpecificity, Candidate, DesiredSetting, DesiredSettings, DesiredState, DesiredTarget,
    Inventory, InventoryFields, Region, RegionSpecificity, Resource, SettingId, SettingKind, Specificity, Target,
    Waiver,
};

/// The most declarations that are compared pairwise: pairs grow with the square.
const MAX_COMPARED: usize = 16;

/// A declaration with a say about one setting of one target.
struct MatchedDeclaration<'set> {
    index: usize,
    declaration: &'set Declaration,
    setting: &'set DeclaredSetting,
    /// The accepted values in the Region of the target: `{account}` is filled in later, account by account.
    accepted: Accepted,
    specificity: Specificity,
}

/// Desired settings of each target of the inventory.
///
/// Ambiguities, and selectors that ask for more than the inventory knows, are reported as errors, and the result is complete
/// only without one. Declarations and waivers without effect are reported as warnings. What an error leaves unknown causes no further
/// error.
pub fn resolve(set: &PolicySet, inventory: &Inventory, diagnostics: &mut Diagnostics) -> DesiredState {
    resolve_known(set, inventory, AccountsKnown::All, diagnostics)
}

/// The same for an inventory that may lack accounts: nothing is said to match no account.
pub fn resolve_for_some_accounts(
    set: &PolicySet,
    inventory: &Inventory,
    diagnostics: &mut Diagnostics,
) -> DesiredState {
    resolve_known(set, inventory, AccountsKnown::DeclaredIds, diagnostics)
}

/// Whether the inventory has every account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AccountsKnown {
    All,
    DeclaredIds,
}

fn resolve_known(
    set: &PolicySet,
    inventory: &Inventory,
    accounts: AccountsKnown,
    diagnostics: &mut Diagnostics,
) -> DesiredState {
    let is_answered = !report_missing_fields(set, inventory, diagnostics);
    let uses = vec![unused::Usage::default(); set.selections().count()];
    let declared = set.declarations.iter().flat_map(Declaration::all_declared).map(|(setting, _)| *setting).collect();
    let unknown = unknown_selections(set, inventory.knowledge());
    let is_complete = set.is_complete() && unknown.is_empty();
    let mut resolver =
        Resolver { set, declared, unjudged: unjudged(set, &unknown), unknown, ambiguities: BTreeMap::new(), uses };
    let mut groups: BTreeMap<Vec<AccountMatch>, Group<'_>> = BTreeMap::new();
    let mut targets = Vec::new();
    let matches = matches(set.selections(), inventory);
    for (account, matches) in inventory.accounts().iter().zip(matches) {
        if !matches.iter().any(|found| found.selection < set.declarations.len()) {
            continue;
        }
        let group = groups.entry(matches).or_insert_with_key(|matches| {
            let declared = inventory.regions().iter().map(|region| {
                let desired = |resource: &Resource| {
                    let target = Target { account: account.id, region: region.clone(), resource: *resource };
                    let reaching = resolver.reaching(&target, inventory.is_by_name_only(*resource, region), matches);
                    Some((*resource, resolver.desired_settings(&target, &reaching, matches)?))
                };
                Resource::ALL.iter().filter_map(desired).collect()
            });
            let declared = declared.collect();
            Group { accounts: Vec::new(), declared }
        });
        group.accounts.push(account);
        for (region, declared) in inventory.regions().iter().zip(&group.declared) {
            targets.extend(declared.iter().map(|(resource, desired)| {
                let target = Target { account: account.id, region: region.clone(), resource: *resource };
                let declared = desired.filled_in(&target);
                DesiredTarget { account: target.account, region: target.region, resource: target.resource, declared }
            }));
        }
    }
    resolver.report_ambiguities(diagnostics);
    if accounts == AccountsKnown::All {
        let of_selections = unused::matched_groups(resolver.uses.len(), &groups);
        unused::report_declarations(set, &resolver.unknown, inventory, &resolver.uses, &of_selections, diagnostics);
        if is_complete {
            unused::report_waivers(set, inventory, &resolver.uses, &of_selections, diagnostics);
            unused::report_without_existence(set, &groups, diagnostics);
        }
    } else if !inventory.regions().is_empty() {
        unused::report_regions(set, &resolver.unknown, inventory, diagnostics);
    }
    if is_complete && accounts == AccountsKnown::All && resolver.ambiguities.is_empty() {
        report_auto_enable(set, &groups, diagnostics);
    }
    if !is_answered {
        // Precedence depends on what the inventory lacks.
        return DesiredState::default();
    }
    let waivers = set.waivers.iter().map(|declared| Arc::clone(&declared.waiver)).collect();
    DesiredState::new(targets).with_waivers(waivers)
}

/// The declarations and waivers whose targets are not known, by their place among the selections.
fn unknown_selections(set: &PolicySet, knowledge: InventoryFields) -> BTreeSet<usize> {
    let is_unknown = |(index, selection): &(usize, &Selection)| {
        let declaration = set.declarations.get(*index);
        declaration.is_some_and(|one| one.unknown.selection) || needs_more(selection, knowledge)
    };
    (0..).zip(set.selections()).filter(is_unknown).map(|(index, _)| index).collect()
}

/// The settings of which a declaration that is not known may decide the winner, so that nothing is said about conflicts.
fn unjudged(set: &PolicySet, unknown: &BTreeSet<usize>) -> BTreeSet<SettingId> {
    let declarations = (0..).zip(&set.declarations).filter(|(index, _)| unknown.contains(index));
    let anywhere = declarations.flat_map(|(_, declaration)| {
        let known = declaration.all_declared().map(|(setting, _)| *setting);
        known.chain(declaration.unknown.settings.keys().copied()).collect::<Vec<_>>()
    });
    let declared = set.declarations.iter().flat_map(Declaration::all_declared).map(|(setting, _)| *setting);
    let of_incomplete = declared.filter(|setting| set.incomplete.contains(&setting.spec().resource));
    anywhere.chain(of_incomplete).collect()
}

/// Where two declarations disagree.
struct Ambiguity {
    example: Target,
    /// The least specificity that beats both, if a declaration can have one.
    settled_by: Option<Specificity>,
}

/// How closely a selection that matches the account points at the Region, if it selects the target.
fn reach_of_region(found: AccountMatch, selection: &Selection, region: &Region) -> Option<RegionSpecificity> {
    let reach = selection.chosen.regions.reach(region)?;
    let excepted =
        found.excepted && selection.except.as_ref().is_some_and(|except| except.regions.reach(region).is_some());
    (!excepted).then_some(reach)
}

/// What to write where two declarations disagree. It settles every target where the two are as specific as in this one.
fn settling(Specificity { accounts, regions }: Specificity, target: &Target, setting: SettingId) -> String {
    let accounts = match accounts {
        AccountSpecificity::Everyone => "no account selector".to_owned(),
        AccountSpecificity::Unit(_) => "the `organizational_units` of the one that has them".to_owned(),
        AccountSpecificity::Attribute => "the `tags` or names of the one that has them".to_owned(),
        AccountSpecificity::Id => format!("\"{}\" in `accounts`", target.account),
    };
    let regions = match regions {
        RegionSpecificity::All => "no `regions`".to_owned(),
        RegionSpecificity::Pattern => "the `regions` pattern of the one that has it".to_owned(),
        RegionSpecificity::Name => format!("\"{}\" in `regions`", target.region),
    };
    format!("add a declaration that overrides both, with {accounts}, {regions}, and the `{setting}` that you want")
}

struct Resolver<'set> {
    set: &'set PolicySet,
    /// The declarations and waivers whose targets are not known.
    unknown: BTreeSet<usize>,
    /// The settings about which a declaration that is not known may have a say anywhere.
    unjudged: BTreeSet<SettingId>,
    /// The settings and parameters that something declares, in rule order.
    declared: BTreeSet<SettingId>,
    /// Two declarations that disagree about a setting, with the first target where they do.
    ambiguities: BTreeMap<(usize, usize, SettingId), Ambiguity>,
    uses: Vec<unused::Usage>,
}

impl<'set> Resolver<'set> {
    /// The declarations of its resource that reach a target.
    fn reaching(
        &self,
        target: &Target,
        by_name_only: bool,
        matches: &[AccountMatch],
    ) -> Vec<(usize, &'set Declaration, Specificity)> {
        let reaches = |found: &AccountMatch| {
            let declaration =
                self.set.declarations.get(found.selection).filter(|_| !self.unknown.contains(&found.selection))?;
            let declaration = Some(declaration).filter(|declaration| declaration.resource == target.resource)?;
            let regions = reach_of_region(*found, &declaration.selection, &target.region)?;
            if by_name_only && regions != RegionSpecificity::Name {
                return None;
            }
            Some((found.selection, declaration, Specificity { accounts: found.reach, regions }))
        };
        matches.iter().filter_map(reaches).collect()
    }

    fn desired_settings(
        &mut self,
        target: &Target,
        reaching: &[(usize, &'set Declaration, Specificity)],
        matches: &[AccountMatch],
    ) -> Option<Arc<DesiredSettings>> {
        // Accounts under the same declarations share what comes of it.
        let anywhere = Target { account: AccountId::UnknownCaller, ..target.clone() };
        for (index, ..) in reaching.iter().filter(|(_, declaration, _)| !declaration.unknown.settings.is_empty()) {
            if let Some(uses) = self.uses.get_mut(*index) {
                uses.reached = true;
            }
        }
        let (mut settings, mut region_named) = (Vec::new(), false);
        let declared: Vec<SettingId> = self.declared.iter().copied().collect();
        for setting in declared.into_iter().filter(|setting| setting.spec().resource == target.resource) {
            let candidates: Vec<MatchedDeclaration<'set>> = reaching
                .iter()
                .filter_map(|(index, declaration, specificity)| {
                    let setting = declaration.declared(setting)?;
                    let accepted = setting.accepted.filled_in(&anywhere);
                    let specificity = *specificity;
                    Some(MatchedDeclaration { index: *index, declaration, setting, accepted, specificity })
                })
                .collect();
            // Which value such a declaration wants is not known, but that it takes precedence is.
            let unknown = reaching.iter().filter(|(_, declaration, _)| declaration.is_unknown(setting));
            let unknown: Vec<Specificity> = unknown.map(|(_, _, specificity)| *specificity).collect();
            if let Some(mut decided) = self.decide(setting, &candidates, unknown, target) {
                decided.waivers = self.waivers(setting, &target.region, matches);
                // Those that agree decide as much as the one that is named first: which that is depends on the order of files.
                let mut deciding = std::iter::once(&decided.decided).chain(&decided.agreeing);
                region_named |= deciding.any(|candidate| candidate.specificity.regions == RegionSpecificity::Name);
                settings.push(decided);
            }
        }
        let is_window = |desired: &mut DesiredSetting| desired.setting.spec().kind == SettingKind::Window;
        let window = settings.extract_if(.., is_window).next().map(Arc::new);
        if let Some(window) = window {
            for rule in &mut settings {
                rule.window = Some(Arc::clone(&window));
            }
        }
        let settings: Vec<Arc<DesiredSetting>> = settings.into_iter().map(Arc::new).collect();
        (!settings.is_empty()).then(|| Arc::new(DesiredSettings { settings, region_named, reads_everything: false }))
    }

    /// The waivers of one setting.
    fn waivers(&mut self, setting: SettingId, region: &Region, matches: &[AccountMatch]) -> Vec<Arc<Waiver>> {
        let mut waivers = Vec::new();
        for found in matches {
            let Some(index) = found.selection.checked_sub(self.set.declarations.len()) else { continue };
            let Some(declared) = self.set.waivers.get(index) else { continue };
            if declared.settings.contains(&setting) && reach_of_region(*found, &declared.selection, region).is_some() {
                waivers.push(Arc::clone(&declared.waiver));
                if let Some(uses) = self.uses.get_mut(found.selection) {
                    uses.reached = true;
                }
            }
        }
        waivers
    }

    /// Decides one setting among the declarations that match. They come by place, and results keep that order. `kinds` has the
    /// specificities of further ones, whose values are not known.
    fn decide(
        &mut self,
        setting: SettingId,
        candidates: &[MatchedDeclaration<'set>],
        mut kinds: Vec<Specificity>,
        target: &Target,
    ) -> Option<DesiredSetting> {
        // There are few kinds of specificity however many candidates there are.
        for candidate in candidates {
            if !kinds.contains(&candidate.specificity) {
                kinds.push(candidate.specificity);
            }
        }
        let is_overridden =
            |candidate: &MatchedDeclaration<'_>| kinds.iter().any(|other| other.overrides(candidate.specificity));
        let (overridden, remaining): (Vec<&MatchedDeclaration<'_>>, Vec<&MatchedDeclaration<'_>>) =
            candidates.iter().partition(|candidate| is_overridden(candidate));
        for (candidates, decided) in [(&overridden, false), (&remaining, true)] {
            for candidate in candidates {
                if let Some(uses) = self.uses.get_mut(candidate.index) {
                    uses.reached = true;
                    uses.decided |= decided;
                }
            }
        }
        let (winner, agreeing) = remaining.split_first()?;
        let compared = if self.unjudged.contains(&setting) { 0 } else { MAX_COMPARED };
        for (nth, one) in remaining.iter().enumerate().take(compared) {
            let others = remaining.iter().skip(nth + 1).filter(|other| other.accepted != one.accepted);
            for other in others {
                self.ambiguities.entry((one.index, other.index, setting)).or_insert_with(|| Ambiguity {
                    example: target.clone(),
                    settled_by: one.specificity.tie_breaker(other.specificity),
                });
            }
        }
        let to_candidate = |candidate: &&MatchedDeclaration<'_>| Candidate {
            origin: Arc::clone(&candidate.setting.origin),
            written: candidate.setting.accepted.has_placeholders().then(|| candidate.setting.accepted.clone()),
            accepted: candidate.accepted.clone(),
            specificity: candidate.specificity,
        };
        Some(DesiredSetting {
            setting,
            severity: remaining.iter().map(|candidate| candidate.declaration.severity).max().unwrap_or_default(),
            decided: to_candidate(winner),
            agreeing: agreeing.iter().map(to_candidate).collect(),
            overridden: overridden.iter().map(to_candidate).collect(),
            waivers: Vec::new(),
            window: None,
        })
    }

    fn report_ambiguities(&self, diagnostics: &mut Diagnostics) {
        for ((one, two, setting), Ambiguity { example: target, settled_by }) in &self.ambiguities {
            let declared = |index: &usize| self.set.declarations.get(*index)?.declared(*setting);
            let (Some(one), Some(two)) = (declared(one), declared(two)) else { continue };
            let help = settled_by.map_or_else(
                || {
                    "remove one, or make them agree: both name the account and the Region, so nothing can be more specific"
                        .to_owned()
                },
                |least| settling(least, target, *setting),
            );
            diagnostics.push(
                Diagnostic::error(
                    Code::AmbiguousDeclarations,
                    format!("two declarations conflict on `{setting}` in {target}, and neither is more specific"),
                )
                .label(one.span, format!("wants {}", one.accepted))
                .label(two.span, format!("wants {}", two.accepted))
                .help(help),
            );
        }
    }
}

/// Whether a selection means nothing without knowledge that the inventory lacks. That it selects nothing would be a guess.
fn needs_more(selection: &Selection, knowledge: InventoryFields) -> bool {
    selection.all().map(|selectors| &selectors.accounts).any(|accounts| {
        (!knowledge.names && accounts.listed.as_ref().is_some_and(|listed| !listed.names.is_empty()))
            || (!knowledge.units && accounts.units.is_some())
            || (!knowledge.tags && accounts.tags.is_some())
    })
}

/// Reports selectors that mean nothing without knowledge that the inventory lacks, and returns whether there are any. Nothing is said of
/// declarations whose selectors have errors.
fn report_missing_fields(set: &PolicySet, inventory: &Inventory, out: &mut Diagnostics) -> bool {
    let InventoryFields { names, units, tags } = inventory.knowledge();
    let known = set.declarations.iter().filter(|declaration| !declaration.unknown.selection);
    let known: Vec<&Selection> = known
        .map(|declaration| &declaration.selection)
        .chain(set.waivers.iter().map(|waiver| &waiver.selection))
        .collect();
    let all = || known.iter().flat_map(|selection| selection.all()).map(|selectors| &selectors.accounts);
    let of_names = |accounts: &AccountSelectors| -> Vec<Span> {
        accounts.listed.iter().flat_map(|listed| listed.names.iter().map(|(_, span)| *span)).collect()
    };
    let of_units =
        |accounts: &AccountSelectors| -> Vec<Span> { accounts.units.iter().flatten().map(|unit| unit.span).collect() };
    let of_tags =
        |accounts: &AccountSelectors| -> Vec<Span> { accounts.tags.iter().flatten().map(|tag| tag.span).collect() };
    let lacking: [(bool, &str, Vec<Span>); 3] = [
        (names, "names", all().flat_map(of_names).collect()),
        (units, "organizational units", all().flat_map(of_units).collect()),
        (tags, "tags", all().flat_map(of_tags).collect()),
    ];
    let mut are_unmet = false;
    for (_, what, spans) in lacking.into_iter().filter(|(known, _, spans)| !known && !spans.is_empty()) {
        out.push(lacks(what, &spans));
        are_unmet = true;
    }
    are_unmet
}

fn lacks(what: &str, spans: &[Span]) -> Diagnostic {
    let count =
        if spans.len() == 1 { "a selector needs".to_owned() } else { format!("{} selectors need", spans.len()) };
    let shown = label_limit_note(spans.len());
    let message = format!("{count} the {what} of accounts, which the inventory of this run does not include{shown}");
    let diagnostic = Diagnostic::error(Code::SelectorNeedsInventory, message);
    let diagnostic = label_first(diagnostic, spans, &format!("needs {what}"));
    let tags = if what == "tags" { " --tags" } else { "" };
    diagnostic.help(format!(
        "set `[inventory] accounts` in driftline.toml to \"organization\"; or run `driftline inventory --out \
         accounts.json{tags}` once and name that file there or with --inventory"
    ))
}
