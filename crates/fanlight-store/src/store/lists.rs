//! Lists of what may be many, a part at a time: in their order, from a place on, searched by the database.
//!
//! Refuses to know pages and what is shown. Invariants: what is read for a part does not grow with the list, but where little of
//! it is searched for; the search finds everything that holds the words, capital letters or small, and may find more, because no
//! database folds all the letters that there are: whoever asks looks once more.

use std::collections::HashMap;

use fanlight_base::{AppId, PersonId, Role, Timestamp};
use sqlx::any::AnyRow;

use super::accesses::{ProjectRow, projects};
use super::apps::AppRow;
use super::caller_keys::CallerKeyRow;
use super::devices::DeviceRow;
use super::error::{StoreError, doing};
use super::people::PersonRow;
use super::row::{Columns, sql_count};
use super::{Store, apps, caller_keys, devices, people};

/// Where something stands in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its time.
    pub at: Timestamp,
    /// Its id, among those of the same time.
    pub id: String,
}

/// What of a list is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// Only what follows that place.
    pub after: Option<Place>,
    /// Words that must be in it, in small letters; nothing for all of it.
    pub wanted: String,
    /// What else must hold of it.
    pub having: Vec<Having>,
    /// At most so many.
    pub most: u64,
}

/// What must hold of something in a list, beside its words. Each belongs to one list, and is an error of the database in another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Having {
    /// Of [`PEOPLE`]: they were given that role, and it has not ended.
    Role(Role),
    /// Of [`PEOPLE`]: they are in a group with this, in small letters, in its name.
    Group(String),
    /// Of [`PEOPLE`]: they have not left, and are not erased.
    Here,
    /// Of [`PROJECTS`]: their purls begin with this, which is made of letters, digits, `:` and `/`.
    PurlsOf(String),
    /// Of [`PROJECTS`]: something of them was stopped.
    Stopped,
}

impl Having {
    /// It in SQL, with its value behind that mark.
    fn condition(&self, mark: usize) -> String {
        match self {
            Self::Role(_) => format!(
                "EXISTS (SELECT 1 FROM roles WHERE roles.person = people.id AND roles.role = ${mark} AND roles.ended_ms IS NULL)"
            ),
            Self::Group(_) => format!(
                "EXISTS (SELECT 1 FROM memberships WHERE memberships.person = people.id \
                 AND LOWER(memberships.group_name) LIKE ${mark} ESCAPE '\\' AND memberships.ended_ms IS NULL)"
            ),
            Self::Here => format!("COALESCE(left_ms, erased_ms, ${mark}) = ${mark}"),
            Self::PurlsOf(_) => format!("id LIKE ${mark}"),
            Self::Stopped => format!("stopped > ${mark}"),
        }
    }
}

/// A list: what it is read by, its order, and the words it is searched by.
pub struct List<R> {
    select: &'static str,
    table: &'static str,
    at: &'static str,
    newest_first: bool,
    words: &'static [&'static str],
    /// The pattern of the words that are searched for.
    pattern: fn(&str) -> String,
    read: fn(&AnyRow) -> Result<R, StoreError>,
}

/// Everybody known, in the order they became known.
pub const PEOPLE: List<PersonRow> = List {
    select: people::SELECT,
    table: "people",
    at: "created_ms",
    newest_first: false,
    words: &["name"],
    pattern: holds,
    read: people::person,
};

/// Every device, in the order they were made.
pub const DEVICES: List<DeviceRow> = List {
    select: devices::SELECT,
    table: "devices",
    at: "created_ms",
    newest_first: false,
    words: &["machine", "(SELECT people.name FROM people WHERE people.id = devices.person)"],
    pattern: holds,
    read: devices::device,
};

/// Every app, in the order they were registered.
pub const APPS: List<AppRow> = List {
    select: apps::SELECT,
    table: "apps",
    at: "registered_ms",
    newest_first: false,
    words: &["title", "headline"],
    pattern: holds,
    read: apps::app,
};

/// Every key, the newest first.
pub const CALLER_KEYS: List<CallerKeyRow> = List {
    select: caller_keys::SELECT,
    table: "caller_keys",
    at: "made_ms",
    newest_first: true,
    words: &[
        "label",
        "(SELECT apps.title FROM apps WHERE apps.id = caller_keys.app)",
        "(SELECT people.name FROM people WHERE people.id = caller_keys.person)",
    ],
    pattern: holds,
    read: caller_keys::key,
};

