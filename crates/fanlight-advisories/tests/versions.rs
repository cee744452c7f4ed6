//! Version rules against each ecosystem's own implementation, on ten thousand generated pairs each: `packaging` as pip
//! carries it, node-semver as npm carries it, and the `semver` crate, which is cargo's own.
//!
//! Needs `python3` with pip and `node` with npm; where one is absent its test says so and is skipped.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

use std::cmp::Ordering;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use fanlight_advisories::{Ecosystem, Version};
use fanlight_testkit::fuzz::Random;

const PAIRS: usize = 10_000;

/// Reads pairs from standard input, one a line and a tab between; answers `<`, `=`, `>`, or `?` where one is no version.
const PACKAGING: &str = r#"
import sys
from pip._vendor.packaging.version import Version, InvalidVersion
for line in sys.stdin:
    a, b = line.rstrip("\n").split("\t")
    try:
        a, b = Version(a), Version(b)
    except InvalidVersion:
        print("?")
        continue
    print("<" if a < b else ">" if a > b else "=")
"#;

const NODE: &str = r#"
const semver = require(process.argv[1])
const lines = require("fs").readFileSync(0, "utf8").trimEnd().split("\n")
console.log(lines.map((line) => {
  const [a, b] = line.split("\t").map((text) => semver.parse(text))
  return a && b ? "<=>"[a.compare(b) + 1] : "?"
}).join("\n"))
"#;

const NUMBERS: &[&str] = &["0", "0", "1", "1", "2", "9", "10", "11", "99", "2024", "65536", "4294967296"];

fn python(random: &mut Random) -> String {
    let mut text = String::new();
    text += *random.pick(&["", "", "", "", "", "v", "0!", "1!", " "]);
    text += *random.pick(NUMBERS);
    for _ in 0..random.below(5) {
        text = text + "." + *random.pick(NUMBERS);
    }
    if random.below(3) == 0 {
        text += *random.pick(&["a", "b", "rc", ".alpha", "-beta", "_c", ".pre", "preview", "A", "-RC.", "x"]);
        text += *random.pick(&["", "0", "1", "2", "10", "-1", "01"]);
    }
    if random.below(4) == 0 {
        text += *random.pick(&[".post", "-post", "post", "-", ".rev", "_r", ".POST"]);
        text += *random.pick(&["", "0", "1", "2", "10"]);
    }
    if random.below(4) == 0 {
        text += *random.pick(&[".dev", "dev", "-dev", "_DEV"]);
        text += *random.pick(&["", "0", "1", "2", "10"]);
    }
    if random.below(5) == 0 {
        text += *random.pick(&["+1", "+a", "+ab.1", "+1.a", "+cu117", "+CU-117", "+1_2", "+10", "+9", "+", "+a..b"]);
    }
    text
}

fn semantic(random: &mut Random) -> String {
    let mut text = String::new();
    if random.below(20) == 0 {
        text += *random.pick(&["v", "=", "V", " "]);
    }
    let parts = if random.below(20) == 0 { 1 + random.below(4) } else { 3 };
    for part in 0..parts {
        text += if part > 0 { "." } else { "" };
        text += *random.pick(NUMBERS);
    }
    if random.below(2) == 0 {
        text += "-";
        for part in 0..=random.below(3) {
            text += if part > 0 { "." } else { "" };
            text += *random.pick(&[
                "0", "1", "2", "10", "9", "alpha", "alpha1", "beta", "rc", "a-b", "A", "-", "--1", "1a", "x", "00",
                "01",
            ]);
        }
    }
    if random.below(6) == 0 {
        text += *random.pick(&["+1", "+build.5", "+a-b", "+001", "+", "+a+b"]);
    }
    text
}

fn npm(random: &mut Random) -> String {
    match random.below(40) {
        0 => format!("{}.0.0", *random.pick(&["9007199254740991", "9007199254740992", "18446744073709551615", "1e3"])),
        1 => format!(
            "1.0.0-{}",
            *random.pick(&[
                "9007199254740991",
                "9007199254740992",
                "9007199254740993",
                "99999999999999999999999",
                "9007199254740990"
            ])
        ),
        _ => semantic(random),
    }
}

