#![doc = include_str!("../README.md")]

pub mod arrival;
pub mod cancel;
pub mod decide;
mod error;
mod files;
pub mod finish;
pub mod intake;
pub mod partition;
mod rows;
pub mod schedule;
pub mod shard;
mod spool;
pub mod start;
pub mod work;

pub use error::StepError;
