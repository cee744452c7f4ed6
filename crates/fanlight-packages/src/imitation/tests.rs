//! Names close to what is in use, and numbers far from what was before.

use fanlight_base::{Clock as _, DeviceId, Fact, SystemClock};
use fanlight_store::AccessRow;

use super::*;
use crate::knowledge::Known;

/// 90 days, in minutes.
const SETTLED: i64 = 129_600;

fn listed(version: &str, age_minutes: i64) -> Listed {
    Listed { version: version.to_owned(), waited: true, yanked: false, attested: false, age_minutes }
}

async fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("fanlight.db")).await.unwrap();
    (folder, store)
}

async fn imitation(store: &Store, lists: Vec<PathBuf>) -> Result<Arc<Imitation>, ImitationError> {
    beside(store, lists, &[]).await
}

/// The same of a company that reserved these names.
async fn beside(store: &Store, lists: Vec<PathBuf>, private: &[&str]) -> Result<Arc<Imitation>, ImitationError> {
    let reserved = Arc::new(Reserved::new(private.iter().map(|name| (*name).to_owned())).unwrap());
    Imitation::open(ImitationParts { store: store.clone(), lists, reserved, changed: Box::new(|| {}) }).await
}

/// What is told of a release, where its index lists these.
fn told(imitation: &Arc<Imitation>, release: &str, listing: &[Listed]) -> Facts {
    let release: Purl = release.parse().unwrap();
    let known = Known::of([imitation.clone() as _]);
    let mut facts = Facts::new();
    let told = Told {
        release: &release,
        version: release.version(),
        file: "a-file",
        digest: None,
        attested: false,
        listing: &|| listing.to_vec(),
    };
    known.project(&release.project()).tell(&told, &mut facts);
    facts
}

fn text(facts: &Facts, name: &str) -> Option<String> {
    match facts.get(name)? {
        Fact::Text(text) => Some(text.to_string()),
        other => panic!("{name} is no text: {other:?}"),
    }
}

fn near(facts: &Facts) -> Option<String> {
    text(facts, "name_near")
}

/// Somebody was let through to a file.
fn row(record_index: u64, caller: u64) -> AccessRow {
    AccessRow {
        record_index,
        time: SystemClock.now(),
        action: "packages:fetch-file".into(),
        outcome: "allow".into(),
        principal_kind: "person".into(),
        person: None,
        device: Some(DeviceId::new(format!("dev_{caller}"))),
        resource: "pkg:pypi/any@1.0".into(),
        project: None,
        file: None,
        digest: None,
        policy: None,
        reason: None,
        until: None,
        request: None,
    }
}

/// `count` machines have received a file of `project`.
async fn received(store: &Store, first: u64, project: &str, count: u64) {
    let of =
        |n| AccessRow { resource: format!("{project}@1.0"), project: Some(project.to_owned()), ..row(first + n, n) };
    let rows: Vec<_> = (0..count).map(of).collect();
    store.apply(&rows, &[], first + count).await.unwrap();
}

#[tokio::test]
async fn a_name_near_one_that_is_in_use_or_known_is_told_with_the_projects_age() {
    let (folder, store) = store().await;
    let list = folder.path().join("names.txt");
    std::fs::write(&list, "# ours\npkg:npm/%40acme/widgets\n").unwrap();
    received(&store, 0, "pkg:pypi/warehouse-tools", 3).await;
    received(&store, 10, "pkg:pypi/rarely-used", 2).await;
    let own = imitation(&store, vec![list.clone()]).await.unwrap();
    let listing = [listed("1.0", 500), listed("1.1", 20)];
    let facts = told(&own, "pkg:pypi/warehouse-tool@1.1", &listing);
    assert_eq!(near(&facts).as_deref(), Some("warehouse-tools"));
    assert_eq!(facts.get("project_age_minutes"), Some(&500.into()));
    assert_eq!(near(&told(&own, "pkg:npm/%40acme/widget@1.0", &listing)).as_deref(), Some("@acme/widgets"));
    assert_eq!(near(&told(&own, "pkg:pypi/reqeusts@1.0", &listing)).as_deref(), Some("requests"));
    for other in ["pkg:pypi/rarely-use@1.0", "pkg:pypi/warehouse-tools@1.0", "pkg:npm/warehouse-tool@1.0"] {
        assert_eq!(near(&told(&own, other, &listing)), None, "{other}");
    }
    // What comes into use counts from the next look on, and what is in use itself is near to nothing.
    assert!(!own.look().await.unwrap());
    received(&store, 20, "pkg:pypi/warehouse-tool", 3).await;
    assert!(own.look().await.unwrap());
    assert_eq!(near(&told(&own, "pkg:pypi/warehouse-tool@1.1", &listing)), None);
    // A list that is broken now leaves those from before in force.
    std::fs::write(&list, "widgets\n").unwrap();
    let fault = fanlight_base::fault::with_causes(&own.look().await.unwrap_err());
    assert!(fault.ends_with("\"widgets\" is no purl of a project: pkg:pypi/requests"), "{fault}");
    assert_eq!(near(&told(&own, "pkg:npm/%40acme/widget@1.0", &listing)).as_deref(), Some("@acme/widgets"));
    assert!(imitation(&store, vec![folder.path().join("none.txt")]).await.is_err());
}

