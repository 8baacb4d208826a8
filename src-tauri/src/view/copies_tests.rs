//! What the window is given of an export says what is true of it.

use jiff::Timestamp;
use settings_privacy_core::archive::Sha256;
use settings_privacy_core::export::{
    AccountId, Asked, Bytes, Effect, ExportId, Outstanding, Part, Place, Progress, Remote, Retry, Sequence,
    Stage, Waits, When, WorkflowId, begin,
};
use settings_privacy_core::inventory::CategoryId;
use settings_privacy_core::regime::RegimeId;
use settings_privacy_engine::ExportState;
use uuid::Uuid;

use super::{ExportStage, exports_view};
use crate::view::{ExportView, ExportWishView};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn state(stage: Stage) -> ExportState {
    let asked = Asked {
        categories: vec![CategoryId::new("messages"), CategoryId::new("newer")],
        period: None,
        regime: RegimeId::new("california"),
    };
    let place = Some(Place("/home/me/copy.zip".into()));
    let mut export = begin(
        WorkflowId(Uuid::nil()),
        AccountId("me".into()),
        asked,
        place,
        false,
        NOW,
    )
    .export;
    export.stage = stage;
    ExportState {
        says: export.sentence(),
        export,
        asked_at: NOW,
        changed_at: NOW,
        categories: Vec::new(),
        left_out: 0,
        transfer: None,
        checking: None,
        report: None,
        set_aside: None,
        elsewhere: false,
    }
}

fn view(state: ExportState) -> ExportView {
    exports_view(&[state], &[]).exports.remove(0)
}

fn remote() -> Remote {
    Remote {
        export: ExportId("7".into()),
        size: Bytes(9_007_199_254_740_993),
        digest: Sha256([0; 32]),
        etag: "\"a\"".into(),
        expires: NOW,
        since: NOW,
        warned: false,
    }
}

fn failed(retry: Option<Retry>) -> Stage {
    Stage::Failed {
        code: "no-answer".into(),
        message: "It didn't answer.".into(),
        retry,
    }
}

#[test]
fn every_stage_offers_what_the_workflow_takes() {
    let export = ExportId("7".into());
    let progress = Progress::default();
    let verified = Stage::Verified {
        path: Place("/home/me/copy (2).zip".into()),
        digest: Sha256([0; 32]),
        size: Bytes(3),
        encrypted: true,
        unencrypted: None,
    };
    let table = [
        (Stage::Requested, ExportStage::Asked, true, false),
        (
            Stage::Submitted {
                export: export.clone(),
            },
            ExportStage::Asked,
            true,
            false,
        ),
        (
            Stage::Preparing {
                export: export.clone(),
                progress,
            },
            ExportStage::Preparing,
            true,
            false,
        ),
        (
            Stage::Ready { archive: remote() },
            ExportStage::Ready,
            true,
            false,
        ),
        (
            Stage::Downloading {
                archive: remote(),
                stored: Bytes(1),
            },
            ExportStage::Downloading,
            true,
            false,
        ),
        (
            Stage::Verifying { archive: remote() },
            ExportStage::Checking,
            true,
            false,
        ),
        (verified, ExportStage::Checked, false, false),
        (Stage::Expired { export }, ExportStage::Expired, false, true),
        (failed(Some(Retry::Asking)), ExportStage::Failed, true, true),
        (failed(None), ExportStage::Failed, true, false),
        (Stage::Cancelled, ExportStage::Cancelled, false, false),
    ];
    for (stage, word, can_cancel, can_retry) in table {
        let seen = view(state(stage));
        assert_eq!(
            (seen.stage, seen.can_cancel, seen.can_retry),
            (word, can_cancel, can_retry)
        );
    }
}

#[test]
fn a_length_crosses_exactly_and_a_place_is_where_the_file_lies() {
    assert_eq!(
        view(state(Stage::Ready { archive: remote() })).bytes.as_deref(),
        Some("9007199254740993")
    );
    let kept = Stage::Verified {
        path: Place("/home/me/copy (2).zip".into()),
        digest: Sha256([0; 32]),
        size: Bytes(3),
        encrypted: true,
        unencrypted: None,
    };
    let seen = view(state(kept));
    assert_eq!(seen.place.as_deref(), Some("/home/me/copy (2).zip"));
    assert!(seen.encrypted);
}

#[test]
fn names_are_for_people_and_what_is_not_known_is_called_what_it_is() {
    let seen = view(state(Stage::Requested));
    assert_eq!(seen.asked, ["Messages", "newer"]);
    assert_eq!(seen.regime, "California, CCPA");
}

#[test]
fn what_had_arrived_is_offered_only_once_nothing_more_comes() {
    let with_part = |stage| {
        let mut state = state(stage);
        state.export.part = Some(Part {
            at: Place("/there/mine.zip".into()),
            made: true,
            etag: "\"a\"".into(),
            digest: Sha256([0; 32]),
            bytes: Bytes(5),
        });
        view(state).part.map(|part| (part.path, part.bytes))
    };
    let downloading = Stage::Downloading {
        archive: remote(),
        stored: Bytes(5),
    };
    assert_eq!(with_part(downloading), None);
    let expired = Stage::Expired {
        export: ExportId("7".into()),
    };
    assert_eq!(
        with_part(expired),
        Some(("/there/mine.zip.part".into(), "5".into()))
    );
}

#[test]
fn a_wish_without_a_passphrase_encrypts_nothing_and_one_with_half_a_time_covers_all() {
    let wish = |passphrase: Option<&str>, to: Option<&str>| ExportWishView {
        categories: Vec::new(),
        regime: "eea".into(),
        from: Some("2025-01-01T00:00:00Z".into()),
        to: to.map(str::to_owned),
        place: None,
        passphrase: passphrase.map(str::to_owned),
    };
    let made = super::export_wish(wish(Some(""), None), None).expect("it is one");
    assert!(made.passphrase.is_none() && made.period.is_none());
    let made = super::export_wish(wish(Some("x"), Some("2025-02-01T00:00:00Z")), None).expect("it is one");
    assert!(made.passphrase.is_some() && made.period.is_some());
    assert!(super::export_wish(wish(None, Some("tomorrow")), None).is_err());
}

#[test]
fn what_encrypting_waits_for_is_said_in_words_of_its_own() {
    let says = |waits: Waits| {
        let mut state = state(Stage::Verified {
            path: Place("/home/me/copy.zip".into()),
            digest: Sha256([0; 32]),
            size: Bytes(5),
            encrypted: false,
            unencrypted: None,
        });
        state.export.outstanding.push(Outstanding {
            sequence: Sequence(9),
            effect: Effect::Seal {
                path: Place("/home/me/copy.zip".into()),
            },
            attempts: 0,
            when: When::Person(waits),
        });
        view(state).waits.expect("it waits").says
    };
    assert!(says(Waits::Room { missing: Bytes(7) }).contains("as much room again"));
    assert!(says(Waits::Place).contains("another passphrase"));
    assert!(says(Waits::Passphrase).contains("Enter it again"));
}
