//! Archives of the service, as the program reads them that people have.

use std::sync::Arc;

use http::{Method, StatusCode};
use settings_privacy_api::paths;
use settings_privacy_archive::{Archive, Expected, Index, IndexPlace, Preview, Progress, compare, verify};
use settings_privacy_core::archive::{Jwks, Learned, Pinned, Sha256, learn};
use settings_privacy_service::SAMPLE_IDENTIFIER;

use crate::support::*;

#[tokio::test]
async fn an_archive_is_sound_to_the_program_that_checks_it_and_says_what_it_holds() {
    let tried = a_sample().await;
    let session = tried.a_session(SAMPLE_IDENTIFIER).await;
    let all = all_categories();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let copy = tried.a_copy(&session, &all, "eea").await;
    let told = copy.archive.clone().expect("it is ready");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("copy.zip");
    let bytes = tried.archive(&session.access_token, copy.id).await;
    std::fs::write(&path, &bytes).unwrap();
    let published: Jwks = tried
        .call(Method::GET, paths::JWKS)
        .send()
        .await
        .expect(StatusCode::OK);
    let Learned::FirstUse(keys) = learn(None, &published) else {
        panic!("the service publishes its key: {published:?}");
    };
    let digest: Sha256 = told.sha256.parse().expect("it is a digest");
    let expected = |account: &str, keys: Pinned| Expected {
        size: Some(told.bytes),
        digest: Some(digest),
        streamed: None,
        account: Some(account.to_owned()),
        export: Some(copy.id.to_string()),
        keys,
    };
    let check = |expected: &Expected| {
        verify(&path, None, expected, tried.now(), &Progress::default()).expect("nobody stops it")
    };
    let mine = session.account.id.to_string();
    let report = check(&expected(&mine, keys.clone()));
    assert!(report.is_sound(), "{:?}", report.findings);
    assert!(report.digest_as_told && report.signed.is_some());
    let somebody = uuid::Uuid::from_u128(1).to_string();
    assert!(!check(&expected(&somebody, keys)).is_sound());
    assert!(!check(&expected(&mine, Pinned::default())).is_sound());

    let archive = Arc::new(Archive::open(&path, None).unwrap());
    assert_eq!(archive.findings(), []);
    let held: Vec<String> = archive.categories().into_iter().map(|found| found.id).collect();
    for category in copy.categories.iter().filter(|category| category.items_total > 0) {
        assert!(held.contains(&category.id), "{} of {held:?}", category.id);
    }
    let index = Index::open(Arc::clone(&archive), IndexPlace::Memory, Arc::default());
    let index = Arc::new(index.await.unwrap());
    assert_eq!(index.findings(), []);
    let hits = index.search("poppy seeds", Some("messages"), 10).await.unwrap();
    assert!(hits.total > 0, "the sample writes of them");
    let same = compare(Arc::clone(&index), index, 10).await.unwrap();
    assert_eq!(same.changes, []);
    let preview = archive.preview("data/report.json").unwrap();
    assert!(!matches!(preview, Preview::Other { .. }), "{preview:?}");
}
