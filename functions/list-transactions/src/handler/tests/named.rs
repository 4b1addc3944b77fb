//! Payments that the caller names.

use super::*;

/// Lets a provider's id of a payment lead to a record.
async fn bind(door: &TestDoor<Deps>, provider: &ProviderId, payment: &str, to: &Transaction) {
    let binding = Binding { provider, payment };
    let binds = [Bind { binding, merchant: &to.merchant_id, to: &to.id, from: None }];
    let binder = door.stage.stores().transactions_binder().unwrap();
    binder.write(Write { records: &[], binds: &binds }).await.unwrap();
}

#[tokio::test]
async fn a_providers_id_leads_to_its_payment() {
    let door = open().await;
    let one = add(&door, "ONE", Method::Qris, "2026-11-01T03:00:00Z").await;
    let two = add(&door, "TWO", Method::EWallet, "2026-11-02T03:00:00Z").await;
    let xendit = door.stage.add_provider(&door.merchant, ProviderType::Xendit, &json!({})).await.id;
    let midtrans = door.stage.add_provider(&door.merchant, ProviderType::Midtrans, &json!({})).await.id;
    bind(&door, &xendit, "pay_1", &one).await;
    bind(&door, &midtrans, "pay_1", &two).await;
    bind(&door, &xendit, "pay_2", &two).await;
    bind(&door, &midtrans, "pay_2", &two).await;
    let of = |payment: &str, more: &str| format!("provider_transaction_id={payment}{more}");
    let cases: Vec<(String, &[&str])> = vec![
        (of("pay_1", &format!("&provider_id={xendit}")), &["ONE"]),
        (of("pay_1", &format!("&provider_id={midtrans}")), &["TWO"]),
        (of("pay_1", ""), &["TWO", "ONE"]),
        (of("pay_1", "&order=asc"), &["ONE", "TWO"]),
        (of("pay_2", ""), &["TWO"]),
        (of("pay_3", ""), &[]),
        (of("pay", ""), &[]),
        (of("pay_1", "&method=QRIS"), &["ONE"]),
        (of("pay_1", "&transaction_reference=TWO"), &["TWO"]),
        (of("pay_1", "&status=PAID"), &[]),
    ];
    for (query, expected) in cases {
        assert_eq!(found(&door, &query).await, expected, "{query}");
    }
    for (order, expected) in [("desc", ["TWO", "ONE"]), ("asc", ["ONE", "TWO"])] {
        let pages = door.pages(asking(&door, &of("pay_1", &format!("&limit=1&order={order}")))).await;
        let walked: Vec<_> = pages.iter().flat_map(references).collect();
        assert_eq!(walked, expected, "{order}");
    }
    let foreign = door.foreign_caller(Role::Merchant).await;
    let request = asking(&door, &of("pay_1", &format!("&provider_id={xendit}"))).with_caller(&foreign);
    assert!(references(&door.body(request).await).is_empty());
}

/// Of a provider that is named the binding and the record are read, and nothing else.
#[tokio::test]
async fn a_providers_id_costs_two_reads() {
    let door = open().await;
    let recorded = add(&door, "ONE", Method::Qris, "2026-11-01T03:00:00Z").await;
    let provider = builders::provider(&door.merchant, ProviderType::Xendit).id;
    bind(&door, &provider, "pay_1", &recorded).await;
    let _ = door.stage.dynamo.take_consumed();
    let request = asking(&door, &format!("provider_transaction_id=pay_1&provider_id={provider}"));
    let query = QueryReader::new(&request.query, filters::PARAMETERS).unwrap();
    let caller = door.caller(Role::Merchant);
    let asked = filters::read(&query, &caller.zone).unwrap();
    let page = find(door.deps, &caller, &asked, 50, None).await.unwrap();
    let consumed = door.stage.dynamo.take_consumed();
    assert_eq!((page.transactions.len(), consumed.operations, consumed.tenths), (1, 2, 20));
}

#[tokio::test]
async fn every_occurrence_of_a_reference_is_listed_in_pages() {
    let door = open().await;
    door.stage.add_transaction(&door.merchant, builders::draft("VA")).await;
    for occurrence in 2..=5_u32 {
        let draft = paywarden_domain::transaction::draft::Draft { occurrence, ..builders::draft("VA") };
        door.stage.add_further(&door.merchant, draft).await;
    }
    for (order, expected) in [("desc", [5, 4, 3, 2, 1]), ("asc", [1, 2, 3, 4, 5])] {
        let query = format!("transaction_reference=VA&limit=2&order={order}");
        let pages = door.pages(asking(&door, &query)).await;
        let shown = pages.iter().flat_map(|page| page["transactions"].as_array().unwrap());
        let seen: Vec<_> = shown.map(|one| one["occurrence"].as_u64().unwrap()).collect();
        assert_eq!(seen, expected, "{order}");
    }
}
