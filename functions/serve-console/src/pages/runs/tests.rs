use http::Method;
use paywarden_domain::access::Role;
use serde_json::{Value, json};

use crate::pages::reconciliation::samples::{self, RUN, STATEMENT, page};
use crate::testing::samples::{HOSTILE, HOSTILE_SHOWN, PROVIDER, with};
use crate::testing::{Console, with_header};

fn console(run: Value) -> Console {
    console_of(run, Value::Null)
}

fn console_of(run: Value, progress: Value) -> Console {
    let console = Console::open();
    samples::has_provider(&console);
    console.shows("/reconciliation/runs", page("runs", std::slice::from_ref(&run), Some("n")));
    console.shows("/reconciliation/runs/{id}", json!({"status": true, "run": run, "progress": progress}));
    console
}

/// The second of two shards is matched.
fn progress() -> Value {
    let open = json!({"ledger": 12, "statement": 34});
    json!({"shards": 2, "done": 1, "rows": {"ledger": 560, "statement": 780}, "open": open,
        "by_shard": [{"shard": 0, "done": false, "open": null}, {"shard": 1, "done": true, "open": open}]})
}

fn at(path: &str) -> String {
    format!("/reconciliation/runs/{RUN}{path}")
}

#[tokio::test]
async fn runs_are_listed() {
    let console = console(samples::run());
    let seen = console.get("/reconciliation/runs?state=COMPLETED", Role::Finance).await;
    seen.is(200)
        .has(&format!("href=\"/v1/console{}\"", at("")))
        .has("Midtrans")
        .has("<span>2026-11-18</span>");
    seen.has("COMPLETED_WITH_REJECTS").has("automation").has("+ Start a run");
    seen.has("href=\"/v1/console/reconciliation/runs?state=COMPLETED&#38;cursor=n\"");
    let mut made = console.made_lines();
    made.sort();
    assert_eq!(made, ["GET /providers?limit=100", "GET /reconciliation/runs?limit=50&state=COMPLETED"]);
    console.is_silent(Method::GET, "/reconciliation/runs");
    console
        .get("/reconciliation/runs", Role::Finance)
        .await
        .is(200)
        .has("The API has no answer now.")
        .has("Filter");
}

#[tokio::test]
async fn a_run_shows_that_no_row_is_lost() {
    let console = console(samples::run());
    let seen = console.get(&at(""), Role::Finance).await;
    seen.is(200).has("Run of Midtrans 2026-11-18");
    seen.has("7 in = 5 matched + 1 pending + 1 open + 0 rejected");
    seen.has("7 in = 5 matched + 0 pending + 1 open + 1 rejected").has("no row is lost");
    seen.has("no exception: a statement may still bring it");
    seen.has(&format!("href=\"/v1/console/reconciliation/exceptions?run_id={RUN}&#38;outcome=FEE_OVER\""));
    seen.has(&format!("href=\"/v1/console/reconciliation/exceptions?run_id={RUN}\""));
    seen.has("</span> 500.5 IDR</span>").has(&format!("href=\"/v1/console{}\"", at("/report")));
    seen.has(&format!("href=\"/v1/console/reconciliation/statements/{STATEMENT}\"")).has("1 business day,");
    seen.lacks("Stop the run").lacks("outcome=MATCHED").lacks("outcome=PENDING");
    assert_eq!(console.made().len(), 2, "a page is two requests");
}

#[tokio::test]
async fn a_row_that_is_lost_is_seen() {
    let mut run = samples::run();
    run["summary"]["rows"]["ledger"] = json!(8);
    console(run).get(&at(""), Role::Finance).await.has("the outcomes are 7 rows");
    let of_later = with(samples::run(), &json!({"summary": {"rows": "many"}}));
    console(of_later)
        .get(&at(""), Role::Finance)
        .await
        .is(200)
        .has("Summary as JSON")
        .lacks("Nothing is lost");
}

