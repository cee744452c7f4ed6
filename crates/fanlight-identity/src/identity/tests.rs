//! Callers known and refused, from the outside of the crate's API, on a real store.

mod erasing;

use std::net::Ipv4Addr;
use std::time::Instant;

use fanlight_base::DeviceId;
use fanlight_base::clock::FixedClock;
use fanlight_base::limits;

use super::*;
use crate::{IssueError, Issued, RootKeyError, ShownToken};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
pub(crate) const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));

pub(crate) struct Bench {
    dir: tempfile::TempDir,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) store: Store,
    pub(crate) identity: Identity,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("fanlight.db")).await.unwrap();
        let clock = Arc::new(FixedClock::new("2026-11-22T01:02:03Z".parse().unwrap()));
        let identity = Identity::open(store.clone(), &dir.path().join("root.key"), clock.clone()).await.unwrap();
        Self { dir, clock, store, identity }
    }

    pub(crate) async fn issue(&self) -> Issued {
        self.identity.issue_device("Ada Lovelace", "analytical-engine").await.unwrap()
    }

    pub(crate) async fn show(&self, token: &str, peer: IpAddr) -> Result<Arc<Caller>, IdentifyError> {
        self.identity.identify(Shown::Bearer(ShownToken(token)), peer).await
    }

    async fn nothing(&self, peer: IpAddr) -> Result<Arc<Caller>, IdentifyError> {
        self.identity.identify(Shown::Nothing, peer).await
    }

    /// What the caller's records seal.
    pub(crate) async fn personal(&self, caller: &Caller) -> Option<Personal> {
        let (key, data) = sealed(caller);
        self.identity.open_sealed(&key, &data).await.unwrap()
    }
}

fn sealed(caller: &Caller) -> (String, String) {
    let who: serde_json::Value = serde_json::from_str(caller.who.get()).unwrap();
    let text = |name: &str| who["sealed"][name].as_str().unwrap().to_owned();
    (text("key"), text("data"))
}

#[tokio::test]
async fn a_device_token_names_person_and_machine_and_seals_them() {
    let bench = Bench::new().await;
    let issued = bench.issue().await;
    let caller = bench.show(issued.token.expose_secret(), ELSEWHERE).await.unwrap();
    assert_eq!(caller.principal, Principal::Person { id: issued.person.clone(), device: Some(issued.device.clone()) });
    assert_eq!(caller.strength, Strength::DeviceToken);
    let who = caller.who.get();
    assert!(who.contains(issued.person.as_str()) && who.contains(issued.device.as_str()));
    for personal in ["Ada", "Lovelace", "analytical", "192.0.2.7"] {
        assert!(!who.contains(personal), "{personal} is in clear in {who}");
    }
    assert_eq!(sealed(&caller).0, format!("{}/2026-11", issued.person));
    let personal = Personal {
        person: Some("Ada Lovelace".into()),
        machine: Some("analytical-engine".into()),
        address: Some("192.0.2.7".into()),
    };
    assert_eq!(bench.personal(&caller).await, Some(personal.clone()));

    // Offline, beside the running node, the same.
    let beside = Store::open_read_only(bench.store.path()).await.unwrap();
    let reader = SealedReader::open(beside, &bench.dir.path().join("root.key")).unwrap();
    let (key, data) = sealed(&caller);
    assert_eq!(reader.open_sealed(&key, &data).await.unwrap(), Some(personal));
}

#[tokio::test]
async fn without_a_token_only_this_machine_is_served() {
    let bench = Bench::new().await;
    for here in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
        let caller = bench.nothing(here.parse().unwrap()).await.unwrap();
        assert_eq!((&caller.principal, caller.strength), (&Principal::Unidentified, Strength::None));
        assert_eq!(sealed(&caller).0, "unidentified/2026-11");
    }
    for away in ["192.0.2.7", "10.0.0.1", "2001:db8::1", "::ffff:10.0.0.1", "0.0.0.0", "::"] {
        assert!(matches!(bench.nothing(away.parse().unwrap()).await, Err(IdentifyError::NotLoopback)), "{away}");
    }
}

