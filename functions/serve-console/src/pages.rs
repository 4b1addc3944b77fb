//! The pages. Each reads its address, asks the API, and puts together what it got; a column or a filter is one line of its page.

pub mod audit;
pub mod clients;
pub mod exceptions;
pub mod exports;
pub mod fees;
pub mod find;
pub mod home;
pub mod logs;
pub mod names;
pub mod providers;
pub mod reconciliation;
pub mod reference;
pub mod runs;
pub mod sessions;
pub mod setting;
pub mod settings;
pub mod statements;
pub mod transaction;
pub mod transactions;
pub mod unmatched;
pub mod webhooks;
