//! `portpulse demo`: a live screen at once, on ports and a history of its own; nothing is left behind.

mod cast;
mod past;
mod stage;

use super::Exit;
use super::args::Demo;
use super::backstage;
use super::full_screen::{self, Program};
use super::owner::{Owning, Past};
use super::scratch::Scratch;
use super::{complain, full_screen::charset};
use crate::config::Ascii;
use crate::domain::{Address, Definition, Host, Port, Wall};
use crate::engine::clock;
use crate::link::Access;
use crate::monitor::{Declared, Recording};
use crate::store::{self, Opened};
use crate::tui::settings::{self, Switch};
use cast::{CAST, Part};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

/// Shows the demo until the user quits.
///
/// # Errors
/// The system refuses ports, threads, a temporary directory, or the terminal.
pub fn run(demo: &Demo) -> io::Result<Exit> {
    let terminal = match full_screen::terminal() {
        Ok(terminal) => terminal,
        Err(error) => return Ok(complain(&error.to_string(), Exit::NoTerminal)),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let behaviours: Vec<_> = CAST.iter().map(|part| part.behaviour).collect();
    let (ports, _stage) = runtime.block_on(async { stage::open(&behaviours) })?;
    let cast: Vec<(Part, Definition)> =
        CAST.iter().zip(ports).filter_map(|(part, port)| Some((*part, part.definition(address(port)?)))).collect();
    let now = clock::system().wall;
    let scratch = Scratch::new();
    let furnished = match &scratch {
        Ok(scratch) => runtime.block_on(furnish(scratch.path(), &cast, now)),
        Err(error) => Err(error.to_string()),
    };
    let past = match furnished {
        Ok(opened) => Past::of(opened, Recording::Temporary),
        Err(why) => Past::missing(format!("there is no place for a temporary history: {why}"), now),
    };
    let owning = Owning {
        declared: Declared {
            settings: crate::monitor::Settings::default(),
            targets: cast.into_iter().map(|(_, definition)| definition).collect(),
        },
        past,
        shared: None,
        access: Access::Full,
        kept: None,
    };
    full_screen::show(Program {
        part: backstage::Part::Owner(Box::new(owning)),
        screen: settings::Settings {
            theme: full_screen::theme(demo.theme.unwrap_or_default()),
            charset: charset(if demo.ascii { Ascii::Always } else { Ascii::Auto }, terminal),
            bell: Switch::Off,
            confirm_quit: Switch::Off,
            ..settings::Settings::default()
        },
        terminal,
        log: None,
    })
}

fn address(at: SocketAddr) -> Option<Address> {
    let host = match at.ip() {
        IpAddr::V4(address) => Host::V4(address),
        IpAddr::V6(address) => Host::V6(address, None),
    };
    Some(Address { host, port: Port::new(at.port())? })
}

/// Puts the month into a store and opens it as if portpulse had just been away for a moment.
async fn furnish(directory: &Path, cast: &[(Part, Definition)], now: Wall) -> Result<Opened, String> {
    let open = || store::open(directory, store::Options::default()).map_err(|error| error.to_string());
    let empty = open()?;
    empty.store.import(past::month(cast, now)).await.map_err(|error| error.to_string())?;
    empty.store.close().await.map_err(|error| error.to_string())?;
    open()
}
