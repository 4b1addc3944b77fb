//! Runs on the stage, and what their table's stream tells.

use aws_lambda_events::event::dynamodb::Event;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_domain::reconciliation::Outcome;
use paywarden_domain::reconciliation::run::{Run, RunState};
use paywarden_domain::statement::Statement;
use paywarden_domain::time::Clock;
use serde_json::json;

use super::TestStage;
use crate::builders;

impl TestStage {
    /// Adds what finance works with: a provider, its statement, a run over that, and the run's two exceptions.
    pub async fn add_run(&self, merchant: &Merchant) -> (Provider, Statement, Run) {
        let provider = self.add_provider(merchant, ProviderType::Xendit, &json!({})).await;
        let statement = builders::statement(&provider);
        let run = builders::run(&statement);
        let table = self.reconciliation();
        table.put_statement(&statement).await.expect("a statement can be written");
        table.create_run(&run).await.expect("the run is new");
        let exceptions = [
            builders::exception(&run, 0, Outcome::AmountOver),
            builders::exception(&run, 1, Outcome::MissingInternal),
        ];
        for exception in &exceptions {
            table.put_exception(exception).await.expect("the exception is new");
        }
        let found = exceptions.iter().map(|exception| (exception.outcome, &exception.id));
        table.note_findings(&run.id, found).await.expect("findings can be written");
        (provider, statement, run)
    }

    /// Adds a run that is completed, with its summary.
    pub async fn add_completed_run(&self, merchant: &Merchant) -> Run {
        let (_, _, queued) = self.add_run(merchant).await;
        let summary = json!({"conserved": true}).to_string();
        let completed = builders::run_in(&queued, RunState::Completed, self.clock.now());
        let run = Run { summary: Some(summary), ..completed };
        self.reconciliation().replace_run(&run).await.expect("the run is as it was");
        run
    }

    /// Everything the reconciliation table's stream has told so far, as Lambda gets it.
    #[must_use]
    pub fn reconciliation_changes(&self) -> Event {
        self.changes("ReconciliationTable", None)
    }
}
