//! Reading a row: columns by name into the product's types, errors that name table and column.

use fanlight_base::Timestamp;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::error::StoreError;

/// One row of a known table.
pub(super) struct Columns<'r> {
    pub(super) table: &'static str,
    pub(super) row: &'r AnyRow,
}

impl Columns<'_> {
    fn get<'r, T>(&'r self, column: &'static str) -> Result<T, StoreError>
    where
        T: sqlx::Decode<'r, sqlx::Any> + sqlx::Type<sqlx::Any>,
    {
        self.row.try_get(column).map_err(|source| self.bad(column, source.to_string()))
    }

    /// The error for a value that cannot be there.
    pub(super) const fn bad(&self, column: &'static str, found: String) -> StoreError {
        StoreError::BadValue { table: self.table, column, found }
    }

    pub(super) fn text(&self, column: &'static str) -> Result<String, StoreError> {
        self.get(column)
    }

    pub(super) fn text_option(&self, column: &'static str) -> Result<Option<String>, StoreError> {
        self.get(column)
    }

    pub(super) fn bytes(&self, column: &'static str) -> Result<Vec<u8>, StoreError> {
        self.get(column)
    }

    pub(super) fn bytes_option(&self, column: &'static str) -> Result<Option<Vec<u8>>, StoreError> {
        self.get(column)
    }

    pub(super) fn number(&self, column: &'static str) -> Result<i64, StoreError> {
        self.get(column)
    }

    /// A number that counts something.
    pub(super) fn count(&self, column: &'static str) -> Result<u64, StoreError> {
        let number = self.number(column)?;
        u64::try_from(number).map_err(|_| self.bad(column, number.to_string()))
    }

    pub(super) fn count_option(&self, column: &'static str) -> Result<Option<u64>, StoreError> {
        match self.get::<Option<i64>>(column)? {
            Some(number) => u64::try_from(number).map(Some).map_err(|_| self.bad(column, number.to_string())),
            None => Ok(None),
        }
    }

    pub(super) fn time(&self, column: &'static str) -> Result<Timestamp, StoreError> {
        let ms = self.number(column)?;
        Timestamp::from_millisecond(ms).map_err(|_| self.bad(column, ms.to_string()))
    }

    pub(super) fn time_option(&self, column: &'static str) -> Result<Option<Timestamp>, StoreError> {
        match self.get::<Option<i64>>(column)? {
            Some(ms) => Timestamp::from_millisecond(ms).map(Some).map_err(|_| self.bad(column, ms.to_string())),
            None => Ok(None),
        }
    }
}

/// A count as SQL keeps it. The largest stand-in is out of any real count's reach.
pub(super) fn sql_count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
