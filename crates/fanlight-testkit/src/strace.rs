//! Faults in system calls of a running node, injected by strace while an [`Injection`] lives.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::node::Node;
use crate::process::end_within;
use crate::wait_for;

/// strace attached to a node. Detaches when dropped; the node goes on without it.
#[derive(Debug)]
pub struct Injection {
    strace: Child,
}

impl Injection {
    /// Makes `calls` (strace's spelling, `write,fdatasync`) of `node` fail with `error` (`ENOSPC`, `EIO`), where they
    /// touch something under one of `paths`; all of them when none is named.
    #[track_caller]
    pub fn fail(node: &Node, calls: &str, error: &str, paths: &[&Path]) -> Self {
        Self::inject(node, &format!("{calls}:error={error}"), paths)
    }

    /// Ends `node` by SIGKILL when it is about to make the `nth` of `calls` that touch one of `paths`.
    #[track_caller]
    pub fn kill(node: &Node, calls: &str, nth: usize, paths: &[&Path]) -> Self {
        Self::inject(node, &format!("{calls}:signal=SIGKILL:when={nth}"), paths)
    }

    /// # Panics
    /// When strace is missing or may not attach.
    #[track_caller]
    fn inject(node: &Node, what: &str, paths: &[&Path]) -> Self {
        let log = tempfile::NamedTempFile::new().expect("a temporary file");
        let mut command = Command::new("strace");
        command.args(["-f", "-p", &node.pid().to_string(), "-e", &format!("inject={what}")]);
        for path in paths {
            command.arg("-P").arg(path);
        }
        let diary = log.reopen().expect("a temporary file");
        let strace = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(diary).spawn();
        let injection = Self { strace: strace.expect("strace is installed (apt-get install strace)") };
        wait_for("strace to attach", Duration::from_secs(10), || {
            let said = std::fs::read_to_string(log.path()).unwrap_or_default();
            assert!(!said.contains("not permitted"), "strace may not attach to the node: {said}");
            said.contains("attached").then_some(())
        });
        injection
    }
}

impl Drop for Injection {
    fn drop(&mut self) {
        // SIGINT makes strace detach and leave the node running.
        if let Some(pid) = i32::try_from(self.strace.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::INT);
        }
        // One that waits for a thread which was ended in the same moment never detaches. Without it the kernel lets go of them all,
        // and whoever waits for the node's end gets it.
        if end_within(&mut self.strace, Duration::from_secs(5)).is_none() {
            let _ = self.strace.kill();
            let _ = self.strace.wait();
        }
    }
}
