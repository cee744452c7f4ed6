//! Who stays and who goes.

use fanlight_base::Timestamp;

use super::*;
use crate::project::place::Known;
use crate::project::scale::Scale;

struct Thing {
    load: Load,
    bytes: u64,
}

impl Weighed for Thing {
    fn bytes(&self) -> u64 {
        self.bytes
    }
}

const LIMIT: u64 = 100_000;

fn shelf() -> (Arc<Scale>, Arc<Shelf<Thing>>) {
    let memory = Memory::new(LIMIT);
    (memory.scale().clone(), Shelf::on(&memory))
}

fn put(scale: &Arc<Scale>, shelf: &Shelf<Thing>, name: &str, bytes: usize) -> Arc<Thing> {
    let thing = Arc::new(Thing { load: Load::new(scale, bytes), bytes: bytes as u64 });
    let known = Known::new(thing.clone(), Timestamp::UNIX_EPOCH);
    shelf.place(name).settle(None, Ok(known), Timestamp::UNIX_EPOCH).unwrap_or_else(|error| panic!("{error}"));
    thing
}

fn is_there(shelf: &Shelf<Thing>, name: &str) -> bool {
    shelf.spots.read().contains_key(name)
}

#[test]
fn what_was_asked_for_longest_ago_goes_first() {
    let (scale, shelf) = shelf();
    for name in ["a", "b", "c", "d"] {
        drop(put(&scale, &shelf, name, 20_000));
    }
    shelf.place("a");
    shelf.memory.make_room();
    assert_eq!(shelf.len(), 4, "under the limit nothing goes");
    drop(put(&scale, &shelf, "e", 25_000));
    shelf.memory.make_room();
    let left: Vec<&str> = ["a", "b", "c", "d", "e"].into_iter().filter(|name| is_there(&shelf, name)).collect();
    assert_eq!(left, ["a", "c", "d", "e"]);
    assert!(scale.bytes() <= LIMIT - LIMIT / 10, "a tenth is left free: {}", scale.bytes());
}

#[test]
fn what_is_being_served_stays_and_counts() {
    let (scale, shelf) = shelf();
    let served = put(&scale, &shelf, "served", 60_000);
    let in_hand = shelf.place("in-hand");
    drop(put(&scale, &shelf, "idle", 30_000));
    drop(put(&scale, &shelf, "last", 40_000));
    shelf.memory.make_room();
    assert!(is_there(&shelf, "served") && is_there(&shelf, "in-hand") && is_there(&shelf, "last"));
    assert!(!is_there(&shelf, "idle"));
    assert!(Arc::ptr_eq(&in_hand, &shelf.place("in-hand")), "never a second place for one name");
    shelf.place("last");
    assert!(scale.bytes() > LIMIT, "what is served cannot go: {}", scale.bytes());
    drop(served);
    shelf.memory.make_room();
    assert!(!is_there(&shelf, "served") && scale.bytes() < LIMIT, "{}", scale.bytes());
}

#[test]
fn what_was_asked_for_last_stays_however_large() {
    let (scale, shelf) = shelf();
    drop(put(&scale, &shelf, "small", 1000));
    drop(put(&scale, &shelf, "large", 500_000));
    shelf.memory.make_room();
    assert!(is_there(&shelf, "large") && !is_there(&shelf, "small"));
}

#[test]
fn names_that_nobody_has_are_bounded_too() {
    let (scale, shelf) = shelf();
    for n in 0..10_000 {
        shelf.place(&format!("no-such-project-{n}"));
        shelf.memory.make_room();
        assert!(scale.bytes() <= LIMIT + 1000);
    }
    assert!(shelf.len() > 50, "{}", shelf.len());
}

#[test]
fn pages_written_later_count() {
    let (scale, shelf) = shelf();
    let thing = put(&scale, &shelf, "a", 10);
    let before = scale.bytes();
    thing.load.add(5000);
    assert_eq!(scale.bytes(), before + 5000);
    drop(put(&scale, &shelf, "b", 10));
    drop(thing);
    drop(shelf);
    assert_eq!(scale.bytes(), 0, "nothing stays on the scale that is gone");
}

#[test]
fn doors_share_the_memory_and_what_was_asked_for_longest_ago_goes_first_whichever_it_is_of() {
    let (scale, first) = shelf();
    let second = Shelf::<Thing>::on(&first.memory);
    drop(put(&scale, &first, "oldest", 40_000));
    drop(put(&scale, &second, "older", 40_000));
    drop(put(&scale, &first, "newer", 10_000));
    drop(put(&scale, &second, "newest", 30_000));
    first.memory.make_room();
    assert!(!is_there(&first, "oldest") && is_there(&second, "older"));
    assert!(is_there(&first, "newer") && is_there(&second, "newest"));
}
