use serde_json::json;

use super::marks::mark;
use super::*;

fn entry(index: u64, action: &str, outcome: &str, on: &str) -> Vec<u8> {
    let time = Timestamp::from_second(1_800_000_000 + i64::try_from(index).unwrap()).unwrap();
    let record = json!({
        "v": 1, "time": time, "node": "fanlight/0", "action": action,
        "who": { "kind": "person", "id": format!("per_{}", index % 40), "device": format!("dev_{}", index % 90) },
        "on": { "kind": "Release", "id": on }, "decision": { "outcome": outcome, "policies": ["wait-and-see"] },
        "epoch": { "number": 1, "digest": "" },
    });
    record.to_string().into_bytes()
}

fn chunk() -> Vec<Vec<u8>> {
    (0..CHUNK)
        .map(|index| entry(index, "packages:fetch-file", "allow", &format!("pkg:pypi/p{index}@{index}.0")))
        .collect()
}

fn wanted(words: &[(Kind, &str)]) -> Wanted {
    Wanted { groups: words.iter().map(|(kind, text)| vec![(*kind, (*text).to_owned())]).collect(), ..Wanted::default() }
}

#[test]
fn a_record_is_found_by_each_of_its_words_and_passed_over_by_none() {
    let (entries, row) = (chunk(), mark(7, &chunk()));
    for (index, entry) in entries.iter().enumerate() {
        for word in Seen::of(entry).unwrap().words() {
            assert!(may_have(&row.marks, &word), "{word:?}");
            assert!(Wanted { groups: vec![vec![word]], ..Wanted::default() }.fits(entry));
        }
        assert!(wanted(&[(Kind::On, &format!("p{index}")), (Kind::Action, "packages:")]).fits(entry));
    }
    assert_eq!(
        (row.chunk, row.first, row.last),
        (7, Seen::of(&entries[0]).unwrap().time, Seen::of(&entries[255]).unwrap().time)
    );
}

#[test]
fn few_chunks_are_read_in_vain() {
    let row = mark(0, &chunk());
    let vain = (0..2000).filter(|number| may_have(&row.marks, &(Kind::On, format!("pkg:npm/other-{number}"))));
    assert!(vain.count() < 60, "one in a hundred, roughly");
}

#[test]
fn a_word_counts_only_as_what_it_is() {
    let record = entry(1, "packages:fetch-file", "hold", "pkg:npm/%40acme/tool@1.0");
    assert!(wanted(&[(Kind::On, "@acme/tool")]).fits(&record));
    assert!(wanted(&[(Kind::On, "pkg:npm/%40acme/tool"), (Kind::Outcome, "hold")]).fits(&record));
    assert!(!wanted(&[(Kind::Outcome, "allow"), (Kind::On, "@acme/tool")]).fits(&record));
    assert!(!wanted(&[(Kind::Policy, "hold")]).fits(&record));
    assert!(!wanted(&[(Kind::Action, "packages")]).fits(&record), "a door has its colon");
}

#[test]
fn what_is_no_record_is_shown_only_to_who_looks_for_nothing_in_particular() {
    assert!(Wanted::default().fits(b"no JSON"));
    assert!(!wanted(&[(Kind::Outcome, "allow")]).fits(b"no JSON"));
    let since = Wanted { since: Some(Timestamp::UNIX_EPOCH), ..Wanted::default() };
    assert!(!since.fits(b"{}"));
    assert_eq!(mark(0, &[b"no JSON".to_vec()]).first, Timestamp::UNIX_EPOCH);
}
