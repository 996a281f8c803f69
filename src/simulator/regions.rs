//! The Regions of the simulated AWS.

use std::sync::OnceLock;

use crate::model::{Region, RegionTable};

/// The bundled Region table, built once: a world names Regions by the ten thousand.
pub(super) fn table() -> &'static RegionTable {
    static TABLE: OnceLock<RegionTable> = OnceLock::new();
    TABLE.get_or_init(RegionTable::bundled)
}

/// The Regions with Macie, by name, those that are on by default before those that must be opted into.
pub(super) fn with_macie() -> &'static [Region] {
    static REGIONS: OnceLock<Vec<Region>> = OnceLock::new();
    REGIONS.get_or_init(|| {
        let mut regions: Vec<Region> = table().macie_regions().cloned().collect();
        // Stable: the table has them by name.
        regions.sort_by_key(|region| table().is_opt_in(region));
        regions
    })
}
