#![expect(clippy::single_range_in_vec_init, reason = "a segment of one frame is meant")]

use proptest::prelude::*;

use super::*;

const LOG: Hash = [9; HASH_BYTES];

fn header(sequence: u64, first: u64, published: u64) -> Header {
    Header { sequence, first, published, root: [published as u8; HASH_BYTES], log: LOG }
}

fn entry(i: u64) -> Vec<u8> {
    format!("record {i}").into_bytes()
}

/// A segment with one frame for each range.
fn segment(header: &Header, frames: &[std::ops::Range<u64>]) -> (String, Vec<u8>) {
    let (mut bytes, mut frame) = (header.encode(), Vec::new());
    for range in frames {
        encode_frame(&mut frame, range.start, &range.clone().map(entry).collect::<Vec<_>>());
        bytes.extend_from_slice(&frame);
    }
    (name(header.sequence), bytes)
}

fn entries(range: std::ops::Range<u64>) -> Vec<Vec<u8>> {
    range.map(entry).collect()
}

#[test]
fn a_row_of_segments_gives_its_records_in_order() {
    let row = [
        segment(&header(4, 10, 3), &[10..12, 12..13]),
        segment(&header(5, 13, 12), &[]),
        segment(&header(6, 13, 12), &[13..20]),
    ];
    let replayed = replay(&row, &LOG).unwrap().unwrap();
    assert_eq!((replayed.first, replayed.end(), replayed.oldest, replayed.sequence), (10, 20, 4, 6));
    assert_eq!(replayed.entries, entries(10..20));
    assert_eq!((replayed.published, replayed.cut), ((12, [12; HASH_BYTES]), None));
    assert!(replay(&[], &LOG).unwrap().is_none());
}

#[test]
fn what_was_written_and_refused_gives_way_to_the_next_segment() {
    // The sync of 12..15 failed; of what was torn or whole of it, the next segment's records take the place.
    let (name, whole) = segment(&header(1, 10, 0), &[10..12, 12..15]);
    let next = segment(&header(2, 12, 0), &[12..13]);
    let acknowledged = segment(&header(1, 10, 0), &[10..12]).1.len();
    for length in acknowledged..=whole.len() {
        let row = [(name.clone(), whole[..length].to_vec()), next.clone()];
        let replayed = replay(&row, &LOG).unwrap().unwrap();
        assert_eq!((replayed.entries, replayed.cut), (entries(10..13), None));
    }
}

#[test]
fn a_segment_that_holds_all_again_stands_for_what_is_left_of_older_ones() {
    // A start wrote 10..30 anew and was killed while it removed the segments before: those from 10 on were gone already.
    let row = [
        segment(&header(6, 20, 10), &[20..25]),
        segment(&header(7, 25, 10), &[25..30]),
        segment(&header(8, 10, 10), &[10..30]),
        segment(&header(9, 30, 30), &[30..31]),
    ];
    for removed in 0..row.len() {
        let replayed = replay(&row[removed..], &LOG).unwrap().unwrap();
        let first = if removed < 3 { 10 } else { 30 };
        assert_eq!((replayed.first, replayed.entries), (first, entries(first..31)), "{removed} removed");
    }
}

#[test]
fn a_torn_end_is_cut_whole_wherever_it_is_torn() {
    let (name, whole) = segment(&header(1, 0, 0), &[0..3, 3..9]);
    let kept = segment(&header(1, 0, 0), &[0..3]).1.len();
    for length in kept..whole.len() {
        let replayed = replay(&[(name.clone(), whole[..length].to_vec())], &LOG).unwrap().unwrap();
        assert_eq!(replayed.entries, entries(0..3), "torn at {length}");
        assert_eq!(replayed.cut.is_some(), length > kept);
        // A machine that lost power may also have left anything in the last blocks.
        let mut blank = whole.clone();
        blank[length..].fill(0);
        let replayed = replay(&[(name.clone(), blank)], &LOG).unwrap().unwrap();
        assert_eq!(replayed.entries, entries(0..3), "blank from {length}");
    }
}

#[test]
fn damage_anywhere_else_is_told_and_never_cut() {
    let (name, whole) = segment(&header(1, 0, 0), &[0..3, 3..6, 6..9]);
    let last = segment(&header(1, 0, 0), &[0..3, 3..6]).1.len();
    for at in 0..last {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x40;
        let error = replay(&[(name.clone(), damaged)], &LOG).unwrap_err();
        match error {
            TailError::Header { .. } => assert!(at < Header::BYTES),
            TailError::Damaged { record, .. } => assert!(record == 0 || record == 3, "{error}"),
            other => panic!("byte {at}: {other}"),
        }
    }
    // In a segment that another follows even the last frame had been synced.
    let row = [segment(&header(1, 0, 0), &[0..3]), segment(&header(2, 3, 0), &[])];
    for at in 0..row[0].1.len() {
        let mut damaged = row.clone();
        damaged[0].1[at] ^= 1;
        assert!(replay(&damaged, &LOG).is_err(), "byte {at}");
        damaged[0].1.truncate(at);
        assert!(replay(&damaged, &LOG).is_err(), "cut at byte {at}");
    }
}

#[test]
fn missing_and_foreign_segments_are_told() {
    let row =
        [segment(&header(1, 0, 0), &[0..3]), segment(&header(2, 3, 0), &[3..5]), segment(&header(3, 5, 0), &[5..6])];
    let without_middle = [row[0].clone(), row[2].clone()];
    let error = replay(&without_middle, &LOG).unwrap_err();
    assert_eq!(error, TailError::MissingSegment { missing: name(2) });
    let error = replay(&row, &[8; HASH_BYTES]).unwrap_err();
    assert_eq!(error, TailError::OtherLog { segment: name(1) });
    let renamed = [(name(7), row[0].1.clone())];
    assert_eq!(replay(&renamed, &LOG).unwrap_err(), TailError::Header { segment: name(7) });
    let stranger = [("notes.txt".to_owned(), b"hello".to_vec())];
    assert!(matches!(replay(&stranger, &LOG).unwrap_err(), TailError::Header { .. }));
    let replayed = replay(&row[1..], &LOG).unwrap().unwrap();
    assert!(matches!(replayed.check_covers(2), Err(TailError::MissingRecords { from: 2, to: 3, .. })));
    assert!(matches!(replayed.check_covers(7), Err(TailError::Behind { end: 6, published: 7 })));
    assert_eq!(replayed.check_covers(6), Ok(()));
}

proptest! {
    #[test]
    fn any_bytes_are_judged_without_panic(body in prop::collection::vec(any::<u8>(), 0..300), at in any::<prop::sample::Index>()) {
        let (name, mut bytes) = segment(&header(1, 0, 0), &[0..2]);
        let at = at.index(bytes.len());
        bytes.splice(at.., body);
        let _ = replay(&[(name, bytes)], &LOG);
    }

    #[test]
    fn records_of_any_content_read_back(records in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..20)) {
        let (mut bytes, mut frame) = (header(1, 5, 0).encode(), Vec::new());
        encode_frame(&mut frame, 5, &records);
        bytes.extend_from_slice(&frame);
        let replayed = replay(&[(name(1), bytes)], &LOG).unwrap().unwrap();
        prop_assert_eq!(replayed.entries, records);
    }
}
