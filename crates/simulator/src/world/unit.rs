//! The tree of organizational units.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_yaml::{Location, Spanned};
use sha2::{Digest as _, Sha256};

use crate::identifier;

use super::error::Contradiction;
use super::spanned::Entries;

/// How deep units nest. Source: AWS Organizations User Guide, "Quotas for AWS Organizations".
const DEEPEST: usize = 5;
/// The longest name of a unit. Source: AWS Organizations API Reference, CreateOrganizationalUnit.
const LONGEST_NAME: usize = 128;

/// An organizational unit.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) id: String,
    pub(crate) name: String,
    /// The id of the root or unit that it is in.
    pub(crate) parent: String,
    /// The ids from the root's to its own, joined by slashes.
    lineage: String,
}

/// The root with all units below it.
#[derive(Debug)]
pub(crate) struct Units {
    root: String,
    all: Vec<Unit>,
    /// The units by id, and by the path of names.
    index: BTreeMap<String, usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenUnit {
    id: Option<Spanned<String>>,
    #[serde(default)]
    units: Entries<String, WrittenUnit>,
}

impl Units {
    pub(super) fn new(root: &str, written: Entries<String, WrittenUnit>) -> Result<Self, Contradiction> {
        let mut units = Self { root: root.to_owned(), all: Vec::new(), index: BTreeMap::new() };
        units.add_all(written, "", root, root)?;
        Ok(units)
    }

    /// Units with these paths, each behind the one that it is in.
    pub(super) fn generated(root: &str, paths: &[&str]) -> Self {
        let mut units = Self { root: root.to_owned(), all: Vec::new(), index: BTreeMap::new() };
        for path in paths {
            let (outer, name) = path.rsplit_once('/').unwrap_or(("", path));
            let outer = units.find(outer);
            let (parent, around) = outer.map_or((root, root), |unit| (unit.id.as_str(), unit.lineage.as_str()));
            let id = units.derived(path);
            let lineage = format!("{around}/{id}");
            let unit = Unit { id: id.clone(), name: name.to_owned(), parent: parent.to_owned(), lineage };
            units.index.extend([((*path).to_owned(), units.all.len()), (id, units.all.len())]);
            units.all.push(unit);
        }
        units
    }

    /// The id of the root.
    pub(crate) fn root(&self) -> &str {
        &self.root
    }

    /// The unit with an id.
    pub(crate) fn by_id(&self, id: &str) -> Option<&Unit> {
        self.find(id).filter(|unit| unit.id == id)
    }

    /// The units directly in the root or a unit, in the order of the file.
    pub(crate) fn directly_in(&self, parent: &str) -> impl Iterator<Item = &Unit> {
        self.all.iter().filter(move |unit| unit.parent == parent)
    }

    /// The ids from the root's to that of the root or a unit, joined by slashes.
    pub(crate) fn lineage<'a>(&'a self, id: &'a str) -> &'a str {
        self.by_id(id).map_or(id, |unit| &unit.lineage)
    }

    /// The unit with an id or a path of names.
    pub(super) fn find(&self, id_or_path: &str) -> Option<&Unit> {
        self.index.get(id_or_path).and_then(|index| self.all.get(*index))
    }

    fn add_all(
        &mut self,
        written: Entries<String, WrittenUnit>,
        path: &str,
        parent: &str,
        lineage: &str,
    ) -> Result<(), Contradiction> {
        for (name, unit) in written.0 {
            let at = name.referenced;
            if name.value.is_empty() || name.value.chars().count() > LONGEST_NAME {
                let cause = format!("the name of a unit has 1 to {LONGEST_NAME} characters");
                return Err(Contradiction { at, cause });
            }
            let path = if path.is_empty() { name.value.clone() } else { format!("{path}/{}", name.value) };
            let (id, place) = match unit.id {
                Some(id) => (self.checked(id.value, id.referenced)?, id.referenced),
                None => (self.derived(&path), at),
            };
            let lineage = format!("{lineage}/{id}");
            if lineage.split('/').count() > DEEPEST + 1 {
                let cause = format!("AWS Organizations nests units at most {DEEPEST} deep");
                return Err(Contradiction { at, cause });
            }
            self.name(&path, at, "path")?;
            self.name(&id, place, "id")?;
            self.all.push(Unit {
                id: id.clone(),
                name: name.value,
                parent: parent.to_owned(),
                lineage: lineage.clone(),
            });
            self.add_all(unit.units, &path, &id, &lineage)?;
        }
        Ok(())
    }

    /// Lets an id or path stand for the unit that comes next.
    fn name(&mut self, word: &str, at: Location, kind: &str) -> Result<(), Contradiction> {
        match self.index.insert(word.to_owned(), self.all.len()) {
            None => Ok(()),
            Some(_) => Err(Contradiction { at, cause: format!("there are two units with the {kind} {word:?}") }),
        }
    }

    fn checked(&self, id: String, at: Location) -> Result<String, Contradiction> {
        let prefix = self.prefix();
        if identifier::is_unit(&id) && id.starts_with(&prefix) {
            return Ok(id);
        }
        let cause = format!("the id of a unit here is {prefix:?} and 8 to 32 lower-case letters or digits, not {id:?}");
        Err(Contradiction { at, cause })
    }

    /// An id that stays the same while other units come and go.
    fn derived(&self, path: &str) -> String {
        let digest = Sha256::digest(path);
        digest.iter().take(4).fold(self.prefix(), |id, byte| format!("{id}{byte:02x}"))
    }

    /// What precedes a unit's own part of its id: that of the root.
    fn prefix(&self) -> String {
        format!("ou-{}-", self.root.trim_start_matches("r-"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str) -> Units {
        Units::new("r-exam", serde_yaml::from_str(text).expect("units")).expect("a tree")
    }

    #[test]
    fn derived_ids_depend_on_the_path_alone() {
        let id = |text: &str, path: &str| units(text).find(path).expect("the unit").id.clone();
        let one = id("{A: {units: {B: {}}}}", "A/B");
        assert!(identifier::is_unit(&one) && one.starts_with("ou-exam-"), "{one}");
        assert_eq!(id("{Z: {}, A: {id: ou-exam-00000001, units: {Y: {}, B: {}}}}", "A/B"), one);
        assert_ne!(id("{B: {}}", "B"), one);
    }

    #[test]
    fn generated_units_are_those_of_a_file() {
        let (written, generated) = (units("{A: {units: {B: {}}}}"), Units::generated("r-exam", &["A", "A/B"]));
        assert_eq!(format!("{written:?}"), format!("{generated:?}"));
    }

    #[test]
    fn a_unit_is_found_by_its_path_and_by_its_id() {
        let units = units("{A: {id: ou-exam-00000001, units: {B: {id: ou-exam-00000002}}}, B: {}}");
        assert_eq!(units.find("A/B").map(|unit| unit.id.as_str()), Some("ou-exam-00000002"));
        assert_eq!(units.find("ou-exam-00000002").map(|unit| unit.name.as_str()), Some("B"));
        assert!(units.by_id("A/B").is_none(), "a path is no id");
        assert_eq!(units.lineage("ou-exam-00000002"), "r-exam/ou-exam-00000001/ou-exam-00000002");
        assert_eq!(units.lineage("r-exam"), "r-exam");
        let names: Vec<_> = units.directly_in("r-exam").map(|unit| unit.name.as_str()).collect();
        assert_eq!(names, ["A", "B"]);
    }
}
