//! Which reviews count.

use super::*;

fn row(node: &str, version: &str, verdict: &str) -> ReviewRow {
    ReviewRow {
        purl: format!("pkg:pypi/demo@{version}"),
        node: node.to_owned(),
        own: node == "this",
        verdict: verdict.to_owned(),
        because: "seen".to_owned(),
        at: "2026-11-22T10:00:00.000Z".parse().unwrap(),
        note: "signed".to_owned(),
    }
}

fn counting(rows: Vec<ReviewRow>) -> Vec<(bool, String, Verdict)> {
    let that = that_count(rows).into_iter();
    that.map(|review| (review.is_own, review.release.version().unwrap_or("").to_owned(), review.verdict)).collect()
}

#[test]
fn of_one_version_written_in_two_ways_a_nodes_newest_review_counts() {
    // The store gives the newest first.
    let rows = vec![
        row("this", "1.0.0", "unsafe"),
        row("acme+1", "1", "safe"),
        row("this", "1.0", "safe"),
        row("this", "2.0", "needs-care"),
    ];
    assert_eq!(
        counting(rows),
        [
            (true, "1.0.0".to_owned(), Verdict::Unsafe),
            (false, "1".to_owned(), Verdict::Safe),
            (true, "2.0".to_owned(), Verdict::NeedsCare)
        ]
    );
}

#[test]
fn what_is_withdrawn_hides_what_was_said_before_under_another_spelling() {
    assert_eq!(counting(vec![row("this", "1.0.0", "withdrawn"), row("this", "1.0", "unsafe")]), []);
    // Another node's withdrawal takes nothing back here.
    let rows = vec![row("acme+1", "1.0.0", "withdrawn"), row("this", "1.0", "unsafe")];
    assert_eq!(counting(rows), [(true, "1.0".to_owned(), Verdict::Unsafe)]);
}
