//! What is fuzzed: one function a parser, each a parser's promises as assertions.
//!
//! Driven two ways: by libFuzzer (`fuzz_targets/`), and, on a stable toolchain, by `tests/fuzz.rs`, which takes this file
//! in as a module and so shares the functions and the corpus.

use std::sync::Arc;

use bytes::Bytes;
use fanlight_base::purl::Purl;
use fanlight_base::record::Record;
use fanlight_base::{
    Action, Clock, Decision, Epoch, Fact, Facts, Outcome, Principal, RequestId, Resource, Strength, SystemClock,
    Timestamp, Who, limits, words,
};
use fanlight_packages::audit::{Audited, Flaw, Severity};
use fanlight_packages::cargo::formats as crates;
use fanlight_packages::cooldown::{Cooldowns, Sightings};
use fanlight_packages::npm::formats as npm;
use fanlight_packages::pypi::discover::{PipSays, read};
use fanlight_packages::pypi::formats::index::{self, Index, Problem};
use fanlight_packages::pypi::formats::name::{FileName, check_file_name, is_unshowable};
use fanlight_packages::pypi::formats::negotiate::{self, Format};
use fanlight_packages::pypi::formats::render::{self, Verdict};
use url::Url;

use crates::index::Crate;
use npm::audit::{Installed, Manner as AuditManner};
use npm::packument::Packument;
use npm::render::{Form, Manner, Shape};

const JSON: &str = "application/vnd.pypi.simple.v1+json";
const HTML: &str = "text/html";

/// A target's name, which is its corpus' folder, and its function.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: [Target; 11] = [
    ("index_json", fuzz_index_json),
    ("index_html", fuzz_index_html),
    ("project_list", fuzz_project_list),
    ("packument", fuzz_packument),
    ("crate_index", fuzz_crate_index),
    ("file_name", fuzz_file_name),
    ("purl", fuzz_purl),
    ("record", fuzz_record),
    ("accept", fuzz_accept),
    ("settings", fuzz_settings),
    ("audit", fuzz_audit),
];

fn page_url() -> Url {
    Url::parse("https://upstream.example/simple/foo/").expect("an address")
}

/// A project's page as JSON.
pub fn fuzz_index_json(data: &[u8]) {
    if let Ok(index) = index::parse("foo", Some(JSON), &page_url(), data) {
        check_index(&index);
    }
}

/// A project's page as HTML.
pub fn fuzz_index_html(data: &[u8]) {
    if let Ok(index) = index::parse("foo", Some(HTML), &page_url(), data) {
        check_index(&index);
    }
}

