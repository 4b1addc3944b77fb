//! The console in a real browser: Chromium without a window, driven by ChromeDriver, against the deployed stack.

mod browser;
mod everywhere;
mod faults;
mod operations;
mod people;
mod screenshots;
mod script;
mod sign_in;
mod visitor;
mod webhooks;
