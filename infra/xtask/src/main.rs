//! The project's commands. `cargo xtask --help` lists them.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line speaks to people")]
#![allow(
    clippy::disallowed_methods,
    reason = "a command line reads its environment and the clock on the wall"
)]
#![allow(
    clippy::indexing_slicing,
    reason = "only JSON values are indexed here, and a missing member is null"
)]

mod bench;
mod browser;
mod build;
mod check;
mod clients;
mod deploy;
mod documented;
mod doors;
mod emulator;
mod expanded;
mod features;
mod fingerprint;
mod front_door;
mod gateway_responses;
mod identity_provider;
mod inner_loop;
mod logs;
mod new_function;
mod openapi;
mod operator;
mod paths;
mod progress;
mod receiver;
mod receivers;
mod reconcile;
mod rules;
mod simulate;
mod stack;
mod summary;
mod template;
mod test;
mod tools;
mod up;

use clap::{Parser, Subcommand};
use paths::StackDir;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Paywarden's commands")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Starts the local stack, or redeploys to the one that runs
    Up {
        /// Leave it running in the background
        #[arg(long)]
        detach: bool,
        /// Another folder for its state: such a stack takes free ports and leaves others alone
        #[arg(long)]
        private: Option<std::path::PathBuf>,
    },
    /// Stops the local stack
    Down {
        /// The folder given to `up`
        #[arg(long)]
        private: Option<std::path::PathBuf>,
    },
    /// Shows what functions wrote to their logs
    Logs {
        /// One function; all of them without
        function: Option<String>,
        /// Go on as lines are written
        #[arg(long, short)]
        follow: bool,
        /// The folder given to `up`
        #[arg(long)]
        private: Option<std::path::PathBuf>,
    },
    /// Checks, then runs every test: in process, and end to end on a private local stack
    Test,
    /// Formatting, lints, licences, the template, generated files
    Check,
    /// Measures: `list` (read units of pages at a thousand and a million rows), `cost` (units and dollars by
    /// operation), `reconcile` (time and memory beside duckdb, polars and pandas), `console` (time and bytes of a
    /// page, bytes of the program)
    Bench {
        /// Which
        name: bench::Name,
    },
    /// Reconciles a ledger file with a statement file; `--help` behind it lists the options
    Reconcile {
        /// What the engine takes
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Runs worlds of payments from seeds and holds them to the law; `--help` behind it lists the options
    Simulate {
        /// What the program takes
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Clients in Python and TypeScript, generated from the document of a running stack and used against it
    Clients {
        /// The folder given to `up`
        #[arg(long)]
        private: Option<std::path::PathBuf>,
    },
    /// Takes the pictures of the console that the README shows, of the stack that is up
    Screenshots,
    /// Known vulnerabilities of dependencies; needs the network
    Advisories,
    /// Writes the API document, or checks that it is current
    Openapi {
        /// Change nothing; fail if the document is out of date
        #[arg(long)]
        check: bool,
    },
    /// Writes the table of functions in functions/README.md, or checks that it is current
    Doors {
        /// Change nothing; fail if the table is out of date
        #[arg(long)]
        check: bool,
    },
    /// Lays down a function of the API: crate, samples, template entry, document entry
    NewFunction(new_function::Options),
    /// What an operator does with credentials of the account: merchants, clients, providers, keys
    Operator {
        /// What the program takes; `--help` behind it lists the commands
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Up { detach: true, private } => up::detached(&StackDir::new(private)).await,
        Command::Up { detach: false, private } => up::run(&StackDir::new(private)).await,
        Command::Down { private } => up::down(&StackDir::new(private)).await,
        Command::Logs { function, follow, private } => {
            logs::show(&StackDir::new(private), function.as_deref(), follow).await
        }
        Command::Test => test::run().await,
        Command::Check => check::run(),
        Command::Bench { name } => bench::run(name),
        Command::Reconcile { arguments } => reconcile::run(&arguments),
        Command::Simulate { arguments } => simulate::run(&arguments),
        Command::Clients { private } => clients::run(&StackDir::new(private)),
        Command::Screenshots => test::screenshots(),
        Command::Advisories => check::advisories(),
        Command::Openapi { check } => openapi::run(check),
        Command::Doors { check } => doors::run(check),
        Command::NewFunction(options) => new_function::run(options),
        Command::Operator { arguments } => operator::run(&arguments),
    }
}
