//! The sample events in `events/<function>/`. Each function's own tests run all of its samples, so that what
//! `cargo lambda invoke` is given keeps fitting the code.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;

use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;
use serde::de::DeserializeOwned;

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

/// What an API function answers its samples: the status by case.
pub async fn answers<H, F>(function: &str, handler: H) -> BTreeMap<String, u16>
where
    H: Fn(ApiRequest) -> F,
    F: Future<Output = Result<Answer, Problem>>,
{
    let mut statuses = BTreeMap::new();
    for (case, text) in texts(function) {
        let status = match handler(api_request(&text)).await {
            Ok(answer) => answer.status.as_u16(),
            Err(problem) => problem.status(),
        };
        statuses.insert(case, status);
    }
    statuses
}

/// What a test expects of [`answers`].
#[must_use]
pub fn statuses(expected: &[(&str, u16)]) -> BTreeMap<String, u16> {
    expected.iter().map(|(case, status)| ((*case).to_owned(), *status)).collect()
}
