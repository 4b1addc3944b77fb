//! The law: whatever is said about a reference, in whatever order, however often, ends the same: every view by reference, what
//! it moved in the books, and what stands for it; the numbers of occurrences aside.

use std::collections::BTreeMap;

use paywarden_domain::id::ProviderId;
use paywarden_domain::ledger::entries;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::provider::{Provider, ProviderType};
use paywarden_domain::time::Timestamp;
use paywarden_domain::transaction::Transaction;
use paywarden_domain::transaction::apply::{Origin, expire, first_seen};
use paywarden_domain::transaction::draft::{Draft, Recording};
use paywarden_domain::transaction::family::{Family, answering, decide, released};
use paywarden_domain::transaction::record::TransactionRecord;
use paywarden_domain::transaction::refund::Refund;
use paywarden_domain::transaction::report::{Happening, Report};
use paywarden_domain::vocabulary::{Method, Status};
use paywarden_testing::builders;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

const REFERENCE: &str = "INV0045";
const NOW: &str = "2026-11-20T08:00:00Z";

/// Something that is said about the reference.
#[derive(Debug, Clone)]
enum Message {
    /// The merchant records it, naming a provider or none.
    Post(Option<ProviderType>),
    /// A provider reports.
    Report(ProviderType, Box<Report>),
    /// Its time to pay runs out.
    Sweep,
}

/// The records of the reference, as the tables would have them.
#[derive(Clone)]
struct Book {
    merchant: Merchant,
    records: Vec<Transaction>,
    /// The occurrence that each provider's id of a payment leads to.
    bound: BTreeMap<(String, String), u32>,
}

fn provider(provider_type: ProviderType) -> Provider {
    builders::charging(builders::provider(&builders::merchant("one"), provider_type))
}

fn origin(provider_type: ProviderType) -> Origin {
    builders::origin(&provider(provider_type), NOW)
}

fn known(id: &ProviderId) -> Provider {
    ProviderType::ALL.iter().map(|one| provider(*one)).find(|provider| provider.id == *id).unwrap()
}

fn now() -> Timestamp {
    builders::at(NOW)
}

impl Book {
    fn new() -> Self {
        Self { merchant: builders::merchant("one"), records: Vec::new(), bound: BTreeMap::new() }
    }

    fn of(messages: &[Message]) -> Self {
        let mut book = Self::new();
        for message in messages {
            book.hear(message);
        }
        // Whoever sweeps comes again.
        for _ in 0..3 {
            if messages.iter().any(|message| matches!(message, Message::Sweep)) {
                book.hear(&Message::Sweep);
            }
        }
        book
    }

    fn hear(&mut self, message: &Message) {
        match message {
            Message::Post(provider_type) => self.post(*provider_type),
            Message::Report(provider_type, report) => self.report(report, &origin(*provider_type)),
            Message::Sweep => {
                for record in &mut self.records {
                    if let Some(expired) = expire(record, now()) {
                        *record = expired;
                    }
                }
            }
        }
    }

    fn post(&mut self, provider_type: Option<ProviderType>) {
        let mut draft = Draft {
            method: Method::Qris,
            provider: provider_type.map(|one| provider(one).binding()),
            expired_at: Some(builders::at("2026-11-20T07:30:00Z")),
            ..builders::draft(REFERENCE)
        };
        draft.merchant_fields.customers_id = Some("cus_1".to_owned());
        let Some(first) = self.records.first().cloned() else {
            self.records.push(draft.into_transaction(&self.merchant, now(), "corr"));
            return;
        };
        let recorded = draft.clone().over(&first, now(), "corr");
        assert_ne!(recorded, Recording::Conflict, "the same is posted every time");
        if let Recording::Filled(filled) = recorded {
            self.put(*filled);
        }
        for further in self.records.clone().iter().skip(1) {
            if let Some(filled) = draft.over_further(further) {
                self.put(filled);
            }
        }
    }

