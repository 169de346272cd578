//! `portpulse serve --http`: begins in steps, so that what is wrong is told before any check is made.

use super::super::args::Serve;
use super::super::{Exit, complain};
use crate::config;
use crate::engine::{Handle, Tally, clock};
use crate::serve::{Access, BindError, Exposure, Limits, Server, Service, Standing, Token, bind};
use crate::tui::Settings;
use crate::tui::settings::Company;
use std::io;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::watch;

/// It listens, and answers nobody yet.
pub(super) struct Listening {
    listener: TcpListener,
    names: Vec<String>,
    access: Access,
    settings: config::Serve,
}

/// It knows the token, too.
pub(super) struct Guarded {
    listening: Listening,
    token: Token,
    /// Where it is kept.
    file: PathBuf,
    data: PathBuf,
    tally: Arc<Tally>,
}

impl Listening {
    /// Listens, if that is wanted. Otherwise the reason was told, and this is how to end.
    pub fn begin(serve: &Serve, settings: config::Serve) -> Result<Option<Self>, Exit> {
        let Some(address) = serve.http else { return Ok(None) };
        let exposure = if serve.http_exposed { Exposure::Anybody } else { Exposure::Loopback };
        let access = if serve.read_only { Access::ReadOnly } else { Access::Full };
        match bind(address, exposure) {
            Ok(listener) => Ok(Some(Self { listener, names: serve.http_name.clone(), access, settings })),
            Err(error @ BindError::Exposed(_)) => Err(complain(&error.to_string(), Exit::Usage)),
            Err(error) => Err(complain(&error.to_string(), Exit::System)),
        }
    }

    /// Reads the token, or makes it; the directory of the history is there.
    pub fn guarded(self, data: PathBuf) -> Result<Guarded, Exit> {
        let (token, file) = Token::of(&data).map_err(|error| complain(&error.to_string(), Exit::System))?;
        Ok(Guarded { listening: self, token, file, data, tally: Arc::default() })
    }
}

impl Guarded {
    /// Where checks are counted for it.
    pub fn tally(&self) -> Arc<Tally> {
        Arc::clone(&self.tally)
    }

    /// Answers from now on.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn answer(self, handle: Handle, company: watch::Receiver<Settings>) -> io::Result<Server> {
        let Self { listening: Listening { listener, names, access, settings }, token, file, data, tally } = self;
        let address = listener.local_addr()?;
        let front = company.clone();
        let given = move || {
            let front = front.borrow();
            (front.defaults.clone(), front.tags.clone())
        };
        let standing = move || match company.borrow().company {
            Company::Owner { others } => Standing::Owner { attached: others },
            Company::Attached { .. } => Standing::Attached,
            Company::Silent { .. } | Company::Gone { .. } => Standing::Nobody,
        };
        let service = Service {
            handle,
            clock: clock::system,
            access,
            allow: settings.allow,
            given: Box::new(given),
            token,
            names,
            tally,
            standing: Box::new(standing),
            data,
            series_max: settings.max_series as usize,
        };
        let server = crate::serve::begin(listener, service, Limits::default())?;
        tracing::info!("HTTP on http://{address}; its token is in {}", file.display());
        Ok(server)
    }
}
