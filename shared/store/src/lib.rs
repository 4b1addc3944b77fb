#![doc = include_str!("../README.md")]

pub mod audit;
pub mod aws;
mod cache;
pub mod clients;
pub mod dynamo;
pub mod env;
mod error;
pub mod failures;
pub mod health;
pub mod kept_answers;
pub mod keys;
pub mod ledger;
pub mod merchants;
pub mod objects;
pub mod patience;
pub mod providers;
pub mod put_aside;
pub mod queue;
pub mod reconciliation;
pub mod repeat;
pub mod report_keys;
pub mod services;
pub mod sessions;
pub mod stores;
pub mod stream;
pub mod surroundings;
pub mod system;
pub mod timeline;
pub mod totals;
pub mod transactions;
pub mod vault;
pub mod webhooks;

pub use error::{Retryable, StoreError, passing_over};
