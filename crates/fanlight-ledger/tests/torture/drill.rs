//! Running the example `ledger-drill` and judging what it left.

use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use fanlight_ledger::LogFiles;
use fanlight_ledger::verify::verify;
use ring::digest::{SHA256, digest};

/// Whether the long form was asked for.
pub fn is_full() -> bool {
    std::env::var("FANLIGHT_TORTURE").is_ok_and(|value| value == "full")
}

/// Whether faults can be injected here; says so where not.
pub fn has_strace() -> bool {
    static FOUND: OnceLock<bool> = OnceLock::new();
    *FOUND.get_or_init(|| {
        let arguments = ["-f", "-o", "/dev/null", "-e", "inject=rmdir:error=EIO:when=1..2", "true"];
        let works = Command::new("strace").args(arguments).output().is_ok_and(|output| output.status.success());
        if !works {
            eprintln!("skipped: strace is not there or may not trace, so no faults can be injected");
        }
        works
    })
}

/// The example's program. Cargo builds it along with the tests unless only some were asked for, so it is asked again.
fn program() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let tests = std::env::current_exe().unwrap();
        let profile = tests.parent().and_then(Path::parent).unwrap();
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        // What cargo told this test about its package would look like a change to some build scripts.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_NAME", "CARGO_PRIMARY"]
                .iter()
                .any(|of| text.starts_with(of))
            {
                cargo.env_remove(&name);
            }
        }
        cargo.args(["build", "--quiet", "--package", "fanlight-ledger", "--example", "ledger-drill"]);
        cargo.args(profile.ends_with("release").then_some("--release"));
        cargo.arg("--target-dir").arg(profile.parent().unwrap()).current_dir(env!("CARGO_MANIFEST_DIR"));
        assert!(cargo.status().unwrap().success(), "the example ledger-drill does not build");
        profile.join("examples").join("ledger-drill")
    })
}

/// A running drill.
pub struct Drill {
    child: Child,
    reader: thread::JoinHandle<Told>,
    errors: thread::JoinHandle<String>,
}

/// What it said.
#[derive(Default)]
pub struct Told {
    /// Index and SHA-256 of each acknowledged record.
    pub acknowledged: Vec<(u64, String)>,
    pub is_opened: bool,
    pub is_closed: bool,
    /// Acknowledgements since the last refusal.
    pub since_refusal: usize,
    pub last_refusal: Option<String>,
    pub last: String,
    pub errors: String,
}

impl Drill {
    /// Starts it, under strace where a fault is to be injected.
    pub fn start(arguments: &[&str], dir: &Path, fault: Option<&str>) -> Self {
        let mut command = match fault {
            None => Command::new(program()),
            Some(fault) => {
                let calls = fault.trim_start_matches("inject=").split(':').next().unwrap_or_default();
                let mut strace = Command::new("strace");
                strace.args([
                    "-f",
                    "--seccomp-bpf",
                    "-qq",
                    "-o",
                    "/dev/null",
                    "-e",
                    &format!("trace={calls}"),
                    "-e",
                    fault,
                ]);
                strace.arg(program());
                strace
            }
        };
        command.arg(dir).args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let reader = thread::spawn(move || read(BufReader::new(out)));
        let errors = thread::spawn(move || {
            let mut text = String::new();
            let _ = BufReader::new(err).read_to_string(&mut text);
            text
        });
        Self { child, reader, errors }
    }

    /// Kills it (SIGKILL) and gives what it had said.
    pub fn kill(&mut self) -> Told {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.told()
    }

    /// Waits until it ends by itself.
    pub fn finish(mut self) -> Told {
        let deadline = Instant::now() + Duration::from_secs(90);
        while self.child.try_wait().unwrap().is_none() {
            if Instant::now() > deadline {
                self.child.kill().unwrap();
                let told = self.told();
                panic!("the drill hangs; it said last {:?}; {}", told.last, told.errors);
            }
            thread::sleep(Duration::from_millis(2));
        }
        self.told()
    }

    fn told(&mut self) -> Told {
        let reader = std::mem::replace(&mut self.reader, thread::spawn(Told::default));
        let errors = std::mem::replace(&mut self.errors, thread::spawn(String::new));
        let mut told = reader.join().unwrap();
        told.errors = errors.join().unwrap();
        told
    }
}

fn read(lines: impl BufRead) -> Told {
    let mut told = Told::default();
    // The last line of a killed process may be cut; a whole one ends in a newline.
    for line in lines.split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line).into_owned();
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["ack", index, hash] if hash.len() == 64 => {
                told.acknowledged.push((index.parse().unwrap(), hash.to_owned()));
                told.since_refusal += 1;
            }
            ["open", _] => told.is_opened = true,
            ["closed"] => told.is_closed = true,
            ["refused", ..] => {
                told.since_refusal = 0;
                told.last_refusal = Some(line.clone());
            }
            _ => {}
        }
        told.last = line;
    }
    told
}

/// Checks that every acknowledged record is in the ledger at its index, and that all of it verifies.
pub fn check_everything(dir: &Path, acknowledged: &[(u64, String)]) {
    if acknowledged.is_empty() && !dir.join("key").exists() {
        return; // it ended before there was a ledger
    }
    let files = LogFiles::open(dir).unwrap_or_else(|error| panic!("it does not read: {error}: {:?}", error));
    let entries: Vec<Vec<u8>> = files.entries(0..u64::MAX).map(|entry| entry.unwrap().1).collect();
    for (index, hash) in acknowledged {
        let entry = entries.get(*index as usize);
        let entry = entry.unwrap_or_else(|| panic!("record {index} was acknowledged and is lost ({})", entries.len()));
        let found: String = digest(&SHA256, entry).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(found, *hash, "record {index} is another than was acknowledged");
    }
    if let Err(error) = verify(dir, files.key(), |_| {}) {
        panic!("{error}");
    }
}
