//! Where the program under test is: `FANLIGHT_BIN`, else the debug build of this workspace, built when it is not there.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The binary's path.
///
/// # Panics
/// When there is none and it does not build.
pub fn fanlight() -> &'static Path {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    FOUND.get_or_init(|| {
        if let Some(named) = std::env::var_os("FANLIGHT_BIN") {
            let named = PathBuf::from(named);
            assert!(named.is_file(), "FANLIGHT_BIN names {}, which is no file", named.display());
            return named;
        }
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from);
        let binary = target.join("debug/fanlight");
        if !binary.is_file() {
            // Cargo's own lock lets one of several test processes build and the others wait.
            let built = Command::new("cargo").args(["build", "-p", "fanlight"]).current_dir(&workspace).status();
            assert!(built.is_ok_and(|status| status.success()), "cargo build -p fanlight failed");
        }
        assert!(binary.is_file(), "cargo build -p fanlight made no {}", binary.display());
        binary
    })
}
