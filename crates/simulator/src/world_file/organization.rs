//! The organization of a world file.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_yaml::{Location, Spanned};

use super::account::WrittenAccount;
use super::values::{Contradiction, Entries};
use crate::account_id::AccountId;
use crate::world::organization::{
    DEFAULT_ID, DEFAULT_ROOT, MAX_PAGE_SIZE, Organization, StatusField, TrustedService, Units, is_organization,
    is_root, is_unit,
};

/// How deep units nest. Source: AWS Organizations User Guide, "Quotas for AWS Organizations".
const DEEPEST: usize = 5;

/// The longest name of a unit. Source: AWS Organizations API Reference, CreateOrganizationalUnit.
const LONGEST_NAME: usize = 128;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenOrganization {
    management: Spanned<AccountId>,
    id: Option<Spanned<String>>,
    root: Option<Spanned<String>>,
    #[serde(default)]
    delegated_administrators: Vec<Spanned<AccountId>>,
    macie_administrator: Option<Spanned<AccountId>>,
    trusted_access: Option<Vec<TrustedService>>,
    #[serde(default)]
    units: Entries<String, WrittenUnit>,
    page_size: Option<Spanned<usize>>,
    #[serde(default)]
    empty_pages: bool,
    paths: Option<bool>,
    #[serde(default)]
    status_field: StatusField,
    #[serde(default)]
    limits: bool,
}

impl WrittenOrganization {
    pub(crate) fn check(self, accounts: &Entries<AccountId, WrittenAccount>) -> Result<Organization, Contradiction> {
        let management = member(&self.management, "the management account", accounts)?;
        let mut delegated_administrators = BTreeSet::new();
        for written in &self.delegated_administrators {
            let account = member(written, "the delegated administrator", accounts)?;
            if account == management {
                let cause = format!("{account} is the management account, which is no delegated administrator");
                return Err(Contradiction { at: written.referenced, cause });
            }
            delegated_administrators.insert(account);
        }
        let macie_administrator = match &self.macie_administrator {
            None => None,
            Some(written) => Some(member(written, "the Macie administrator", accounts)?),
        };
        let page_size = match self.page_size {
            Some(size) if !(1..=MAX_PAGE_SIZE).contains(&size.value) => {
                let cause = format!("a page has 1 to {MAX_PAGE_SIZE} items, not {}", size.value);
                return Err(Contradiction { at: size.referenced, cause });
            }
            size => size.map_or(MAX_PAGE_SIZE, |size| size.value),
        };
        let root = checked(self.root, DEFAULT_ROOT, is_root, "a root")?;
        let all = || vec![TrustedService::AccountManagement];
        Ok(Organization {
            id: checked(self.id, DEFAULT_ID, is_organization, "an organization")?,
            management,
            delegated_administrators,
            macie_administrator,
            trusted_access: self.trusted_access.unwrap_or_else(all).into_iter().collect(),
            page_size,
            empty_pages: self.empty_pages,
            paths: self.paths.unwrap_or(true),
            status_field: self.status_field,
            limits: self.limits,
            units: units(&root, self.units)?,
        })
    }
}

/// An account that must be in the organization.
fn member(
    id: &Spanned<AccountId>,
    role: &str,
    accounts: &Entries<AccountId, WrittenAccount>,
) -> Result<AccountId, Contradiction> {
    let account = accounts.0.iter().find(|(key, _)| key.value == id.value);
    let cause = match account {
        None => format!("{role} {} is not among the accounts", id.value),
        Some((_, account)) if !account.is_in_organization() => {
            format!("{role} {} is not in the organization, as its account says", id.value)
        }
        Some(_) => return Ok(id.value),
    };
    Err(Contradiction { at: id.referenced, cause })
}

fn checked(
    written: Option<Spanned<String>>,
    default: &str,
    is_valid: fn(&str) -> bool,
    whose: &str,
) -> Result<String, Contradiction> {
    match written {
        None => Ok(default.to_owned()),
        Some(id) if is_valid(&id.value) => Ok(id.value),
        Some(id) => {
            let cause = format!("{:?} is no id of {whose}, such as {default:?}", id.value);
            Err(Contradiction { at: id.referenced, cause })
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenUnit {
    id: Option<Spanned<String>>,
    #[serde(default)]
    units: Entries<String, WrittenUnit>,
}

/// The tree of units below a root.
fn units(root: &str, written: Entries<String, WrittenUnit>) -> Result<Units, Contradiction> {
    let mut units = Units::new(root);
    add_units(&mut units, (root, ""), written)?;
    Ok(units)
}

/// Adds units, and those in them, to the root or unit with this id and path.
fn add_units(
    units: &mut Units,
    (parent, outer): (&str, &str),
    written: Entries<String, WrittenUnit>,
) -> Result<(), Contradiction> {
    for (name, unit) in written.0 {
        let at = name.referenced;
        let contradiction = |at: Location, cause: String| Err(Contradiction { at, cause });
        if name.value.is_empty() || name.value.chars().count() > LONGEST_NAME {
            return contradiction(at, format!("the name of a unit has 1 to {LONGEST_NAME} characters"));
        }
        let path = if outer.is_empty() { name.value.clone() } else { format!("{outer}/{}", name.value) };
        let (id, place) = match unit.id {
            Some(id) => (unit_id(units, id.value, id.referenced)?, id.referenced),
            None => (units.derived_id(&path), at),
        };
        if units.lineage(parent).split('/').count() > DEEPEST {
            return contradiction(at, format!("AWS Organizations nests units at most {DEEPEST} deep"));
        }
        if units.find(&path).is_some() {
            return contradiction(at, format!("there are two units with the path {path:?}"));
        }
        if units.find(&id).is_some() || id == path {
            return contradiction(place, format!("there are two units with the id {id:?}"));
        }
        units.add(parent, &path, &name.value, &id);
        add_units(units, (&id, &path), unit.units)?;
    }
    Ok(())
}

/// The id of a unit, which must begin with that of the root.
fn unit_id(units: &Units, id: String, at: Location) -> Result<String, Contradiction> {
    let prefix = units.id_prefix();
    if is_unit(&id) && id.starts_with(&prefix) {
        return Ok(id);
    }
    let cause = format!("the id of a unit here is {prefix:?} and 8 to 32 lower-case letters or digits, not {id:?}");
    Err(Contradiction { at, cause })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str) -> Units {
        super::units("r-exam", serde_yaml::from_str(text).expect("units")).expect("a tree")
    }

    #[test]
    fn derived_ids_depend_on_the_path_alone() {
        let id = |text: &str, path: &str| units(text).find(path).expect("the unit").id.clone();
        let one = id("{A: {units: {B: {}}}}", "A/B");
        assert!(is_unit(&one) && one.starts_with("ou-exam-"), "{one}");
        assert_eq!(id("{Z: {}, A: {id: ou-exam-00000001, units: {Y: {}, B: {}}}}", "A/B"), one);
        assert_ne!(id("{B: {}}", "B"), one);
    }

    #[test]
    fn generated_units_are_those_of_a_file() {
        let written = units("{A: {units: {B: {}}}}");
        let generated = Organization::generated("000000000001".parse().expect("an id"), None, &["A", "A/B"]).units;
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
