//! The way to an attribute: `userName`, `name.givenName`, `urn:...:2.0:User:department`. Names have no case.

use fanlight_base::limits;

/// A path. It is kept in the case in which it came and compared without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The schema's URN before it, if there is one.
    pub schema: Option<String>,
    /// The attribute.
    pub name: String,
    /// A part of it, after a dot.
    pub part: Option<String>,
}

/// Why a text is no path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathFault {
    /// Too long.
    #[error("a path is longer than {} bytes", limits::SCIM_PATH_BYTES)]
    TooLong,
    /// Not of the form.
    #[error("a path is not of the form NAME or NAME.PART, perhaps with a schema's URN and a colon before it")]
    Malformed,
}

impl Path {
    /// Reads a path.
    pub fn read(text: &str) -> Result<Self, PathFault> {
        if text.len() > limits::SCIM_PATH_BYTES {
            return Err(PathFault::TooLong);
        }
        // A URN has colons and, in its version, a dot: the attribute begins behind the last colon.
        let (schema, rest) = match text.rsplit_once(':') {
            Some((schema, rest)) if is_urn(schema) => (Some(schema.to_owned()), rest),
            Some(_) => return Err(PathFault::Malformed),
            None => (None, text),
        };
        let (name, part) = rest.split_once('.').map_or((rest, None), |(name, part)| (name, Some(part)));
        if is_name(name) && part.is_none_or(is_name) {
            Ok(Self { schema, name: name.to_owned(), part: part.map(str::to_owned) })
        } else {
            Err(PathFault::Malformed)
        }
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}:")?;
        }
        f.write_str(&self.name)?;
        self.part.as_ref().map_or(Ok(()), |part| write!(f, ".{part}"))
    }
}

/// `ATTRNAME` of RFC 7644, and `$ref`.
fn is_name(text: &str) -> bool {
    let rest = text.strip_prefix('$').unwrap_or(text);
    rest.starts_with(|c: char| c.is_ascii_alphabetic())
        && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn is_urn(text: &str) -> bool {
    let begins = text.get(..4).is_some_and(|begin| begin.eq_ignore_ascii_case("urn:"));
    begins && text.len() > 4 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":.-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_are_taken_apart() {
        let read = |text: &str| Path::read(text).unwrap();
        let of = |schema: Option<&str>, name: &str, part: Option<&str>| Path {
            schema: schema.map(str::to_owned),
            name: name.to_owned(),
            part: part.map(str::to_owned),
        };
        assert_eq!(read("userName"), of(None, "userName", None));
        assert_eq!(read("name.givenName"), of(None, "name", Some("givenName")));
        let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        assert_eq!(read(&format!("{urn}:manager.value")), of(Some(urn), "manager", Some("value")));
        assert_eq!(read("members.$ref"), of(None, "members", Some("$ref")));
        for text in
            ["", ".", "a.", ".a", "a.b.c", "1a", "a b", "a[b]", "x:a", "urn::a", ":a", "a:", "urn:x:", "ä", "a\0"]
        {
            assert!(Path::read(text).is_err(), "{text:?}");
        }
        assert_eq!(Path::read(&"a".repeat(limits::SCIM_PATH_BYTES + 1)), Err(PathFault::TooLong));
    }

    proptest! {
        #[test]
        fn a_path_is_written_as_it_is_read(text in r"(urn:[a-z:.0-9]{1,20}:)?[a-zA-Z$.-]{1,20}") {
            if let Ok(path) = Path::read(&text) {
                prop_assert_eq!(path.to_string(), text);
            }
        }
    }
}
