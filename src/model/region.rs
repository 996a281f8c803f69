//! AWS Regions, and the table of those with Macie and those that are opt-in.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::Resource;

/// The code of an AWS Region, such as `eu-central-1` or `us-gov-west-1`.
///
/// Only the shape is checked here; which Regions there are is the [`RegionTable`](super::RegionTable)'s business.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(Arc<str>);

/// Why a text is not a Region code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a Region code looks like \"eu-central-1\": lower-case words and a number, joined by hyphens")]
pub struct InvalidRegion;

/// The group of Regions that share accounts, credentials and ARNs.
///
/// Source: AWS General Reference, "Amazon Resource Names (ARNs)".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Partition {
    /// The commercial Regions.
    Aws,
    /// The China Regions.
    China,
    /// AWS GovCloud (US).
    GovCloud,
    /// The isolated and sovereign partitions, where Macie does not exist.
    Other,
}

impl Partition {
    /// The word used in an ARN.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws | Self::Other => "aws",
            Self::China => "aws-cn",
            Self::GovCloud => "aws-us-gov",
        }
    }
}

impl JsonSchema for Region {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Region".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string"})
    }
}

impl Region {
    /// The Region code.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The partition that the Region belongs to, told by its first words.
    pub fn partition(&self) -> Partition {
        let code = self.as_str();
        if code.starts_with("cn-") {
            Partition::China
        } else if code.starts_with("us-gov-") {
            Partition::GovCloud
        } else if code.contains("-iso") || code.starts_with("eusc-") {
            Partition::Other
        } else {
            Partition::Aws
        }
    }
}

impl FromStr for Region {
    type Err = InvalidRegion;

    fn from_str(text: &str) -> Result<Self, InvalidRegion> {
        let words: Vec<&str> = text.split('-').collect();
        let [first, middle @ .., number] = words.as_slice() else {
            return Err(InvalidRegion);
        };
        let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
        let is_number = !number.is_empty() && number.len() <= 2 && number.bytes().all(|byte| byte.is_ascii_digit());
        if text.len() <= 32 && is_word(first) && !middle.is_empty() && middle.iter().all(is_word) && is_number {
            Ok(Self(Arc::from(text)))
        } else {
            Err(InvalidRegion)
        }
    }
}

impl TryFrom<String> for Region {
    type Error = InvalidRegion;

    fn try_from(text: String) -> Result<Self, InvalidRegion> {
        text.parse()
    }
}

impl From<Region> for String {
    fn from(region: Region) -> Self {
        region.0.as_ref().to_owned()
    }
}

impl fmt::Display for Region {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.0)
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// The day on which the bundled table was drawn up.
pub const TABLE_DATE: &str = "2026-11-22";

/// The Regions where Macie exists and which are on in every account.
///
/// Source: Macie endpoints in botocore's `endpoints.json` 1.44.5; the opt-in set is that of the S3 Multi-Region Access
/// Point Region list.
const MACIE_ALWAYS_ON: &[&str] = &[
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// The Regions where Macie exists and which an account must opt into. Same source.
const MACIE_OPT_IN: &[&str] = &["af-south-1", "ap-east-1", "eu-south-1", "il-central-1", "me-south-1"];

/// Known Regions without Macie: commercial ones, all opt-in, then those of other partitions. Same source.
const WITHOUT_MACIE_OPT_IN: &[&str] = &[
    "ap-east-2",
    "ap-south-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-west-1",
    "eu-central-2",
    "eu-south-2",
    "me-central-1",
    "me-west-1",
    "mx-central-1",
    "sa-west-1",
];
/// Known commercial Regions without Systems Manager: announced, without endpoints. Same source.
const WITHOUT_SYSTEMS_MANAGER: &[&str] = &["me-west-1", "sa-west-1"];
const WITHOUT_MACIE_OTHER_PARTITIONS: &[&str] =
    &["cn-north-1", "cn-northwest-1", "eusc-de-east-1", "us-gov-east-1", "us-gov-west-1"];

/// What is known of Regions before any is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionTable {
    macie: BTreeSet<Region>,
    opt_in: BTreeSet<Region>,
    known: BTreeSet<Region>,
    overridden: bool,
    accepts_any: bool,
}

impl RegionTable {
    /// The table that is part of the program, as of [`TABLE_DATE`].
    #[expect(clippy::expect_used, reason = "the codes are constants, and a test builds the table")]
    pub fn bundled() -> Self {
        let parse = |codes: &[&str]| -> BTreeSet<Region> {
            codes.iter().map(|code| code.parse().expect("a bundled Region code is well-formed")).collect()
        };
        let macie = &parse(MACIE_ALWAYS_ON) | &parse(MACIE_OPT_IN);
        let opt_in = &parse(MACIE_OPT_IN) | &parse(WITHOUT_MACIE_OPT_IN);
        let known = &(&macie | &opt_in) | &parse(WITHOUT_MACIE_OTHER_PARTITIONS);
        Self { macie, opt_in, known, overridden: false, accepts_any: false }
    }

