//! The tries to pay an order, as the API shows them.

use serde_json::{Value, json};

use crate::time::Zone;
use crate::transaction::Transaction;

impl Transaction {
    /// Every try with what its own reports come to, in the order of their ids. One stands: it is what the record shows, together
    /// with what its provider reported without naming a try. Times are on the clocks of `zone`.
    #[must_use]
    pub fn attempts_answer(&self, zone: &Zone) -> Vec<Value> {
        let shown =
            (self.provider.as_ref().map(|provider| &provider.id), self.provider_transaction_id.as_deref());
        let attempts = self.attempts();
        let entries = attempts.iter().map(|attempt| {
            let provider = attempt.provider.as_ref();
            let payment = attempt.provider_transaction_id.as_deref();
            let status = attempt.reports.status(self.method);
            let unpaid = attempt.unpaid.as_ref().filter(|_| status.is_refused_or_undone());
            json!({
                "provider_id": provider.map(|provider| &provider.id),
                "provider_name": provider.map(|provider| &provider.name),
                "provider_transaction_id": payment,
                "status": status,
                "reported_at": attempt.reports.told_at(self.method).map(|moment| zone.offset_text(moment)),
                "unpaid_reason": unpaid.map(|reason| &reason.text),
                "stands": (provider.map(|provider| &provider.id), payment) == shown,
            })
        });
        entries.collect()
    }
}