/// Every project that somebody asked for, those asked for last first.
pub const PROJECTS: List<ProjectRow> = List {
    select: projects::SELECT,
    table: "projects",
    at: "last_ms",
    newest_first: true,
    words: &[],
    pattern: of_purls,
    read: projects::project,
};

/// A pattern that everything has which holds these words, in small letters: of letters beyond ASCII it asks nothing, and little of
/// the two that are also what other letters become.
pub(crate) fn holds(wanted: &str) -> String {
    let mut out = String::from("%");
    for letter in wanted.chars() {
        match letter {
            'i' | 'k' => out.push('_'),
            '%' | '_' | '\\' => out.extend(['\\', letter]),
            letter if letter.is_ascii() => out.push(letter),
            _ => out.push('%'),
        }
    }
    out.push('%');
    out
}

/// A pattern that purls have which hold these words, in small letters, in what follows their kind, and no others. People write names as they
/// remember them: what stands between words is any of `-`, `_`, `.`, a space and the `@` before a version. A whole purl is one, too.
pub(crate) fn of_purls(wanted: &str) -> String {
    let mut out = String::from(if wanted.starts_with("pkg:") { "%" } else { "pkg:%/%" });
    let mut begins = true;
    for letter in wanted.chars() {
        match letter {
            // A scope's; purls have it encoded.
            '@' if begins => out.push_str("\\%40"),
            '-' | '_' | '.' | ' ' | '@' => out.push('_'),
            '%' | '\\' => out.extend(['\\', letter]),
            letter => out.push(letter),
        }
        begins = letter == '/';
    }
    out.push('%');
    out
}

impl<R> List<R> {
    fn text(&self, searches: bool, having: &[Having]) -> String {
        let Self { select, at, newest_first, words, .. } = self;
        let (later, order) = if *newest_first { ('<', "DESC") } else { ('>', "ASC") };
        let mut text = format!("{select} WHERE {at} {later}= $1 AND ({at} {later} $1 OR id > $2)");
        if searches {
            let has = words.iter().chain(&["id"]).map(|word| format!("LOWER({word}) LIKE $4 ESCAPE '\\'"));
            text.push_str(&format!(" AND ({})", has.collect::<Vec<_>>().join(" OR ")));
        }
        for (having, mark) in having.iter().zip(4 + usize::from(searches)..) {
            text.push_str(&format!(" AND {}", having.condition(mark)));
        }
        text.push_str(&format!(" ORDER BY {at} {order}, id LIMIT $3"));
        text
    }
}

/// So many marks for values, from the first on.
fn marks(first: usize, count: usize) -> String {
    let marks: Vec<String> = (first..first + count).map(|number| format!("${number}")).collect();
    marks.join(", ")
}

/// Ids looked up by one question.
const AT_ONCE: usize = 500;

impl Store {
    /// A part of a list, each with its place.
    pub async fn listed<R>(&self, list: &List<R>, part: &Part) -> Result<Vec<(Place, R)>, StoreError> {
        let text = list.text(!part.wanted.is_empty(), &part.having);
        let begin = if list.newest_first { i64::MAX } else { i64::MIN };
        let (at, id) = match &part.after {
            Some(place) => (place.at.as_millisecond(), place.id.as_str()),
            None => (begin, ""),
        };
        let asked = sqlx::query(sqlx::AssertSqlSafe(text)).bind(at).bind(id).bind(sql_count(part.most));
        let asked = if part.wanted.is_empty() { asked } else { asked.bind((list.pattern)(&part.wanted)) };
        let asked = part.having.iter().fold(asked, |asked, having| match having {
            Having::Role(role) => asked.bind(role.as_str()),
            Having::Group(words) => asked.bind(holds(words)),
            Having::PurlsOf(begin) => asked.bind(format!("{begin}%")),
            Having::Here => asked.bind(i64::MIN),
            Having::Stopped => asked.bind(0_i64),
        });
        let rows = asked.fetch_all(self.readers()).await.map_err(doing("reading a part of a list"))?;
        let placed = |row: &AnyRow| {
            let columns = Columns { table: list.table, row };
            Ok((Place { at: columns.time(list.at)?, id: columns.text("id")? }, (list.read)(row)?))
        };
        rows.iter().map(placed).collect()
    }

