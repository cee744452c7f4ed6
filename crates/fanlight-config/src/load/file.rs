//! Settings from `fanlight.toml`.

use std::fs::File;
use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use fanlight_base::limits::CONFIG_FILE_BYTES;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{find, nearest};
use crate::fault::{ConfigFault, Spot};
use crate::settings::KNOWN;
use crate::value::{Kind, Value, without_credentials};

/// The most characters of a line that are shown.
const SHOWN: usize = 160;

/// A settings file that was read.
pub(crate) struct SettingsFile {
    pub(super) path: PathBuf,
    text: String,
}

type Found = Vec<(&'static str, (Value, Spot))>;

impl SettingsFile {
    /// Reads the file asked for, or `fanlight.toml` in the state folder where there is one.
    pub(super) fn read(asked: Option<PathBuf>, state: &Path) -> Result<Option<Self>, ConfigFault> {
        let is_asked = asked.is_some();
        let path = asked.unwrap_or_else(|| state.join("fanlight.toml"));
        let failed = |source| ConfigFault::Read { path: path.clone(), source };
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(cause) if !is_asked && cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(failed(cause)),
        };
        let mut text = String::new();
        let read = file.take(CONFIG_FILE_BYTES + 1).read_to_string(&mut text).map_err(failed)?;
        if read as u64 > CONFIG_FILE_BYTES {
            return Err(ConfigFault::TooLarge { path });
        }
        Ok(Some(Self { path, text }))
    }

    /// What relative paths in it are relative to.
    pub(super) fn folder(&self) -> PathBuf {
        self.path.parent().map(Path::to_owned).unwrap_or_default()
    }

    /// The values of the settings in it. A key that nobody knows is a fault.
    pub(super) fn values(&self) -> Result<Found, ConfigFault> {
        let table = DeTable::parse(&self.text).map_err(|error| {
            let spot = self.spot(error.span().unwrap_or(0..0));
            ConfigFault::at(spot, format!("this is not valid TOML: {}", error.message().replace('\n', ", ")), vec![])
        })?;
        let mut found = Vec::new();
        self.walk("", table.get_ref(), &mut found)?;
        Ok(found)
    }

    fn walk(&self, group: &str, table: &DeTable<'_>, found: &mut Found) -> Result<(), ConfigFault> {
        // In the order of the file, so that the first fault told is the first met.
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(name, _)| name.span().start);
        for (name, value) in entries {
            let key = if group.is_empty() { name.get_ref().to_string() } else { format!("{group}.{}", name.get_ref()) };
            if let Some(known) = find(&key) {
                found.push((known.key, (self.value(value)?, self.spot(value.span()))));
                continue;
            }
            let prefix = format!("{key}.");
            let is_group = KNOWN.iter().any(|known| known.key.starts_with(&prefix));
            match value.get_ref() {
                DeValue::Table(inner) if is_group => self.walk(&key, inner, found)?,
                _ if is_group => {
                    let what = format!("{key} is a group of settings, not a setting");
                    let help = vec![format!("write [{key}] on a line, and its settings below")];
                    return Err(ConfigFault::at(self.spot(name.span()), what, help));
                }
                _ => return Err(nearest::unknown(&key, self.spot(name.span()))),
            }
        }
        Ok(())
    }

    fn value(&self, value: &Spanned<DeValue<'_>>) -> Result<Value, ConfigFault> {
        let kind = match value.get_ref() {
            DeValue::String(text) => Kind::Text(text.to_string()),
            DeValue::Integer(number) => Kind::Text(number.to_string()),
            DeValue::Float(number) => Kind::Text(number.to_string()),
            DeValue::Boolean(yes) => Kind::Text(yes.to_string()),
            DeValue::Datetime(time) => Kind::Text(time.to_string()),
            DeValue::Array(items) => Kind::List(items.iter().map(|item| self.value(item)).collect::<Result<_, _>>()?),
            DeValue::Table(table) => {
                let entry = |(name, value): (&Spanned<_>, _)| {
                    let name: &Spanned<std::borrow::Cow<'_, str>> = name;
                    Ok((name.get_ref().to_string(), name.span(), self.value(value)?))
                };
                let mut entries: Vec<_> = table.iter().collect();
                entries.sort_by_key(|(name, _)| name.span().start);
                Kind::Table(entries.into_iter().map(entry).collect::<Result<_, ConfigFault>>()?)
            }
        };
        Ok(Value { kind, at: Some(value.span()) })
    }

    /// The place of some bytes of the file.
    pub(super) fn spot(&self, at: Range<usize>) -> Spot {
        let start = self.text.floor_char_boundary(at.start);
        let before = &self.text[..start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = &self.text[line_start..];
        let line = line.split('\n').next().unwrap_or_default().trim_end_matches('\r');
        let end = self.text.floor_char_boundary(at.end.min(line_start + line.len()).max(start));
        let visible = |text: &str| -> String {
            let text = without_credentials(text);
            text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
        };
        // Hidden credentials move what comes after them, so the column is counted in what is shown.
        let column = visible(&self.text[line_start..start]).chars().count() + 1;
        let width = visible(&self.text[start..end]).chars().count();
        let text: String = visible(line).chars().take(SHOWN).collect();
        let (column, width) = (column.min(SHOWN), width.min(SHOWN.saturating_sub(column - 1)));
        Spot::File { path: self.path.clone(), line: before.matches('\n').count() + 1, column, text, width }
    }
}
