//! A text as a picture that a phone's camera reads: a QR code (ISO/IEC 18004) as an SVG document.
//!
//! Dark on light whatever the page around it looks like, because cameras expect that; and nothing in it but two shapes, so that
//! it needs no style, no script and nothing from elsewhere.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

/// Light squares around it, as the standard asks.
const MARGIN: i32 = 4;

/// The picture. `None` where the text is longer than any picture holds, some 2,300 bytes.
pub fn picture(text: &str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let side = code.size() + 2 * MARGIN;
    let mut dark = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let length = (x..code.size()).take_while(|x| code.get_module(*x, y)).count() as i32;
            if length > 0 {
                let _ = write!(dark, "M{} {}h{length}v1h-{length}z", x + MARGIN, y + MARGIN);
            }
            x += length + 1;
        }
    }
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}h-{side}z\"/><path fill=\"#000\" d=\"{dark}\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::second::TotpSecret;

    /// Paints the dark shape as a browser would, eight dots a square, and reads it with a reader that is not ours.
    fn read(svg: &str) -> String {
        const DOTS: usize = 8;
        let between = |text: &str, start: &str, end: &str| {
            text.split_once(start)
                .and_then(|(_, rest)| rest.split_once(end))
                .map(|(found, _)| found.to_owned())
                .unwrap()
        };
        let side: usize = between(svg, "viewBox=\"0 0 ", " ").parse().unwrap();
        let shape = between(svg.split_once("#000").unwrap().1, "d=\"", "\"");
        let mut dark = vec![false; side * side];
        for run in shape.split('M').skip(1) {
            let (x, rest) = run.split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let length = rest.split_once('v').unwrap().0;
            let [x, y, length]: [usize; 3] = [x, y, length].map(|number| number.parse().unwrap());
            dark[y * side + x..][..length].fill(true);
        }
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(side * DOTS, side * DOTS, |x, y| {
            if dark[y / DOTS * side + x / DOTS] { 0 } else { 255 }
        });
        image.detect_grids()[0].decode().unwrap().1
    }

    #[test]
    fn a_reader_sees_the_secret_that_the_page_shows() {
        let uri = TotpSecret::from_bytes([7; 20]).uri("Fanlight", "Ásta O'Hara <x@y>");
        assert_eq!(&read(&picture(uri.expose_secret()).unwrap()), uri.expose_secret());
    }

    #[test]
    fn what_no_picture_holds_has_none() {
        assert_eq!(picture(&"x".repeat(3000)), None);
        assert!(picture(&"x".repeat(2000)).is_some());
    }
}