/// Whatever a page said, what was read keeps the promises and what is written from it reads back.
fn check_index(index: &Index) {
    let mut names = std::collections::HashSet::new();
    for file in &index.files {
        check_file_name(&file.filename).expect("a listed file's name is safe");
        assert!(names.insert(file.filename.clone()), "a file's name is listed once");
        for address in [Some(file.address()), file.attested_at()].into_iter().flatten() {
            let url = Url::parse(&address).expect("an address");
            assert_eq!(url.as_str(), address, "taken apart and put together");
            assert!(matches!(url.scheme(), "http" | "https") && url.has_host() && url.fragment().is_none());
        }
        let texts = [file.requires_python.as_deref(), file.yanked.reason().map(|reason| &**reason)];
        for text in texts.into_iter().flatten() {
            assert!(text.len() <= limits::INDEX_TEXT_BYTES && !text.chars().any(is_unshowable));
        }
        for (algorithm, value) in &*file.hashes.others {
            assert!(algorithm.is_ascii() && value.bytes().all(|b| b.is_ascii_hexdigit()));
        }
    }
    assert!(index.notes.len() <= limits::INDEX_PAGE_NOTES);
    for note in &index.notes {
        assert!(!note.to_string().chars().any(char::is_control), "notes are shown and logged");
    }
    let verdicts = vec![Verdict::Shown; index.files.len()];
    for format in Format::ALL {
        let page = render::project(index, &verdicts, format);
        let again = index::parse("foo", Some(format.content_type()), &page_url(), &page).expect("our own page");
        assert_eq!(again.files.len(), index.files.len(), "{format}: {:?}", again.notes);
        assert_eq!(again.project_status, index.project_status, "{format}");
        assert!(again.notes.iter().all(|note| note.problem == Problem::UnknownStatus), "{format}: {:?}", again.notes);
        for (written, file) in again.files.iter().zip(&index.files) {
            assert_eq!(written.filename, file.filename);
            assert_eq!(written.hashes.sha256, file.hashes.sha256);
            assert_eq!(written.requires_python, file.requires_python);
            assert_eq!(written.yanked, file.yanked);
            assert!(written.address().starts_with("https://upstream.example/files/foo/"), "{}", written.address());
        }
        let verdicts = vec![Verdict::Shown; again.files.len()];
        assert_eq!(render::project(&again, &verdicts, format), page, "{format}: the second writing differs");
    }
    let now = Timestamp::from_second(1_800_000_000).expect("an instant");
    let seen = Sightings::observe(None, index, now);
    let kept = serde_json::to_vec(&seen).expect("sightings are JSON");
    serde_json::from_slice::<Sightings>(&kept).expect("sightings read back");
    for file in &index.files {
        let age = seen.age(file, now, std::time::Duration::from_secs(604_800));
        assert!(age.age_minutes >= 0 && age.has_waited() == (now >= age.available_at));
    }
}

/// The list of all projects, in both forms.
pub fn fuzz_project_list(data: &[u8]) {
    for content_type in [JSON, HTML] {
        let Ok(list) = index::list::parse(Some(content_type), data) else { continue };
        for format in Format::ALL {
            let page = render::list(list.names.iter(), format);
            let again = index::list::parse(Some(format.content_type()), &page).expect("our own page");
            assert!(again.left_out == 0 && again.names == list.names, "{format}");
        }
    }
}

/// A package's page of npm's registry: what is written of it reads back as the same releases, and what is withheld is in no
/// form a release that a range takes.
pub fn fuzz_packument(data: &[u8]) {
    let name = npm::name::Name::parse("foo").expect("a name");
    let Ok(page) = Packument::parse(&name, Bytes::copy_from_slice(data)) else { return };
    assert!(page.notes.len() <= limits::INDEX_PAGE_NOTES && page.releases.len() <= data.len());
    let base = "http://127.0.0.1/npm/";
    let shown = vec![Verdict::Shown; page.releases.len()];
    let withheld = vec![Verdict::Withheld { reason: "it \"waits\"\n".into() }; page.releases.len()];
    for shape in [Shape::Abbreviated, Shape::Full] {
        for manner in [Manner::Restricted, Manner::Deprecated] {
            let form = Form { shape, manner };
            let text = npm::render::packument(&page, &shown, form, base);
            let again = Packument::parse(&name, text.into()).expect("our own page");
            let versions = |page: &Packument| page.releases.iter().map(|one| one.version.clone()).collect::<Vec<_>>();
            assert_eq!(versions(&again), versions(&page), "{form:?}");
            for (one, other) in again.releases.iter().zip(&page.releases) {
                assert_eq!((&one.content, &one.order), (&other.content, &other.order), "{form:?} {}", one.version);
                assert!(one.tarball.as_str().starts_with(base), "{}", one.tarball);
            }
            let text = npm::render::packument(&page, &withheld, form, base);
            let again = Packument::parse(&name, text.into()).expect("our own page");
            let is_out = |one: &npm::packument::Release| manner == Manner::Deprecated && one.is_deprecated;
            assert!(again.releases.iter().all(is_out), "{form:?}");
        }
    }
}

