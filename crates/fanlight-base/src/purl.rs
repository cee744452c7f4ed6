//! A package URL: the name of a project (without version) or a release (with).
//!
//! Parsed by the purl specification (ECMA-427) with the `packageurl` crate; names of the `pypi` type are brought to
//! PEP 503's normal form, as that type's definition asks.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::limits;

/// A purl in canonical form.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Purl {
    text: Arc<str>,
    ecosystem: Arc<str>,
    namespace: Option<Arc<str>>,
    name: Arc<str>,
    version: Option<Arc<str>>,
}

/// Why a text is no purl.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PurlError {
    /// Over [`limits::PURL_BYTES`], as written or in canonical form.
    #[error("a purl has at most {limit} bytes, this one has {0}", limit = limits::PURL_BYTES)]
    TooLong(usize),
    /// Not by the specification.
    #[error("not a purl: {0:?} (the form is pkg:TYPE/NAME@VERSION, for example pkg:pypi/requests@2.32.0)")]
    Malformed(String),
    /// A Python project's name that cannot be one.
    #[error(
        "the purl's name {0:?} cannot be the name of a Python project: names have letters, digits, dots, dashes and \
         underscores, begin and end with a letter or digit, and are at most {limit} bytes long",
        limit = limits::NAME_BYTES
    )]
    NotAName(String),
    /// Control characters in a part.
    #[error("the purl's {0} holds a control character")]
    ControlCharacter(&'static str),
}

impl Purl {
    /// The purl of a Python project, or of one release of it.
    pub fn pypi(name: &str, version: Option<&str>) -> Self {
        Self::build("pypi", None, &normalized_pypi_name(name), version)
    }

    /// The purl of an npm package, or of one release of it. The scope has its `@`. npm's names keep their case: old
    /// packages differ in nothing else.
    pub fn npm(scope: Option<&str>, name: &str, version: Option<&str>) -> Self {
        Self::build("npm", scope, name, version)
    }

    /// The purl of a crate, or of one release of it.
    pub fn cargo(name: &str, version: Option<&str>) -> Self {
        Self::build("cargo", None, &name.to_ascii_lowercase(), version)
    }

    /// `pypi`, `npm`, `cargo`: the purl's type.
    pub fn ecosystem(&self) -> &str {
        &self.ecosystem
    }

    /// The namespace, such as npm's scope.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// The project's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version; without one the purl names the project.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// The project that it names, or that its release is of.
    #[must_use]
    pub fn project(&self) -> Self {
        Self::build(&self.ecosystem, self.namespace.as_deref(), &self.name, None)
    }

    /// That release of the same project.
    #[must_use]
    pub fn release(&self, version: &str) -> Self {
        Self::build(&self.ecosystem, self.namespace.as_deref(), &self.name, Some(version))
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The canonical text, shared.
    pub fn text(&self) -> Arc<str> {
        self.text.clone()
    }

    fn build(ecosystem: &str, namespace: Option<&str>, name: &str, version: Option<&str>) -> Self {
        use std::fmt::Write as _;
        let mut text = format!("pkg:{ecosystem}/");
        for part in namespace.into_iter().flat_map(|n| n.split('/')) {
            encode(&mut text, part);
            text.push('/');
        }
        encode(&mut text, name);
        if let Some(version) = version {
            let _ = text.write_char('@');
            encode(&mut text, version);
        }
        Self {
            text: text.into(),
            ecosystem: ecosystem.into(),
            namespace: namespace.map(Into::into),
            name: name.into(),
            version: version.map(Into::into),
        }
    }
}

/// A name in the case it was written in, where that is the only difference. npm's type definition has names in lower case,
/// which is right for all new packages; old ones such as `JSONStream` and `jsonstream` are two, and must not be taken for
/// one another.
fn as_written(text: &str, lower: &str) -> String {
    let end = text.find(['?', '#']).unwrap_or(text.len());
    let path = &text[..end];
    let name = path.rsplit('/').next().unwrap_or_default();
    let name = name.split_once('@').map_or(name, |(name, _)| name);
    let written = percent_encoding::percent_decode_str(name).decode_utf8().unwrap_or_default();
    if written.eq_ignore_ascii_case(lower) { written.into_owned() } else { lower.to_owned() }
}

/// Percent-encodes all but the purl specification's permitted characters: alphanumerics, `.`, `-`, `_`, `~` and `:`.
fn encode(out: &mut String, part: &str) {
    use std::fmt::Write as _;
    for byte in part.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' | b':' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
}

/// A project's name in the normal form of PEP 503: lower case, runs of `-`, `_` and `.` as one `-`.
pub fn normalized_pypi_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut in_run = false;
    for c in name.chars() {
        if matches!(c, '-' | '_' | '.') {
            if !in_run {
                out.push('-');
            }
            in_run = true;
        } else {
            out.extend(c.to_lowercase());
            in_run = false;
        }
    }
    out
}

