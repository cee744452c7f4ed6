//! Who is asked how often, and that all who know something are heard.

use std::sync::atomic::{AtomicUsize, Ordering};

use fanlight_base::Fact;

use super::*;

/// Knows one project, and counts how often it is asked.
#[derive(Default)]
struct One {
    name: &'static str,
    projects: AtomicUsize,
}

struct OfOne(&'static str);

impl Knowledge for One {
    fn project(&self, project: &Purl) -> Option<Arc<dyn ProjectKnowledge>> {
        self.projects.fetch_add(1, Ordering::Relaxed);
        (project.name() == "known").then(|| Arc::new(OfOne(self.name)) as _)
    }
}

impl ProjectKnowledge for OfOne {
    fn tell(&self, told: &Told<'_>, facts: &mut Facts) {
        facts.set(format!("{}_of_{}", self.0, told.file), i64::try_from((told.listing)().len()).unwrap());
    }
}

fn told<'a>(release: &'a Purl, file: &'a str, listing: &'a Listing<'a>) -> Told<'a> {
    Told { release, version: Some("1.0"), file, digest: None, attested: false, listing }
}

#[test]
fn each_who_knows_something_is_asked_once_for_a_project_and_heard_for_each_file() {
    let (a, b) = (One { name: "a", ..One::default() }, One { name: "b", ..One::default() });
    let (a, b) = (Arc::new(a), Arc::new(b));
    let known = Known::of([a.clone() as Arc<dyn Knowledge>, b]);
    let release = Purl::pypi("known", Some("1.0"));
    let of_project = known.project(&Purl::pypi("known", None));
    let listing =
        || vec![Listed { version: "1.0".to_owned(), waited: true, age_minutes: 0, yanked: false, attested: false }];
    let mut facts = Facts::new();
    for file in ["x", "y"] {
        of_project.tell(&told(&release, file, &listing), &mut facts);
    }
    let names: Vec<_> = facts.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a_of_x", "b_of_x", "a_of_y", "b_of_y"]);
    assert_eq!(facts.get("a_of_x"), Some(&Fact::Long(1)));
    assert_eq!(a.projects.load(Ordering::Relaxed), 1);
}

#[test]
fn nothing_is_worked_out_for_a_project_of_which_nobody_knows_anything() {
    let known = Known::of([Arc::new(One::default()) as Arc<dyn Knowledge>]);
    let release = Purl::pypi("other", Some("1.0"));
    let mut facts = Facts::new();
    let listing = || -> Vec<Listed> { panic!("the listing was asked for") };
    known.project(&Purl::pypi("other", None)).tell(&told(&release, "x", &listing), &mut facts);
    assert!(facts.is_empty());
}
