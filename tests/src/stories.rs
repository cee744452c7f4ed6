//! Stories of the console in the system's Chromium, as `web/e2e` tells them.
//!
//! Owns what they need of this machine and how they are started. Invariant: where everything is tried (`CI`), none is left out.

use std::path::{Path, PathBuf};
use std::time::Duration;

use fanlight_testkit::{Node, Run, get};
use serde_json::{Value, json};

/// How long one story may take.
const LIMIT: Duration = Duration::from_secs(300);

/// The folder `web`.
fn web() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../web").canonicalize().expect("the folder web")
}

/// Where an executable of one of these names is.
fn found(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .flat_map(|folder| names.iter().map(move |name| folder.join(name)))
        .find(|file| file.is_file())
}

/// What a story is told of a node.
#[derive(Debug)]
pub struct Told {
    url: String,
    is_built: bool,
}

impl Told {
    /// Of that one, which runs.
    pub fn of(node: &Node) -> Self {
        let is_built = get(&format!("{}/", node.url())).is(200).text().contains("/assets/");
        Self { url: node.url().to_owned(), is_built }
    }

    /// The same node under another name.
    pub fn at(self, url: String) -> Self {
        Self { url, ..self }
    }

    /// What a story needs on this machine, or what is missing, in a line.
    fn ready(&self) -> Option<(PathBuf, PathBuf)> {
        let modules = web().join("node_modules/playwright-core").is_dir();
        let (js, chromium) = (found(&["node"]), found(&["chromium", "chromium-browser", "google-chrome"]));
        let missing = match (&js, &chromium) {
            (None, _) => "Node.js is not on this machine",
            (_, None) => "Chromium is not on this machine",
            _ if !modules || !self.is_built => "the console was not built: make web, then build again",
            _ => return js.zip(chromium),
        };
        // Where everything is tried, nothing may be left out unseen.
        assert!(std::env::var_os("CI").is_none(), "{missing}");
        eprintln!("the console was not tried in a browser: {missing}");
        None
    }

    /// Plays one of the stories before the node.
    ///
    /// # Panics
    /// When it does not go as told.
    pub fn play(&self, story: &str, more: &Value) {
        let Some((js, chromium)) = self.ready() else { return };
        // What is judged by the clock is judged where nothing else runs.
        let alone = std::env::var("FANLIGHT_TORTURE").is_ok_and(|how| how == "full");
        let screens = web().join("../target/screens");
        let mut scene = json!({ "url": self.url, "chromium": chromium, "screens": screens, "alone": alone });
        scene.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let played = Run::new(js)
            .args(["--test", "--test-reporter=spec", &format!("e2e/{story}.test.js")])
            .folder(&web())
            .env("FANLIGHT_SCENE", scene.to_string())
            .limit(LIMIT)
            .output();
        assert_eq!(played.code, Some(0), "{}", played.words());
        // Figures that a story says are seen with `--no-capture`.
        eprintln!("{}", played.words());
    }
}
