//! Letters in a folder.

use mail_parser::MessageParser;
use settings_privacy_service::Delivery;

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
    assert_eq!(letter.header_raw("MIME-Version").map(str::trim), Some("1.0"));
    assert_eq!(
        letter.header_raw("Content-Transfer-Encoding").map(str::trim),
        Some("7bit")
    );
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
    use std::path::Path;

    let tried = a_service_with(|config| {
        config.data_dir = config.data_dir.join("of/its/own");
        config.delivery = Delivery::MailFolder(config.data_dir.join("mail"));
    })
    .await;
    tried.a_code(MEI).await;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let data = tried.folder.path().join("of/its/own");
    let mail = data.join("mail");
    for folder in [&data, &mail] {
        assert_eq!(mode(folder), 0o700);
    }
    let files = [&data, &mail].map(|folder| std::fs::read_dir(folder).unwrap());
    let files: Vec<_> = files
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .collect();
    let private: Vec<_> = files
        .iter()
        .filter(|path| path.is_file() && !path.ends_with("service.lock"))
        .collect();
    assert!(private.len() >= 4, "database, log, key, letter: {private:?}");
    for file in private {
        assert_eq!(mode(file), 0o600, "{file:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_exists_keeps_its_mode() {
    use std::os::unix::fs::PermissionsExt;
    let shared = tempfile::tempdir().unwrap();
    std::fs::set_permissions(shared.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let folder = shared.path().to_owned();
    let tried = a_service_with(|config| config.delivery = Delivery::MailFolder(folder)).await;
    tried.a_code(MEI).await;
    let mode = std::fs::metadata(shared.path()).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o755);
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