#[tokio::test]
async fn a_name_near_one_that_the_company_reserved_is_told() {
    let (_folder, store) = store().await;
    received(&store, 0, "pkg:pypi/globex-ledger", 1).await;
    let private = ["initech-*", "@umbrella/*", "pkg:cargo/hooli-core", "globex-*", "*-internal"];
    let own = beside(&store, Vec::new(), &private).await.unwrap();
    let listing = [listed("1.0", 500)];
    for (other, expected) in [
        ("pkg:pypi/intech-payroll@1.0", Some("initech-payroll")),
        ("pkg:npm/1nitech-payroll@1.0", Some("initech-payroll")),
        ("pkg:npm/%40umbrela/ui@1.0", Some("@umbrella/ui")),
        ("pkg:cargo/hoolicore@1.0", Some("hooli-core")),
        ("pkg:pypi/globex-ledgr@1.0", None),
        ("pkg:pypi/globexledger@1.0", Some("globex-ledger")),
        ("pkg:npm/hoolicore@1.0", None),
        ("pkg:npm/umbrella-ui@1.0", None),
        ("pkg:pypi/initech-payrol@1.0", None),
        ("pkg:pypi/initech@1.0", None),
        ("pkg:pypi/payroll-internal@1.0", None),
        ("pkg:pypi/payroll-intern@1.0", None),
    ] {
        assert_eq!(near(&told(&own, other, &listing)).as_deref(), expected, "{other}");
    }
}

/// However many names there are that more people use, and however many the company's own are.
#[tokio::test]
async fn each_of_many_reserved_names_that_one_person_used_is_told() {
    const OWN: u64 = 1000;
    let (_folder, store) = store().await;
    let of = |n: u64, project: String, caller: u64| AccessRow { project: Some(project), ..row(n, caller) };
    let others = (0..u64::from(limits::NAMES_IN_USE)).map(|n| of(n, format!("pkg:pypi/aaa-{n}-common"), n % 2));
    let own = (0..OWN).map(|n| of(1_000_000 + n, format!("pkg:pypi/initech-{n:06}-payroll"), 1));
    let rows: Vec<_> = others.chain(own).collect();
    store.apply(&rows, &[], 2_000_000).await.unwrap();
    let own = beside(&store, Vec::new(), &["initech-*"]).await.unwrap();
    let listing = [listed("1.0", 500)];
    for n in [0, OWN / 2, OWN - 1] {
        // A letter less in its beginning, and another order of its words: the last is none of the names that the pattern reserves.
        let facts = told(&own, &format!("pkg:pypi/payroll-{n:06}-initech@1.0"), &listing);
        assert_eq!(near(&facts), Some(format!("initech-{n:06}-payroll")));
    }
}

#[tokio::test]
async fn a_number_far_from_those_before_is_told() {
    let (_folder, store) = store().await;
    let own = imitation(&store, Vec::new()).await.unwrap();
    let far = |version: &str, before: &[&str]| {
        let listing: Vec<_> = before.iter().chain([&version]).map(|version| listed(version, 10)).collect();
        text(&told(&own, &format!("pkg:npm/acme-tool@{version}"), &listing), "version_far_from")
    };
    assert_eq!(far("99.9.9", &["1.2.3", "0.9.0"]).as_deref(), Some("1.2.3"));
    assert_eq!(far("9999.0.0", &[]).as_deref(), Some("none"));
    assert_eq!(far("99.9.10", &["99.9.9", "2.0.0"]).as_deref(), Some("2.0.0"));
    assert_eq!(far("1!1.0", &["1.2.3", "0.9"]).as_deref(), Some("1.2.3"), "an epoch wins over all without it");
    assert_eq!(far("1!1.1", &["1!1.0", "1.2.3"]).as_deref(), Some("1.2.3"), "and the next one of it too");
    let settled = [listed("1.2.3", 900_000), listed("1!1.0", SETTLED), listed("1!1.1", 10)];
    assert_eq!(text(&told(&own, "pkg:npm/acme-tool@1%211.1", &settled), "version_far_from"), None);
    for (version, before) in [
        ("2.0.0", &["1.2.3"][..]),
        ("60.0.0", &["59.1.0"]),
        ("2024.1.0", &["1.2.3"]),
        ("20241122.1", &["1.0"]),
        ("49.0.0", &[]),
        ("120.1", &["80.0", "11.0"]),
        ("1!99.0", &["1!98.0"]),
        ("1!2.0", &["1!1.0"]),
    ] {
        assert_eq!(far(version, before), None, "{version} after {before:?}");
    }
}
