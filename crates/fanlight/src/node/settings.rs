//! What a node says of the settings that it goes by. Secrets in them are hidden before they come here.

use fanlight_api::settings::{Setting, Settings};
use fanlight_config::{Config, Effective};

/// As the admin API tells them.
pub fn settings_of(config: &Config) -> Settings {
    let one = |setting: &Effective| Setting {
        setting: setting.key.to_owned(),
        value: setting.value.clone(),
        from: setting.origin.to_string(),
        about: setting.doc.clone(),
    };
    Settings {
        file: config.file.as_ref().map(|file| file.display().to_string()),
        settings: config.effective().iter().map(one).collect(),
    }
}
