//! Who serves the inbox of a front end: this process, which then makes the checks, or a wire to the one that does.
//!
//! A history has one owner at a time, and its lock says who. Whoever finds it taken attaches to the owner; when that
//! one goes away, it attaches to the next one or becomes it. The front end notices nothing of this but what it is
//! told: its handle is the same all the time.

use super::owner::{Owning, Running};
use crate::config::paths;
use crate::engine::{Answer, Handle, Inbox, Request, Tally, channel, clock};
use crate::link::{Attached, Client, Heard, LinkError, Parting, Role, Server};
use crate::monitor::{Refusal, Reply, Snapshot};
use crate::tui::Settings;
use crate::tui::settings::Company;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// How long it takes to the next try to attach or to take over, at first and at most.
const TRY_AFTER: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(2)];
/// How long a front end waits for its first picture before it begins without one.
const FIRST_PICTURE: Duration = Duration::from_secs(2);

/// In which part the inbox begins to be served.
pub(super) enum Part {
    /// This process makes the checks.
    Owner(Box<Owning>),
    /// Another one does; the wire to it belongs to this runtime.
    Attached(Box<Attached>, Successor, Runtime),
}

/// What is needed to go on when the owner is gone.
pub(super) struct Successor {
    /// Which history it is about.
    pub history: PathBuf,
    /// For how long others are let go first.
    pub patience: Duration,
    /// Becomes the owner.
    pub succeed: Box<dyn Fn() -> Result<Owning, Denied> + Send>,
}

/// Why this process does not become the owner now.
pub(super) enum Denied {
    /// Another one is.
    InUse,
    /// It cannot be, for this reason.
    Unable(String),
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The front end wanted it to.
    Asked,
    /// The owner has ended the checks for all.
    Dismissed,
}

/// Serves the inbox of a handle on a thread of its own; `front` is told who makes the checks, and they are counted
/// while this process does. When this returns, there is a picture to be shown, or an owner that is slow to send one.
///
/// # Errors
/// The system refuses a thread.
pub(super) fn spawn(part: Part, front: watch::Sender<Settings>, tally: Option<Arc<Tally>>) -> io::Result<Stage> {
    let (handle, mut inbox) = channel(Snapshot::empty(clock::system()));
    inbox.tally = tally;
    let (dismiss, dismissed) = watch::channel(false);
    let stage = Backstage { inbox, handle: handle.clone(), front, dismissed };
    let mut snapshots = handle.snapshots();
    let (begun, runtime) = match part {
        Part::Owner(owning) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            (Begun::Owner(Box::new(stage.begin(*owning)?)), runtime)
        }
        Part::Attached(attached, successor, runtime) => (Begun::Attached(attached, successor), runtime),
    };
    let (shown, first) = std::sync::mpsc::sync_channel(1);
    let thread = std::thread::Builder::new().name("engine".to_owned()).spawn(move || {
        runtime.block_on(async {
            tokio::spawn(async move {
                // An error means that there is nothing to wait for.
                let _ = snapshots.wait_for(|picture| picture.version > 0).await;
                let _ = shown.send(());
            });
            stage.serve(begun).await
        })
    })?;
    // Whoever does not show anything by then shows nothing for now.
    let _ = first.recv_timeout(FIRST_PICTURE);
    Ok(Stage { handle, dismiss, thread })
}

/// In which part it goes on.
enum Begun {
    Owner(Box<Running>),
    Attached(Box<Attached>, Successor),
}

struct Backstage {
    inbox: Inbox,
    handle: Handle,
    front: watch::Sender<Settings>,
    dismissed: watch::Receiver<bool>,
}

/// The near end of it.
pub(super) struct Stage {
    handle: Handle,
    dismiss: watch::Sender<bool>,
    thread: JoinHandle<Ended>,
}

impl Stage {
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Nobody who is attached is to go on when this process ends.
    pub fn dismiss(&self) {
        self.dismiss.send_replace(true);
    }

    /// Waits for the end; every handle must be gone, or the engine stopped.
    pub fn join(self) -> Ended {
        let Self { handle, thread, .. } = self;
        drop(handle);
        thread.join().unwrap_or_else(|_| {
            tracing::error!("the engine has panicked");
            Ended::Asked
        })
    }
}

impl Backstage {
    async fn serve(mut self, mut part: Begun) -> Ended {
        loop {
            let (attached, successor) = match part {
                Begun::Owner(running) => return self.own(*running).await,
                Begun::Attached(attached, successor) => (attached, successor),
            };
            let process = attached.owner().process;
            self.say(Company::Attached { process, others: 0 });
            let front = self.front.clone();
            let tell = move |heard| match heard {
                Heard::Others(others) => say(&front, Company::Attached { process, others }),
                Heard::Nothing if matches!(front.borrow().company, Company::Silent { .. }) => {}
                Heard::Nothing => say(&front, Company::Silent { process, since: clock::system().wall }),
            };
            match attached.serve(&mut self.inbox, tell).await {
                Parting::Lost(why) => match self.go_on(successor, process, &why).await {
                    Some(next) => part = next,
                    None => return Ended::Asked,
                },
                Parting::Dismissed => return Ended::Dismissed,
                Parting::Done(done) => {
                    // Nothing of this front end is unsaved; whoever asked may have gone.
                    let _ = done.map(|done| done.send(Ok(())));
                    return Ended::Asked;
                }
            }
        }
    }

