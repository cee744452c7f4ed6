//! Who is told of requests, by which way, and what happens where that way fails.

use std::time::Duration;

use fanlight_testkit::{Answer, Hook, Hooks, MailServer, Receivers, Release, Request, State, Upstream, wait_for};
use fanlight_tests::{Browser, published_an_hour_ago, records_of};
use serde_json::Value;

const BECAUSE: &str = "the fix of our outage is in it";

fn scene(more: &str) -> (Upstream, State) {
    let (published, _) = published_an_hour_ago();
    let upstream = Upstream::with([
        Release::new("demo", "1.0"),
        Release::new("demo", "2.0").published(published),
        Release::new("other", "2.0").published(published),
    ]);
    let state = State::before(&upstream, more);
    (upstream, state)
}

fn ask(state: &State, what: &str) -> String {
    let asked = state.bare(&["ask", what, "--because", BECAUSE, "--json"]).output().ok().json();
    asked["request"]["id"].as_str().expect("an id").to_owned()
}

fn hook(hooks: &Hooks, kind: &str) -> Hook {
    wait_for(&format!("a webhook of {kind}"), Duration::from_secs(20), || {
        hooks.came().into_iter().rev().find(|hook| hook.json()["type"] == kind)
    })
}

fn letter(server: &MailServer, subject: &str) -> Value {
    wait_for(&format!("a letter: {subject}"), Duration::from_secs(20), || {
        server.letters().into_iter().find(|letter| letter["head"]["Subject"] == subject)
    })
}

#[test]
fn who_asked_and_reviewers_are_told_by_webhook_and_mail() {
    let Some(receivers) = Receivers::get() else { return };
    let (hooks, server) = (Hooks::start(), receivers.mail_server());
    let more = format!(
        "[tell]\nwebhook = \"{}\"\n[tell.mail]\nserver = \"smtp://{}\"\nfrom = \"fanlight@acme.example\"\n\
         reviewers = \"security@acme.example\"\ndomain = \"acme.example\"\n",
        hooks.url(),
        server.address()
    );
    let (_upstream, state) = scene(&more);
    let node = state.start();
    state.cli(&["use", "pip", "--person", "asha"]).ok();
    let request = ask(&state, "demo==2.0");
    let asked = hook(&hooks, "request.asked");
    let secret = std::fs::read_to_string(state.path().join("webhook.secret")).expect("a secret").trim().to_owned();
    receivers.verify(&secret, &asked);
    let data = &asked.json()["data"];
    assert_eq!((&data["request"], &data["by"]), (&request.as_str().into(), &"asha".into()), "{data}");
    assert_eq!((&data["because"], &data["policies"][0]), (&BECAUSE.into(), &"wait-and-see".into()), "{data}");
    let mail = letter(&server, "Asked for: pkg:pypi/demo@2.0");
    assert_eq!((&mail["to"][0], &mail["from"]), (&"security@acme.example".into(), &"fanlight@acme.example".into()));
    let text = mail["text"].as_str().expect("a text");
    assert!(text.contains(&format!("asha asks for pkg:pypi/demo@2.0: {BECAUSE}")), "{text}");
    assert!(text.contains(&format!("fanlight requests show {request}")), "{text}");

    let because = "looked at: a fix \u{2013} ü";
    state.cli(&["requests", "grant", &request, "--until", "1h", "--because", because]).ok();
    let granted = hook(&hooks, "request.granted");
    receivers.verify(&secret, &granted);
    assert_eq!(granted.json()["data"]["answer"], because);
    let mail = letter(&server, "Granted: pkg:pypi/demo@2.0");
    assert_eq!(mail["to"][0], "asha@acme.example");
    assert!(
        mail["text"].as_str().is_some_and(|text| text.contains(because) && text.contains("passes until")),
        "{mail}"
    );
    assert_eq!(mail["head"]["Auto-Submitted"], "auto-generated", "{mail}");
    let told = wait_for("what was told to be recorded", Duration::from_secs(10), || {
        let told = records_of(&state, "node:told");
        (told.len() == 4).then_some(told)
    });
    for record in &told {
        assert_eq!((&record["facts"]["request"], &record["facts"]["tries"]), (&request.as_str().into(), &1.into()));
        assert!(!record.to_string().contains("asha"), "{record}");
    }
    assert_eq!(hooks.came().len(), 2);
    node.is_healthy();
    // The secret is shown by nothing, and a password in an address neither.
    state.cli(&["config"]).ok().keeps_quiet_about("whsec_");
}

