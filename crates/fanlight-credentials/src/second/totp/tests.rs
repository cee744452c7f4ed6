//! Codes by time, against the vectors of both RFCs.

use proptest::prelude::*;

use super::*;

/// The secret of both RFCs' vectors.
const RFC: TotpSecret = TotpSecret::from_bytes(*b"12345678901234567890");

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

#[test]
fn the_vectors_of_rfc_6238_hold() {
    // Appendix B, the rows of SHA-1.
    for (second, code) in [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ] {
        assert_eq!(RFC.code(second / PERIOD_SECONDS, 8), code);
        let now = at(i64::try_from(second).unwrap());
        assert_eq!(RFC.check(&code[2..], now, None), Ok(second / PERIOD_SECONDS));
    }
}

#[test]
fn the_vectors_of_rfc_4226_hold() {
    // Appendix D.
    let codes = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
    for (step, code) in (0..).zip(codes) {
        assert_eq!(RFC.code(step, 6), code);
    }
}

#[test]
fn a_clock_may_be_one_step_away_and_no_more() {
    let code = RFC.code(1000, 6);
    for (step, taken) in [(998, false), (999, true), (1000, true), (1001, true), (1002, false)] {
        assert_eq!(RFC.check(&code, at(step * 30 + 29), None).is_ok(), taken, "{step}");
    }
}

#[test]
fn each_code_is_good_once_and_none_before_it() {
    let now = at(1000 * 30);
    let used = RFC.check(&RFC.code(1000, 6), now, None).unwrap();
    assert_eq!(RFC.check(&RFC.code(1000, 6), now, Some(used)), Err(CodeFault::Used));
    assert_eq!(RFC.check(&RFC.code(999, 6), now, Some(used)), Err(CodeFault::Used), "an older one is no way around it");
    assert_eq!(RFC.check(&RFC.code(1001, 6), now, Some(used)), Ok(1001));
}

#[test]
fn what_is_no_code_is_told_apart_from_a_wrong_one() {
    let code = RFC.code(1000, 6);
    let now = at(30_000);
    assert_eq!(RFC.check(&format!("{} {}", &code[..3], &code[3..]), now, None), Ok(1000), "as apps show it");
    for shown in ["", "12345", "1234567", "12345a", "１２３４５６", "-12345", "123456\n"] {
        assert_eq!(RFC.check(shown, now, None), Err(CodeFault::Malformed), "{shown:?}");
    }
    assert_eq!(RFC.check("000000", now, None), Err(CodeFault::Wrong));
}

#[test]
fn the_address_is_as_apps_read_it() {
    let uri = RFC.uri("Fanlight & Co", "ada@engines.example");
    assert_eq!(
        uri.expose_secret(),
        "otpauth://totp/Fanlight%20%26%20Co:ada%40engines.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
         &issuer=Fanlight%20%26%20Co&algorithm=SHA1&digits=6&period=30"
    );
    assert!(!format!("{:?}", TotpSecret::make().unwrap()).contains('['), "a secret does not print");
    assert_ne!(TotpSecret::make().unwrap().bytes(), TotpSecret::make().unwrap().bytes());
}

proptest! {
    #[test]
    fn any_text_is_judged_without_panic(shown in ".{0,12}", second in any::<i32>(), used in any::<Option<u64>>()) {
        let _ = RFC.check(&shown, at(i64::from(second)), used);
    }

    #[test]
    fn no_code_is_taken_twice(steps in proptest::collection::vec(1_000_u64..1_010, 1..30), now in 1_000_u64..1_010) {
        let mut used = None;
        let mut taken = Vec::new();
        for step in steps {
            if let Ok(step) = RFC.check(&RFC.code(step, 6), at(i64::try_from(now * 30).unwrap()), used) {
                prop_assert!(!taken.contains(&step));
                taken.push(step);
                used = Some(step);
            }
        }
    }
}
