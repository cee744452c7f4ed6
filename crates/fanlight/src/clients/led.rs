//! Where a client of this person is led, and by which token: out of its own settings, whoever wrote them.
//!
//! For commands on machines that have no state folder. Invariant: a token is given only with the address it stands beside.

use std::fs;
use std::path::PathBuf;

use fanlight_api::run::DEVICE_TOKEN_PREFIX;
use fanlight_base::Secret;

use super::installed::ROOT_FILE;
use super::marks::OFF;
use super::saved::CONFIGURATION_BYTES;
use super::{Client, Surroundings, place, replace};

/// What every door's address has behind the node's own.
const DOORS: [&str; 3] = ["/pypi/", "/npm/", "/cargo/"];
/// The variables that clients take an index's address from.
const VARIABLES: [(Client, &str); 3] =
    [(Client::Pip, "PIP_INDEX_URL"), (Client::Uv, "UV_DEFAULT_INDEX"), (Client::Uv, "UV_INDEX_URL")];

/// A node that a client is led to.
#[derive(Debug)]
pub struct Led {
    /// The client.
    pub client: Client,
    /// The node's address, without a path or a slash at the end.
    pub url: String,
    /// The device token.
    pub token: Secret<String>,
    /// The file of roots beside the client's settings, where there is one.
    pub roots: Option<PathBuf>,
}

/// Where the first of these clients that is led to a node is led to.
pub fn led(clients: &[Client], around: &Surroundings) -> Option<Led> {
    clients.iter().find_map(|client| led_by(*client, around))
}

/// The clients for an ecosystem's packages first, because whoever asks was refused by one of them.
pub fn for_ecosystem(ecosystem: &str) -> [Client; 5] {
    match ecosystem {
        "npm" => [Client::Npm, Client::Yarn, Client::Pip, Client::Uv, Client::Cargo],
        "cargo" => [Client::Cargo, Client::Pip, Client::Uv, Client::Npm, Client::Yarn],
        _ => [Client::Pip, Client::Uv, Client::Npm, Client::Yarn, Client::Cargo],
    }
}

fn led_by(client: Client, around: &Surroundings) -> Option<Led> {
    let given = VARIABLES.iter().filter(|(of, _)| *of == client).find_map(|(_, name)| around.variable(name));
    if let Some((url, token)) = given.and_then(read) {
        return Some(Led { client, url, token, roots: None });
    }
    let file = place::configuration_file(client, around).ok()?;
    let is_one = fs::metadata(&file).is_ok_and(|meta| meta.is_file() && meta.len() <= CONFIGURATION_BYTES);
    let (url, token) = read(&is_one.then(|| fs::read_to_string(&file).ok()).flatten()?)?;
    let roots = replace::folder_of(&file).join(ROOT_FILE);
    Some(Led { client, url, token, roots: roots.is_file().then_some(roots) })
}

/// The address and token of a node in a client's settings.
fn read(text: &str) -> Option<(String, Secret<String>)> {
    let is_on = |line: &&str| !line.starts_with(OFF) && !line.trim_start().starts_with(['#', ';']);
    let lines = || text.lines().map(str::trim).filter(is_on);
    let (at, token) = lines().find_map(|line| Some((line, token(line)?)))?;
    // pip and uv have both in one address; in the others' settings the node's stands on a line of its own.
    let url = if at.contains("@") { address(at) } else { lines().find_map(address) }?;
    Some((url, Secret::new(token.to_owned())))
}

fn token(line: &str) -> Option<&str> {
    let from = &line[line.find(DEVICE_TOKEN_PREFIX)?..];
    let end = from.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))).unwrap_or(from.len());
    (end > DEVICE_TOKEN_PREFIX.len()).then_some(&from[..end])
}

/// The node's address in a door's, without user and token.
fn address(line: &str) -> Option<String> {
    let from = &line[["https://", "http://"].iter().find_map(|scheme| line.find(scheme))?..];
    let end = from.find(['"', '\'', ' ', ',', ']']).unwrap_or(from.len());
    let door = DOORS.iter().find_map(|door| from[..end].find(door))?;
    let (scheme, rest) = from[..door].split_once("://")?;
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    (!host.is_empty()).then(|| format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::super::{Setting, written};
    use super::*;

    const ALL: [Client; 5] = [Client::Pip, Client::Uv, Client::Npm, Client::Yarn, Client::Cargo];

    fn setting() -> Setting {
        Setting { index_url: "https://asha%40x:flk_ab_c-d@fan.example:7070/pypi/simple/".to_owned(), root: None }
    }

    #[test]
    fn what_use_writes_is_read_for_every_client() {
        for client in ALL {
            let (url, token) = read(&written(client, "", &setting()).unwrap()).unwrap_or_else(|| panic!("{client}"));
            assert_eq!((&*url, &**token.expose_secret()), ("https://fan.example:7070", "flk_ab_c-d"), "{client}");
        }
    }

    #[test]
    fn other_settings_and_those_switched_off_lead_nowhere() {
        for text in [
            "",
            "[global]\nindex-url = https://asha:secret@index.example/pypi/simple/\n",
            "# index-url = https://asha:flk_ab@fan.example/pypi/simple/\n",
            "# (off while Fanlight is in use) index-url = https://asha:flk_ab@fan.example/pypi/simple/\n",
            "index-url = https://asha:flk_@fan.example/pypi/simple/\n",
            "index-url = https://asha:flk_ab@fan.example/elsewhere/\n",
        ] {
            assert!(read(text).is_none(), "{text}");
        }
        // A token never goes to an address of another line that has one of its own.
        let two = "index-url = https://asha:flk_ab@fan.example/elsewhere/\nextra-index-url = https://other.example/pypi/simple/\n";
        assert!(read(two).is_none());
    }

    #[test]
    fn the_variable_outranks_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut around = Surroundings { home: folder.path().to_owned(), ..Surroundings::default() };
        assert!(led(&ALL, &around).is_none());
        fs::write(folder.path().join(".npmrc"), written(Client::Npm, "", &setting()).unwrap()).unwrap();
        assert_eq!(led(&for_ecosystem("pypi"), &around).unwrap().client, Client::Npm);
        around.environment.insert("PIP_INDEX_URL".to_owned(), "http://a:flk_x@127.0.0.1:7/pypi/simple/".to_owned());
        let found = led(&for_ecosystem("pypi"), &around).unwrap();
        assert_eq!((found.client, &*found.url), (Client::Pip, "http://127.0.0.1:7"));
        assert_eq!(led(&for_ecosystem("npm"), &around).unwrap().client, Client::Npm);
    }
}