/// A crate's lines in the index: what is written of them reads back as the same releases, and what is withheld is yanked.
pub fn fuzz_crate_index(data: &[u8]) {
    let name = crates::name::Name::parse("foo").expect("a name");
    let Ok(index) = Crate::parse(&name, Bytes::copy_from_slice(data)) else { return };
    assert!(index.notes.len() <= limits::INDEX_PAGE_NOTES);
    for withheld in [false, true] {
        let written = index.render(&vec![withheld; index.releases.len()]);
        let again = Crate::parse(&name, written.into()).expect("our own lines");
        assert_eq!((again.releases.len(), again.notes.len()), (index.releases.len(), 0));
        for (one, other) in again.releases.iter().zip(&index.releases) {
            assert_eq!((&one.text, one.checksum, one.published), (&other.text, other.checksum, other.published));
            assert_eq!(one.is_yanked, withheld || other.is_yanked, "{}", one.text);
        }
    }
}

/// `PROJECT NEWLINE FILENAME`.
pub fn fuzz_file_name(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (project, filename) = text.split_once('\n').unwrap_or(("foo", text));
    if let Ok(parsed) = FileName::parse(filename, project) {
        let version = parsed.version.to_string();
        assert_eq!(version.parse(), Ok(parsed.version), "a version's normal form is a version");
        assert!(!version.contains(['/', '\\']) && version.is_ascii());
    }
    if check_file_name(filename).is_ok() {
        let page = Url::parse("http://127.0.0.1/pypi/simple/foo/").expect("an address");
        let address = page.join(&render::file_address("foo", filename)).expect("our own address");
        let segments: Vec<_> = address.path_segments().expect("a path").collect();
        assert_eq!(segments[..3], ["pypi", "files", "foo"], "{address}");
        assert_eq!(segments.len(), 4, "{address}");
        assert!(address.query().is_none() && address.fragment().is_none());
    }
}

/// A purl.
pub fn fuzz_purl(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match text.parse::<Purl>() {
        Ok(purl) => {
            let again: Purl = purl.as_str().parse().expect("a canonical purl is a purl");
            assert_eq!(again, purl);
            assert!(!purl.as_str().chars().any(char::is_control));
        }
        Err(error) => assert!(!error.to_string().chars().any(char::is_control), "errors are shown"),
    }
}

/// A record: lines of `NAME=VALUE` as facts, the first line as the sentence with places.
pub fn fuzz_record(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (sentence, rest) = text.split_once('\n').unwrap_or((text, ""));
    let mut facts = Facts::new();
    for line in rest.lines().take(64) {
        let (name, value) = line.split_once('=').unwrap_or((line, ""));
        let value = match value.parse::<i64>() {
            Ok(number) => Fact::from(number),
            Err(_) if value == "true" => Fact::from(true),
            Err(_) => match value.parse::<Timestamp>() {
                Ok(at) => Fact::from(at),
                Err(_) => Fact::from(value),
            },
        };
        facts.set(name.to_owned(), value);
    }
    let filled = words::fill(sentence, &facts);
    let phrase = words::one_line_ascii(&filled, limits::REASON_PHRASE_BYTES);
    assert!(phrase.len() <= limits::REASON_PHRASE_BYTES && phrase.bytes().all(|b| (0x20..0x7f).contains(&b)));
    assert_eq!(words::places(sentence).filter(|place| place.contains('}')).count(), 0);
    let who = Who::of(&Principal::Unidentified, Strength::None, None).to_json();
    let resource = Resource::new("Release", rest);
    let decision = Decision {
        outcome: Outcome::Hold,
        policies: vec!["wait-and-see".into()],
        reason_template: sentence.into(),
        advice_template: Some(sentence.into()),
        until: Some(SystemClock.now()),
        beside: Vec::new(),
        liftable: false,
        excepted: None,
        epoch: Arc::new(Epoch { number: 1, digest: "0123456789abcdef".into() }),
    };
    let record = Record {
        time: SystemClock.now(),
        node: "fanlight/test/00000000",
        request: Some(RequestId::new(7)),
        who: &who,
        within: None,
        action: Action::new("packages:fetch-file"),
        resource: &resource,
        facts: &facts,
        decision: &decision,
    };
    match record.to_bytes() {
        Ok(bytes) => {
            assert!(bytes.len() <= limits::RECORD_BYTES && !bytes.contains(&b'\n'));
            let read: serde_json::Value = serde_json::from_slice(&bytes).expect("a record is JSON");
            assert_eq!(read["on"]["id"], rest);
            assert_eq!(read["facts"].as_object().map_or(0, serde_json::Map::len), facts.iter().count());
        }
        Err(error) => assert!(error.bytes > limits::RECORD_BYTES),
    }
}

