#![doc = include_str!("../README.md")]

pub mod access;
pub mod entropy;
pub mod id;
pub mod json;
pub mod ledger;
pub mod lookup;
pub mod merchant;
pub mod money;
pub mod provider;
pub mod secret;
pub mod time;
pub mod timeline;
pub mod totals;
pub mod transaction;
pub mod vocabulary;
pub mod webhook;
