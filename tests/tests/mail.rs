//! Mail over TLS, to a mail server that is not ours: from the start and by STARTTLS; and what is never sent: to a server whose
//! certificate is another's or nobody's, or which says that it knows no TLS.

use std::time::Duration;

use fanlight_testkit::{MailServer, MailTls, Node, Receivers, Release, Run, State, Upstream, wait_for};
use fanlight_tests::{Authority, published_an_hour_ago};

/// The name of this machine, under which it is another one to the node: only `localhost` and loopback addresses are taken for here.
fn machine() -> Option<String> {
    let name = Run::new("hostname").output().ok().stdout.trim().to_owned();
    let leads_here = std::net::ToSocketAddrs::to_socket_addrs(&(name.as_str(), 0));
    let leads_here = leads_here.is_ok_and(|mut all| all.any(|address| address.ip().is_loopback()));
    if !leads_here {
        eprintln!("skipped: this machine's name does not lead to loopback");
    }
    leads_here.then_some(name)
}

/// A node that mails there, and trusts that authority; somebody has asked for something.
fn asked(server: &str, trusts: &Authority) -> (Upstream, State, Node) {
    let (published, _) = published_an_hour_ago();
    let upstream = Upstream::with([Release::new("demo", "1.0"), Release::new("demo", "2.0").published(published)]);
    let mail = format!(
        "[tell.mail]\nserver = \"{server}\"\nfrom = \"fanlight@acme.example\"\nreviewers = \"security@acme.example\"\n"
    );
    let state = State::before(&upstream, &mail);
    let up = state.command(&["up", "--listen", "127.0.0.1:0"]).env("SSL_CERT_FILE", trusts.text("ca.pem"));
    let node = state.start_with(&up);
    state.cli(&["use", "pip", "--person", "asha"]).ok();
    state.bare(&["ask", "demo==2.0", "--because", "a trial"]).output().ok();
    (upstream, state, node)
}

fn comes(server: &MailServer) {
    let letter = wait_for("a letter", Duration::from_secs(20), || server.letters().into_iter().next());
    assert_eq!(
        (&letter["to"][0], &letter["head"]["Subject"]),
        (&"security@acme.example".into(), &"Asked for: pkg:pypi/demo@2.0".into())
    );
}

/// It is tried, and tried again, and nothing is sent; why not stands in the log.
fn never_comes(node: &Node, server: &MailServer, why: &str) {
    let said = wait_for("a try that fails", Duration::from_secs(20), || {
        let said = node.stderr();
        (said.matches("somebody could not be told").count() >= 2).then_some(said)
    });
    assert!(said.contains(why), "{said}");
    assert!(server.letters().is_empty(), "{:?}", server.letters());
}

#[test]
fn a_letter_goes_over_tls_from_the_start_and_by_starttls() {
    let (Some(receivers), Some(machine)) = (Receivers::get(), machine()) else { return };
    let authority = Authority::new();
    authority.issue_server("mail", &format!("DNS:{machine},DNS:localhost"));
    let (certificate, key) = (authority.text("mail.pem"), authority.text("mail.key"));
    let implicit = receivers.mail_server_with(Some(MailTls::Implicit(&certificate, &key)));
    let _node = asked(&format!("smtps://localhost:{}", implicit.port()), &authority);
    comes(&implicit);
    let begun = receivers.mail_server_with(Some(MailTls::Starttls(&certificate, &key)));
    let _node = asked(&format!("smtp://{machine}:{}", begun.port()), &authority);
    comes(&begun);
}

#[test]
fn nothing_is_sent_to_a_server_that_does_not_show_who_it_is() {
    let (Some(receivers), Some(machine)) = (Receivers::get(), machine()) else { return };
    let (authority, strangers) = (Authority::new(), Authority::new());
    authority.issue_server("other", "DNS:mail.acme.example");
    strangers.issue_server("mail", &format!("DNS:{machine},DNS:localhost"));
    let other = (authority.text("other.pem"), authority.text("other.key"));
    let unknown = (strangers.text("mail.pem"), strangers.text("mail.key"));
    for (certificate, key) in [&other, &unknown] {
        let server = receivers.mail_server_with(Some(MailTls::Implicit(certificate, key)));
        let (_upstream, _state, node) = asked(&format!("smtps://localhost:{}", server.port()), &authority);
        never_comes(&node, &server, "certificate");
        let server = receivers.mail_server_with(Some(MailTls::Starttls(certificate, key)));
        let (_upstream, _state, node) = asked(&format!("smtp://{machine}:{}", server.port()), &authority);
        never_comes(&node, &server, "certificate");
    }
}

#[test]
fn nothing_is_sent_in_clear_to_another_machine_whoever_took_starttls_out() {
    let (Some(receivers), Some(machine)) = (Receivers::get(), machine()) else { return };
    // As if somebody in between took it out of what the server says.
    let server = receivers.mail_server();
    let (_upstream, _state, node) = asked(&format!("smtp://{machine}:{}", server.port()), &Authority::new());
    never_comes(&node, &server, "STARTTLS");
    let (_upstream, _state, node) = asked(&format!("smtps://localhost:{}", server.port()), &Authority::new());
    never_comes(&node, &server, "could not be told");
}
