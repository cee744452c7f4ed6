//! Which form of a page a client gets: its `Accept` header against the forms offered (RFC 9110 section 12.5.1, PEP 691).
//!
//! A form's quality is that of the most specific range that names it. Without a header, or where only `*/*` speaks, the
//! answer is HTML, which every client since PEP 503 reads. Invariant: a form with quality 0 is never chosen.

use std::fmt;

/// A form a page is offered in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// JSON of PEP 691.
    Json,
    /// HTML under PEP 691's name.
    Html,
    /// HTML under its ordinary name.
    TextHtml,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Json, Self::Html, Self::TextHtml];

    /// The value of the answer's `Content-Type`.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/vnd.pypi.simple.v1+json",
            Self::Html => "application/vnd.pypi.simple.v1+html",
            Self::TextHtml => "text/html; charset=utf-8",
        }
    }

    /// The fact `format`: `json` or `html`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Html | Self::TextHtml => "html",
        }
    }

    /// How closely a range names this form, 0 for `*/*` to 2 for its full name; `None` where it does not.
    fn matched_by(self, kind: &str, subtype: &str) -> Option<u8> {
        let (own_kind, names): (_, &[&str]) = match self {
            Self::Json => ("application", &["vnd.pypi.simple.v1+json", "vnd.pypi.simple.latest+json"]),
            Self::Html => ("application", &["vnd.pypi.simple.v1+html", "vnd.pypi.simple.latest+html"]),
            Self::TextHtml => ("text", &["html"]),
        };
        if kind == "*" && subtype == "*" {
            Some(0)
        } else if !kind.eq_ignore_ascii_case(own_kind) {
            None
        } else if subtype == "*" {
            Some(1)
        } else {
            names.iter().any(|name| subtype.eq_ignore_ascii_case(name)).then_some(2)
        }
    }

    /// Which of two equally wanted forms: JSON where it is named, HTML where anything will do.
    const fn rank(self, specificity: u8) -> u8 {
        match (self, specificity) {
            (Self::TextHtml, 0) => 3,
            (Self::Json, _) => 2,
            (Self::Html, _) => 1,
            (Self::TextHtml, _) => 0,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// None of the forms is acceptable: 406.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "none of the types asked for is offered; offered are application/vnd.pypi.simple.v1+json, \
     application/vnd.pypi.simple.v1+html and text/html"
)]
pub struct NotAcceptable;

/// Chooses a form. `accept` is the header's value; several headers are joined with commas (RFC 9110 section 5.3).
pub fn choose(accept: Option<&str>) -> Result<Format, NotAcceptable> {
    let Some(accept) = accept.map(str::trim).filter(|accept| !accept.is_empty()) else {
        return Ok(Format::TextHtml);
    };
    let mut best: Option<((u16, u8, u8), Format)> = None;
    for format in Format::ALL {
        let stated = accept.split(',').filter_map(range).filter_map(|(kind, subtype, quality)| {
            format.matched_by(kind, subtype).map(|specificity| (specificity, quality))
        });
        // The most specific range rules; of two of one kind the kinder one.
        let Some((specificity, quality)) = stated.max().filter(|(_, quality)| *quality > 0) else { continue };
        let candidate = ((quality, specificity, format.rank(specificity)), format);
        if best.is_none_or(|(known, _)| candidate.0 > known) {
            best = Some(candidate);
        }
    }
    best.map(|(_, format)| format).ok_or(NotAcceptable)
}

/// One element of the header: type, subtype, quality in thousandths. An element that cannot be read is passed over.
fn range(element: &str) -> Option<(&str, &str, u16)> {
    let mut parts = element.split(';').map(str::trim);
    let (kind, subtype) = parts.next()?.split_once('/')?;
    let mut quality = 1000;
    for parameter in parts {
        if let Some((name, value)) = parameter.split_once('=')
            && name.trim().eq_ignore_ascii_case("q")
        {
            quality = thousandths(value.trim())?;
        }
    }
    (!kind.is_empty() && !subtype.is_empty()).then_some((kind, subtype, quality))
}

/// A quality value: `0` or `1` with up to three decimals (RFC 9110 section 12.4.2).
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if !matches!(whole, "0" | "1") || decimals.len() > 3 || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let decimals = format!("{decimals:0<3}").parse::<u16>().ok()?;
    let value = if whole == "1" { 1000 + decimals } else { decimals };
    (value <= 1000).then_some(value)
}

#[cfg(test)]
mod tests;
