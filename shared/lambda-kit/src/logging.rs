//! Logs: one flat JSON object a line, with the keys that Powertools made common. What a span knows (the request's ids)
//! stands on every line written inside it.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};

use lambda_http::RequestExt;
use paywarden_domain::time::Clock;
use paywarden_store::env::Env;
use paywarden_store::system::SystemClock;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Span, Subscriber};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging for this process. Later calls change nothing.
///
/// `RUST_LOG` decides what is written, else `AWS_LAMBDA_LOG_LEVEL`, else `LOG_LEVEL`, else INFO: a level, or levels by crate and
/// module, such as `info,hyper=debug`.
pub fn init(service: &'static str) {
    static STARTED: OnceLock<()> = OnceLock::new();
    STARTED.get_or_init(|| {
        let env = Env::process();
        let level = ["RUST_LOG", "AWS_LAMBDA_LOG_LEVEL", "LOG_LEVEL"].iter().find_map(|name| env.find(name));
        let filter = filter(level.unwrap_or("info"));
        let function = env.find("AWS_LAMBDA_FUNCTION_NAME").unwrap_or(service).to_owned();
        let layer = JsonLines::new(service, function, Box::new(std::io::stdout()));
        // Another subscriber can only be there in tests; theirs stays.
        drop(tracing_subscriber::registry().with(filter).with(layer).try_init());
    });
}

/// What is written at this setting, and at one that cannot be read INFO. It has no filter by members of spans: those take a matcher
/// of regular expressions, a third of a megabyte in every program.
fn filter(setting: &str) -> Targets {
    setting.parse().unwrap_or_else(|_| Targets::new().with_default(LevelFilter::INFO))
}

/// What the platform says of the invocation at hand.
#[derive(Debug, Clone, Default)]
pub struct Invocation {
    request_id: String,
    xray_trace_id: String,
}

impl Invocation {
    /// The invocation that carries an API request.
    #[must_use]
    pub fn of_request(request: &lambda_http::Request) -> Self {
        request.lambda_context_ref().map(Self::of_context).unwrap_or_default()
    }

    /// The invocation with this context.
    #[must_use]
    pub fn of_context(context: &lambda_runtime::Context) -> Self {
        Self {
            request_id: context.request_id.clone(),
            xray_trace_id: context.xray_trace_id.clone().unwrap_or_default(),
        }
    }

    /// The span whose members stand on every line of the invocation.
    #[must_use]
    pub fn span(&self, correlation_id: &str) -> Span {
        static WARM: AtomicBool = AtomicBool::new(false);
        tracing::info_span!(
            "invocation",
            function_request_id = self.request_id.as_str(),
            xray_trace_id = self.xray_trace_id.as_str(),
            correlation_id,
            cold_start = !WARM.swap(true, Ordering::Relaxed),
        )
    }
}

/// The layer that writes the lines.
struct JsonLines {
    service: &'static str,
    function_name: String,
    output: Mutex<Box<dyn Write + Send>>,
}

/// What a span knows.
struct Members(Map<String, Value>);

impl JsonLines {
    fn new(service: &'static str, function_name: String, output: Box<dyn Write + Send>) -> Self {
        Self { service, function_name, output: Mutex::new(output) }
    }

    fn head(&self, event: &Event<'_>) -> Map<String, Value> {
        let head = BTreeMap::from([
            ("timestamp", SystemClock.now().to_rfc3339_millis()),
            ("level", event.metadata().level().to_string()),
            ("service", self.service.to_owned()),
            ("function_name", self.function_name.clone()),
        ]);
        head.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect()
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for JsonLines {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        // The runtime's own span says the same as ours, under other names.
        if attributes.metadata().target().starts_with("lambda_runtime") {
            return;
        }
        let mut members = Members(Map::new());
        attributes.record(&mut members);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(members);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut line = Members(self.head(event));
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(members) = span.extensions().get::<Members>() {
                line.0.extend(members.0.clone());
            }
        }
        event.record(&mut line);
        // Empty texts say nothing; leaving them out keeps lines short and cheap.
        line.0.retain(|_, value| value.as_str() != Some(""));
        let mut text = Value::Object(line.0).to_string();
        text.push('\n');
        let mut output = self.output.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // A log that cannot be written has nowhere to be reported.
        drop(output.write_all(text.as_bytes()).and_then(|()| output.flush()));
    }
}

impl Members {
    fn set(&mut self, field: &Field, value: Value) {
        self.0.insert(field.name().to_owned(), value);
    }
}

impl Visit for Members {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value.into());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let mut text = value.to_string();
        let mut source = value.source();
        while let Some(inner) = source {
            text.push_str(": ");
            text.push_str(&inner.to_string());
            source = inner.source();
        }
        self.set(field, text.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.set(field, format!("{value:?}").into());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[derive(Clone, Default)]
    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn levels_are_set_for_all_or_by_module() {
        use tracing::Level;

        let at = |setting, target, level| filter(setting).would_enable(target, &level);
        for setting in ["info", "INFO", "info,hyper=shout"] {
            assert!(at(setting, "paywarden_store::queue", Level::INFO), "{setting}");
            assert!(!at(setting, "paywarden_store::queue", Level::DEBUG), "{setting}");
        }
        assert!(at("warn,hyper=debug", "hyper::client", Level::DEBUG));
        assert!(!at("warn,hyper=debug", "paywarden_store", Level::INFO));
    }

    #[test]
    fn lines_are_flat_and_carry_what_the_span_knows() {
        let captured = Captured::default();
        let layer =
            JsonLines::new("get-transaction", "stage-get-transaction".into(), Box::new(captured.clone()));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            let invocation = Invocation { request_id: "lambda-1".into(), xray_trace_id: String::new() };
            invocation.span("corr-1").in_scope(|| {
                tracing::info!(merchant_id = "mer_1", status = 200_u64, "request answered");
            });
        });
        let line: Value = serde_json::from_slice(&captured.0.lock().unwrap()).unwrap();
        for (name, expected) in [
            ("level", "INFO"),
            ("message", "request answered"),
            ("service", "get-transaction"),
            ("function_name", "stage-get-transaction"),
            ("function_request_id", "lambda-1"),
            ("correlation_id", "corr-1"),
            ("merchant_id", "mer_1"),
        ] {
            assert_eq!(line[name], expected, "{name}");
        }
        assert_eq!(line["status"], 200);
        assert!(line["cold_start"].is_boolean());
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
        assert!(line.get("xray_trace_id").is_none());
    }
}
