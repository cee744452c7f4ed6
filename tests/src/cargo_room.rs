//! A place to build in with the real cargo.

use std::path::PathBuf;
use std::time::Duration;

use fanlight_testkit::{Output, Run};
use tempfile::TempDir;

/// A project of one package, and a cargo home of its own.
#[derive(Debug)]
pub struct CargoRoom {
    top: TempDir,
}

impl CargoRoom {
    /// One that needs these lines of dependencies, from the index at that address.
    ///
    /// # Panics
    /// When the temporary folder cannot be written.
    pub fn new(needs: &str, index: &str) -> Self {
        let room = Self { top: tempfile::tempdir().expect("a temporary folder") };
        std::fs::create_dir_all(room.top.path().join("project/src")).expect("a project");
        std::fs::write(room.project().join("src/lib.rs"), "").expect("a library");
        let manifest =
            format!("[package]\nname = \"mine\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\n{needs}\n");
        std::fs::write(room.project().join("Cargo.toml"), manifest).expect("a manifest");
        room.lead_to(index);
        room
    }

    /// The project's folder.
    pub fn project(&self) -> PathBuf {
        self.top.path().join("project")
    }

    /// The folder where cargo keeps its settings and what it has fetched.
    pub fn cargo_home(&self) -> PathBuf {
        self.top.path().join("cargo")
    }

    /// Takes its crates from `index` from now on.
    ///
    /// # Panics
    /// When its settings cannot be written.
    pub fn lead_to(&self, index: &str) {
        let home = self.cargo_home();
        // Without what an earlier index left there.
        let _ = std::fs::remove_dir_all(&home);
        std::fs::create_dir_all(&home).expect("a home");
        let settings = format!(
            "[source.crates-io]\nreplace-with = \"door\"\n[source.door]\nregistry = \"sparse+{index}\"\n[net]\nretry = 0\n"
        );
        std::fs::write(home.join("config.toml"), settings).expect("settings");
    }

    /// Runs cargo with these arguments.
    #[track_caller]
    pub fn cargo(&self, args: &[&str]) -> Output {
        let run = Run::new("cargo").args(args.iter().copied()).at_home(&self.top.path().join("home"));
        let run = run.env("CARGO_HOME", self.cargo_home()).folder(&self.project());
        // The machine's own toolchain, wherever its home has it.
        let run = match std::env::var_os("RUSTUP_HOME").or_else(|| {
            let home = std::env::var_os("HOME")?;
            Some(PathBuf::from(home).join(".rustup").into_os_string())
        }) {
            Some(rustup) => run.env("RUSTUP_HOME", rustup),
            None => run,
        };
        run.limit(Duration::from_secs(120)).output()
    }

    /// The lock file.
    ///
    /// # Panics
    /// When there is none.
    pub fn lock(&self) -> String {
        std::fs::read_to_string(self.project().join("Cargo.lock")).expect("a lock")
    }

    /// Whether the lock file has that release.
    pub fn locks(&self, name: &str, version: &str) -> bool {
        self.lock().contains(&format!("name = \"{name}\"\nversion = \"{version}\""))
    }
}
