//! Session Manager sessions of an account in a Region: rules that each of them must keep.

mod settings;

pub use settings::{
    ACCESS_TYPE, COUNT, DOCUMENT_NAME, DURATION, ENDED_WITHIN, MAX_SESSION_DURATION, OWNER, REASON, STATUS, TARGET,
};
