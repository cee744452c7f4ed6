//! Accounts: how a person logs in, and the links by which they begin to.
//!
//! What a link opens is one change: the account, the person's name where it is new, and that the link is used.

use fanlight_base::{PersonId, Role, Timestamp};
use sqlx::any::AnyRow;

use super::Store;
use super::error::{StoreError, doing};
use super::passkeys::{self, PasskeyRow};
use super::providers;
use super::roles::{self, RoleRow};
use super::row::{Columns, sql_count};

/// How a person logs in.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// Whose it is.
    pub person: PersonId,
    /// The password, as a PHC string; none where a passkey is enough.
    pub password: Option<String>,
    /// The secret of the codes by time, sealed; with a password always.
    pub totp: Option<String>,
    /// The step of the code that was used last.
    pub totp_step: Option<u64>,
    /// The recovery codes that are left, hashed, as the credentials' crate writes them.
    pub recovery: String,
    /// When it was made.
    pub created: Timestamp,
    /// When its person left.
    pub ended: Option<Timestamp>,
}

impl std::fmt::Debug for AccountRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountRow").field("person", &self.person).field("ended", &self.ended).finish_non_exhaustive()
    }
}

/// A link that opens once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRow {
    /// SHA-256 of its secret.
    pub sha256: [u8; 32],
    /// For whom; for the first steward, whoever that will be, where there is nobody.
    pub person: Option<PersonId>,
    /// The role that comes with it.
    pub role: Option<Role>,
    /// Who made it.
    pub by: Option<PersonId>,
    /// Until when it opens.
    pub until: Timestamp,
    /// When it was opened.
    pub used: Option<Timestamp>,
}

/// What came of a link that was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joined {
    /// The account is there.
    Made,
    /// Somebody else opened the link in between.
    LinkUsed,
    /// Somebody of that name is known by another pseudonym.
    NameTaken,
    /// The passkey is somebody's already.
    PasskeyKnown,
}

fn account(row: &AnyRow) -> Result<AccountRow, StoreError> {
    let row = Columns { table: "accounts", row };
    Ok(AccountRow {
        person: PersonId::new(row.text("person")?),
        password: row.text_option("password")?,
        totp: row.text_option("totp")?,
        totp_step: row.count_option("totp_step")?,
        recovery: row.text("recovery")?,
        created: row.time("created_ms")?,
        ended: row.time_option("ended_ms")?,
    })
}

pub(super) fn sha256(row: &Columns<'_>, column: &'static str) -> Result<[u8; 32], StoreError> {
    let bytes = row.bytes(column)?;
    <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| row.bad(column, format!("{} bytes", bytes.len())))
}

fn link(row: &AnyRow) -> Result<LinkRow, StoreError> {
    let row = Columns { table: "links", row };
    let role = match row.text_option("role")? {
        Some(word) => Some(Role::of(&word).ok_or_else(|| row.bad("role", word))?),
        None => None,
    };
    Ok(LinkRow {
        sha256: sha256(&row, "sha256")?,
        person: row.text_option("person")?.map(PersonId::new),
        role,
        by: row.text_option("made_by")?.map(PersonId::new),
        until: row.time("until_ms")?,
        used: row.time_option("used_ms")?,
    })
}

impl Store {
    /// The account of whoever has that name now: one question, whether or not there is one.
    pub async fn account_by_name(&self, name: &str) -> Result<Option<AccountRow>, StoreError> {
        let found = sqlx::query(
            "SELECT person, password, totp, totp_step, recovery, accounts.created_ms, ended_ms FROM accounts \
             JOIN people ON people.id = accounts.person WHERE name = $1",
        )
        .bind(name)
        .fetch_optional(self.readers())
        .await
        .map_err(doing("looking up an account"))?;
        found.as_ref().map(account).transpose()
    }

    /// A person's account.
    pub async fn account(&self, person: &PersonId) -> Result<Option<AccountRow>, StoreError> {
        let found = sqlx::query(
            "SELECT person, password, totp, totp_step, recovery, created_ms, ended_ms FROM accounts WHERE person = $1",
        )
        .bind(person.as_str())
        .fetch_optional(self.readers())
        .await
        .map_err(doing("looking up an account"))?;
        found.as_ref().map(account).transpose()
    }