/// Pairs of which many are alike, because the interesting differences are small.
fn pairs(make: fn(&mut Random) -> String) -> Vec<(String, String)> {
    let mut random = Random::new(1);
    let mut pairs = Vec::with_capacity(PAIRS);
    while pairs.len() < PAIRS {
        let a = make(&mut random);
        let b = match random.below(4) {
            0 => a.clone() + *random.pick(&[".0", "-0", ".1", "0", "a", "+1", "-alpha", ".dev1", ".post1"]),
            1 => a.replacen(char::is_numeric, random.pick::<&str>(NUMBERS), 1),
            _ => make(&mut random),
        };
        pairs.push(if random.below(2) == 0 { (a, b) } else { (b, a) });
    }
    pairs
}

/// What another implementation says, one sign a pair. `None` where it cannot be run.
fn asked(mut command: Command, pairs: &[(String, String)]) -> Option<Vec<u8>> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    let lines: String = pairs.iter().map(|(a, b)| format!("{a}\t{b}\n")).collect();
    let mut input = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(output.stdout.split(|byte| *byte == b'\n').filter_map(|line| line.first().copied()).collect())
}

fn compared(ecosystem: Ecosystem, (a, b): &(String, String)) -> u8 {
    let [a, b] = [a, b].map(|text| Version::new(ecosystem, text));
    if !a.is_ordered() || !b.is_ordered() {
        return b'?';
    }
    sign(a.cmp(&b))
}

fn sign(order: Ordering) -> u8 {
    match order {
        Ordering::Less => b'<',
        Ordering::Equal => b'=',
        Ordering::Greater => b'>',
    }
}

fn agree(ecosystem: Ecosystem, pairs: &[(String, String)], expected: &[u8]) {
    assert_eq!(expected.len(), PAIRS);
    for sign in *b"<=>?" {
        let met = expected.iter().filter(|answer| **answer == sign).count();
        assert!(met >= 100, "only {met} of the pairs are {:?}; the generator does not ask enough", char::from(sign));
    }
    let differ = pairs.iter().zip(expected).filter(|(pair, expected)| compared(ecosystem, pair) != **expected);
    let shown: Vec<_> = differ
        .map(|(pair, expected)| {
            format!("{pair:?}: {} here, {} there", char::from(compared(ecosystem, pair)), char::from(*expected))
        })
        .collect();
    assert!(shown.is_empty(), "{} of {PAIRS} differ:\n{}", shown.len(), shown[..shown.len().min(20)].join("\n"));
}

#[test]
fn python_versions_are_compared_as_packaging_does() {
    let mut command = Command::new("python3");
    command.args(["-c", "import pip._vendor.packaging.version"]);
    if !command.stderr(Stdio::null()).status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: no python3 with pip, whose packaging is the other implementation");
        return;
    }
    let mut command = Command::new("python3");
    command.args(["-c", PACKAGING]);
    let pairs = pairs(python);
    let expected = asked(command, &pairs).expect("python3 was there a moment ago");
    agree(Ecosystem::PyPi, &pairs, &expected);
}

/// The folder of node-semver that npm carries: `npm` is a link into its own package.
fn node_semver() -> Option<PathBuf> {
    let names = std::env::var_os("PATH")?;
    let npm = std::env::split_paths(&names).map(|folder| folder.join("npm")).find_map(|npm| npm.canonicalize().ok())?;
    let folder = npm.ancestors().map(|folder| folder.join("node_modules/semver")).find(|folder| folder.is_dir())?;
    Some(folder)
}

#[test]
fn npm_versions_are_compared_as_node_semver_does() {
    let Some(folder) = node_semver() else {
        eprintln!("skipped: no npm, whose node-semver is the other implementation");
        return;
    };
    let mut command = Command::new("node");
    command.args(["-e", NODE]).arg(folder);
    let pairs = pairs(npm);
    let Some(expected) = asked(command, &pairs) else {
        eprintln!("skipped: no node, which runs npm's node-semver");
        return;
    };
    agree(Ecosystem::Npm, &pairs, &expected);
}

#[test]
fn crate_versions_are_compared_as_cargo_does() {
    let pairs = pairs(semantic);
    let expected = pairs.iter().map(|(a, b)| {
        let [a, b] = [a, b].map(|text| semver::Version::parse(text.trim()));
        a.and_then(|a| Ok(sign(a.cmp_precedence(&b?)))).unwrap_or(b'?')
    });
    let expected: Vec<_> = expected.collect();
    agree(Ecosystem::Crates, &pairs, &expected);
}
