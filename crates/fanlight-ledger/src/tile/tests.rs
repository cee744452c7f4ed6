use proptest::prelude::*;

use super::*;

#[test]
fn paths_are_those_of_the_specification() {
    assert_eq!(Tile::full(Kind::Level(0), 1_234_067).path(), "tile/0/x001/x234/067");
    assert_eq!(Tile::full(Kind::Entries, 0).path(), "tile/entries/000");
    assert_eq!(Tile { kind: Kind::Level(1), index: 1000, width: 17 }.path(), "tile/1/x001/000.p/17");
}

#[test]
fn a_path_reads_back_only_in_its_one_form() {
    let bad = [
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/0000",
        "tile/00/000",
        "tile/+0/000",
        "tile/64/000",
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/1/2",
        "tile/0/000.p/1/000",
        "tile/entries/-01",
        "tile/0/../0/000",
        "/tile/0/000",
        "tile/0/x99999999999999999999/000",
    ];
    for path in bad {
        assert_eq!(Tile::from_path(path), None, "{path}");
    }
}

#[test]
fn a_size_has_the_tiles_that_the_specification_counts() {
    // "a tree of size 70,000 will be represented by 273 full level 0 tiles, one partial level 0 tile of width 112, one
    // full level 1 tile, one partial level 1 tile of width 17, and one partial level 2 tile of width 1"
    assert_eq!((full_count(Kind::Level(0), 70_000), full_count(Kind::Level(1), 70_000)), (273, 1));
    let partial = |kind, index, width| Tile { kind, index, width };
    assert_eq!(
        partials(70_000),
        [
            partial(Kind::Entries, 273, 112),
            partial(Kind::Level(0), 273, 112),
            partial(Kind::Level(1), 1, 17),
            partial(Kind::Level(2), 0, 1),
        ]
    );
    assert_eq!(partials(256), [partial(Kind::Level(1), 0, 1)]);
    assert_eq!(partials(0), []);
    assert_eq!((levels(0), levels(1), levels(255), levels(256), levels(u64::MAX)), (0, 1, 1, 2, 8));
}

#[test]
fn a_bundle_that_is_not_exactly_its_entries_is_refused() {
    let mut bundle = Vec::new();
    assert!(encode_entry(&mut bundle, b"one") && encode_entry(&mut bundle, b""));
    assert_eq!(decode_entries(&bundle, 2), Some(vec![&b"one"[..], b""]));
    for (bytes, width) in [(&bundle[..], 1), (&bundle[..], 3), (&bundle[..bundle.len() - 1], 2), (&bundle[..4], 1)] {
        assert_eq!(decode_entries(bytes, width), None);
    }
    assert_eq!(decode_entries(&[bundle.as_slice(), &[0]].concat(), 2), None);
    let mut long = Vec::new();
    assert!(encode_entry(&mut long, &[7; ENTRY_BYTES]));
    assert!(!encode_entry(&mut long, &[7; ENTRY_BYTES + 1]), "what 16 bits cannot say is not written");
    assert_eq!(decode_entries(&long, 1).map(|entries| entries[0].len()), Some(ENTRY_BYTES));
}

proptest! {
    #[test]
    fn every_tile_has_one_path(level in 0_u8..64, index in any::<u64>(), width in 1..=WIDTH, is_entries in any::<bool>()) {
        let kind = if is_entries { Kind::Entries } else { Kind::Level(level) };
        let tile = Tile { kind, index, width };
        prop_assert_eq!(Tile::from_path(&tile.path()), Some(tile));
    }

    #[test]
    fn entries_read_back(entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..20)) {
        let mut bundle = Vec::new();
        for entry in &entries {
            prop_assert!(encode_entry(&mut bundle, entry));
        }
        let read = decode_entries(&bundle, entries.len() as u64).unwrap();
        prop_assert_eq!(read, entries.iter().map(Vec::as_slice).collect::<Vec<_>>());
    }

    #[test]
    fn any_bytes_are_judged_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), width in 0..300_u64) {
        let _ = decode_entries(&bytes, width);
        let _ = decode_hashes(&bytes, width);
    }
}
