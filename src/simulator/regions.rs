//! The Regions of the simulated AWS.

use std::sync::OnceLock;

use crate::model::{Region, RegionTable};

/// The bundled Region table, built once: a world names Regions by the ten thousand.
pub(super) fn table() -> &'static RegionTable {
    static TABLE: OnceLock<RegionTable> = OnceLock::new();
    TABLE.get_or_init(RegionTable::bundled)
}

/// The Region with a code, if the table knows it: the one that is there already, since requests name few by the million.
pub(super) fn known(code: &str) -> Option<Region> {
    static REGIONS: OnceLock<Vec<Region>> = OnceLock::new();
    let regions = REGIONS.get_or_init(|| table().known_regions().cloned().collect());
    // By name, as the table has them.
    let place = regions.binary_search_by(|region| region.as_str().cmp(code)).ok()?;
    regions.get(place).cloned()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_of_the_table_is_known_by_its_code() {
        for region in table().known_regions() {
            assert_eq!(known(region.as_str()).as_ref(), Some(region));
        }
        assert_eq!((known("eu-west-9"), known("")), (None, None));
    }
}
