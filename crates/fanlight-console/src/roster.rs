//! Who has which role and is in which group, on the way from the store into what the guard stands on.
//!
//! Owns the order of changes. Refuses to know who may make them. Invariants: what is given is kept before it counts, what is
//! taken counts no more before that is kept, and whether somebody is the last steward is asked and acted on under one lock.

use std::collections::HashSet;
use std::sync::Arc;

use fanlight_base::{PersonId, Role, Timestamp};
use fanlight_policy::{Directory, Guard};
use fanlight_store::{DirectoryGroupRow, GroupChange, ImportedPerson, Kept, RoleRow, Store, StoreError};
use tokio::sync::{Mutex, MutexGuard};

/// Beyond so many people a reading of everybody costs less than one of each.
const READ_ONE_BY_ONE: usize = 200;

/// Who is in what, now.
pub struct Roster {
    store: Store,
    rows: Mutex<Rows>,
}

/// What holds: nothing that has ended, nobody who has left or is erased.
#[derive(Debug, Default)]
struct Rows {
    directory: Directory,
    /// What was taken, where the store may not have that yet: it must not come back by a reading.
    taken: Vec<(PersonId, Role)>,
    /// The same of groups.
    left: Vec<(PersonId, String)>,
}

impl Rows {
    /// Reads what the store has, of everybody or of one person.
    async fn read(&mut self, store: &Store, of: Option<&PersonId>) -> Result<(), StoreError> {
        let (roles, groups) = (store.roles_in_force(of).await?, store.groups_in_force(of).await?);
        match of {
            Some(person) => self.directory.forget(person),
            None => self.directory = Directory::new(),
        }
        let (taken, left) = (&self.taken, &self.left);
        roles.iter().filter(|row| !taken.contains(row)).for_each(|(who, role)| self.directory.give(who, *role));
        groups.iter().filter(|row| !left.contains(row)).for_each(|(who, group)| self.directory.join(who, group));
        Ok(())
    }
}

/// The roster, held by one change.
pub struct Held<'r> {
    store: &'r Store,
    rows: MutexGuard<'r, Rows>,
}

impl Roster {
    /// What the store has, and the directory of it for the guard to begin with.
    pub async fn load(store: &Store) -> Result<(Arc<Self>, Directory), StoreError> {
        let mut rows = Rows::default();
        rows.read(store, None).await?;
        let directory = rows.directory.clone();
        Ok((Arc::new(Self { store: store.clone(), rows: Mutex::new(rows) }), directory))
    }

    /// Waits for the changes before this one.
    pub async fn hold(&self) -> Held<'_> {
        Held { store: &self.store, rows: self.rows.lock().await }
    }
}

