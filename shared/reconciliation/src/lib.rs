#![doc = include_str!("../README.md")]

pub mod arrival;
pub mod cancel;
pub mod decide;
mod error;
pub mod finish;
pub mod intake;
pub mod partition;
mod rows;
pub mod schedule;
pub mod shard;
pub mod start;
pub mod work;

pub use error::StepError;
