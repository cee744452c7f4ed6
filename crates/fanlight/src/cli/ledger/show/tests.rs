use super::*;

#[test]
fn a_time_is_read_as_people_write_it() {
    let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
    let read = |text| since_at(text, now).unwrap().to_string();
    assert_eq!(read("2026-11-22T09:30:00Z"), "2026-11-22T09:30:00Z");
    assert_eq!(read("2026-11-20"), "2026-11-20T00:00:00Z");
    assert_eq!(read("90m"), "2026-11-22T08:30:00Z");
    assert_eq!(read("2d"), "2026-11-20T10:00:00Z");
    for bad in ["", "h", "soon", "-2h", "2 weeks", "99999999999999999999d", "9223372036854775807d", "ä"] {
        assert!(since_at(bad, now).is_err(), "{bad:?} was taken for a time");
    }
}
