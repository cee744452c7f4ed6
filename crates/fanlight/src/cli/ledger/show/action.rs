//! The name of an action as it is typed: one that no record can bear is refused, with those that were probably meant.

use fanlight_policy::known_actions;

/// An action of the schema, or the beginning of some that ends in a colon.
pub(super) fn known(text: &str) -> Result<String, String> {
    let names = || known_actions().map(|known| known.action.as_str());
    if names().any(|name| name == text || (text.ends_with(':') && name.starts_with(text))) {
        return Ok(text.to_owned());
    }
    let last = |name: &str| name.rsplit(':').next().unwrap_or_default().to_owned();
    let near = |name: &&str| is_near(text, name) || is_near(&last(text), &last(name));
    let meant: Vec<_> = names().filter(near).collect();
    if !meant.is_empty() {
        return Err(format!("there is no such action; did you mean {}?", meant.join(" or ")));
    }
    let mut doors: Vec<_> = names().filter_map(|name| Some(format!("{}:", name.split_once(':')?.0))).collect();
    doors.dedup();
    Err(format!("there is no such action; each begins with one of {}", doors.join(", ")))
}

/// Whether a slip of the pen, up to a third of the letters, makes one of the other.
fn is_near(a: &str, b: &str) -> bool {
    !a.is_empty() && strsim::damerau_levenshtein(a, b) <= a.len().max(b.len()) / 3
}

#[cfg(test)]
mod tests {
    use super::known;

    #[test]
    fn an_action_that_no_record_can_bear_is_refused_with_what_was_meant() {
        for good in ["packages:fetch-file", "node:start", "gate:enter", "packages:", "console:"] {
            assert_eq!(known(good).as_deref(), Ok(good));
        }
        let meant = |text: &str| known(text).unwrap_err();
        assert_eq!(meant("fetch-file"), "there is no such action; did you mean packages:fetch-file?");
        assert_eq!(meant("node:strat"), "there is no such action; did you mean node:start or node:stop?");
        let doors = "there is no such action; each begins with one of account:, console:, directory:, gate:, \
                     node:, oauth:, packages:";
        assert_eq!(meant("nope"), doors);
        assert_eq!([meant(""), meant(":")], [doors, doors]);
    }
}