/// An `Accept` header.
pub fn fuzz_accept(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(chosen) = negotiate::choose(Some(text)) {
        let named = text.trim().is_empty()
            || text.contains("*/")
            || text.to_ascii_lowercase().contains("html")
            || text.to_ascii_lowercase().contains("json")
            || text.contains("/*");
        assert!(named, "{chosen} for {text:?}");
    }
}

/// What pip says of its settings; patterns of cool-downs; kept sightings.
pub fn fuzz_settings(data: &[u8]) {
    if let Ok(seen) = serde_json::from_slice::<Sightings>(data) {
        let kept = serde_json::to_vec(&seen).expect("sightings are JSON");
        assert_eq!(serde_json::from_slice::<Sightings>(&kept).expect("sightings read back"), seen);
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    let says = |debug: &str, list: &str, help: &str| PipSays {
        environment: None,
        debug: debug.to_owned(),
        list: list.to_owned(),
        help: help.to_owned(),
    };
    for says in [says(text, "", ""), says("", text, ""), says("", "", text)] {
        if let Some(found) = read(&says, &|_: &Url| false) {
            assert!(matches!(found.url.scheme(), "http" | "https") && found.url.path().ends_with('/'));
            assert!(read(&says, &|url: &Url| *url == found.url).is_none_or(|other| other.url != found.url));
        }
    }
    let overrides = text.lines().take(32).map(|line| (line.to_owned(), std::time::Duration::ZERO));
    if let Ok(waits) = Cooldowns::new(std::time::Duration::from_secs(60), overrides) {
        assert!(waits.for_project(&Purl::pypi("acme-tool", None)).as_secs() <= 60);
    }
}

/// What a client asks to have audited: bounded whatever stands in it, each release once, and answered as JSON in which every flaw
/// stands at a package that was asked about.
pub fn fuzz_audit(data: &[u8]) {
    for manner in [AuditManner::Bulk, AuditManner::Quick] {
        let installed = match Installed::read(manner, data) {
            Ok(installed) => installed,
            Err(error) => {
                assert!(!error.to_string().chars().any(char::is_control), "errors are shown");
                continue;
            }
        };
        let named: usize = installed.asked.iter().map(|asked| asked.versions.len()).sum();
        assert!(named == installed.releases && named <= limits::AUDIT_RELEASES, "{named}");
        let mut projects = std::collections::HashSet::new();
        for asked in &installed.asked {
            assert!(projects.insert(asked.project.as_str()), "{} stands there twice", asked.project);
            assert!(asked.versions.iter().all(|version| !version.chars().any(char::is_control)));
        }
        let flaw = |versions: &[String]| Flaw {
            id: "X-1".to_owned(),
            aliases: vec!["CVE-2026-1".to_owned()],
            summary: String::new(),
            more: None,
            severity: Severity::Medium,
            score: None,
            affects: "<2.0.0".to_owned(),
            met: versions.to_vec(),
            fixed: None,
        };
        let flaws = installed.asked.iter().enumerate().map(|(place, asked)| (place, vec![flaw(&asked.versions)]));
        let audited = Audited { flaws: flaws.collect(), notice: None };
        let Ok(answer) = installed.answer(manner, &audited) else { continue };
        let told = match manner {
            AuditManner::Bulk => answer.as_object().map_or(0, serde_json::Map::len),
            AuditManner::Quick => answer["advisories"].as_object().map_or(0, serde_json::Map::len),
        };
        assert_eq!(told, installed.asked.len(), "{manner:?}");
    }
}
