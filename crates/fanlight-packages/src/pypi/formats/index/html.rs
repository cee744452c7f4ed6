//! The HTML form (PEP 503, 592, 629, 658, 714, 740, 792). Read with a tokenizer that follows the WHATWG's rules and builds
//! no tree, so depth costs nothing. A file's name is the last segment of its address, as pip and uv take it; the anchor's
//! text says nothing.

use std::borrow::Cow;

use fanlight_base::limits;
use html5gum::emitters::default::DefaultEmitter;
use html5gum::{StartTag, Token, Tokenizer};
use percent_encoding::percent_decode_str;
use url::Url;

use super::build::{Builder, RawFile, RawMetadata, RawYanked};
use super::witness::{Link, Witness};
use super::{FRAGMENT_ALGORITHMS, Index, IndexError};
use crate::pypi::formats::name::{FileName, NotParsable};

/// Reads a project's page.
pub(super) fn parse(project: &str, page: &Url, body: &[u8]) -> Result<Index, IndexError> {
    let mut builder = Builder::new(project, page);
    if let Some(href) = base(body) {
        builder.set_base(href.trim());
    }
    let project = builder.name().clone();
    let mut witness = Witness::new(&project);
    for token in tokens(body) {
        witness.see(&token);
        let Token::StartTag(tag) = token else { continue };
        match tag.name.as_slice() {
            b"a" => {
                if let Some(href) = attribute(&tag, "href") {
                    anchor(&mut builder, &mut witness, &tag, href)?;
                }
            }
            b"meta" => meta(&mut builder, &tag)?,
            _ => {}
        }
    }
    witness.testify()?;
    Ok(builder.finish())
}

/// HTML's rule: the first base with an address counts, for what stands before it too. Most pages have none, and so are
/// not read twice.
fn base(body: &[u8]) -> Option<String> {
    let named = body.windows(5).any(|window| window.eq_ignore_ascii_case(b"<base"));
    let mut tags = start_tags(named.then_some(body)?).filter(|tag| tag.name.as_slice() == b"base");
    tags.find_map(|tag| attribute(&tag, "href").map(str::to_owned))
}

/// The opening tags of a document, scripts and comments left out.
pub(super) fn start_tags(body: &[u8]) -> impl Iterator<Item = StartTag<()>> {
    tokens(body).filter_map(|token| if let Token::StartTag(tag) = token { Some(tag) } else { None })
}

/// The tokens of a document.
pub(super) fn tokens(body: &[u8]) -> impl Iterator<Item = Token<()>> {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    Tokenizer::new_with_emitter(body, emitter).map_while(Result::ok)
}

/// An attribute's value, decoded; `None` where it is not there or not UTF-8.
pub(super) fn attribute<'t>(tag: &'t StartTag<()>, name: &str) -> Option<&'t str> {
    std::str::from_utf8(&tag.attributes.get(name.as_bytes())?.value).ok()
}

fn meta(builder: &mut Builder, tag: &StartTag<()>) -> Result<(), IndexError> {
    let Some(content) = attribute(tag, "content") else { return Ok(()) };
    match attribute(tag, "name") {
        Some("pypi:repository-version") => builder.api_version(content)?,
        Some("pypi:project-status") => builder.status(content),
        Some("pypi:project-status-reason") => builder.status_reason(content),
        _ => {}
    }
    Ok(())
}

fn anchor(builder: &mut Builder, witness: &mut Witness<'_>, tag: &StartTag<()>, href: &str) -> Result<(), IndexError> {
    // HTML strips the white space around an address.
    let href = href.trim_matches(|c: char| c.is_ascii_whitespace());
    let (address, fragment) = href.split_once('#').unwrap_or((href, ""));
    let path = address.split('?').next().unwrap_or_default();
    let Some(last) = path.rsplit('/').next().filter(|last| !matches!(*last, "" | "." | "..")) else {
        // A link to a folder is not about a file.
        witness.link(if builder.is_below(address) { Link::Above } else { Link::Elsewhere });
        return Ok(());
    };
    let mut raw = RawFile {
        filename: Some(percent_decode_str(last).decode_utf8_lossy()),
        url: Some(Cow::Borrowed(address)),
        hashes: hashes(fragment),
        requires_python: attribute(tag, "data-requires-python").map(Cow::Borrowed),
        provenance: attribute(tag, "data-provenance").map(Cow::Borrowed),
        core_metadata: attribute(tag, "data-core-metadata").map(metadata),
        dist_info_metadata: attribute(tag, "data-dist-info-metadata").map(metadata),
        ..RawFile::default()
    };
    if tag.attributes.contains_key(b"data-yanked".as_slice()) {
        raw.yanked = RawYanked::Because(Cow::Borrowed(attribute(tag, "data-yanked").unwrap_or_default()));
    }
    raw.gpg_sig = match attribute(tag, "data-gpg-sig") {
        Some("true") => Some(true),
        Some("false") => Some(false),
        Some(_) => {
            raw.wrong.push("gpg-sig");
            None
        }
        None => None,
    };
    witness.link(kind(&raw, tag, witness));
    builder.file(&raw)
}

/// What a link tells of the page it is on. Once the page has shown what it is, nothing more is worked out.
fn kind(raw: &RawFile<'_>, tag: &StartTag<()>, witness: &Witness<'_>) -> Link {
    if witness.is_sure() || !raw.hashes.is_empty() || OF_FILES.iter().any(|name| tag.attributes.contains_key(*name)) {
        return Link::Sure;
    }
    match FileName::parse(raw.filename.as_deref().unwrap_or_default(), witness.project()) {
        Ok(_) => Link::Sure,
        Err(NotParsable::UnknownEnding) => Link::Elsewhere,
        Err(_) => Link::Likely,
    }
}

/// Attributes that only links to files have (PEP 503, 592, 658, 714, 740).
const OF_FILES: [&[u8]; 6] = [
    b"data-requires-python",
    b"data-yanked",
    b"data-core-metadata",
    b"data-dist-info-metadata",
    b"data-gpg-sig",
    b"data-provenance",
];

/// `sha256=...` and others of a fragment. What is not a hash, such as `egg=...`, is passed over.
fn hashes(fragment: &str) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    fragment
        .split('&')
        .filter_map(|part| part.split_once('='))
        .filter(|(name, _)| FRAGMENT_ALGORITHMS.contains(name))
        .take(limits::INDEX_FILE_HASHES + 1)
        .map(|(name, value)| (Cow::Borrowed(name), Cow::Borrowed(value)))
        .collect()
}

/// `true` or `sha256=...` (PEP 658).
fn metadata(value: &str) -> RawMetadata<'_> {
    match value.split_once('=') {
        Some((name, hash)) => RawMetadata::Hashes(vec![(Cow::Borrowed(name), Cow::Borrowed(hash))]),
        None if value == "false" => RawMetadata::No,
        None => RawMetadata::Yes,
    }
}
