//! Finding, reading, writing, appending to and locking files, with checks of links and owners.

mod error;
mod folder;
mod gzip;
mod lock;
mod output;
mod ownership;
mod path;
mod read;
mod replace;
mod stream;

pub use error::{PathError, ReadError, WriteError, WriteErrorKind};
pub(crate) use folder::{FolderFiles, folder_takes, probe_folder, write_folder};
pub(crate) use gzip::{has_gzip_extension, uncompressed};
pub use lock::{Lock, LockError, Locked, lock_by_name, lock_exclusive, lock_shared};
pub(crate) use output::{append, create, new_file, probe, probe_append, probe_new, sync_name, write_saved};
pub use ownership::NewFile;
pub(crate) use ownership::distrust;
pub(crate) use path::{
    is_below, is_open_descriptor, is_same_content, is_same_place, is_standard_output, leads_outside, real,
};
pub(crate) use read::{
    SAVED_MOST, is_gzip, open, read, read_saved, read_saved_beginning, read_saved_text, read_shared, read_shared_text,
    read_text, reopen, strip_byte_order_mark,
};
pub(crate) use replace::remove_temporary_files;
pub(crate) use stream::probe_standard_output;
