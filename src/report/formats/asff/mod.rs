//! The report for Security Hub: findings in the AWS Security Finding Format, in files of which each is one import.

mod files;
mod finding;
mod map;

pub use files::{asff_files, is_asff_file, write_asff};
