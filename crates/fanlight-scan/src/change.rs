//! What a release does that the one before it did not. Works on two reports, so nothing is read again.

use crate::finding::{Confidence, Finding, Place, Severity};
use crate::report::{Ability, Report, When};
use crate::rules;

#[cfg(test)]
mod tests;

/// Findings for a release, by the report of the release before it. Reports of different rule sets cannot be compared
/// and give none.
pub fn changes(before: &Report, after: &Report) -> Vec<Finding> {
    let mut out = Vec::new();
    if before.rules != after.rules || !before.is_whole() {
        return out;
    }
    let mut say = |path: &str, what: &str, severity, confidence| {
        let place = if path.is_empty() { Place::whole() } else { Place::entry(path) };
        out.push(Finding::of(&rules::CHANGED, place, what).rated(severity, confidence));
    };
    let starts = before.at_install.is_empty() && !after.at_install.is_empty();
    for path in after.at_install.iter().filter(|_| starts) {
        let said = format!("runs {path} when it is installed, where nothing of the release before ran then");
        say(path, &said, Severity::Medium, Confidence::High);
    }
    for (ability, when) in &after.abilities {
        let earlier = before.abilities.get(ability);
        if earlier.is_some_and(|earlier| earlier >= when) {
            continue;
        }
        let private = !matches!(
            ability,
            Ability::Network | Ability::RunPrograms | Ability::RunText | Ability::Decode | Ability::LoadNative
        );
        let severity = match when {
            When::Installed if private => Severity::High,
            When::Installed | When::Imported if private => Severity::Medium,
            When::Installed => Severity::Medium,
            When::Imported | When::Called => Severity::Low,
        };
        let how = if earlier.is_some() { "earlier than before" } else { "for the first time" };
        say("", &format!("{}, {how}, {}", ability.words(), when.words()), severity, Confidence::Medium);
    }
    let new: Vec<_> = after.hosts.difference(&before.hosts).map(String::as_str).take(10).collect();
    if !new.is_empty() {
        say("", &format!("names new hosts: {}", new.join(", ")), Severity::Info, Confidence::High);
    }
    out
}