#[tokio::test]
async fn nobody_has_an_address_that_is_sealed_and_is_never_let_in_for_it() {
    let bench = Bench::new().await;
    let away = "192.0.2.7".parse().unwrap();
    let nobody = bench.identity.nobody(away).await.unwrap();
    assert_eq!((&nobody.principal, nobody.strength), (&Principal::Unidentified, Strength::None));
    assert_eq!(sealed(&nobody).0, "unidentified/2026-11");
    assert!(!nobody.who.get().contains("192.0.2.7"), "{}", nobody.who);
    assert!(matches!(bench.nothing(away).await, Err(IdentifyError::NotLoopback)), "remembered as somebody");
}

#[tokio::test]
async fn a_wrong_token_is_refused_and_says_nothing_of_what_was_wrong() {
    let bench = Bench::new().await;
    let issued = bench.issue().await;
    let token = issued.token.expose_secret();
    let with_checksum = |start: &str| format!("{start}_{:08x}", crc32fast::hash(start.as_bytes()));
    let (id, secret) = (&token[4..20], &token[21..85]);
    let wrong_secret = with_checksum(&format!("flk_{id}_{}", "0".repeat(64)));
    let wrong_id = with_checksum(&format!("flk_aaaaaaaaaaaaaaaa_{secret}"));
    let operator = format!("flo_{}", "0".repeat(64));
    let mut said = Vec::new();
    for unknown in [&wrong_secret, &wrong_id, &operator] {
        let refused = bench.show(unknown, HERE).await.unwrap_err();
        assert!(matches!(refused, IdentifyError::Unknown), "{refused}");
        said.push(refused.to_string());
    }
    assert!(said.iter().all(|words| *words == said[0]), "the words differ: {said:?}");
    let broken = format!("{}{}", &token[..token.len() - 1], if token.ends_with('0') { '1' } else { '0' });
    assert!(matches!(bench.show(&broken, HERE).await, Err(IdentifyError::BadChecksum)));
    assert!(matches!(bench.show("password", HERE).await, Err(IdentifyError::Malformed(_))));
    // A token that is refused is no reason to be served as unidentified.
    assert!(matches!(bench.show("", HERE).await, Err(IdentifyError::Malformed(_))));
}

#[tokio::test]
async fn a_known_caller_needs_no_store() {
    let bench = Bench::new().await;
    let (issued, other) = (bench.issue().await, bench.issue().await);
    let first = bench.show(issued.token.expose_secret(), HERE).await.unwrap();
    let nobody = bench.nothing(HERE).await.unwrap();
    bench.store.close().await;
    assert!(Arc::ptr_eq(&first, &bench.show(issued.token.expose_secret(), HERE).await.unwrap()));
    assert!(Arc::ptr_eq(&nobody, &bench.nothing(HERE).await.unwrap()));
    // Whoever is not known yet cannot be looked up any more: the store is truly closed.
    let refused = bench.show(other.token.expose_secret(), HERE).await.unwrap_err();
    assert!(matches!(refused, IdentifyError::Store(_)));
    assert_eq!(refused.fault(), fanlight_base::Fault::Node);
    let start = Instant::now();
    for _ in 0..10_000 {
        bench.show(issued.token.expose_secret(), HERE).await.unwrap();
    }
    println!("{:?} for a known caller", start.elapsed() / 10_000);
    assert!(start.elapsed().as_secs() < 2);
}

