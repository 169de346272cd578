//! The system's own look-up, for what only its modules know: slow to fail, so on threads of its own.

use super::{Answer, Trouble, is_of};
use crate::domain::Family;
use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

// getaddrinfo cannot be called off and takes up to 20 s when the resolver is dead. So there are a
// few threads that nobody ever waits for, and a queue in front of them whose questions are dropped
// when nobody waits for the answer any more.

/// How many look-ups run side by side.
const THREADS_MAX: usize = 4;
/// How many may wait.
const QUESTIONS_MAX: usize = 256;
/// How long a thread without a question stays.
const IDLE: Duration = Duration::from_secs(10);
/// A resolver that is there answers sooner, whatever it has to say.
const SLOW: Duration = Duration::from_secs(1);

#[derive(Debug)]
struct Question {
    name: String,
    deadline: Instant,
    answer: oneshot::Sender<Answer>,
}

#[derive(Debug, Default)]
struct Queue {
    questions: VecDeque<Question>,
    threads: usize,
    idle: usize,
}

/// The threads that ask the system, started as they are needed.
#[derive(Debug, Default)]
pub(super) struct System(Arc<(Mutex<Queue>, Condvar)>);

impl System {
    /// Asks the system; what is not answered by `deadline` is not asked any more.
    pub async fn look_up(&self, name: &str, family: Family, deadline: Instant) -> Answer {
        let (answer, answered) = oneshot::channel();
        self.enqueue(Question { name: name.to_owned(), deadline, answer })?;
        let addresses = answered.await.unwrap_or(Err(Trouble::TimedOut))?;
        let of_family: Vec<IpAddr> = addresses.into_iter().filter(|address| is_of(family, *address)).collect();
        if of_family.is_empty() { Err(Trouble::NoAddress) } else { Ok(of_family) }
    }

    fn enqueue(&self, question: Question) -> Result<(), Trouble> {
        let (queue, news) = &*self.0;
        let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.questions.len() >= QUESTIONS_MAX {
            return Err(Trouble::Overload);
        }
        queue.questions.push_back(question);
        if queue.idle < queue.questions.len() && queue.threads < THREADS_MAX {
            let shared = Arc::clone(&self.0);
            let thread = std::thread::Builder::new().name("look-up".to_owned());
            match thread.spawn(move || serve(&shared)) {
                Ok(_) => queue.threads += 1,
                Err(_) if queue.threads == 0 => {
                    queue.questions.pop_back();
                    return Err(Trouble::Overload);
                }
                Err(_) => {}
            }
        }
        news.notify_one();
        Ok(())
    }
}

fn serve((queue, news): &(Mutex<Queue>, Condvar)) {
    let mut held = queue.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if let Some(question) = held.questions.pop_front() {
            drop(held);
            if !question.answer.is_closed() && Instant::now() < question.deadline {
                // The asker may have left meanwhile.
                let _ = question.answer.send(ask(&question.name));
            }
            held = queue.lock().unwrap_or_else(PoisonError::into_inner);
            continue;
        }
        held.idle += 1;
        let (again, wait) = news.wait_timeout(held, IDLE).unwrap_or_else(PoisonError::into_inner);
        held = again;
        held.idle -= 1;
        if wait.timed_out() && held.questions.is_empty() {
            held.threads -= 1;
            return;
        }
    }
}

fn ask(name: &str) -> Answer {
    let begun = Instant::now();
    match (name, 0).to_socket_addrs() {
        Ok(found) => Ok(found.map(|address| address.ip()).collect()),
        Err(error) => Err(trouble(&error, begun.elapsed())),
    }
}

/// What the C library means. The standard library passes its number on only as a text, which is
/// glibc's or musl's; whatever else it says leaves the question open. A resolver that says that it
/// cannot answer and one that says nothing look alike but for the time they take.
fn trouble(error: &io::Error, after: Duration) -> Trouble {
    match error.raw_os_error() {
        Some(libc::EMFILE | libc::ENFILE) => return Trouble::Descriptors,
        Some(_) => return Trouble::Refused,
        None => {}
    }
    let text = error.to_string();
    let says = |words: &[&str]| words.iter().any(|words| text.ends_with(words));
    if says(&["Name or service not known", "Name does not resolve"]) {
        Trouble::NoSuchName
    } else if says(&["No address associated with hostname", "Name has no usable address"]) {
        Trouble::NoAddress
    } else if after >= SLOW && says(&["Temporary failure in name resolution", "Try again"]) {
        Trouble::TimedOut
    } else {
        Trouble::Refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_of_the_hosts_file_is_found_and_the_family_counts() {
        let system = System::default();
        let deadline = Instant::now() + Duration::from_secs(5);
        let found = system.look_up("localhost", Family::Ipv4, deadline).await;
        assert_eq!(found, Ok(vec![IpAddr::from([127, 0, 0, 1])]));
    }

    #[test]
    fn an_unknown_text_is_never_held_against_the_name() {
        let (soon, late) = (Duration::from_millis(1), Duration::from_secs(20));
        let says = |text: &str, after| trouble(&io::Error::other(format!("lookup: {text}")), after);
        assert_eq!(says("Name or service not known", soon), Trouble::NoSuchName);
        assert_eq!(says("Name has no usable address", soon), Trouble::NoAddress);
        assert_eq!(says("Try again", soon), Trouble::Refused);
        assert_eq!(says("Try again", late), Trouble::TimedOut);
        assert_eq!(says("something new", late), Trouble::Refused);
        assert_eq!(trouble(&io::Error::from_raw_os_error(libc::EMFILE), soon), Trouble::Descriptors);
    }
}
