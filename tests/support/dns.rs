//! A name server of a few names on loopback, and the folder of files that leads a prober to it.

use portpulse::probe::Limits;
use std::collections::HashMap;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// What the server does with a question for a name.
#[derive(Clone, Debug)]
pub enum Says {
    /// These addresses, each to the question of its family.
    Addresses(Vec<IpAddr>),
    /// Its own name in `response code` (RFC 1035, 4.1.1): 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED.
    Code(u8),
    /// These addresses to the question of their family, and nothing to that of the other, as behind
    /// a firewall that drops AAAA questions.
    Half(Vec<IpAddr>),
    /// These addresses, but late.
    Late(Duration, Vec<IpAddr>),
    /// Nothing.
    Nothing,
}

/// The server. It answers NXDOMAIN for names that it does not know, and ends with the process.
pub struct NameServer {
    pub address: SocketAddr,
    names: Arc<Mutex<HashMap<String, Says>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl NameServer {
    pub fn start(names: &[(&str, Says)]) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port for the name server");
        let address = socket.local_addr().expect("its address");
        let names = names.iter().map(|(name, says)| ((*name).to_owned(), says.clone())).collect();
        let (names, asked) = (Arc::new(Mutex::new(names)), Arc::new(Mutex::new(Vec::new())));
        let server = Self { address, names: Arc::clone(&names), asked: Arc::clone(&asked) };
        thread::spawn(move || {
            let mut packet = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut packet) {
                let Some((name, kind, end)) = question(&packet[..length]) else { continue };
                let says = names.lock().unwrap().get(&name).cloned().unwrap_or(Says::Code(3));
                asked.lock().unwrap().push(format!("{name} {kind}"));
                let Some(answer) = answer(&packet[..end], kind, &says) else { continue };
                let socket = socket.try_clone().expect("the same socket");
                let send = move || {
                    // Whoever asked may be gone.
                    let _ = socket.send_to(&answer, from);
                };
                match says {
                    Says::Late(delay, _) => drop(thread::spawn(move || {
                        thread::sleep(delay);
                        send();
                    })),
                    _ => send(),
                }
            }
        });
        server
    }

    pub fn set(&self, name: &str, says: Says) {
        self.names.lock().unwrap().insert(name.to_owned(), says);
    }

    /// How many questions came, by name and type (1 A, 28 AAAA).
    pub fn asked(&self, question: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| *asked == question).count()
    }
}

/// The name, the type, and where the question ends.
fn question(packet: &[u8]) -> Option<(String, u16, usize)> {
    let mut labels = Vec::new();
    let mut at = 12;
    loop {
        let length = usize::from(*packet.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        labels.push(String::from_utf8_lossy(packet.get(at..at + length)?).to_ascii_lowercase());
        at += length;
    }
    let kind = u16::from_be_bytes([*packet.get(at)?, *packet.get(at + 1)?]);
    Some((labels.join("."), kind, at + 4))
}

fn answer(question: &[u8], kind: u16, says: &Says) -> Option<Vec<u8>> {
    let (code, addresses) = match says {
        Says::Addresses(addresses) | Says::Half(addresses) | Says::Late(_, addresses) => (0, addresses.as_slice()),
        Says::Code(code) => (*code, [].as_slice()),
        Says::Nothing => return None,
    };
    let records: Vec<Vec<u8>> = addresses
        .iter()
        .filter_map(|address| match (address, kind) {
            (IpAddr::V4(address), 1) => Some(address.octets().to_vec()),
            (IpAddr::V6(address), 28) => Some(address.octets().to_vec()),
            _ => None,
        })
        .collect();
    if records.is_empty() && matches!(says, Says::Half(_)) {
        return None;
    }
    let mut packet = question.to_vec();
    packet[2] = 0x81;
    packet[3] = 0x80 | code;
    packet[6] = 0;
    packet[7] = u8::try_from(records.len()).expect("few records");
    packet[8..12].fill(0);
    for data in records {
        packet.extend([0xc0, 12]);
        packet.extend(kind.to_be_bytes());
        packet.extend([0, 1, 0, 0, 0, 60]);
        packet.extend(u16::try_from(data.len()).expect("an address").to_be_bytes());
        packet.extend(data);
    }
    Some(packet)
}

/// A folder with `hosts`, `resolv.conf` and `nsswitch.conf`, and the limits that point there.
pub struct Files {
    pub folder: TempDir,
    port: u16,
}

impl Files {
    /// Names are asked of `server`, or of a port at which nobody ever answers.
    pub fn new(hosts: &str, server: Option<&NameServer>) -> Self {
        Self::asking(hosts, server.map_or(9, |server| server.address.port()))
    }

    /// Names are asked of this port.
    pub fn asking(hosts: &str, port: u16) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("hosts"), hosts).expect("hosts");
        fs::write(folder.path().join("resolv.conf"), "nameserver 127.0.0.1\n").expect("resolv.conf");
        fs::write(folder.path().join("nsswitch.conf"), "hosts: files dns\n").expect("nsswitch.conf");
        Self { folder, port }
    }

    pub fn write(&self, file: &str, text: &str) {
        fs::write(self.folder.path().join(file), text).expect(file);
    }

    pub fn limits(&self) -> Limits {
        Limits { names: self.folder.path().to_owned(), name_server_port: self.port, ..Limits::default() }
    }
}
