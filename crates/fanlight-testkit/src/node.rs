//! A state folder, and the real binary running on it.
//!
//! The folder outlives the process, so that a test can end a node and look at what it left, or start it again.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use parking_lot::Mutex;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::process::{Output, Run, end_within};
use crate::{Upstream, binary};

/// How long a node may take until it serves, debug build and busy machine included.
const READY_WITHIN: Duration = Duration::from_secs(20);

/// A state folder of its own in a temporary folder, with a home beside it.
#[derive(Debug)]
pub struct State {
    top: TempDir,
}

impl State {
    /// An empty one with this `fanlight.toml`.
    ///
    /// # Panics
    /// When the temporary folder cannot be written.
    pub fn with_config(config: &str) -> Self {
        let top = tempfile::Builder::new().prefix("fanlight-test-").tempdir().expect("a temporary folder");
        let state = Self { top };
        std::fs::create_dir_all(state.home()).expect("a home");
        std::fs::create_dir_all(state.path()).expect("a state folder");
        state.configure(config);
        state
    }

    /// An empty one in front of `upstream`, pages looked at again after a second, cool-down of seven days, and
    /// whatever `more` sets (TOML, whole tables).
    pub fn before(upstream: &Upstream, more: &str) -> Self {
        Self::with_config(&Self::config(upstream, "7d", more))
    }

    /// The same with another cool-down, as the configuration spells it.
    pub fn with_cooldown(upstream: &Upstream, cooldown: &str) -> Self {
        Self::with_config(&Self::config(upstream, cooldown, ""))
    }

    /// The text of a `fanlight.toml` for a node in front of `upstream`: that cool-down, pages looked at again after a
    /// second, and whatever `more` sets.
    pub fn config(upstream: &Upstream, cooldown: &str, more: &str) -> String {
        let (python, npm, cargo) = (upstream.simple_url(), upstream.npm_url(), upstream.cargo_url());
        format!(
            "[packages]\nrefresh = \"1s\"\ncooldown = \"{cooldown}\"\n[packages.pypi]\nupstream = \"{python}\"\n\
             [packages.npm]\nupstream = \"{npm}\"\n[packages.cargo]\nupstream = \"{cargo}\"\n{more}"
        )
    }

    /// Writes `fanlight.toml`.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn configure(&self, config: &str) {
        std::fs::write(self.path().join("fanlight.toml"), config).expect("a writable state folder");
    }

    /// Writes a file of the company's policies, at once, as an editor's rename does.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn policy(&self, file: &str, text: &str) {
        let folder = self.path().join("policies");
        std::fs::create_dir_all(&folder).expect("a policy folder");
        let aside = self.top.path().join("policy.aside");
        std::fs::write(&aside, text).and_then(|()| std::fs::rename(aside, folder.join(file))).expect("a policy file");
    }

    /// Puts a record into the folder `feed` beside the state folder, which a test names in the settings.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn advise(&self, record: &crate::Advisory) {
        std::fs::create_dir_all(self.feed()).expect("a folder for a feed");
        std::fs::write(self.feed().join(record.file()), record.json()).expect("a record");
    }

    /// A folder for a feed of advisories.
    pub fn feed(&self) -> PathBuf {
        self.top.path().join("feed")
    }

    /// The state folder.
    pub fn path(&self) -> PathBuf {
        self.top.path().join("state")
    }

    /// The home of the person who uses the commands.
    pub fn home(&self) -> PathBuf {
        self.top.path().join("home")
    }

    /// A command on this state: `fanlight ARGS --state STATE`.
    pub fn command(&self, args: &[&str]) -> Run {
        self.bare(args).args(["--state".into(), self.path().into_os_string()])
    }

    /// A command that does not name the state: `fanlight ARGS`.
    pub fn bare(&self, args: &[&str]) -> Run {
        let home = self.home();
        Run::new(binary::fanlight())
            .args(args.iter().copied())
            .at_home(&home)
            .env("USER", "tester")
            .env("LOGNAME", "tester")
            .folder(&home)
    }

    /// Runs a command on this state to its end.
    #[track_caller]
    pub fn cli(&self, args: &[&str]) -> Output {
        self.command(args).output()
    }

    /// Starts a node on a free port.
    #[track_caller]
    pub fn start(&self) -> Node {
        self.start_with(&self.command(&["up", "--listen", "127.0.0.1:0"]))
    }

    /// Starts a node by that command.
    ///
    /// # Panics
    /// When it does not serve in time; its standard error is shown.
    #[track_caller]
    pub fn start_with(&self, run: &Run) -> Node {
        let log = self.top.path().join("node.log");
        let file = File::options().create(true).append(true).open(&log).expect("a log file");
        let mut command = run.command();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(file);
        let mut child = command.spawn().expect("the binary starts");
        let stdout = child.stdout.take().expect("a pipe");
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let first = lines.recv_timeout(READY_WITHIN);
        let mut node = Node { child, url: String::new(), log, lines: Mutex::new(lines) };
        match first.as_deref().map(|line| line.strip_prefix("ready ")) {
            Ok(Some(url)) => url.clone_into(&mut node.url),
            other => panic!("no `ready http://...` line but {other:?}; standard error:\n{}", node.stderr()),
        }
        node
    }

    /// The records in the ledger, those from before a restore first, as `fanlight ledger export FOLDER` gives them: read as
    /// an auditor reads a copy, so that looking leaves no record.
    ///
    /// # Panics
    /// When the export fails or a line is no JSON.
    #[track_caller]
    pub fn records(&self) -> Vec<Value> {
        let earlier = (1..).map(|number: u32| self.path().join("ledger-earlier").join(number.to_string()));
        let folders = earlier.take_while(|folder| folder.is_dir()).chain([self.path().join("ledger")]);
        let out: String = folders
            .map(|folder| self.bare(&["ledger", "export"]).args([folder.into_os_string()]).output().ok().stdout)
            .collect();
        let lines = out.lines().filter(|line| !line.trim().is_empty());
        lines.map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("no record ({e}): {line}"))).collect()
    }

    /// Files under `blobs/` whose name ends in a SHA-256, with that hash and the bytes' own.
    pub fn blobs(&self) -> Vec<(String, String)> {
        let (mut folders, mut found) = (vec![self.path().join("blobs")], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
                if path.is_dir() {
                    folders.push(path);
                } else if name.len() >= 60
                    && name.bytes().all(|b| b.is_ascii_hexdigit())
                    && let Ok(bytes) = std::fs::read(&path)
                {
                    found.push((name, crate::release::sha256(&bytes)));
                }
            }
        }
        found
    }
}

