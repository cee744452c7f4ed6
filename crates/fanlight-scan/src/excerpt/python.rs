//! The statements that a line of Python stands in: without them, a function's body would be read as what runs on import.

/// Bytes before a part that are searched for them.
const BACK: usize = 256 * 1024;

/// Writes a head for each statement that the line at `place` stands in, the outermost first.
pub(super) fn open_blocks(text: &str, place: usize, out: &mut String) {
    let line = text.get(place..).unwrap_or_default().lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut depth = indent(line);
    let mut from = place.saturating_sub(BACK);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let mut heads = Vec::new();
    for line in text[from..place].lines().rev() {
        if depth == 0 {
            break;
        }
        let rest = line.trim_start();
        let own = indent(line);
        // A closing bracket ends the head of a statement that begins further up.
        if own >= depth || rest.is_empty() || rest.starts_with(['#', ')', ']', '}']) {
            continue;
        }
        depth = own;
        heads.push(format!("{}{}\n", &line[..line.len() - rest.len()], head(rest)));
    }
    if depth > 0 {
        heads.push("def somewhere():\n".to_owned());
    }
    heads.iter().rev().for_each(|head| out.push_str(head));
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// A head of the same meaning on one line.
fn head(line: &str) -> String {
    let named =
        |rest: &str| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default().to_owned();
    if let Some(rest) = line.strip_prefix("async def ").or_else(|| line.strip_prefix("def ")) {
        format!("def {}():", named(rest))
    } else if let Some(rest) = line.strip_prefix("class ") {
        format!("class {}:", named(rest))
    } else if line.starts_with("if ") && line.contains("__name__") && line.ends_with(':') {
        line.to_owned()
    } else {
        "if 1:".to_owned()
    }
}
