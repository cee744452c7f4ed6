use std::time::{Duration, Instant};

use super::*;
use crate::{Request, get};

const PAGE: &str = "/simple/demo/";

fn one() -> (Upstream, String) {
    let upstream = Upstream::with([Release::new("demo", "1.0").padded(50_000)]);
    let url = upstream.simple_url().replace("/simple/", "");
    (upstream, url)
}

#[test]
fn a_page_is_served_in_both_forms_and_not_again_when_unchanged() {
    let (upstream, url) = one();
    let json = Request::get(&format!("{url}{PAGE}")).header("Accept", crate::page::JSON).send().is(200);
    assert_eq!(json.json()["files"][0]["filename"], "demo-1.0-py3-none-any.whl");
    assert!(get(&format!("{url}{PAGE}")).is(200).text().contains("<a href"));
    let tag = json.header("etag").unwrap();
    let again = Request::get(&format!("{url}{PAGE}")).header("Accept", crate::page::JSON);
    again.header("If-None-Match", tag).send().is(304);
    assert_eq!(upstream.count(PAGE), 3);
    assert_eq!(upstream.seen()[2].status, 304);
    get(&format!("{url}/simple/none/")).is(404);
    get(&format!("{url}/files/demo/demo-1.0-py3-none-any.whl.metadata")).is(200).says("Name: demo");
}

#[test]
fn faults_do_what_they_say() {
    let (upstream, url) = one();
    let file = "/files/demo/demo-1.0-py3-none-any.whl";
    upstream.fault(file, Fault::CutAfter(1000));
    let cut = get(&format!("{url}{file}")).is(200);
    assert_eq!((cut.body.len(), cut.complete), (1000, false));
    upstream.fault(file, Fault::StallAfter(1000));
    let stalled = Request::get(&format!("{url}{file}")).limit(Duration::from_millis(300)).send();
    assert_eq!((stalled.body.len(), stalled.complete), (1000, false));
    upstream.fault(file, Fault::Delay(Duration::from_millis(200)));
    let start = Instant::now();
    assert!(get(&format!("{url}{file}")).complete);
    assert!(start.elapsed() >= Duration::from_millis(200));
    upstream.fault(file, Fault::Slow(10_000, Duration::from_millis(10)));
    let slow = get(&format!("{url}{file}"));
    assert!(slow.complete);
    assert_eq!(crate::release::sha256(&slow.body), upstream.hash("demo", "demo-1.0-py3-none-any.whl"));
    upstream.fault(PAGE, Fault::Circle);
    let there = get(&format!("{url}{PAGE}")).is(302);
    get(&format!("{url}{}", there.header("location").unwrap())).is(302);
    upstream.fault(PAGE, Fault::Giant(3));
    assert!(get(&format!("{url}{PAGE}")).is(200).body.len() > 2 << 20);
    upstream.fault(PAGE, Fault::Bomb(3));
    assert!(get(&format!("{url}{PAGE}")).is(200).body.len() < 100_000);
    upstream.heal(PAGE);
    get(&format!("{url}{PAGE}")).is(200);
}

#[test]
fn it_goes_down_and_comes_back_on_the_same_port() {
    let (upstream, url) = one();
    upstream.stop();
    assert!(Request::get(&format!("{url}{PAGE}")).try_send().is_err());
    upstream.restart();
    get(&format!("{url}{PAGE}")).is(200);
}

#[test]
fn two_thousand_files_are_listed() {
    let (upstream, url) = one();
    upstream.add_many("big", 2000);
    let page = Request::get(&format!("{url}/simple/big/")).header("Accept", crate::page::JSON).send().json();
    assert_eq!(page["files"].as_array().unwrap().len(), 2000);
}
