//! What was probably meant by a key that nobody knows.

use super::environment::{ALONE, PREFIX};
use crate::fault::{ConfigFault, Spot};
use crate::settings::{KNOWN, Known};

/// How far a slip of the pen goes: a third of the letters.
fn near(a: &str, b: &str) -> Option<usize> {
    let distance = strsim::damerau_levenshtein(a, b);
    (distance <= (a.len().max(b.len()) / 3).max(1)).then_some(distance)
}

/// The known key or group nearest to `key`: by the whole key, or by its last part where the group was forgotten.
pub(super) fn nearest(key: &str) -> Option<&'static str> {
    measured(key).map(|(_, known)| known)
}

/// The same with how far it is.
fn measured(key: &str) -> Option<(usize, &'static str)> {
    let last = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
    let groups = KNOWN.iter().flat_map(|known| known.key.match_indices('.').map(|(dot, _)| &known.key[..dot]));
    let keys = KNOWN.iter().map(|known| known.key);
    groups
        .chain(keys)
        .filter_map(|known| {
            let whole = near(key, known);
            let part = near(&last(key), &last(known)).map(|distance| distance + 1);
            let distance = match (whole, part) {
                (Some(whole), Some(part)) => whole.min(part),
                (whole, part) => whole.or(part)?,
            };
            Some((distance, known))
        })
        .min_by_key(|(distance, _)| *distance)
}

/// The names that may stand where `key` stands: `cooldown`, `refresh`, ... for `packages.x`.
fn siblings(key: &str) -> Vec<&'static str> {
    let group = key.rfind('.').map_or("", |dot| &key[..=dot]);
    let mut names: Vec<_> = KNOWN.iter().filter_map(|known| known.key.strip_prefix(group)?.split('.').next()).collect();
    names.dedup();
    names
}

/// The fault of a key that nobody knows.
pub(super) fn unknown(key: &str, spot: Spot) -> ConfigFault {
    let mut help: Vec<_> = nearest(key).map(|near| format!("did you mean {near}?")).into_iter().collect();
    let names = siblings(key);
    match key.rsplit_once('.') {
        Some((group, _)) if !names.is_empty() => help.push(format!("known in {group}: {}", names.join(", "))),
        _ => help.push(format!("known groups: {}", siblings("").join(", "))),
    }
    ConfigFault::at(spot, format!("there is no setting {key}"), help)
}

/// The fault of a variable that names nothing, `rest` being what follows the prefix.
pub(super) fn unknown_variable(rest: &str, spot: Spot) -> ConfigFault {
    let alone = ALONE.iter().filter_map(|known| Some((near(rest, known)?, *known))).min();
    let setting = measured(&rest.to_lowercase().replace("__", "."));
    let meant = match (alone, setting) {
        (Some((distance, known)), setting) if setting.is_none_or(|(other, _)| distance <= other) => {
            vec![format!("{PREFIX}{known}")]
        }
        (_, Some((_, key))) => {
            let is_meant = |known: &&Known| known.key == key || known.key.starts_with(&format!("{key}."));
            KNOWN.iter().filter(is_meant).map(Known::variable).collect()
        }
        (_, None) => Vec::new(),
    };
    let mut help = Vec::new();
    match meant.split_last() {
        Some((last, [])) => help.push(format!("did you mean {last}?")),
        Some((last, first)) => help.push(format!("did you mean {} or {last}?", first.join(", "))),
        None => {}
    }
    help.push("a setting's variable is FANLIGHT_ and its key in capitals, with __ for each dot".to_owned());
    ConfigFault::at(spot, "it names no setting", help)
}