    /// The place of that id in a list.
    pub async fn place_in<R>(&self, list: &List<R>, id: &str) -> Result<Option<Place>, StoreError> {
        let text = format!("SELECT id, {} FROM {} WHERE id = $1", list.at, list.table);
        let found = sqlx::query(sqlx::AssertSqlSafe(text)).bind(id).fetch_optional(self.readers()).await;
        let found = found.map_err(doing("looking up a place in a list"))?;
        let place = |row| {
            let columns = Columns { table: list.table, row };
            Ok(Place { at: columns.time(list.at)?, id: columns.text("id")? })
        };
        found.as_ref().map(place).transpose()
    }

    /// The names of those of these people who have one.
    pub async fn names_of(&self, people: &[&PersonId]) -> Result<HashMap<PersonId, String>, StoreError> {
        let mut names = HashMap::new();
        for some in people.chunks(AT_ONCE) {
            let text =
                format!("SELECT id, name FROM people WHERE name IS NOT NULL AND id IN ({})", marks(1, some.len()));
            let asked = some.iter().fold(sqlx::query(sqlx::AssertSqlSafe(text)), |asked, id| asked.bind(id.as_str()));
            for row in &asked.fetch_all(self.readers()).await.map_err(doing("looking up names"))? {
                let row = Columns { table: "people", row };
                names.insert(PersonId::new(row.text("id")?), row.text("name")?);
            }
        }
        Ok(names)
    }

    /// The titles of these apps.
    pub async fn titles_of(&self, apps: &[&AppId]) -> Result<HashMap<AppId, String>, StoreError> {
        let mut titles = HashMap::new();
        for some in apps.chunks(AT_ONCE) {
            let text = format!("SELECT id, title FROM apps WHERE id IN ({})", marks(1, some.len()));
            let asked = some.iter().fold(sqlx::query(sqlx::AssertSqlSafe(text)), |asked, id| asked.bind(id.as_str()));
            for row in &asked.fetch_all(self.readers()).await.map_err(doing("looking up titles"))? {
                let row = Columns { table: "apps", row };
                titles.insert(AppId::new(row.text("id")?), row.text("title")?);
            }
        }
        Ok(titles)
    }

