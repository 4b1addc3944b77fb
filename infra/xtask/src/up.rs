//! `up` and `down`.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::signal::unix::{SignalKind, signal};

use crate::emulator::{Emulator, REGION};
use crate::paths::StackDir;
use crate::progress::Step;
use crate::stack::{self, Receiver, Running, Stack};
use crate::tools::PythonTools;
use crate::{build, deploy, front_door, identity_provider, logs, operator, receiver, summary};

/// Starts a stack and serves it until it is told to stop; to one that runs already, it deploys again.
pub async fn run(dir: &StackDir) -> anyhow::Result<()> {
    std::fs::create_dir_all(dir.path())?;
    let tools = PythonTools::install()?;
    build::functions()?;
    if let Some(running) = Running::find(dir) {
        deploy::run(&tools, dir, &running).await?;
        return summary::print(&Stack::read(dir)?, &tools).await;
    }
    drop(std::fs::remove_file(dir.stack_json()));
    let mut stop = Stop::listen()?;
    tokio::select! {
        outcome = serve(dir, &tools) => outcome,
        () = stop.requested() => {
            eprintln!("stopping");
            drop(std::fs::remove_file(dir.running_json()));
            drop(std::fs::remove_file(dir.stack_json()));
            Ok(())
        }
    }
}

/// Everything lives in this future: when it is dropped, the emulator and its functions are stopped.
async fn serve(dir: &StackDir, tools: &PythonTools) -> anyhow::Result<()> {
    let step = Step::begin("starting the emulator");
    deploy::forget(dir)?;
    let emulator = Emulator::start(tools, dir).await?;
    step.done();
    let door = front_door::open(dir.gateway_file(), dir.is_private()).await?;
    let api_url = format!("http://{door}/v1");
    let pid = i32::try_from(std::process::id())?;
    let endpoint_url = emulator.endpoint.clone();
    let provider = identity_provider::Running::start(dir, &api_url)?;
    let issuer = provider.described.issuer.clone();
    let running = Running { pid, endpoint_url, api_url: api_url.clone(), issuer };
    stack::write(&dir.running_json(), &running)?;
    deploy::run(tools, dir, &running).await?;
    let receiver = receiver::open(dir.receiver_log()).await?;
    let mut stack = Stack {
        api_url,
        console_url: format!("http://{door}/v1/console/"),
        endpoint_url: emulator.endpoint.clone(),
        region: REGION.to_owned(),
        stack_name: deploy::STACK_NAME.to_owned(),
        receiver: Receiver {
            url: format!("http://{receiver}"),
            log: dir.receiver_log().display().to_string(),
        },
        identity_provider: provider.described.clone(),
        merchants: Vec::new(),
    };
    let step = Step::begin("making sample merchants, clients, providers and payments");
    match operator::make_sample_data(&stack).await {
        Ok(merchants) => stack.merchants = merchants,
        Err(error) => {
            // The logs go with the emulator; now is the time to show them.
            logs::show(dir, None, false).await?;
            return Err(error);
        }
    }
    identity_provider::make_people(dir, &mut stack.merchants)?;
    step.done();
    stack::write(&dir.stack_json(), &stack)?;
    summary::print(&stack, tools).await?;
    println!("\nThe stack is up. Ctrl-C stops it.");
    std::future::pending().await
}

/// Starts a stack in the background and waits until it is up.
pub async fn detached(dir: &StackDir) -> anyhow::Result<()> {
    if Running::find(dir).is_some() {
        return run(dir).await;
    }
    std::fs::create_dir_all(dir.path())?;
    drop(std::fs::remove_file(dir.stack_json()));
    // Tools and functions here, where progress can be seen.
    let tools = PythonTools::install()?;
    build::functions()?;
    let log = std::fs::File::create(dir.up_log())?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("up").stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    if dir.is_private() {
        command.arg("--private").arg(dir.path());
    }
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn()?;
    let step = Step::begin("starting the stack, deploying, making sample data");
    while !dir.stack_json().is_file() {
        if let Some(status) = child.try_wait()? {
            let log = std::fs::read_to_string(dir.up_log()).unwrap_or_default();
            bail!("the stack ended with {status}:\n{log}");
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    step.done();
    // Whoever started a process has to take note of its end; until then it counts as there.
    std::thread::spawn(move || child.wait());
    summary::print(&Stack::read(dir)?, &tools).await?;
    println!("\nThe stack is up in the background. cargo xtask down stops it.");
    Ok(())
}

/// Stops a stack and waits until it is gone.
pub async fn down(dir: &StackDir) -> anyhow::Result<()> {
    let Some(running) = Running::find(dir) else {
        println!("no stack is up here");
        return Ok(());
    };
    kill(Pid::from_raw(running.pid), Signal::SIGTERM).context("the stack could not be told to stop")?;
    for _ in 0..100 {
        if !running.is_alive() {
            println!("stopped");
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!("the stack (process {}) did not stop", running.pid)
}

/// Ctrl-C, or being told to end.
struct Stop {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Stop {
    fn listen() -> anyhow::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn requested(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
