//! A set of policies that has passed every check, made ready for judging.
//!
//! Owns what a policy must be: syntax, ids, types, words. Invariant: a [`Pack`] exists only where nothing is wrong
//! with any of its policies, so putting one in force cannot fail.

mod annotations;
mod bounds;
mod check;
mod compile;
mod fault;
mod source;

use std::path::Path;
use std::sync::Arc;

use fanlight_base::{Action, Outcome};
use serde::Serialize;

pub(crate) use compile::{Door, Rule};
pub use fault::PolicyFault;
use source::Source;

use crate::files::PolicyFiles;
use crate::folder;

const BUILT_IN: &[(&str, &str)] = &[
    ("built-in/account.cedar", include_str!("../../../policies/account.cedar")),
    ("built-in/apps.cedar", include_str!("../../../policies/apps.cedar")),
    ("built-in/asking.cedar", include_str!("../../../policies/asking.cedar")),
    ("built-in/console.cedar", include_str!("../../../policies/console.cedar")),
    ("built-in/gate.cedar", include_str!("../../../policies/gate.cedar")),
    ("built-in/node.cedar", include_str!("../../../policies/node.cedar")),
    ("built-in/oauth.cedar", include_str!("../../../policies/oauth.cedar")),
    ("built-in/packages.cedar", include_str!("../../../policies/packages.cedar")),
    ("built-in/publishing.cedar", include_str!("../../../policies/publishing.cedar")),
];

/// Whether a policy lets pass or stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Lets pass what no forbid stops.
    Permit,
    /// Stops, with its outcome.
    Forbid,
}

/// What there is to know about one policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PolicyInfo {
    /// Its id, as records and refusals show it.
    pub id: Arc<str>,
    /// Whether it came with Fanlight.
    pub built_in: bool,
    /// The file it stands in.
    pub file: Arc<str>,
    /// The line it starts on, from 1.
    pub line: usize,
    /// Whether it lets pass or stops.
    pub effect: Effect,
    /// What a forbid makes of an attempt.
    pub outcome: Option<Outcome>,
    /// The sentence that says why, with `{fact}` places.
    pub reason: Option<Arc<str>>,
    /// The sentence that says what to do now, with `{fact}` places.
    pub advice: Option<Arc<str>>,
    /// The fact that says when a hold ends by itself.
    pub until: Option<Arc<str>>,
    /// Whether an exception may set it aside: a forbid that does not say `@lift("never")`.
    pub liftable: bool,
    /// The actions it is about.
    pub actions: Vec<&'static str>,
    /// Its text as written, annotations included.
    pub text: Arc<str>,
}

/// A set of policies without a fault. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Pack(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    policies: Vec<PolicyInfo>,
    doors: compile::Doors,
    digest: Arc<str>,
    company_files: usize,
    warnings: Vec<PolicyFault>,
}

impl Pack {
    /// The policies that come with Fanlight, and no others.
    pub fn built_in() -> Self {
        Self::compiled(&built_in_sources(), 0, &[]).expect("the built-in policies are part of the program and tested")
    }

    /// The built-in policies without the `disabled` ones, and all `*.cedar` files of the company's folder. Reads files
    /// and may take tens of milliseconds: not for a thread that answers requests.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the files. A folder that is not there is a fault, too: that the
    /// company's policies are gone must not pass for there being none.
    pub fn load(company: Option<&Path>, disabled: &[String]) -> Result<Self, Vec<PolicyFault>> {
        let Some(folder) = company else { return Self::of_texts([], disabled) };
        let files = folder::read(folder).map_err(|error| vec![unread(&error)])?;
        Self::of_texts(files.iter().map(|file| (file.name.as_str(), file.text.as_str())), disabled)
    }

    /// The same with the files themselves under their names alone, which is how they are kept and told further.
    ///
    /// # Errors
    /// As [`Pack::load`].
    pub fn load_with_files(folder: &Path, disabled: &[String]) -> Result<(Self, PolicyFiles), Vec<PolicyFault>> {
        let files = folder::read(folder).map_err(|error| vec![unread(&error)])?;
        let pack = Self::of_texts(files.iter().map(|file| (file.name.as_str(), file.text.as_str())), disabled)?;
        Ok((pack, folder::under_names(files)))
    }

