//! A company's own rules over syntax trees, in the YAML of ast-grep, for Python, JavaScript and Rust.
//!
//! A rule's `severity` is one of hint, info, warning, error; `message` is the finding's title, `note` its plain words.
//! Refuses rules that do not compile, with the file and the reason. Whoever can write rules is trusted, but their rules
//! cannot run anything: they only match.

use std::borrow::Cow;
use std::fmt;

use ast_grep_config::{CombinedScan, GlobalRules, RuleConfig, Severity as Grade};
use ast_grep_core::AstGrep;
use ast_grep_core::language::Language as Grammar;
use ast_grep_core::matcher::{Pattern, PatternBuilder, PatternError};
use ast_grep_core::tree_sitter::{LanguageExt, StrDoc, TSLanguage};
use fanlight_base::limits::{SCAN_RULES_BYTES, SCAN_TREE_BYTES, SCAN_TREE_STEPS};
use serde::Deserialize;

use crate::finding::{Confidence, Finding, Place, Severity};
use crate::program::{self, Language, Unread};
use crate::redact;
use crate::rules::digest_of;

#[cfg(test)]
mod tests;

/// A company's rules, compiled.
#[derive(Default)]
pub struct CompanyRules {
    rules: Vec<RuleConfig<Tongue>>,
    digest: Option<String>,
}

/// Why rules were not taken.
#[derive(Debug, thiserror::Error)]
pub enum CompanyRulesError {
    /// The files are too large together.
    #[error("{file}: the scan's own rules are over {SCAN_RULES_BYTES} bytes together; take some out")]
    Large {
        /// The file that was one too many.
        file: String,
    },
    /// A rule that does not compile.
    #[error("{file}: not a usable rule")]
    Rule {
        /// The file.
        file: String,
        /// What is wrong with it.
        source: ast_grep_config::RuleConfigError,
    },
    /// A rule without an id: its findings could not be told apart.
    #[error("{file}: a rule without an id; give it one")]
    Nameless {
        /// The file.
        file: String,
    },
}

impl CompanyRules {
    /// Compiles rules out of files' names and texts; each may hold several, separated by `---`.
    ///
    /// # Errors
    /// For the first file that has a fault: either all rules are in force or none.
    pub fn new<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Result<Self, CompanyRulesError> {
        let (mut rules, mut all) = (Vec::new(), String::new());
        for (file, text) in files {
            all.push_str(text);
            if all.len() > SCAN_RULES_BYTES {
                return Err(CompanyRulesError::Large { file: file.to_owned() });
            }
            let read = ast_grep_config::from_yaml_string(text, &GlobalRules::default());
            let read = read.map_err(|source| CompanyRulesError::Rule { file: file.to_owned(), source })?;
            if read.iter().any(|rule| rule.id.is_empty()) {
                return Err(CompanyRulesError::Nameless { file: file.to_owned() });
            }
            rules.extend(read);
        }
        let digest = (!rules.is_empty()).then(|| digest_of(all.as_bytes()));
        Ok(Self { rules, digest })
    }

    pub(crate) fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }

    /// What the rules find in one file, unless its syntax tree takes too many steps.
    pub(crate) fn look(&self, path: &str, language: Language, text: &str) -> Result<Vec<Finding>, Unread> {
        let tongue = Tongue::of(language);
        let rules: Vec<_> = self.rules.iter().filter(|rule| rule.language == tongue).collect();
        if rules.is_empty() || text.len() > SCAN_TREE_BYTES {
            return Ok(Vec::new());
        }
        let tree = program::tree(language, text, SCAN_TREE_STEPS)?;
        let tree = AstGrep::doc(StrDoc { src: text.to_owned(), lang: tongue, tree });
        let scan = CombinedScan::new(rules);
        let mut out = Vec::new();
        for (rule, matches) in scan.scan(&tree, false).matches {
            for found in matches {
                let line = u32::try_from(found.start_pos().line() + 1).unwrap_or(u32::MAX);
                let severity = match rule.severity {
                    Grade::Error => Severity::High,
                    Grade::Warning => Severity::Medium,
                    Grade::Info => Severity::Low,
                    Grade::Hint | Grade::Off => Severity::Info,
                };
                out.push(Finding {
                    rule: Cow::Owned(format!("company:{}", rule.id)),
                    title: Cow::Owned(redact::evidence(&rule.get_message(&found))),
                    severity,
                    confidence: Confidence::Medium,
                    place: Place::line(path, line),
                    evidence: redact::evidence(redact::head(&found.text(), 4096)),
                    words: Cow::Owned(
                        rule.note.clone().unwrap_or_else(|| "A rule of your company found this.".to_owned()),
                    ),
                });
            }
        }
        Ok(out)
    }
}

impl fmt::Debug for CompanyRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompanyRules").field("rules", &self.rules.len()).finish()
    }
}

/// A language as rules name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Tongue {
    #[serde(alias = "Python", alias = "py")]
    Python,
    #[serde(alias = "JavaScript", alias = "js")]
    JavaScript,
    #[serde(alias = "Rust", alias = "rs")]
    Rust,
}

impl Tongue {
    fn of(language: Language) -> Self {
        match language {
            Language::Python => Self::Python,
            Language::JavaScript => Self::JavaScript,
            Language::Rust => Self::Rust,
        }
    }
}

impl Grammar for Tongue {
    /// `$` begins no name in Python and Rust; this letter does, and nobody uses it.
    fn expando_char(&self) -> char {
        if *self == Self::JavaScript { '$' } else { 'µ' }
    }

    fn pre_process_pattern<'q>(&self, query: &'q str) -> Cow<'q, str> {
        if *self == Self::JavaScript { Cow::Borrowed(query) } else { Cow::Owned(query.replace('$', "µ")) }
    }

    fn kind_to_id(&self, kind: &str) -> u16 {
        self.get_ts_language().id_for_node_kind(kind, true)
    }

    fn field_to_id(&self, field: &str) -> Option<u16> {
        self.get_ts_language().field_id_for_name(field).map(std::num::NonZero::get)
    }

    fn build_pattern(&self, builder: &PatternBuilder) -> Result<Pattern, PatternError> {
        builder.build(|source| StrDoc::try_new(source, *self))
    }
}

impl LanguageExt for Tongue {
    fn get_ts_language(&self) -> TSLanguage {
        match self {
            Self::Python => Language::Python.grammar(),
            Self::JavaScript => Language::JavaScript.grammar(),
            Self::Rust => Language::Rust.grammar(),
        }
    }
}