/// Whether a text is a Python project's name: PEP 508's letters, digits, `.`, `_`, `-`, a letter or digit at both ends, at most
/// [`limits::NAME_BYTES`].
pub fn is_pypi_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let edge = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    bytes.len() <= limits::NAME_BYTES
        && edge(bytes.first())
        && edge(bytes.last())
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

/// Whether a text is a version in PEP 440's normal form, as files' versions are written in purls: `2.0rc1` and not
/// `2.0-rc1`, `4.0.post1` and not `4.0-1`. Zeros at the end of the release segment may be there or not.
pub fn is_normal_pypi_version(text: &str) -> bool {
    let (public, local) = text.split_once('+').map_or((text, None), |(public, local)| (public, Some(local)));
    let is_local = |part: &str| {
        let is_number = part.bytes().all(|b| b.is_ascii_digit());
        let is_text = part.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
        !part.is_empty() && if is_number { number(part) == Some("") } else { is_text }
    };
    if !local.is_none_or(|local| local.split('.').all(is_local)) {
        return false;
    }
    let mut rest = match public.split_once('!') {
        Some((epoch, rest)) if epoch != "0" && number(epoch) == Some("") => rest,
        Some(_) => return false,
        None => public,
    };
    let Some(after) = number(rest) else { return false };
    rest = after;
    while let Some(after) = rest.strip_prefix('.').and_then(number) {
        rest = after;
    }
    for marks in [&["a", "b", "rc"][..], &[".post"], &[".dev"]] {
        let marked = marks.iter().find_map(|mark| rest.strip_prefix(mark));
        if let Some(after) = marked.map(number) {
            let Some(after) = after else { return false };
            rest = after;
        }
    }
    rest.is_empty()
}

/// What follows a whole number without zeros before it.
fn number(text: &str) -> Option<&str> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(digits);
    (digits == 1 || digits > 1 && !number.starts_with('0')).then_some(rest)
}

impl FromStr for Purl {
    type Err = PurlError;

