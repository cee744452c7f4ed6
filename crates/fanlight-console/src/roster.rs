//! Who has which role and is in which group, on the way from the store into what the guard stands on.
//!
//! Owns the order of changes. Refuses to know who may make them. Invariants: what is given is kept before it counts, what is
//! taken counts no more before that is kept, and whether somebody is the last steward is asked and acted on under one lock.

use std::sync::Arc;

use fanlight_base::{PersonId, Role, Timestamp};
use fanlight_policy::{Directory, Guard};
use fanlight_store::{MembershipRow, RoleRow, Store, StoreError};
use tokio::sync::{Mutex, MutexGuard};

/// Who is in what, now.
pub struct Roster {
    store: Store,
    rows: Mutex<Rows>,
}

/// What holds: nothing that has ended, nobody who is erased.
#[derive(Debug, Default)]
struct Rows {
    roles: Vec<RoleRow>,
    memberships: Vec<MembershipRow>,
    /// What was taken, where the store may not have that yet: it must not come back by a reading.
    taken: Vec<(PersonId, Role)>,
    /// The same of groups.
    left: Vec<(PersonId, String)>,
}

impl Rows {
    async fn read(store: &Store) -> Result<Self, StoreError> {
        let (roles, memberships) = (store.roles().await?, store.memberships().await?);
        let mut rows = Self { roles, memberships, ..Self::default() };
        rows.roles.retain(|row| row.ended.is_none());
        rows.memberships.retain(|row| row.ended.is_none());
        Ok(rows)
    }

    fn directory(&self) -> Directory {
        let mut directory = Directory::new();
        self.roles.iter().for_each(|row| directory.give(&row.person, row.role));
        self.memberships.iter().for_each(|row| directory.join(&row.person, &row.group));
        directory
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
        let rows = Rows::read(store).await?;
        let directory = rows.directory();
        Ok((Arc::new(Self { store: store.clone(), rows: Mutex::new(rows) }), directory))
    }

    /// Waits for the changes before this one.
    pub async fn hold(&self) -> Held<'_> {
        Held { store: &self.store, rows: self.rows.lock().await }
    }
}

impl Held<'_> {
    /// Whether nobody but this person is a steward, and they are.
    pub fn is_last_steward(&self, person: &PersonId) -> bool {
        let mut stewards = self.rows.roles.iter().filter(|row| row.role == Role::Steward).peekable();
        stewards.peek().is_some() && stewards.all(|row| row.person == *person)
    }

    /// Everybody who is a steward.
    pub fn stewards(&self) -> Vec<PersonId> {
        let stewards = self.rows.roles.iter().filter(|row| row.role == Role::Steward);
        stewards.map(|row| row.person.clone()).collect()
    }

    /// Puts in force what the store has.
    pub async fn reread(&mut self, guard: &Guard) -> Result<(), StoreError> {
        let read = Rows::read(self.store).await?;
        let Rows { roles, memberships, taken, left } = &mut *self.rows;
        (*roles, *memberships) = (read.roles, read.memberships);
        roles.retain(|row| !taken.iter().any(|(person, role)| row.person == *person && row.role == *role));
        memberships.retain(|row| !left.iter().any(|(person, group)| row.person == *person && row.group == *group));
        guard.enlist(self.rows.directory());
        Ok(())
    }

    /// The roles of a person, without that of a builder, which everybody has.
    pub fn roles_of(&self, person: &PersonId) -> Vec<Role> {
        let mut roles: Vec<_> =
            self.rows.roles.iter().filter(|row| row.person == *person).map(|row| row.role).collect();
        roles.sort_unstable();
        roles
    }

    /// The groups of a person.
    pub fn groups_of(&self, person: &PersonId) -> Vec<String> {
        self.rows.memberships.iter().filter(|row| row.person == *person).map(|row| row.group.clone()).collect()
    }

    /// Gives a role. Says whether the person did not have it.
    pub async fn give(&mut self, guard: &Guard, row: RoleRow) -> Result<bool, StoreError> {
        let is_new = self.store.give_role(&row).await?;
        self.rows.taken.retain(|(person, role)| row.person != *person || row.role != *role);
        self.reread(guard).await?;
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
        self.rows.roles.retain(|row| row.person != *person || row.role != role);
        guard.enlist(self.rows.directory());
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
        self.reread(guard).await?;
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
        self.rows.memberships.retain(|row| row.person != *person || row.group != group);
        guard.enlist(self.rows.directory());
        self.rows.left.push((person.clone(), group.to_owned()));
        let was_in = self.store.leave_group(person, group, now).await?;
        self.rows.left.retain(|(who, which)| who != person || which != group);
        Ok(was_in)
    }

    /// Takes a person out of everything, in force before it is kept.
    pub async fn end(&mut self, guard: &Guard, person: &PersonId, now: Timestamp) -> Result<(), StoreError> {
        let Rows { roles, memberships, taken, left } = &mut *self.rows;
        taken.extend(roles.iter().filter(|row| row.person == *person).map(|row| (person.clone(), row.role)));
        left.extend(
            memberships.iter().filter(|row| row.person == *person).map(|row| (person.clone(), row.group.clone())),
        );
        self.forget(guard, person);
        self.store.end_rights(person, now).await?;
        self.rows.taken.retain(|(who, _)| who != person);
        self.rows.left.retain(|(who, _)| who != person);
        Ok(())
    }

    /// Takes a person out of everything, as far as the guard is concerned: the store has it already.
    pub fn forget(&mut self, guard: &Guard, person: &PersonId) {
        self.rows.roles.retain(|row| row.person != *person);
        self.rows.memberships.retain(|row| row.person != *person);
        guard.enlist(self.rows.directory());
    }
}

#[cfg(test)]
mod tests;
