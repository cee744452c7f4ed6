//! Lists, a page at a time. A page's `next` is the id of its last thing, so that what comes or goes meanwhile moves nothing.
//!
//! Refuses to know what is listed beyond its id and the words it can be found by. Short lists are read whole ([`Paging::page`]); of
//! those that grow with a company the database gives parts, until a page is full ([`Filling`]).

use fanlight_api::apps::App;
use fanlight_api::exceptions::Exception;
use fanlight_api::keys::Key;
use fanlight_api::overview::Project;
use fanlight_api::people::Person;
use fanlight_api::quarantine::Quarantine;
use fanlight_api::reviews::Review;
use fanlight_api::tokens::Device;
use fanlight_base::limits;
use fanlight_net::Problem;
use fanlight_store::{Having, List, Part, Place, Store, StoreError};

use crate::reply::part;

/// What stands in a list.
pub(crate) trait Listed {
    /// What it is known by among the others, for good.
    fn id(&self) -> String;
    /// The words it is found by, beside that.
    fn words(&self) -> [Option<&str>; 2];
    /// Whether it holds what is searched for, in small letters.
    fn has(&self, wanted: &str) -> bool {
        let has = |text: &str| text.to_lowercase().contains(wanted);
        has(&self.id()) || self.words().into_iter().flatten().any(has)
    }
    /// What the next page is asked for by where this is the last one of a page.
    fn place(&self) -> String {
        self.id()
    }
}

/// What of a list is asked for.
#[derive(Debug, Default)]
pub(crate) struct Paging {
    /// What is searched for, in small letters.
    pub(crate) wanted: String,
    pub(crate) limit: Option<usize>,
    pub(crate) after: Option<String>,
}

/// The words of that name in a query, in small letters; none where it says nothing.
pub(crate) fn searched(query: Option<&str>, name: &str) -> Result<String, Box<Problem>> {
    let wanted = part(query, name).unwrap_or_default().trim().to_lowercase();
    if wanted.chars().count() > limits::SEARCH_CHARACTERS {
        let words = format!("What is searched for has at most {} characters.", limits::SEARCH_CHARACTERS);
        return Err(Box::new(Problem::bad_request(words)));
    }
    Ok(wanted)
}

impl Paging {
    /// Reads `q`, `limit` and `after`.
    pub(crate) fn asked(query: Option<&str>) -> Result<Self, Box<Problem>> {
        let wrong = |words| Box::new(Problem::bad_request(words));
        let wanted = searched(query, "q")?;
        let limit = match part(query, "limit") {
            None => None,
            Some(said) => {
                let limit = said.parse().ok().filter(|limit| (1..=limits::LIST_PAGE).contains(limit));
                Some(
                    limit
                        .ok_or_else(|| wrong(format!("`limit` is a whole number from 1 to {}.", limits::LIST_PAGE)))?,
                )
            }
        };
        Ok(Self { wanted, limit, after: part(query, "after") })
    }

    /// The page that is asked for of a list in its order, and where the next one begins.
    pub(crate) fn page<T: Listed>(&self, mut list: Vec<T>) -> Result<(Vec<T>, Option<String>), Box<Problem>> {
        if let Some(after) = &self.after {
            let Some(place) = list.iter().position(|one| one.place() == *after) else {
                return Err(no_such_place());
            };
            list.drain(..=place);
        }
        list.retain(|one| self.is_wanted(one));
        let more = self.limit.is_some_and(|limit| list.len() > limit);
        list.truncate(self.limit.unwrap_or(usize::MAX));
        let next = list.last().filter(|_| more).map(Listed::place);
        Ok((list, next))
    }
}

impl Paging {
    fn is_wanted(&self, one: &impl Listed) -> bool {
        self.wanted.is_empty() || one.has(&self.wanted)
    }

