//! The clients people install npm packages with: the machine's own npm, a current pnpm, the old yarn and a current one.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::{Output, Run};

/// What is installed beside the machine's npm: a name here, and what npm is asked for.
const WANTED: [(&str, &str); 3] =
    [("pnpm", "pnpm@^12"), ("yarn-classic", "yarn@1.22.22"), ("yarn", "@yarnpkg/cli-dist@^4")];

/// Which program it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsKind {
    /// npm.
    Npm,
    /// pnpm.
    Pnpm,
    /// yarn 1.
    YarnClassic,
    /// yarn 4.
    Yarn,
}

/// One client.
#[derive(Debug)]
pub struct JsClient {
    /// Which.
    pub kind: JsKind,
    /// The name in messages: `npm 11.1.0`.
    pub name: String,
    /// A script for `node`; nothing for npm, which is a program of its own.
    script: Option<PathBuf>,
}

/// A home of its own and a project to install into, for one client.
#[derive(Debug)]
pub struct JsRoom<'a> {
    client: &'a JsClient,
    top: TempDir,
}

impl JsClient {
    /// Those of this machine, installing what is missing once for all tests; none where the machine has no npm, which is
    /// said.
    pub fn all() -> &'static [Self] {
        static FOUND: OnceLock<Vec<JsClient>> = OnceLock::new();
        FOUND.get_or_init(|| {
            find().unwrap_or_else(|why| {
                eprintln!("SKIPPED: npm, pnpm and yarn are not tried: {why}");
                Vec::new()
            })
        })
    }

    /// An empty project for it, which takes its packages from the door at `registry` and nowhere else.
    ///
    /// # Panics
    /// When the temporary folder cannot be written.
    pub fn room(&self, registry: &str) -> JsRoom<'_> {
        let top = tempfile::Builder::new().prefix("fanlight-js-").tempdir().expect("a temporary folder");
        let room = JsRoom { client: self, top };
        std::fs::create_dir_all(room.home()).expect("a home");
        room.write("package.json", &json!({"name": "mine", "version": "1.0.0", "private": true}).to_string());
        room.lead_to(registry);
        room
    }

    fn run(&self) -> Run {
        match &self.script {
            Some(script) => Run::new("node").args([script]),
            None => Run::new("npm"),
        }
    }
}

impl JsRoom<'_> {
    /// The room's home.
    pub fn home(&self) -> PathBuf {
        self.top.path().join("home")
    }

    /// The project's folder.
    pub fn project(&self) -> &Path {
        self.top.path()
    }

    /// Takes its packages from `registry` from now on, as `fanlight use` sets it up.
    ///
    /// # Panics
    /// When its settings cannot be written.
    pub fn lead_to(&self, registry: &str) {
        self.write(
            ".npmrc",
            &format!("registry={registry}\nreplace-registry-host=always\nfetch-retries=0\nupdate-notifier=false\n"),
        );
        self.write(
            ".yarnrc.yml",
            &format!(
                "npmRegistryServer: \"{registry}\"\nunsafeHttpWhitelist: [\"127.0.0.1\"]\nnodeLinker: node-modules\n\
                 enableTelemetry: false\nnpmMinimalAgeGate: 0\nenableImmutableInstalls: false\nenableProgressBars: false\nhttpRetry: 0\n"
            ),
        );
        self.write(".yarnrc", &format!("registry \"{registry}\"\n"));
    }

    /// Adds a package: `npm install SPEC`, `pnpm add SPEC`, `yarn add SPEC`.
    #[track_caller]
    pub fn add(&self, spec: &str) -> Output {
        let verb = if self.client.kind == JsKind::Npm { "install" } else { "add" };
        self.command(&[verb, spec])
    }

    /// Installs what the lock file says and nothing else: `npm ci` and the like.
    #[track_caller]
    pub fn install_locked(&self) -> Output {
        match self.client.kind {
            JsKind::Npm => self.command(&["ci"]),
            JsKind::Yarn => self.command(&["install", "--immutable"]),
            JsKind::Pnpm | JsKind::YarnClassic => self.command(&["install", "--frozen-lockfile"]),
        }
    }

    /// Asks which known flaws affect what is installed.
    #[track_caller]
    pub fn audit(&self) -> Output {
        match self.client.kind {
            JsKind::Npm | JsKind::Pnpm | JsKind::YarnClassic => self.command(&["audit"]),
            JsKind::Yarn => self.command(&["npm", "audit", "--all", "--recursive"]),
        }
    }

    /// Runs the client with these arguments.
    #[track_caller]
    pub fn command(&self, args: &[&str]) -> Output {
        let quiet: &[&str] = match self.client.kind {
            JsKind::Npm => &["--no-audit", "--no-fund", "--no-progress"],
            JsKind::Pnpm => &["--reporter=append-only"],
            JsKind::YarnClassic => &["--no-progress", "--non-interactive"],
            JsKind::Yarn => &[],
        };
        let run = self.client.run().args(args.iter().copied()).args(quiet.iter().copied());
        run.at_home(&self.home())
            .env("CI", "1")
            .env("YARN_IGNORE_PATH", "1")
            .folder(self.project())
            .limit(Duration::from_secs(120))
            .output()
    }

    /// The installed version of a package.
    pub fn installed(&self, name: &str) -> Option<String> {
        let manifest = std::fs::read(self.project().join("node_modules").join(name).join("package.json")).ok()?;
        let manifest: Value = serde_json::from_slice(&manifest).ok()?;
        Some(manifest["version"].as_str()?.to_owned())
    }

    /// Takes away what was installed and cached; the lock file stays.
    pub fn clear(&self) {
        // What is not there need not go.
        let _ = std::fs::remove_dir_all(self.project().join("node_modules"));
        let _ = std::fs::remove_dir_all(self.home());
        std::fs::create_dir_all(self.home()).expect("a home");
    }

    /// Writes a file of the project.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.project().join(name), text).expect("a writable project");
    }

    /// Reads a file of the project.
    pub fn read(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.project().join(name)).ok()
    }
}

