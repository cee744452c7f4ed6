//! Running a program to its end, with a deadline and a clean environment, and saying what it said.

use std::ffi::OsString;
use std::fmt;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A program about to be run with nothing from the test's own environment but `PATH`.
#[derive(Debug)]
pub struct Run {
    program: OsString,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    folder: Option<PathBuf>,
    input: Vec<u8>,
    limit: Duration,
}

impl Run {
    /// Names the program.
    pub fn new(program: impl Into<OsString>) -> Self {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let env = vec![("PATH".into(), path), ("LANG".into(), "C.UTF-8".into()), ("NO_COLOR".into(), "1".into())];
        let program = program.into();
        Self { program, args: Vec::new(), env, folder: None, input: Vec::new(), limit: Duration::from_secs(60) }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<S: Into<OsString>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Is at home there: `HOME` and the folders that the XDG base directory specification names.
    #[must_use]
    pub fn at_home(self, home: &Path) -> Self {
        self.env("HOME", home)
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("XDG_STATE_HOME", home.join(".local/state"))
            .env("XDG_DATA_HOME", home.join(".local/share"))
            .env("XDG_CACHE_HOME", home.join(".cache"))
    }

    /// Takes the test's own environment along: for installing tools, which uses the machine's configuration.
    #[must_use]
    pub fn own_env(mut self) -> Self {
        self.env.splice(0..0, std::env::vars_os());
        self
    }

    /// Runs in that folder.
    #[must_use]
    pub fn folder(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    /// Is given that on standard input.
    #[must_use]
    pub fn input(mut self, text: &str) -> Self {
        self.input = text.into();
        self
    }

    /// Must end within that time; 60 seconds unless told otherwise.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// The command, for those that keep the process.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args).env_clear().envs(self.env.iter().map(|(k, v)| (k, v)));
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// When it cannot be started or does not end in time.
    #[track_caller]
    pub fn output(self) -> Output {
        let mut command = self.command();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let said = format!("{} {}", shown(&self.program), self.args.iter().map(shown).collect::<Vec<_>>().join(" "));
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{said} cannot be started: {error}"));
        if let Some(mut stdin) = child.stdin.take() {
            // A program that does not read its input closes it; that is its right.
            let _ = stdin.write_all(&self.input);
        }
        let stdout = gather(child.stdout.take());
        let stderr = gather(child.stderr.take());
        let ended = end_within(&mut child, self.limit);
        if ended.is_none() {
            let _ = child.kill();
            let _ = child.wait();
        }
        let (stdout, stderr) = (stdout.join().unwrap_or_default(), stderr.join().unwrap_or_default());
        let code = ended.unwrap_or_else(|| panic!("{said} did not end within {:?}; it said: {stderr}", self.limit));
        Output { said, code, stdout, stderr }
    }
}

fn shown(text: &OsString) -> String {
    text.to_string_lossy().into_owned()
}

fn gather(pipe: Option<impl Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut out = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut out);
        }
        String::from_utf8_lossy(&out).into_owned()
    })
}

/// Waits for a child at most that long. The inner value is its exit code, none when a signal ended it.
pub fn end_within(child: &mut Child, limit: Duration) -> Option<Option<i32>> {
    let end = Instant::now() + limit;
    loop {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status.code());
        }
        if Instant::now() > end {
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// How a program ended and what it said.
#[derive(Debug, Clone)]
pub struct Output {
    said: String,
    /// The exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "$ {}\n{}{}(exit code {:?})", self.said, self.stdout, self.stderr, self.code)
    }
}

impl Output {
    /// Everything it said on one line: clients break lines and draw boxes as the terminal's width has it.
    pub fn words(&self) -> String {
        let all = format!("{}\n{}", self.stdout, self.stderr).replace(['│', '╰', '─', '▶', '├', '×'], " ");
        all.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// It ended well.
    #[track_caller]
    pub fn ok(self) -> Self {
        self.exits(0)
    }

    /// It ended with that code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "another exit code was expected:\n{self}");
        self
    }

    /// It ended by itself, but not well.
    #[track_caller]
    pub fn fails(self) -> Self {
        assert!(self.code.is_some_and(|code| code != 0), "it should have failed:\n{self}");
        self
    }

    /// It said that, spaces and letter case aside.
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        assert!(self.words().to_lowercase().contains(&words.to_lowercase()), "it did not say {words:?}:\n{self}");
        self
    }

    /// It did not say that.
    #[track_caller]
    pub fn keeps_quiet_about(self, words: &str) -> Self {
        assert!(!self.words().to_lowercase().contains(&words.to_lowercase()), "it said {words:?}:\n{self}");
        self
    }

    /// Its standard output as JSON.
    ///
    /// # Panics
    /// When it is not.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON ({error}):\n{self}"))
    }
}