    /// Begins what the checks are made with, and shows how things stand.
    fn begin(&self, owning: Owning) -> io::Result<Running> {
        let mut running = owning.begin(&self.handle, &self.front)?;
        let picture = running.monitor.snapshot(clock::system());
        self.inbox.snapshots.send_replace(Arc::new(picture));
        Ok(running)
    }

    /// Makes the checks until the front end has enough of it.
    async fn own(self, running: Running) -> Ended {
        let Self { inbox, handle, front, mut dismissed } = self;
        let Running { monitor, wanted, ports, server } = running;
        drop(handle);
        let told = server.as_ref().map(|server| tell_audience(server.audience(), front));
        let engine = crate::engine::run(monitor, wanted, inbox, ports, clock::system);
        tokio::pin!(engine);
        loop {
            tokio::select! {
                // First: whoever dismisses all ends the engine next.
                biased;
                Ok(()) = dismissed.changed() => server.iter().for_each(Server::dismiss),
                () = &mut engine => break,
            }
        }
        if let Some(told) = told {
            told.abort();
        }
        // Attached front ends see the end now, when the history is free.
        drop(server);
        Ended::Asked
    }

    /// The owner is gone: finds the next one, or becomes it. `None` when the front end ends meanwhile.
    async fn go_on(&mut self, successor: Successor, process: u32, why: &str) -> Option<Begun> {
        let since = clock::system().wall;
        self.say(Company::Gone { process, since, why: why.to_owned() });
        let mut pause = TRY_AFTER[0];
        let not_before = Instant::now() + successor.patience;
        loop {
            let succeeded = if Instant::now() < not_before { Err(Denied::InUse) } else { (successor.succeed)() };
            match succeeded {
                Ok(mut owning) => {
                    owning.note(format!("took over the checks from process {process}, which is gone"));
                    match self.begin(owning) {
                        Ok(running) => return Some(Begun::Owner(Box::new(running))),
                        Err(error) => self.say(Company::Gone { process, since, why: error.to_string() }),
                    }
                }
                Err(Denied::InUse) => {
                    if let Ok(attached) = attach(&successor.history).await {
                        return Some(Begun::Attached(Box::new(attached), successor));
                    }
                }
                Err(Denied::Unable(why)) => self.say(Company::Gone { process, since, why }),
            }
            self.refuse_until(Instant::now() + pause).await?;
            pause = (pause * 2).min(TRY_AFTER[1]);
        }
    }

    /// Answers for an owner that is not there; `None` when the front end ends.
    async fn refuse_until(&mut self, deadline: Instant) -> Option<()> {
        loop {
            let request = tokio::select! {
                () = sleep_until(deadline) => return Some(()),
                request = self.inbox.requests.recv() => request?,
            };
            // Whoever asked may have gone.
            match request {
                Request::Command(_, asker) => drop(asker.send(Reply::Refused(Refusal::Nobody))),
                Request::Query(_, asker) => drop(asker.send(Answer::Failed(Refusal::Nobody.to_string()))),
                Request::BackUp(_, asker) => drop(asker.send(Err(Refusal::Nobody.to_string()))),
                Request::Stop(asker) => {
                    let _ = asker.send(Ok(()));
                    return None;
                }
            }
        }
    }

    fn say(&self, company: Company) {
        say(&self.front, company);
    }
}

/// Attaches to whoever owns a history.
///
/// # Errors
/// Nobody answers, or nobody who is understood.
pub(super) async fn attach(history: &Path) -> Result<Attached, LinkError> {
    Client::connect(&paths::runtime_directories(), history).await?.attach(Role::FrontEnd).await
}

/// Says it if it is new.
fn say(front: &watch::Sender<Settings>, company: Company) {
    front.send_if_modified(|settings| {
        let is_new = settings.company != company;
        settings.company = company;
        is_new
    });
}

/// Tells the owner's own front end how many others there are.
fn tell_audience(mut audience: watch::Receiver<u32>, front: watch::Sender<Settings>) -> tokio::task::JoinHandle<()> {
    say(&front, Company::Owner { others: *audience.borrow_and_update() });
    tokio::spawn(async move {
        while audience.changed().await.is_ok() {
            say(&front, Company::Owner { others: *audience.borrow_and_update() });
        }
    })
}
