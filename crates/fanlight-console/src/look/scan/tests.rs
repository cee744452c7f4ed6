//! Which files of a release are looked into.

use super::*;

#[test]
fn what_is_here_comes_first_and_of_the_rest_a_few() {
    let name = |platform: &str| format!("demo-1.0-cp313-cp313-{platform}.whl");
    let mut all: Vec<_> = ["win32", "win_amd64", "linux", "macosx"].map(|platform| (name(platform), false)).into();
    all.push(("demo-1.0-py3-none-any.whl".to_owned(), false));
    all.push(("demo-1.0.tar.gz".to_owned(), false));
    all[1].1 = true;
    let (into, left) = chosen(all.clone(), None);
    let expected =
        [name("win_amd64"), "demo-1.0.tar.gz".into(), "demo-1.0-py3-none-any.whl".into(), name("win32"), name("linux")];
    assert_eq!((into, left), (expected.to_vec(), vec![name("macosx")]));
    let (into, left) = chosen(all.clone(), Some(&name("macosx")));
    assert_eq!((into, left.len()), (vec![name("macosx")], 5));
    let (into, left) = chosen(all, Some("../demo"));
    assert_eq!((into.len(), left.len()), (0, 6));
}