    /// The bundled table with the user's own knowledge in place of parts of it.
    ///
    /// `macie` replaces the set of Regions where Macie exists, `opt_in` the set of Regions that an account must opt into.
    #[must_use]
    pub fn overridden(mut self, macie: Option<BTreeSet<Region>>, opt_in: Option<BTreeSet<Region>>) -> Self {
        for (own, given) in [(&mut self.macie, macie), (&mut self.opt_in, opt_in)] {
            if let Some(given) = given {
                self.known.extend(given.iter().cloned());
                *own = given;
                self.overridden = true;
            }
        }
        self
    }

    /// The table of a user whose own knowledge was lost in an error: any Region may exist, and Macie in it.
    #[must_use]
    pub fn accepting_any(mut self) -> Self {
        self.accepts_any = true;
        self
    }

    /// Every Region where Macie exists, sorted.
    pub fn macie_regions(&self) -> impl Iterator<Item = &Region> {
        self.macie.iter()
    }

    /// Every Region known, with or without Macie, sorted.
    pub fn known_regions(&self) -> impl Iterator<Item = &Region> {
        self.known.iter()
    }

    /// Whether Macie exists in the Region.
    pub fn has_macie(&self, region: &Region) -> bool {
        self.accepts_any || self.macie.contains(region)
    }

    /// Whether a target in the Region can be read: Macie exists only in some Regions, Systems Manager in every known one.
    ///
    /// Source: AWS General Reference, "AWS Systems Manager endpoints and quotas".
    pub fn hosts(&self, resource: Resource, region: &Region) -> bool {
        resource != Resource::MacieSession || self.has_macie(region)
    }

    /// Whether a declaration without `regions` reaches the Region, where the inventory leaves the Regions to this table. Of
    /// Systems Manager's Regions, those are the commercial ones.
    pub fn is_default_for(&self, resource: Resource, region: &Region) -> bool {
        match resource {
            Resource::MacieSession => self.has_macie(region),
            Resource::SessionManagerPreferences | Resource::SessionManagerSessions => {
                self.knows(region)
                    && region.partition() == Partition::Aws
                    && !WITHOUT_SYSTEMS_MANAGER.contains(&region.as_str())
            }
        }
    }

    /// Whether the Region is off in an account until somebody opts in.
    pub fn is_opt_in(&self, region: &Region) -> bool {
        self.opt_in.contains(region)
    }

    /// Whether the Region is known at all.
    pub fn knows(&self, region: &Region) -> bool {
        self.accepts_any || self.known.contains(region)
    }

    /// Where the table comes from, for evidence in reports.
    pub fn provenance(&self) -> String {
        if self.overridden {
            format!("Region table of {TABLE_DATE} with the [regions] of the settings file")
        } else {
            format!("Region table of {TABLE_DATE}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_checked() {
        for good in ["us-east-1", "us-gov-west-1", "eu-central-2", "us-iso-east-1"] {
            assert!(good.parse::<Region>().is_ok(), "{good}");
        }
        for bad in ["", "us", "us-1", "us-east", "US-EAST-1", "us_east_1", "us-east-1a", "eu-*", "us--1", " us-east-1"]
        {
            assert!(bad.parse::<Region>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_partition_is_told_by_the_name() {
        let partition = |code: &str| code.parse::<Region>().expect("a valid Region").partition();
        assert_eq!(partition("eu-west-1"), Partition::Aws);
        assert_eq!(partition("cn-north-1"), Partition::China);
        assert_eq!(partition("us-gov-east-1"), Partition::GovCloud);
        assert_eq!(partition("us-iso-east-1"), Partition::Other);
    }

    #[test]
    fn the_bundled_table_has_22_macie_regions_of_which_5_are_opt_in() {
        let table = RegionTable::bundled();
        assert_eq!(table.macie_regions().count(), 22);
        assert_eq!(table.macie_regions().filter(|region| table.is_opt_in(region)).count(), 5);
    }

    #[test]
    fn systems_manager_is_in_34_commercial_regions() {
        let table = RegionTable::bundled();
        let of = |resource| table.known_regions().filter(|region| table.is_default_for(resource, region)).count();
        assert_eq!(of(Resource::SessionManagerPreferences), 34);
        assert_eq!(of(Resource::MacieSession), 22);
    }

    #[test]
    fn an_override_replaces_and_teaches() {
        let new: Region = "xx-north-9".parse().expect("a Region");
        let table = RegionTable::bundled().overridden(Some(BTreeSet::from([new.clone()])), None);
        assert!(table.has_macie(&new) && table.knows(&new));
        assert_eq!(table.macie_regions().count(), 1);
        assert!(table.knows(&"us-east-1".parse().expect("a Region")));
        let unknown: Region = "xx-south-1".parse().expect("a Region");
        assert!(!table.knows(&unknown));
        let table = table.accepting_any();
        assert!(table.has_macie(&unknown) && table.knows(&unknown));
    }
}
