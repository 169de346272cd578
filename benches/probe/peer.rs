//! A host behind a tunnel that answers every SYN after a fixed time: this kernel cannot delay packets.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const SYN: u8 = 0x02;
const SYN_ACK: u8 = 0x12;
/// How long it sleeps at most, so that it notices when it is told to stop.
const REST: Duration = Duration::from_millis(100);

/// Answers until it is told to stop.
pub fn answer(mut tunnel: &File, delay: Duration, stop: &AtomicBool) {
    let mut due: VecDeque<(Instant, [u8; 40])> = VecDeque::new();
    while !stop.load(Ordering::Relaxed) {
        let now = Instant::now();
        while let Some((_, packet)) = due.pop_front_if(|(at, _)| *at <= now) {
            tunnel.write_all(&packet).expect("the tunnel takes an answer");
        }
        let wait = due.front().map_or(REST, |(at, _)| at.saturating_duration_since(Instant::now()).min(REST));
        let wait = Timespec { tv_sec: 0, tv_nsec: i64::from(wait.subsec_nanos()) };
        let mut descriptors = [PollFd::new(tunnel, PollFlags::IN)];
        if poll(&mut descriptors, Some(&wait)).is_ok_and(|ready| ready > 0) {
            let mut packet = [0; 256];
            let length = tunnel.read(&mut packet).expect("the tunnel gives a packet");
            due.extend(reply(&packet[..length]).map(|reply| (Instant::now() + delay, reply)));
        }
    }
}

/// The SYN-ACK to a SYN over IPv4.
fn reply(packet: &[u8]) -> Option<[u8; 40]> {
    let header = usize::from(packet.first()? & 0x0f) * 4;
    let is_syn = packet[0] >> 4 == 4 && *packet.get(9)? == 6 && packet.get(header + 13)? & SYN_ACK == SYN;
    if !is_syn {
        return None;
    }
    let mut reply = [0; 40];
    reply[..20].copy_from_slice(&[0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    reply[12..16].copy_from_slice(packet.get(16..20)?);
    reply[16..20].copy_from_slice(packet.get(12..16)?);
    reply[20..22].copy_from_slice(packet.get(header + 2..header + 4)?);
    reply[22..24].copy_from_slice(packet.get(header..header + 2)?);
    let sequence = u32::from_be_bytes(packet.get(header + 4..header + 8)?.try_into().ok()?);
    reply[24..28].copy_from_slice(&sequence.wrapping_mul(3).to_be_bytes());
    reply[28..32].copy_from_slice(&sequence.wrapping_add(1).to_be_bytes());
    reply[32] = 5 << 4;
    reply[33] = SYN_ACK;
    reply[34] = 0xff;
    let sum = checksum(&reply[..20], 0);
    reply[10..12].copy_from_slice(&sum.to_be_bytes());
    let pseudo = sum_of(&reply[12..20]) + 6 + 20;
    let sum = checksum(&reply[20..], pseudo);
    reply[36..38].copy_from_slice(&sum.to_be_bytes());
    Some(reply)
}

fn sum_of(bytes: &[u8]) -> u32 {
    bytes.chunks_exact(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum()
}

/// The Internet checksum (RFC 1071).
fn checksum(bytes: &[u8], start: u32) -> u16 {
    let mut sum = start + sum_of(bytes);
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}
