use http::Method;
use paywarden_domain::access::Role;
use serde_json::{Value, json};

use crate::pages::reconciliation::samples::{self, EXCEPTION, RUN, SECOND, STATEMENT, page};
use crate::testing::Console;
use crate::testing::samples::{HOSTILE, HOSTILE_SHOWN, PROVIDER, TRANSACTION, with};

const LIST: &str = "/reconciliation/exceptions";
const DECISIONS: &str = "/reconciliation/exceptions/decisions";

fn console(exceptions: &[Value]) -> Console {
    let console = Console::open();
    samples::has_provider(&console);
    console.shows("/reconciliation/runs", page("runs", &[samples::run()], None));
    console.shows(LIST, page("exceptions", exceptions, None));
    console
}

#[tokio::test]
async fn both_sides_stand_beside_one_another_and_the_difference_is_marked() {
    let console = console(&[samples::exception()]);
    let seen = console.get(LIST, Role::Finance).await;
    seen.is(200).has("FEE_OVER").has("the statement has 500 IDR more").has("Midtrans");
    seen.has("<tr class=\"differs\"><th scope=\"row\">Amount <strong class=\"bad\">≠ differs</strong></th>");
    seen.has("4,500 <abbr>IDR</abbr>").has("5,000.00 <abbr>IDR</abbr>");
    assert_eq!(seen.text.matches("class=\"differs\"").count(), 1, "PAID and SETTLED are the same");
    seen.has(&format!("href=\"/v1/console/transactions/{TRANSACTION}\""));
    seen.has(&format!("href=\"/v1/console/reconciliation/statements/{STATEMENT}\"")).has("line 3");
    seen.has("open for 2 d").has("OPEN by automation: found by the run");
    seen.has(&format!("<input type=\"checkbox\" form=\"selected\" name=\"selected\" value=\"{EXCEPTION}\""));
    seen.has("Pending settlements are no exceptions");
    let mut made = console.made_lines();
    made.sort();
    assert_eq!(
        made,
        [
            "GET /providers?limit=100",
            "GET /reconciliation/exceptions?limit=50",
            "GET /reconciliation/runs?limit=50"
        ],
        "a view is three requests"
    );
}

#[tokio::test]
async fn a_side_that_is_not_there_is_said() {
    let seen =
        console(&[with(samples::exception(), &json!({"ledger": null, "outcome": "MISSING_INTERNAL"}))])
            .get(LIST, Role::Finance)
            .await;
    seen.has("</span> not there</span>").lacks("≠ differs");
    let equal = |outcome: &str| {
        let mut exception = with(samples::exception(), &json!({"outcome": outcome}));
        exception["statement"]["amount"] = json!("4500.00");
        exception
    };
    let seen = console(&[equal("STATUS")]).get(LIST, Role::Finance).await;
    seen.has("<th scope=\"row\">Status <strong").lacks("<th scope=\"row\">Amount <strong");
    console(&[equal("LATE")]).get(LIST, Role::Finance).await.has("<th scope=\"row\">Time <strong");
}

#[tokio::test]
async fn who_when_and_why_are_on_each_row() {
    let entry = |by: &str, status: &str, reason: &str| json!({"at": "2026-11-20T10:00:00+07:00", "by": by, "status": status, "reason": reason, "assignee": "Rani"});
    let history = json!([
        entry("automation", "OPEN", "found"),
        entry("cli_1", "ASSIGNED", "asks the bank"),
        entry("usr_1", "RESOLVED", "the bank was late")
    ]);
    let closed = json!({"status": "RESOLVED", "assignee": "Rani", "history": history});
    let seen = console(&[with(samples::exception(), &closed)]).get(LIST, Role::Finance).await;
    seen.has("RESOLVED with Rani by usr_1: the bank was late")
        .has("2026-11-20T10:00:00+07:00")
        .has("2 before");
    seen.has("ASSIGNED with Rani by cli_1: asks the bank").has("with Rani").lacks("open for");
}

#[tokio::test]
async fn closed_ones_have_no_box() {
    let closed = with(samples::exception(), &json!({"id": SECOND, "status": "AUTO_CLEARED"}));
    let seen = console(&[samples::exception(), closed.clone()])
        .get(&format!("{LIST}?run_id={RUN}"), Role::Finance)
        .await;
    seen.has(&format!("name=\"selected\" value=\"{EXCEPTION}\""))
        .lacks(&format!("name=\"selected\" value=\"{SECOND}\""));
    seen.has("<h2>Closed</h2>").has("AUTO_CLEARED");
    let seen = console(&[closed]).get(&format!("{LIST}?run_id={RUN}"), Role::Finance).await;
    seen.has("Nothing of these is open any more.");
}