    /// How many keys of each of these apps are good.
    pub async fn keys_of(&self, apps: &[&AppId], now: Timestamp) -> Result<HashMap<AppId, u64>, StoreError> {
        let mut counts = HashMap::new();
        for some in apps.chunks(AT_ONCE) {
            let text = format!(
                "SELECT app, COUNT(*) AS good FROM caller_keys WHERE revoked_ms IS NULL AND until_ms > $1 AND app IN ({}) \
                 GROUP BY app",
                marks(2, some.len())
            );
            let asked = sqlx::query(sqlx::AssertSqlSafe(text)).bind(now.as_millisecond());
            let asked = some.iter().fold(asked, |asked, id| asked.bind(id.as_str()));
            for row in &asked.fetch_all(self.readers()).await.map_err(doing("counting keys"))? {
                let row = Columns { table: "caller_keys", row };
                counts.insert(AppId::new(row.text("app")?), row.count("good")?);
            }
        }
        Ok(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{at, fresh};

    async fn known(names: &[(&str, &str, i64)]) -> (tempfile::TempDir, Store) {
        let (dir, store) = fresh().await;
        for (id, name, time) in names {
            store.create_person(&PersonId::new(*id), name, at(*time)).await.unwrap();
        }
        (dir, store)
    }

    async fn ids(store: &Store, part: &Part) -> Vec<String> {
        store.listed(&PEOPLE, part).await.unwrap().into_iter().map(|(place, _)| place.id).collect()
    }

    #[tokio::test]
    async fn parts_follow_one_another_in_the_list_s_order_also_among_equal_times() {
        let (_dir, store) =
            known(&[("prs_c", "c", 5), ("prs_a", "a", 5), ("prs_b", "b", 5), ("prs_d", "d", 4), ("prs_e", "e", 6)])
                .await;
        let (mut part, mut all) = (Part { most: 2, ..Part::default() }, Vec::new());
        loop {
            let found = store.listed(&PEOPLE, &part).await.unwrap();
            let Some((last, _)) = found.last() else { break };
            part.after = Some(last.clone());
            all.extend(found.into_iter().map(|(place, _)| place.id));
        }
        assert_eq!(all, ["prs_d", "prs_a", "prs_b", "prs_c", "prs_e"]);
        let place = store.place_in(&PEOPLE, "prs_b").await.unwrap().unwrap();
        assert_eq!(ids(&store, &Part { after: Some(place), most: 9, ..Part::default() }).await, ["prs_c", "prs_e"]);
        assert_eq!(store.place_in(&PEOPLE, "prs_x").await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_search_misses_nothing_whose_small_letters_hold_the_words() {
        let names = ["Jörg Müller", "JÖRG KLEIN", "Kelvin \u{212a}", "İpek", "50% off", "a_b", "back\\slash", "anna"];
        let rows: Vec<(String, &str, i64)> =
            names.iter().zip(1..).map(|(name, number)| (format!("prs_{number}"), *name, number)).collect();
        let rows: Vec<(&str, &str, i64)> = rows.iter().map(|(id, name, time)| (id.as_str(), *name, *time)).collect();
        let (_dir, store) = known(&rows).await;
        for wanted in
            ["jörg", "ö", "klein", "kelvin k", "i\u{307}pek", "pek", "50%", "%", "_", "a_b", "k\\s", "anna", "x"]
        {
            let found = ids(&store, &Part { wanted: wanted.to_owned(), most: 99, ..Part::default() }).await;
            for (id, name, _) in &rows {
                let has = name.to_lowercase().contains(wanted);
                assert!(!has || found.iter().any(|found| found == id), "{wanted:?} is in {name:?}: {found:?}");
            }
        }
        // Signs of patterns stand for themselves.
        let of =
            async |wanted: &str| ids(&store, &Part { wanted: wanted.to_owned(), most: 99, ..Part::default() }).await;
        assert_eq!(of("50%").await, ["prs_5"]);
        assert_eq!(of("a_b").await, ["prs_6"]);
        assert_eq!(of("anna").await, ["prs_8"]);
        assert_eq!(of("prs_3").await, ["prs_3"], "ids are words, too");
    }

    #[tokio::test]
    async fn purls_are_found_as_people_write_names() {
        let (_dir, store) = fresh().await;
        let names = ["pkg:pypi/typing-extensions", "pkg:npm/%40acme/tool_kit", "pkg:cargo/serde", "pkg:npm/left-pad"];
        for (name, time) in names.iter().zip(1..) {
            let text = format!("INSERT INTO projects VALUES ('{name}', 0, 0, {time})");
            sqlx::query(sqlx::AssertSqlSafe(text)).execute(store.writer().unwrap()).await.unwrap();
        }
        let found = async |wanted: &str| {
            let part = Part { wanted: wanted.to_owned(), most: 99, ..Part::default() };
            let rows = store.listed(&PROJECTS, &part).await.unwrap();
            let mut found: Vec<_> =
                rows.iter().map(|(place, _)| names.iter().position(|name| *name == place.id).unwrap()).collect();
            found.sort();
            found
        };
        for (wanted, of) in [
            ("typing_extensions", vec![0]),
            ("typing.ext", vec![0]),
            ("@acme/tool-kit", vec![1]),
            ("@acme/", vec![1]),
            ("tool", vec![1]),
            ("pkg:cargo/", vec![2]),
            ("i", vec![0, 1]),
            ("npm", vec![]),
            ("%", vec![1]),
            ("é", vec![]),
            ("sirde", vec![]),
        ] {
            assert_eq!(found(wanted).await, of, "{wanted}");
        }
    }

    #[tokio::test]
    async fn no_part_of_a_list_is_sorted_to_be_read() {
        let (_dir, store) = fresh().await;
        for (text, index) in [
            (PEOPLE.text(false, &[]), "people_in_order"),
            (PEOPLE.text(true, &[Having::Role(Role::Steward), Having::Group(String::new())]), "people_in_order"),
            (DEVICES.text(true, &[]), "devices_in_order"),
            (APPS.text(true, &[]), "apps_in_order"),
            (CALLER_KEYS.text(true, &[]), "caller_keys_in_order"),
            (PROJECTS.text(true, &[Having::PurlsOf(String::new()), Having::Stopped]), "projects_in_order"),
        ] {
            let explained = format!("EXPLAIN QUERY PLAN {text}");
            let asked = sqlx::query(sqlx::AssertSqlSafe(explained)).bind(0_i64).bind("").bind(9_i64);
            let marks = text.matches('$').count().saturating_sub(4);
            let asked = (0..marks).fold(asked, |asked, _| asked.bind("%"));
            let rows = asked.fetch_all(store.readers()).await.unwrap();
            let steps: Vec<String> =
                rows.iter().map(|row| Columns { table: "plan", row }.text("detail").unwrap()).collect();
            assert!(steps[0].contains(index), "{steps:?}");
            assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{steps:?}");
        }
    }
}
