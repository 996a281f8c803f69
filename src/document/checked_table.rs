//! A table that has passed the checker.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::TableSchema;
use crate::diagnostic::Span;

/// The valid entries of a table. Invalid ones have been reported and are left out.
#[derive(Debug)]
pub struct CheckedTable<'tree> {
    shape: &'static TableSchema,
    /// Position of the table.
    pub span: Span,
    pub(super) found: BTreeMap<&'static str, Found<'tree>>,
    pub(super) mentioned: BTreeSet<&'static str>,
    is_empty: bool,
}

/// A text with its position.
pub type SpannedStr<'tree> = (&'tree str, Span);

/// An item with its position: as written, or a bound as one text.
pub type SpannedItem<'tree> = (Cow<'tree, str>, Span);

#[derive(Debug)]
pub(super) enum Found<'tree> {
    Texts(Vec<SpannedStr<'tree>>, Span),
    Items(Vec<SpannedItem<'tree>>, Span),
    ByKey(Vec<(&'tree str, Span, Vec<SpannedStr<'tree>>)>),
    Table(Box<CheckedTable<'tree>>),
    Tables(Vec<CheckedTable<'tree>>),
}

impl<'tree> CheckedTable<'tree> {
    pub(super) fn new(shape: &'static TableSchema, span: Span, is_empty: bool) -> Self {
        Self { shape, span, found: BTreeMap::new(), mentioned: BTreeSet::new(), is_empty }
    }

    /// The text, word or number of a key, as written.
    pub fn text(&self, key: &str) -> Option<SpannedStr<'tree>> {
        self.texts(key).and_then(|(items, _)| items.first().copied())
    }

    /// The items of a key that takes one or several, with the position of the whole.
    pub fn texts(&self, key: &str) -> Option<(&[SpannedStr<'tree>], Span)> {
        match self.get(key)? {
            Found::Texts(items, span) => Some((items, *span)),
            Found::Items(..) | Found::ByKey(_) | Found::Table(_) | Found::Tables(_) => None,
        }
    }

    /// The items of a key that takes one or several, numbers and bounds included, with the position of the whole. A bound is one
    /// text, such as `at most 20`.
    pub fn items(&self, key: &str) -> Option<(Vec<SpannedItem<'tree>>, Span)> {
        match self.get(key)? {
            Found::Texts(items, span) => {
                Some((items.iter().map(|(text, at)| (Cow::Borrowed(*text), *at)).collect(), *span))
            }
            Found::Items(items, span) => Some((items.clone(), *span)),
            Found::ByKey(_) | Found::Table(_) | Found::Tables(_) => None,
        }
    }

    /// The entries of a table with keys of the user's own: key, position, and texts.
    pub fn by_key(&self, key: &str) -> &[(&'tree str, Span, Vec<SpannedStr<'tree>>)] {
        match self.get(key) {
            Some(Found::ByKey(entries)) => entries,
            _ => &[],
        }
    }

    /// The table of a key.
    pub fn table(&self, key: &str) -> Option<&CheckedTable<'tree>> {
        match self.get(key)? {
            Found::Table(fields) => Some(fields),
            Found::Texts(..) | Found::Items(..) | Found::ByKey(_) | Found::Tables(_) => None,
        }
    }

    /// The tables of a key that takes several.
    pub fn tables(&self, key: &str) -> &[CheckedTable<'tree>] {
        match self.get(key) {
            Some(Found::Tables(list)) => list,
            _ => &[],
        }
    }

    /// Whether the file has the key, valid or not.
    pub fn has_key(&self, key: &str) -> bool {
        self.mentioned.contains(key)
    }

    /// Whether the table has no entry at all, valid or not.
    pub fn is_empty(&self) -> bool {
        self.is_empty
    }

    fn get(&self, key: &str) -> Option<&Found<'tree>> {
        debug_assert!(self.shape.field(key).is_some(), "`{key}` is not in the table of {}", self.shape.name);
        self.found.get(key)
    }
}
