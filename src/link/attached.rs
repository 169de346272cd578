//! The front end's side: serves an inbox by a wire to whoever makes the checks.

use super::client::{Client, LinkError, Place};
use super::frame::{FrameError, Frames, line_of};
use super::{Ask, Hello, News, Role, SILENCE, Wish};
use crate::domain::Now;
use crate::engine::{Answer, Inbox, Request, Unsaved};
use crate::monitor::{Reply, Snapshot};
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{mpsc, oneshot};
use tokio::time::interval;

/// How many wishes may wait for the wire.
const WISHES_MAX: usize = 64;

/// A front end at the wire.
#[derive(Debug)]
pub struct Attached {
    owner: Hello,
    place: Place,
    frames: Frames<OwnedReadHalf>,
    out: OwnedWriteHalf,
}

/// What is heard of the owner beside pictures, notices and answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It is there, and so many others are attached to it.
    Others(u32),
    /// Nothing, for too long: what is shown may be long past.
    Nothing,
}

/// How serving ended.
#[derive(Debug)]
pub enum Parting {
    /// The owner is gone, or is not understood; why, in words.
    Lost(String),
    /// The owner has ended the checks for all.
    Dismissed,
    /// This side is done. Nothing of its own is unsaved.
    Done(Option<oneshot::Sender<Result<(), Unsaved>>>),
}

/// Somebody here who waits for an answer.
enum Asker {
    Command(oneshot::Sender<Reply>),
    Query(oneshot::Sender<Answer>),
}

/// The number of a question whose asker has gone.
type Gone = Pin<Box<dyn Future<Output = Option<u64>> + Send>>;

/// Questions that wait for their answers.
#[derive(Default)]
struct Questions {
    newest: u64,
    replies: HashMap<u64, oneshot::Sender<Reply>>,
    answers: HashMap<u64, oneshot::Sender<Answer>>,
    waiting: FuturesUnordered<Gone>,
}

impl Client {
    /// Is told from now on what is new.
    ///
    /// # Errors
    /// The owner has just gone.
    pub async fn attach(mut self, role: Role) -> Result<Attached, LinkError> {
        self.frames.write(&Ask::Attach(role)).await?;
        let Self { frames, owner, place } = self;
        let (frames, out) = frames.split(UnixStream::into_split);
        Ok(Attached { owner, place, frames, out })
    }
}

impl Attached {
    #[cfg(test)]
    pub(super) fn over(owner: Hello, place: Place, frames: Frames<OwnedReadHalf>, out: OwnedWriteHalf) -> Self {
        Self { owner, place, frames, out }
    }

    /// Whom it is attached to.
    pub const fn owner(&self) -> &Hello {
        &self.owner
    }

    /// Serves the inbox until either side ends; `tell` is told what is heard of the owner.
    pub async fn serve(self, inbox: &mut Inbox, tell: impl FnMut(Heard)) -> Parting {
        let Self { place, mut frames, out, .. } = self;
        let (wishes, wished) = mpsc::channel(WISHES_MAX);
        tokio::select! {
            parting = converse(&mut frames, wishes, inbox, &place, tell) => parting,
            failed = pass_on(out, wished) => Parting::Lost(failed.to_string()),
        }
    }
}

/// Writes wishes to the wire; comes back when that fails.
async fn pass_on(mut out: OwnedWriteHalf, mut wishes: mpsc::Receiver<Wish>) -> FrameError {
    while let Some(wish) = wishes.recv().await {
        let written = match line_of(&wish) {
            Ok(line) => out.write_all(&line).await.map_err(FrameError::Stream),
            Err(error) => Err(error),
        };
        if let Err(error) = written {
            return error;
        }
    }
    FrameError::Cut
}

