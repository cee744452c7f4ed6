//! The HTML form.

use super::*;

#[test]
fn a_full_page_is_read() {
    let index = html(&format!(
        r##"<!DOCTYPE html>
        <html><head><meta name="pypi:repository-version" content="1.3">
        <meta name="pypi:project-status" content="archived"><meta name="pypi:project-status-reason" content="done &amp; dusted">
        <title>Links</title></head><body>
        <a href="../">Parent</a>
        <A HREF=" https://files.example/a/foo-1.0.tar.gz?x=1#sha256={HASH}&amp;egg=foo "
           data-requires-python="&gt;=3.8, &lt;4" data-yanked="it &quot;broke&quot;" data-gpg-sig="true"
           data-core-metadata="sha256={HASH}" data-dist-info-metadata="true" data-provenance="/p/1">text is not looked at</A>
        <a href='../../files/foo-1.1%2Blocal-py3-none-any.whl#md5=ABCD' data-yanked>x</a>
        <a href=foo-1.2.zip data-dist-info-metadata=true>foo-1.2.zip</a>
        </body></html>"##
    ));
    assert_eq!(notes(&index), "");
    assert_eq!(index.api_version, ApiVersion { major: 1, minor: 3 });
    assert_eq!(index.project_status.status, Status::Archived);
    assert_eq!(index.project_status.reason.as_deref(), Some("done & dusted"));
    assert_eq!(index.versions, ["1.0".into(), "1.1+local".into(), "1.2".into()] as [Box<str>; 3]);
    let [first, second, third] = &index.files[..] else { panic!("three files: {:?}", index.files) };
    assert_eq!(first.address(), "https://files.example/a/foo-1.0.tar.gz?x=1");
    assert_eq!(&*first.filename, "foo-1.0.tar.gz");
    assert_eq!(first.hashes.sha256.unwrap().to_string(), HASH);
    assert_eq!(first.requires_python.as_deref(), Some(">=3.8, <4"));
    assert_eq!(first.yanked.reason().map(|r| &**r), Some("it \"broke\""));
    assert_eq!(first.core_metadata.sha256(), first.hashes.sha256);
    assert_eq!(first.attested_at().unwrap(), "https://upstream.example/p/1");
    assert_eq!((first.gpg_sig, first.size, first.upload_time), (Some(true), None, None));
    assert_eq!(&*second.filename, "foo-1.1+local-py3-none-any.whl");
    assert_eq!(second.address(), "https://upstream.example/files/foo-1.1%2Blocal-py3-none-any.whl");
    assert_eq!(second.yanked, Yanked::Yes(None));
    assert_eq!(*second.hashes.others, [("md5".into(), "abcd".into())]);
    assert_eq!(third.address(), "https://upstream.example/simple/foo/foo-1.2.zip");
    assert_eq!(third.core_metadata, CoreMetadata::Yes { sha256: None });
}

#[test]
fn the_first_base_counts_wherever_it_stands() {
    let index = html(
        r#"<head><base target="x"><base href="https://files.example/b/"><base href="https://other.example/"></head>
        <a href="foo-1.0.zip">a</a>"#,
    );
    assert_eq!(index.files[0].address(), "https://files.example/b/foo-1.0.zip");
    let index = html(r#"<a href="foo-1.0.zip">a</a><base href="https://files.example/b/">"#);
    assert_eq!(index.files[0].address(), "https://files.example/b/foo-1.0.zip");
    let index = html(r#"<base href="javascript:alert(1)//"><a href="foo-1.0.zip">a</a>"#);
    assert_eq!(index.files[0].address(), "https://upstream.example/simple/foo/foo-1.0.zip");
}

#[test]
fn anchors_in_comments_scripts_and_texts_are_no_files() {
    let index = html(
        r#"<meta name="pypi:repository-version" content="1.0">
        <!-- <a href="foo-1.0.zip">a</a> --><script>"<a href='foo-1.1.zip'>"</script><style><a href="foo-1.2.zip"></style>
        <title><a href="foo-1.3.zip"></title><textarea><a href="foo-1.4.zip"></textarea><a name="x">no address</a>"#,
    );
    assert_eq!(index.files, []);
}

#[test]
fn a_newer_major_version_is_not_read() {
    let page = r#"<meta name="pypi:repository-version" content="2.0"><a href="foo-1.0.zip">x</a>"#;
    let error = parse("foo", Some("text/html"), &page_url(), page.as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "the index page has the form's version 2.0; only 1.x is understood");
}

#[test]
fn the_list_of_projects_is_read() {
    let body = br#"<a href="/simple/foo-bar/"> Foo.<b>Bar</b> </a><a href="x">../x</a><a></a><a href="/b/">b</a>"#;
    let list = list::parse(Some(HTML), body).unwrap();
    assert_eq!(list.names.iter().collect::<Vec<_>>(), ["foo-bar", "b"]);
    assert_eq!(list.left_out, 2);
}
