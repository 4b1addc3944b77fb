//! Cargo does not strip a program whose package has a setting of its own in the profile, as this one has `opt-level`. The linker
//! leaves the names of functions out instead, which would be a tenth of what is deployed.

#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "cargo speaks by variables and listens to what is printed"
)]

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        println!("cargo::rustc-link-arg-bins=-Wl,--discard-all");
    }
}
