//! Transactions on the stage: their table, records written into it, what that costs, and what its stream tells.

use aws_lambda_events::event::dynamodb::Event;
use paywarden_domain::id::TransactionId;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::time::Clock;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::draft::Draft;
use paywarden_store::transactions::{Bind, Binding, TransactionsBinder, Write};
use serde_json::json;

use super::{TestStage, request, wired};

impl TestStage {
    /// The transactions and provider-references tables.
    #[must_use]
    pub fn transactions(&self) -> TransactionsBinder {
        wired(self.stores().transactions_binder())
    }

    /// Writes a new record of this draft and answers it.
    pub async fn add_transaction(&self, merchant: &Merchant, draft: Draft) -> Transaction {
        let transaction = draft.into_transaction(merchant, self.clock.now(), "corr-1");
        self.write(&transaction).await;
        transaction
    }

    /// Writes a further record under a reference, of the occurrence that the draft names, and answers it.
    pub async fn add_further(&self, merchant: &Merchant, draft: Draft) -> Transaction {
        let further = draft.into_transaction(merchant, self.clock.now(), "corr-1");
        let first = self.transactions().find(&TransactionId::of(&merchant.id, &further.reference, 1)).await;
        let first = first.expect("the table answers").expect("there is a first one");
        let (occurrences, version) = (further.occurrence, first.version.saturating_add(1));
        let records = [further.clone(), Transaction { occurrences, version, ..first }];
        let written = self.transactions().write(Write { records: &records, binds: &[] }).await;
        written.expect("the records can be written");
        further
    }

    /// Writes a record that was made by hand, bound to its provider's id of the payment if it has one. It has to be new, or
    /// the next version of what is there.
    pub async fn write(&self, transaction: &Transaction) {
        let provider = transaction.provider.as_ref().map(|provider| &provider.id);
        let binding = provider.zip(transaction.provider_transaction_id.as_deref());
        let bind = binding.map(|(provider, payment)| Bind {
            binding: Binding { provider, payment },
            merchant: &transaction.merchant_id,
            to: &transaction.id,
            from: None,
        });
        let write = Write { records: std::slice::from_ref(transaction), binds: bind.as_slice() };
        self.transactions().write(write).await.expect("the record can be written");
    }

    /// Writes a record and answers what that consumed, by table and index, as DynamoDB tells it.
    #[must_use]
    pub fn cost_of_writing(&self, transaction: &Transaction) -> serde_json::Value {
        let item = paywarden_store::transactions::item_json(transaction).expect("a record has an item");
        let put =
            json!({"TableName": "TransactionsTable", "Item": item, "ReturnConsumedCapacity": "INDEXES"});
        let output = self.database.put_item(request(put)).expect("the record can be written");
        serde_json::to_value(output).expect("an answer is JSON")["ConsumedCapacity"].take()
    }

    /// Writes many new records straight into the table in one go, which is quicker than over the wire.
    pub fn load(&self, transactions: &[Transaction]) {
        let item = |transaction| {
            request(paywarden_store::transactions::item_json(transaction).expect("a record has an item"))
        };
        let items = transactions.iter().map(item).collect();
        self.database
            .import_items("TransactionsTable", items, dynoxide::ImportOptions::default())
            .expect("the records can be written");
    }

    /// Everything the transactions table's stream has told so far, as Lambda gets it.
    #[must_use]
    pub fn transaction_changes(&self) -> Event {
        self.changes("TransactionsTable", None)
    }

    /// What it has told behind the change of this sequence number; everything when there is none.
    #[must_use]
    pub fn transaction_changes_behind(&self, sequence_number: Option<&str>) -> Event {
        self.changes("TransactionsTable", sequence_number)
    }
}