async fn converse(
    frames: &mut Frames<OwnedReadHalf>,
    wishes: mpsc::Sender<Wish>,
    inbox: &mut Inbox,
    place: &Place,
    mut tell: impl FnMut(Heard),
) -> Parting {
    let mut shown = Arc::new(Snapshot::empty(Now::default()));
    let mut questions = Questions::default();
    let mut silence = interval(SILENCE);
    silence.reset();
    loop {
        let wish = tokio::select! {
            _ = silence.tick() => { tell(Heard::Nothing); continue }
            news = frames.read::<News>() => match news.inspect(|_| silence.reset()) {
                Ok(Some(News::Picture(delta))) => match delta.apply(&shown) {
                    Ok(newer) => {
                        shown = Arc::new(newer);
                        inbox.snapshots.send_replace(Arc::clone(&shown));
                        continue;
                    }
                    Err(unfit) => return Parting::Lost(unfit.to_string()),
                },
                Ok(Some(News::Notice(notice))) => {
                    // Nobody may be listening.
                    let _ = inbox.notices.send(notice);
                    continue;
                }
                Ok(Some(News::Reply(number, reply))) => { questions.reply(number, reply); continue }
                Ok(Some(News::Answer(number, answer))) => { questions.answer(number, *answer); continue }
                Ok(Some(News::Others(count))) => { tell(Heard::Others(count)); continue }
                Ok(Some(News::Dismissed)) => return Parting::Dismissed,
                Ok(None) => return Parting::Lost("it has ended".to_owned()),
                Err(error) => return Parting::Lost(error.to_string()),
            },
            request = inbox.requests.recv() => match request {
                Some(Request::Command(command, asker)) => {
                    Wish::Command(questions.put(Asker::Command(asker)), command)
                }
                Some(Request::Query(query, asker)) => Wish::Query(questions.put(Asker::Query(asker)), query),
                Some(Request::BackUp(into, done)) => {
                    questions.back_up(place.clone(), into, done);
                    continue;
                }
                Some(Request::Stop(done)) => return Parting::Done(Some(done)),
                None => return Parting::Done(None),
            },
            Some(gone) = questions.waiting.next() => match gone {
                Some(number) => { questions.forget(number); Wish::Cancel(number) }
                None => continue,
            },
        };
        if wishes.send(wish).await.is_err() {
            return Parting::Lost("it takes nothing any more".to_owned());
        }
    }
}

impl Questions {
    /// Gives a question its number.
    fn put(&mut self, asker: Asker) -> u64 {
        self.newest += 1;
        let number = self.newest;
        match asker {
            Asker::Command(asker) => {
                let (sender, answer) = oneshot::channel();
                self.replies.insert(number, sender);
                self.waiting.push(Box::pin(hand_on(number, answer, asker)));
            }
            Asker::Query(asker) => {
                let (sender, answer) = oneshot::channel();
                self.answers.insert(number, sender);
                self.waiting.push(Box::pin(hand_on(number, answer, asker)));
            }
        }
        number
    }

    fn reply(&mut self, number: u64, reply: Reply) {
        if let Some(asker) = self.replies.remove(&number) {
            // It may have gone this very moment.
            let _ = asker.send(reply);
        }
    }

    fn answer(&mut self, number: u64, answer: Answer) {
        if let Some(asker) = self.answers.remove(&number) {
            // Likewise.
            let _ = asker.send(answer);
        }
    }

    fn forget(&mut self, number: u64) {
        self.replies.remove(&number);
        self.answers.remove(&number);
    }

    /// Copies go over a wire of their own, because a descriptor goes with them.
    fn back_up(
        &mut self,
        place: Place,
        into: std::fs::File,
        done: oneshot::Sender<Result<crate::engine::Copied, String>>,
    ) {
        self.waiting.push(Box::pin(async move {
            let copied = async {
                let mut client = place.connect().await?;
                client.back_up(&into).await
            };
            let copied = copied.await.map_err(|error| error.to_string());
            // Whoever asked may have gone.
            let _ = done.send(copied);
            None
        }));
    }
}

/// Hands an answer on when it comes; gives the number of the question if nobody waits for it any more.
async fn hand_on<T>(number: u64, answer: oneshot::Receiver<T>, mut asker: oneshot::Sender<T>) -> Option<u64> {
    tokio::select! {
        answer = answer => {
            if let Ok(answer) = answer {
                // It may have gone this very moment.
                let _ = asker.send(answer);
            }
            None
        }
        () = asker.closed() => Some(number),
    }
}
