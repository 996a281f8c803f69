//! The Regions of the simulated AWS.

use std::sync::OnceLock;

use crate::model::RegionTable;

/// The bundled Region table, built once: a world names Regions by the ten thousand.
pub(super) fn table() -> &'static RegionTable {
    static TABLE: OnceLock<RegionTable> = OnceLock::new();
    TABLE.get_or_init(RegionTable::bundled)
}