    /// The built-in policies without the `disabled` ones, and the given texts, each with a file's name.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the texts.
    pub fn of_texts<'a>(
        texts: impl IntoIterator<Item = (&'a str, &'a str)>,
        disabled: &[String],
    ) -> Result<Self, Vec<PolicyFault>> {
        let mut sources = built_in_sources();
        let own = sources.len();
        sources.extend(texts.into_iter().map(|(file, text)| Source {
            file: file.into(),
            text: text.into(),
            built_in: false,
        }));
        let files = sources.len() - own;
        Self::of_sources(&sources, files, disabled)
    }

    /// The same policies and one more file of the company's, in place of the one of that name.
    ///
    /// # Errors
    /// Everything that is wrong with them together.
    pub fn and(&self, file: &str, text: &str) -> Result<Self, Vec<PolicyFault>> {
        let mut texts: Vec<(&str, String)> = Vec::new();
        let is_other = |policy: &&PolicyInfo| Path::new(&*policy.file).file_name().is_none_or(|name| name != file);
        for policy in self.policies().iter().filter(|policy| !policy.built_in).filter(is_other) {
            match texts.iter_mut().find(|(known, _)| *known == &*policy.file) {
                Some((_, text)) => text.push_str(&policy.text),
                None => texts.push((&policy.file, policy.text.to_string())),
            }
        }
        texts.push((file, text.to_owned()));
        let is_there = |id: &str| self.policies().iter().any(|policy| &*policy.id == id);
        let built_in = Self::built_in();
        let left_out: Vec<String> = built_in
            .policies()
            .iter()
            .filter(|policy| !is_there(&policy.id))
            .map(|policy| policy.id.to_string())
            .collect();
        Self::of_texts(texts.iter().map(|(file, text)| (*file, text.as_str())), &left_out)
    }

    fn of_sources(sources: &[Source], company_files: usize, disabled: &[String]) -> Result<Self, Vec<PolicyFault>> {
        let too_deep: Vec<PolicyFault> = sources.iter().filter_map(bounds::check).collect();
        if !too_deep.is_empty() {
            return Err(too_deep);
        }
        // What comes from outside is taken apart on a stack of known size, whoever calls.
        std::thread::scope(|scope| {
            let work = std::thread::Builder::new()
                .name("policies".into())
                .stack_size(bounds::STACK_BYTES)
                .spawn_scoped(scope, || Self::compiled(sources, company_files, disabled));
            let failed = |why: String| {
                let message = format!("the policies could not be read on this machine: {why}");
                vec![PolicyFault::of_file("all policy files", message, "see whether memory or threads have run out")]
            };
            let work = work.map_err(|error| failed(error.to_string()))?;
            work.join().unwrap_or_else(|_| Err(failed("reading them ended in a panic; please report it".into())))
        })
    }

    fn compiled(sources: &[Source], company_files: usize, disabled: &[String]) -> Result<Self, Vec<PolicyFault>> {
        let checked = check::check(sources, disabled)?;
        let (policies, doors) = compile::compile(&checked.policies);
        let digest = digest(sources, disabled);
        Ok(Self(Arc::new(Inner { policies, doors, digest, company_files, warnings: checked.warnings })))
    }

    /// The policies, built-in ones first, then by file and place.
    pub fn policies(&self) -> &[PolicyInfo] {
        &self.0.policies
    }

    /// The first 16 hexadecimal digits of SHA-256 over all texts and what is disabled: equal packs have equal digests.
    pub fn digest(&self) -> &Arc<str> {
        &self.0.digest
    }

    /// How many files of the company were read.
    pub fn company_files(&self) -> usize {
        self.0.company_files
    }

    /// What is not wrong but looks like a slip.
    pub fn warnings(&self) -> &[PolicyFault] {
        &self.0.warnings
    }

    /// The policies of `action` that look at a fact, by id.
    pub(crate) fn looking_at(&self, action: &str, fact: &str) -> Vec<Arc<str>> {
        let rules = self.0.doors.get(action).map_or(&[][..], |door| &door.rules);
        let looks = |rule: &&Rule| rule.looks.whole_context || rule.looks.facts.contains(fact);
        rules.iter().filter(looks).map(|rule| rule.id.clone()).collect()
    }

    /// What judges attempts at `action`; none where the schema does not know it.
    pub(crate) fn door(&self, action: Action) -> Option<&Door> {
        self.0.doors.get(action.as_str())
    }
}

/// A folder that cannot be read, as a fault.
fn unread(error: &folder::FolderError) -> PolicyFault {
    let hint = "no policy was changed; mend the folder and try again";
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    PolicyFault::of_file(&error.path().display().to_string(), format!("{error}{cause}"), hint)
}

fn built_in_sources() -> Vec<Source> {
    BUILT_IN.iter().map(|(file, text)| Source { file: (*file).into(), text: (*text).into(), built_in: true }).collect()
}

/// Lengths go in with the texts, so that moving text from one file to the next makes another digest.
fn digest(sources: &[Source], disabled: &[String]) -> Arc<str> {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    let mut add = |text: &str| {
        context.update(&(text.len() as u64).to_be_bytes());
        context.update(text.as_bytes());
    };
    add(crate::schema::TEXT);
    for source in sources {
        add(&source.text);
    }
    let mut disabled: Vec<&String> = disabled.iter().collect();
    disabled.sort();
    disabled.dedup();
    disabled.into_iter().for_each(|id| add(id));
    folder::hex(&context.finish().as_ref()[..8]).into()
}

#[cfg(test)]
mod tests;
