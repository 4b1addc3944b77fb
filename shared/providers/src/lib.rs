#![doc = include_str!("../README.md")]

mod admission;
mod brick;
mod callback;
mod credentials;
mod debit_order;
mod generic;
mod heard;
mod key_chain;
mod mask;
mod midtrans;
mod reader;
mod registry;
pub mod sign;
mod snap;
pub mod statements;
mod xendit;

pub use callback::{Acknowledgement, Callback, Malformed, Refusal};
pub use credentials::{Credentials, FieldProblem, check_credentials, summaries};
pub use heard::{Heard, Unbooked, hear};
pub use key_chain::KeyChain;
pub use mask::{MAX_STORED_BYTES, is_masked, stored_body};
pub use registry::{Adapter, Field, Profile, adapter};
