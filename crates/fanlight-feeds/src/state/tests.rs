//! Which word a feed's state has, and when it is stale.

use fanlight_advisories::index::Source as Known;
use fanlight_api::advisories::FeedState as Word;

use super::*;
use crate::source::Place;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn shown(state: &FeedState, now: &str) -> (Word, bool) {
    let source = Source { name: "feed".into(), place: Place::Path("/feed".into()) };
    let known = Known { read: at("2026-11-22T10:00:00Z"), records: 7, modified: None, bytes: 1 };
    let feed = state.shown(&source, Some(&known), at(now), SignedDuration::from_hours(1));
    assert_eq!(feed.records, 7, "what is known stays, whatever the state");
    (feed.state, feed.stale)
}

#[test]
fn a_feed_is_stale_when_three_refreshes_could_not_read_it() {
    let mut state = FeedState::default();
    assert_eq!(shown(&state, "2026-11-22T10:00:00Z"), (Word::NotRead, true));
    state.good = Some(at("2026-11-22T10:00:00Z"));
    assert_eq!(shown(&state, "2026-11-22T13:00:00Z"), (Word::Good, false));
    assert_eq!(shown(&state, "2026-11-22T13:00:01Z"), (Word::Stale, true));
    state.fault = Some(Fault { kind: FaultKind::Unreachable, words: "down".into() });
    assert_eq!(shown(&state, "2026-11-22T11:00:00Z"), (Word::Unreachable, false));
    assert_eq!(shown(&state, "2026-11-22T14:00:00Z"), (Word::Unreachable, true));
    state.fault = None;
    state.last = Some(Reading { refused: 1, ..Reading::default() });
    assert_eq!(shown(&state, "2026-11-22T11:00:00Z"), (Word::InPart, false));
}

#[test]
fn what_is_kept_of_a_state_is_when_it_was_good_and_by_what_it_is_known() {
    let state = FeedState {
        good: Some(at("2026-11-22T10:00:00Z")),
        validators: Validators { etag: Some("\"x\"".into()), last_modified: None },
        fault: Some(Fault { kind: FaultKind::Malformed, words: "broken".into() }),
        ..FeedState::default()
    };
    let text = serde_json::to_string(&state.kept()).unwrap();
    let again = FeedState::restored(serde_json::from_str(&text).unwrap());
    assert_eq!((again.good, again.validators, again.fault), (state.good, state.validators, None));
}