    /// Begins a page of a list that the database gives in parts.
    pub(crate) async fn begin<R, T>(
        &self,
        store: &Store,
        list: &List<R>,
    ) -> Result<Result<Filling<'_, T>, Box<Problem>>, StoreError> {
        let after = match &self.after {
            None => None,
            Some(id) => match store.place_in(list, id).await? {
                Some(place) => Some(place),
                None => return Ok(Err(no_such_place())),
            },
        };
        Ok(Ok(self.begin_at(after)))
    }

    /// The same of a list in which a place is not known by an id alone.
    pub(crate) fn begin_at<T>(&self, after: Option<Place>) -> Filling<'_, T> {
        Filling { paging: self, after, having: Vec::new(), asked: 0, page: Vec::new(), end: None }
    }
}

/// A page of a list with where the next one begins, or that there is none by that `after`.
pub(crate) type PageOf<T> = Result<(Vec<T>, Option<String>), Box<Problem>>;

/// A page that is being filled.
pub(crate) struct Filling<'p, T> {
    paging: &'p Paging,
    after: Option<Place>,
    having: Vec<Having>,
    /// How many were asked for last.
    asked: u64,
    page: Vec<T>,
    /// Whether more follows, once that is known.
    end: Option<bool>,
}

/// Of what is searched for, more is read at once than a page still needs: the database finds a few that are not meant.
const LEAST: usize = 50;

impl<T: Listed> Filling<'_, T> {
    /// What has to be read next; nothing once the page is full.
    pub(crate) fn lacks(&mut self) -> Option<Part> {
        if self.end.is_some() {
            return None;
        }
        let most = self.paging.limit.map_or(limits::LIST_PAGE, |limit| (limit + 1 - self.page.len()).max(LEAST));
        self.asked = most as u64;
        let (after, wanted) = (self.after.clone(), self.paging.wanted.clone());
        Some(Part { after, wanted, having: self.having.clone(), most: self.asked })
    }

    /// Asks the database for those of which this holds, too.
    pub(crate) fn having(&mut self, having: impl IntoIterator<Item = Having>) {
        self.having.extend(having);
    }

    /// Takes what was read, with the places of all of it.
    pub(crate) fn take(&mut self, places: Vec<Place>, shown: Vec<T>) {
        let is_last = (places.len() as u64) < self.asked;
        self.after = places.into_iter().next_back().or(self.after.take());
        for one in shown.into_iter().filter(|one| self.paging.is_wanted(one)) {
            if self.paging.limit.is_some_and(|limit| self.page.len() >= limit) {
                self.end = Some(true);
                return;
            }
            self.page.push(one);
        }
        if is_last {
            self.end = Some(false);
        }
    }

    /// The page, and where the next one begins.
    pub(crate) fn done(self) -> (Vec<T>, Option<String>) {
        let next = self.page.last().filter(|_| self.end == Some(true)).map(Listed::place);
        (self.page, next)
    }
}

/// The list has nothing that it could go on after.
pub(crate) fn no_such_place() -> Box<Problem> {
    let words = "The list has nothing by that `after`: take the `next` of a page, or begin without one.";
    Box::new(Problem::not_found(words))
}

impl Listed for Person {
    fn id(&self) -> String {
        self.person.to_string()
    }

    fn words(&self) -> [Option<&str>; 2] {
        [self.name.as_deref(), None]
    }
}

impl Listed for Project {
    fn id(&self) -> String {
        self.purl.clone()
    }

    fn words(&self) -> [Option<&str>; 2] {
        [None, None]
    }

    // The database knows how names are written.
    fn has(&self, _wanted: &str) -> bool {
        true
    }

    // What is asked for meanwhile moves to the list's begin; those behind it are where they were.
    fn place(&self) -> String {
        format!("{}~{}", self.last.as_millisecond(), self.purl)
    }
}

impl Listed for Device {
    fn id(&self) -> String {
        self.device.to_string()
    }

    fn words(&self) -> [Option<&str>; 2] {
        [self.name.as_deref(), self.machine.as_deref()]
    }
}

impl Listed for App {
    fn id(&self) -> String {
        self.app.to_string()
    }

    fn words(&self) -> [Option<&str>; 2] {
        [Some(&self.title), Some(&self.headline)]
    }
}

impl Listed for Key {
    fn id(&self) -> String {
        self.key.clone()
    }