impl Held<'_> {
    /// Whether this person is a steward, and without them none would be left, or none who can log in, though they can.
    pub async fn is_last_steward(&self, person: &PersonId) -> Result<bool, StoreError> {
        let (same, others): (Vec<_>, Vec<_>) = self.stewards().into_iter().partition(|steward| steward == person);
        if same.is_empty() || others.is_empty() {
            return Ok(!same.is_empty());
        }
        Ok(!self.store.who_log_in(&same).await?.is_empty() && self.store.who_log_in(&others).await?.is_empty())
    }

    /// Everybody who is a steward.
    pub fn stewards(&self) -> Vec<PersonId> {
        self.rows.directory.with_role(Role::Steward)
    }

    /// Puts in force what the store has of a person.
    pub async fn reread(&mut self, guard: &Guard, person: &PersonId) -> Result<(), StoreError> {
        self.rows.read(self.store, Some(person)).await?;
        self.enlist(guard);
        Ok(())
    }

    fn enlist(&self, guard: &Guard) {
        guard.enlist(self.rows.directory.clone());
    }

    /// The roles of a person, without that of a builder, which everybody has.
    pub fn roles_of(&self, person: &PersonId) -> Vec<Role> {
        self.rows.directory.roles_of(person)
    }

    /// The groups of a person.
    pub fn groups_of(&self, person: &PersonId) -> Vec<String> {
        self.rows.directory.groups_of(person)
    }

    /// Gives a role. Says whether the person did not have it.
    pub async fn give(&mut self, guard: &Guard, row: RoleRow) -> Result<bool, StoreError> {
        let is_new = self.store.give_role(&row).await?;
        self.rows.taken.retain(|(person, role)| row.person != *person || row.role != *role);
        self.reread(guard, &row.person).await?;
        Ok(is_new)
    }

    /// Takes a role. Says whether the person had it.
    pub async fn take(
        &mut self,
        guard: &Guard,
        person: &PersonId,
        role: Role,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        // Out of force first: that is the safe side of a database that fails now.
        self.rows.directory.take(person, role);
        self.enlist(guard);
        self.rows.taken.push((person.clone(), role));
        let had = self.store.take_role(person, role, now).await?;
        self.rows.taken.retain(|(who, which)| who != person || *which != role);
        Ok(had)
    }

    /// Puts a person into a group. Says whether they were not in it.
    pub async fn join(
        &mut self,
        guard: &Guard,
        person: &PersonId,
        group: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let is_new = self.store.join_group(person, group, now).await?;
        self.rows.left.retain(|(who, which)| who != person || which != group);
        self.reread(guard, person).await?;
        Ok(is_new)
    }

    /// Takes a person out of a group. Says whether they were in it.
    pub async fn leave(
        &mut self,
        guard: &Guard,
        person: &PersonId,
        group: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.rows.directory.leave(person, group);
        self.enlist(guard);
        self.rows.left.push((person.clone(), group.to_owned()));
        let was_in = self.store.leave_group(person, group, now).await?;
        self.rows.left.retain(|(who, which)| who != person || which != group);
        Ok(was_in)
    }

    /// Makes or changes a group of the company's directory: a new one where its version is 0.
    pub async fn change_group(
        &mut self,
        guard: &Guard,
        change: GroupChange<'_>,
        now: Timestamp,
    ) -> Result<Kept, StoreError> {
        let group = &change.row.name;
        self.take_out(guard, group, change.leaves);
        let kept = if change.row.version == 0 {
            self.store.make_directory_group(change, now).await?
        } else {
            self.store.change_directory_group(change, now).await?
        };
        let of_this: HashSet<&PersonId> = change.leaves.iter().chain(change.joins).collect();
        self.rows.left.retain(|(who, which)| which != group || !of_this.contains(who));
        // Who comes and has left is in no group that counts, and where nothing was kept nobody goes: the store knows.
        let again = if matches!(kept, Kept::Made(_)) { change.joins } else { change.leaves };
        if again.len() > READ_ONE_BY_ONE {
            self.rows.read(self.store, None).await?;
        } else {
            for person in again {
                self.rows.read(self.store, Some(person)).await?;
            }
        }
        self.enlist(guard);
        Ok(kept)
    }

    /// Takes a list of people over.
    pub async fn import(&mut self, guard: &Guard, people: &[ImportedPerson], now: Timestamp) -> Result<(), StoreError> {
        for person in people {
            for group in &person.leaves {
                self.rows.directory.leave(&person.person, group);
                self.rows.left.push((person.person.clone(), group.clone()));
            }
        }
        self.enlist(guard);
        self.store.import(people, now).await?;
        let of_these: HashSet<&PersonId> = people.iter().map(|person| &person.person).collect();
        self.rows.left.retain(|(who, _)| !of_these.contains(who));
        self.rows.read(self.store, None).await?;
        self.enlist(guard);
        Ok(())
    }

    /// Ends a group of the company's directory.
    pub async fn end_group(
        &mut self,
        guard: &Guard,
        row: &DirectoryGroupRow,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let members = self.store.members(&row.name).await?;
        self.take_out(guard, &row.name, &members);
        let ended = self.store.end_directory_group(row, now).await?;
        self.rows.left.retain(|(_, which)| *which != row.name);
        Ok(ended)
    }

    fn take_out(&mut self, guard: &Guard, group: &str, people: &[PersonId]) {
        for person in people {
            self.rows.directory.leave(person, group);
            self.rows.left.push((person.clone(), group.to_owned()));
        }
        if !people.is_empty() {
            self.enlist(guard);
        }
    }

    /// Takes a person out of everything and ends all by which they come in, in force before it is kept. How it is kept is for
    /// the caller to say.
    pub async fn end<T>(
        &mut self,
        guard: &Guard,
        person: &PersonId,
        kept: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let (roles, groups) = (self.roles_of(person), self.groups_of(person));
        self.rows.taken.extend(roles.into_iter().map(|role| (person.clone(), role)));
        self.rows.left.extend(groups.into_iter().map(|group| (person.clone(), group)));
        self.forget(guard, person);
        let kept = kept.await?;
        self.rows.taken.retain(|(who, _)| who != person);
        self.rows.left.retain(|(who, _)| who != person);
        Ok(kept)
    }

    /// Takes a person out of everything, as far as the guard is concerned: the store has it already.
    pub fn forget(&mut self, guard: &Guard, person: &PersonId) {
        self.rows.directory.forget(person);
        self.enlist(guard);
    }
}

#[cfg(test)]
mod tests;
