//! What holds for every history of pages, however the upstream lies.

use proptest::prelude::*;

use super::*;

/// Minutes since the first look, so that everything stays in range.
fn minute(minute: i64) -> Timestamp {
    at("2026-01-01T00:00:00Z").checked_add(jiff::SignedDuration::from_mins(minute)).unwrap()
}

/// What the upstream says at one look: for each of three names, nothing, or a stated time (or none) and a content.
#[derive(Debug, Clone)]
struct Told {
    after_minutes: i64,
    quarantined: bool,
    files: [Option<(Option<i64>, u8)>; 3],
}

fn any_file() -> impl Strategy<Value = Option<(Option<i64>, u8)>> {
    proptest::option::of((proptest::option::of(-20_000_i64..20_000), 1_u8..3))
}

prop_compose! {
    fn any_look()(
        after_minutes in 1_i64..3_000,
        quarantined in proptest::bool::weighted(0.1),
        files in [any_file(), any_file(), any_file()],
    ) -> Told {
        Told { after_minutes, quarantined, files }
    }
}

fn files(told: &Told) -> Vec<IndexFile> {
    let named = told.files.iter().enumerate();
    named
        .filter_map(|(n, said)| {
            said.map(|(stated, content)| file(&format!("foo-{n}.zip"), stated.map(minute), content))
        })
        .collect()
}

fn shown(told: &Told) -> Index {
    if told.quarantined { quarantined() } else { page(&files(told)) }
}

proptest! {
    #[test]
    fn nothing_that_was_absent_at_a_look_gets_out_early(history in proptest::collection::vec(any_look(), 1..12)) {
        let wait = Duration::from_secs(7 * 86_400);
        let mut known: Option<(Sightings, Timestamp)> = None;
        // The newest look that listed files, for each file (name and content) the look before it was there first.
        let mut last_listing: Option<Timestamp> = None;
        let mut absent: std::collections::HashMap<(Arc<str>, Sha256), Option<Timestamp>> = Default::default();
        let mut current: std::collections::HashMap<Arc<str>, Sha256> = Default::default();
        let mut backdated: std::collections::HashSet<(Arc<str>, Sha256)> = Default::default();
        let mut now = minute(0);
        for told in &history {
            now = now.checked_add(jiff::SignedDuration::from_mins(told.after_minutes)).unwrap();
            let index = shown(told);
            let seen = Sightings::observe(known.as_ref().map(|(seen, at)| (seen, *at)), &index, now);
            for file in &index.files {
                let key = (file.filename.clone(), file.hashes.sha256.unwrap());
                if current.insert(key.0.clone(), key.1) != Some(key.1) {
                    absent.insert(key.clone(), last_listing);
                    backdated.remove(&key);
                }
                let age = seen.age(file, now, wait);
                prop_assert!(age.age_minutes >= 0);
                if let Some(Some(at)) = absent.get(&key) {
                    let earliest = at.checked_sub(BACKDATING_SLACK).unwrap().checked_add(wait).unwrap();
                    prop_assert!(age.available_at >= earliest, "{file:?} {age:?} was not there at {at}");
                }
                if backdated.contains(&key) {
                    prop_assert_eq!(age.publish_time, PublishTime::Backdated, "once backdated, always backdated");
                }
                if age.publish_time == PublishTime::Backdated {
                    backdated.insert(key);
                }
            }
            if !told.quarantined {
                last_listing = Some(now);
            }
            known = Some((seen, now));
        }
    }

    #[test]
    fn an_age_grows_with_time_and_agrees_with_the_hold(
        told in any_look(), seconds in proptest::collection::vec(-2_000_000_i64..4_000_000, 2), wait in 0_u64..2_000_000,
    ) {
        let index = page(&files(&told));
        let seen = Sightings::observe(None, &index, minute(0));
        let (mut earlier, mut later) = (seconds[0], seconds[1]);
        if earlier > later {
            std::mem::swap(&mut earlier, &mut later);
        }
        let instant = |seconds| minute(0).checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap();
        for file in &index.files {
            let before = seen.age(file, instant(earlier), Duration::from_secs(wait));
            let after = seen.age(file, instant(later), Duration::from_secs(wait));
            prop_assert!(0 <= before.age_minutes && before.age_minutes <= after.age_minutes);
            prop_assert_eq!(before.available_at, after.available_at);
            for (age, now) in [(before, instant(earlier)), (after, instant(later))] {
                prop_assert!(age.cooldown_minutes == 0 || age.has_waited() == (now >= age.available_at));
            }
        }
    }

    #[test]
    fn sightings_survive_the_store(history in proptest::collection::vec(any_look(), 1..6)) {
        let mut seen = Sightings::default();
        let mut now = minute(0);
        for told in &history {
            let before = now;
            now = now.checked_add(jiff::SignedDuration::from_mins(told.after_minutes)).unwrap();
            seen = Sightings::observe(Some((&seen, before)), &shown(told), now);
            let kept = serde_json::to_vec(&seen).unwrap();
            prop_assert_eq!(&serde_json::from_slice::<Sightings>(&kept).unwrap(), &seen);
        }
    }
}
