#![doc = include_str!("../README.md")]

mod answer;
mod api;
mod records;
mod request;
mod transport;

pub use answer::{Answer, ClientError, Refusal};
pub use api::{Api, Credentials};
pub use http::{HeaderMap, Method};
pub use records::{Page, Provider, Transaction};
pub use request::Request;
pub use transport::{OverHttp, Plain, Transport, TransportError};
