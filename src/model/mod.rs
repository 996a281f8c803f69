//! The vocabulary of all modules: account id, Region, target, setting, value, severity, clock, and reasons for unread.
//!
//! It uses no other module. Every type here is built by a parsing constructor, so a value that exists is a valid one.

mod account;
mod account_id;
mod clock;
mod desired;
mod digest;
mod inventory;
mod region;
mod region_table;
mod setting;
mod severity;
mod shard;
mod source;
mod specificity;
mod target;
mod unread;
mod value;
mod waiver;

pub use account::{Account, AccountState, Unit, UnknownAccountState};
pub use account_id::{AccountId, InvalidAccountId};
pub use clock::{Clock, is_to_come};
pub use desired::{Candidate, DesiredSetting, DesiredSettings, DesiredState, DesiredTarget, Origin};
pub use digest::sha256;
pub use inventory::{Inventory, InventoryFields};
pub use region::{InvalidRegion, Partition, Region};
pub use region_table::{RegionTable, TABLE_DATE};
pub use setting::{Catalog, ChangeMethod, NeedsResource, SettingId, SettingKind, SettingSpec, Settings};
pub use severity::Severity;
pub use shard::{InvalidShard, Shard};
pub use source::Environment;
pub use specificity::{AccountSpecificity, RegionSpecificity, Specificity};
pub use target::{Resource, Target};
pub use unread::{Denial, DenyingLayer, Evidence, KEPT_AT_MOST, Unread, UnreadReason, kept};
pub use value::{Accepted, Value};
pub use waiver::{ENDING_WITHIN_DAYS, Waiver, WaiverMatch};
