use super::*;
use crate::{Fault, Release, Upstream};

#[test]
fn every_client_installs_wheels_and_sdists_from_the_upstream() {
    let upstream = Upstream::with([
        Release::new("demo", "1.0").requires("Other.Thing>=2"),
        Release::new("demo", "2.0").yanked("broken"),
        Release::new("other-thing", "2.1").only_sdist(),
    ]);
    let wheel = upstream.hash("demo", "demo-1.0-py3-none-any.whl");
    let sdist = upstream.hash("other-thing", "other_thing-2.1.tar.gz");
    let lock = format!("demo==1.0 --hash=sha256:{wheel}\nother-thing==2.1 --hash=sha256:{sdist}\n");
    for client in Clients::get().all() {
        let room = client.room();
        room.install(&upstream.simple_url(), &["demo"]).ok();
        assert_eq!(room.installed("demo").as_deref(), Some("1.0"), "{}", client.name);
        assert_eq!(room.installed("other-thing").as_deref(), Some("2.1"), "{}", client.name);
        room.clear();
        room.install_locked(&upstream.simple_url(), &lock).ok();
        room.clear();
        room.sync(&upstream.simple_url(), &lock).ok();
        assert_eq!(room.installed("demo").as_deref(), Some("1.0"), "{}", client.name);
    }
}

#[test]
fn an_html_upstream_serves_them_too() {
    let upstream = Upstream::with([Release::new("demo", "1.0").requires_python(">=3.6")]);
    upstream.html_only(true);
    for client in Clients::get().all() {
        let room = client.room();
        room.install(&upstream.simple_url(), &["demo==1.0"]).ok();
        assert_eq!(room.installed("demo").as_deref(), Some("1.0"), "{}", client.name);
    }
}

/// What the door builds on: where each client shows the words of a refusal. Another answer here is a change in a client.
#[test]
fn clients_show_the_words_of_a_refused_file_where_they_are_known_to() {
    let upstream = Upstream::with([
        Release::new("demo", "1.0"),
        Release::new("pulled", "1.0").yanked("withdrawn on Monday"),
        Release::new("pulled", "2.0").yanked("withdrawn on Tuesday"),
    ]);
    let file = "/files/demo/demo-1.0-py3-none-any.whl";
    for client in Clients::get().all() {
        let room = client.room();
        let status = if client.is_pip() { 403 } else { 451 };
        for path in [file.to_owned(), format!("{file}.metadata")] {
            upstream.fault(&path, Fault::Refused(status, "demo waits until Friday"));
            room.install(&upstream.simple_url(), &["demo==1.0"]).fails().says("demo waits until Friday");
            upstream.heal(&path);
        }
        let range = room.install(&upstream.simple_url(), &["pulled>=1"]).fails();
        if client.is_pip() {
            range.says("No matching distribution found for pulled");
        } else {
            range.says("withdrawn on");
        }
    }
}

#[test]
fn every_javascript_client_installs_from_an_upstream_of_ours() {
    let upstream = crate::Upstream::start();
    upstream.add_npm(&crate::NpmRelease::new("part", "2.1.0"));
    upstream.add_npm(&crate::NpmRelease::new("@acme/calm", "1.0.0").requires("part", "^2.0.0"));
    std::thread::scope(|scope| {
        for client in JsClient::all() {
            let upstream = &upstream;
            scope.spawn(move || {
                let room = client.room(&upstream.npm_url());
                room.add("@acme/calm@^1.0.0").ok();
                assert_eq!(room.installed("@acme/calm").as_deref(), Some("1.0.0"), "{}", client.name);
                room.clear();
                room.install_locked().ok();
                assert_eq!(room.installed("@acme/calm").as_deref(), Some("1.0.0"), "{}", client.name);
            });
        }
    });
}
