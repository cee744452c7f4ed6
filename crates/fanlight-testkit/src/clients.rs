//! The package clients people use, run as they run them: the machine's own pip, a current pip, a current uv.
//!
//! Installing them uses the machine's pip configuration; running them uses none: an empty environment, a home of
//! their own, and only the door they are pointed at.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::process::{Output, Run};

mod install;
mod javascript;

pub use install::python_tools;
pub use javascript::{JsClient, JsKind, JsRoom, node_tools};

/// The clients of this machine.
#[derive(Debug)]
pub struct Clients {
    /// The machine's own pip: `python3 -m pip`.
    pub pip_machine: Option<Client>,
    /// The newest pip.
    pub pip_current: Option<Client>,
    /// The newest uv.
    pub uv: Option<Client>,
}

impl Clients {
    /// Finds them, installing what is missing once for all tests. Says in one line what is missing and why.
    ///
    /// # Panics
    /// When one is missing and `CI=true`.
    pub fn get() -> &'static Self {
        static FOUND: OnceLock<Clients> = OnceLock::new();
        FOUND.get_or_init(install::find)
    }

    /// Lets each of them do the same at the same time.
    ///
    /// # Panics
    /// When one of them does.
    pub fn each(&self, story: impl Fn(&Client) + Sync) {
        std::thread::scope(|scope| {
            for client in self.all() {
                let story = &story;
                scope.spawn(move || story(client));
            }
        });
    }

    /// Those that are there.
    pub fn all(&self) -> impl Iterator<Item = &Client> {
        [&self.pip_machine, &self.pip_current, &self.uv].into_iter().flatten()
    }
}

/// Which program it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// pip.
    Pip,
    /// uv.
    Uv,
}

/// One client.
#[derive(Debug)]
pub struct Client {
    /// pip or uv.
    pub kind: Kind,
    /// The name in messages: `pip 23.2.1`.
    pub name: String,
    /// `python3` for pip, `uv` for uv.
    program: PathBuf,
    /// The Python it installs for.
    python: PathBuf,
}

/// A home of its own and a folder to install to, for one client.
#[derive(Debug)]
pub struct Room<'a> {
    client: &'a Client,
    top: TempDir,
}

impl Client {
    /// An empty room for it.
    ///
    /// # Panics
    /// When the temporary folder cannot be written.
    pub fn room(&self) -> Room<'_> {
        let top = tempfile::Builder::new().prefix("fanlight-room-").tempdir().expect("a temporary folder");
        std::fs::create_dir_all(top.path().join("home")).expect("a home");
        Room { client: self, top }
    }

    /// Whether it is pip.
    pub fn is_pip(&self) -> bool {
        self.kind == Kind::Pip
    }
}

impl Room<'_> {
    /// The room's home.
    pub fn home(&self) -> PathBuf {
        self.top.path().join("home")
    }

    /// Installs from the index at that address: `pip install --index-url INDEX ARGS`, `uv pip install ...`.
    #[track_caller]
    pub fn install(&self, index: &str, args: &[&str]) -> Output {
        self.index_command(index, "install").args(args.iter().copied()).output()
    }

    /// Installs a lock file's exact releases with their hashes.
    #[track_caller]
    pub fn install_locked(&self, index: &str, lock: &str) -> Output {
        let file = self.lock_file(lock);
        self.index_command(index, "install").args(["--require-hashes", "-r"]).args([file]).output()
    }

    /// `uv pip sync` of a lock file; for pip the same as [`Room::install_locked`].
    #[track_caller]
    pub fn sync(&self, index: &str, lock: &str) -> Output {
        if self.client.is_pip() {
            return self.install_locked(index, lock);
        }
        let file = self.lock_file(lock);
        self.index_command(index, "sync").args(["--require-hashes"]).args([file]).output()
    }

    /// Installs with nothing said about an index: by the configuration in this home alone.
    #[track_caller]
    pub fn install_plainly(&self, args: &[&str]) -> Output {
        let run = match self.client.kind {
            Kind::Pip => self.run(self.client.program.clone()).args(["-m", "pip", "install"]),
            Kind::Uv => {
                self.run(self.client.program.clone()).args(["pip", "install", "--python"]).args([&self.client.python])
            }
        };
        run.args(["--target".into(), self.site().into_os_string()]).args(args.iter().copied()).output()
    }

    /// The installed version of a package.
    pub fn installed(&self, name: &str) -> Option<String> {
        let prefix = format!("{}-", name.replace('-', "_"));
        std::fs::read_dir(self.site()).ok()?.flatten().find_map(|entry| {
            let file = entry.file_name().to_string_lossy().into_owned();
            Some(file.strip_prefix(&prefix)?.strip_suffix(".dist-info")?.to_owned())
        })
    }

    /// Takes away what was installed, caches stay.
    pub fn clear(&self) {
        // What is not there need not go.
        let _ = std::fs::remove_dir_all(self.site());
    }

    fn site(&self) -> PathBuf {
        self.top.path().join("site")
    }

    fn lock_file(&self, lock: &str) -> PathBuf {
        let file = self.top.path().join("requirements.txt");
        std::fs::write(&file, lock).expect("a lock file");
        file
    }

    fn index_command(&self, index: &str, verb: &str) -> Run {
        let run = match self.client.kind {
            Kind::Pip => {
                self.run(self.client.program.clone()).args(["-m", "pip", verb]).env("PIP_CONFIG_FILE", "/dev/null")
            }
            Kind::Uv => {
                let run =
                    self.run(self.client.program.clone()).args(["pip", verb, "--python"]).args([&self.client.python]);
                run.env("UV_NO_CONFIG", "1")
            }
        };
        run.args(["--target".into(), self.site().into_os_string()]).args(["--index-url", index])
    }

    fn run(&self, program: PathBuf) -> Run {
        clean(program, &self.home()).folder(self.top.path())
    }
}

/// A client's environment: a home of its own, no prompts, no look for updates, no compilation of what was installed, and
/// one try more instead of five, so that stories about failures are short.
fn clean(program: PathBuf, home: &Path) -> Run {
    Run::new(program)
        .at_home(home)
        .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
        .env("PIP_RETRIES", "1")
        .env("PIP_RESUME_RETRIES", "1")
        .env("UV_HTTP_RETRIES", "1")
        .env("PIP_NO_INPUT", "1")
        .env("PIP_NO_COMPILE", "1")
        .env("PIP_ROOT_USER_ACTION", "ignore")
        .env("UV_PYTHON_DOWNLOADS", "never")
        .env("COLUMNS", "400")
}

#[cfg(test)]
mod tests;
