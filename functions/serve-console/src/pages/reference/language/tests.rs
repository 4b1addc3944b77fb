use http::Method;

use super::*;

/// Everything that means something to a shell or in a string.
const HOSTILE: &str = "it's \"x\"; $(rm -rf ~) `id` $HOME \\ #\" \n<b>${1}</b>";

fn call(payload: Payload) -> Call {
    Call {
        method: Method::POST,
        path: "/things/a%27b?q=%24x".to_owned(),
        headers: vec![("if-match".to_owned(), "\"3\" 'a' $b `c`".to_owned())],
        has_token: true,
        payload,
    }
}

fn form() -> Payload {
    let member = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Payload::Form(vec![member("client_secret", "pws_hidden"), member("scope", HOSTILE)])
}

#[test]
fn curl_quotes_everything_but_the_token() {
    let code = Language::Curl.code(&call(Payload::Text(HOSTILE.to_owned())), "https://a.example/v1");
    assert_eq!(
        code,
        "curl -sS -g -X POST 'https://a.example/v1/things/a%27b?q=%24x' \\\n  \
         -H \"Authorization: Bearer $TOKEN\" \\\n  \
         -H 'if-match: \"3\" '\\''a'\\'' $b `c`' \\\n  \
         --data-raw 'it'\\''s \"x\"; $(rm -rf ~) `id` $HOME \\ #\" \n<b>${1}</b>'"
    );
}

#[test]
fn rust_has_texts_as_they_are_or_with_escapes() {
    let code = Language::Rust.code(&call(Payload::Text(HOSTILE.to_owned())), "https://a.example/v1");
    assert!(code.contains(&format!("        .body(r#\"{HOSTILE}\"#)\n")), "{code}");
    assert!(code.contains(".header(\"if-match\", \"\\\"3\\\" 'a' $b `c`\")"), "{code}");
    assert!(code.contains(".bearer_auth(std::env::var(\"TOKEN\")?)"), "{code}");
    assert_eq!(in_rust("{\"a\": \"#\"}"), "r##\"{\"a\": \"#\"}\"##");
    assert_eq!(in_rust("\"## \"#"), "r###\"\"## \"#\"###");
    assert_eq!(in_rust("no quote"), "\"no quote\"");
    assert_eq!(in_rust("\"\r\u{202e}\""), "\"\\\"\\r\\u{202e}\\\"\"");
}

#[test]
fn node_and_python_read_what_json_writes() {
    let hostile = "\"it's \\\"x\\\"; $(rm -rf ~) `id` $HOME \\\\ #\\\" \\n\"";
    let node = Language::Node.code(&call(Payload::Text(HOSTILE.to_owned())), "https://a.example/v1");
    assert!(node.contains(&format!("  body: {hostile} +\n    \"<b>${{1}}</b>\",\n")), "{node}");
    assert!(
        node.contains(
            "authorization: `Bearer ${process.env.TOKEN}`,\n    \"if-match\": \"\\\"3\\\" 'a' $b `c`\""
        ),
        "{node}"
    );
    let python = Language::Python.code(&call(Payload::Text(HOSTILE.to_owned())), "https://a.example/v1");
    assert!(
        python.contains(&format!(
            "    data=(\n        {hostile}\n        \"<b>${{1}}</b>\"\n    ).encode(),\n"
        )),
        "{python}"
    );
    assert!(python.contains("\"authorization\": f\"Bearer {os.environ['TOKEN']}\""), "{python}");
}

#[test]
fn secrets_come_from_the_environment() {
    let call = Call { has_token: false, headers: Vec::new(), ..call(form()) };
    for (language, shown) in [
        (Language::Curl, "--data-urlencode \"client_secret=$CLIENT_SECRET\""),
        (Language::Rust, "(\"client_secret\", std::env::var(\"CLIENT_SECRET\")?)"),
        (Language::Node, "\"client_secret\": process.env.CLIENT_SECRET,"),
        (Language::Python, "\"client_secret\": os.environ[\"CLIENT_SECRET\"],"),
    ] {
        let code = language.code(&call, "https://a.example/v1");
        assert!(code.contains(shown) && !code.contains("pws_hidden") && !code.contains("TOKEN"), "{code}");
    }
}
