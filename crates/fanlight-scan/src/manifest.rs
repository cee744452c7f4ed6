//! Which files run when a package is installed or a program starts, by what the package says of itself.
//!
//! Reads setup.py's place, pyproject.toml, .pth files, package.json and Cargo.toml; runs nothing of them.

use std::collections::{BTreeSet, HashMap};

use crate::finding::{Confidence, Finding, Place, Severity};
use crate::follow::Labels;
use crate::follow::known;
use crate::rules;

/// Files by which a package tells about itself, kept until the whole archive was seen.
#[derive(Default)]
pub(crate) struct Manifests {
    texts: HashMap<String, String>,
}

/// What they say.
#[derive(Default)]
pub(crate) struct Said {
    /// Paths of files that run at installation, as far as the archive holds them.
    pub at_install: BTreeSet<String>,
    pub findings: Vec<Finding>,
    /// The name that npm knows it by.
    pub npm_name: Option<String>,
    /// Whether functions marked as procedural macros run while others compile.
    pub macros: bool,
}

/// npm's scripts that run when a package is installed from the registry.
const LIFECYCLE: &[&str] = &["preinstall", "install", "postinstall"];

impl Manifests {
    /// Whether a file is one of them. A package's own stand in its first folder; those deeper are of other packages.
    pub fn wants(path: &str) -> bool {
        let depth = path.matches('/').count();
        let name = path.rsplit('/').next().unwrap_or(path);
        depth <= 1 && matches!(name, "package.json" | "pyproject.toml" | "Cargo.toml" | "binding.gyp")
            || path.ends_with(".pth")
    }

    pub fn keep(&mut self, path: &str, text: &str) {
        if self.texts.len() < 100 {
            self.texts.insert(path.to_owned(), text.to_owned());
        }
    }

    /// Reads them, knowing all paths of the archive.
    pub fn read(&self, paths: &BTreeSet<String>) -> Said {
        let mut said = Said::default();
        for path in paths {
            let name = path.rsplit('/').next().unwrap_or(path);
            let depth = path.matches('/').count();
            if name == "setup.py" && depth <= 1 || name == "build.rs" && depth == 1 {
                install(&mut said, path, "run by the installer");
            }
            if matches!(name, "sitecustomize.py" | "usercustomize.py") && depth == 0 {
                said.findings.push(Finding::of(&rules::START_HOOK, Place::entry(path), name));
            }
        }
        let mut texts: Vec<_> = self.texts.iter().collect();
        texts.sort();
        for (path, text) in texts {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            match name {
                "package.json" => npm(&mut said, path, folder, text, paths),
                "binding.gyp" => install(&mut said, path, "compiled by node-gyp when it is installed"),
                "pyproject.toml" => python(&mut said, folder, text, paths),
                "Cargo.toml" => cargo(&mut said, folder, text, paths),
                _ => start_file(&mut said, path, text, paths),
            }
        }
        said
    }
}

fn install(said: &mut Said, path: &str, why: &str) {
    if said.at_install.insert(path.to_owned()) {
        said.findings.push(Finding::of(&rules::INSTALL_CODE, Place::entry(path), why));
    }
}

fn within(folder: &str, path: &str) -> String {
    let path = path.trim_start_matches("./");
    if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
}

fn npm(said: &mut Said, path: &str, folder: &str, text: &str, paths: &BTreeSet<String>) {
    let Ok(manifest) = serde_json::from_str::<serde_json::Value>(text) else { return };
    said.npm_name = said.npm_name.take().or_else(|| manifest["name"].as_str().map(str::to_owned));
    for name in LIFECYCLE {
        let Some(command) = manifest["scripts"][name].as_str() else { continue };
        said.findings.push(Finding::of(&rules::INSTALL_CODE, place(path, text, name), &format!("{name}: {command}")));
        let labels = known::labels_of(command);
        let fetches = ["curl ", "wget ", "http://", "https://", "nslookup ", "powershell"]
            .iter()
            .any(|word| command.contains(word));
        let evaluates = ["node -e", "node --eval", "python -c", "python3 -c", "eval ", "base64"]
            .iter()
            .any(|word| command.contains(word));
        if labels.has(Labels::PIPE | Labels::HIDDEN) || fetches || evaluates && command.len() > 150 {
            let finding = Finding::of(&rules::INSTALL_COMMAND, place(path, text, name), command);
            let certain = labels.has(Labels::PIPE | Labels::HIDDEN | Labels::DROP | Labels::ADDRESS);
            said.findings.push(if certain { finding.rated(Severity::Critical, Confidence::Medium) } else { finding });
        }
        for word in command.split([' ', ';', '&', '|', '"', '\'', '(', ')']).filter(|word| !word.is_empty()) {
            let base = within(folder, word);
            for candidate in [base.clone(), format!("{base}.js"), format!("{base}.cjs"), format!("{base}/index.js")] {
                if paths.contains(&candidate) {
                    said.at_install.insert(candidate);
                }
            }
        }
    }
    for group in ["dependencies", "optionalDependencies"] {
        let Some(all) = manifest[group].as_object() else { continue };
        for (name, wanted) in all {
            let wanted = wanted.as_str().unwrap_or_default();
            if wanted.starts_with("http://") || wanted.starts_with("https://") || wanted.starts_with("git+http:") {
                said.findings.push(Finding::of(
                    &rules::REMOTE_DEPENDENCY,
                    place(path, text, name),
                    &format!("{name}: {wanted}"),
                ));
            }
        }
    }
}