#[tokio::test]
async fn a_run_that_goes_on_shows_how_far_it_is_and_can_be_stopped() {
    let under_way = with(samples::run(), &json!({"state": "MATCHING", "summary": null, "finished_at": null}));
    let console = console_of(under_way.clone(), progress());
    let seen = console.get(&at(""), Role::Finance).await;
    seen.has("step 3 of 5")
        .has("<progress max=\"2\" value=\"1\" aria-label=\"1 of 2 shards are matched\"></progress>")
        .has("12 so far, of 560")
        .has("34 so far, of 780")
        .has(&format!("data-key=\"{RUN}-0\" data-version=\"not matched\""))
        .has(&format!("data-key=\"{RUN}-1\" data-version=\"matched\""))
        .has("Look again")
        .has("Stop the run of 2026-11-18")
        .has("danger");
    console.made();
    let stopped = with(under_way.clone(), &json!({"state": "CANCELLED"}));
    console.answers(
        Method::POST,
        "/reconciliation/runs/{id}/cancel",
        200,
        json!({"status": true, "run": stopped}),
    );
    let seen = console.post(&at("/cancel"), Role::Finance, &[]).await;
    assert_eq!(seen.location(), at("?done=cancelled"));
    assert_eq!(console.made_lines(), [format!("POST {}", at("/cancel"))]);
    console.refuses(Method::POST, "/reconciliation/runs/{id}/cancel", 409, None);
    console
        .post(&at("/cancel"), Role::Finance, &[])
        .await
        .is(409)
        .has("expected something else")
        .has("step 3 of 5");
    assert_eq!(console.get(&at("/cancel"), Role::Finance).await.location(), at(""));
}

#[tokio::test]
async fn a_run_that_goes_on_is_kept_up_to_date_beyond_its_end() {
    let poll = async |run: Value, progress: Value| {
        let console = console_of(run, progress);
        let poll = console.request(Method::GET, &at(""), Some(Role::Finance));
        let seen = console.send(with_header(poll, "x-console-part", "rows")).await;
        assert_eq!(console.made().len(), 1, "a poll is one request");
        seen
    };
    let queued = with(samples::run(), &json!({"state": "QUEUED", "shards": null, "summary": null}));
    let seen = poll(queued.clone(), Value::Null).await;
    seen.is(200).has("id=\"rows\" data-live").has("step 1 of 5").has("its rows are not in shards yet");
    seen.lacks("<progress").lacks("<html");
    let seen = poll(samples::run(), progress()).await;
    seen.has("id=\"rows\" data-live").has("COMPLETED_WITH_REJECTS").has("Shard 1").lacks("step ");
    console(queued).get(&at(""), Role::Finance).await.has("id=\"rows\" data-live");
}

#[tokio::test]
async fn a_run_that_ended_well_has_its_summary_only_and_a_stopped_one_shows_how_far_it_was() {
    let ended = console_of(samples::run(), progress());
    ended.get(&at(""), Role::Finance).await.is(200).lacks("<progress").lacks("id=\"rows\"");
    let stopped = with(samples::run(), &json!({"state": "CANCELLED", "summary": null}));
    let stopped = console_of(stopped, progress());
    stopped.get(&at(""), Role::Finance).await.has("1 of 2 shards are matched").lacks("id=\"rows\"");
}

#[tokio::test]
async fn a_run_that_is_writing_or_failed_cannot_be_stopped() {
    let writing = with(samples::run(), &json!({"state": "REDUCING", "summary": null}));
    console(writing).get(&at(""), Role::Finance).await.has("step 4 of 5").lacks("Stop the run");
    let failed = with(samples::run(), &json!({"state": "FAILED", "summary": null, "failure": HOSTILE}));
    console(failed)
        .get(&at(""), Role::Finance)
        .await
        .has(HOSTILE_SHOWN)
        .lacks("<script>alert")
        .lacks("Stop the run");
}

