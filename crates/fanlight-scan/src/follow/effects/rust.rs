//! Rust's library, and crates that are used for the network and for decoding.

use super::{Effect, Labels, last};

pub(super) fn of_call(path: &str) -> Effect {
    match path {
        "std.env.vars" | "std.env.vars_os" | "env.vars" => {
            Effect::Take(Labels::ENVIRONMENT, Some(crate::report::Ability::ReadEnvironment))
        }
        "std.env.var" | "std.env.var_os" | "env.var" | "env!" | "option_env!" => Effect::Variable,
        "std.net.TcpStream.connect" | "TcpStream.connect" => Effect::Connect,
        "std.net.ToSocketAddrs.to_socket_addrs" | "?.to_socket_addrs" => Effect::Lookup,
        "std.fs.read"
        | "std.fs.read_to_string"
        | "std.fs.read_dir"
        | "std.fs.File.open"
        | "fs.read"
        | "fs.read_to_string"
        | "File.open" => Effect::Read,
        "std.fs.write" | "fs.write" => Effect::Write,
        "std.fs.File.create" | "File.create" => Effect::Open,
        "std.fs.copy" | "std.fs.rename" | "fs.copy" => Effect::Copy,
        "std.io.copy" => Effect::Into,
        "println!" | "eprintln!" | "assert!" | "assert_eq!" | "panic!" => Effect::Forget,
        "libloading.Library.new" => Effect::Native,
        "whoami.username" | "whoami.hostname" | "hostname.get" | "gethostname.gethostname" => {
            Effect::Take(Labels::IDENTITY, Some(crate::report::Ability::ReadIdentity))
        }
        _ => of_family(path),
    }
}

fn of_family(path: &str) -> Effect {
    let name = last(path);
    let command = path.contains("Command.new()");
    match (path.split(['.', '(']).next().unwrap_or(path), name) {
        (_, "arg" | "args") if command => Effect::Words,
        (_, "status" | "spawn" | "output" | "exec") if command => Effect::Run,
        (
            "ureq" | "reqwest" | "minreq" | "attohttpc" | "isahc" | "curl" | "hyper",
            "get" | "post" | "put" | "send" | "call" | "send_string" | "send_json" | "send_bytes" | "body" | "json"
            | "send_form" | "with_body" | "perform",
        ) => Effect::Send,
        ("std" | "TcpStream", "write_all" | "write") if path.contains("TcpStream") => Effect::Send,
        (_, "write_all") => Effect::WriteInto,
        ("base64" | "hex" | "data_encoding" | "BASE64" | "STANDARD", "decode") => Effect::Decode,
        ("base64" | "hex", "encode") => Effect::Encode,
        _ => Effect::Pass,
    }
}
