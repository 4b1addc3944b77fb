#![doc = include_str!("../README.md")]

pub mod credentials;
pub mod keeper;
pub mod monitor;
pub mod order;
pub mod renewal;
pub mod settings;
mod stuck;
pub mod view;