#[tokio::test]
async fn filters_are_the_apis_and_a_run_is_found_by_its_day() {
    let console = console(&[]);
    let query = format!(
        "provider_id={PROVIDER}&run_id={RUN}&outcome=LATE&status=OPEN&assignee=Rani&min_age_days=7&amount_min=1&amount_max=2"
    );
    let seen = console.get(&format!("{LIST}?{query}&cursor=abc"), Role::Finance).await;
    seen.has(&format!("<option value=\"{RUN}\" selected>2026-11-18 Midtrans</option>"))
        .has("closed ones too");
    seen.has("No exception passes these filters.")
        .has("Decide everything that passes these filters")
        .lacks("value=\"MATCHED\"");
    assert!(console.made_lines().contains(&format!("GET {LIST}?limit=50&{query}&cursor=abc")));
    let old = console.get(&format!("{LIST}?run_id=run_00000000000000000000000009"), Role::Finance).await;
    old.has("<option value=\"run_00000000000000000000000009\" selected>");
    let moved = console.get(&format!("{LIST}?run={RUN}&status=OPEN"), Role::Finance).await;
    assert_eq!(moved.location(), format!("{LIST}?status=OPEN&run_id={RUN}"));
    let back = console.get(&format!("{LIST}/all?status=OPEN"), Role::Finance).await;
    assert_eq!(back.location(), format!("{LIST}?status=OPEN"));
}

#[tokio::test]
async fn text_from_outside_is_text() {
    let mut exception = with(
        samples::exception(),
        &json!({"detail": HOSTILE, "assignee": HOSTILE, "status": HOSTILE, "outcome": HOSTILE}),
    );
    for member in [
        "reference",
        "provider_transaction_id",
        "kind",
        "direction",
        "amount",
        "currency",
        "at",
        "status",
        "text",
    ] {
        exception["statement"][member] = json!(HOSTILE);
    }
    exception["history"][0]["reason"] = json!(HOSTILE);
    let console = console(&[]);
    console.says(
        Method::GET,
        LIST,
        200,
        "application/json",
        page("exceptions", &[exception], None).to_string(),
    );
    let seen = console.get(&format!("{LIST}?assignee=%3Cscript%3E"), Role::Finance).await;
    seen.is(200).has(HOSTILE_SHOWN).lacks("<script>alert");
}

#[tokio::test]
async fn what_fails_leaves_the_rest() {
    let console = console(&[samples::exception()]);
    console.is_silent(Method::GET, "/providers").is_silent(Method::GET, "/reconciliation/runs");
    let seen = console.get(LIST, Role::Finance).await;
    seen.is(200).has("FEE_OVER").has("placeholder=\"run_…\"").has("placeholder=\"prv_…\"");
    console.is_silent(Method::GET, LIST);
    console.get(LIST, Role::Finance).await.is(200).has("The API has no answer now.").has("Filter");
}

fn result(status: u16, id: &str, parameter: Option<&str>) -> Value {
    if status == 200 {
        return json!({"status_code": 200, "exception": with(samples::exception(), &json!({"id": id, "status": "RESOLVED"}))});
    }
    let mut error =
        json!({"code": "invalid_parameter", "message": "is required to assign", "request_id": "req-api"});
    if let Some(parameter) = parameter {
        error["parameter"] = json!(parameter);
    }
    json!({"status_code": status, "error": error})
}

fn results(console: &Console, results: &[Value]) {
    console.answers(Method::POST, LIST, 207, json!({"status": true, "results": results}));
}

#[tokio::test]
async fn selected_ones_are_decided_with_a_reason() {
    let console = console(&[samples::exception()]);
    results(&console, &[result(200, EXCEPTION, None), result(200, SECOND, None)]);
    let form = [
        ("selected", SECOND),
        ("selected", EXCEPTION),
        ("selected", EXCEPTION),
        ("action", "resolve"),
        ("reason", "paid"),
        ("assignee", "me"),
    ];
    let seen = console.post(&format!("{LIST}?status=OPEN&cursor=abc&done=all"), Role::Finance, &form).await;
    assert_eq!(seen.location(), format!("{LIST}?status=OPEN&done=decided"));
    let made = console.made();
    let decision = |id: &str| json!({"exception_id": id, "action": "resolve", "reason": "paid"});
    assert_eq!(made[0].json(), json!([decision(EXCEPTION), decision(SECOND)]));
    console.get(&format!("{LIST}?done=decided"), Role::Finance).await.has("Your decision is written down.");
    console.made();
    let form = [("selected", EXCEPTION), ("action", "assign"), ("reason", "asks"), ("assignee", "Rani")];
    console.post(LIST, Role::Finance, &form).await;
    assert_eq!(
        console.made()[0].json(),
        json!([{"exception_id": EXCEPTION, "action": "assign", "reason": "asks", "assignee": "Rani"}])
    );
}

