#![doc = include_str!("../README.md")]

pub mod attempt;
mod breaker;
pub mod deliver;
pub mod drain;
pub mod endpoints;
pub mod errand;
pub mod gather;
pub mod lanes;
pub mod news;
mod park;
mod note;
pub mod plan;
mod pointer;
pub mod replay;
pub mod replaying;
mod post;
mod probe;
mod resolver;
mod standing;
pub mod sweep;

pub use standing::EndpointKey;