    /// Every account.
    pub async fn accounts(&self) -> Result<Vec<AccountRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT person, password, totp, totp_step, recovery, created_ms, ended_ms FROM accounts \
             ORDER BY created_ms, person",
        )
        .fetch_all(self.readers())
        .await
        .map_err(doing("listing accounts"))?;
        rows.iter().map(account).collect()
    }

    /// Notes that the code of this step was used. `false` where that step or a later one was before.
    pub async fn use_code(&self, person: &PersonId, step: u64) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE accounts SET totp_step = $2 WHERE person = $1 AND (totp_step IS NULL OR totp_step < $2)",
        )
        .bind(person.as_str())
        .bind(sql_count(step))
        .execute(self.writer()?)
        .await
        .map_err(doing("using a code up"))?;
        Ok(done.rows_affected() > 0)
    }

    /// Keeps what is left of the recovery codes. `false` where they are not as they were `before`.
    pub async fn use_recovery(&self, person: &PersonId, before: &str, left: &str) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE accounts SET recovery = $3 WHERE person = $1 AND recovery = $2")
            .bind(person.as_str())
            .bind(before)
            .bind(left)
            .execute(self.writer()?)
            .await
            .map_err(doing("using a recovery code up"))?;
        Ok(done.rows_affected() > 0)
    }

    /// Keeps another hash of the same password, where it is still that password.
    pub async fn upgrade_password(&self, person: &PersonId, before: &str, password: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE accounts SET password = $3 WHERE person = $1 AND password = $2")
            .bind(person.as_str())
            .bind(before)
            .bind(password)
            .execute(self.writer()?)
            .await
            .map_err(doing("keeping a password anew"))?;
        Ok(())
    }

    /// Keeps a new password, and ends all sessions but the one under `stays`. `false` where the password is not the one of
    /// `before` any more: then nothing is changed.
    pub async fn change_password(
        &self,
        person: &PersonId,
        before: &str,
        password: &str,
        stays: &[u8; 32],
    ) -> Result<bool, StoreError> {
        const DOING: &str = "changing a password";
        let mut change = self.begin(DOING).await?;
        let done =
            sqlx::query("UPDATE accounts SET password = $3 WHERE person = $1 AND password = $2 AND ended_ms IS NULL")
                .bind(person.as_str())
                .bind(before)
                .bind(password)
                .execute(&mut *change)
                .await
                .map_err(doing(DOING))?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query("DELETE FROM sessions WHERE person = $1 AND key_sha256 <> $2")
            .bind(person.as_str())
            .bind(stays.to_vec())
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
        change.commit().await.map_err(doing(DOING))?;
        Ok(true)
    }

    /// Ends an account with all its sessions and keys, and hands over the apps: its person left. Says whether it had not ended.
    pub async fn end_account(&self, person: &PersonId, now: Timestamp) -> Result<bool, StoreError> {
        const DOING: &str = "ending an account";
        let mut change = self.begin(DOING).await?;
        let done = sqlx::query("UPDATE accounts SET ended_ms = $2 WHERE person = $1 AND ended_ms IS NULL")
            .bind(person.as_str())
            .bind(now.as_millisecond())
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
        for ends in [
            "DELETE FROM sessions WHERE person = $1",
            "DELETE FROM links WHERE person = $1",
            "DELETE FROM passkeys WHERE person = $1",
            "DELETE FROM provider_people WHERE person = $1",
        ] {
            sqlx::query(ends).bind(person.as_str()).execute(&mut *change).await.map_err(doing(DOING))?;
        }
        super::apps::let_go(&mut change, person.as_str(), now).await?;
        change.commit().await.map_err(doing(DOING))?;
        Ok(done.rows_affected() > 0)
    }

    /// Keeps a link, in place of those for the same person that nobody has opened.
    pub async fn insert_link(&self, row: &LinkRow) -> Result<(), StoreError> {
        const DOING: &str = "keeping a link";
        let mut change = self.begin(DOING).await?;
        let person = row.person.as_ref().map(PersonId::as_str);
        let unopened = match person {
            Some(person) => sqlx::query("DELETE FROM links WHERE person = $1 AND used_ms IS NULL").bind(person),
            None => sqlx::query("DELETE FROM links WHERE person IS NULL AND used_ms IS NULL"),
        };
        unopened.execute(&mut *change).await.map_err(doing(DOING))?;
        sqlx::query("INSERT INTO links (sha256, person, role, made_by, until_ms) VALUES ($1, $2, $3, $4, $5)")
            .bind(row.sha256.to_vec())
            .bind(person)
            .bind(row.role.map(Role::as_str))
            .bind(row.by.as_ref().map(PersonId::as_str))
            .bind(row.until.as_millisecond())
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
        change.commit().await.map_err(doing(DOING))
    }

    /// The link to that person which somebody may open now.
    pub async fn open_link(&self, person: &PersonId, now: Timestamp) -> Result<Option<LinkRow>, StoreError> {
        let found = sqlx::query(
            "SELECT sha256, person, role, made_by, until_ms, used_ms FROM links \
             WHERE person = $1 AND used_ms IS NULL AND until_ms > $2",
        )
        .bind(person.as_str())
        .bind(now.as_millisecond())
        .fetch_optional(self.readers())
        .await
        .map_err(doing("looking up a link"))?;
        found.as_ref().map(link).transpose()
    }

    /// The link of that secret's SHA-256.
    pub async fn link(&self, sha256: &[u8; 32]) -> Result<Option<LinkRow>, StoreError> {
        let found = sqlx::query("SELECT sha256, person, role, made_by, until_ms, used_ms FROM links WHERE sha256 = $1")
            .bind(sha256.to_vec())
            .fetch_optional(self.readers())
            .await
            .map_err(doing("looking up a link"))?;
        found.as_ref().map(link).transpose()
    }

    /// Opens a link: makes the account, or puts a new one in place of what the person had, with the person where the name
    /// is new, and gives the role. All of it, or nothing. Sessions and passkeys from before end.
    pub async fn join(
        &self,
        link: &[u8; 32],
        name: &str,
        account: &AccountRow,
        passkey: Option<&PasskeyRow>,
        role: Option<&RoleRow>,
    ) -> Result<Joined, StoreError> {
        const DOING: &str = "making an account";
        let (person, now) = (account.person.as_str(), account.created.as_millisecond());
        let mut change = self.begin(DOING).await?;
        let used = sqlx::query("UPDATE links SET used_ms = $2 WHERE sha256 = $1 AND used_ms IS NULL AND until_ms > $2")
            .bind(link.to_vec())
            .bind(now)
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
        if used.rows_affected() == 0 {
            return Ok(Joined::LinkUsed);
        }
        sqlx::query("INSERT INTO people (id, name, created_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(person)
            .bind(name)
            .bind(now)
            .execute(&mut *change)
            .await
            .map_err(doing(DOING))?;
        let named = sqlx::query("SELECT id FROM people WHERE name = $1 AND id = $2")
            .bind(name)
            .bind(person)
            .fetch_optional(&mut *change)
            .await
            .map_err(doing(DOING))?;
        if named.is_none() {
            return Ok(Joined::NameTaken);
        }
        for clears in [
            "DELETE FROM accounts WHERE person = $1",
            "DELETE FROM sessions WHERE person = $1",
            // Whoever had left was invited again: no link from before outlives that they left.
            "UPDATE people SET left_ms = NULL WHERE id = $1",
            "DELETE FROM passkeys WHERE person = $1",
            "DELETE FROM provider_people WHERE person = $1",
        ] {
            sqlx::query(clears).bind(person).execute(&mut *change).await.map_err(doing(DOING))?;
        }
        insert(&mut change, account).await?;
        if let Some(passkey) = passkey
            && !passkeys::insert(&mut change, passkey).await?
        {
            return Ok(Joined::PasskeyKnown);
        }
        if let Some(role) = role {
            roles::give(&mut change, role).await?;
        }
        change.commit().await.map_err(doing(DOING))?;
        Ok(Joined::Made)
    }

    /// Puts accounts and passkeys of another state in place of those here, for everybody who is known here: what people log in
    /// by stays as it was there.
    pub async fn take_over_accounts(&self, other: &Self) -> Result<(), StoreError> {
        const DOING: &str = "taking over accounts";
        let accounts = other.accounts().await?;
        let mut change = self.begin(DOING).await?;
        for clears in ["DELETE FROM accounts", "DELETE FROM passkeys", "DELETE FROM provider_people"] {
            sqlx::query(clears).execute(&mut *change).await.map_err(doing(DOING))?;
        }
        for account in accounts {
            let known = sqlx::query("SELECT id FROM people WHERE id = $1 AND erased_ms IS NULL")
                .bind(account.person.as_str())
                .fetch_optional(&mut *change)
                .await
                .map_err(doing(DOING))?;
            if known.is_none() {
                continue;
            }
            insert(&mut change, &account).await?;
            for passkey in other.passkeys_of(&account.person).await? {
                passkeys::insert(&mut change, &passkey).await?;
            }
            for linked in other.provider_people_of(&account.person).await? {
                providers::insert(&mut change, &linked).await?;
            }
        }
        change.commit().await.map_err(doing(DOING))
    }

    /// Ends every session and every link that nobody has opened: for a state that was restored.
    pub async fn end_all_sessions(&self) -> Result<(), StoreError> {
        const DOING: &str = "ending all sessions";
        let mut change = self.begin(DOING).await?;
        for ends in ["DELETE FROM sessions", "DELETE FROM links WHERE used_ms IS NULL"] {
            sqlx::query(ends).execute(&mut *change).await.map_err(doing(DOING))?;
        }
        change.commit().await.map_err(doing(DOING))
    }
}

async fn insert(change: &mut sqlx::Transaction<'static, sqlx::Any>, account: &AccountRow) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO accounts (person, password, totp, totp_step, recovery, created_ms, ended_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(account.person.as_str())
    .bind(account.password.as_ref())
    .bind(account.totp.as_ref())
    .bind(account.totp_step.map(sql_count))
    .bind(&account.recovery)
    .bind(account.created.as_millisecond())
    .bind(account.ended.map(Timestamp::as_millisecond))
    .execute(&mut **change)
    .await
    .map_err(doing("keeping an account"))?;
    Ok(())
}

#[cfg(test)]
mod tests;
