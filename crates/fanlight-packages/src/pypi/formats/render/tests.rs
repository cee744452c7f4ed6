//! Pages as they leave, to the byte, and that what is written reads back.

use std::sync::Arc;
use std::time::Instant;

use proptest::prelude::*;
use url::Url;

use super::*;
use crate::page::Page;
use crate::pypi::formats::index::{self, Address, ApiVersion, CoreMetadata, Hashes, ProjectStatus, Sha256, Status};
use crate::pypi::formats::name::check_file_name;

fn address(text: &str, filename: &str) -> Address {
    Address::alone(&Url::parse(text).unwrap(), filename)
}

fn file(filename: &str) -> IndexFile {
    IndexFile {
        filename: filename.into(),
        url: address("https://files.upstream.example/x/y", filename),
        hashes: Hashes { sha256: Some(Sha256([0xab; 32])), others: [("md5".into(), "0f".into())].into() },
        requires_python: Some(">=3.8, <4".into()),
        size: Some(1234),
        upload_time: Some("2024-05-01T10:20:30.5Z".parse().unwrap()),
        yanked: Yanked::No,
        core_metadata: CoreMetadata::Yes { sha256: Some(Sha256([0xcd; 32])) },
        gpg_sig: Some(true),
        provenance: Some(address("https://upstream.example/provenance?a=1&b=2", filename)),
    }
}

fn sample() -> (Index, Vec<Verdict>) {
    let bare = IndexFile {
        hashes: Hashes::default(),
        requires_python: None,
        upload_time: None,
        core_metadata: CoreMetadata::Yes { sha256: None },
        provenance: None,
        ..file("foo-0.9.tar.gz")
    };
    let yanked =
        IndexFile { yanked: Yanked::Yes(Some("</a><script>\"broken\" & 'bad'".into())), ..file("foo-1.0.zip") };
    let silent = IndexFile { yanked: Yanked::Yes(None), ..file("foo-1.1+cu118-py3-none-any.whl") };
    let index = Index {
        name: "foo".into(),
        api_version: ApiVersion { major: 1, minor: 4 },
        versions: ["0.9", "1.0", "1.1+cu118", "2.0"].map(Into::into).into(),
        project_status: ProjectStatus { status: Status::Deprecated, reason: Some("use <bar> & \"baz\"".into()) },
        files: vec![bare, yanked, silent, file("foo-2.0 ü#?%.zip")],
        notes: vec![],
        notes_left_out: 0,
    };
    let held =
        Verdict::Withheld { reason: "held by Fanlight until 2026-11-22 01:02 UTC: \"too fresh\" <3 days>".into() };
    (index, vec![Verdict::Shown, Verdict::Shown, Verdict::Shown, held])
}

#[test]
fn a_page_as_json() {
    let (index, verdicts) = sample();
    let page = project(&index, &verdicts, Format::Json);
    // The very bytes, a line a file.
    let text = std::str::from_utf8(&page).unwrap().replace("{\"filename\"", "\n{\"filename\"");
    insta::assert_snapshot!(text);
}

#[test]
fn a_page_as_html() {
    let (index, verdicts) = sample();
    let page = project(&index, &verdicts, Format::TextHtml);
    insta::assert_snapshot!(std::str::from_utf8(&page).unwrap());
}

#[test]
fn lists_of_projects() {
    let json = list(["a", "foo-bar"], Format::Json);
    let html = list(["a", "foo-bar"], Format::Html);
    insta::assert_snapshot!(format!(
        "{}\n\n{}",
        std::str::from_utf8(&json).unwrap(),
        std::str::from_utf8(&html).unwrap()
    ));
    for (format, page) in [(Format::Json, json), (Format::Html, html)] {
        let read = index::list::parse(Some(format.content_type()), &page).unwrap();
        assert_eq!(read.names.iter().collect::<Vec<_>>(), ["a", "foo-bar"]);
    }
}

#[test]
fn the_entity_tag_changes_with_the_content_alone() {
    let (index, mut verdicts) = sample();
    let page = |verdicts: &[Verdict], format| Page::of(project(&index, verdicts, format));
    let before = page(&verdicts, Format::Json);
    assert_eq!(before, page(&verdicts, Format::Json));
    assert_ne!(before.etag, page(&verdicts, Format::Html).etag);
    verdicts[3] = Verdict::Shown;
    let after = page(&verdicts, Format::Json);
    assert_ne!(before.etag, after.etag, "a hold that ends shows in the tag");
    assert!(after.etag.starts_with('"') && after.etag.ends_with('"') && after.etag.len() == 34);
}