#[tokio::test]
async fn a_report_is_where_the_api_says() {
    let console = console(samples::run());
    let report = json!({"url": "https://bucket.example.com/1.csv?sig=1", "file_name": "1.csv", "expires_at": "2026-11-20T12:15:00+07:00"});
    console.shows("/reconciliation/runs/{id}/report", json!({"status": true, "report": report}));
    let seen = console.get(&at("/report"), Role::Finance).await;
    assert_eq!(seen.location(), "https://bucket.example.com/1.csv?sig=1");
    console.refuses(Method::GET, "/reconciliation/runs/{id}/report", 409, None);
    console
        .get(&at("/report"), Role::Finance)
        .await
        .is(409)
        .has("expected something else")
        .has("Run of Midtrans");
}

const FORM: [(&str, &str); 8] = [
    ("provider_id", PROVIDER),
    ("start_date", "2026-11-18"),
    ("end_date", "2026-11-19"),
    ("statement_ids", "stm_00000000000000000000000001\r\n stm_00000000000000000000000002"),
    ("rules.tolerance_minor", "5"),
    ("rules.lag_days", "soon"),
    ("dry_run", "true"),
    ("idempotency_key", "key-1"),
];

#[tokio::test]
async fn a_run_is_started_as_the_form_says() {
    let console = console(samples::run());
    let asked = format!(
        "/reconciliation/runs/new?provider_id={PROVIDER}&start_date=2026-11-18&statement_ids={STATEMENT}"
    );
    let seen = console.get(&asked, Role::Finance).await;
    seen.has(&format!("<option value=\"{PROVIDER}\" selected>Midtrans"))
        .has("value=\"2026-11-18\"")
        .has(STATEMENT);
    seen.has("name=\"idempotency_key\"");
    console.made();
    for (status, done) in [(201, "started"), (200, "known")] {
        console.answers(
            Method::POST,
            "/reconciliation/runs",
            status,
            json!({"status": true, "run": samples::run()}),
        );
        let seen = console.post("/reconciliation/runs/new", Role::Finance, &FORM).await;
        assert_eq!(seen.location(), at(&format!("?done={done}")));
        let made = console.made();
        assert_eq!(made[0].headers["idempotency-key"], "key-1");
        assert_eq!(
            made[0].json(),
            json!({"provider_id": PROVIDER, "start_date": "2026-11-18", "end_date": "2026-11-19",
                "statement_ids": [STATEMENT, "stm_00000000000000000000000002"], "dry_run": true,
                "rules": {"tolerance_minor": 5, "lag_days": "soon"}})
        );
    }
    let plain = [("provider_id", PROVIDER), ("start_date", "2026-11-18"), ("end_date", "2026-11-18")];
    console.post("/reconciliation/runs/new", Role::Finance, &plain).await.is(303);
    assert_eq!(
        console.made()[0].json(),
        json!({"provider_id": PROVIDER, "start_date": "2026-11-18", "end_date": "2026-11-18"})
    );
}

#[tokio::test]
async fn a_refused_start_keeps_what_was_filled_in() {
    let console = console(samples::run());
    for status in [400, 409, 422] {
        console.refuses(Method::POST, "/reconciliation/runs", status, Some("rules.lag_days"));
        let seen = console.post("/reconciliation/runs/new", Role::Finance, &FORM).await;
        seen.is(status)
            .has("expected something else</strong>")
            .has("value=\"soon\"")
            .has("value=\"key-1\"")
            .has("checked");
    }
}

#[tokio::test]
async fn runs_are_for_finance() {
    let console = console(samples::run());
    console.get(&at(""), Role::Operations).await.is(403);
    console.get("/reconciliation/runs", Role::Merchant).await.is(403);
    console.post("/reconciliation/runs/new", Role::Engineering, &FORM).await.is(403);
    assert!(console.made().is_empty());
    console.refuses(Method::GET, "/reconciliation/runs/{id}", 404, None);
    console.get(&at(""), Role::Finance).await.is(404);
    console.refuses(Method::GET, "/reconciliation/runs/{id}", 400, Some("id"));
    console.get("/reconciliation/runs/x", Role::Finance).await.is(404);
}