/// A running node. Ended by SIGKILL when dropped.
#[derive(Debug)]
pub struct Node {
    child: Child,
    url: String,
    log: PathBuf,
    lines: Mutex<mpsc::Receiver<String>>,
}

impl Node {
    /// Where it serves, `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// `HOST:PORT`.
    pub fn address(&self) -> &str {
        self.url.split_once("://").map_or(&self.url, |(_, address)| address)
    }

    /// The address of the npm door.
    pub fn registry(&self) -> String {
        format!("{}/npm/", self.url)
    }

    /// The address of the package index.
    pub fn index(&self) -> String {
        format!("{}/pypi/simple/", self.url)
    }

    /// The address of a project's page.
    pub fn page(&self, project: &str) -> String {
        format!("{}/pypi/simple/{project}/", self.url)
    }

    /// The address of a file.
    pub fn file(&self, project: &str, file: &str) -> String {
        format!("{}/pypi/files/{project}/{file}", self.url)
    }

    /// Its process id.
    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).expect("a process id")
    }

    /// What it wrote to standard error, earlier starts on the same state included.
    pub fn stderr(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// What it wrote to standard output after the ready line.
    pub fn more_stdout(&self) -> Vec<String> {
        self.lines.lock().try_iter().collect()
    }

    /// Ends it at once.
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to end.
    pub fn terminate(&self) {
        if let Some(pid) = Pid::from_raw(self.pid()) {
            let _ = kill_process(pid, Signal::TERM);
        }
    }

    /// Asks it to end and waits; gives its exit code.
    ///
    /// # Panics
    /// When it does not end in time.
    #[track_caller]
    pub fn stop(mut self) -> Option<i32> {
        self.terminate();
        self.ended_within(Duration::from_secs(30))
    }

    /// Waits for its end; gives its exit code.
    ///
    /// # Panics
    /// When it does not end in time.
    #[track_caller]
    pub fn ended_within(&mut self, limit: Duration) -> Option<i32> {
        let ended = end_within(&mut self.child, limit);
        ended.unwrap_or_else(|| panic!("the node did not end within {limit:?}:\n{}", self.stderr()))
    }

    /// It is ready and has not crashed.
    #[track_caller]
    pub fn is_healthy(&self) {
        let answer = crate::get(&format!("{}/readyz", self.url));
        assert_eq!(answer.status, 200, "not ready: {}\n{}", answer.text(), self.stderr());
        assert!(!self.stderr().contains("panicked"), "something panicked:\n{}", self.stderr());
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- the node's standard error ---\n{}", self.stderr());
        }
    }
}

/// Copies a folder with everything in it.
///
/// # Panics
/// When something cannot be read or written.
pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder to copy to");
    for entry in std::fs::read_dir(from).expect("a folder to copy").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a file to copy");
        }
    }
}
