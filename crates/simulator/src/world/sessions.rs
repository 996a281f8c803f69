//! The Macie sessions of an account when the world begins.

use std::collections::BTreeMap;

use crate::region::Region;

use super::sampler::Draw;
use super::session::SessionStart;

/// The sessions of an account, apart from whether a Region is on and has Macie.
#[derive(Debug)]
pub(super) enum Sessions {
    /// As the file lists them.
    Listed(Listed),
    /// As they are drawn, each time that one is asked for.
    Drawn(Draw),
}

/// Sessions one by one, and for every Region that is not named.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub(super) named: BTreeMap<Region, Option<SessionStart>>,
    pub(super) elsewhere: Option<SessionStart>,
}

impl Sessions {
    pub(super) fn session(&self, region: Region) -> Option<SessionStart> {
        match self {
            Self::Listed(Listed { named, elsewhere }) => named.get(&region).copied().unwrap_or(*elsewhere),
            Self::Drawn(draw) => draw.session(region),
        }
    }

    /// Whether there is a session in any Region.
    pub(super) fn has_any(&self) -> bool {
        match self {
            Self::Listed(Listed { named, elsewhere }) => elsewhere.is_some() || named.values().any(Option::is_some),
            Self::Drawn(draw) => draw.has_any(),
        }
    }
}
