//! What a declaration or a waiver must not say although each of its values is sound.

use super::declaration::Declaration;
use super::selector::{RegionItem, Selection};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span, nearest};
use crate::model::{Region, RegionTable, Setting, SettingValue, Status};

/// Reports every rule that the declaration breaks.
pub(super) fn check_declaration(declaration: &Declaration, table: &RegionTable, out: &mut Diagnostics) {
    frequency_needs_a_session(declaration, out);
    check_regions(&declaration.selection, table, out);
    for item in declaration.selection.chosen.regions.items() {
        if let RegionItem::Name(region, span) = item
            && table.knows(region)
        {
            session_needs_macie(declaration, region, *span, table, out);
        }
    }
}

/// Reports every Region that nobody knows.
pub(super) fn check_regions(selection: &Selection, table: &RegionTable, out: &mut Diagnostics) {
    for item in selection.all().flat_map(|selectors| selectors.regions.items()) {
        if let RegionItem::Name(region, span) = item {
            is_known(region, *span, table, out);
        }
    }
}

/// Reports values that are of no waived setting, and waived settings without a value where values are given: what such a
/// waiver covers would be a guess.
pub(super) fn values_belong_to_settings(
    values: &[(SettingValue, Setting, Span)],
    settings: &[(Setting, Span)],
    out: &mut Diagnostics,
) {
    for (value, of, span) in values.iter().filter(|(_, of, _)| settings.iter().all(|(setting, _)| setting != of)) {
        out.push(
            Diagnostic::error(
                Code::WaiverWithoutCover,
                format!("{value} is no value of a setting that is waived here"),
            )
            .label(*span, format!("a value of `{of}`"))
            .help(format!("add `{of}` to `settings`, or take {value} out of `while_live`")),
        );
    }
    let is_idle = |setting: &Setting| !values.is_empty() && values.iter().all(|(_, of, _)| of != setting);
    for (setting, span) in settings.iter().filter(|(setting, _)| is_idle(setting)) {
        out.push(
            Diagnostic::error(Code::WaiverWithoutCover, format!("`while_live` has no value of `{setting}`"))
                .label(*span, "waived, but for which live value?")
                .help(format!(
                    "add the live values of `{setting}` to `while_live`, or give that setting a waiver of its own without"
                )),
        );
    }
}

fn frequency_needs_a_session(declaration: &Declaration, out: &mut Diagnostics) {
    let Some(frequency) = declaration.settings.get(&Setting::FindingPublishingFrequency) else { return };
    let Some(status) = declaration.settings.get(&Setting::Status) else { return };
    if status.accepted.iter().all(|value| *value == SettingValue::Status(Status::NotEnabled)) {
        out.push(
            Diagnostic::error(Code::FrequencyWithoutSession, "a frequency is wanted of a session that must not exist")
                .label(frequency.span, "a session that is off publishes nothing")
                .label(status.span, "the status can only be NOT_ENABLED")
                .help("take one of the two out, or add ENABLED or PAUSED to the status"),
        );
    }
}

/// Whether the Region is known; says so if not. An unknown one is a slip of the pen or newer than the table, and either way
/// nothing true could be said of it.
pub(crate) fn is_known(region: &Region, span: Span, table: &RegionTable, out: &mut Diagnostics) -> bool {
    if table.knows(region) {
        return true;
    }
    let remediation =
        format!("a Region newer than the {} is made known by `[regions]` in driftline.toml", table.provenance());
    let near = nearest(region.as_str(), table.known_regions().map(Region::as_str));
    out.push(
        Diagnostic::error(Code::UnknownRegion, format!("{region} is not a Region that this driftline knows"))
            .label(span, "not known")
            .help(near.map_or_else(|| remediation.clone(), |near| format!("did you mean {near}? {remediation}"))),
    );
    false
}

fn session_needs_macie(
    declaration: &Declaration,
    region: &Region,
    span: Span,
    table: &RegionTable,
    out: &mut Diagnostics,
) {
    let Some(status) = declaration.settings.get(&Setting::Status) else { return };
    if table.has_macie(region) || status.accepted.contains(&SettingValue::Status(Status::NotEnabled)) {
        return;
    }
    out.push(
        Diagnostic::error(
            Code::RegionWithoutMacie,
            format!("a session is wanted in {region}, where Macie does not exist"),
        )
        .label(span, format!("no Macie here, by the {}", table.provenance()))
        .label(status.span, "wanted here")
        .help("take the Region out; a pattern or no selector at all passes over Regions without Macie"),
    );
}
