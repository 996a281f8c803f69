//! Answers as they come in, before the SDK reads them: how large they may be, and what of them may be odd.

mod json;
mod limit;
mod malformed_fields;

pub(super) use json::{ErrorWords, Once, error_words, without_namespace};
pub(super) use limit::{Limit, TooLarge, careful, limit_of};
pub(super) use malformed_fields::{Odd, OddField, unfit};