#[test]
fn what_could_not_be_told_is_tried_again_over_a_kill_and_given_up_with_a_record() {
    let Some(receivers) = Receivers::get() else { return };
    let (hooks, server) = (Hooks::start(), receivers.mail_server());
    let more = format!(
        "[tell]\nwebhook = \"{}\"\n[tell.mail]\nserver = \"smtp://{}\"\nfrom = \"fanlight@acme.example\"\n\
         reviewers = \"later@acme.example\"\n",
        hooks.url(),
        server.address()
    );
    let (_upstream, state) = scene(&more);
    let node = state.start();
    state.cli(&["use", "pip", "--person", "nobody@acme.example"]).ok();
    // Busy, then somebody who leads it elsewhere, which is not followed.
    let away = Hooks::start();
    let moved = format!("307 Temporary Redirect\r\nlocation: {}", away.url());
    // Each wait is twice the one before: two more would take longer than this test has.
    hooks.answer_with(&["503 Busy", &moved, "503 Busy", "503 Busy"]);
    let request = ask(&state, "demo==2.0");
    wait_for("two tries", Duration::from_secs(20), || (hooks.came().len() >= 2).then_some(()));
    node.kill();
    let node = state.start();
    let told = wait_for("it to be told", Duration::from_secs(60), || {
        records_of(&state, "node:told").into_iter().find(|record| record["facts"]["by"] == "webhook")
    });
    assert_eq!(told["facts"]["request"], request.as_str(), "{told}");
    // Whether the second try was counted before the kill is left to chance.
    assert!(told["facts"]["tries"].as_i64().is_some_and(|tries| tries >= 4), "{told}");
    let came = hooks.came();
    assert!(came.iter().all(|hook| hook.header("webhook-id") == came[0].header("webhook-id")), "one message: {came:?}");
    assert_eq!(away.came().len(), 0, "nothing goes on to where the receiver leads");
    letter(&server, "Asked for: pkg:pypi/demo@2.0");

    // Whom the mail server does not know is given up at once, and the answer holds all the same.
    state.cli(&["requests", "refuse", &request, "--because", "use 1.0"]).ok();
    let given_up = wait_for("it to be given up", Duration::from_secs(20), || records_of(&state, "node:not-told").pop());
    let facts = &given_up["facts"];
    assert_eq!((&facts["about"], &facts["by"]), (&"refused".into(), &"mail".into()), "{given_up}");
    assert!(
        facts["fault"]
            .as_str()
            .is_some_and(|fault| fault.contains("it answered 550") && !fault.contains("no such person")),
        "{given_up}"
    );
    // It listens on another port than before it was killed.
    state.cli(&["use", "pip", "--person", "nobody@acme.example"]).ok();
    state.bare(&["ask"]).output().ok().says("refused").says("use 1.0");
    node.is_healthy();
}

#[test]
fn a_request_whose_hold_ends_by_itself_is_closed_and_says_so() {
    let upstream = Upstream::with([Release::new("demo", "1.0"), Release::new("demo", "2.0").seconds_old(45)]);
    let state = State::with_cooldown(&upstream, "60s");
    let node = state.start();
    state.cli(&["use", "pip", "--person", "asha"]).ok();
    ask(&state, "demo==2.0");
    state.bare(&["ask"]).output().ok().says("waits");
    let over =
        wait_for("the request to be over", Duration::from_secs(60), || records_of(&state, "node:request-over").pop());
    assert_eq!(over["on"]["id"], "pkg:pypi/demo@2.0", "{over}");
    state.bare(&["ask"]).output().ok().says("not needed").says("ended by itself");
    state.cli(&["requests"]).ok().says("No request waits");
    node.is_healthy();
}

