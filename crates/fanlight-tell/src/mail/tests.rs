//! A letter on the wire, told to a small server that writes down what it hears.

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use super::*;

/// Answers one SMTP dialogue: `to` is the answer to RCPT. Gives what was said.
async fn server(listener: TcpListener, to: &'static str) -> Vec<String> {
    let (stream, _) = listener.accept().await.unwrap();
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 mail.example\r\n").await.unwrap();
    let (mut said, mut in_data) = (Vec::new(), false);
    while let Ok(Some(line)) = lines.next_line().await {
        let answer = match line.split([' ', ':']).next().unwrap_or_default() {
            _ if in_data && line != "." => "",
            "." => "250 taken\r\n",
            "EHLO" => "250 mail.example\r\n",
            "RCPT" => to,
            "DATA" => "354 go on\r\n",
            "QUIT" => "221 bye\r\n",
            _ => "250 ok\r\n",
        };
        in_data = line == "DATA" || (in_data && line != ".");
        said.push(line);
        write.write_all(answer.as_bytes()).await.unwrap();
        if answer.starts_with("221") {
            break;
        }
    }
    said
}

fn letter(to: &str) -> Letter {
    Letter {
        id: "req_1-granted-mail".to_owned(),
        to: to.to_owned(),
        subject: "Granted: pkg:pypi/a@2\r\nBcc: other@acme.example".to_owned(),
        text: "It passes.\n.\nUntil Friday.\n".to_owned(),
    }
}

async fn send(to: &'static str, letter: Letter) -> (Result<(), TellError>, Vec<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("smtp://{}", listener.local_addr().unwrap())).unwrap();
    let mail = Mail::new(&url, "fanlight@acme.example").unwrap();
    let (sent, said) = tokio::join!(mail.send(&letter), server(listener, to));
    (sent, said)
}

#[tokio::test]
async fn a_letter_goes_to_the_one_it_is_for_and_text_cannot_add_to_its_head() {
    let (sent, said) = send("250 ok\r\n", letter("asha@acme.example")).await;
    sent.unwrap();
    let whole = said.join("\n");
    assert!(said.contains(&"RCPT TO:<asha@acme.example>".to_owned()), "{whole}");
    assert_eq!(whole.matches("RCPT").count(), 1, "{whole}");
    assert!(!said.iter().any(|line| line.starts_with("Bcc")), "{whole}");
    assert!(whole.contains("Message-ID: <req_1-granted-mail@acme.example>"), "{whole}");
    assert!(whole.contains("Auto-Submitted: auto-generated"), "{whole}");
    assert!(said.contains(&"..".to_owned()), "a dot alone ends nothing: {whole}");
}

#[tokio::test]
async fn what_the_server_will_never_take_is_final_and_what_it_may_take_later_is_not() {
    let (sent, _) = send("550 no such person\r\n", letter("asha@acme.example")).await;
    assert!(sent.unwrap_err().is_final());
    let (sent, _) = send("451 try later\r\n", letter("asha@acme.example")).await;
    assert!(!sent.unwrap_err().is_final());
}

#[tokio::test]
async fn no_address_and_no_server_are_told() {
    let url = Url::parse("smtp://127.0.0.1:1").unwrap();
    let mail = Mail::new(&url, "fanlight@acme.example").unwrap();
    assert!(mail.send(&letter("not an address")).await.unwrap_err().is_final());
    assert!(!mail.send(&letter("asha@acme.example")).await.unwrap_err().is_final());
    assert!(Mail::new(&url, "fanlight").is_err());
}
