//! Makes a table of what `npm run build` left in `web/dist`. Runs no other program: where nothing was built, the table is
//! empty and the node shows a page that says how to build it. What is there is copied first: a build of the pages meanwhile
//! takes nothing away.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let dist = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("../../web/dist");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", dist.display());
    let mut table = String::from("pub(crate) static FILES: &[File] = &[\n");
    for (number, path) in files(&dist)?.into_iter().enumerate() {
        let name = path.strip_prefix(&dist)?.to_str().ok_or("a name that is no UTF-8")?.replace('\\', "/");
        let Some(media_type) = media_type(&name) else { continue };
        let Ok(bytes) = fs::read(&path) else { continue };
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        let whole = out.join(format!("{number}"));
        fs::write(&whole, bytes)?;
        let packed = |end: &str| -> std::io::Result<String> {
            let Ok(bytes) = fs::read(format!("{}.{end}", path.display())) else { return Ok("None".to_owned()) };
            let packed = out.join(format!("{number}.{end}"));
            fs::write(&packed, bytes)?;
            Ok(format!("Some(include_bytes!({packed:?}))"))
        };
        let (gzip, brotli) = (packed("gz")?, packed("br")?);
        writeln!(
            table,
            "    File {{ path: {:?}, media_type: {media_type:?}, tag: \"\\\"{:016x}\\\"\", whole: include_bytes!({whole:?}), \
             gzip: {gzip}, brotli: {brotli} }},",
            format!("/{name}"),
            hasher.finish(),
        )?;
    }
    table.push_str("];\n");
    writeln!(table, "pub(crate) static NEEDED: &[(&str, &str)] = &{:?};", needed(&dist))?;
    fs::write(out.join("files.rs"), table)?;
    Ok(())
}

/// Of each view the scripts it needs, as a `Link`: the build of the pages wrote a line for each, its name and the files.
fn needed(dist: &Path) -> Vec<(String, String)> {
    let lines = fs::read_to_string(dist.join("needed.txt")).unwrap_or_default();
    let needed = lines.lines().filter_map(|line| line.split_once(' ')).map(|(view, files)| {
        let links = files.split(' ').map(|file| format!("<{file}>; rel=modulepreload"));
        (view.to_owned(), links.collect::<Vec<_>>().join(", "))
    });
    needed.collect()
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}

/// Of what a browser asks for; anything else in the folder is not served.
fn media_type(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        _ => return None,
    })
}
