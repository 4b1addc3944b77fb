//! Processes side by side, an operation at a time, and crashes before any of them.

use std::future::Future;
use std::pin::Pin;

use futures::poll;
use paywarden_testing::Turns;

use crate::dice::Dice;

/// A process, and the operation before which it is killed, if it is.
pub struct Process<'a, T> {
    pub future: Pin<Box<dyn Future<Output = T> + 'a>>,
    pub killed_before: Option<usize>,
}

struct Running<'a, T> {
    place: usize,
    process: Process<'a, T>,
}

/// Lets processes go on side by side until each of them has answered or was killed, which is no answer. Whose turn it is the
/// dice decide.
pub async fn side_by_side<T>(
    turns: &Turns,
    dice: &mut Dice,
    processes: Vec<Process<'_, T>>,
) -> Vec<Option<T>> {
    let mut answers: Vec<Option<T>> = processes.iter().map(|_| None).collect();
    let mut running: Vec<Running<'_, T>> =
        processes.into_iter().enumerate().map(|(place, process)| Running { place, process }).collect();
    while !running.is_empty() {
        let next = dice.below(running.len());
        match one_operation(turns, &mut running[next].process).await {
            Turn::Waits => {}
            Turn::Answered(answer) => {
                let ended = running.remove(next);
                answers[ended.place] = Some(answer);
            }
            Turn::Killed => drop(running.remove(next)),
        }
    }
    answers
}

enum Turn<T> {
    Waits,
    Answered(T),
    Killed,
}

/// Lets a process do what it waits to do, until it waits for the next turn. While it waits for something else, such as a
/// receiver's answer, nobody else goes on: how long that takes must decide nothing.
async fn one_operation<T>(turns: &Turns, process: &mut Process<'_, T>) -> Turn<T> {
    loop {
        let before = turns.waited();
        if let std::task::Poll::Ready(answer) = poll!(process.future.as_mut()) {
            return Turn::Answered(answer);
        }
        if turns.waited() == before {
            tokio::task::yield_now().await;
            continue;
        }
        match process.killed_before.as_mut() {
            Some(0) => return Turn::Killed,
            Some(left) => *left -= 1,
            None => {}
        }
        return Turn::Waits;
    }
}