#[test]
fn a_page_from_an_upstream_without_sizes_claims_version_1_0() {
    let (mut index, verdicts) = sample();
    index.files[1].size = None;
    let page = project(&index, &verdicts, Format::Json);
    assert!(std::str::from_utf8(&page).unwrap().starts_with(r#"{"meta":{"api-version":"1.0"}"#));
}

#[test]
fn a_page_of_2000_files_is_read_and_written_in_reasonable_time() {
    let (mut index, _) = sample();
    index.files =
        (0..2000).map(|n| file(&format!("foo-{}.{}-cp312-cp312-manylinux_2_17_x86_64.whl", n / 10, n % 10))).collect();
    let verdicts = vec![Verdict::Shown; 2000];
    for format in [Format::Json, Format::TextHtml] {
        let start = Instant::now();
        let page = project(&index, &verdicts, format);
        let written = start.elapsed();
        let read = read_back(&page, format);
        let took = start.elapsed();
        assert_eq!(read.files.len(), 2000);
        println!("{format}: {} bytes, written in {written:?}, read in {:?}", page.len(), took - written);
        assert!(took.as_secs() < 5, "{format}: {took:?}; quadratic work somewhere?");
    }
}

/// Reads a page as a client of the door would.
fn read_back(page: &[u8], format: Format) -> Index {
    let url = Url::parse("http://127.0.0.1:7070/pypi/simple/foo/").unwrap();
    index::parse("foo", Some(format.content_type()), &url, page).unwrap()
}

/// What a page can carry of an index, seen from the door's address.
fn carried(mut index: Index, verdicts: &[Verdict], format: Format) -> Index {
    let html = format != Format::Json;
    index.api_version.minor = if html || index.files.iter().all(|file| file.size.is_some()) { 4 } else { 0 };
    for (file, verdict) in index.files.iter_mut().zip(verdicts) {
        let path = file_address("foo", &file.filename);
        let url = Url::parse("http://127.0.0.1:7070/pypi/simple/foo/").unwrap().join(&path).unwrap();
        file.url = Address::alone(&url, &file.filename);
        file.gpg_sig = None;
        if file.core_metadata.sha256().is_none() {
            file.core_metadata = CoreMetadata::No;
        }
        if let Verdict::Withheld { reason } = verdict {
            file.yanked = Yanked::Yes(Some(reason.clone()));
        }
        if html {
            (file.size, file.upload_time) = (None, None);
            match file.hashes.sha256 {
                Some(_) => file.hashes.others = [].into(),
                None => file.hashes.others = file.hashes.others.iter().take(1).cloned().collect(),
            }
        }
    }
    if matches!(index.project_status.status, Status::Unknown(_)) {
        index.notes.push(index::Note { file: None, problem: index::Problem::UnknownStatus });
    }
    if html {
        // The list of versions is told by the file names there, so it is compared apart.
        index.versions.clear();
    }
    index
}

fn any_text() -> impl Strategy<Value = Arc<str>> {
    "[a-zA-Z<>&\"' ä.#]{0,20}[a-z<&\"]".prop_map(|text| text.trim().into())
}

fn any_hash() -> impl Strategy<Value = Option<Sha256>> {
    proptest::option::of(any::<[u8; 32]>().prop_map(Sha256))
}

prop_compose! {
    fn any_file()(
        filename in "[^\\p{C}/\\\\.][^\\p{C}/\\\\]{0,30}",
        sha256 in any_hash(),
        md5 in proptest::option::of("[0-9a-f]{32}"),
        requires_python in proptest::option::of(any_text()),
        size in proptest::option::of(any::<u64>()),
        uploaded in proptest::option::of(0_i64..4_000_000_000_000_000),
        yanked in proptest::option::of(proptest::option::of(any_text())),
        metadata in proptest::option::of(any_hash()),
        provenance in any::<bool>(),
    ) -> IndexFile {
        IndexFile {
            provenance: provenance.then(|| address("https://upstream.example/p?x=%22&y", &filename)),
            filename: filename.into(),
            hashes: Hashes { sha256, others: md5.into_iter().map(|md5| ("md5".into(), md5.into())).collect() },
            requires_python,
            size,
            upload_time: uploaded.map(|us| fanlight_base::Timestamp::from_microsecond(us).unwrap()),
            yanked: yanked.map_or(Yanked::No, Yanked::Yes),
            core_metadata: metadata.map_or(CoreMetadata::No, |sha256| CoreMetadata::Yes { sha256 }),
            ..file("x")
        }
    }
}

prop_compose! {
    fn any_index()(
        files in proptest::collection::vec((any_file(), proptest::option::of(any_text())), 0..6),
        status in prop_oneof![
            Just(Status::Active), Just(Status::Archived), Just(Status::Deprecated), Just(Status::Quarantined),
            Just(Status::Unknown("on <hold> & \"waiting\"".into()))
        ],
        reason in proptest::option::of(any_text()),
    ) -> (Index, Vec<Verdict>) {
        let mut names = std::collections::HashSet::new();
        let (files, verdicts) = files
            .into_iter()
            .filter(|(file, _)| check_file_name(&file.filename).is_ok() && names.insert(file.filename.clone()))
            .map(|(file, held)| (file, held.map_or(Verdict::Shown, |reason| Verdict::Withheld { reason })))
            .unzip();
        let index = Index { files, project_status: ProjectStatus { status, reason }, ..sample().0 };
        (index, verdicts)
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_back((index, verdicts) in any_index()) {
        for format in Format::ALL {
            let page = project(&index, &verdicts, format);
            let mut read = read_back(&page, format);
            if format != Format::Json {
                read.versions.clear();
            }
            prop_assert_eq!(read, carried(index.clone(), &verdicts, format), "{:?}", page);
        }
    }
}
