//! Rules about `organization.auto_enable`, which Macie's administrator sets for accounts that join the organization later.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::declaration::{Declaration, DeclaredSetting};
use super::load::PolicySet;
use super::selector::AccountMatch;
use super::selector_scope::Group;
use super::unmatched::{label_first, label_limit_note};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};
use crate::model::{AccountId, DesiredSetting, Origin, Resource, SettingId, Value};

/// The key of the setting.
const AUTO_ENABLE: &str = "organization.auto_enable";

/// Whether a setting is the one that these rules are about.
fn is_auto_enable(setting: SettingId) -> bool {
    setting.spec().resource == Resource::MacieSession && setting.key() == AUTO_ENABLE
}

/// Warns where accounts that join later are to be enabled, and another declaration wants no session in the same Region.
pub(super) fn report_auto_enable(
    set: &PolicySet,
    groups: &BTreeMap<Vec<AccountMatch>, Group<'_>>,
    out: &mut Diagnostics,
) {
    if !set.declared_settings().into_iter().any(is_auto_enable) {
        return;
    }
    let enables = |desired: &DesiredSetting| {
        is_auto_enable(desired.setting) && desired.decided.accepted.value_to_set() == Some(Value::Bool(true))
    };
    let disables = |desired: &DesiredSetting| {
        let absent = &desired.setting.spec().absent;
        absent.is_some() && desired.decided.accepted.value_to_set() == *absent
    };
    let regions = groups.values().map(|group| group.declared.len()).max().unwrap_or_default();
    let mut told = BTreeSet::new();
    for nth in 0..regions {
        let of_region = || groups.values().filter_map(|group| group.declared.get(nth)).flatten();
        let settings = || of_region().flat_map(|(_, desired)| &desired.settings);
        let Some(without) = settings().find(|desired| disables(desired)) else { continue };
        for with in settings().filter(|desired| enables(desired)) {
            let (with, without) = (&with.decided.origin, &without.decided.origin);
            // The places of a declaration are searched once, not for each group and Region.
            if !told.insert(Arc::as_ptr(with)) {
                continue;
            }
            if let (Some(at), Some(beside)) = (span(set, with), span(set, without)) {
                out.push(
                    Diagnostic::warning(
                        Code::AutoEnableConflict,
                        format!("`{AUTO_ENABLE}` enables accounts that join later, where another declaration wants no session"),
                    )
                    .label(at, "enables accounts that join later")
                    .label(beside, "wants no session in the same Region")
                    .help("declare `auto_enable: false` in that Region, or want ENABLED or PAUSED there"),
                );
            }
        }
    }
}

/// The place of a declared value.
fn span(set: &PolicySet, origin: &Arc<Origin>) -> Option<Span> {
    let mut declared = set.declarations.iter().flat_map(|declaration| declaration.settings.values());
    declared.find(|declared: &&DeclaredSetting| Arc::ptr_eq(&declared.origin, origin)).map(|declared| declared.span)
}

/// Warns of accounts that are named for the setting and are not the administrator: only that account has it.
pub fn check_administrator(set: &PolicySet, administrator: Option<AccountId>, out: &mut Diagnostics) {
    let Some(administrator) = administrator else { return };
    let declares = |declaration: &&Declaration| declaration.settings.keys().copied().any(is_auto_enable);
    for declaration in set.declarations.iter().filter(declares) {
        let others = declaration.selection.chosen.accounts.ids().filter(|(id, _)| *id != administrator);
        let spans: Vec<Span> = others.map(|(_, span)| span).collect();
        if spans.is_empty() {
            continue;
        }
        let message = format!(
            "`{AUTO_ENABLE}` is declared for an account that is not Macie's administrator{}",
            label_limit_note(spans.len())
        );
        out.push(label_first(Diagnostic::warning(Code::NotTheAdministrator, message), &spans, "does not have it").help(
            format!("name {administrator}, which is `administrator_account` in driftline.toml; for any other account the setting is not applicable"),
        ));
    }
}
