//! What the editor promises, on files as people and programs write them.

use super::keyfile::KeyFile;

fn parse(text: &str) -> KeyFile {
    KeyFile::parse(text.as_bytes()).expect("it is a key file")
}

#[test]
fn a_file_read_and_written_is_the_same_file() {
    let files = [
        "",
        "\n\n",
        "# only a comment",
        "[Context]\nsockets=x11;\n",
        "[Context]\r\nsockets = x11; \r\n\r\n#end",
        "  [Context]  \n  devices =  all;\nName[de]=x\n[Context]\ndevices=dri;\n",
    ];
    for text in files {
        assert_eq!(parse(text).render(), text);
    }
}

#[test]
fn the_last_key_of_all_groups_of_one_name_wins() {
    let file = parse("[Context]\ndevices=a;\n[X]\ndevices=x;\n[Context]\ndevices=b;\n");
    assert_eq!(file.raw("Context", "devices"), Some(("b;", 6)));
}

#[test]
fn an_edit_touches_its_own_line_only() {
    let text = "# mine\n[Context]\n# why\nsockets = x11; \n\n[Environment]\nA=1\n";
    let mut file = parse(text);
    file.set("Context", "sockets", "y;");
    assert_eq!(file.render(), text.replace("x11; ", "y;"));
    file.set("Context", "devices", "!all;");
    assert_eq!(file.render(), text.replace("x11; \n", "y;\ndevices=!all;\n"));
}

#[test]
fn what_is_added_and_removed_again_leaves_the_file_as_it_was() {
    let files = [
        "",
        "[Context]\nsockets=x11;\n",
        "[Context]\nsockets=x11;",
        "[Context]\r\nsockets=x11;\r\n",
        "[Session Bus Policy]\na.b=talk",
        "# mine",
        "[Context]\n# nothing here\n\n[Other]\nk=v\n",
    ];
    for text in files {
        let mut file = parse(text);
        file.set("Context", "devices", "!all;");
        file.set("System Bus Policy", "a.b", "none");
        assert_ne!(file.render(), text);
        file.remove("System Bus Policy", "a.b");
        file.remove("Context", "devices");
        assert_eq!(file.render(), text);
    }
}

#[test]
fn a_group_goes_with_its_last_key_unless_something_else_is_in_it() {
    let cases = [
        ("[A]\nk=v\n\n[B]\nk=v\n", "[B]\nk=v\n"),
        ("[A]\n# stays\nk=v\n", "[A]\n# stays\n"),
        ("[A]\nk=v\nother=v\n", "[A]\nother=v\n"),
        ("[A]\nk=1\n[B]\nk=v\n[A]\nk=2\n", "[B]\nk=v\n"),
    ];
    for (before, after) in cases {
        let mut file = parse(before);
        file.remove("A", "k");
        assert_eq!(file.render(), after, "{before}");
    }
}

#[test]
fn what_glib_refuses_is_refused_with_its_line() {
    let cases: [(&[u8], usize); 9] = [
        (b"[Context]\nnonsense\n", 2),
        (b"k=v\n", 1),
        (b"[]\n", 1),
        (b"[A[B]\n", 1),
        (b"\n[A]\n=v\n", 3),
        (b"[A]\nk]=v\n", 2),
        (b"[A]\nk=\xff\n", 2),
        (b"[A]\nk=\0\n", 2),
        (b"[A\nk=v\n", 1),
    ];
    for (bytes, line) in cases {
        let refused = KeyFile::parse(bytes).expect_err(&String::from_utf8_lossy(bytes));
        assert_eq!(refused.line, line, "{refused}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_refused_or_kept(text in r"([\[\]=#; \r\nA-Ca-c\\]|\PC){0,60}") {
        if let Ok(file) = KeyFile::parse(text.as_bytes()) {
            proptest::prop_assert_eq!(file.render(), text);
        }
    }
}
