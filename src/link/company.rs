//! Both ends of the wire together: what an owner tells and what its front ends make of it.

use super::client::Place;
use super::frame::{Frames, line_of};
use super::session::{Access, Hall};
use super::{Attached, Heard, Hello, News, Parting, Role, Wish};
use crate::domain::{Definition, Endpoint, Event, Happening, Now, TargetId, Wall};
use crate::engine::{Answer, Handle, Inbox, Query, Request, channel};
use crate::monitor::{Command, Notice, Refusal, Reply, Snapshot};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// An owner in whose place the test decides and answers.
struct Owner {
    inbox: Inbox,
    hall: Arc<Hall>,
    audience: watch::Receiver<u32>,
    dismiss: watch::Sender<bool>,
    picture: Snapshot,
}

impl Owner {
    fn new(access: Access) -> Self {
        let picture = Snapshot { version: 1, ..Snapshot::empty(Now::default()) };
        let (handle, inbox) = channel(picture.clone());
        let (seats, audience) = watch::channel(0);
        let (dismiss, dismissed) = watch::channel(false);
        Self { inbox, hall: Arc::new(Hall::new(handle, access, seats, dismissed)), audience, dismiss, picture }
    }

    /// Publishes a picture with one more line in its log.
    fn publish(&mut self, text: &str) {
        self.picture.version += 1;
        let what = Happening::Note(text.to_owned());
        Arc::make_mut(&mut self.picture.events).push(Event { at: Wall(0), target: None, what });
        self.inbox.snapshots.send_replace(Arc::new(self.picture.clone()));
    }

    /// A wire to it, with the owner at one end of it.
    fn wire(&self) -> UnixStream {
        self.wire_for(Role::FrontEnd)
    }

    fn wire_for(&self, role: Role) -> UnixStream {
        let (near, far) = UnixStream::pair().expect("two ends");
        let hall = Arc::clone(&self.hall);
        tokio::spawn(async move {
            let (frames, out) = Frames::new(far, 1 << 20, None).split(UnixStream::into_split);
            // Front ends of these tests go when they like.
            let _ = hall.attend(frames, out, role).await;
        });
        near
    }

    /// The next request.
    async fn asked(&mut self) -> Request {
        self.inbox.requests.recv().await.expect("somebody who asks")
    }
}

/// A front end that is served over a wire.
struct Front {
    handle: Handle,
    others: Arc<AtomicU32>,
    parting: JoinHandle<Parting>,
}

impl Front {
    fn at(wire: UnixStream) -> Self {
        let (frames, out) = Frames::new(wire, 1 << 20, None).split(UnixStream::into_split);
        let attached = Attached::over(Hello::ours(), Place::nowhere(), frames, out);
        let (handle, mut inbox) = channel(Snapshot::empty(Now::default()));
        let others = Arc::new(AtomicU32::new(u32::MAX));
        let told = Arc::clone(&others);
        let parting = tokio::spawn(async move {
            attached
                .serve(&mut inbox, |heard| {
                    if let Heard::Others(count) = heard {
                        told.store(count, Ordering::Relaxed);
                    }
                })
                .await
        });
        Self { handle, others, parting }
    }

    async fn sees(&self, wanted: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
        let mut snapshots = self.handle.snapshots();
        let seen = tokio::time::timeout(Duration::from_secs(20), snapshots.wait_for(|picture| wanted(picture))).await;
        Arc::clone(&seen.expect("in time").expect("an owner"))
    }
}

fn newest(picture: &Snapshot) -> Option<&str> {
    match &picture.events.last()?.what {
        Happening::Note(text) => Some(text),
        _ => None,
    }
}

#[tokio::test]
async fn every_front_end_sees_what_the_owner_publishes_and_who_else_is_there() {
    let mut owner = Owner::new(Access::Full);
    let first = Front::at(owner.wire());
    first.sees(|picture| picture.version == 1).await;
    owner.publish("one");
    let second = Front::at(owner.wire());
    for front in [&first, &second] {
        assert_eq!(*front.sees(|picture| newest(picture) == Some("one")).await, owner.picture);
    }
    owner.publish("two");
    assert_eq!(*second.sees(|picture| newest(picture) == Some("two")).await, owner.picture);
    owner.audience.wait_for(|count| *count == 2).await.expect("a count");
    let handle = second.handle.clone();
    let stopping = tokio::spawn(async move { handle.stop().await });
    let Parting::Done(Some(done)) = second.parting.await.expect("no panic") else { panic!("an end of its own") };
    done.send(Ok(())).expect("somebody who waits");
    stopping.await.expect("no panic").expect("an end").expect("nothing unsaved");
    owner.audience.wait_for(|count| *count == 1).await.expect("a count");
    first.sees(|_| first.others.load(Ordering::Relaxed) <= 1).await;
}