    fn report(&mut self, report: &Report, origin: &Origin) {
        let Some(first) = self.records.first().cloned() else {
            if let Some(opened) = first_seen(&self.merchant, REFERENCE, None, report, origin) {
                self.bind(report, origin, &opened);
                self.put(opened);
            }
            return;
        };
        let home = self.home(report, origin).cloned();
        let others = self.records.iter().skip(1).cloned().collect::<Vec<_>>();
        let carrier = first.provider.as_ref().map(|bound| known(&bound.id));
        let terms = carrier.map(|carrier| carrier.terms()).unwrap_or_default();
        let family = Family { first: &first, others: &others, first_terms: &terms };
        let decision = decide(&self.merchant, family, home.as_ref(), report, origin);
        for record in &decision.writes {
            let before = self.records.iter().find(|one| one.id == record.id);
            assert_eq!(record.version, before.map_or(1, |before| before.version + 1), "{report:?}");
        }
        self.bind(report, origin, &decision.subject);
        decision.writes.iter().for_each(|record| self.rebind(record));
        decision.writes.iter().for_each(|record| self.put(record.clone()));
        let now = self.records.iter().find(|one| one.id == decision.subject.id).unwrap().clone();
        if let Some(held) = released(&now) {
            self.report(&held.report, &builders::origin(&known(&held.provider.id), NOW));
        }
    }

    /// Where payments have changed places, their ids lead there.
    fn rebind(&mut self, record: &Transaction) {
        for attempt in record.attempts() {
            let key =
                attempt.provider.map(|provider| provider.id.to_string()).zip(attempt.provider_transaction_id);
            if let Some(bound) = key.and_then(|key| self.bound.get_mut(&key)) {
                *bound = record.occurrence;
            }
        }
    }

    fn key(report: &Report, origin: &Origin) -> Option<(String, String)> {
        Some((origin.provider.id.to_string(), report.provider_transaction_id.clone()?))
    }

    fn home(&self, report: &Report, origin: &Origin) -> Option<&Transaction> {
        let occurrence = self.bound.get(&Self::key(report, origin)?)?;
        self.records.iter().find(|record| record.occurrence == *occurrence)
    }

    fn bind(&mut self, report: &Report, origin: &Origin, subject: &Transaction) {
        let payment = report.provider_transaction_id.as_deref();
        let is_of_it = subject.attempts().iter().any(|one| one.is(&origin.provider.id, payment));
        if let Some(key) = Self::key(report, origin).filter(|_| is_of_it) {
            self.bound.insert(key, subject.occurrence);
        }
    }

    fn put(&mut self, record: Transaction) {
        match self.records.iter_mut().find(|one| one.id == record.id) {
            Some(known) => *known = record,
            None => self.records.push(record),
        }
    }

    /// What anybody can see, without what tells when and how often it was written.
    fn views(&self) -> Value {
        let view = |record: &Transaction| {
            let mut shown =
                serde_json::to_value(TransactionRecord::new(record, &self.merchant.zone)).unwrap();
            for name in ["id", "occurrence", "version", "updated_at", "status_changed_at", "created_at"] {
                shown.as_object_mut().unwrap().remove(name);
            }
            let moved: Vec<String> = entries(record)
                .iter()
                .map(|entry| format!("{} {} {} {}", entry.entry_type, entry.side, entry.amount, entry.at))
                .collect();
            json!({"record": shown, "payment": record.provider_transaction_id, "moved": moved})
        };
        let mut views: Vec<Value> = self.records.iter().map(view).collect();
        views.sort_by_key(Value::to_string);
        json!({"records": views, "answer": answering(&self.records).map(view)})
    }
}

fn reported(payment: Option<&str>, status: Status, minute: u32, amount: &str) -> Report {
    Report {
        provider_transaction_id: payment.map(str::to_owned),
        money: Some(builders::money(amount, "IDR")),
        message: Some(format!("{status} at {minute}")),
        ..builders::report(REFERENCE, status, &format!("2026-11-20T07:{minute:02}:00Z"))
    }
}

