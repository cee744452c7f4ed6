//! From a link to an account, and from an account to sessions, by example and by a clock that is set. Passwords are hashed at
//! the real cost.

use std::net::Ipv4Addr;

use fanlight_base::clock::FixedClock;
use fanlight_base::{Role, Strength, Timestamp};
use fanlight_store::{LeftRows, Store};
use ring::hmac;

use super::*;

fn beginning<'a>(browser: &'a str, mark: Option<&'a str>) -> Beginning<'a> {
    const BY: &LoggedInBy = &LoggedInBy(By::Link);
    Beginning { browser, mark, second_factor: true, by: BY, tell_by: &["mail", "webhook"] }
}

use crate::error::IdentifyError;

const PEER: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const PASSWORD: &str = "ochre tuba folding Tuesday";

struct Bench {
    _dir: tempfile::TempDir,
    clock: Arc<FixedClock>,
    identity: Identity,
}

fn at(minutes: i64) -> Timestamp {
    "2026-11-22T01:00:00Z".parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_mins(minutes)
}

fn code(secret: &str, now: Timestamp) -> String {
    let (mut bits, mut count, mut key) = (0_u32, 0, Vec::new());
    for letter in secret.bytes() {
        bits = bits << 5 | u32::from(if letter.is_ascii_digit() { letter - b'2' + 26 } else { letter - b'A' });
        count += 5;
        if count >= 8 {
            count -= 8;
            key.push((bits >> count & 0xff) as u8);
        }
    }
    let mac =
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key), &(now.as_second() / 30).to_be_bytes());
    let mac = mac.as_ref();
    let start = usize::from(mac[19] & 0xf);
    let word = u32::from_be_bytes(mac[start..start + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", word % 1_000_000)
}

/// A bench with an account of asha's, and the secret of her app.
async fn bench() -> (Bench, PersonId, String) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("fanlight.db")).await.unwrap();
    let clock = Arc::new(FixedClock::new(at(0)));
    let identity = Identity::open(store, &dir.path().join("root.key"), clock.clone()).await.unwrap();
    let (link, _) = identity.make_link(None, Some(Role::Steward), None).await.unwrap();
    let opened = identity.look_at_link(link.expose_secret(), PEER).await.unwrap().unwrap();
    let secret = opened.secret.expose_secret().clone();
    let joining = Joining {
        link: link.expose_secret(),
        name: "asha",
        by: JoiningBy::Password { password: PASSWORD, ticket: &opened.ticket, code: &code(&secret, at(0)) },
    };
    let account = identity.draw_up_account(joining, PEER).await.unwrap().unwrap();
    let person = account.person().clone();
    identity.join(&account).await.unwrap().unwrap();
    (Bench { _dir: dir, clock, identity }, person, secret)
}

#[tokio::test]
async fn a_session_is_strong_for_ten_minutes_and_lives_as_long_as_it_may() {
    let (bench, person, secret) = bench().await;
    let begun = bench.identity.begin_session(&person, &beginning("Firefox on Linux", None)).await.unwrap();
    let known = async |secret: &fanlight_base::Secret<String>, minutes| {
        bench.clock.set(at(minutes));
        bench.identity.identify_session(secret.expose_secret(), PEER).await
    };
    assert_eq!(known(&begun.secret, 9).await.unwrap().strength, Strength::SteppedUp);
    let caller = known(&begun.secret, 10).await.unwrap();
    assert_eq!((caller.strength, caller.principal.person()), (Strength::Session, Some(&person)));
    let shown = code(&secret, at(10));
    assert_eq!(bench.identity.try_second_factor(&person, &shown, PEER).await.unwrap(), None);
    assert_eq!(bench.identity.try_second_factor(&person, &shown, PEER).await.unwrap(), Some(LogInFault::Wrong));
    let again = bench.identity.step_up(caller.session.as_ref().unwrap()).await.unwrap().unwrap();
    assert!(bench.identity.step_up(caller.session.as_ref().unwrap()).await.unwrap().is_none(), "once");
    assert!(
        matches!(known(&begun.secret, 10).await, Err(IdentifyError::SessionOver)),
        "its old secret is worth nothing"
    );
    assert_eq!(known(&again.secret, 19).await.unwrap().strength, Strength::SteppedUp);
    // Twelve hours without use end it, and seven days at all.
    assert!(known(&again.secret, 19 + 12 * 60).await.is_err());
    let mut minutes = 19;
    while minutes + 11 * 60 < 7 * 24 * 60 {
        minutes += 11 * 60;
        known(&again.secret, minutes).await.unwrap();
    }
    assert!(known(&again.secret, 7 * 24 * 60).await.is_err());
    bench.identity.sweep_sessions().await.unwrap();
    assert!(bench.identity.store().sessions_of(&person).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_end_counts_at_the_next_request() {
    let (bench, person, _) = bench().await;
    for ends in 0..3 {
        let begun = bench.identity.begin_session(&person, &beginning("x", None)).await.unwrap();
        let known = async || bench.identity.identify_session(begun.secret.expose_secret(), PEER).await;
        let session = known().await.unwrap().session.clone().unwrap();
        match ends {
            0 => assert!(bench.identity.end_session(&person, &session.id).await.unwrap()),
            1 => assert_eq!(bench.identity.end_sessions(&person).await.unwrap(), 1),
            _ => {
                let left = bench.identity.leave(&person).await.unwrap();
                assert_eq!(left, LeftRows { account: true, sessions: 1, tokens: 0 });
            }
        }
        assert!(matches!(known().await, Err(IdentifyError::SessionOver)), "{ends}");
    }
    let shown = LogIn { name: "asha", password: PASSWORD, code: "000000" };
    let tried = bench.identity.try_login(shown, PEER).await.unwrap();
    assert_eq!(
        tried,
        Tried { person: None, fault: Some(LogInFault::Wrong), by: LoggedInBy::default() },
        "who left is nobody any more"
    );
}

#[tokio::test]
async fn nonsense_is_no_session_and_costs_no_look() {
    let (bench, ..) = bench().await;
    for shown in ["", "x", &"a".repeat(43), &"a".repeat(10_000), "'; DROP TABLE sessions; --"] {
        assert!(
            matches!(bench.identity.identify_session(shown, PEER).await, Err(IdentifyError::SessionOver)),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn an_unknown_name_takes_as_long_as_a_known_one() {
    let (bench, ..) = bench().await;
    let time = async |name: &str| {
        let begin = std::time::Instant::now();
        let shown = LogIn { name, password: "wrong wrong wrong", code: "000000" };
        assert_eq!(bench.identity.try_login(shown, PEER).await.unwrap().fault, Some(LogInFault::Wrong));
        begin.elapsed()
    };
    time("warm").await;
    let (mut known, mut unknown) = (Duration::MAX, Duration::MAX);
    for _ in 0..4 {
        known = known.min(time("asha").await);
        unknown = unknown.min(time("nobody").await);
    }
    let (less, more) = (known.min(unknown), known.max(unknown));
    // On a busy machine one may wait for the other; without the hash it would be a hundredth.
    assert!(less > Duration::from_millis(5) && more < less * 5, "{known:?} against {unknown:?}");
}
