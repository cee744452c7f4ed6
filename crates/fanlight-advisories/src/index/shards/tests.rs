use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

#[test]
fn a_copy_shares_what_did_not_change() {
    let mut old = Shards::new();
    for key in 0..10_000 {
        old.insert(key, key);
    }
    let mut new = old.clone();
    assert_eq!(old.shared_with(&new), PARTS);
    new.insert(7, 70);
    new.remove(&10_000);
    assert_eq!(old.shared_with(&new), PARTS - 1, "the part of the one entry that changed is copied");
    assert_eq!((old.get(&7), new.get(&7)), (Some(&7), Some(&70)));
}

proptest! {
    #[test]
    fn it_is_a_map(steps in prop::collection::vec((any::<bool>(), 0..50_u8, any::<u8>()), 0..200)) {
        let (mut map, mut model) = (Shards::new(), BTreeMap::new());
        for (put, key, value) in steps {
            if put {
                map.insert(key, value);
                model.insert(key, value);
            } else {
                map.remove(&key);
                model.remove(&key);
            }
        }
        prop_assert_eq!(map.iter().map(|(k, v)| (*k, *v)).collect::<BTreeMap<_, _>>(), model);
    }
}
