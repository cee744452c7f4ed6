use super::*;

fn checked(good: bool, found: Found) -> Checked {
    Checked { ledger: "/srv/fanlight/ledger".into(), good, origin: Some("fanlight/0a1b2c3d".to_owned()), found }
}

#[test]
fn what_holds_and_what_does_not_as_a_person_sees_it() {
    let root = "67b2a909f01c4141".repeat(4);
    let holds = checked(true, Found::Holds { records: 1_234_567, signed: 1_234_560, root, torn: true });
    let flaw = |number| Flaw { file: format!("tile/0/{number:03}"), what: "it was changed".to_owned() };
    let flawed = checked(false, Found::Flawed { flaws: (0..22).map(flaw).collect(), unlisted: 3 });
    insta::assert_snapshot!(crate::cli::tests::shown(|screen| {
        show(screen, &holds)?;
        show(screen, &flawed)
    }));
    insta::assert_snapshot!("for_programs", serde_json::to_string_pretty(&holds).unwrap());
}
