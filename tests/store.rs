//! The store against disks that fail, processes that are killed, and a plain model of itself.

use portpulse::domain::*;
use portpulse::store::{Options, open};
use std::time::Duration;

#[tokio::test]
async fn smoke() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data");
    let o = open(&path, Options::default()).unwrap();
    println!("{:?}", o.notes);
    let checks: Vec<Record> = (0..1000)
        .map(|n| {
            Record::Check(Check {
                endpoint: EndpointId(1 + n % 3),
                vantage: VantageId::HERE,
                at: Wall(1_700_000_000_000 + i64::from(n) * 20_000),
                outcome: Outcome::Open(Timing {
                    connect: Duration::from_micros(500),
                    clocked: Clocked::Kernel,
                    syn_lost: 0,
                }),
                dns: None,
                address: None,
                tried: 1,
                answered: 1,
            })
        })
        .collect();
    for c in &checks {
        o.store.save(vec![c.clone(), Record::Alive(Wall(5))]);
    }
    let t = std::time::Instant::now();
    o.store.flush().await.unwrap();
    println!("flush {:?}", t.elapsed());
    let all = Span { from: Wall(0), to: Wall(i64::MAX) };
    let n = o.store.read(move |r| r.checks(EndpointId(1), VantageId::HERE, all)).await.unwrap().unwrap();
    assert_eq!(n.len(), 334);
    o.store.close().await.unwrap();
    let t = std::time::Instant::now();
    let o = open(&path, Options::default()).unwrap();
    println!("open {:?} {:?} {:?}", t.elapsed(), o.notes, o.resumed.alive);
    let n = o.store.read(move |r| r.checks(EndpointId(1), VantageId::HERE, all)).await.unwrap().unwrap();
    assert_eq!(n.len(), 334);
    o.store.close().await.unwrap();
}
