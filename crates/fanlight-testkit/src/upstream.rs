//! A package index on loopback whose catalogue, forms and faults a test sets while it runs. Counts what it is asked.
//!
//! Its own thread and runtime, so that tests are plain functions; stopping it closes the port and every connection.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::runtime::Runtime;

use crate::catalogue::{Catalogue, Project, Status};
use crate::crates::{Crate, CrateRelease};
use crate::fault::Fault;
use crate::npm::{NpmRelease, Package};
use crate::release::{Release, normalized};

mod serve;

/// One request the upstream saw.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The method.
    pub method: String,
    /// The path, as it came.
    pub path: String,
    /// The `Accept` header.
    pub accept: String,
    /// Whether it asked "only if changed".
    pub conditional: bool,
    /// The login that it came with, as the header has it; empty where it came with none.
    pub authorization: String,
    /// The status it got.
    pub status: u16,
}

#[derive(Default)]
struct Inner {
    catalogue: Catalogue,
    packages: HashMap<String, Package>,
    crates: HashMap<String, Crate>,
    feeds: HashMap<String, bytes::Bytes>,
    html_only: bool,
    faults: HashMap<String, Fault>,
    seen: Vec<Seen>,
    base: String,
}

/// A running (or stopped) upstream.
pub struct Upstream {
    inner: Arc<Mutex<Inner>>,
    address: SocketAddr,
    runtime: Mutex<Option<Runtime>>,
}

impl Upstream {
    /// Starts an empty one on a free port of loopback.
    pub fn start() -> Self {
        let inner = Arc::new(Mutex::new(Inner::default()));
        let (runtime, address) = serve::listen(&inner, SocketAddr::from(([127, 0, 0, 1], 0)));
        inner.lock().base = format!("http://{address}");
        Self { inner, address, runtime: Mutex::new(Some(runtime)) }
    }

    /// One with these releases.
    pub fn with(releases: impl IntoIterator<Item = Release>) -> Self {
        let upstream = Self::start();
        for release in releases {
            upstream.add(&release);
        }
        upstream
    }

    /// The address a client is pointed at.
    pub fn simple_url(&self) -> String {
        format!("http://{}/simple/", self.address)
    }

    /// The address an npm client is pointed at.
    pub fn npm_url(&self) -> String {
        format!("http://{}/npm/", self.address)
    }

    /// The address of the sparse index, without cargo's `sparse+`.
    pub fn cargo_url(&self) -> String {
        format!("http://{}/cargo/", self.address)
    }

    /// The address of a feed of advisories.
    pub fn feed_url(&self, name: &str) -> String {
        format!("http://{}/feeds/{name}.zip", self.address)
    }

    /// Puts a feed's archive there, in place of the one before.
    pub fn put_feed(&self, name: &str, archive: bytes::Bytes) {
        self.inner.lock().feeds.insert(format!("{name}.zip"), archive);
    }

    /// Publishes a release of an npm package.
    pub fn add_npm(&self, release: &NpmRelease) {
        self.inner.lock().packages.entry(release.name.clone()).or_default().add(release);
    }

    /// Takes an npm package away, or one release of it.
    pub fn remove_npm(&self, name: &str, version: Option<&str>) {
        let mut inner = self.inner.lock();
        match (version, inner.packages.get_mut(name)) {
            (Some(version), Some(package)) => package.releases.retain(|(known, _)| known != version),
            _ => drop(inner.packages.remove(name)),
        }
    }

    /// Leads a tag of an npm package to a version.
    pub fn tag_npm(&self, name: &str, tag: &str, version: &str) {
        let mut inner = self.inner.lock();
        inner.packages.entry(name.to_owned()).or_default().tags.insert(tag.to_owned(), version.to_owned());
    }

    /// Publishes a release of a crate.
    pub fn add_crate(&self, release: &CrateRelease) {
        self.inner.lock().crates.entry(release.name.to_lowercase()).or_default().add(release);
    }

    /// Publishes a release.
    pub fn add(&self, release: &Release) {
        self.inner.lock().catalogue.add(release);
    }

    /// Publishes `count` releases `1.0`, `1.1`, ... of one wheel each, all 30 days old.
    pub fn add_many(&self, name: &str, count: usize) {
        let files = (0..count).flat_map(|n| Release::new(name, &format!("1.{n}")).files()).collect();
        let project = Project { files, status: None };
        self.inner.lock().catalogue.projects.insert(normalized(name), project);
    }

    /// Takes a release away.
    pub fn remove(&self, name: &str, version: &str) {
        self.inner.lock().catalogue.remove(name, version);
    }

    /// Takes a whole project away.
    pub fn remove_project(&self, name: &str) {
        self.inner.lock().catalogue.projects.remove(&normalized(name));
    }

    /// Sets a project's status.
    pub fn set_status(&self, name: &str, status: &str, reason: &str) {
        let status = Status { status: status.to_owned(), reason: (!reason.is_empty()).then(|| reason.to_owned()) };
        self.inner.lock().catalogue.projects.entry(normalized(name)).or_default().status = Some(status);
    }

    /// Speaks only HTML from now on, as old indexes do.
    pub fn html_only(&self, only: bool) {
        self.inner.lock().html_only = only;
    }

    /// The SHA-256 of a file's bytes.
    ///
    /// # Panics
    /// When there is no such file.
    pub fn hash(&self, project: &str, file: &str) -> String {
        crate::release::sha256(&self.bytes(project, file))
    }

    /// A file's bytes.
    ///
    /// # Panics
    /// When there is no such file.
    pub fn bytes(&self, project: &str, file: &str) -> bytes::Bytes {
        self.inner.lock().catalogue.file(project, file).expect("a file of the catalogue").bytes.clone()
    }

    /// Fails in that way whenever `path` is asked.
    pub fn fault(&self, path: &str, fault: Fault) {
        let faults = &mut self.inner.lock().faults;
        if matches!(fault, Fault::Circle) {
            faults.insert(format!("{path}again/"), Fault::Circle);
        }
        faults.insert(path.to_owned(), fault);
    }

    /// Is well again at `path`.
    pub fn heal(&self, path: &str) {
        self.inner.lock().faults.remove(path);
    }

    /// How often `path` was asked.
    pub fn count(&self, path: &str) -> usize {
        self.inner.lock().seen.iter().filter(|seen| seen.path == path).count()
    }

    /// What was asked, in order.
    pub fn seen(&self) -> Vec<Seen> {
        self.inner.lock().seen.clone()
    }

    /// Forgets what was asked.
    pub fn forget(&self) {
        self.inner.lock().seen.clear();
    }

    /// Goes down: the port refuses, connections break.
    pub fn stop(&self) {
        let runtime = self.runtime.lock().take();
        if let Some(runtime) = runtime {
            runtime.shutdown_timeout(std::time::Duration::from_secs(5));
        }
    }

    /// Comes back on the same port.
    pub fn restart(&self) {
        self.stop();
        let (runtime, _) = serve::listen(&self.inner, self.address);
        *self.runtime.lock() = Some(runtime);
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        let runtime = self.runtime.lock().take();
        if let Some(runtime) = runtime {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests;