    /// Qualifiers and subpath are read and left out: a door judges the release, not a part of it.
    fn from_str(text: &str) -> Result<Self, PurlError> {
        if text.len() > limits::PURL_BYTES {
            return Err(PurlError::TooLong(text.len()));
        }
        let malformed =
            || PurlError::Malformed(text.chars().map(|c| if c.is_control() { '?' } else { c }).take(120).collect());
        // The scheme and the type are in any case (ECMA-427); the crate wants the scheme in lower case.
        let canonical = match text.split_at_checked(4) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("pkg:") => format!("pkg:{rest}"),
            _ => return Err(malformed()),
        };
        let parsed = packageurl::PackageUrl::from_str(&canonical).map_err(|_| malformed())?;
        let ecosystem = parsed.ty();
        let name = match ecosystem {
            "pypi" => normalized_pypi_name(parsed.name()),
            "npm" => as_written(text, parsed.name()),
            // A registry of crates has no two names that differ in case alone.
            "cargo" => parsed.name().to_ascii_lowercase(),
            _ => parsed.name().to_owned(),
        };
        let version = parsed.version().filter(|v| !v.is_empty());
        // Empty and dot segments say nothing and would be lost when the canonical text is read again.
        let segments =
            parsed.namespace().unwrap_or_default().split('/').filter(|part| !matches!(*part, "" | "." | ".."));
        let namespace = Some(segments.collect::<Vec<_>>().join("/")).filter(|namespace| !namespace.is_empty());
        let namespace = namespace.as_deref();
        if name.is_empty() {
            return Err(malformed());
        }
        for (part, value) in [("name", Some(name.as_str())), ("namespace", namespace), ("version", version)] {
            if value.is_some_and(|v| v.chars().any(char::is_control)) {
                return Err(PurlError::ControlCharacter(part));
            }
        }
        if ecosystem == "pypi" && !is_pypi_name(parsed.name()) {
            return Err(PurlError::NotAName(parsed.name().chars().take(120).collect()));
        }
        let purl = Self::build(ecosystem, namespace, &name, version);
        // A character that must be encoded takes three bytes where it was written as one.
        if purl.text.len() > limits::PURL_BYTES {
            return Err(PurlError::TooLong(purl.text.len()));
        }
        Ok(purl)
    }
}

