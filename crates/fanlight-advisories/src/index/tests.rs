use fanlight_base::limits;
use proptest::prelude::*;

use super::*;
use crate::advisory::{Kind, Reading};
use crate::ecosystem::Ecosystem;
use crate::feed::{Entry, EntryError, EntryFault};
use crate::version::Version;

mod keeping;

fn at(day: u8) -> String {
    format!("2026-01-{day:02}T00:00:00Z")
}

fn entry(json: &str) -> Result<Entry, EntryFault> {
    Ok(Entry { name: "record.json".to_owned(), bytes: json.into() })
}

/// A record about the npm project `lib`.
fn lib(id: &str, day: u8, aliases: &str, fields: &str) -> Result<Entry, EntryFault> {
    entry(&format!(
        r#"{{"id": "{id}", "modified": "{}", "aliases": [{aliases}],
            "affected": [{{"package": {{"ecosystem": "npm", "name": "lib"}}, {fields}}}]}}"#,
        at(day)
    ))
}

fn range(events: &[(&str, &str)]) -> String {
    let events: Vec<_> = events.iter().map(|(kind, at)| format!(r#"{{"{kind}": "{at}"}}"#)).collect();
    format!(r#""ranges": [{{"type": "SEMVER", "events": [{}]}}]"#, events.join(","))
}

fn reading(source: &str) -> Reading {
    Reading { source: source.into(), at: at(20).parse().unwrap() }
}

fn import(known: &Advisories, source: &str, entries: Vec<Result<Entry, EntryFault>>) -> (Arc<Advisories>, Report) {
    let Import { advisories, report } = known.import(reading(source), entries).unwrap();
    (advisories, report)
}

fn knowing(entries: Vec<Result<Entry, EntryFault>>) -> Arc<Advisories> {
    import(&Advisories::new(), "feed", entries).0
}

fn package() -> Package {
    Package::new(Ecosystem::Npm, "lib")
}

fn npm(text: &str) -> Version {
    Version::new(Ecosystem::Npm, text)
}

/// The ids of what affects a version of `lib`, and of what fixes it.
fn affecting(known: &Advisories, version: &str) -> Vec<String> {
    let package = package();
    let found = known.project(&package).map(|project| project.affecting(&npm(version))).unwrap_or_default();
    found.iter().map(|found| found.id().to_owned()).collect()
}

fn fixes(known: &Advisories, version: &str, releases: &str) -> Vec<String> {
    let package = package();
    let releases = Releases::new(Ecosystem::Npm, releases.split(' '));
    let found = known.project(&package).map(|project| project.fixed_by(&npm(version), &releases)).unwrap_or_default();
    found.iter().map(|fix| format!("{} {:?} {}", fix.id(), fix.how, fix.at)).collect()
}

#[test]
fn a_release_is_told_what_affects_it() {
    let fields = format!(
        r#""severity": [{{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}], {}"#,
        range(&[("introduced", "1.0.0"), ("fixed", "1.2.0"), ("introduced", "2.0.0"), ("fixed", "2.1.0")])
    );
    let known = knowing(vec![lib("GHSA-1", 2, r#""CVE-1""#, &fields)]);
    let package = package();
    let project = known.project(&package).unwrap();
    let found = project.affecting(&npm("1.1.0"));
    let [flaw] = found.as_slice() else { panic!("one flaw") };
    assert_eq!((flaw.id(), flaw.kind()), ("GHSA-1", Kind::Vulnerability));
    assert_eq!(flaw.aliases().into_iter().collect::<Vec<_>>(), ["CVE-1"]);
    assert_eq!(flaw.severity().unwrap().to_string(), "critical (9.8)");
    assert_eq!(flaw.fixed(), [&npm("1.2.0"), &npm("2.1.0")]);
    let by: Vec<_> = flaw.advisories().map(|advisory| (&*advisory.reading().source, advisory.id())).collect();
    assert_eq!(by, [("feed", "GHSA-1")]);
    assert!(project.affecting(&npm("1.2.0")).is_empty());
    assert!(known.project(&Package::new(Ecosystem::PyPi, "lib")).is_none(), "another ecosystem");
}

#[test]
fn one_flaw_under_several_ids_counts_once() {
    let all = range(&[("introduced", "0"), ("fixed", "2.0.0")]);
    let less = range(&[("introduced", "0"), ("fixed", "1.5.0")]);
    let known = knowing(vec![
        lib("PYSEC-9", 1, r#""CVE-1""#, &all),
        lib("GHSA-5", 1, r#""cve-1", "OTHER-2""#, &less),
        lib("OTHER-2", 1, "", &all),
        lib("GHSA-7", 1, r#""CVE-7""#, &all),
    ]);
    let package = package();
    let project = known.project(&package).unwrap();
    assert_eq!(project.flaws(), 2);
    assert_eq!(affecting(&known, "1.0.0"), ["GHSA-5", "GHSA-7"]);
    assert_eq!(affecting(&known, "1.7.0"), ["OTHER-2", "GHSA-7"], "shown by an id of those who say so");
    let found = project.affecting(&npm("1.7.0"));
    assert_eq!(found[0].aliases().into_iter().collect::<Vec<_>>(), ["CVE-1", "GHSA-5", "PYSEC-9", "cve-1"]);
    assert_eq!(found[0].fixed(), [&npm("2.0.0")], "1.5.0 is still affected, as another of the group says");
    assert_eq!(project.affecting(&npm("1.0.0"))[0].fixed(), [&npm("2.0.0")]);
}

#[test]
fn what_is_malicious_stands_first_and_is_the_kind_of_its_group() {
    let all = range(&[("introduced", "0")]);
    let known = knowing(vec![
        lib("GHSA-1", 1, r#""MAL-2""#, &all),
        lib("MAL-2", 1, "", &all),
        lib("AAA-1", 1, r#""CVE-1""#, &all),
    ]);
    let package = package();
    let kinds = known.project(&package).unwrap().affecting(&npm("1.0.0"));
    let kinds: Vec<_> = kinds.iter().map(|found| (found.id(), found.kind())).collect();
    assert_eq!(kinds, [("AAA-1", Kind::Vulnerability), ("GHSA-1", Kind::Malicious)]);
}

#[test]
fn what_is_taken_back_affects_nothing_and_is_still_found_by_its_id() {
    let all = range(&[("introduced", "0"), ("fixed", "2.0.0")]);
    let known = knowing(vec![lib("GHSA-1", 1, "", &all)]);
    let back = format!(
        r#"{{"id": "GHSA-1", "modified": "{}", "withdrawn": "{}", "affected": [{{"package": {{"ecosystem": "npm",
            "name": "lib"}}, {all}}}]}}"#,
        at(2),
        at(2)
    );
    let (later, report) = import(&known, "feed", vec![entry(&back)]);
    assert_eq!((report.changed, report.withdrawn), (1, 1));
    assert_eq!((affecting(&later, "1.0.0"), fixes(&later, "2.0.0", "1.0.0 2.0.0")), (vec![], vec![]));
    assert!(later.project(&package()).is_none());
    assert!(later.named("GHSA-1")[0].withdrawn().is_some());
    assert_eq!(affecting(&known, "1.0.0"), ["GHSA-1"], "the old snapshot is as it was");
}

#[test]
fn a_feed_changes_its_own_records_and_no_others() {
    let all = range(&[("introduced", "0")]);
    let none = range(&[("introduced", "9.0.0")]);
    let (known, _) = import(&Advisories::new(), "public", vec![lib("GHSA-1", 1, "", &all)]);
    let (known, report) = import(&known, "somebody", vec![lib("GHSA-1", 9, "", &none)]);
    assert_eq!((report.new, known.len()), (1, 2));
    assert_eq!(affecting(&known, "1.0.0"), ["GHSA-1"], "one feed's word does not undo another's");
    let forgotten = known.without("public");
    assert_eq!((affecting(&forgotten, "1.0.0"), affecting(&forgotten, "9.1.0")), (vec![], vec!["GHSA-1".to_owned()]));
    assert_eq!(forgotten.sources().map(|(name, _)| name).collect::<Vec<_>>(), ["somebody"]);
    assert_eq!(known.without("never known").len(), 2);
}

#[test]
fn only_what_is_newer_replaces() {
    let with = |version: &str| range(&[("introduced", version)]);
    let known = knowing(vec![lib("GHSA-1", 5, r#""CVE-1""#, &with("1.0.0")), lib("GHSA-2", 5, "", &with("1.0.0"))]);
    let (same, report) = import(&known, "feed", vec![lib("GHSA-1", 5, "", &with("2.0.0"))]);
    assert_eq!(
        (report.unchanged, report.missing, affecting(&same, "1.5.0").len()),
        (1, 1, 2),
        "what is missing stands"
    );
    let (older, report) = import(&known, "feed", vec![lib("GHSA-1", 4, "", &with("2.0.0"))]);
    assert_eq!((report.older, affecting(&older, "1.5.0").len()), (1, 2));
    let (newer, report) = import(&known, "feed", vec![lib("GHSA-1", 6, "", &with("2.0.0"))]);
    assert_eq!((report.changed, affecting(&newer, "1.5.0")), (1, vec!["GHSA-2".to_owned()]));
    assert!(newer.named("CVE-1").is_empty() && !known.named("CVE-1").is_empty(), "the alias is gone with its record");
    let twice = vec![
        lib("GHSA-1", 6, "", &with("2.0.0")),
        lib("GHSA-1", 8, "", &with("3.0.0")),
        lib("GHSA-1", 7, "", &with("4.0.0")),
    ];
    let (latest, report) = import(&known, "feed", twice);
    assert_eq!((report.read, report.changed, affecting(&latest, "3.0.0").len()), (3, 1, 2), "the latest of one feed");
    let (_, state) = newer.sources().next().unwrap();
    assert_eq!((state.records, state.modified.unwrap().to_string()), (2, at(6)));
}

#[test]
fn a_time_in_the_future_does_not_keep_corrections_out() {
    let with = |version: &str| range(&[("introduced", version)]);
    let known = knowing(vec![lib("GHSA-1", 31, "", &with("1.0.0"))]);
    let (corrected, report) = import(&known, "feed", vec![lib("GHSA-1", 5, "", &with("2.0.0"))]);
    assert_eq!((report.changed, affecting(&corrected, "1.0.0")), (1, vec![]));
}

#[test]
fn a_reading_without_a_record_is_an_error_and_no_snapshot() {
    let known = knowing(vec![lib("GHSA-1", 1, "", &range(&[("introduced", "0")]))]);
    let fault = || Err(EntryFault { entry: "x".to_owned(), error: EntryError::Encrypted });
    for entries in [vec![], vec![entry("{")], vec![fault()]] {
        let refused = entries.len();
        let error = known.import(reading("feed"), entries).unwrap_err();
        let words =
            format!("no advisory could be read from feed ({refused} entries were refused); what is known stays");
        assert_eq!(error.to_string(), words);
    }
    let (after, report) =
        import(&known, "feed", vec![fault(), entry("[]"), lib("GHSA-2", 1, "", &range(&[("introduced", "0")]))]);
    assert_eq!((report.read, report.refused, report.missing), (1, 2, 1));
    let faults: Vec<_> = report.faults.iter().map(|fault| format!("{fault}: {}", fault.why)).collect();
    assert_eq!(faults, ["x: encrypted", "record.json: not an OSV record"]);
    assert_eq!(affecting(&after, "1.0.0"), ["GHSA-1", "GHSA-2"]);
}

#[test]
fn records_about_other_ecosystems_are_counted_and_not_kept() {
    let go = format!(
        r#"{{"id": "GO-1", "modified": "{}", "affected": [{{"package": {{"ecosystem": "Go", "name": "a"}}}}]}}"#,
        at(1)
    );
    let (known, report) = import(&Advisories::new(), "feed", vec![entry(&go)]);
    assert_eq!((report.read, report.elsewhere, known.len()), (1, 1, 0));
    assert!(known.named("GO-1").is_empty());
}

#[test]
fn too_many_faults_are_counted_and_the_first_are_kept() {
    let mut entries: Vec<_> = (0..limits::ADVISORY_FAULTS + 5).map(|_| entry("")).collect();
    entries.push(lib("GHSA-1", 1, "", &range(&[("introduced", "0")])));
    let (_, report) = import(&Advisories::new(), "feed", entries);
    assert_eq!((report.refused, report.faults.len()), (limits::ADVISORY_FAULTS + 5, limits::ADVISORY_FAULTS));
}

#[test]
fn one_feed_too_many_is_refused() {
    let mut known = Arc::new(Advisories::new());
    let record = || vec![lib("GHSA-1", 1, "", &range(&[("introduced", "0")]))];
    for number in 0..limits::ADVISORY_SOURCES {
        known = import(&known, &format!("feed {number}"), record()).0;
    }
    assert!(matches!(known.import(reading("one more"), record()), Err(ImportError::Sources)));
    import(&known, "feed 0", record());
}

#[test]
fn an_id_finds_all_records_that_mean_the_same() {
    let all = range(&[("introduced", "0")]);
    let elsewhere = format!(
        r#"{{"id": "RUSTSEC-1", "modified": "{}", "aliases": ["CVE-1"],
            "affected": [{{"package": {{"ecosystem": "crates.io", "name": "other"}}}}]}}"#,
        at(1)
    );
    let known = knowing(vec![
        lib("GHSA-1", 1, r#""CVE-1""#, &all),
        lib("GHSA-2", 1, r#""GHSA-1""#, &all),
        lib("GHSA-3", 1, "", &all),
        entry(&elsewhere),
    ]);
    for id in ["cve-1", "GHSA-1", "ghsa-2", "RUSTSEC-1"] {
        let found: Vec<_> = known.named(id).iter().map(|advisory| advisory.id()).collect();
        assert_eq!(found, ["GHSA-1", "GHSA-2", "RUSTSEC-1"], "{id}");
    }
    assert!(known.named("CVE-2").is_empty());
    let affected = known
        .named("CVE-1")
        .iter()
        .flat_map(|advisory| advisory.affected())
        .map(|a| a.package().to_string())
        .collect::<Vec<_>>();
    assert_eq!(affected, ["npm lib", "npm lib", "crates.io other"]);
}

#[test]
fn an_alias_that_everybody_has_does_not_slow_everybody() {
    let all = range(&[("introduced", "0")]);
    let entries =
        (0..limits::ADVISORY_OF_ALIAS + 3).map(|number| lib(&format!("X-{number}"), 1, r#""CVE-1""#, &all)).collect();
    let (known, report) = import(&Advisories::new(), "feed", entries);
    assert_eq!((report.new, report.passed_over), (limits::ADVISORY_OF_ALIAS + 3, 3));
    assert_eq!(known.named("CVE-1").len(), limits::ADVISORY_OF_ALIAS);
}

#[test]
fn a_project_that_has_too_many_gets_no_more_and_keeps_what_it_has() {
    let one = |number: usize, day: u8| lib(&format!("X-{number}"), day, "", r#""versions": ["1.0.0"]"#);
    let most = limits::ADVISORY_OF_PACKAGE;
    let (known, report) = import(&Advisories::new(), "feed", (0..=most).map(|number| one(number, 1)).collect());
    assert_eq!((report.new, report.refused), (most, 1));
    let words = "there are 20000 advisories about npm lib already, the most that are kept";
    assert_eq!(report.faults[0].why.to_string(), words);
    let (_, report) = import(&known, "feed", vec![one(0, 2), one(most + 1, 2)]);
    assert_eq!((report.changed, report.new, report.refused), (1, 0, 1), "one that is known may still change");
}

#[test]
fn memory_is_counted_and_given_back() {
    let versions = |count: usize| {
        let versions: Vec<_> = (0..count).map(|n| format!("\"1.0.{n}\"")).collect();
        format!(r#""versions": [{}]"#, versions.join(","))
    };
    let (small, _) = import(&Advisories::new(), "a", vec![lib("X-1", 1, "", &versions(1))]);
    let (large, _) = import(&small, "a", vec![lib("X-1", 2, "", &versions(1_000))]);
    let (both, _) = import(&large, "b", vec![lib("X-1", 2, "", &versions(1))]);
    let (again, _) = import(&both, "a", vec![lib("X-1", 3, "", &versions(1))]);
    assert!(small.bytes() < 2_000 && large.bytes() > 100_000, "{} {}", small.bytes(), large.bytes());
    assert_eq!(both.bytes(), large.bytes() + small.bytes());
    assert_eq!(again.bytes(), 2 * small.bytes());
    assert_eq!(again.without("a").bytes(), small.bytes());
}

#[test]
fn what_would_take_too_much_memory_is_refused_and_what_is_known_stays() {
    let versions: Vec<_> = (0..limits::ADVISORY_VERSIONS).map(|n| format!("\"1.{n}.0\"")).collect();
    let large = |number: usize| {
        entry(&format!(
            r#"{{"id": "X-{number}", "modified": "{}", "affected": [{{"package": {{"ecosystem": "npm", "name": "p{number}"}},
                "versions": [{}]}}]}}"#,
            at(1),
            versions.join(",")
        ))
    };
    let (mut known, _) = import(&Advisories::new(), "feed", vec![large(0)]);
    // As if what is known took almost everything.
    let state = Arc::make_mut(&mut known).sources.get_mut("feed").unwrap();
    state.bytes = limits::ADVISORIES_BYTES - 100;
    let less = r#""versions": []"#;
    let (full, report) = import(&known, "feed", vec![large(1), lib("X-2", 1, "", less), lib("X-0", 2, "", less)]);
    assert_eq!((report.read, report.new, report.changed, report.refused), (1, 0, 1, 2));
    let words = "with it all advisories would take over 1073741824 bytes of memory, the most that is kept";
    assert_eq!(report.faults[0].why.to_string(), words);
    assert_eq!(full.named("X-0")[0].modified().to_string(), at(2), "a change that takes less is always taken");
}

#[test]
fn the_first_release_that_carries_a_fix_fixes_it() {
    let known = knowing(vec![lib(
        "GHSA-1",
        1,
        "",
        &range(&[("introduced", "0"), ("fixed", "1.2.0"), ("introduced", "2.0.0"), ("fixed", "2.1.0")]),
    )]);
    let all = "1.0.0 1.2.0 1.3.0 2.0.0 2.1.0 2.2.0";
    assert_eq!(fixes(&known, "1.2.0", all), ["GHSA-1 Named 1.2.0"]);
    assert_eq!(fixes(&known, "2.1.0", all), ["GHSA-1 Named 2.1.0"]);
    for not_first in ["1.3.0", "2.2.0"] {
        assert_eq!(fixes(&known, not_first, all), Vec::<String>::new(), "{not_first} only carries what was fixed");
    }
    for affected in ["1.0.0", "2.0.0"] {
        assert_eq!(fixes(&known, affected, all), Vec::<String>::new(), "{affected}");
    }
    assert_eq!(fixes(&known, "1.3.0", "1.0.0 1.3.0 2.0.0"), ["GHSA-1 First 1.2.0"], "1.2.0 was never published");
    assert_eq!(fixes(&known, "2.1.5", "2.0.0 2.0.9"), ["GHSA-1 First 2.1.0"], "the release itself need not be listed");
}

#[test]
fn prereleases_stand_in_the_way_of_prereleases_only() {
    let known = knowing(vec![lib("GHSA-1", 1, "", &range(&[("introduced", "0"), ("fixed", "1.2.0-rc.1")]))]);
    let all = "1.0.0 1.2.0-rc.1 1.2.0-rc.2 1.2.0";
    assert_eq!(fixes(&known, "1.2.0-rc.1", all), ["GHSA-1 Named 1.2.0-rc.1"]);
    assert_eq!(fixes(&known, "1.2.0-rc.2", all), Vec::<String>::new());
    assert_eq!(fixes(&known, "1.2.0", all), ["GHSA-1 First 1.2.0-rc.1"]);
}

#[test]
fn nobody_fixes_what_another_of_the_group_calls_affected() {
    let early = range(&[("introduced", "0"), ("fixed", "1.2.0")]);
    let late = range(&[("introduced", "0"), ("fixed", "1.3.0")]);
    let known = knowing(vec![lib("GHSA-1", 1, r#""CVE-1""#, &early), lib("PYSEC-1", 1, r#""CVE-1""#, &late)]);
    let all = "1.0.0 1.2.0 1.3.0 1.4.0";
    assert_eq!(fixes(&known, "1.2.0", all), Vec::<String>::new());
    assert_eq!(fixes(&known, "1.3.0", all), ["PYSEC-1 Named 1.3.0"], "told by who names the fix");
    assert_eq!(fixes(&known, "1.4.0", all), Vec::<String>::new());
}

#[test]
fn neither_a_last_affected_nor_a_list_names_a_fix() {
    let known = knowing(vec![
        lib("GHSA-1", 1, "", &range(&[("introduced", "0"), ("last_affected", "1.2.0")])),
        lib("GHSA-2", 1, "", r#""versions": ["1.2.0"]"#),
    ]);
    assert_eq!(affecting(&known, "1.2.0"), ["GHSA-1", "GHSA-2"]);
    assert_eq!(fixes(&known, "1.3.0", "1.2.0 1.3.0"), Vec::<String>::new());
    assert_eq!(fixes(&known, "trunk", "1.2.0 1.3.0"), Vec::<String>::new());
}

#[test]
fn a_small_import_shares_what_did_not_change() {
    let record = |number: usize| {
        entry(&format!(
            r#"{{"id": "X-{number}", "modified": "{}", "affected": [{{"package": {{"ecosystem": "npm", "name": "p{number}"}}}}]}}"#,
            at(1)
        ))
    };
    let known = knowing((0..5_000).map(record).collect());
    let (later, report) = import(&known, "feed", vec![record(5_000)]);
    assert_eq!((report.new, report.missing), (1, 5_000));
    assert_eq!(known.packages.shared_with(&later.packages) + 1, known.packages.shared_with(&known.packages));
    assert_eq!(known.names.shared_with(&later.names) + 1, known.names.shared_with(&known.names));
}

/// Records of a small world: id, day, alias, first affected, fixed.
type Small = Vec<(u8, u8, u8, u8, u8)>;

fn small(records: &Small) -> Vec<Result<Entry, EntryFault>> {
    let record = |(id, day, alias, from, to): &(u8, u8, u8, u8, u8)| {
        let events = [("introduced", format!("{from}.0.0")), ("fixed", format!("{to}.0.0"))];
        lib(
            &format!("X-{id}"),
            day + 1,
            &format!("\"CVE-{alias}\""),
            &range(&events.each_ref().map(|(kind, at)| (*kind, at.as_str()))),
        )
    };
    records.iter().map(record).collect()
}

fn state(known: &Advisories) -> Vec<Vec<String>> {
    (0..9).map(|version| affecting(known, &format!("{version}.0.0"))).collect()
}

proptest! {
    #[test]
    fn in_parts_or_at_once_is_the_same(
        records in prop::collection::vec((0..6_u8, 0..19_u8, 0..6_u8, 0..9_u8, 0..9_u8), 1..12), cut in 0..12_usize,
    ) {
        // Two records of one id and time are one and the same for a feed; which of them is kept is not defined.
        let mut records: Small = records;
        records.sort_by_key(|record| (record.0, record.1));
        records.dedup_by_key(|record| (record.0, record.1));
        let once = knowing(small(&records));
        let (first, rest) = records.split_at(cut.clamp(1, records.len()));
        let mut parts = knowing(small(&first.to_vec()));
        for record in rest {
            parts = import(&parts, "feed", small(&vec![*record])).0;
        }
        prop_assert_eq!(state(&once), state(&parts));
        // And by the plain meaning: the latest record of each id.
        let latest = |version: u8| records.iter().filter(|record| {
            records.iter().all(|other| other.0 != record.0 || other.1 <= record.1) && record.3 <= version && (version < record.4 || record.3 > record.4)
        }).map(|record| record.2).collect::<std::collections::BTreeSet<_>>().len();
        for (version, found) in state(&once).into_iter().enumerate() {
            prop_assert_eq!(found.len(), latest(version as u8), "once for each alias");
        }
    }

    #[test]
    fn each_announced_fix_is_fixed_by_at_most_one_stable_release(
        records in prop::collection::vec((0..6_u8, 0..19_u8, 0..6_u8, 0..9_u8, 0..9_u8), 1..6),
        releases in prop::collection::btree_set(0..9_u8, 1..9),
    ) {
        let (known, package) = (knowing(small(&records)), package());
        let Some(project) = known.project(&package) else { return Ok(()) };
        let texts: Vec<_> = releases.iter().map(|release| format!("{release}.0.0")).collect();
        let releases = Releases::new(Ecosystem::Npm, texts.iter().map(String::as_str));
        let mut seen = std::collections::HashSet::new();
        for release in texts.iter().map(|text| npm(text)) {
            let affecting: Vec<_> = project.affecting(&release).iter().map(|flaw| flaw.aliases().into_iter().collect::<Vec<_>>()).collect();
            for fix in project.fixed_by(&release, &releases) {
                let names: Vec<_> = fix.aliases().into_iter().collect();
                prop_assert!(!affecting.iter().flatten().any(|name| names.contains(name)), "not affected itself");
                prop_assert!(*fix.at <= release);
                prop_assert!(seen.insert((names, fix.at.to_string())), "a fix is fixed once");
            }
        }
    }
}