fn find() -> Result<Vec<JsClient>, String> {
    for program in ["node", "npm"] {
        let there = std::process::Command::new(program).arg("--version").output();
        there.map_err(|error| format!("{program} cannot be started: {error}"))?;
    }
    let modules = tools()?.join("node_modules");
    let mut clients = vec![client(JsKind::Npm, "npm", None)?];
    for (kind, name, script) in [
        (JsKind::Pnpm, "pnpm", "pnpm/bin/pnpm.mjs"),
        (JsKind::YarnClassic, "yarn", "yarn-classic/bin/yarn.js"),
        (JsKind::Yarn, "yarn", "yarn/bin/yarn.js"),
    ] {
        let mut script = modules.join(script);
        if kind == JsKind::Pnpm && !script.is_file() {
            script.set_extension("cjs");
        }
        clients.push(client(kind, name, Some(script))?);
    }
    Ok(clients)
}

fn client(kind: JsKind, name: &str, script: Option<PathBuf>) -> Result<JsClient, String> {
    let client = JsClient { kind, name: name.to_owned(), script };
    // In an empty folder: each of them reads settings wherever it runs.
    let home = tempfile::tempdir().map_err(|error| error.to_string())?;
    let out = client.run().args(["--version"]).at_home(home.path()).folder(home.path()).output();
    if out.code != Some(0) {
        return Err(format!("{name} does not run: {}", out.words()));
    }
    Ok(JsClient { name: format!("{name} {}", out.stdout.trim()), ..client })
}

/// The folder in which other people's programs for `node` are installed, once for all tests under `name`: what runs there finds them.
/// Nothing where they cannot be installed, which is said in one line.
///
/// # Panics
/// When they are missing and `CI=true`.
pub fn node_tools(name: &str, wanted: &[&str]) -> Option<PathBuf> {
    let installed = super::install::folder().and_then(|folder| {
        let folder = folder.join(name);
        super::install::once(&folder, &wanted.join(" "), || installed(&folder, wanted.iter().copied()))?;
        Ok(folder)
    });
    installed
        .inspect_err(|why| {
            eprintln!("missing: {name}, so that its tests are skipped: {why}");
            assert!(std::env::var("CI").is_err(), "CI runs with every program; missing: {name}: {why}");
        })
        .ok()
}

fn installed<'w>(folder: &Path, wanted: impl IntoIterator<Item = &'w str>) -> Result<(), String> {
    let install = Run::new("npm").own_env().args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"]);
    let got = install.args([folder]).args(wanted).limit(Duration::from_secs(300)).output();
    if got.code == Some(0) { Ok(()) } else { Err(format!("`npm install` failed: {}", got.words())) }
}

/// The folder with the clients, installed with the machine's own settings under a lock when it is not there.
fn tools() -> Result<PathBuf, String> {
    let folder = super::install::folder()?.join("javascript");
    let wanted: Vec<String> = WANTED.iter().map(|(name, spec)| format!("{name}@npm:{spec}")).collect();
    super::install::once(&folder, &wanted.join(" "), || installed(&folder, wanted.iter().map(String::as_str)))?;
    Ok(folder)
}
