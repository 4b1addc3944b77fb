//! `GET /openapi.json`: the document that describes this API.
//!
//! - Called by anybody.
//! - Reads and writes nothing: the document is compiled in.

use lambda_http::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use paywarden_lambda_kit::answer::Answer;
use paywarden_lambda_kit::door::OpenDoor;
use paywarden_lambda_kit::problem::Problem;
use paywarden_lambda_kit::request::ApiRequest;

const DOCUMENT: &str = include_str!("../../../infra/openapi.json");

const DOOR: OpenDoor = OpenDoor::new(env!("CARGO_PKG_NAME"));

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    DOOR.serve_without_data(|_| Ok(()), handle).await
}

async fn handle(_deps: &(), _request: ApiRequest) -> Result<Answer, Problem> {
    Ok(document())
}

fn document() -> Answer {
    let answer = Answer {
        status: lambda_http::http::StatusCode::OK,
        headers: Default::default(),
        body: DOCUMENT.to_owned(),
        changed: None,
    };
    answer
        .with_header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
        .with_header(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"))
}

#[cfg(test)]
mod tests {
    use paywarden_testing::TestDoor;

    use super::*;

    #[test]
    fn the_document_is_openapi_3_1() {
        assert_eq!(document().body_json()["openapi"], "3.1.0");
    }

    #[tokio::test]
    async fn the_sample_is_answered() {
        let door = TestDoor::open_to_strangers(DOOR, |_| Ok(()), handle).await;
        door.samples_are_answered(&[("document", 200)]).await;
    }
}
