//! The life of a session.

use proptest::prelude::*;

use super::*;

const HOUR: Duration = Duration::from_secs(3600);

fn start() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

fn after(time: Duration) -> Timestamp {
    start() + time
}

fn session() -> (Secret<String>, Session) {
    Session::begin(PersonId::new("prs_ada"), false, start()).unwrap()
}

#[test]
fn only_the_browser_has_what_finds_a_session() {
    let (secret, session) = session();
    assert_eq!(SessionKey::of_shown(secret.expose_secret()), Some(session.key));
    let kept = format!("{session:?}");
    assert!(!kept.contains(secret.expose_secret().as_str()));
    let (other, another) = self::session();
    assert_ne!(session.key, another.key);
    assert_eq!(secret.expose_secret().len(), other.expose_secret().len());
}

#[test]
fn what_is_no_secret_finds_nothing() {
    let (secret, _) = session();
    let secret = secret.expose_secret();
    let spelled_otherwise = format!("{}{}", &secret[..42], if secret.ends_with('B') { 'C' } else { 'B' });
    for shown in [
        "",
        &secret[..42],
        &format!("{secret}="),
        &format!("{secret}A"),
        &secret.replace(&secret[3..4], "+"),
        &spelled_otherwise,
    ] {
        assert_eq!(SessionKey::of_shown(shown), None, "{shown}");
    }
}

#[test]
fn a_session_ends_when_it_is_not_used_and_when_it_is_old() {
    let lifetime = Lifetime::default();
    let (_, mut session) = session();
    let ms = Duration::from_millis(1);
    assert_eq!(session.standing(lifetime, after(12 * HOUR - ms)), Ok(()));
    assert_eq!(session.standing(lifetime, after(12 * HOUR)), Err(SessionEnd::Idle));
    assert_eq!(session.ends(lifetime), after(12 * HOUR));
    for hours in (6..7 * 24).step_by(6) {
        assert_eq!(session.standing(lifetime, after(hours * HOUR)), Ok(()));
        assert!(session.used(after(hours * HOUR)));
    }
    assert_eq!(session.ends(lifetime), after(7 * 24 * HOUR));
    assert_eq!(session.standing(lifetime, after(7 * 24 * HOUR)), Err(SessionEnd::Old), "use does not put this off");
}

#[test]
fn step_up_gives_a_new_secret_and_no_longer_life() {
    let (secret, session) = session();
    let later = after(5 * HOUR);
    assert!(!session.fresh(Lifetime::default(), start()), "a login without a second factor has none that is fresh");
    let (new, stepped) = session.stepped_up(later).unwrap();
    assert_ne!(new.expose_secret(), secret.expose_secret());
    assert_ne!(stepped.key, session.key);
    assert_eq!((stepped.begun, &stepped.person), (session.begun, &session.person));
    let (lifetime, minutes) = (Lifetime::default(), Duration::from_secs(60));
    assert!(stepped.fresh(lifetime, later) && stepped.fresh(lifetime, later + 9 * minutes));
    assert!(!stepped.fresh(lifetime, later + 10 * minutes));
}

#[test]
fn a_clock_that_went_back_gives_nobody_more_time() {
    let (_, session) = Session::begin(PersonId::new("prs_ada"), true, start()).unwrap();
    let back = |seconds| start() - Duration::from_secs(seconds);
    assert_eq!(session.standing(Lifetime::default(), back(300)), Ok(()));
    assert_eq!(session.standing(Lifetime::default(), back(301)), Err(SessionEnd::Future));
    assert!(!session.fresh(Lifetime::default(), back(1)));
    assert!(session.fresh(Lifetime::default(), start()));
}

#[test]
fn use_is_written_once_a_minute() {
    let (_, mut session) = session();
    let uses = (0..600).filter(|second| session.used(after(Duration::from_secs(*second)))).count();
    assert_eq!(uses, 9);
}

proptest! {
    #[test]
    fn no_session_stands_longer_than_its_life(steps in proptest::collection::vec(0_u64..100_000, 1..200)) {
        let lifetime = Lifetime::default();
        let (_, mut session) = session();
        let mut now = start();
        for step in steps {
            now += Duration::from_secs(step);
            if session.standing(lifetime, now).is_err() {
                break;
            }
            prop_assert!(age(start(), now) < lifetime.absolute);
            prop_assert!(now < session.ends(lifetime));
            session.used(now);
        }
    }

    #[test]
    fn any_text_is_judged_without_panic(shown in ".{0,60}") {
        let _ = SessionKey::of_shown(&shown);
    }
}
