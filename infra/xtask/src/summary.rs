//! What to try once a stack is up.

use paywarden_api_client::Credentials;

use crate::stack::{SampleMerchant, Stack};
use crate::tools::PythonTools;

/// Prints addresses, who can sign in, a token and five lines to paste.
pub async fn print(stack: &Stack, tools: &PythonTools) -> anyhow::Result<()> {
    let ((merchant, admin), token) = (stack.sample_admin()?, stack.sample_token().await?);
    let api = &stack.api_url;
    println!("\nPaywarden is up.\n");
    println!("  console    {}", stack.console_url);
    println!("  API        {api}");
    println!("  document   {api}/openapi.json");
    println!(
        "  receiver   {}  (every webhook is printed and kept in {})",
        stack.receiver.url, stack.receiver.log
    );
    println!("  emulator   {}", stack.endpoint_url);
    let people: Vec<&str> =
        stack.merchants.iter().flat_map(|merchant| merchant.people.values()).map(String::as_str).collect();
    println!("  sign-in    {}  ({}, any password)", stack.identity_provider.issuer, people.join(", "));
    for merchant in &stack.merchants {
        println!("  merchant   {} {} ({})", merchant.id, merchant.name, merchant.time_zone);
    }
    println!("\nSign in to the console of {} with a client id and its secret:\n", merchant.name);
    for (role, client) in &merchant.clients {
        println!("  {role:<12} {}  {}", client.client_id, client.client_secret);
    }
    println!("\nA token of {}'s admin, good for ten minutes:\n\n  export TOKEN={token}\n", merchant.name);
    println!("Five lines to try:\n");
    for line in lines(stack, merchant, admin) {
        println!("  {line}");
    }
    println!("\nOne function alone, reloaded as you edit it, on this stack's tables:\n");
    println!("  export PATH={}:$PATH", tools.bin().display());
    println!("  cargo lambda watch --profile quick --env-file target/local/lambda.env");
    println!("  cargo lambda invoke list-transactions --data-file events/list-transactions/first-page.json");
    Ok(())
}

fn lines(stack: &Stack, merchant: &SampleMerchant, admin: &Credentials) -> Vec<String> {
    let api = &stack.api_url;
    let mut lines = vec![
        format!(
            "curl -s {api}/oauth/token -u {}:{} -d grant_type=client_credentials",
            admin.client_id, admin.client_secret
        ),
        format!("curl -s '{api}/transactions?limit=3' -H \"Authorization: Bearer $TOKEN\""),
        format!(
            "curl -s {api}/transactions -H \"Authorization: Bearer $TOKEN\" -d '{{\"direction\": \"receive\", \
             \"method\": \"QRIS\", \"amount\": 10000, \"currency\": \"IDR\", \"transaction_reference\": \"TRY-1\"}}'"
        ),
    ];
    let xendit = merchant.providers.iter().find(|provider| provider.provider_type == "xendit");
    if let Some((provider, callback_token)) =
        xendit.and_then(|provider| Some((provider, provider.credentials.get("callback_token")?)))
    {
        lines.push(format!(
            "curl -s {} -H 'x-callback-token: {callback_token}' -d '{{\"event\": \"qr.payment\", \"id\": \"qrpy_1\", \
             \"amount\": 10000, \"status\": \"COMPLETED\", \"qr_code\": {{\"external_id\": \"TRY-1\"}}}}'",
            provider.callback_url
        ));
    }
    lines.push(format!("curl -s {api}/transactions/record/TRY-1 -H \"Authorization: Bearer $TOKEN\""));
    lines
}
