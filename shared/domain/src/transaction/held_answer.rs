//! What is held on a record, as the API shows it, with what was decided.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::money::Money;
use crate::time::Zone;
use crate::transaction::decision::{Decision, HeldId};
use crate::transaction::held::HeldReport;
use crate::transaction::refund::Refund;
use crate::transaction::{ProviderBinding, Transaction};

impl Transaction {
    /// Everything that is or was held, one entry for each thing to decide. Times are on the clocks of `zone`.
    #[must_use]
    pub fn held_answer(&self, zone: &Zone) -> Vec<Value> {
        let mut amounts: BTreeMap<HeldId, (&str, String, Vec<Value>)> = BTreeMap::new();
        for held in self.held_reports() {
            let entry = amounts.entry(HeldId::of_report(held));
            let (_, _, reports) = entry.or_insert_with(|| (&held.amount, held.currency.clone(), Vec::new()));
            reports.push(report(held, zone));
        }
        let amounts = amounts.into_iter().map(|(id, (amount, currency, reports))| {
            self.entry(&id, "amount", (amount, &currency), reports, zone)
        });
        let refunds = self.refunds.of(self.settled()).1.into_iter().map(|refund| {
            let (amount, currency) = texts(refund.money);
            let reports = vec![refunded(refund, zone)];
            self.entry(&HeldId::of_refund(refund), "refund", (&amount, &currency), reports, zone)
        });
        // What was accepted is held no more.
        let accepted = self.decisions.iter().filter_map(|(id, decision)| {
            let (amount, currency) = texts(decision.money?);
            Some(self.entry(id, "amount", (&amount, &currency), Vec::new(), zone))
        });
        amounts.chain(refunds).chain(accepted).collect()
    }

    fn entry(
        &self,
        id: &HeldId,
        kind: &str,
        (amount, currency): (&str, &str),
        reports: Vec<Value>,
        zone: &Zone,
    ) -> Value {
        json!({
            "held_id": id,
            "kind": kind,
            "amount": amount,
            "currency": currency,
            "reports": reports,
            "decision": self.decisions.find(id).map(|decision| decided(decision, zone)),
        })
    }

    /// Who reported what is held; the record's own provider where that was not kept.
    #[must_use]
    pub fn provider_of_held(&self, id: &HeldId) -> Option<&ProviderBinding> {
        let held = self.held.iter().find(|held| HeldId::of_report(held) == *id);
        let payment = held.and_then(|held| held.payment.as_ref());
        payment.map(|payment| &payment.provider).or(self.provider.as_ref())
    }
}

fn texts(money: Money) -> (String, String) {
    (money.amount_text(), money.currency().to_string())
}

fn report(held: &HeldReport, zone: &Zone) -> Value {
    let payment = held.payment.as_ref();
    json!({
        "status": held.status,
        "occurred_at": zone.offset_text(held.occurred_at),
        "provider_id": payment.map(|payment| &payment.provider.id),
        "provider_transaction_id": payment.and_then(|payment| payment.report.provider_transaction_id.as_ref()),
    })
}

fn refunded(refund: &Refund, zone: &Zone) -> Value {
    json!({
        "status": null,
        "occurred_at": zone.offset_text(refund.at),
        "provider_id": null,
        "provider_transaction_id": null,
    })
}

fn decided(decision: &Decision, zone: &Zone) -> Value {
    json!({
        "ruling": decision.ruling,
        "by": decision.by,
        "at": zone.offset_text(decision.at),
        "reason": decision.reason,
    })
}