impl fmt::Display for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Purl({})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_crate_is_one_in_whatever_case_it_is_written() {
        let written: Purl = "pkg:cargo/Inflector@0.11.4".parse().unwrap();
        assert_eq!(written, Purl::cargo("inflector", Some("0.11.4")));
        assert_eq!(Purl::cargo("Inflector", None).as_str(), "pkg:cargo/inflector");
    }

    #[test]
    fn a_python_version_is_in_normal_form_or_not() {
        for normal in [
            "0",
            "1.0",
            "1.0.0",
            "2.32.0",
            "2.0rc1",
            "1.0a0",
            "4.0.post1",
            "1.0.dev3",
            "1!2.0b2.post1.dev0",
            "1.0+local.7.a1",
        ] {
            assert!(is_normal_pypi_version(normal), "{normal}");
        }
        for other in [
            "", "v1.0", "01.0", "1.00", "2.0-rc1", "2.0RC1", "4.0-1", "1.0rc", "1.", "1.0.post", "0!1.0", "1.0+",
            "1.0+A", "1.0+a.01", "x", "1.0 ",
        ] {
            assert!(!is_normal_pypi_version(other), "{other}");
        }
    }

    #[test]
    fn a_python_name_is_normalized() {
        let purl: Purl = "pkg:pypi/Foo_.Bar@1.0".parse().unwrap();
        assert_eq!(purl.as_str(), "pkg:pypi/foo-bar@1.0");
        assert_eq!(purl, Purl::pypi("foo.bar", Some("1.0")));
    }

    #[test]
    fn a_projects_name_is_by_pep_508() {
        for name in ["a", "requests", "zope.interface", "A-b_C.9", "2to3"] {
            assert!(is_pypi_name(name), "{name:?}");
        }
        for name in ["", "-a", "a-", ".", "..", "a/b", "a b", "ä", "a\n", "%2e", "a%00"] {
            assert!(!is_pypi_name(name), "{name:?}");
        }
    }

    #[test]
    fn a_purl_of_a_python_project_names_one_that_can_be() {
        for bad in ["a%2Fb", "..%2Fa", "-a", "a-", "a%20b", "%C3%A4", "a%3Fb"] {
            let read = format!("pkg:pypi/{bad}@1.0").parse::<Purl>();
            assert!(matches!(read, Err(PurlError::NotAName(_))), "{bad}: {read:?}");
        }
        assert!("pkg:pypi/a/b".parse::<Purl>().is_err(), "the type has no namespaces");
    }

    #[test]
    fn scheme_and_type_are_in_any_case() {
        for text in ["PKG:PyPI/Alpha@1.0", "pkg:PYPI/alpha@1.0", "Pkg://pypi/ALPHA@1.0"] {
            assert_eq!(text.parse::<Purl>().unwrap().as_str(), "pkg:pypi/alpha@1.0", "{text}");
        }
    }

    #[test]
    fn parts_are_decoded_and_encoded_again() {
        let purl: Purl = "pkg:npm/%40acme/tool@1.0.0%2Bbuild".parse().unwrap();
        assert_eq!((purl.namespace(), purl.name(), purl.version()), (Some("@acme"), "tool", Some("1.0.0+build")));
        assert_eq!(purl.as_str(), "pkg:npm/%40acme/tool@1.0.0%2Bbuild");
    }

    #[test]
    fn a_project_and_its_releases_name_one_another() {
        for (release, project) in [("pkg:pypi/a@1", "pkg:pypi/a"), ("pkg:npm/%40acme/T@1.0", "pkg:npm/%40acme/T")] {
            let purl: Purl = release.parse().unwrap();
            assert_eq!(purl.project().as_str(), project);
            assert_eq!(purl.project().project().as_str(), project);
            assert_eq!(purl.project().release(purl.version().unwrap()), purl);
        }
    }

    #[test]
    fn a_purl_is_no_longer_than_allowed_in_its_canonical_form_either() {
        let text = format!("pkg:npm/{}", "!".repeat(500));
        assert_eq!(text.parse::<Purl>(), Err(PurlError::TooLong(8 + 3 * 500)));
        assert!(format!("pkg:npm/{}", "a".repeat(500)).parse::<Purl>().is_ok());
    }

    #[test]
    fn npm_names_keep_their_case() {
        for text in ["pkg:npm/JSONStream@1.0.0", "pkg:npm/%40Acme/Tool@1.0.0?arch=x#y/Z", "pkg:npm/JSONStream"] {
            let purl: Purl = text.parse().unwrap();
            assert!(["JSONStream", "Tool"].contains(&purl.name()), "{purl}");
            assert_eq!(purl.as_str().parse::<Purl>().unwrap(), purl);
        }
    }

    #[test]
    fn empty_and_dot_segments_are_left_out_of_the_namespace() {
        for text in ["pkg://npm/../a@1", "pkg:npm/%2e%2e/a@1", "pkg:npm//./a@1"] {
            let purl: Purl = text.parse().unwrap();
            assert_eq!((purl.namespace(), purl.as_str()), (None, "pkg:npm/a@1"), "{text}");
        }
        assert_eq!("pkg:golang/a/../b/c@1".parse::<Purl>().unwrap().as_str(), "pkg:golang/a/b/c@1");
    }

    #[test]
    fn what_is_no_purl_says_so() {
        for bad in ["", "requests", "pkg:", "pkg:pypi", "pkg:pypi/", "http://x/y"] {
            assert!(bad.parse::<Purl>().is_err(), "{bad:?} was taken for a purl");
        }
        assert_eq!("pkg:pypi/a%00b".parse::<Purl>(), Err(PurlError::ControlCharacter("name")));
        assert!(matches!(format!("pkg:pypi/{}", "a".repeat(2000)).parse::<Purl>(), Err(PurlError::TooLong(_))));
    }

    proptest! {
        #[test]
        fn any_text_is_judged_without_panic(text in ".{0,200}") {
            let _ = text.parse::<Purl>();
        }

        #[test]
        fn canonical_text_reads_back(name in "[a-z][a-z0-9-]{0,20}[a-z0-9]", version in "[0-9a-zA-Z.+!_-]{1,20}") {
            let purl = Purl::pypi(&name, Some(&version));
            prop_assert_eq!(purl.as_str().parse::<Purl>().unwrap(), purl);
        }
    }
}
