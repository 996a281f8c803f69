//! AWS Regions.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

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
}
