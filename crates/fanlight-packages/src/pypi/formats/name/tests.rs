//! File names by example.

use proptest::prelude::*;

use super::*;

fn parsed(filename: &str, project: &str) -> Result<String, NotParsable> {
    FileName::parse(filename, project).map(|name| name.to_string())
}

#[test]
fn wheels_are_read_by_pep_427() {
    for (filename, project, said) in [
        ("requests-2.32.0-py3-none-any.whl", "requests", "wheel of requests 2.32.0"),
        ("Flask_SQLAlchemy-3.1.1-py3-none-any.whl", "flask-sqlalchemy", "wheel of flask-sqlalchemy 3.1.1"),
        ("torch-2.4.0+cu118-cp312-cp312-linux_x86_64.whl", "torch", "wheel of torch 2.4.0+cu118"),
        ("foo-1.0-1-py2.py3-none-any.whl", "foo", "wheel of foo 1.0"),
        ("foo-1.0.POST1-py3-none-any.WHL", "foo", "wheel of foo 1.0.post1"),
        ("foo-1.0_1-py3-none-any.whl", "foo", "wheel of foo 1.0.post1"),
        ("foo-1!2.0-py3-none-any.whl", "foo", "wheel of foo 1!2.0"),
    ] {
        assert_eq!(parsed(filename, project).as_deref(), Ok(said), "{filename}");
    }
    let Kind::Wheel { build_tag, tags } =
        FileName::parse("foo-1.0-1b-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "foo").unwrap().kind
    else {
        panic!("a wheel")
    };
    assert_eq!(build_tag.as_deref(), Some("1b"));
    assert_eq!(&*tags, "cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64");
}

#[test]
fn what_is_no_wheel_says_why() {
    for (filename, why) in [
        ("foo-1.0-py3-none.whl", NotParsable::WheelParts),
        ("foo-1.0-b1-py3-none-any.whl", NotParsable::WheelParts),
        ("foo-1.0-1-py3-none-any-more.whl", NotParsable::WheelParts),
        ("foo--py3-none-any.whl", NotParsable::WheelParts),
        (".whl", NotParsable::UnknownEnding),
        ("bar-1.0-py3-none-any.whl", NotParsable::OtherProject),
        ("foo-latest-py3-none-any.whl", NotParsable::Version),
        ("foo-1.*-py3-none-any.whl", NotParsable::Version),
    ] {
        assert_eq!(parsed(filename, "foo"), Err(why), "{filename}");
    }
}

#[test]
fn source_archives_are_split_at_the_projects_name() {
    for (filename, project, said) in [
        ("requests-2.32.0.tar.gz", "requests", "sdist of requests 2.32.0"),
        ("zope.interface-6.0.zip", "zope-interface", "sdist of zope-interface 6.0"),
        ("zope_interface-6.0.tar.gz", "zope.interface", "sdist of zope-interface 6.0"),
        ("python-foo-bar-1.0.tar.bz2", "python-foo-bar", "sdist of python-foo-bar 1.0"),
        ("foo-2-1.0.tar.gz", "foo-2", "sdist of foo-2 1.0"),
        ("foo-1.0-1.tgz", "foo", "sdist of foo 1.0.post1"),
        ("foo-1.0-beta2.tar.gz", "foo", "sdist of foo 1.0b2"),
        ("Foo__Bar-1.0.tar.xz", "foo-bar", "sdist of foo-bar 1.0"),
        ("foo-1.0.TAR.GZ", "foo", "sdist of foo 1.0"),
    ] {
        assert_eq!(parsed(filename, project).as_deref(), Ok(said), "{filename}");
    }
    for (filename, project, why) in [
        ("foo-2-1.0.tar.gz", "foo", NotParsable::Version),
        ("foo.tar.gz", "foo", NotParsable::OtherProject),
        ("foobar-1.0.tar.gz", "foo", NotParsable::OtherProject),
        ("pytz-2004d-final-x.tar.gz", "pytz", NotParsable::Version),
        ("foo-1.0.linux-x86_64.tar.gz", "foo", NotParsable::Version),
        ("foo-1.0.exe", "foo", NotParsable::UnknownEnding),
        ("foo-1.0", "foo", NotParsable::UnknownEnding),
    ] {
        assert_eq!(parsed(filename, project), Err(why), "{filename}");
    }
}

#[test]
fn eggs_are_read() {
    assert_eq!(parsed("setuptools-0.6c11-py2.7.egg", "setuptools").as_deref(), Ok("egg of setuptools 0.6rc11"));
    assert_eq!(parsed("My_Foo-1.0-py2.7-linux-x86_64.egg", "my-foo").as_deref(), Ok("egg of my-foo 1.0"));
    assert_eq!(parsed("py-pylib-1.0-py2.7.egg", "py-pylib").as_deref(), Ok("egg of py-pylib 1.0"));
}

#[test]
fn unsafe_names_are_refused() {
    for (name, why) in [
        ("", RefusedName::Empty),
        ("..", RefusedName::LeadingDot),
        (".hidden-1.0.tar.gz", RefusedName::LeadingDot),
        ("../etc/passwd", RefusedName::Separator),
        ("a/b.whl", RefusedName::Separator),
        ("..\\a.whl", RefusedName::Separator),
        ("a\u{0}.whl", RefusedName::ControlCharacter),
        ("a\r\nSet-Cookie: b.whl", RefusedName::ControlCharacter),
        ("a\u{85}.whl", RefusedName::ControlCharacter),
        ("foo-\u{202e}lhw.1", RefusedName::ControlCharacter),
        ("foo\u{200b}-1.0.zip", RefusedName::ControlCharacter),
        ("foo-1.0-py3-none-any.whl.metadata", RefusedName::Companion),
        ("foo-1.0.tar.gz.ASC", RefusedName::Companion),
    ] {
        assert_eq!(check_file_name(name), Err(why), "{name:?}");
    }
    assert_eq!(check_file_name(&"a".repeat(256)), Err(RefusedName::TooLong));
    for name in ["requests-2.32.0.tar.gz", "ä ö-1.0.zip", "foo-1.0+x.y-py3-none-any.whl", "100%.whl", "a..b.zip"] {
        assert_eq!(check_file_name(name), Ok(()), "{name:?}");
    }
}

proptest! {
    #[test]
    fn a_wheel_and_an_sdist_of_one_version_agree(
        project in "[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,5}){0,2}",
        version in "[0-9]{1,3}(\\.[0-9]{1,3}){0,3}(a|b|rc)?",
    ) {
        let version = if version.ends_with(|c: char| c.is_ascii_alphabetic()) { format!("{version}1") } else { version };
        let wheel = FileName::parse(&format!("{}-{version}-py3-none-any.whl", project.replace('-', "_")), &project);
        let sdist = FileName::parse(&format!("{project}-{version}.tar.gz"), &project);
        prop_assert_eq!(wheel.map(|w| w.version), sdist.map(|s| s.version));
    }

    #[test]
    fn any_text_is_judged_without_panic(filename in "\\PC{0,60}", project in "\\PC{0,20}") {
        let _ = FileName::parse(&filename, &project);
        let _ = check_file_name(&filename);
    }
}