#[tokio::test]
async fn an_onlooker_sees_the_same_and_nobody_counts_on_it() {
    let mut owner = Owner::new(Access::Full);
    let front = Front::at(owner.wire());
    let onlooker = Front::at(owner.wire_for(Role::Onlooker));
    owner.publish("one");
    assert_eq!(*onlooker.sees(|picture| newest(picture) == Some("one")).await, owner.picture);
    front.sees(|picture| newest(picture) == Some("one")).await;
    assert_eq!(*owner.audience.borrow(), 1, "an owner that quits hands over to front ends only");
    assert_eq!(front.others.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn answers_find_who_asked_in_any_order_and_notices_everybody() {
    let mut owner = Owner::new(Access::Full);
    let front = Front::at(owner.wire());
    let mut notices = front.handle.notices();
    let ask = |name: &'static str| {
        let handle = front.handle.clone();
        tokio::spawn(async move { handle.query(Query::Checks(TargetId(0), span(name))).await })
    };
    let (early, late) = (ask("early"), ask("late"));
    let mut waiting = Vec::new();
    for _ in 0..2 {
        let Request::Query(query, asker) = owner.asked().await else { panic!("a question") };
        waiting.push((query, asker));
    }
    waiting.reverse();
    for (query, asker) in waiting {
        asker.send(Answer::Failed(format!("{query:?}"))).expect("somebody who waits");
    }
    for (asked, name) in [(early, "early"), (late, "late")] {
        let answer = asked.await.expect("no panic").expect("an answer");
        assert_eq!(answer, Answer::Failed(format!("{:?}", Query::Checks(TargetId(0), span(name)))));
    }
    owner.inbox.notices.send(Notice::Sighted).expect("a listener");
    assert_eq!(notices.recv().await, Ok(Notice::Sighted));
}

fn span(name: &str) -> crate::domain::Span {
    crate::domain::Span { from: Wall(0), to: Wall(name.bytes().map(i64::from).sum()) }
}

#[tokio::test]
async fn a_question_that_nobody_waits_for_any_more_is_dropped_at_the_owner() {
    let mut owner = Owner::new(Access::Full);
    let front = Front::at(owner.wire());
    let handle = front.handle.clone();
    let asking = tokio::spawn(async move { handle.query(Query::Checks(TargetId(0), span(""))).await });
    let Request::Query(_, mut asker) = owner.asked().await else { panic!("a question") };
    asking.abort();
    asker.closed().await;
}

#[tokio::test]
async fn an_owner_that_takes_no_changes_still_checks_what_it_is_asked_to() {
    let mut owner = Owner::new(Access::ReadOnly);
    let front = Front::at(owner.wire());
    let endpoint = Endpoint::new("db1:5432".parse().expect("an address"));
    let add = Command::Add(vec![Definition::new("db1".to_owned(), endpoint.clone())]);
    assert_eq!(front.handle.ask(add).await, Ok(Reply::Refused(Refusal::ReadOnly)));
    let instant = {
        let handle = front.handle.clone();
        tokio::spawn(async move { handle.ask(Command::Instant(endpoint)).await })
    };
    let Request::Command(Command::Instant(_), asker) = owner.asked().await else { panic!("an instant check") };
    asker.send(Reply::Done).expect("somebody who waits");
    assert_eq!(instant.await.expect("no panic"), Ok(Reply::Done));
}

#[tokio::test]
async fn who_does_not_read_holds_nobody_up_and_is_told_the_newest_when_it_reads_again() {
    let mut owner = Owner::new(Access::Full);
    let mut deaf = Frames::new(owner.wire(), 64 << 20, None);
    let front = Front::at(owner.wire());
    // More than the socket of the deaf one holds, in pictures that the other one sees all of.
    for number in 0..40 {
        owner.publish(&format!("{number}{}", "x".repeat(100_000)));
        front.sees(|picture| newest(picture).is_some_and(|text| text.starts_with(&format!("{number}x")))).await;
        // As the engine does: the log is bounded.
        owner.picture.events = Arc::default();
    }
    owner.publish("last");
    front.sees(|picture| newest(picture) == Some("last")).await;
    let (mut picture, mut pictures) = (Snapshot::empty(Now::default()), 0);
    while newest(&picture) != Some("last") {
        if let Some(News::Picture(delta)) = deaf.read::<News>().await.expect("a frame") {
            picture = delta.apply(&picture).expect("it fits");
            pictures += 1;
        }
    }
    assert_eq!(picture, owner.picture);
    assert!(pictures < 20, "{pictures} pictures were sent to who does not read");
}

#[tokio::test]
async fn the_end_of_the_owner_is_told_apart_from_the_end_of_all_checks() {
    let owner = Owner::new(Access::Full);
    let (left, dismissed) = (Front::at(owner.wire()), Owner::new(Access::Full));
    let sent_home = Front::at(dismissed.wire());
    for front in [&left, &sent_home] {
        front.sees(|picture| picture.version == 1).await;
    }
    dismissed.dismiss.send_replace(true);
    assert!(matches!(sent_home.parting.await.expect("no panic"), Parting::Dismissed));
    drop(owner.inbox);
    assert!(matches!(left.parting.await.expect("no panic"), Parting::Lost(_)));
}

#[tokio::test]
async fn wishes_that_make_no_sense_end_the_session() {
    let mut owner = Owner::new(Access::Full);
    for line in [&b"{\"Command\":[1,\"Explode\"]}\n"[..], b"GET / HTTP/1.1\r\n", b"\xff\xff\n"] {
        let wire = owner.wire();
        owner.audience.wait_for(|count| *count == 1).await.expect("a count");
        wire.writable().await.expect("room");
        wire.try_write(line).expect("room");
        owner.audience.wait_for(|count| *count == 0).await.expect("a count");
    }
    let silly = line_of(&Wish::Cancel(7)).expect("a line");
    let wire = owner.wire();
    wire.writable().await.expect("room");
    wire.try_write(&silly).expect("room");
    let front = Front::at(wire);
    front.sees(|picture| picture.version == 1).await;
}
