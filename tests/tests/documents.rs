//! The user guide tells of every command and every flag there is, and of no other command.

use std::collections::BTreeSet;
use std::path::Path;

use fanlight_testkit::State;

fn guide() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The commands that a help text lists.
fn listed(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(str::to_owned).collect()
}

/// Every command in full, `ledger verify`, with its help.
fn commands(state: &State) -> Vec<(String, String)> {
    let help = |args: &[&str]| state.bare(&[args, &["--help"]].concat()).output().ok().stdout;
    let mut found = Vec::new();
    for name in listed(&help(&[])) {
        let own = help(&[&name]);
        let below = listed(&own);
        for inner in &below {
            found.push((format!("{name} {inner}"), help(&[&name, inner])));
        }
        if below.is_empty() {
            found.push((name, own));
        }
    }
    found
}

/// The long flags that a help text explains.
fn flags(help: &str) -> BTreeSet<String> {
    let lines = help.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
    let words =
        lines.flat_map(|line| line.split([' ', ',']).take_while(|word| word.starts_with('-') || word.is_empty()));
    words.filter(|word| word.starts_with("--")).map(str::to_owned).collect()
}

#[test]
fn the_guide_tells_of_every_command_and_every_flag() {
    let (state, guide) = (State::with_config(""), guide());
    let commands = commands(&state);
    assert!(commands.len() >= 15, "{commands:?}");
    let everywhere =
        guide.split("## Everywhere").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("a section");
    for (name, help) in &commands {
        let heading = format!("### `fanlight {name}");
        let start = guide.find(&heading).unwrap_or_else(|| panic!("docs/cli.md has no section on fanlight {name}"));
        let section = &guide[start + heading.len()..];
        let section = section.split("\n### ").next().expect("a section");
        let flags = flags(help);
        assert!(flags.contains("--help"), "{name}: {flags:?}");
        for flag in flags {
            let told = [section, everywhere].iter().any(|text| text.contains(&format!("`{flag}")));
            assert!(told, "docs/cli.md does not tell of fanlight {name} {flag}");
        }
    }
    let told = guide.lines().filter_map(|line| line.strip_prefix("### `fanlight ")?.split_once('`'));
    for (heading, _) in told {
        let known = commands.iter().any(|(name, _)| heading == name || heading.starts_with(&format!("{name} ")));
        assert!(known, "docs/cli.md tells of fanlight {heading}, which is no command");
    }
}

/// The text of every file below a folder whose name ends so, by path; tests left out.
fn sources(folder: &Path, into: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let name = entry.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if entry.is_dir() && name != "tests" {
            sources(&entry, into);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            into.push((entry.display().to_string(), std::fs::read_to_string(&entry).expect("a source")));
        }
    }
}

/// Who adds an ecosystem finds every place that tells them apart in the guide; the module of each is not one.
#[test]
fn the_guide_for_a_new_ecosystem_names_every_place_that_tells_them_apart() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let guide = std::fs::read_to_string(root.join("docs/adding-an-ecosystem.md")).expect("the guide");
    let mut all = Vec::new();
    for entry in std::fs::read_dir(root.join("crates")).expect("crates").map(|entry| entry.expect("an entry").path()) {
        if !entry.ends_with("fanlight-testkit") {
            sources(&entry.join("src"), &mut all);
        }
    }
    let tells = |text: &str| {
        ["\"cargo\"", "Cargo::TYPE", "Client::Cargo", "packages_cargo_upstream"].iter().any(|word| text.contains(word))
    };
    let telling: Vec<_> =
        all.iter().filter(|(path, text)| tells(text) && !path.ends_with("packages/src/cargo.rs")).collect();
    assert!(telling.len() > 10, "{}", telling.len());
    for (path, _) in telling {
        let name = path.rsplit('/').next().unwrap_or_default();
        assert!(guide.contains(name), "docs/adding-an-ecosystem.md names {path} nowhere");
    }
}
