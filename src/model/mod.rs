//! The vocabulary of all modules: account id, Region, target, setting, value, severity, clock, and reasons for unread.
//!
//! It uses no other module. Every type here is built by a parsing constructor, so a value that exists is a valid one.

mod accepted;
mod account;
mod desired;
mod filled_in;
mod inventory;
mod live_value;
mod placeholder;
mod region;
mod resource;
mod run;
mod setting;
mod severity;
mod specificity;
mod target;
mod unread;
mod value;
mod web_url;
mod window;

pub use accepted::{Accepted, AcceptedItem, TextPattern};
pub use account::{Account, AccountId, AccountNumber, AccountState, InvalidAccountId, Unit, UnknownAccountState};
pub use desired::{
    Candidate, DesiredSetting, DesiredSettings, DesiredState, DesiredTarget, ENDING_WITHIN_DAYS, Origin, Waivable,
    Waiver, WaiverMatch, WaiverState, WaiverTerms,
};
pub use inventory::{InvalidShard, Inventory, InventoryFields, SelectionMatcher, Shard, TargetSelection};
pub use live_value::{LiveValue, RuleCount, VersionedValues};
pub use placeholder::Placeholder;
pub use region::{InvalidRegion, Partition, Region, RegionTable, TABLE_DATE};
pub use resource::Resource;
pub use run::{Clock, Environment, is_to_come, sha256};
pub use setting::{Catalog, ChangeMethod, NeedsResource, SettingId, SettingSpec, Settings};
pub use severity::Severity;
pub use specificity::{AccountSpecificity, RegionSpecificity, Specificity};
pub use target::Target;
pub use unread::{Denial, DenyingLayer, Evidence, KEPT_AT_MOST, Unread, UnreadReason, kept};
pub use value::{OwnKey, SettingKind, TextForm, Value};
pub use web_url::{ConsoleUrl, InvalidWebUrl, WebUrl};
pub use window::{InvalidWindow, Window};