fn reports() -> impl Strategy<Value = Message> {
    let types = select(&[ProviderType::Xendit, ProviderType::Midtrans][..]);
    let payments = select(&["pay_1", "pay_2", "pay_3"][..]);
    (types, payments, select(Status::ALL), 0_u32..5).prop_map(|(provider_type, payment, status, minute)| {
        Message::Report(provider_type, Box::new(reported(Some(payment), status, minute, "10000")))
    })
}

/// Parts of a payment that go back, often all of it.
fn refunds() -> impl Strategy<Value = Message> {
    let (payments, ids) = (select(&["pay_1", "pay_2"][..]), select(&["r1", "r2", "r3"][..]));
    let amounts = select(&["2500", "5000", "7500", "10000"][..]);
    (payments, ids, amounts, 0_u32..5).prop_map(|(payment, id, amount, minute)| {
        let at = builders::at(&format!("2026-11-20T07:1{minute}:00Z"));
        let refund = Refund { id: id.to_owned(), at, money: builders::money(amount, "IDR") };
        let happening = Happening::PartialRefund { refunds: vec![refund] };
        let report =
            Report { happening, money: None, ..reported(Some(payment), Status::Paid, minute, "10000") };
        Message::Report(ProviderType::Xendit, Box::new(report))
    })
}

/// The same messages in another order, some of them twice.
fn disordered(messages: &[Message], seed: u64) -> Vec<Message> {
    let mut state = seed | 1;
    let mut next = |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % bound
    };
    let mut all = messages.to_vec();
    for _ in 0..messages.len() / 2 {
        all.extend(messages.get(next(messages.len())).cloned());
    }
    for index in (1..all.len()).rev() {
        all.swap(index, next(index + 1));
    }
    all
}

