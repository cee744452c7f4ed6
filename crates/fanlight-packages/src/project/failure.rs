//! Why a page of the upstream could not be had, whose fault that is, and the words for it.

use std::sync::Arc;
use std::time::Duration;

use fanlight_base::Fault;
use fanlight_net::{UpstreamError, upstream::UpstreamErrorKind};
use fanlight_store::StoreError;

use crate::ecosystem::PageFault;

/// Why a project could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// The upstream, or each of those that may be asked, has no such project.
    #[error("{} project {project:?} ({} answered {status})", nobody(*asked), if *asked == 1 { "it" } else { "the last" })]
    Absent {
        /// The project asked for.
        project: String,
        /// The upstream's status.
        status: u16,
        /// How many upstreams were asked.
        asked: usize,
    },
    /// The name is reserved for private upstreams, and none of them has the project.
    #[error(
        "{project:?} is a private name here ({pattern} in packages.private), and {}",
        if *is_asked { "no private upstream has it; a public one is not asked for it" }
        else { "no private upstream is set, so nobody is asked for it" }
    )]
    Reserved {
        /// The project asked for.
        project: String,
        /// By which pattern.
        pattern: Arc<str>,
        /// The setting that names upstreams.
        setting: &'static str,
        /// Whether there is a private upstream, which was asked.
        is_asked: bool,
    },
    /// The upstream answered, and will not give it: a mirror that blocks a project does so, and so do proxies, firewalls and
    /// limits on the way to it, which say nothing of the project.
    #[error("the upstream refuses the project {project:?} (it answered {status})")]
    Refused {
        /// The project asked for.
        project: String,
        /// The upstream's status.
        status: u16,
    },
    /// The upstream could not be asked.
    #[error("the upstream could not be asked for {project:?}")]
    Upstream {
        /// The project asked for.
        project: String,
        /// What went wrong.
        #[source]
        source: UpstreamError,
    },
    /// The upstream's page is no index page.
    #[error("the upstream's page for {project:?} cannot be read")]
    Page {
        /// The project asked for.
        project: String,
        /// What is wrong with it.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
        /// What whoever runs the node can do.
        advice: Option<&'static str>,
    },
    /// No upstream is set and none was found.
    #[error("no upstream is known: set {setting} in fanlight.toml to the address of {upstream}")]
    NoUpstream {
        /// The setting.
        setting: &'static str,
        /// What its address is of.
        upstream: &'static str,
    },
    /// What is known could not be read or kept.
    #[error("what is known of {project:?} could not be read or kept")]
    Store {
        /// The project asked for.
        project: String,
        /// What went wrong.
        #[source]
        source: StoreError,
    },
    /// What was asked for cannot be a project's name.
    #[error("{name:?} cannot be the name of a project: {why}")]
    NotAName {
        /// What was asked for.
        name: String,
        /// Why it is none.
        why: String,
    },
    /// The upstream has been silent for so long that what is known goes out meanwhile.
    #[error("the upstream has not answered within {} seconds; this is what it said before", waited.as_secs_f32())]
    Slow {
        /// How long it was waited for.
        waited: Duration,
    },
    /// The look ended without a word, which is a fault of the program.
    #[error("the look at the upstream ended unexpectedly")]
    Lost,
}

impl LookError {
    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Absent { .. } | Self::Reserved { .. } => Fault::NotFound,
            Self::NotAName { .. } => Fault::Caller,
            Self::Upstream { source, .. } => source.fault(),
            Self::Refused { .. } | Self::Page { .. } | Self::Slow { .. } => Fault::Upstream,
            Self::NoUpstream { .. } | Self::Store { .. } | Self::Lost => Fault::Node,
        }
    }

    /// Whether the upstream answered that there is no such thing, which is no failure.
    pub fn is_absence(&self) -> bool {
        self.fault() == Fault::NotFound
    }

    /// A page that cannot be read.
    pub(super) fn of_page(project: &str, fault: PageFault) -> Self {
        Self::Page { project: project.to_owned(), source: fault.cause, advice: fault.advice }
    }

    /// An upstream's error: a fault, over which what is known lives on, whatever the status. Those that say "not you" or
    /// "not now" may be better in a moment; every other refusal is worth no second request where nothing is known.
    pub(super) fn of_upstream(project: &str, source: UpstreamError) -> Self {
        const NOT_NOW: [u16; 5] = [401, 407, 408, 425, 429];
        let project = project.to_owned();
        match source.kind {
            UpstreamErrorKind::Status(status) if status.is_client_error() && !NOT_NOW.contains(&status.as_u16()) => {
                Self::Refused { project, status: status.as_u16() }
            }
            _ => Self::Upstream { project, source },
        }
    }

    /// What whoever runs the node, or asks it, can do.
    pub fn advice(&self) -> Option<String> {
        let known = match self {
            Self::Reserved { is_asked: true, .. } => {
                Some("Check the spelling; if the project is public, take it out of packages.private.")
            }
            Self::Reserved { setting, .. } => {
                return Some(format!(
                    "Set yours in fanlight.toml: {setting} = [{{ url = \"...\", private = true }}, ...]; if the project is public, \
                     take it out of packages.private."
                ));
            }
            Self::Refused { .. } => Some("Whoever runs that index can say why."),
            Self::Absent { .. } => {
                Some("Check the spelling; a project that was there before has been taken away by its upstream.")
            }
            Self::Page { advice, .. } => *advice,
            _ => None,
        };
        known.map(str::to_owned)
    }

    /// The words for outside: what failed and its cause; they name the input and the limit and show no data.
    pub fn words(&self) -> String {
        use std::error::Error as _;
        match self {
            Self::Store { .. } => self.to_string(),
            _ => self.source().map_or_else(|| self.to_string(), |cause| format!("{self}: {cause}")),
        }
    }
}

/// Who has none.
fn nobody(asked: usize) -> String {
    if asked == 1 { "the upstream has no".to_owned() } else { format!("none of the {asked} upstreams has a") }
}
