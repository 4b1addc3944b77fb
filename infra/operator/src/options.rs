//! The command line.

use clap::{Parser, Subcommand, ValueEnum};

/// `cargo xtask operator …`
#[derive(Parser)]
#[command(name = "cargo xtask operator", about = "Commands straight on the tables and keys of a stage")]
pub struct Options {
    /// The stage. `local` is the running local stack; any other is reached with the AWS credentials of the environment
    #[arg(long, default_value = "local")]
    pub stage: String,
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done.
#[derive(Subcommand)]
pub enum Command {
    /// Adds a merchant
    CreateMerchant {
        /// Its name
        name: String,
        /// Its IANA time zone
        #[arg(long, default_value = "UTC")]
        zone: String,
    },
    /// Adds an API client and shows its secret, once
    CreateClient {
        /// The merchant's id
        merchant: String,
        /// Who it is
        name: String,
        /// merchant, operations, finance, engineering or admin
        #[arg(long, default_value = "admin")]
        role: String,
    },
    /// Adds a payment provider
    CreateProvider {
        /// The merchant's id
        merchant: String,
        /// xendit, midtrans, brick, snap, debit-order or generic
        provider_type: String,
        /// The label people know it by
        name: String,
        /// A credential, as key=value; repeat for more
        #[arg(long = "credential")]
        credentials: Vec<String>,
    },
    /// Fills a fresh stage with sample merchants and a few days of payments, and tells of them in JSON
    SampleData {
        /// Where the stage's API answers; without TLS
        #[arg(long)]
        api_url: String,
        /// Where the merchants' webhooks go
        #[arg(long)]
        receiver: String,
    },
    /// Spreads a merchant's new transactions over more index partitions, each good for about 1,000 writes a second
    RaiseShards {
        /// The merchant's id
        merchant: String,
        /// How many there are to be; never fewer than before
        count: u16,
    },
    /// Adds up a merchant's transactions and compares with its running totals and counts
    CompareTotals {
        /// The merchant's id
        merchant: String,
    },
    /// Writes what a merchant's payments moved as a ledger that `cargo xtask reconcile` takes
    ExportLedger {
        /// The merchant's id
        merchant: String,
        /// The first business day, YYYY-MM-DD
        #[arg(long)]
        from: String,
        /// The last one
        #[arg(long)]
        until: String,
        /// One provider's payments only
        #[arg(long)]
        provider: Option<String>,
    },
    /// Shows the batches of streams that were given up, and with --yes handles them again
    ReplayStream {
        /// Handle them, and delete each that was
        #[arg(long)]
        yes: bool,
    },
    /// Shows what lies in the dead letters of a queue, and with --yes puts it back into the queue
    Redrive {
        queue: Redrivable,
        /// Put it back
        #[arg(long)]
        yes: bool,
    },
    /// Shows the statements whose reading failed for good, and with --yes has them read again
    RereadStatements {
        /// Have them read
        #[arg(long)]
        yes: bool,
    },
    /// Puts right what follows from a merchant's records: totals, ledger or timeline; traffic may go on
    Rebuild {
        view: View,
        /// The merchant's id
        #[arg(long)]
        merchant: String,
        /// The first day on which the records were written, YYYY-MM-DD
        #[arg(long)]
        from: String,
        /// The last one
        #[arg(long)]
        until: String,
    },
    /// Shows who changed what, newest first: of a merchant, or what operators did with the whole stage
    Audit {
        /// The merchant's id
        merchant: Option<String>,
    },
    /// Makes a new key active for signing tokens, or for sealing cursors; older ones go on verifying
    RotateKey {
        /// signing-keys or cursor-keys
        ring: String,
    },
}

/// What a command changes, for the audit trail.
pub struct Change {
    pub action: &'static str,
    /// The merchant's id; none where it is about a whole stage.
    pub merchant: Option<String>,
    /// How it was given, without secrets.
    pub arguments: String,
}

impl Command {
    /// What it changes; nothing for a command that only shows something.
    pub fn change(&self) -> Option<Change> {
        let of = |action, merchant: Option<&String>, arguments: String| {
            Some(Change { action, merchant: merchant.cloned(), arguments })
        };
        match self {
            Self::CreateMerchant { name, zone } => {
                of("create-merchant", None, format!("{name:?} --zone {zone}"))
            }
            Self::CreateClient { merchant, name, role } => {
                of("create-client", Some(merchant), format!("{merchant} {name:?} --role {role}"))
            }
            Self::CreateProvider { merchant, provider_type, name, .. } => {
                of("create-provider", Some(merchant), format!("{merchant} {provider_type} {name:?}"))
            }
            Self::SampleData { .. } => of("sample-data", None, String::new()),
            Self::RaiseShards { merchant, count } => {
                of("raise-shards", Some(merchant), format!("{merchant} {count}"))
            }
            Self::ReplayStream { yes: true } => of("replay-stream", None, "--yes".to_owned()),
            Self::Redrive { queue, yes: true } => of("redrive", None, format!("{} --yes", queue.name())),
            Self::RereadStatements { yes: true } => of("reread-statements", None, "--yes".to_owned()),
            Self::Rebuild { view, merchant, from, until } => {
                let view = format!("{view:?}").to_lowercase();
                let arguments = format!("{view} --merchant {merchant} --from {from} --until {until}");
                of("rebuild", Some(merchant), arguments)
            }
            Self::RotateKey { ring } => of("rotate-key", None, ring.clone()),
            Self::ReplayStream { yes: false }
            | Self::Redrive { yes: false, .. }
            | Self::RereadStatements { yes: false }
            | Self::CompareTotals { .. }
            | Self::ExportLedger { .. }
            | Self::Audit { .. } => None,
        }
    }
}

/// Queues whose dead letters may go back. What reconciliation gave up has failed its run, which is started anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Redrivable {
    TransactionEvents,
    WebhookDeliveries,
    WebhookRetries,
}

impl Redrivable {
    /// Its name behind the stage's.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TransactionEvents => "transaction-events",
            Self::WebhookDeliveries => "webhook-deliveries",
            Self::WebhookRetries => "webhook-retries",
        }
    }
}

/// What can be rebuilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum View {
    Totals,
    Ledger,
    Timeline,
}
