//! The built-in pack, and what a company's files must satisfy.

use super::*;

#[test]
fn the_built_in_policies_pass_their_own_checks() {
    let pack = Pack::built_in();
    let ids: Vec<&str> = pack.policies().iter().map(|policy| &*policy.id).collect();
    assert_eq!(
        ids,
        [
            "console-for-operators",
            "node-itself",
            "packages-allowed",
            "wait-and-see",
            "wait-and-see-first-seen",
            "quarantined",
            "unparsable-file-name",
            "no-hash"
        ]
    );
    assert_eq!(pack.warnings(), []);
    assert_eq!(pack.digest().len(), 16);
}
