//! A request as code that can be pasted. The token comes from the environment, and so does every secret; what somebody filled in
//! is quoted, so that none of it is read as code.

use std::fmt::Write as _;

use super::call::{Call, Payload, is_secret};
use crate::asked::Asked;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Curl,
    Rust,
    Node,
    Python,
}

impl Language {
    pub const ALL: &'static [Self] = &[Self::Curl, Self::Rust, Self::Node, Self::Python];

    /// The language that was asked for.
    pub fn of(asked: &Asked) -> Self {
        let wanted = asked.text("language");
        Self::ALL.iter().copied().find(|language| language.word() == wanted).unwrap_or(Self::Curl)
    }

    pub const fn word(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::Rust => "rust",
            Self::Node => "node",
            Self::Python => "python",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::Rust => "Rust (reqwest)",
            Self::Node => "Node (fetch)",
            Self::Python => "Python (requests)",
        }
    }

    /// The request in this language; `url` is where the API is.
    pub fn code(self, call: &Call, url: &str) -> String {
        let address = format!("{url}{}", call.path);
        match self {
            Self::Curl => curl(call, &address),
            Self::Rust => rust(call, &address),
            Self::Node => node(call, &address),
            Self::Python => python(call, &address),
        }
    }
}

/// The variable that has a secret.
pub fn variable(name: &str) -> String {
    name.to_ascii_uppercase()
}

fn curl(call: &Call, address: &str) -> String {
    let mut parts = vec![format!("curl -sS -g -X {} {}", call.method, in_shell(address))];
    if call.has_token {
        parts.push("-H \"Authorization: Bearer $TOKEN\"".to_owned());
    }
    parts.extend(
        call.headers.iter().map(|(name, value)| format!("-H {}", in_shell(&format!("{name}: {value}")))),
    );
    match &call.payload {
        Payload::Nothing => {}
        Payload::Text(text) => parts.push(format!("--data-raw {}", in_shell(text))),
        Payload::Form(members) => parts.extend(members.iter().map(|(name, value)| {
            if is_secret(name) {
                return format!("--data-urlencode \"{name}=${}\"", variable(name));
            }
            format!("--data-urlencode {}", in_shell(&format!("{name}={value}")))
        })),
    }
    parts.join(" \\\n  ")
}

fn rust(call: &Call, address: &str) -> String {
    let mut code =
        String::from("#[tokio::main]\nasync fn main() -> Result<(), Box<dyn std::error::Error>> {\n");
    code.push_str("    let answer = reqwest::Client::new()\n");
    let _ = writeln!(code, "        .request(reqwest::Method::{}, {address:?})", call.method);
    if call.has_token {
        code.push_str("        .bearer_auth(std::env::var(\"TOKEN\")?)\n");
    }
    for (name, value) in &call.headers {
        let _ = writeln!(code, "        .header({name:?}, {value:?})");
    }
    match &call.payload {
        Payload::Nothing => {}
        Payload::Text(text) => {
            let _ = writeln!(code, "        .body({})", in_rust(text));
        }
        Payload::Form(members) => {
            let pairs = members.iter().map(|(name, value)| match is_secret(name) {
                true => format!("({name:?}, std::env::var({:?})?)", variable(name)),
                false => format!("({name:?}, {value:?}.to_owned())"),
            });
            let _ = writeln!(code, "        .form(&[{}])", pairs.collect::<Vec<_>>().join(", "));
        }
    }
    code.push_str("        .send()\n        .await?;\n");
    code.push_str("    println!(\"{}\\n{}\", answer.status(), answer.text().await?);\n    Ok(())\n}\n");
    code
}

fn node(call: &Call, address: &str) -> String {
    let mut code = format!(
        "const answer = await fetch({}, {{\n  method: {},\n",
        in_json(address),
        in_json(call.method.as_str())
    );
    let mut headers: Vec<String> = Vec::new();
    if call.has_token {
        headers.push("authorization: `Bearer ${process.env.TOKEN}`".to_owned());
    }
    headers.extend(call.headers.iter().map(|(name, value)| format!("{}: {}", in_json(name), in_json(value))));
    if !headers.is_empty() {
        let _ = writeln!(code, "  headers: {{\n    {},\n  }},", headers.join(",\n    "));
    }
    match &call.payload {
        Payload::Nothing => {}
        Payload::Text(text) => {
            let _ = writeln!(code, "  body: {},", lines(text).join(" +\n    "));
        }
        Payload::Form(members) => {
            let _ = writeln!(
                code,
                "  body: new URLSearchParams({{\n{}  }}),",
                pairs(members, |name| format!("process.env.{name}"))
            );
        }
    }
    code.push_str("});\nconsole.log(answer.status, await answer.text());\n");
    code
}

fn python(call: &Call, address: &str) -> String {
    let mut code = String::from("import os\n\nimport requests\n\nanswer = requests.request(\n");
    let _ = writeln!(code, "    {},\n    {},", in_json(call.method.as_str()), in_json(address));
    let mut headers: Vec<String> = Vec::new();
    if call.has_token {
        headers.push("\"authorization\": f\"Bearer {os.environ['TOKEN']}\"".to_owned());
    }
    headers.extend(call.headers.iter().map(|(name, value)| format!("{}: {}", in_json(name), in_json(value))));
    if !headers.is_empty() {
        let _ = writeln!(code, "    headers={{\n        {},\n    }},", headers.join(",\n        "));
    }
    match &call.payload {
        Payload::Nothing => {}
        Payload::Text(text) => {
            let _ = writeln!(code, "    data=(\n        {}\n    ).encode(),", lines(text).join("\n        "));
        }
        Payload::Form(members) => {
            let _ = writeln!(
                code,
                "    data={{\n{}    }},",
                pairs(members, |name| format!("os.environ[\"{name}\"]"))
            );
        }
    }
    code.push_str("    timeout=30,\n)\nprint(answer.status_code, answer.text)\n");
    code
}

/// Members of a form as lines of an object, for Node and Python.
fn pairs(members: &[(String, String)], secret: impl Fn(&str) -> String) -> String {
    let line = |(name, value): &(String, String)| {
        let value = if is_secret(name) { secret(&variable(name)) } else { in_json(value) };
        format!("    {}: {value},\n", in_json(name))
    };
    members.iter().map(line).collect()
}

/// A text for a shell: nothing has a meaning between single quotes but the quote itself.
fn in_shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A text for Node and Python, both of which read what JSON writes.
fn in_json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A text of several lines, each as a text of its own.
fn lines(text: &str) -> Vec<String> {
    text.split_inclusive('\n').map(in_json).collect()
}

/// A text for Rust: as it is where nothing in it can be mistaken, else with escapes.
fn in_rust(text: &str) -> String {
    let is_plain = text.chars().all(|sign| sign == '\n' || sign == ' ' || sign.is_ascii_graphic());
    let longest =
        text.split('"').skip(1).map(|rest| rest.bytes().take_while(|byte| *byte == b'#').count()).max();
    match longest {
        Some(longest) if is_plain => {
            let signs = "#".repeat(longest + 1);
            format!("r{signs}\"{text}\"{signs}")
        }
        _ => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests;
