//! How a node speaks.

use std::path::{Path, PathBuf};

use super::{Kind, Setting, Value, Wrong};

/// How a node speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// Plain HTTP.
    Off,
    /// TLS with a certificate from Fanlight's own local authority.
    Auto,
    /// TLS with a certificate chain and key from files.
    Files {
        /// The chain, PEM.
        cert: PathBuf,
        /// The key, PEM.
        key: PathBuf,
    },
}

impl Setting for Tls {
    const ALLOWED: &'static str = "\"off\", \"auto\" or { cert = PATH, key = PATH }; in text off, auto or \
        cert=PATH, key=PATH";

    fn read(value: &Value, folder: &Path) -> Result<Self, Wrong> {
        if let Kind::Text(text) = &value.kind {
            match text.trim() {
                "off" => return Ok(Self::Off),
                "auto" => return Ok(Self::Auto),
                other if !other.contains('=') => {
                    return Err(value.wrong(format!("{other:?} is neither off nor auto")));
                }
                _ => {}
            }
        }
        let (mut cert, mut key) = (None, None);
        for (name, path, at) in value.entries()? {
            let place = match name.as_str() {
                "cert" => &mut cert,
                "key" => &mut key,
                _ => {
                    return Err(Wrong {
                        why: format!("{name:?} is neither cert nor key"),
                        at: at.or(value.at.clone()),
                    });
                }
            };
            *place = Some(PathBuf::read(&path, folder)?);
        }
        match (cert, key) {
            (Some(cert), Some(key)) => Ok(Self::Files { cert, key }),
            (None, _) => Err(value.wrong("cert is missing")),
            (_, None) => Err(value.wrong("key is missing")),
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Off => "off".to_owned(),
            Self::Auto => "auto".to_owned(),
            Self::Files { cert, key } => format!("cert={}, key={}", cert.display(), key.display()),
        }
    }
}
