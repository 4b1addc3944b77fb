//! The identity provider of the local stack: people sign in there as they would at a company's own. It is a certified OpenID
//! provider on a free loopback port, and knows the sample people only.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde_json::{Map, Value, json};

use crate::paths::StackDir;
use crate::stack::{IdentityProvider, SampleMerchant};
use crate::tools::{PythonTools, install_program};

/// What it is made of.
const FILES: [&str; 3] = ["package.json", "package-lock.json", "server.js"];

/// The name under which it knows the console.
const CLIENT_ID: &str = "paywarden-console";

/// A running provider. It is stopped when this is dropped.
pub struct Running {
    child: Child,
    /// Kept open: a program whose output nobody takes would end at its next line.
    _output: BufReader<ChildStdout>,
    /// What is known of it.
    pub described: IdentityProvider,
}

impl Running {
    /// Starts it; it sends people back to the console of the stack at `api_url`. It knows nobody yet.
    pub fn start(dir: &StackDir, api_url: &str) -> anyhow::Result<Self> {
        let node = PythonTools::install_node()?;
        let program = install_program(&node, "identity_provider", &FILES)?;
        let redirect_uri = format!("{api_url}/console/sign-in/callback");
        std::fs::write(dir.people_file(), "{}")?;
        let mut command = Command::new(node.tool("node"));
        command
            .arg(program.join("server.js"))
            .arg(dir.people_file())
            .arg(&redirect_uri)
            .current_dir(dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(dir.identity_provider_log())?);
        // Ctrl-C is for this process, which stops it.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().context("the identity provider could not be started")?;
        let output = child.stdout.take().context("its output is piped")?;
        let mut output = BufReader::new(output);
        let mut issuer = String::new();
        output.read_line(&mut issuer)?;
        let issuer = issuer.trim().to_owned();
        let described = IdentityProvider { issuer, client_id: CLIENT_ID.to_owned(), redirect_uri };
        let running = Self { child, _output: output, described };
        if running.described.issuer.is_empty() {
            bail!("the identity provider did not start; see {}", dir.identity_provider_log().display());
        }
        Ok(running)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The group: the program called node starts Node.js as its child. It holds nothing that would have to be ended well.
        if let Ok(group) = i32::try_from(self.child.id()) {
            let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
        }
        drop(self.child.wait());
    }
}

/// Makes a person for each role of each sample merchant, and one for whom nobody has a role, and tells the provider.
pub fn make_people(dir: &StackDir, merchants: &mut [SampleMerchant]) -> anyhow::Result<()> {
    let mut people = Map::new();
    for merchant in merchants {
        let company = merchant.name.to_lowercase().replace(' ', "-");
        let roles: Vec<String> = merchant.clients.keys().cloned().chain(["guest".to_owned()]).collect();
        for role in roles {
            let login = format!("{role}@{company}.example");
            let claims = json!({
                "name": format!("{role} of {}", merchant.name), "email": login, "email_verified": true,
                "merchant": merchant.id, "groups": ["staff", format!("paywarden-{role}")],
            });
            people.insert(login.clone(), claims);
            merchant.people.insert(role, login);
        }
    }
    std::fs::write(dir.people_file(), serde_json::to_string_pretty(&Value::Object(people))?)?;
    Ok(())
}
