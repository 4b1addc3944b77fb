//! The record from the outside: recorded by a merchant, changed by providers' reports, shown in two shapes.

mod applying;
mod recording;
mod shapes;
