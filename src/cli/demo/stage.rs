//! Ports on loopback that behave as ports do: they answer, refuse, stall, reset, come and go, and lose packets.

use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;

/// How a port behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Something listens and accepts.
    Answers,
    /// Nothing listens.
    Refuses,
    /// The accept queue is full for good: the kernel drops every SYN, as a firewall would.
    Stalls,
    /// Every connection is torn down with an RST as soon as it is made.
    Resets,
    /// Listens for a while, then does not.
    Flaps,
    /// The accept queue is full for a moment again and again, so that some SYNs are lost and their
    /// connections take a second longer.
    LosesPackets,
}

/// How long a flapping port is open: short, so that a newcomer sees it go down within ten seconds.
const OPEN_FOR: Duration = Duration::from_secs(6);
/// How long it is then closed.
const CLOSED_FOR: Duration = Duration::from_secs(12);
/// How long a queue is full, and how long it has room: out of step with the second after which a
/// lost SYN is sent again, so that the second try finds room more often than not.
const FULL_FOR: Duration = Duration::from_millis(400);
/// See [`FULL_FOR`].
const ROOM_FOR: Duration = Duration::from_millis(800);

/// Opens one port for each behaviour, on loopback and on numbers that the system chooses. They
/// live as long as the tasks.
///
/// # Errors
/// The system has no port or descriptor left.
pub fn open(behaviours: &[Behaviour]) -> io::Result<(Vec<SocketAddr>, JoinSet<io::Result<()>>)> {
    let mut tasks = JoinSet::new();
    let mut addresses = Vec::new();
    for &behaviour in behaviours {
        let backlog = match behaviour {
            Behaviour::Stalls | Behaviour::LosesPackets => 0,
            Behaviour::Answers | Behaviour::Refuses | Behaviour::Resets | Behaviour::Flaps => 64,
        };
        let listener = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), backlog)?;
        let address = listener.local_addr()?;
        addresses.push(address);
        match behaviour {
            Behaviour::Answers => drop(tasks.spawn(answer(listener))),
            Behaviour::Refuses => drop(listener),
            Behaviour::Stalls => drop(tasks.spawn(stall(listener))),
            Behaviour::Resets => drop(tasks.spawn(reset(listener))),
            Behaviour::Flaps => drop(tasks.spawn(flap(listener))),
            Behaviour::LosesPackets => drop(tasks.spawn(lose(listener))),
        }
    }
    Ok((addresses, tasks))
}

fn listen(address: SocketAddr, backlog: i32) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(backlog)?;
    TcpListener::from_std(socket.into())
}

async fn answer(listener: TcpListener) -> io::Result<()> {
    loop {
        drop(listener.accept().await?);
    }
}

async fn reset(listener: TcpListener) -> io::Result<()> {
    loop {
        let (connection, _) = listener.accept().await?;
        socket2::SockRef::from(&connection).set_linger(Some(Duration::ZERO))?;
    }
}

async fn stall(listener: TcpListener) -> io::Result<()> {
    let _filler = fill(&listener).await?;
    std::future::pending().await
}

async fn flap(listener: TcpListener) -> io::Result<()> {
    let address = listener.local_addr()?;
    let mut listener = Some(listener);
    loop {
        let open = match listener.take() {
            Some(open) => open,
            None => listen(address, 64)?,
        };
        tokio::select! {
            result = answer(open) => result?,
            () = sleep(OPEN_FOR) => {}
        }
        sleep(CLOSED_FOR).await;
    }
}

async fn lose(listener: TcpListener) -> io::Result<()> {
    loop {
        let filler = fill(&listener).await?;
        sleep(FULL_FOR).await;
        drop(filler);
        tokio::select! {
            result = answer_from(&listener) => result?,
            () = sleep(ROOM_FOR) => {}
        }
    }
}

async fn answer_from(listener: &TcpListener) -> io::Result<()> {
    loop {
        drop(listener.accept().await?);
    }
}

/// Takes the only place in the accept queue.
async fn fill(listener: &TcpListener) -> io::Result<TcpStream> {
    TcpSocket::new_v4()?.connect(listener.local_addr()?).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::timeout;

    #[tokio::test]
    async fn each_port_behaves_as_its_name_says() {
        let (ports, _stage) = open(&[Behaviour::Answers, Behaviour::Refuses, Behaviour::Stalls]).expect("free ports");
        assert!(TcpStream::connect(ports[0]).await.is_ok());
        let refused = TcpStream::connect(ports[1]).await.expect_err("nothing listens");
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
        tokio::task::yield_now().await;
        let mut others = Vec::new();
        for _ in 0..3 {
            others.push(timeout(Duration::from_millis(200), TcpStream::connect(ports[2])).await);
        }
        assert!(others.last().is_some_and(Result::is_err), "the queue is full: {others:?}");
    }
}