fn holds(messages: &[Message], seed: u64) -> Result<(), TestCaseError> {
    let other = disordered(messages, seed);
    let (straight, crooked) = (Book::of(messages).views(), Book::of(&other).views());
    prop_assert_eq!(
        serde_json::to_string_pretty(&straight).unwrap(),
        serde_json::to_string_pretty(&crooked).unwrap(),
        "in this order: {:#?}",
        other
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_providers_report(
        messages in prop::collection::vec(reports(), 1..8),
        seed in any::<u64>(),
    ) {
        holds(&messages, seed)?;
    }

    #[test]
    fn of_an_order_that_the_merchant_recorded_and_that_may_expire(
        post in prop::option::of(select(&[ProviderType::Xendit, ProviderType::Midtrans][..])),
        reports in prop::collection::vec(reports(), 0..7),
        sweeps in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let sweep = sweeps.then_some(Message::Sweep);
        let messages: Vec<Message> =
            std::iter::once(Message::Post(post)).chain(reports).chain(sweep).collect();
        holds(&messages, seed)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    /// Of a payment that is known: what is refunded of an unknown one, nobody can tell.
    #[test]
    fn of_an_order_whose_payments_are_refunded(
        reports in prop::collection::vec(prop_oneof![reports(), refunds()], 0..9),
        seed in any::<u64>(),
    ) {
        let post = Message::Post(Some(ProviderType::Xendit));
        let told = |reports: Vec<Message>| {
            Book::of(&[std::slice::from_ref(&post), reports.as_slice()].concat()).views()
        };
        let other = disordered(&reports, seed);
        prop_assert_eq!(told(reports), told(other.clone()), "in this order: {:#?}", other);
    }
}

/// Reports of payments, of which one is of another amount than the order; many of them name no amount.
fn reports_without_amounts() -> impl Strategy<Value = Message> {
    let payments = select(&[("pay_1", "10000"), ("pay_2", "9000"), ("pay_3", "10000")][..]);
    let told = (payments, select(Status::ALL), 0_u32..5, any::<bool>());
    told.prop_map(|((payment, amount), status, minute, is_named)| {
        let report = reported(Some(payment), status, minute, amount);
        let money = report.money.filter(|_| is_named);
        Message::Report(ProviderType::Generic, Box::new(Report { money, ..report }))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    /// Until a provider names the amount of a payment, it is taken to be the order's.
    #[test]
    fn of_an_order_whose_payments_name_no_amount_at_first(
        reports in prop::collection::vec(reports_without_amounts(), 0..8),
        seed in any::<u64>(),
    ) {
        let post = Message::Post(None);
        let told = |reports: Vec<Message>| {
            Book::of(&[std::slice::from_ref(&post), reports.as_slice()].concat()).views()
        };
        let other = disordered(&reports, seed);
        let words = format!("{:?} and {:?}", in_words(&reports), in_words(&other));
        prop_assert_eq!(told(reports), told(other), "{}", words);
    }
}

/// What is reported, in a line each.
fn in_words(messages: &[Message]) -> Vec<String> {
    let reported = |message: &Message| match message {
        Message::Report(_, report) => {
            let (payment, money) = (report.provider_transaction_id.as_deref(), report.money);
            format!("{payment:?} {:?} of {money:?}", report.message)
        }
        other => format!("{other:?}"),
    };
    messages.iter().map(reported).collect()
}

/// What a payments person expects of the commonest disorders, in every order.
#[test]
fn tries_and_payments_are_told_apart() {
    use Status::{Expired, Failed, Paid, Pending};
    type Case<'a> = (&'a str, &'a [(&'a str, Status, u32)], &'a [Status]);
    let cases: &[Case<'_>] = &[
        (
            "a virtual account that expires after a QR was paid",
            &[("a", Pending, 0), ("b", Paid, 5), ("a", Expired, 25)],
            &[Paid],
        ),
        ("a card refused, then another accepted", &[("a", Failed, 0), ("b", Paid, 4)], &[Paid]),
        (
            "a code that is paid three times",
            &[("a", Paid, 1), ("b", Paid, 2), ("c", Paid, 3)],
            &[Paid, Paid, Paid],
        ),
        ("a second try under way", &[("a", Failed, 1), ("b", Pending, 0)], &[Pending]),
        ("two tries, both refused", &[("a", Expired, 1), ("b", Failed, 2)], &[Failed]),
    ];
    for (name, reports, expected) in cases {
        let messages: Vec<Message> = reports
            .iter()
            .map(|(payment, status, minute)| {
                let report = reported(Some(payment), *status, *minute, "10000");
                Message::Report(ProviderType::Midtrans, Box::new(report))
            })
            .chain([Message::Post(Some(ProviderType::Midtrans))])
            .collect();
        for seed in 0..50 {
            let book = Book::of(&disordered(&messages, seed));
            let statuses: Vec<Status> = book.records.iter().map(Transaction::status).collect();
            assert_eq!(statuses, *expected, "{name}, order {seed}");
        }
    }
}

/// A provider that names no payment says that money went back, of an order that another one was paid for.
#[test]
fn what_was_undone_without_a_name_hides_no_payment() {
    let messages = [
        Message::Report(ProviderType::Xendit, Box::new(reported(Some("a"), Status::Paid, 1, "10000"))),
        Message::Report(ProviderType::Midtrans, Box::new(reported(None, Status::Reversed, 5, "10000"))),
    ];
    let expected = Book::of(&messages).views();
    for seed in 0..20 {
        let book = Book::of(&disordered(&messages, seed));
        let shown: Vec<_> = book.records.iter().map(|one| (one.status(), one.charges.is_some())).collect();
        assert_eq!(shown, [(Status::Paid, true)], "order {seed}");
        assert_eq!(book.views(), expected, "order {seed}");
    }
}
