#![doc = include_str!("../README.md")]

pub mod answer;
pub mod batch;
pub mod body;
pub mod caller;
pub mod config;
pub mod csv;
pub mod cursor;
pub mod http;
pub mod logging;
pub mod problem;
pub mod query;
pub mod request;
pub mod system;
pub mod token;
pub mod worker;