    fn words(&self) -> [Option<&str>; 2] {
        [Some(&self.label), self.title.as_deref().or(self.name.as_deref())]
    }
}

impl Listed for Review {
    // A node says one thing of a release.
    fn id(&self) -> String {
        format!("{}~{}", self.purl, self.node)
    }

    fn words(&self) -> [Option<&str>; 2] {
        [Some(&self.because), None]
    }
}

impl Listed for Exception {
    fn id(&self) -> String {
        self.id.clone()
    }

    fn words(&self) -> [Option<&str>; 2] {
        [Some(&self.purl), Some(&self.because)]
    }
}

impl Listed for Quarantine {
    fn id(&self) -> String {
        self.purl.clone()
    }

    fn words(&self) -> [Option<&str>; 2] {
        [Some(&self.because), None]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Row(u32);

    impl Listed for Row {
        fn id(&self) -> String {
            self.0.to_string()
        }

        fn words(&self) -> [Option<&str>; 2] {
            [Some(if self.0.is_multiple_of(2) { "Even" } else { "odd" }), None]
        }
    }

    fn page(query: &str, rows: u32) -> (Vec<u32>, Option<String>) {
        let paging = Paging::asked(Some(query)).unwrap();
        let (page, next) = paging.page((0..rows).map(Row).collect()).unwrap();
        (page.into_iter().map(|row| row.0).collect(), next)
    }

    #[test]
    fn pages_follow_one_another_and_end() {
        assert_eq!(page("", 3), (vec![0, 1, 2], None));
        assert_eq!(page("limit=2", 5), (vec![0, 1], Some("1".to_owned())));
        assert_eq!(page("limit=2&after=1", 5), (vec![2, 3], Some("3".to_owned())));
        assert_eq!(page("limit=2&after=3", 5), (vec![4], None));
        assert_eq!(page("limit=2", 2), (vec![0, 1], None));
        assert_eq!(page("limit=2&q=EVEN", 6), (vec![0, 2], Some("2".to_owned())));
        assert_eq!(page("limit=2&q=even&after=2", 6), (vec![4], None));
        // More came before it: nothing is shown twice, nothing is passed over.
        assert_eq!(page("after=1", 4), (vec![2, 3], None));
    }

    /// The same of a list that comes in parts.
    fn filled(query: &str, rows: u32) -> (Vec<u32>, Option<String>) {
        let paging = Paging::asked(Some(query)).unwrap();
        let place = |row: u32| Place { at: fanlight_base::Timestamp::UNIX_EPOCH, id: row.to_string() };
        let after = paging.after.as_ref().map(|after| place(after.parse().unwrap()));
        let mut filling = paging.begin_at(after);
        while let Some(part) = filling.lacks() {
            let begin = part.after.map_or(0, |place| place.id.parse::<u32>().unwrap() + 1);
            let read: Vec<u32> = (begin..rows).take(usize::try_from(part.most).unwrap()).collect();
            filling.take(read.iter().copied().map(place).collect(), read.into_iter().map(Row).collect());
        }
        let (page, next) = filling.done();
        (page.into_iter().map(|row| row.0).collect(), next)
    }

    #[test]
    fn a_list_that_comes_in_parts_gives_the_same_pages() {
        for query in
            ["", "limit=2", "limit=2&after=1", "limit=60&q=even", "limit=60&q=even&after=8", "q=odd", "limit=1000"]
        {
            for rows in [0, 1, 2, 3, 49, 50, 51, 60, 61, 120, 1000, 1001, 2500] {
                if query.contains("after") && rows < 10 {
                    continue;
                }
                assert_eq!(filled(query, rows), page(query, rows), "{query} of {rows}");
            }
        }
    }

    #[test]
    fn what_cannot_be_asked_for_is_turned_down() {
        for query in ["limit=0", "limit=1001", "limit=x", "limit=-1", &format!("q={}", "x".repeat(201))] {
            assert!(Paging::asked(Some(query)).is_err(), "{query}");
        }
        let paging = Paging::asked(Some("after=9")).unwrap();
        assert!(paging.page(vec![Row(1)]).is_err());
    }
}
