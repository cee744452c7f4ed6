//! Lists as spreadsheets write them.

use super::*;

fn groups(names: &[&str]) -> Option<BTreeSet<String>> {
    Some(names.iter().map(|name| (*name).to_owned()).collect())
}

#[test]
fn a_list_is_read_as_spreadsheets_write_it() {
    let text = "\u{feff}Name,Office,GROUPS,Active\r\n\"Rao, Asha\", Rome ,finance;eu-staff,yes\r\nben,,,\r\ncleo,,\"a b\",No\r\n";
    let list = List::read(text).unwrap();
    assert_eq!((list.left_out, list.refused), (vec!["Office".to_owned()], vec![]));
    assert_eq!(
        list.lines,
        [
            Line { number: 2, name: "Rao, Asha".into(), groups: groups(&["eu-staff", "finance"]), active: true },
            Line { number: 3, name: "ben".into(), groups: groups(&[]), active: true },
            Line { number: 4, name: "cleo".into(), groups: groups(&["a", "b"]), active: false },
        ]
    );
    let bare = List::read("name\nasha\n").unwrap();
    assert_eq!(bare.lines[0].groups, None, "without the column nobody's groups are touched");
}

#[test]
fn each_line_that_means_nothing_is_named() {
    let text = "name,groups,active\n,x,\nasha,Finance,\nben,,perhaps\nprs_abc,,\ncleo,,\nCleo,,\n";
    let list = List::read(text).unwrap();
    let lines: Vec<_> = list.refused.iter().map(|refused| refused.line).collect();
    assert_eq!((lines, list.lines.len()), (vec![2, 3, 4, 5, 7], 1));
    assert!(list.refused[4].why.contains("line 6"), "{:?}", list.refused);
    for none in ["", "names\nasha\n", "\u{0}"] {
        assert!(List::read(none).unwrap_err().contains("no column `name`"), "{none:?}");
    }
    let many = format!("name\n{}", "x\n".repeat(limits::IMPORT_PEOPLE + 1));
    assert!(List::read(&many).unwrap_err().contains("in parts"));
}