#[test]
fn settings_that_would_tell_in_clear_or_in_nobodys_name_stop_the_start() {
    for (settings, words) in [
        ("[tell]\nwebhook = \"http://chat.acme.example/hooks\"\n", "in clear"),
        ("[tell.mail]\nserver = \"smtps://mail.acme.example\"\n", "an address that it comes from"),
        ("[tell.mail]\nserver = \"https://mail.acme.example\"\n", "no address of a mail server"),
        ("[tell.mail]\nfrom = \"somebody\"\n", "no mail address"),
    ] {
        let state = State::with_config(settings);
        state.cli(&["up", "--listen", "127.0.0.1:0"]).fails().says(words);
    }
}

/// The cookies that an answer sets, by name, as a browser sends them back, and how they are set.
fn cookies(answer: &Answer) -> Vec<String> {
    let set = answer.headers.iter().filter(|(name, _)| name == "set-cookie");
    set.map(|(_, value)| value.clone()).collect()
}

fn mark_in(answer: &Answer) -> Option<String> {
    let set = cookies(answer).into_iter().find(|cookie| cookie.starts_with("fanlight-machine="))?;
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Max-Age=34560000"), "{set}");
    set.split(';').next().map(str::to_owned)
}

#[test]
fn somebody_is_told_of_a_browser_that_they_had_not_used_before() {
    let Some(receivers) = Receivers::get() else { return };
    let (hooks, server) = (Hooks::start(), receivers.mail_server());
    let more = format!(
        "[tell]\nwebhook = \"{}\"\n[tell.mail]\nserver = \"smtp://{}\"\nfrom = \"fanlight@acme.example\"\n\
         domain = \"acme.example\"\n",
        hooks.url(),
        server.address()
    );
    let (_upstream, state) = scene(&more);
    let node = state.start();
    let mut asha = Browser::first_steward(&state, &node, "asha");
    let sign = |cookie: Option<&str>, name: &str, code: &str| {
        let request = Request::new("POST", &format!("{}/v1/login", node.url())).header("Origin", node.url());
        let request = request.header("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0");
        let request = match cookie {
            Some(cookie) => request.header("Cookie", cookie),
            None => request,
        };
        let password = fanlight_tests::PASSWORD;
        request.body(serde_json::json!({ "name": name, "password": password, "code": code }).to_string()).send()
    };
    // What is refused gives no mark, and tells nobody anything; of a name that is not there as little.
    for name in ["asha", "nobody"] {
        let refused = sign(None, name, "000000").is(401);
        assert_eq!(cookies(&refused), Vec::<String>::new());
    }
    let code = asha.codes.pop().expect("a code");
    let elsewhere = sign(None, "asha", &code).is(200);
    let mark = mark_in(&elsewhere).expect("a mark");
    let told = hook(&hooks, "login.new-browser");
    let data = told.json()["data"].clone();
    assert_eq!((&data["person"], &data["browser"]), (&"asha".into(), &"Firefox on Linux".into()), "{data}");
    let secret = std::fs::read_to_string(state.path().join("webhook.secret")).expect("a secret").trim().to_owned();
    receivers.verify(&secret, &told);
    let mail = letter(&server, "A new browser logged in as you");
    assert_eq!(mail["to"][0], "asha@acme.example");
    let text = mail["text"].as_str().expect("a text");
    assert!(text.contains("Firefox on Linux") && text.contains("fanlight people sessions asha --end"), "{text}");
    let count = || hooks.came().iter().filter(|hook| hook.json()["type"] == "login.new-browser").count();
    // Where it is known nobody is told; a mark that somebody made up is none.
    let code = asha.codes.pop().expect("a code");
    let again = sign(Some(&mark), "asha", &code).is(200);
    assert_eq!(mark_in(&again), None);
    let code = asha.codes.pop().expect("a code");
    let made_up = sign(Some("fanlight-machine=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), "asha", &code).is(200);
    assert!(mark_in(&made_up).is_some_and(|given| !given.contains("AAAAAAAA")));
    wait_for("both to be told", Duration::from_secs(20), || (count() == 2).then_some(()));
    // Another's mark is none of one's own.
    let mut ben = Browser::invited(&state, &node, "ben", None);
    let code = ben.codes.pop().expect("a code");
    assert!(mark_in(&sign(Some(&mark), "ben", &code).is(200)).is_some());
    wait_for("ben to be told", Duration::from_secs(20), || (count() == 3).then_some(()));
    let sessions = asha.get("account").is(200).json()["sessions"].clone();
    let new: Vec<bool> = sessions.as_array().expect("sessions").iter().map(|one| one["new_browser"] == true).collect();
    assert_eq!(new, [true, false, true, false], "the newest first: {sessions}");
    let listed = state.cli(&["people", "sessions", "asha"]).ok();
    assert_eq!(listed.stdout.matches("Firefox on Linux, new when it logged in").count(), 2, "{listed}");
    let logins = records_of(&state, "account:log-in");
    let logins: Vec<bool> = logins
        .iter()
        .filter(|login| login["decision"]["outcome"] == "allow")
        .map(|login| login["facts"]["new_browser"] == true)
        .collect();
    assert_eq!(logins, [true, false, true, true], "{logins:?}");
    let told = wait_for("its records", Duration::from_secs(20), || {
        let told = records_of(&state, "node:told");
        (told.len() >= 6).then_some(told)
    });
    assert!(told.iter().all(|record| record["facts"]["about"] == "new-browser" && record["on"]["kind"] == "Person"));
    assert!(!told.iter().any(|record| record.to_string().contains("asha")), "{told:?}");
}

#[test]
fn who_answers_requests_is_told_of_an_app_that_has_nobody_any_more() {
    let Some(receivers) = Receivers::get() else { return };
    let (hooks, server) = (Hooks::start(), receivers.mail_server());
    let more = format!(
        "[tell]\nwebhook = \"{}\"\n[tell.mail]\nserver = \"smtp://{}\"\nfrom = \"fanlight@acme.example\"\n\
         reviewers = \"mentors@acme.example\"\n",
        hooks.url(),
        server.address()
    );
    let (_upstream, state) = scene(&more);
    let node = state.start();
    let asha = Browser::first_steward(&state, &node, "asha");
    let ben = Browser::invited(&state, &node, "ben", None);
    let words = |title: &str| serde_json::json!({ "title": title, "headline": "Makes it", "about": "Reads prices.", "successor": "asha" });
    let app = ben.post("apps", &words("Price list")).is(201).json()["app"].clone();
    let handed_over = ben.post("apps", &words("Handed over")).is(201).json()["app"].clone();
    // Whose successor is gone first has none.
    Browser::invited(&state, &node, "cleo", Some("steward"));
    state.cli(&["leaver", "asha"]).ok();
    drop(asha);
    let path = format!("apps/{}/change", handed_over.as_str().expect("an id"));
    ben.post(&path, &serde_json::json!({ "successor": "cleo" })).is(200);
    state.cli(&["leaver", "ben", "--dry-run"]).ok().says("nobody: who answers requests is told").says("cleo");
    state.cli(&["leaver", "ben"]).ok();
    let told = hook(&hooks, "app.orphaned");
    assert_eq!((&told.json()["data"]["app"], &told.json()["data"]["title"]), (&app, &"Price list".into()));
    let mail = letter(&server, "Nobody's app: Price list");
    assert_eq!(mail["to"][0], "mentors@acme.example");
    assert!(mail.to_string().contains("fanlight apps hand-over"), "{mail}");
    assert!(!mail.to_string().contains("ben"), "who left is not named: {mail}");
    wait_for("the records", Duration::from_secs(10), || {
        let told = records_of(&state, "node:told");
        (told.iter().filter(|record| record["facts"]["app"] == app).count() == 2).then_some(())
    });
    assert!(records_of(&state, "node:told").iter().all(|record| record["facts"]["app"] != handed_over));
}