#[tokio::test]
async fn nothing_selected_is_nothing_asked() {
    let console = console(&[samples::exception()]);
    let seen = console.post(LIST, Role::Finance, &[("action", "void"), ("reason", "none at all")]).await;
    seen.is(400)
        .has("Nothing is selected")
        .has("value=\"none at all\"")
        .has("<option value=\"void\" selected>");
    assert!(console.made().iter().all(|made| made.method == Method::GET));
}

#[tokio::test]
async fn what_is_wrong_with_all_of_them_is_said_at_its_field() {
    let console = console(&[samples::exception()]);
    results(&console, &[result(422, EXCEPTION, Some("assignee")), result(422, SECOND, Some("assignee"))]);
    let form = [("selected", EXCEPTION), ("selected", SECOND), ("action", "assign"), ("reason", "why")];
    let seen = console.post(LIST, Role::Finance, &form).await;
    seen.is(422)
        .has("is required to assign</strong>")
        .has("value=\"why\"")
        .has("The 2 rows that were selected still are.");
    seen.has(&format!("<input type=\"hidden\" name=\"selected\" value=\"{SECOND}\">"));
    for status in [400, 409, 413] {
        console.refuses(Method::POST, LIST, status, Some("reason"));
        console.post(LIST, Role::Finance, &form).await.is(status).has("expected something else</strong>");
    }
}

#[tokio::test]
async fn what_was_not_carried_out_is_said_one_by_one() {
    let console = console(&[samples::exception()]);
    results(&console, &[result(200, EXCEPTION, None), result(409, SECOND, None)]);
    let form = [("selected", EXCEPTION), ("selected", SECOND), ("action", "void"), ("reason", "none")];
    let seen = console.post(LIST, Role::Finance, &form).await;
    seen.is(409).has("1 of 2 decisions were carried out.").has(SECOND).has("is required to assign");
}

fn counted(console: &Console, dry_run: bool, numbers: [u64; 3]) {
    let [count, decided, remaining] = numbers;
    let body = json!({"status": true, "dry_run": dry_run, "count": count, "decided": decided, "remaining": remaining});
    console.answers(Method::POST, DECISIONS, 200, body);
}

fn whole() -> String {
    format!(
        "{LIST}/all?provider_id={PROVIDER}&run_id={RUN}&status=OPEN&assignee=Rani&min_age_days=7&amount_min=0.5&cursor=abc"
    )
}

const DECISION: [(&str, &str); 3] =
    [("action", "resolve"), ("reason", "the bank was late"), ("assignee", "me")];

#[tokio::test]
async fn a_whole_filter_is_counted_before_it_is_decided() {
    let console = console(&[]);
    counted(&console, true, [120, 0, 120]);
    let seen = console.post(&whole(), Role::Finance, &DECISION).await;
    seen.is(200)
        .has("Yes: resolve 120 exceptions")
        .has("Found by the run of")
        .has("Do nothing")
        .has("Provider: Midtrans")
        .has("name=\"expected_count\" value=\"120\"")
        .has("the bank was late")
        .has("danger");
    let filter = json!({"provider_id": [PROVIDER], "run_id": RUN, "status": ["OPEN"], "assignee": "Rani", "min_age_days": 7, "amount_min": "0.5"});
    let body = json!({"action": "resolve", "reason": "the bank was late", "filter": filter});
    let made = console.made();
    // The count, and the three requests of the list beside it.
    assert_eq!((made.len(), made[0].json()), (4, with(body.clone(), &json!({"dry_run": true}))));
    counted(&console, false, [120, 120, 0]);
    let confirmed = [&DECISION[..], &[("expected_count", "120")]].concat();
    let seen = console.post(&whole(), Role::Finance, &confirmed).await;
    assert!(seen.location().ends_with("&amount_min=0.5&done=all"), "{}", seen.location());
    assert_eq!(console.made()[0].json(), with(body, &json!({"expected_count": 120})));
}

#[tokio::test]
async fn another_number_decides_nothing_and_both_are_shown() {
    let console = console(&[]);
    console.answers(
        Method::POST,
        DECISIONS,
        409,
        json!({"status": false, "error": {"code": "count_changed", "request_id": "req-api",
            "message": "expected 120 exceptions, and 121 are covered now"}}),
    );
    let confirmed = [&DECISION[..], &[("expected_count", "120")]].concat();
    let seen = console.post(&whole(), Role::Finance, &confirmed).await;
    seen.is(409).has("expected 120 exceptions, and 121 are covered now");
    let made = console.made();
    assert_eq!(made.iter().filter(|made| made.path == DECISIONS).count(), 2, "it is counted anew");
    assert_eq!(made[1].json()["dry_run"], json!(true));
}

