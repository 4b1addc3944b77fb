#![doc = include_str!("../README.md")]

pub mod arrival;
pub mod bulk;
pub mod cancel;
pub mod decide;
mod decisions;
mod desk;
mod error;
pub mod export;
pub mod fees;
mod files;
pub mod finish;
mod held;
pub mod intake;
mod merge;
pub mod partition;
mod parts;
mod rows;
pub mod schedule;
pub mod search;
pub mod shard;
mod spool;
pub mod start;
pub mod work;

pub use error::StepError;
