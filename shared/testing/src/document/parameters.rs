//! The query parameters of an operation, asked of its function: what it refuses, it refuses with a list of what it
//! knows, and that list is to be the document's.

use std::collections::BTreeSet;

use lambda_http::http::Method;
use paywarden_domain::access::Scope;
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::query::Query;
use paywarden_lambda_kit::request::ApiRequest;
use serde_json::{Value, json};

use super::{Operation, document, resolved};

const UNKNOWN: &str = "unknown parameter; expected ";
const WORDS: &str = "expected one of ";

/// Asks the function behind `operation`, by way of a request that it answers well, for a parameter that the document
/// does not know, and for a word that is none of each documented parameter's.
///
/// # Panics
/// When the function knows other parameters or words than the document.
pub async fn refuses_what_is_not_documented<H, F>(operation: &Operation, request: &ApiRequest, handler: &H)
where
    H: Fn(ApiRequest) -> F,
    F: Future<Output = Result<Answer, Problem>>,
{
    let parameters = query_parameters(operation);
    let names: BTreeSet<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
    // Whoever writes and takes no parameters looks at none, and would only write again.
    if names.is_empty() && request.method != Method::GET {
        return;
    }
    let known = listed(UNKNOWN, handler(asking(request, "undocumented", "1")).await);
    let known = known.unwrap_or_else(|| panic!("{operation} takes a parameter that is not documented"));
    let known: BTreeSet<&str> =
        known.iter().map(String::as_str).filter(|name| *name != "no parameters").collect();
    assert_eq!(known, names, "{operation}: the function's query parameters and the document's");
    for (name, words) in parameters.iter().filter(|(_, words)| !words.is_empty()) {
        let known = listed(WORDS, handler(asking(request, name, "undocumented")).await);
        let known =
            known.unwrap_or_else(|| panic!("{operation} takes a word for {name} that is not documented"));
        assert_eq!(&known, words, "{operation}: the function's words of {name} and the document's");
    }
}

/// The parameters in the query, each with the words it is one of, if it is.
fn query_parameters(operation: &Operation) -> Vec<(String, Vec<String>)> {
    let parameters = operation.described(document())["parameters"].as_array().into_iter().flatten();
    let parameters = parameters.map(|parameter| resolved(document(), parameter));
    let in_query = parameters.filter(|parameter| parameter["in"] == "query");
    in_query
        .map(|parameter| (parameter["name"].as_str().unwrap_or_default().to_owned(), words(parameter)))
        .collect()
}

/// The words of a parameter, or of each value where it takes several.
fn words(parameter: &Value) -> Vec<String> {
    let schema = resolved(document(), &parameter["schema"]);
    let one = if schema["type"] == "array" { resolved(document(), &schema["items"]) } else { schema };
    one["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The same request by a caller who may do everything, with this as its whole query.
fn asking(request: &ApiRequest, name: &str, value: &str) -> ApiRequest {
    let mut request = request.clone();
    let scopes: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    request.authorizer.insert("scopes".to_owned(), json!(scopes.join(" ")));
    request.query = Query(vec![(name.to_owned(), value.to_owned())]);
    request
}

/// What a refusal lists behind these words.
fn listed(behind: &str, outcome: Result<Answer, Problem>) -> Option<Vec<String>> {
    let problem = outcome.err()?;
    let list = problem.message().strip_prefix(behind)?;
    Some(list.split(", ").map(str::to_owned).collect())
}