#[tokio::test]
async fn another_address_or_month_is_another_caller() {
    let bench = Bench::new().await;
    let token = bench.issue().await.token;
    let november = bench.show(token.expose_secret(), HERE).await.unwrap();
    let elsewhere = bench.show(token.expose_secret(), ELSEWHERE).await.unwrap();
    assert_eq!(bench.personal(&elsewhere).await.unwrap().address.as_deref(), Some("192.0.2.7"));
    bench.clock.set("2026-12-01T00:00:00Z".parse().unwrap());
    let december = bench.show(token.expose_secret(), HERE).await.unwrap();
    assert_ne!(sealed(&november).0, sealed(&december).0);
    assert!(sealed(&december).0.ends_with("/2026-12"));
    assert!(bench.personal(&november).await.is_some());
}

#[tokio::test]
async fn a_revoked_token_is_refused_at_once_and_others_are_not() {
    let bench = Bench::new().await;
    let (one, two) = (bench.issue().await, bench.issue().await);
    for token in [&one, &two] {
        bench.show(token.token.expose_secret(), HERE).await.unwrap();
    }
    assert!(bench.identity.revoke_device(&one.device).await.unwrap());
    let refused = bench.show(one.token.expose_secret(), HERE).await.unwrap_err();
    assert!(matches!(refused, IdentifyError::Revoked));
    assert!(bench.show(two.token.expose_secret(), HERE).await.is_ok());
    assert!(!bench.identity.revoke_device(&one.device).await.unwrap());
    assert!(!bench.identity.revoke_device(&DeviceId::new("dev_nobody")).await.unwrap());
    let devices = bench.identity.store().devices().await.unwrap();
    assert_eq!(devices.iter().filter(|device| device.revoked.is_some()).count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_request_that_begins_after_a_revocation_is_served() {
    let bench = Arc::new(Bench::new().await);
    for round in 0..20 {
        let issued = bench.issue().await;
        let token = Arc::new(issued.token.clone());
        let callers: Vec<_> = (0..4_u8)
            .map(|n| {
                let (bench, token) = (bench.clone(), token.clone());
                // Different addresses: some are learned while the revocation is under way.
                let peer = IpAddr::V4(Ipv4Addr::new(192, 0, round, n));
                tokio::spawn(async move {
                    while bench.show(token.expose_secret(), peer).await.is_ok() {
                        tokio::task::yield_now().await;
                    }
                    peer
                })
            })
            .collect();
        tokio::time::sleep(std::time::Duration::from_millis(u64::from(round % 5))).await;
        bench.identity.revoke_device(&issued.device).await.unwrap();
        for n in 0..4 {
            let peer = IpAddr::V4(Ipv4Addr::new(192, 0, round, n));
            assert!(matches!(bench.show(token.expose_secret(), peer).await, Err(IdentifyError::Revoked)));
        }
        for caller in callers {
            let peer = tokio::time::timeout(std::time::Duration::from_secs(10), caller).await.unwrap().unwrap();
            assert!(matches!(bench.show(token.expose_secret(), peer).await, Err(IdentifyError::Revoked)));
        }
    }
}

#[tokio::test]
async fn the_operator_is_the_person_who_runs_the_node() {
    let bench = Bench::new().await;
    let path = bench.dir.path().join("operator.token");
    let secret = OperatorSecret::create(&path).unwrap();
    let identity = bench.identity.clone().with_operator(secret, "grace");
    let shown = OperatorSecret::read(&path).unwrap();
    let clear = shown.clear().expose_secret();
    let caller = identity.identify(Shown::Bearer(ShownToken(clear)), HERE).await.unwrap();
    assert_eq!(caller.strength, Strength::StateFolder);
    let grace = bench.store.person_by_name("grace").await.unwrap().unwrap();
    assert_eq!(caller.principal, Principal::Person { id: grace.id, device: None });
    assert_eq!(bench.personal(&caller).await.unwrap().person.as_deref(), Some("grace"));
    let again = OperatorSecret::create(&path).unwrap();
    assert_ne!(again.clear().expose_secret(), clear, "a new one at each start");
    assert!(matches!(bench.show(again.clear().expose_secret(), HERE).await, Err(IdentifyError::Unknown)));
    std::fs::write(&path, "flo_short").unwrap();
    assert!(matches!(OperatorSecret::read(&path), Err(crate::OperatorError::Malformed(_))));
}

#[tokio::test]
async fn uses_are_written_in_batches_and_none_is_lost() {
    let bench = Bench::new().await;
    let issued = bench.issue().await;
    let last_used = async || bench.identity.store().devices().await.unwrap()[0].last_used.map(|at| at.to_string());
    bench.show(issued.token.expose_secret(), HERE).await.unwrap();
    bench.nothing(HERE).await.unwrap();
    assert_eq!(last_used().await, None, "nothing is written on the way");
    bench.identity.flush_last_used().await.unwrap();
    assert_eq!(last_used().await.as_deref(), Some("2026-11-22T01:02:03Z"));
    for (now, wanted) in
        [("2026-11-22T01:02:33Z", "2026-11-22T01:02:03Z"), ("2026-11-22T01:03:04Z", "2026-11-22T01:03:04Z")]
    {
        bench.clock.set(now.parse().unwrap());
        bench.show(issued.token.expose_secret(), HERE).await.unwrap();
        bench.identity.flush_last_used().await.unwrap();
        assert_eq!(last_used().await.as_deref(), Some(wanted), "to about a minute");
    }
    bench.clock.set("2026-11-22T02:00:00Z".parse().unwrap());
    bench.show(issued.token.expose_secret(), HERE).await.unwrap();
    bench.store.close().await;
    assert!(bench.identity.flush_last_used().await.is_err());
    assert_eq!(bench.identity.0.callers.take_uses().len(), 1, "given back after an error");
}

#[tokio::test]
async fn names_that_cannot_be_are_refused() {
    let bench = Bench::new().await;
    let long = "x".repeat(limits::NAME_CHARACTERS + 1);
    for bad in ["", "  ", "a\nb", "a\u{0}", &long, "unidentified", "prs_0123456789abcdef"] {
        let refused = bench.identity.issue_device(bad, "laptop").await;
        assert!(matches!(refused, Err(IssueError::BadName { .. })), "{bad:?}");
    }
    assert!(matches!(bench.identity.issue_device("ada", "").await, Err(IssueError::BadName { .. })));
    assert!(bench.identity.people().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_lost_or_foreign_root_key_stops_the_start_in_words() {
    let bench = Bench::new().await;
    bench.nothing(HERE).await.unwrap();
    let path = bench.dir.path().join("root.key");
    let mine = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let open = async || Identity::open(bench.store.clone(), &path, bench.clock.clone()).await;
    let refused = open().await.unwrap_err();
    assert!(matches!(&refused, OpenError::RootKey(RootKeyError::Missing(_))), "{refused}");
    assert!(!path.exists(), "no new key takes its place");
    crate::RootKey::open_or_create(&path, true).unwrap();
    let refused = open().await.unwrap_err();
    assert!(matches!(&refused, OpenError::RootKey(RootKeyError::Other(_))), "{refused}");
    std::fs::write(&path, mine).unwrap();
    open().await.unwrap();
}

#[tokio::test]
async fn a_secret_of_the_node_opens_under_its_name_and_root_key_only() {
    let (bench, other) = (Bench::new().await, Bench::new().await);
    let sealed = bench.identity.seal_secret("upstream", b"ada:engine").unwrap();
    assert_ne!(sealed, bench.identity.seal_secret("upstream", b"ada:engine").unwrap());
    let clear = bench.identity.open_secret("upstream", &sealed).unwrap();
    assert_eq!(clear.expose_secret().as_slice(), b"ada:engine");
    let changed = format!("{}{}", if sealed.starts_with('A') { 'B' } else { 'A' }, &sealed[1..]);
    for refused in [
        bench.identity.open_secret("downstream", &sealed),
        bench.identity.open_secret("upstream", &changed),
        bench.identity.open_secret("upstream", "no base64!"),
        other.identity.open_secret("upstream", &sealed),
    ] {
        assert!(matches!(refused, Err(SealError::Changed(_))));
    }
}
