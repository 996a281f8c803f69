//! AWS Regions: which exist, which have Macie, and which an account must opt into.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use serde::de::{Deserialize, Deserializer, Error as _};

/// The date of [`TABLE`].
const TABLE_DATE: &str = "2026-11-22";

/// The known Regions by code.
///
/// Source: Macie endpoints in botocore's `endpoints.json` 1.44.5; the opt-in set is that of the S3 Multi-Region Access
/// Point Region list.
const TABLE: [(&str, Kind); 41] = [
    ("af-south-1", Kind::MacieOptIn),
    ("ap-east-1", Kind::MacieOptIn),
    ("ap-east-2", Kind::OptIn),
    ("ap-northeast-1", Kind::Macie),
    ("ap-northeast-2", Kind::Macie),
    ("ap-northeast-3", Kind::Macie),
    ("ap-south-1", Kind::Macie),
    ("ap-south-2", Kind::OptIn),
    ("ap-southeast-1", Kind::Macie),
    ("ap-southeast-2", Kind::Macie),
    ("ap-southeast-3", Kind::OptIn),
    ("ap-southeast-4", Kind::OptIn),
    ("ap-southeast-5", Kind::OptIn),
    ("ap-southeast-6", Kind::OptIn),
    ("ap-southeast-7", Kind::OptIn),
    ("ca-central-1", Kind::Macie),
    ("ca-west-1", Kind::OptIn),
    ("cn-north-1", Kind::OtherPartition),
    ("cn-northwest-1", Kind::OtherPartition),
    ("eu-central-1", Kind::Macie),
    ("eu-central-2", Kind::OptIn),
    ("eu-north-1", Kind::Macie),
    ("eu-south-1", Kind::MacieOptIn),
    ("eu-south-2", Kind::OptIn),
    ("eu-west-1", Kind::Macie),
    ("eu-west-2", Kind::Macie),
    ("eu-west-3", Kind::Macie),
    ("eusc-de-east-1", Kind::OtherPartition),
    ("il-central-1", Kind::MacieOptIn),
    ("me-central-1", Kind::OptIn),
    ("me-south-1", Kind::MacieOptIn),
    ("me-west-1", Kind::OptIn),
    ("mx-central-1", Kind::OptIn),
    ("sa-east-1", Kind::Macie),
    ("sa-west-1", Kind::OptIn),
    ("us-east-1", Kind::Macie),
    ("us-east-2", Kind::Macie),
    ("us-gov-east-1", Kind::OtherPartition),
    ("us-gov-west-1", Kind::OtherPartition),
    ("us-west-1", Kind::Macie),
    ("us-west-2", Kind::Macie),
];

/// The table's entry for a Region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// On in every account, with Macie.
    Macie,
    /// Off until an account opts in, with Macie.
    MacieOptIn,
    /// Off until an account opts in, without Macie.
    OptIn,
    /// In another partition than `aws`, without Macie.
    OtherPartition,
}

/// A known Region: its index in the table, so that the order is that of the codes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(u8);

/// The error for a text that names no known Region.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRegion {
    /// The text does not have the form of a Region code.
    #[error("a Region code looks like \"eu-central-1\": lower-case words and a number, joined by hyphens")]
    Malformed,
    /// The text has the form of a Region code, and the table does not list it.
    #[error("there is no Region {0} in the Region table of {TABLE_DATE}")]
    Unknown(String),
}

