#![doc = include_str!("../README.md")]

mod callback;
mod credentials;
mod debit_order;
mod generic;
mod mask;
mod midtrans;
mod reader;
mod registry;
mod xendit;

pub use callback::{Acknowledgement, Callback, Malformed, Refusal};
pub use credentials::{Credentials, FieldProblem, check_credentials};
pub use mask::{MAX_STORED_BYTES, stored_body};
pub use registry::{Adapter, Field, adapter};

#[cfg(test)]
mod samples;
