//! Letters in a folder.

use mail_parser::MessageParser;

use crate::support::*;

#[tokio::test]
async fn a_letter_can_be_read_by_any_mail_program_and_holds_the_code() {
    let tried = a_service().await;
    let code = tried.a_code(MEI).await;
    let mailbox = tried.service.mailbox().unwrap();
    let files: Vec<_> = std::fs::read_dir(mailbox.folder())
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(files.len(), 1);
    let bytes = std::fs::read(files[0].path()).unwrap();
    let letter = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(letter.to().unwrap().first().unwrap().address(), Some(MEI));
    assert_eq!(letter.subject(), Some("Your code for Settings & Privacy"));
    assert_eq!(letter.date().unwrap().to_timestamp(), tried.now().as_second());
    assert!(letter.message_id().is_some());
    let text = letter.body_text(0).unwrap();
    assert!(
        text.contains(&format!("\n{code}\r\n")) || text.contains(&format!("\n{code}\n")),
        "{text}"
    );
    assert!(
        text.contains("10 minutes") && text.contains("ignore this letter"),
        "{text}"
    );
    assert!(
        !letter.subject().unwrap().contains(&code),
        "a lock screen shows subjects"
    );
    assert!(bytes.split(|byte| *byte == b'\n').all(|line| line.len() <= 79));
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_letters_and_the_database() {
    use std::os::unix::fs::PermissionsExt;
    let tried = a_service().await;
    tried.a_code(MEI).await;
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let mail = tried.folder.path().join("mail");
    assert_eq!(mode(tried.folder.path()), 0o700);
    assert_eq!(mode(&mail), 0o700);
    for letter in std::fs::read_dir(&mail).unwrap() {
        assert_eq!(mode(&letter.unwrap().path()), 0o600);
    }
}

#[tokio::test]
async fn the_newest_code_of_an_address_is_shown_and_no_other() {
    let tried = a_service().await;
    let mailbox = tried.service.mailbox().unwrap();
    assert!(mailbox.latest_code(MEI).await.is_none());
    tried.a_code(MEI).await;
    tried.later(seconds(61));
    let newest = tried.a_code(MEI).await;
    tried.later(seconds(1));
    let theirs = tried.a_code(TOM).await;
    let shown = mailbox.latest_code(" MEI.LIN@example.org ").await.unwrap();
    assert_eq!(shown.code.expose(), newest);
    assert_eq!(shown.expires_at, tried.now() + minutes(10) - seconds(1));
    assert!(!format!("{shown:?}").contains(&newest), "it can't be printed");
    assert_eq!(mailbox.latest_code(TOM).await.unwrap().code.expose(), theirs);
    assert!(mailbox.latest_code("nobody@example.org").await.is_none());
    tried.sign_in(MEI, &newest, uuid::Uuid::new_v4()).send().await;
    assert!(mailbox.latest_code(MEI).await.is_none(), "used up");
}
