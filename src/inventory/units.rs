//! The tree of organizational units.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::Unit;

/// The tree of organizational units, each known by its id with all units above it.
#[derive(Debug, Default)]
pub(super) struct Units {
    /// The units from below the root down to the unit, itself included; none for a root. Accounts share them.
    lines: BTreeMap<Box<str>, Arc<[Unit]>>,
}

impl Units {
    /// Adds a root.
    pub(super) fn add_root(&mut self, id: Box<str>) {
        self.lines.insert(id, Arc::default());
    }

    /// Adds the units directly in a root or unit that is in the tree. `false` if one of them is in it already: then this is no
    /// tree, and walking it might never end.
    pub(super) fn add(&mut self, parent: &str, children: Vec<Unit>) -> bool {
        let above = self.lines.get(parent).cloned().unwrap_or_default();
        children.into_iter().all(|child| {
            let id = child.id.clone();
            let line: Arc<[Unit]> = above.iter().cloned().chain([child]).collect();
            self.lines.insert(id, line).is_none()
        })
    }

    /// The units that hold what is directly in the root or unit of that id, if there is one.
    pub(super) fn holding(&self, parent: &str) -> Option<Arc<[Unit]>> {
        self.lines.get(parent).cloned()
    }

    /// The units that a path of ids goes through, if the tree has that very path.
    pub(super) fn along(&self, path: &[Box<str>]) -> Option<Arc<[Unit]>> {
        let (root, below) = path.split_first()?;
        let line = self.holding(below.last().unwrap_or(root))?;
        let same = self.lines.contains_key(root) && line.iter().map(|unit| &unit.id).eq(below);
        same.then_some(line)
    }

    /// How many roots and units there are.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// The ids of all roots and units, sorted.
    pub(super) fn ids(&self) -> Vec<Box<str>> {
        self.lines.keys().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(id: &str) -> Unit {
        Unit { id: id.into(), name: format!("name of {id}").into() }
    }

    fn tree() -> Units {
        let mut units = Units::default();
        units.add_root("r-1".into());
        assert!(units.add("r-1", vec![unit("ou-a"), unit("ou-b")]));
        assert!(units.add("ou-a", vec![unit("ou-c")]));
        units
    }

    #[test]
    fn a_line_has_every_unit_from_below_the_root() {
        let line =
            |id: &str| tree().holding(id).map(|line| line.iter().map(|unit| unit.id.to_string()).collect::<Vec<_>>());
        assert_eq!(line("r-1"), Some(vec![]));
        assert_eq!(line("ou-c"), Some(vec!["ou-a".to_owned(), "ou-c".to_owned()]));
        assert_eq!(line("ou-x"), None);
    }

    #[test]
    fn only_a_path_that_the_tree_has_is_followed() {
        let along = |path: &[&str]| {
            let path: Vec<Box<str>> = path.iter().map(|id| (*id).into()).collect();
            tree().along(&path).map(|line| line.len())
        };
        assert_eq!(along(&["r-1"]), Some(0));
        assert_eq!(along(&["r-1", "ou-a", "ou-c"]), Some(2));
        for stale in [&["r-1", "ou-c"][..], &["r-1", "ou-b", "ou-c"], &["r-2", "ou-a"], &["r-1", "ou-x"], &[]] {
            assert_eq!(along(stale), None, "{stale:?}");
        }
    }

    #[test]
    fn what_is_in_two_places_is_no_tree() {
        assert!(!tree().add("ou-b", vec![unit("ou-c")]));
        assert!(!tree().add("ou-c", vec![unit("ou-a")]));
    }
}
