use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

fn leaf(i: u64) -> Hash {
    merkle::leaf_hash(&i.to_be_bytes())
}

/// Grows a tree of `size` and holds it against the definitions.
fn grow(size: u64) {
    let mut edge = Edge::default();
    let mut tiles: HashMap<Tile, Vec<Hash>> = HashMap::new();
    let leaves: Vec<Hash> = (0..size).map(leaf).collect();
    for hash in &leaves {
        edge.push(*hash, |tile, hashes| drop(tiles.insert(tile, hashes.to_vec())));
    }
    assert_eq!(edge.root(), merkle::root_of(&leaves));
    assert_eq!(edge.size(), size);
    for level in 0..tile::levels(size) {
        let kind = Kind::Level(level);
        assert_eq!(tiles.keys().filter(|tile| tile.kind == kind).count() as u64, tile::full_count(kind, size));
    }
    // MTH(D[(n * 256 + i) * 256**l : (n * 256 + i + 1) * 256**l])
    for (tile, hashes) in &tiles {
        let Kind::Level(level) = tile.kind else { panic!("an edge makes no bundles") };
        let span = 1_usize << (8 * level);
        for (place, hash) in hashes.iter().enumerate() {
            let start = (tile.index as usize * 256 + place) * span;
            assert_eq!(*hash, merkle::root_of(&leaves[start..start + span]));
        }
    }
    // Read back from its partial tiles it is the same and grows on.
    let mut read = Edge::load(size, |tile| {
        let Kind::Level(level) = tile.kind else { return Err("no bundle is asked for") };
        let hashes = edge.level(level).to_vec();
        (hashes.len() as u64 == tile.width).then_some(hashes).ok_or("as many hashes as the width")
    })
    .unwrap();
    assert_eq!(read.root(), edge.root());
    read.push(leaf(size), |_, _| {});
    assert_eq!(read.root(), merkle::root_of(&[leaves, vec![leaf(size)]].concat()));
}

#[test]
fn a_tree_of_three_levels_is_that_of_the_specification() {
    grow(65_536 + 256 + 1);
}

#[test]
fn trees_around_a_full_tile_are_those_of_the_specification() {
    [0, 1, 2, 255, 256, 257, 511, 512, 513].into_iter().for_each(grow);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_tree_is_that_of_the_specification(size in 0_u64..2000) {
        grow(size);
    }
}
