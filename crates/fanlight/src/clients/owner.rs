//! Who sits here and at which machine, for the token's name.

use super::Surroundings;

/// The person's name: `USER` or `LOGNAME`, else the name of the user id in the machine's list of users.
pub fn person(around: &Surroundings) -> Option<String> {
    let stated = ["USER", "LOGNAME"].iter().find_map(|name| around.variable(name)).map(str::to_owned);
    stated.or_else(|| name_in_passwd(&std::fs::read_to_string("/etc/passwd").ok()?, rustix::process::getuid().as_raw()))
}

/// The name of a user id in the format of passwd(5).
fn name_in_passwd(passwd: &str, uid: u32) -> Option<String> {
    let fields = passwd.lines().map(|line| line.split(':').collect::<Vec<_>>());
    fields
        .filter(|f| f.get(2).is_some_and(|id| id.parse() == Ok(uid)))
        .find_map(|f| f.first().map(|&name| name.to_owned()))
}

/// The machine's host name.
pub fn machine() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    if name.is_empty() { "unnamed".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_id_names_the_person_where_the_environment_does_not() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\n# comment\nasha:x:1000:1000:Asha,,,:/home/asha:/bin/zsh\n";
        assert_eq!(name_in_passwd(passwd, 1000).as_deref(), Some("asha"));
        assert_eq!(name_in_passwd(passwd, 7), None);
    }
}
