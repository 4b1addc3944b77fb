//! The record from the outside: recorded by a merchant, changed by providers' reports, shown in two shapes.

#![allow(clippy::unwrap_used, reason = "what these helpers unwrap, the test made")]

mod applying;
mod charging;
mod crowd;
mod deciding;
mod law;
mod moving;
mod recording;
mod shapes;
