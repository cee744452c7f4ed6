//! Lists of ids.

use std::path::Path;

use super::{Kind, Setting, Value, Wrong};

impl Setting for Vec<String> {
    const ALLOWED: &'static str = "a list of ids, as in [\"one\", \"two\"]; in text one, two";

    fn read(value: &Value, _folder: &Path) -> Result<Self, Wrong> {
        let id = |value: &Value| match value.as_text()? {
            "" => Err(value.wrong("an id is empty")),
            id => Ok(id.to_owned()),
        };
        match &value.kind {
            Kind::List(items) => items.iter().map(id).collect(),
            Kind::Text(text) => {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                Ok(parts.map(str::to_owned).collect())
            }
            Kind::Table(_) => Err(value.wrong("a table cannot stand here")),
        }
    }

    fn shown(&self) -> String {
        self.join(", ")
    }
}
