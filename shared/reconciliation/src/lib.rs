#![doc = include_str!("../README.md")]

mod error;
pub mod finish;
pub mod intake;
pub mod partition;
mod rows;
pub mod shard;
pub mod start;
pub mod work;

pub use error::StepError;
