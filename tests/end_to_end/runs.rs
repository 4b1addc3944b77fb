//! Statements held against what really moved: on schedule, by hand, and again when a statement is restated.

use std::time::{Duration, SystemTime};

use paywarden_api_client::Method;
use paywarden_domain::time::Timestamp;
use serde_json::{Value, json};

use crate::stack::{
    Answer, Api, Merchant, Provider, Stack, at, call_back, eventually, eventually_within, send, unique,
};

const HEADER: &str =
    "Product ID,Transaction ID,Line Type,Reference,Currency,Amount,Debit or Credit,Created Date ISO\n";

/// A provider of its own for each test, that settles as soon as a day has begun.
async fn create_provider(api: &Api, settlement: &Value) -> Provider {
    let token = unique("token");
    let body = json!({"type": "xendit", "name": unique("Xendit"), "services": ["QR_CODE_PAYMENT"],
        "credentials": {"callback_token": token}, "fee": {"type": "PERCENTAGE", "value": "0.7"},
        "tax": {"percentage": "11", "apply": true}, "settlement": settlement});
    let created = api.post("/providers", &body).await.expect(201)["provider"].clone();
    Provider {
        id: created["id"].as_str().unwrap().to_owned(),
        provider_type: "xendit".to_owned(),
        callback_url: created["callback_url"].as_str().unwrap().to_owned(),
        credentials: [("callback_token".to_owned(), token)].into(),
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
    Timestamp::from_seconds(i64::try_from(since.as_secs()).unwrap()).unwrap()
}

/// A day so many away from today; with one on either side, a test at midnight has its payments in between.
fn day(from_today: i64) -> String {
    now().plus_seconds(from_today * 24 * 3600).to_string()[..10].to_owned()
}

/// Pays 10,000 rupiah with the provider, and waits until the ledger has it.
async fn pay(api: &Api, provider: &Provider, reference: &str) {
    let body = json!({"event": "qr.payment", "id": unique("qrpy"), "amount": 10000, "created": now().to_string(),
        "status": "COMPLETED", "qr_code": {"external_id": reference, "qr_string": "0002"}});
    call_back(provider, &provider.credentials["callback_token"], &unique("corr"), &body).await;
    let path = format!("/reconciliation?provider_id={}", provider.id);
    eventually("the payment's rows", async || {
        let rows = api.get(&path).await.expect(200)["rows"].clone();
        rows.as_array().unwrap().iter().any(|row| row["order_id"] == reference).then_some(())
    })
    .await;
}

/// The lines of one payment in a balance report.
fn lines(reference: &str, amount: u32) -> String {
    let at = now();
    let line =
        |kind: &str, amount: u32, side: &str| format!("p,t,{kind},{reference},IDR,{amount},{side},{at}\n");
    [line("TRANSACTION", amount, "CREDIT"), line("FEE", 70, "DEBIT"), line("VAT", 7, "DEBIT")].concat()
}

/// Announces a statement, uploads it, and waits until it was read.
async fn upload(api: &Api, provider: &Provider, text: &str) -> Value {
    let announced =
        api.post("/reconciliation/statements", &json!({"provider_id": provider.id})).await.expect(201);
    let put = send(at(Method::PUT, announced["upload"]["url"].as_str().unwrap()).body(text.to_owned())).await;
    assert_eq!(put.status, 200, "{}", put.text);
    let path = format!("/reconciliation/statements/{}", announced["statement"]["id"].as_str().unwrap());
    eventually("the statement to be read", async || {
        let statement = api.get(&path).await.expect(200)["statement"].clone();
        (statement["status"] != "AWAITING_UPLOAD").then_some(statement)
    })
    .await
}

/// Puts a file into the bucket as a provider's own delivery does.
async fn deliver(stack: &Stack, merchant: &Merchant, provider: &Provider, text: &str) -> Answer {
    let key = format!("statements/{}/{}/{}.csv", merchant.id, provider.id, unique("delivery"));
    stack.keep("reconciliation", &key, text.to_owned()).await
}

async fn finished(api: &Api, id: &str) -> Value {
    let path = format!("/reconciliation/runs/{id}");
    eventually("the run to end", async || {
        let run = api.get(&path).await.expect(200)["run"].clone();
        run["finished_at"].is_string().then_some(run)
    })
    .await
}

async fn run_by_hand(api: &Api, provider: &Provider, statement: &Value) -> Value {
    let body = json!({"provider_id": provider.id, "start_date": day(-1), "end_date": day(1),
        "statement_ids": [statement["id"]]});
    let run = api.post("/reconciliation/runs", &body).await.expect(201)["run"].clone();
    finished(api, run["id"].as_str().unwrap()).await
}

async fn exceptions(api: &Api, run: &Value, query: &str) -> Vec<Value> {
    let path = format!("/reconciliation/runs/{}/exceptions{query}", run["id"].as_str().unwrap());
    api.get(&path).await.expect(200)["exceptions"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_delivered_statement_is_reconciled_on_schedule_and_the_merchant_is_told() {
    let stack = Stack::read();
    let (merchant, hooks) = (stack.jakarta(), format!("/{}", unique("hooks")));
    let api = stack.sign_in(merchant, "admin").await;
    let endpoint =
        json!({"url": format!("{}{hooks}", stack.receiver.url), "events": ["reconciliation.completed"]});
    api.post("/webhook-endpoints", &endpoint).await.expect(201);
    let settlement = json!({"time": "00:00", "zone": "Asia/Jakarta", "lag_days": 1});
    let provider = create_provider(&api, &settlement).await;
    let (settled, open) = (unique("SETTLED"), unique("OPEN"));
    pay(&api, &provider, &settled).await;
    pay(&api, &provider, &open).await;
    let delivered =
        deliver(&stack, merchant, &provider, &format!("{HEADER}{}", lines(&settled, 10000))).await;
    assert_eq!(delivered.status, 200, "{}", delivered.text);
    let list = format!("/reconciliation/runs?provider_id={}", provider.id);
    let run = eventually("a scheduled run", async || {
        let runs = api.get(&list).await.expect(200)["runs"].clone();
        runs.as_array().unwrap().iter().find(|run| run["finished_at"].is_string()).cloned()
    })
    .await;
    assert_eq!((&run["trigger"], &run["state"]), (&json!("SCHEDULE"), &json!("COMPLETED")));
    assert_eq!(run["summary"]["outcomes"]["statement"], json!({"MATCHED": 3}));
    assert_eq!(run["summary"]["outcomes"]["ledger"], json!({"MATCHED": 3, "PENDING_SETTLEMENT": 3}));
    let told = eventually("the webhook", async || {
        let bodies = stack
            .received(&hooks)
            .into_iter()
            .map(|one| serde_json::from_str::<Value>(one["body"].as_str().unwrap()).unwrap());
        bodies.into_iter().find(|body| body["run"]["id"] == run["id"])
    })
    .await;
    assert_eq!(told["run"]["summary"], run["summary"]);
}

/// A run that has ended has nothing left to match, and took in these rows.
async fn all_shards_are_done(finance: &Api, run: &Value, rows: &Value) {
    let path = format!("/reconciliation/runs/{}", run["id"].as_str().unwrap());
    let progress = finance.get(&path).await.expect(200)["progress"].clone();
    assert_eq!((&progress["done"], &progress["rows"]), (&run["shards"], rows));
    let shards = progress["by_shard"].as_array().unwrap();
    assert!(shards.iter().all(|shard| shard["done"] == true), "{progress}");
}

/// Two payments' fees of 70 and taxes of 7 were taken as they were recorded.
async fn fees_are_as_recorded(finance: &Api, provider: &Provider) {
    let in_jakarta = now().plus_seconds(7 * 3600).to_string();
    let path = format!("/reconciliation/fees?month={}&provider_id={}&limit=5", &in_jakarta[..7], provider.id);
    let checked = finance.get(&path).await.expect(200);
    let [own] = checked["fees"].as_array().unwrap().as_slice() else { panic!("{checked}") };
    let both = |amount: u32| json!({"recorded": amount, "taken": amount, "difference": 0, "not_stated": 0, "unsettled": 0});
    assert_eq!(
        (&own["service"], &own["fee"], &own["tax"]),
        (&json!("QR_CODE_PAYMENT"), &both(140), &both(14))
    );
    assert_eq!((&own["differing"], &checked["rows"]), (&json!(0), &json!([])));
}

/// Assigns both exceptions of a run at once, counted first.
async fn assign_all(finance: &Api, provider: &Provider, run: &Value) {
    const DECISIONS: &str = "/reconciliation/exceptions/decisions";
    let decision = |filter: &Value, member: &str, value: Value| {
        let mut body =
            json!({"filter": filter, "action": "assign", "assignee": "Rani", "reason": "asks the bank"});
        body[member] = value;
        body
    };
    let counting = decision(&json!({"provider_id": [provider.id]}), "dry_run", json!(true));
    let counted = finance.post(DECISIONS, &counting).await.expect(200);
    assert_eq!((&counted["count"], &counted["decided"]), (&json!(2), &json!(0)));
    let of_run = json!({"run_id": run["id"]});
    let refused = finance.post(DECISIONS, &decision(&of_run, "expected_count", json!(3))).await.expect(409);
    assert_eq!(refused["error"]["code"], "count_changed");
    let decided = finance.post(DECISIONS, &decision(&of_run, "expected_count", json!(2))).await.expect(200);
    assert_eq!((&decided["decided"], &decided["remaining"]), (&json!(2), &json!(0)));
    let assigned = exceptions(finance, run, "").await;
    assert!(
        assigned.iter().all(|one| one["status"] == "ASSIGNED" && one["assignee"] == "Rani"),
        "{assigned:?}"
    );
}

/// Decides on one exception by a table that is posted.
async fn void(finance: &Api, exception: &Value) {
    let table = format!(
        "exception_id,action,reason,assignee\n{},void,a test of theirs,\n",
        exception["id"].as_str().unwrap()
    );
    let request =
        finance.request(Method::POST, "/reconciliation/exceptions").await.header("content-type", "text/csv");
    let decided = send(request.body(table)).await.expect(207);
    assert_eq!(decided["results"][0]["exception"]["status"], "VOID");
}

/// The report of a run is by its signed link, and all of the run is nobody else's.
async fn report_is_whole_and_ours(finance: &Api, other: &Api, run: &Value, matched: usize) {
    let path = format!("/reconciliation/runs/{}", run["id"].as_str().unwrap());
    let report = finance.get(&format!("{path}/report")).await.expect(200)["report"].clone();
    let report = send(at(Method::GET, report["url"].as_str().unwrap())).await;
    assert_eq!(report.text.lines().filter(|line| line.starts_with("MATCHED,")).count(), matched);
    for path in [path.clone(), format!("{path}/report"), format!("{path}/exceptions")] {
        assert_eq!(other.get(&path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn what_a_run_finds_is_decided_on_and_a_restated_statement_clears_the_rest() {
    let stack = Stack::read();
    let merchant = stack.jakarta();
    let (admin, finance) = (stack.sign_in(merchant, "admin").await, stack.sign_in(merchant, "finance").await);
    let provider = create_provider(&admin, &Value::Null).await;
    let (right, short) = (unique("RIGHT"), unique("SHORT"));
    pay(&admin, &provider, &right).await;
    pay(&admin, &provider, &short).await;
    let foreign = lines(&unique("FOREIGN"), 5).lines().next().unwrap().to_owned() + "\n";
    let text = format!("{HEADER}{}{}{foreign}", lines(&right, 10000), lines(&short, 9000));
    let statement = upload(&finance, &provider, &text).await;
    assert_eq!((&statement["status"], &statement["format"]), (&json!("PARSED"), &json!("xendit")));
    let again = upload(&finance, &provider, &text).await;
    assert_eq!((&again["status"], &again["duplicate_of"]), (&json!("DUPLICATE"), &statement["id"]));

    let first = run_by_hand(&finance, &provider, &statement).await;
    assert_eq!(
        first["summary"]["outcomes"]["statement"],
        json!({"AMOUNT_UNDER": 1, "MATCHED": 5, "MISSING_INTERNAL": 1})
    );
    all_shards_are_done(&finance, &first, &json!({"ledger": 6, "statement": 7})).await;
    let [under] = exceptions(&finance, &first, "?outcome=AMOUNT_UNDER").await.try_into().unwrap();
    let [missing] = exceptions(&finance, &first, "?outcome=MISSING_INTERNAL").await.try_into().unwrap();
    let of_all_runs =
        format!("/reconciliation/exceptions?provider_id={}", under["provider_id"].as_str().unwrap());
    let open = finance.all(&of_all_runs, "exceptions").await;
    assert!([&under, &missing].iter().all(|one| open.contains(one)), "{open:?}");
    assert_eq!(
        (&under["ledger"]["amount"], &under["statement"]["amount"]),
        (&json!("10000"), &json!("9000"))
    );
    fees_are_as_recorded(&finance, &provider).await;
    assign_all(&finance, &provider, &first).await;
    void(&finance, &missing).await;

    let restated = format!("{HEADER}{}{}{foreign}", lines(&right, 10000), lines(&short, 10000));
    let restated = upload(&finance, &provider, &restated).await;
    let second = run_by_hand(&finance, &provider, &restated).await;
    assert_eq!(second["supersedes"], first["id"]);
    let retired = finished(&finance, first["id"].as_str().unwrap()).await;
    assert_eq!((&retired["state"], &retired["superseded_by"]), (&json!("SUPERSEDED"), &second["id"]));
    let [cleared] = exceptions(&finance, &first, "?outcome=AMOUNT_UNDER").await.try_into().unwrap();
    assert_eq!(cleared["status"], "AUTO_CLEARED");

    let other = stack.sign_in(stack.merchant("Africa/Johannesburg"), "finance").await;
    report_is_whole_and_ours(&finance, &other, &second, 12).await;
}

#[tokio::test]
async fn the_ledgers_days_are_written_to_files_for_a_merchant_who_wants_them() {
    let stack = Stack::read();
    let admin = stack.sign_in(stack.jakarta(), "admin").await;
    admin.patch("/merchant", &json!({"ledger_export": {"at": "00:00"}})).await.expect(200);
    // A schedule writes them, every minute, and a busy machine is late.
    let exports = eventually_within(Duration::from_secs(300), "the files of seven days", async || {
        let exports = admin.get("/reconciliation/exports").await.expect(200)["exports"].clone();
        Some(exports).filter(|exports| exports.as_array().unwrap().len() >= 7)
    })
    .await;
    admin.patch("/merchant", &json!({"ledger_export": null})).await.expect(200);
    for export in exports.as_array().unwrap() {
        let file = send(at(Method::GET, export["files"][0]["url"].as_str().unwrap())).await;
        assert_eq!(file.status, 200, "{}", file.text);
        assert!(file.text.starts_with("transaction_id,order_id,"), "{}", file.text);
        assert_eq!(json!(file.text.lines().count() - 1), export["rows"], "{export}");
    }
}
