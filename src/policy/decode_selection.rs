//! From the sound entries of a table to selectors.

use wildmatch::WildMatch;

use super::selector::{
    AccountItems, AccountSelectors, RegionItem, RegionSelector, Selection, Selectors, TagItem, UnitItem,
};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::document::{CheckedTable, SpannedStr};

/// The selection of a declaration or a waiver, its `except` included.
pub(super) fn selection(fields: &CheckedTable<'_>, out: &mut Diagnostics) -> Selection {
    let except = fields.table("except").and_then(|except| {
        if except.is_empty() {
            out.push(
                Diagnostic::error(Code::EmptyExcept, "an `except` without selectors would exclude every target")
                    .label(except.span, "no selector here")
                    .help("select the accounts or Regions to exclude, or remove `except`"),
            );
            return None;
        }
        Some(selectors(except))
    });
    Selection { chosen: selectors(fields), except }
}

fn selectors(fields: &CheckedTable<'_>) -> Selectors {
    let texts = |key: &str| fields.texts(key).map(|(items, _)| items);
    let tags = fields.by_key("tags").iter().map(|(key, span, values)| TagItem {
        key: (*key).into(),
        values: values.iter().map(|(value, span)| ((*value).into(), *span)).collect(),
        span: *span,
    });
    let tags: Vec<TagItem> = tags.collect();
    Selectors {
        accounts: AccountSelectors {
            listed: texts("accounts").map(account_items),
            units: texts("organizational_units").map(unit_items),
            tags: (!tags.is_empty()).then_some(tags),
        },
        regions: texts("regions").map_or(RegionSelector::All, region_items),
    }
}

fn account_items(items: &[SpannedStr<'_>]) -> AccountItems {
    let mut found = AccountItems::default();
    for (text, span) in items {
        match text.parse() {
            Ok(id) => {
                found.ids.insert(id, *span);
            }
            Err(_) => found.names.push((WildMatch::new(text), *span)),
        }
    }
    found
}

fn unit_items(items: &[SpannedStr<'_>]) -> Vec<UnitItem> {
    items.iter().filter_map(|(text, span)| Some(UnitItem { name: text.parse().ok()?, span: *span })).collect()
}

fn region_items(items: &[SpannedStr<'_>]) -> RegionSelector {
    let item = |(text, span): &SpannedStr<'_>| match text.parse() {
        Ok(name) => RegionItem::Name(name, *span),
        Err(_) => RegionItem::Pattern(WildMatch::new(text), *span),
    };
    RegionSelector::Any(items.iter().map(item).collect())
}