impl Region {
    /// All known Regions by code.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..).take(TABLE.len()).map(Self)
    }

    /// The Regions with Macie by code: those that are always on come before opt-in Regions.
    pub(crate) fn with_macie() -> &'static [Self] {
        static REGIONS: OnceLock<Vec<Region>> = OnceLock::new();
        REGIONS.get_or_init(|| {
            let mut regions: Vec<Region> = Self::all().filter(|region| region.has_macie()).collect();
            // A stable sort keeps the order by code.
            regions.sort_by_key(|region| region.is_opt_in());
            regions
        })
    }

    /// The Region code.
    pub fn as_str(self) -> &'static str {
        self.entry().0
    }

    /// Whether Macie exists in the Region.
    pub(crate) fn has_macie(self) -> bool {
        matches!(self.entry().1, Kind::Macie | Kind::MacieOptIn)
    }

    /// Whether Macie can reveal samples of sensitive data there.
    ///
    /// Source: Amazon Macie API Reference, reveal configuration: not in Asia Pacific (Osaka) and Israel (Tel Aviv).
    pub(crate) fn has_reveal(self) -> bool {
        self.has_macie() && !["ap-northeast-3", "il-central-1"].contains(&self.as_str())
    }

    /// Whether the Region is off in an account until the account opts in.
    pub(crate) fn is_opt_in(self) -> bool {
        matches!(self.entry().1, Kind::OptIn | Kind::MacieOptIn)
    }

    /// Whether the Region is in the partition `aws`.
    pub(crate) fn is_commercial(self) -> bool {
        self.entry().1 != Kind::OtherPartition
    }

    fn entry(self) -> (&'static str, Kind) {
        TABLE.get(usize::from(self.0)).copied().unwrap_or(("", Kind::OtherPartition))
    }
}

impl FromStr for Region {
    type Err = InvalidRegion;

    fn from_str(text: &str) -> Result<Self, InvalidRegion> {
        if let Ok(index) = TABLE.binary_search_by_key(&text, |(code, _)| code) {
            return u8::try_from(index).map(Self).map_err(|_| InvalidRegion::Malformed);
        }
        if is_code(text) { Err(InvalidRegion::Unknown(text.to_owned())) } else { Err(InvalidRegion::Malformed) }
    }
}

/// Values by Region, and the one of every Region without an entry.
#[derive(Debug, Clone, Default)]
pub(crate) struct ByRegion<T> {
    pub(crate) named: BTreeMap<Region, T>,
    pub(crate) elsewhere: T,
}

impl<T> ByRegion<T> {
    pub(crate) fn get(&self, region: Region) -> &T {
        self.named.get(&region).unwrap_or(&self.elsewhere)
    }
}

/// Whether a text has the form of a Region code.
fn is_code(text: &str) -> bool {
    let words: Vec<&str> = text.split('-').collect();
    let [first, middle @ .., number] = words.as_slice() else { return false };
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_number = !number.is_empty() && number.len() <= 2 && number.bytes().all(|byte| byte.is_ascii_digit());
    text.len() <= 32 && is_word(first) && !middle.is_empty() && middle.iter().all(is_word) && is_number
}

impl<'de> Deserialize<'de> for Region {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|error| match error {
            InvalidRegion::Malformed => D::Error::custom(format_args!("{text:?}: {error}")),
            InvalidRegion::Unknown(_) => D::Error::custom(error),
        })
    }
}

impl fmt::Display for Region {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_each_code_is_found() {
        assert!(TABLE.is_sorted_by(|(one, _), (other, _)| one < other));
        for region in Region::all() {
            assert!(is_code(region.as_str()), "{region}");
            assert_eq!(region.as_str().parse(), Ok(region));
        }
        assert_eq!("eu-west-9".parse::<Region>(), Err(InvalidRegion::Unknown("eu-west-9".to_owned())));
        for bad in ["", "us", "us-1", "us-east", "US-EAST-1", "us_east_1", "us-east-1a", "eu-*", "us--1", " us-east-1"]
        {
            assert_eq!(bad.parse::<Region>(), Err(InvalidRegion::Malformed), "{bad}");
        }
    }

    #[test]
    fn macie_exists_in_22_regions_of_which_5_are_opt_in() {
        let regions = Region::with_macie();
        assert_eq!(regions.len(), 22);
        assert!(regions.iter().take(17).all(|region| !region.is_opt_in()));
        assert!(regions.iter().skip(17).all(|region| region.is_opt_in()));
    }
}
