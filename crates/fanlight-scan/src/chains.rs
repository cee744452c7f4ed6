//! Weighs what was seen in code: a chain of steps, and the moment at which it runs.
//!
//! The same chain weighs differently: sending a key in a function that somebody calls is what clients of services do;
//! doing it while the package is being installed is theft. Refuses to read code.

use crate::finding::{Confidence, Finding, Place, Severity};
use crate::follow::{Labels, What};
use crate::report::{Ability, When};
use crate::rules::{self, Rule};

use Confidence::{High as Sure, Low as Unsure, Medium as Fairly};
use Severity::{Critical, High, Info, Low, Medium};

/// Something seen in a file, with the moment it runs.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub what: What,
    pub labels: Labels,
    pub when: When,
    pub line: u32,
    pub evidence: String,
}

/// Weighs the steps of one file.
pub(crate) fn weigh(path: &str, steps: &[Step]) -> Vec<Finding> {
    let mut out: Vec<_> = steps.iter().filter_map(|step| one(path, step)).collect();
    let latest = |wanted: &dyn Fn(&Step) -> bool| steps.iter().filter(|step| wanted(step)).max_by_key(|step| step.when);
    let turned = latest(&|step| step.what == What::TurnedOver && step.labels.has(Labels::SOCKET))
        .or_else(|| latest(&|step| step.what == What::TurnedOver));
    if let (Some(turned), Some(connected)) = (turned, latest(&|step| step.what == What::Connected)) {
        let rating = if turned.when.max(connected.when) > When::Called { (Critical, Sure) } else { (High, Fairly) };
        out.push(rated(path, &rules::REVERSE_SHELL, turned, rating));
    }
    let stolen = steps.iter().any(|step| step.what == What::Sent && step.labels.has(Labels::PRIVATE));
    let reads = |ability| {
        matches!(
            ability,
            Ability::ReadCredentials
                | Ability::ReadBrowser
                | Ability::ReadWallet
                | Ability::ReadClipboard
                | Ability::ReadScreen
                | Ability::ReadKeys
                | Ability::ReadEnvironment
        )
    };
    let read =
        latest(&|step| matches!(step.what, What::Ability(ability) if reads(ability)) && step.when == When::Installed);
    let network = latest(&|step| step.what == What::Ability(Ability::Network) && step.when == When::Installed);
    if let (false, Some(read), Some(_)) = (stolen, read, network) {
        out.push(rated(path, &rules::STEAL_LIKELY, read, (High, Unsure)));
    }
    out
}

fn rated(path: &str, rule: &'static Rule, step: &Step, (severity, confidence): (Severity, Confidence)) -> Finding {
    Finding::of(rule, Place::line(path, step.line), &step.evidence).rated(severity, confidence)
}

fn one(path: &str, step: &Step) -> Option<Finding> {
    let labels = step.labels;
    let by_when = |called, imported, installed| match step.when {
        When::Called => called,
        When::Imported => imported,
        When::Installed => installed,
    };
    let (rule, rating) = match step.what {
        What::Sent if labels.has(Labels::PRIVATE) => (&rules::STEAL, sent(labels, step.when)),
        What::Sent if labels.has(Labels::IDENTITY) => {
            let dropped = labels.has(Labels::DROP | Labels::ADDRESS);
            let called = if dropped { (Medium, Fairly) } else { (Info, Unsure) };
            let imported = if dropped { (High, Sure) } else { (Medium, Fairly) };
            (&rules::BEACON, by_when(called, imported, (High, Sure)))
        }
        What::Ran if labels.has(Labels::DECODED) => {
            let packed = labels.has(Labels::PACKED);
            let (called, imported) =
                if packed { ((High, Fairly), (Critical, Fairly)) } else { ((Low, Unsure), (High, Fairly)) };
            (&rules::DECODE_RUN, by_when(called, imported, (Critical, if packed { Sure } else { Fairly })))
        }
        What::Ran => (&rules::DOWNLOAD_RUN, by_when((Medium, Unsure), (Critical, Fairly), (Critical, Sure))),
        // A program that was carried along as text, as opposed to one that was fetched or unpacked.
        What::Started if labels.has(Labels::PACKED) => {
            (&rules::DECODE_RUN, by_when((Medium, Unsure), (High, Sure), (High, Sure)))
        }
        // Many honest installers fetch the program for the machine they run on: somebody should look, no more.
        What::Started => (&rules::DOWNLOAD_RUN, by_when((Low, Fairly), (High, Fairly), (High, Fairly))),
        What::Pipe => (&rules::DOWNLOAD_RUN, by_when((Medium, Unsure), (Critical, Fairly), (Critical, Sure))),
        What::Hidden => (&rules::HIDDEN_RUN, by_when((Medium, Unsure), (High, Sure), (Critical, Fairly))),
        What::Injected => {
            let made = labels.has(Labels::DECODED | Labels::DOWNLOADED);
            let early = if made { (Critical, Sure) } else { (High, Fairly) };
            (&rules::NATIVE_RUN, by_when((Medium, Unsure), early, early))
        }
        What::Persisted => (&rules::PERSIST, by_when((Low, Fairly), (High, Fairly), (High, Fairly))),
        What::DropHost => (&rules::DROP_HOST, by_when((Low, Fairly), (Medium, Fairly), (High, Fairly))),
        What::Ability(Ability::ReadKeys) => (&rules::KEYS, by_when((Low, Fairly), (High, Fairly), (High, Sure))),
        What::Sent | What::Connected | What::TurnedOver | What::Ability(_) => return None,
    };
    Some(rated(path, rule, step, rating))
}

/// Private data that is sent.
fn sent(labels: Labels, when: When) -> (Severity, Confidence) {
    let dropped = labels.has(Labels::DROP);
    let key_alone = labels.and(Labels::PRIVATE) == Labels::SECRET;
    match when {
        When::Installed => (Critical, Sure),
        When::Imported if key_alone && !dropped => (High, Fairly),
        When::Imported => (Critical, Sure),
        // To show one's own key to a service is how every client of a service works.
        When::Called if key_alone => {
            if dropped {
                (High, Fairly)
            } else {
                (Info, Unsure)
            }
        }
        When::Called if dropped => (Critical, Fairly),
        When::Called
            if labels.has(Labels::BROWSER | Labels::WALLET | Labels::SCREEN | Labels::KEYS | Labels::CLIPBOARD) =>
        {
            (High, Fairly)
        }
        When::Called if labels.has(Labels::ENVIRONMENT) => (High, Fairly),
        When::Called => (Medium, Unsure),
    }
}
