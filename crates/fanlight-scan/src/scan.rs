//! One scan of one archive: its entries in one pass, then what only the whole archive tells.
//!
//! Refuses to know where the bytes come from. Invariant: an archive's text is held one file at a time; of each file only
//! what was seen in it is kept.

use std::collections::BTreeSet;
use std::io::{self, Cursor};
use std::time::Duration;

use fanlight_base::limits::{SCAN_DEPTH, SCAN_NESTED_BYTES, SCAN_WORK_TIME};
use ring::digest::{Context, SHA256};

use crate::archive::{self, Budget, Form, Source};
use crate::deadline::Deadline;
use crate::finding::{Finding, Place};
use crate::lookalike::Popular;
use crate::report::{Counts, Report, Verdict};
use crate::rules;

mod crew;
mod entry;
mod package;
mod source;
mod unpacked;

#[cfg(test)]
mod same;
#[cfg(test)]
mod tests;

use crew::Crew;
use entry::Looking;

/// By what it is scanned: the built-in rules, and what a company adds.
#[derive(Debug, Default)]
pub struct RuleSet {
    /// Names that others imitate; none where whoever asks for the scan knows better whose archive it is.
    pub popular: Popular,
    /// A company's own rules over syntax trees.
    #[cfg(feature = "company-rules")]
    pub company: crate::company::CompanyRules,
    /// Patterns over bytes.
    #[cfg(feature = "yara")]
    pub patterns: crate::patterns::Patterns,
}

impl RuleSet {
    /// The version that a report names: of the built-in rules, and a digest of what was added.
    pub fn version(&self) -> String {
        #[cfg_attr(
            not(any(feature = "company-rules", feature = "yara")),
            expect(unused_mut, reason = "nothing can be added")
        )]
        let mut version = rules::VERSION.to_string();
        #[cfg(feature = "company-rules")]
        if let Some(digest) = self.company.digest() {
            version.push_str(&format!("+rules.{digest}"));
        }
        #[cfg(feature = "yara")]
        if let Some(digest) = self.patterns.digest() {
            version.push_str(&format!("+yara.{digest}"));
        }
        version
    }
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The source of the bytes failed; what is wrong with an archive is a finding.
    #[error("{file} could not be read")]
    Read {
        /// The archive's file name.
        file: String,
        /// The fault.
        source: io::Error,
    },
    /// It was not read to its end in time. What had been found by then would depend on how busy the machine was.
    #[error(
        "{file} was not read to its end within {time:?}, so nothing is known of it; scan it where more processors are free"
    )]
    Late {
        /// The archive's file name.
        file: String,
        /// How long it may take.
        time: Duration,
    },
}

/// How much one scan keeps and how long it works.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    time: Duration,
    /// Bytes of archives in the archive that are kept until they are looked at.
    nested: u64,
    /// Findings that are kept before the report is settled, the gravest; and as many limits. More say nothing new.
    findings: usize,
    /// Hosts that are kept.
    hosts: usize,
}

const BOUNDS: Bounds = Bounds { time: SCAN_WORK_TIME, nested: 4 * SCAN_NESTED_BYTES, findings: 10_000, hosts: 1000 };

/// Scans an archive, given with its file name, whose extension says what it claims to be.
///
/// # Errors
/// Where the source of the bytes fails, and where it takes over [`SCAN_WORK_TIME`].
pub fn scan(source: &mut dyn Source, file: &str, rules: &RuleSet) -> Result<Report, ScanError> {
    scan_within(source, file, rules, BOUNDS)
}

fn scan_within(source: &mut dyn Source, file: &str, rules: &RuleSet, bounds: Bounds) -> Result<Report, ScanError> {
    let deadline = Deadline::after(bounds.time);
    std::thread::scope(|scope| {
        let looking = Looking::new(rules, file, Crew::new(scope, rules, deadline), bounds);
        let report = within(source, file, looking, deadline)?;
        // Whatever was left out for want of time was left out after this came true.
        match deadline.is_over() {
            true => Err(ScanError::Late { file: file.to_owned(), time: bounds.time }),
            false => Ok(report),
        }
    })
}

fn within(
    source: &mut dyn Source,
    file: &str,
    mut looking: Looking<'_, '_>,
    deadline: Deadline,
) -> Result<Report, ScanError> {
    let failed = |error| ScanError::Read { file: file.to_owned(), source: error };
    let (sha256, bytes, head) = digest(source).map_err(failed)?;
    let mut budget = Budget::new(bytes, deadline);
    match Form::of(&head) {
        Some(form) => {
            let claimed = claimed(file);
            if claimed.is_some_and(|claimed| claimed != form) {
                let said = format!("the content is {form:?}");
                looking.add(Finding::of(&rules::EXTENSION, Place::whole(), &said));
            }
            archive::read(form, source, file, &mut budget, &mut looking).map_err(failed)?;
            looking.wait();
        }
        None => {
            looking.add(Finding::of(&rules::BROKEN, Place::whole(), "neither a zip, nor a gzip, nor a tar archive"))
        }
    }
    inner(&mut looking, &mut budget).map_err(failed)?;
    let mut report = Report {
        rules: looking.rules.version(),
        name: file.to_owned(),
        sha256,
        verdict: Verdict::NothingFound,
        score: 0,
        counts: Counts { bytes, unpacked: budget.unpacked, entries: budget.entries, ..Counts::default() },
        limits: Vec::new(),
        abilities: Default::default(),
        hosts: BTreeSet::new(),
        at_install: BTreeSet::new(),
        findings: Vec::new(),
    };
    package::sum_up(looking, &mut report);
    report.settle();
    Ok(report)
}

/// Archives that were found in the archive, and in those.
fn inner(looking: &mut Looking<'_, '_>, budget: &mut Budget) -> io::Result<()> {
    while let Some(nested) = looking.next_nested() {
        looking.enter(&nested);
        if nested.depth > SCAN_DEPTH {
            looking.add(Finding::of(&rules::DEEP, Place::entry(""), &format!("{SCAN_DEPTH} layers were opened")));
            looking.limited("scan_depth", u64::try_from(SCAN_DEPTH).unwrap_or(u64::MAX), "");
        } else if let Some(form) = Form::of(&nested.bytes) {
            archive::read(form, &mut Cursor::new(&nested.bytes), &nested.path, budget, looking)?;
            looking.wait();
        }
    }
    looking.leave();
    Ok(())
}

/// The form that a file's name claims.
fn claimed(file: &str) -> Option<Form> {
    let lower = file.to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| lower.ends_with(ending));
    if ends(&[".whl", ".zip", ".egg", ".jar"]) {
        Some(Form::Zip)
    } else if ends(&[".tar.gz", ".tgz", ".crate"]) {
        Some(Form::Gzip)
    } else if ends(&[".tar"]) {
        Some(Form::Tar)
    } else {
        None
    }
}

/// SHA-256 in hexadecimal digits, the number of bytes, and the first 512 of them.
fn digest(source: &mut dyn Source) -> io::Result<(String, u64, Vec<u8>)> {
    source.rewind()?;
    let mut context = Context::new(&SHA256);
    let mut buffer = vec![0; 64 * 1024];
    let (mut bytes, mut head) = (0_u64, Vec::new());
    loop {
        let count = source.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        context.update(&buffer[..count]);
        bytes += u64::try_from(count).unwrap_or(u64::MAX);
        let wanted = 512 - head.len().min(512);
        head.extend_from_slice(&buffer[..count.min(wanted)]);
    }
    let text = context.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((text, bytes, head))
}
