//! What a person reads in npm's and cargo's own output where something is refused, letter by letter.

use fanlight_testkit::clients::{JsClient, JsKind};
use fanlight_testkit::{CrateRelease, Node, NpmRelease, Output, State, Upstream};
use fanlight_tests::{CargoRoom, published_an_hour_ago, refuse};

/// A node before packages of both kinds: one of this hour, one that the company refuses, and names of its own.
fn scene(upstream: &Upstream) -> (State, Node, String) {
    let (published, opens) = published_an_hour_ago();
    upstream.add_npm(&NpmRelease::new("eager", "1.0.0"));
    upstream.add_npm(&NpmRelease::new("eager", "2.0.0").published(published));
    upstream.add_npm(&NpmRelease::new("badlib", "1.0.0"));
    upstream.add_crate(&CrateRelease::new("eager", "1.0.0"));
    upstream.add_crate(&CrateRelease::new("eager", "2.0.0").published(published));
    upstream.add_crate(&CrateRelease::new("badlib", "1.0.0"));
    let config = State::config(upstream, "7d", "");
    let state =
        State::with_config(&config.replacen("[packages]\n", "[packages]\nprivate = [\"acme-*\", \"@acme/*\"]\n", 1));
    state.policy("company.cedar", &refuse("badlib"));
    let node = state.start();
    (state, node, opens)
}

/// The lines of the error, without what is another each time.
fn words(said: &Output, node: &Node, opens: &str) -> String {
    let kept = |line: &&str| !line.contains("complete log of this run") && !line.trim().is_empty();
    let lines: Vec<&str> = said.stderr.lines().filter(kept).map(str::trim_end).collect();
    let text = lines.join("\n").replace(node.url(), "http://NODE").replace(opens, "WHEN");
    // How long ago grows while the test runs.
    let minutes = |text: &str| {
        let mut out = Vec::new();
        for word in text.split(' ') {
            out.push(if word.chars().all(|c| c.is_ascii_digit()) && !word.is_empty() { "N" } else { word });
        }
        out.join(" ")
    };
    text.split('\n').map(minutes).collect::<Vec<_>>().join("\n")
}

#[test]
fn npm_shows_each_refusal_with_its_reason() {
    let Some(npm) = JsClient::all().iter().find(|client| client.kind == JsKind::Npm) else { return };
    let upstream = Upstream::start();
    let (_state, node, opens) = scene(&upstream);
    let mut all = String::new();
    for spec in ["eager@2.0.0", "badlib@1.0.0", "@acme/tool", "nowhere"] {
        let said = npm.room(&node.registry()).add(spec).fails();
        all.push_str(&format!("$ npm install {spec}\n{}\n\n", words(&said, &node, &opens)));
    }
    let room = npm.room(&upstream.npm_url());
    room.add("eager@2.0.0").ok();
    room.clear();
    room.lead_to(&node.registry());
    let said = room.install_locked().fails();
    all.push_str(&format!("$ npm ci   # a lock with eager 2.0.0\n{}\n\n", words(&said, &node, &opens)));
    let said = room.audit().fails();
    all.push_str(&format!("$ npm audit   # no feeds\n{}\n", words(&said, &node, &opens)));
    insta::assert_snapshot!(all);
}

#[test]
fn cargo_shows_each_refusal_with_as_much_of_its_reason_as_it_can() {
    let upstream = Upstream::start();
    let (_state, node, opens) = scene(&upstream);
    let index = format!("{}/cargo/", node.url());
    let mut all = String::new();
    for needs in ["eager = \"=2.0.0\"", "badlib = \"1\"", "acme-tool = \"1\"", "nowhere = \"1\""] {
        let said = CargoRoom::new(needs, &index).cargo(&["fetch"]).fails();
        all.push_str(&format!("# {needs}\n{}\n\n", place(&words(&said, &node, &opens))));
    }
    for needs in ["eager = \"=2.0.0\"", "badlib = \"1\""] {
        let room = CargoRoom::new(needs, &upstream.cargo_url());
        room.cargo(&["generate-lockfile"]).ok();
        room.lead_to(&index);
        let said = room.cargo(&["fetch", "--locked"]).fails();
        all.push_str(&format!("# {needs}, locked\n{}\n\n", place(&words(&said, &node, &opens))));
    }
    insta::assert_snapshot!(all.trim_end());
}

/// Without the temporary folder that the project is in.
fn place(words: &str) -> String {
    let without = |line: &str| match (line.find("(/"), line.rfind(')')) {
        (Some(start), Some(end)) => format!("{}(PLACE{}", &line[..start], &line[end..]),
        _ => line.to_owned(),
    };
    words.lines().map(without).collect::<Vec<_>>().join("\n")
}