#[tokio::test]
async fn what_is_left_of_a_long_filter_goes_on() {
    let console = console(&[]);
    counted(&console, false, [1120, 1000, 120]);
    let confirmed =
        [("action", "assign"), ("reason", "asks"), ("assignee", "Rani"), ("expected_count", "1120")];
    let seen = console.post(&whole(), Role::Finance, &confirmed).await;
    seen.is(200)
        .has("1000 of 1120 are decided.")
        .has("value=\"120\"")
        .has("value=\"Rani\"")
        .lacks("class=\"danger\"");
    counted(&console, true, [0, 0, 0]);
    console
        .post(&whole(), Role::Finance, &DECISION)
        .await
        .is(200)
        .has("nothing to decide")
        .lacks("expected_count");
}

#[tokio::test]
async fn a_refused_whole_filter_keeps_what_was_filled_in() {
    let console = console(&[]);
    for status in [400, 422] {
        console.refuses(Method::POST, DECISIONS, status, Some("reason"));
        let seen = console.post(&whole(), Role::Finance, &DECISION).await;
        seen.is(status)
            .has("expected something else</strong>")
            .has("value=\"the bank was late\"")
            .has("<details open>");
    }
    console.refuses(Method::POST, DECISIONS, 422, Some("filter.status"));
    console
        .post(&whole(), Role::Finance, &DECISION)
        .await
        .is(422)
        .has("filter.status: expected something else");
}

#[tokio::test]
async fn a_table_goes_out_and_comes_back() {
    let console = console(&[with(samples::exception(), &json!({"detail": "=1+1", "assignee": "Rani"}))]);
    let seen = console.get(&format!("{LIST}?status=OPEN&format=csv"), Role::Finance).await;
    assert_eq!(seen.headers["content-disposition"], "attachment; filename=\"exceptions-2026-11-20.csv\"");
    let mut lines = seen.text.lines();
    assert_eq!(
        lines.next(),
        Some("exception_id,action,reason,assignee,outcome,detail,status,created_at,ledger,statement")
    );
    let row = lines.next().unwrap();
    assert!(row.starts_with(&format!("{EXCEPTION},,,,FEE_OVER,'=1+1,OPEN,")), "{row}");
    assert_eq!(console.made_lines(), [format!("GET {LIST}?limit=100&status=OPEN")]);
    results(&console, &[result(200, EXCEPTION, None)]);
    let table = format!("exception_id,action,reason\r\n{EXCEPTION},resolve,paid");
    let seen = console.post(&format!("{LIST}/csv?status=OPEN"), Role::Finance, &[("table", &table)]).await;
    assert_eq!(seen.location(), format!("{LIST}?status=OPEN&done=table"));
    let made = console.made();
    assert_eq!((made[0].body.as_str(), made[0].path.as_str()), (table.as_str(), LIST));
    assert_eq!(made[0].headers["content-type"], "text/csv");
}

#[tokio::test]
async fn a_table_out_is_as_long_as_one_that_comes_back() {
    let console = console(&[]);
    let hundred = vec![samples::exception(); 100];
    console.shows(LIST, page("exceptions", &hundred, Some("n")));
    let seen = console.get(&format!("{LIST}?format=csv"), Role::Finance).await;
    assert_eq!(seen.text.lines().count(), 501);
    assert!(seen.headers["content-disposition"].to_str().unwrap().contains("-beginning.csv"));
    assert_eq!(console.made().len(), 5);
}

#[tokio::test]
async fn a_table_that_is_refused_stays() {
    let console = console(&[]);
    console.refuses(Method::POST, LIST, 400, Some("reason"));
    let seen = console.post(&format!("{LIST}/csv"), Role::Finance, &[("table", HOSTILE)]).await;
    seen.is(400)
        .has("reason: expected something else")
        .has(HOSTILE_SHOWN)
        .has("<details open>")
        .lacks("<script>alert");
    results(&console, &[result(200, EXCEPTION, None), result(404, SECOND, None)]);
    let seen = console.post(&format!("{LIST}/csv"), Role::Finance, &[("table", "a")]).await;
    seen.is(404).has("1 of 2 decisions were carried out.").has("Decision 2");
}

#[tokio::test]
async fn exceptions_are_for_finance() {
    let console = console(&[samples::exception()]);
    for role in [Role::Merchant, Role::Operations, Role::Engineering] {
        console.get(LIST, role).await.is(403);
        for path in ["", "/all", "/csv"] {
            console.post(&format!("{LIST}{path}"), role, &DECISION).await.is(403);
        }
    }
    assert!(console.made().is_empty());
    console.get(&format!("{LIST}/elsewhere"), Role::Finance).await.is(404);
    console.post(&format!("{LIST}/elsewhere"), Role::Finance, &[]).await.is(404);
}
