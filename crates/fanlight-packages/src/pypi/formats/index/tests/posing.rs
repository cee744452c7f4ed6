//! HTML that is no index page, as proxies and indexes behind a login send it under status 200, and pages without files
//! that are index pages all the same.

use super::*;

/// An index's own login: a form with a password.
const OWN_LOGIN: &str = r#"<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Sign in · Repository</title>
  <link rel="stylesheet" href="/static/app.css"><script src="/static/app.js" defer></script></head>
  <body class="login"><header><a href="/">Repository</a><a href="/help">Help</a></header>
  <form action="/login?next=%2Fsimple%2Ffoo%2F" method="post"><label for="u">User name</label>
  <input id="u" name="username" autocomplete="username"><label for="p">Password</label>
  <input id="p" name="password" type="PASSWORD"><input type="submit" value="Sign in">
  <a href="/password/reset">Forgot your password?</a></form></body></html>"#;
/// A company's single sign-on, which posts itself on: no field a person sees.
const SIGN_ON: &str = r#"<html><head><title>Working...</title></head><body onload="document.forms[0].submit()">
  <form method="POST" action="https://login.corp.example/saml"><input type="hidden" name="SAMLRequest" value="PHNhbWxw">
  <input type="hidden" name="RelayState" value="/simple/foo/"><noscript><p>Script is off. Press Continue once to
  proceed.</p><input type="submit" value="Continue"></noscript></form></body></html>"#;
/// A login that is all script.
const SCRIPTED: &str = r#"<!doctype html><html><head><meta charset="utf-8"><title>foo</title>
  <script type="module" src="/assets/index-4f1c.js"></script></head><body><div id="root"></div></body></html>"#;
/// A portal of the network, with a program to load.
const PORTAL: &str = r#"<HTML><HEAD><TITLE>Network access</TITLE></HEAD><BODY><H1>Welcome</H1>
  <P>Log in to use the network, or install <A HREF="/client-2.1.zip">our program</A>.</P>
  <FORM ACTION="/auth" METHOD=POST>User <INPUT NAME=u> PIN <INPUT NAME=p TYPE=password><INPUT TYPE=submit></FORM></BODY></HTML>"#;
/// Sent on to a login by the page itself.
const SENT_ON: &str = r#"<html><head><meta http-equiv="Refresh" content="0; url=https://login.corp.example/?r=foo"></head><body></body></html>"#;
/// Words for people, no form.
const REFUSED: &str = r#"<html><head><title>Access denied</title></head><body><h1>Access denied</h1>
  <p>Your organisation has blocked this page. Ask <a href="mailto:help@corp.example">the help desk</a>.</p></body></html>"#;
/// Maintenance.
const CLOSED: &str = "<html><body><h1>We'll be back soon</h1><p>Maintenance until 06:00.</p></body></html>";
/// A plain link to a login.
const LINK: &str = r#"<html><body><a href="https://login.corp.example/">Continue</a></body></html>"#;

fn posing(body: &str) -> Option<Posing> {
    match parse("foo", Some(HTML), &page_url(), body.as_bytes()) {
        Err(IndexError::NotAnIndex(posing)) => Some(posing),
        Err(other) => panic!("{other}: {body}"),
        Ok(index) => {
            assert_eq!(index.files, [], "{body}");
            None
        }
    }
}

#[test]
fn pages_for_people_are_no_index_pages() {
    for (body, expected) in [
        (OWN_LOGIN, Posing::Login),
        (PORTAL, Posing::Login),
        (SIGN_ON, Posing::ForBrowsers),
        (SCRIPTED, Posing::ForBrowsers),
        (SENT_ON, Posing::ForBrowsers),
        (REFUSED, Posing::ForPeople),
        (CLOSED, Posing::ForPeople),
        (LINK, Posing::ForPeople),
        ("Unauthorized", Posing::NotHtml),
        ("", Posing::NotHtml),
    ] {
        assert_eq!(posing(body), Some(expected), "{body}");
    }
    let error = parse("foo", Some(HTML), &page_url(), OWN_LOGIN.as_bytes()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the upstream answered with what looks like a login page (it asks for a password and lists nothing), not with \
         an index page"
    );
}

#[test]
fn pages_without_files_are_index_pages_where_they_say_so_or_say_nothing() {
    for body in [
        // PEP 792's own example of a quarantined project.
        r#"<!DOCTYPE html><html><head><meta name="pypi:repository-version" content="1.4">
           <meta name="pypi:project-status" content="quarantined"><title>Links for foo</title></head>
           <body><h1>Links for foo</h1></body></html>"#,
        r#"<html><head><meta name="pypi:repository-version" content="1.0"></head><body><script>x()</script></body></html>"#,
        "<html><head><title>Links for foo</title></head><body><h1>Links for foo</h1></body></html>",
        // A server that has a button on its pages.
        r#"<html><head><title>root/mirror: links for foo</title></head><body><h1>root/mirror: links for foo</h1>
           <form action="refresh" method="post"><input type="submit" name="refresh" value="Refresh"></form></body></html>"#,
        // Servers of folders.
        r#"<html><head><title>Index of /simple/foo/</title></head><body><h1>Index of /simple/foo/</h1><hr><pre>
           <a href="../">../</a></pre><hr></body></html>"#,
        r#"<html><head><title>Directory listing for /simple/foo/</title></head><body><ul></ul></body></html>"#,
        "<!DOCTYPE html><html><body></body></html>",
        "<!DOCTYPE html><html><head><title>foo</title></head><body><h1>Foo</h1></body></html>",
        r#"<html><body><a href="/simple/">up</a><a href="..">up</a></body></html>"#,
    ] {
        assert_eq!(posing(body), None, "{body}");
    }
}

#[test]
fn a_page_that_lists_files_is_an_index_page_whatever_else_is_on_it() {
    for link in [
        r#"<a href="foo-1.0.zip">x</a>"#.to_owned(),
        format!(r##"<a href="whatever.exe#sha256={HASH}">x</a>"##),
        r#"<a href="whatever.exe" data-yanked>x</a>"#.to_owned(),
    ] {
        let body = format!(r#"<form><input type="password"></form><script>x()</script>{link}"#);
        assert_eq!(html(&body).files.len(), 1, "{body}");
    }
    // An old page may have nothing but a file whose name says little.
    assert_eq!(html(r#"<html><body><a href="strange.tar.gz">x</a></body></html>"#).files.len(), 1);
}

#[test]
fn a_login_is_no_list_of_projects() {
    let list = |body: &str| list::parse(Some(HTML), body.as_bytes()).map(|list| list.names.iter().count());
    for body in [OWN_LOGIN, SIGN_ON, SCRIPTED, PORTAL, SENT_ON, CLOSED, "", "Unauthorized"] {
        assert!(matches!(list(body), Err(IndexError::NotAnIndex(_))), "{body}");
    }
    assert_eq!(list("<!DOCTYPE html><html><body></body></html>"), Ok(0));
    assert_eq!(list(r#"<!DOCTYPE html><html><body><a href="/frob/">frob</a></body></html>"#), Ok(1));
    assert_eq!(list(r#"<title>Simple index</title><script>x()</script><a href="/frob/">frob</a>"#), Ok(1));
}
