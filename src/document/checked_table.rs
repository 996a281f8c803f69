//! A table that has passed the checker.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::TableSchema;
use crate::diagnostic::Span;

/// The valid entries of a table. Invalid ones have been reported and are left out.
#[derive(Debug)]
pub struct CheckedTable<'tree> {
    pub(super) shape: &'static TableSchema,
    /// Position of the table.
    pub span: Span,
    found: BTreeMap<&'static str, Found<'tree>>,
    /// The keys of the file, valid or not, each with its position.
    mentioned: BTreeMap<&'static str, Span>,
    /// The keys with an error in them, those that are missing, and those that are guessed.
    unsound: BTreeSet<&'static str>,
    /// Whether there is a key of which nothing is known.
    pub(super) has_unknown_key: bool,
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
    /// The items that are tables, and whether that is all that the file lists.
    Tables(Vec<CheckedTable<'tree>>, bool),
}

impl<'tree> CheckedTable<'tree> {
    pub(super) fn new(shape: &'static TableSchema, span: Span, is_empty: bool) -> Self {
        Self {
            shape,
            span,
            found: BTreeMap::new(),
            mentioned: BTreeMap::new(),
            unsound: BTreeSet::new(),
            has_unknown_key: false,
            is_empty,
        }
    }

    /// Notes that the file has the key.
    pub(super) fn mention(&mut self, key: &'static str, span: Span) {
        self.mentioned.entry(key).or_insert(span);
    }

    /// Notes that what the file says about the key is not all known.
    pub(super) fn distrust(&mut self, key: &'static str) {
        self.unsound.insert(key);
    }

    /// Adds what is sound in the value of a key.
    pub(super) fn add(&mut self, key: &'static str, found: Found<'tree>) {
        if !matches!(found, Found::Tables(..)) {
            self.found.remove(key);
        }
        self.join(key, found);
    }

    /// Adds the same of a key that is guessed or stands there twice: it counts if there is nothing else.
    pub(super) fn add_doubtful(&mut self, key: &'static str, found: Found<'tree>) {
        let found = match found {
            Found::Tables(list, _) => Found::Tables(list, false),
            found => found,
        };
        self.join(key, found);
    }

    /// Lists of tables under one key are joined, so that the errors in each are found.
    fn join(&mut self, key: &'static str, found: Found<'tree>) {
        match (self.found.get_mut(key), found) {
            (Some(Found::Tables(list, is_complete)), Found::Tables(more, _)) => {
                list.extend(more);
                *is_complete = false;
            }
            (Some(_), _) => {}
            (None, found) => {
                self.found.insert(key, found);
            }
        }
    }

    /// The text, word or number of a key, as written.
    pub fn text(&self, key: &str) -> Option<SpannedStr<'tree>> {
        self.texts(key).and_then(|(items, _)| items.first().copied())
    }

    /// The items of a key that takes one or several, with the position of the whole.
    pub fn texts(&self, key: &str) -> Option<(&[SpannedStr<'tree>], Span)> {
        match self.get(key)? {
            Found::Texts(items, span) => Some((items, *span)),
            Found::Items(..) | Found::ByKey(_) | Found::Table(_) | Found::Tables(..) => None,
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
            Found::ByKey(_) | Found::Table(_) | Found::Tables(..) => None,
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
            Found::Texts(..) | Found::Items(..) | Found::ByKey(_) | Found::Tables(..) => None,
        }
    }

    /// The tables of a key that takes several.
    pub fn tables(&self, key: &str) -> &[CheckedTable<'tree>] {
        match self.get(key) {
            Some(Found::Tables(list, _)) => list,
            _ => &[],
        }
    }

    /// Whether the tables of a key are all that the file lists under it.
    pub fn has_all_tables(&self, key: &str) -> bool {
        match self.get(key) {
            Some(Found::Tables(_, is_complete)) => *is_complete,
            _ => !self.has_key(key),
        }
    }

    /// Whether the file has the key, valid or not.
    pub fn has_key(&self, key: &str) -> bool {
        self.mentioned.contains_key(key)
    }

    /// The position of the key, valid or not.
    pub fn key_span(&self, key: &str) -> Option<Span> {
        self.mentioned.get(key).copied()
    }

    /// Whether all is known of a key: it is valid with everything in it, or left out.
    pub fn is_sound_key(&self, key: &str) -> bool {
        !self.unsound.contains(key)
    }

    /// Whether there is a key that resembles no known one, so that anything may be meant by it.
    pub fn has_unknown_key(&self) -> bool {
        self.has_unknown_key
    }

    /// Whether the table has no error in it.
    pub fn is_sound(&self) -> bool {
        self.unsound.is_empty() && !self.has_unknown_key
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