/// The line that holds a key.
fn place(path: &str, text: &str, key: &str) -> Place {
    let wanted = format!("\"{key}\"");
    let line = text.lines().position(|line| line.contains(&wanted));
    line.and_then(|line| u32::try_from(line + 1).ok())
        .map_or_else(|| Place::entry(path), |line| Place::line(path, line))
}

/// A build backend that is a part of the package itself (PEP 517, `backend-path`).
fn python(said: &mut Said, folder: &str, text: &str, paths: &BTreeSet<String>) {
    let Ok(manifest) = text.parse::<toml::Table>() else { return };
    let Some(build) = manifest.get("build-system").and_then(toml::Value::as_table) else { return };
    let backend = build.get("build-backend").and_then(toml::Value::as_str).unwrap_or_default();
    let module = backend.split(':').next().unwrap_or_default().replace('.', "/");
    let folders = build.get("backend-path").and_then(toml::Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for own in folders.iter().filter_map(toml::Value::as_str) {
        let own = within(folder, own.trim_end_matches('/').trim_start_matches('.').trim_start_matches('/'));
        let own = own.trim_end_matches('/');
        for file in [format!("{own}/{module}.py"), format!("{own}/{module}/__init__.py")] {
            if paths.contains(&file) {
                install(said, &file, "the package's own build backend");
            }
        }
    }
}

fn cargo(said: &mut Said, folder: &str, text: &str, paths: &BTreeSet<String>) {
    let Ok(manifest) = text.parse::<toml::Table>() else { return };
    let script = manifest.get("package").and_then(|package| package.get("build")).and_then(toml::Value::as_str);
    if let Some(file) = script.map(|script| within(folder, script)).filter(|file| paths.contains(file)) {
        install(said, &file, "the build script");
    }
    let library = manifest.get("lib").and_then(toml::Value::as_table);
    let key = |name: &str| library.and_then(|library| library.get(name)).and_then(toml::Value::as_bool) == Some(true);
    said.macros |= key("proc-macro") || key("proc_macro");
}

/// A `.pth` file: lines that begin with `import` are run at every start (Python's `site` module).
fn start_file(said: &mut Said, path: &str, text: &str, paths: &BTreeSet<String>) {
    for (number, line) in
        text.lines().enumerate().filter(|(_, line)| line.starts_with("import ") || line.starts_with("import\t"))
    {
        let place = Place::line(path, u32::try_from(number + 1).unwrap_or(u32::MAX));
        let finding = Finding::of(&rules::PTH, place, line);
        let runs = ["exec", "eval", "base64", "subprocess", "urllib", "socket", "os.system", "__import__"]
            .iter()
            .filter(|word| line.contains(**word) && !(**word == "__import__" && loads_own(line, paths)))
            .count();
        said.findings.push(match runs {
            0 => finding.rated(Severity::Medium, Confidence::Medium),
            1 => finding,
            _ => finding.rated(Severity::Critical, Confidence::Medium),
        });
    }
}

/// Whether all that a line loads by `__import__('...')` are modules of the archive itself, which are looked at as well, or those two
/// by which the lines that setuptools writes for namespace packages (`*-nspkg.pth`) find a folder.
fn loads_own(line: &str, paths: &BTreeSet<String>) -> bool {
    line.split("__import__").skip(1).all(|rest| {
        let name = rest.strip_prefix("('").and_then(|rest| rest.split_once("')")).map(|(name, _)| name);
        name.is_some_and(|name| {
            matches!(name, "importlib.util" | "importlib.machinery")
                || paths.contains(&format!("{name}.py"))
                || paths.contains(&format!("{name}/__init__.py"))
        })
    })
}
