//! The sample events in `events/<function>/`. Each function's own tests run all of its samples, so that what
//! `cargo lambda invoke` is given keeps fitting the code.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;

use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::door::Renderer;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::document::{Operation, asks_for_the_documented_scope, refuses_what_is_not_documented};
use crate::template;

const EVENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events");

/// The samples of a function, by case: the file's name without its ending.
#[must_use]
pub fn texts(function: &str) -> BTreeMap<String, String> {
    let folder = Path::new(EVENTS).join(function);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = files.map(|file| file.expect("a folder can be listed").path());
    paths
        .map(|path| {
            let case = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            (case, std::fs::read_to_string(&path).expect("a sample can be read"))
        })
        .collect()
}

/// The samples as the events they are.
#[must_use]
pub fn parsed<T: DeserializeOwned>(function: &str) -> BTreeMap<String, T> {
    let parse = |case: &str, text: &str| {
        serde_json::from_str(text).unwrap_or_else(|error| panic!("events/{function}/{case}.json: {error}"))
    };
    texts(function).into_iter().map(|(case, text)| (case.clone(), parse(&case, &text))).collect()
}

/// The one sample of a function that is called so.
#[must_use]
pub fn one<T: DeserializeOwned>(function: &str, case: &str) -> T {
    parsed(function).remove(case).unwrap_or_else(|| panic!("there is no events/{function}/{case}.json"))
}

/// The sample of an API function as the request it becomes.
#[must_use]
pub fn api_request(text: &str) -> ApiRequest {
    let request = lambda_http::request::from_str(text).expect("the sample is a gateway's event");
    ApiRequest::from(request)
}

/// What an API function answers its samples, its problems in the shape that `renderer` gives them: the status by case.
/// Each answer has to be as the API document describes it, and so have the scope that the function asks for and the
/// parameters that it knows. Each route that the template gives it, and that a token is needed for, needs a sample that is
/// answered well.
///
/// # Panics
/// When the function and the document differ.
pub async fn answers<H, F>(function: &str, renderer: Renderer, handler: H) -> BTreeMap<String, u16>
where
    H: Fn(ApiRequest) -> F,
    F: Future<Output = Result<Answer, Problem>>,
{
    let (mut statuses, mut answered) = (BTreeMap::new(), BTreeMap::new());
    for (case, text) in texts(function) {
        let (operation, request) = (operation(&text), api_request(&text));
        let answer =
            handler(request.clone()).await.unwrap_or_else(|problem| renderer(&problem, "req-sample"));
        operation.judge(&answer).unwrap_or_else(|error| panic!("events/{function}/{case}.json: {error}"));
        if answer.status.is_success() {
            answered.insert(operation, request);
        }
        statuses.insert(case, answer.status.as_u16());
    }
    for operation in operations_of(function).filter(|operation| !operation.scopes().is_empty()) {
        let request = answered.get(&operation);
        let request =
            request.unwrap_or_else(|| panic!("events/{function} has no sample that {operation} answers"));
        asks_for_the_documented_scope(&operation, request, &handler).await;
        refuses_what_is_not_documented(&operation, request, &handler).await;
    }
    statuses
}

/// The operations that the template routes to a function.
fn operations_of(function: &str) -> impl Iterator<Item = Operation> {
    let routes = template::routes(function).expect("the template can be read");
    routes.into_iter().map(|(method, path)| Operation::of(&method.parse().expect("a method"), &path))
}

/// The operation that a sample of an API function calls.
fn operation(text: &str) -> Operation {
    let event: Value = serde_json::from_str(text).expect("a sample is JSON");
    let member = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
    let method = member("httpMethod").parse().expect("a sample names a method");
    Operation::of(&method, &member("resource"))
}

/// What a test expects of [`answers`].
#[must_use]
pub fn statuses(expected: &[(&str, u16)]) -> BTreeMap<String, u16> {
    expected.iter().map(|(case, status)| ((*case).to_owned(), *status)).collect()
}
