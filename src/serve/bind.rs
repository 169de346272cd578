//! Where to listen: on this machine only, unless somebody insists.

use std::io;
use std::net::{SocketAddr, TcpListener};

/// Who may reach it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Exposure {
    /// This machine.
    #[default]
    Loopback,
    /// Whoever reaches the address; what is said, the token included, can be read on the way.
    Anybody,
}

/// Why nothing listens.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Other machines would reach it.
    #[error(
        "--http {0}: other machines reach this address, and the token would cross the network unencrypted. \
         Listen on 127.0.0.1 or [::1] behind a proxy with TLS, or add --http-exposed"
    )]
    Exposed(SocketAddr),
    /// Another program listens there.
    #[error("--http {0}: another program listens there. Name another port, or end it")]
    Taken(SocketAddr),
    /// Something else.
    #[error("--http {0}: cannot listen: {1}. Name an address of this machine and a port from 1024 on")]
    Refused(SocketAddr, io::Error),
}

/// Listens.
///
/// # Errors
/// With what to write instead.
pub fn bind(address: SocketAddr, exposure: Exposure) -> Result<TcpListener, BindError> {
    if !address.ip().to_canonical().is_loopback() && exposure == Exposure::Loopback {
        return Err(BindError::Exposed(address));
    }
    let listen = || {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    };
    listen().map_err(|error: io::Error| match error.kind() {
        io::ErrorKind::AddrInUse => BindError::Taken(address),
        _ => BindError::Refused(address, error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_machines_reach_it_only_if_somebody_insists() {
        for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "[::ffff:192.0.2.1]:0"] {
            let address = address.parse().expect("an address");
            let error = bind(address, Exposure::Loopback).expect_err("refused");
            assert!(error.to_string().contains("--http-exposed"), "{error}");
        }
        let any = "0.0.0.0:0".parse().expect("an address");
        assert!(bind(any, Exposure::Anybody).is_ok());
        assert!(bind("127.0.0.2:0".parse().expect("an address"), Exposure::Loopback).is_ok());
    }

    #[test]
    fn a_port_that_is_taken_is_told_as_such() {
        let first = bind("127.0.0.1:0".parse().expect("an address"), Exposure::Loopback).expect("a port");
        let address = first.local_addr().expect("an address");
        let error = bind(address, Exposure::Loopback).expect_err("taken");
        assert_eq!(
            error.to_string(),
            format!("--http {address}: another program listens there. Name another port, or end it")
        );
    }
}
