use jiff::SignedDuration;

use super::world::World;
use super::*;

mod simulation;

fn somewhere() -> Place {
    Place("/there/copy.zip".into())
}

#[test]
fn a_wish_becomes_a_checked_file() {
    let mut world = World::new(true);
    world.goes_well();
    assert!(
        matches!(world.export.stage, Stage::Verified { .. }),
        "{:?}",
        world.export
    );
    assert!(
        world.export.outstanding.is_empty(),
        "{:?}",
        world.export.outstanding
    );
    assert!(world.export.notices.is_empty());
    assert!(
        matches!(
            world.told[..],
            [Notification::Ready { .. }, Notification::Verified]
        ),
        "{:?}",
        world.told
    );
}

#[test]
fn without_a_place_it_waits_until_one_is_chosen() {
    let mut world = World::new(false);
    world.goes_well();
    assert!(matches!(world.export.stage, Stage::Ready { .. }));
    world.happens(Event::Download { to: somewhere() });
    world.goes_well();
    assert!(matches!(world.export.stage, Stage::Verified { .. }));
}

#[test]
fn its_expiry_is_warned_of_once_and_before_it_comes() {
    let mut world = World::new(false);
    world.goes_well();
    let Stage::Ready { archive } = &world.export.stage else {
        panic!("it isn't ready")
    };
    let expires = archive.expires;
    assert!(world.export.wake_at().is_some_and(|at| at < expires));
    for _ in 0..60 {
        world.time(SignedDuration::from_hours(1));
        world.goes_well();
    }
    let warnings = world
        .told
        .iter()
        .filter(|told| matches!(told, Notification::Expiring { .. }));
    assert_eq!(warnings.count(), 1);
    world.time(SignedDuration::from_hours(20));
    world.goes_well();
    assert!(
        matches!(world.export.stage, Stage::Expired { .. }),
        "{:?}",
        world.export
    );
}

#[test]
fn an_archive_replaced_half_way_is_fetched_from_its_beginning_and_said_so() {
    let mut world = World::new(true);
    while !matches!(world.export.stage, Stage::Downloading { stored, .. } if stored.0 > 0) {
        if let Some(at) = world.export.wake_at() {
            world.now = world.now.max(at);
        }
        world.happens(Event::Tick);
        world.answer(0, false, 0.0);
    }
    world.replace_archive();
    world.kill();
    world.goes_well();
    assert!(
        matches!(world.export.stage, Stage::Verified { .. }),
        "{:?}",
        world.export
    );
    let why: Vec<_> = world
        .export
        .notices
        .iter()
        .map(|notice| notice.started_over)
        .collect();
    assert_eq!(why, [StartedOver::Changed]);
}

#[test]
fn a_download_that_is_killed_goes_on_where_it_was() {
    let mut world = half_way();
    // More has come than was said to be safe.
    world.answer(0, false, 0.0);
    world.kill();
    assert!(fetch(&world).1 >= 2 * CHUNK.0);
    world.goes_well();
    assert!(matches!(world.export.stage, Stage::Verified { .. }));
}

/// Two chunks are here.
fn half_way() -> World {
    let mut world = World::new(true);
    while !matches!(world.export.stage, Stage::Downloading { stored, .. } if stored.0 >= 2 * CHUNK.0) {
        if let Some(at) = world.export.wake_at() {
            world.now = world.now.max(at);
        }
        world.happens(Event::Tick);
        world.answer(0, false, 0.0);
    }
    world
}

fn fetch(world: &World) -> (Sequence, u64) {
    let from = |open: &Outstanding| match open.effect {
        Effect::Fetch { from, .. } => Some((open.sequence, from.0)),
        Effect::Submit { .. }
        | Effect::Look { .. }
        | Effect::Move { .. }
        | Effect::Verify { .. }
        | Effect::Keep { .. }
        | Effect::Seal { .. }
        | Effect::Quarantine { .. }
        | Effect::Discard { .. }
        | Effect::CancelRemote { .. }
        | Effect::RetryRemote { .. }
        | Effect::Notify(_) => None,
    };
    world
        .export
        .outstanding
        .iter()
        .find_map(from)
        .expect("it downloads")
}

fn fails(world: &mut World) {
    let reply = Reply::Refused {
        code: "forbidden".into(),
        message: "The service refuses.".into(),
    };
    let (to, _) = fetch(world);
    world.happens(Event::Reply { to, reply });
    assert_eq!(world.export.sentence(), "The service refuses.");
}

fn until_it_downloads(world: &mut World) {
    while !matches!(world.export.stage, Stage::Downloading { .. }) {
        if let Some(at) = world.export.wake_at() {
            world.now = world.now.max(at);
        }
        world.happens(Event::Tick);
        world.answer(0, false, 0.0);
    }
}

#[test]
fn a_download_that_failed_goes_on_where_it_was_when_tried_again() {
    let mut world = half_way();
    fails(&mut world);
    world.wish(Event::Retry);
    until_it_downloads(&mut world);
    assert!(fetch(&world).1 >= 2 * CHUNK.0);
    world.goes_well();
    assert!(matches!(world.export.stage, Stage::Verified { .. }));
}

#[test]
fn a_download_that_failed_begins_anew_when_the_archive_is_another_by_then() {
    let mut world = half_way();
    fails(&mut world);
    world.replace_archive();
    world.wish(Event::Retry);
    until_it_downloads(&mut world);
    assert_eq!(fetch(&world).1, 0);
    world.goes_well();
    assert!(matches!(world.export.stage, Stage::Verified { .. }));
}

fn elsewhere() -> Place {
    Place("/elsewhere/copy.zip".into())
}

/// Answers what moves the part file.
fn moves(world: &mut World, lose: bool) {
    while !world.answer_move(lose) {
        world.answer(0, false, 0.0);
    }
}

fn goes_elsewhere(world: &mut World, to: Place) {
    world.wish(Event::Resume { elsewhere: Some(to) });
}

/// Where something is to be removed.
fn discards(world: &World) -> Vec<Place> {
    let discards = |open: &Outstanding| match &open.effect {
        Effect::Discard { to } => Some(to.clone()),
        Effect::Submit { .. }
        | Effect::Look { .. }
        | Effect::Fetch { .. }
        | Effect::Move { .. }
        | Effect::Verify { .. }
        | Effect::Keep { .. }
        | Effect::Seal { .. }
        | Effect::Quarantine { .. }
        | Effect::CancelRemote { .. }
        | Effect::RetryRemote { .. }
        | Effect::Notify(_) => None,
    };
    world.export.outstanding.iter().filter_map(discards).collect()
}

#[test]
fn what_came_goes_along_to_another_place() {
    let mut world = half_way();
    goes_elsewhere(&mut world, elsewhere());
    assert!(world.export.is_moving());
    world.kill();
    moves(&mut world, false);
    assert!(fetch(&world).1 >= 2 * CHUNK.0);
    assert_eq!(discards(&world), [somewhere()], "only now it isn't needed there");
    world.goes_well();
    assert!(matches!(&world.export.stage, Stage::Verified { path, .. } if *path == elsewhere()));
    assert!(world.export.notices.is_empty() && world.left_behind().is_empty());
}

#[test]
fn a_whole_file_that_cant_be_put_in_its_place_goes_along_to_another() {
    let mut world = half_way();
    while !world.cant_keep() {
        world.answer(0, false, 0.0);
    }
    assert_eq!(world.export.waits(), Some(Waits::Place));
    goes_elsewhere(&mut world, elsewhere());
    moves(&mut world, false);
    let Stage::Downloading { archive, stored } = &world.export.stage else {
        panic!("it is fetched on: {:?}", world.export)
    };
    assert_eq!(*stored, archive.size, "nothing comes twice");
    world.goes_well();
    assert!(matches!(&world.export.stage, Stage::Verified { path, .. } if *path == elsewhere()));
}

#[test]
fn what_went_with_its_drive_begins_again_elsewhere_and_says_so() {
    let mut world = half_way();
    world.lose_the_drive();
    goes_elsewhere(&mut world, elsewhere());
    world.goes_well();
    assert!(matches!(world.export.stage, Stage::Verified { .. }));
    let why = world.export.notices.first().map(|notice| notice.started_over);
    assert_eq!(why, Some(StartedOver::PartGone));
}

#[test]
fn what_was_begun_at_one_place_and_given_up_for_a_third_is_removed() {
    let mut world = half_way();
    goes_elsewhere(&mut world, elsewhere());
    // It lies there already, and nobody heard of it.
    moves(&mut world, true);
    let third = Place("/third/copy.zip".into());
    goes_elsewhere(&mut world, third.clone());
    assert_eq!(discards(&world), [elsewhere()]);
    world.goes_well();
    assert!(matches!(&world.export.stage, Stage::Verified { path, .. } if *path == third));
    assert!(world.left_behind().is_empty());
}

#[test]
fn nothing_is_removed_where_the_part_file_was_never_made() {
    let mut world = World::new(true);
    until_it_downloads(&mut world);
    world.cant_fetch();
    assert_eq!(world.export.waits(), Some(Waits::Place));
    goes_elsewhere(&mut world, elsewhere());
    assert!(discards(&world).is_empty(), "somebody's file may lie there");
    world.wish(Event::Cancel);
    assert!(discards(&world).is_empty());
}

#[test]
fn what_was_to_be_removed_elsewhere_is_not_removed_once_the_download_is_back_there() {
    let mut world = half_way();
    goes_elsewhere(&mut world, elsewhere());
    moves(&mut world, false);
    assert_eq!(discards(&world), [somewhere()]);
    goes_elsewhere(&mut world, somewhere());
    assert!(!discards(&world).contains(&somewhere()));
    world.goes_well();
    assert!(matches!(world.export.stage, Stage::Verified { .. }));
}

#[test]
fn what_an_earlier_program_wrote_is_read_on() {
    let world = half_way();
    let mut saved: serde_json::Value = serde_json::from_str(&encode(&world.export)).expect("it is JSON");
    saved["version"] = 1.into();
    let part = saved["export"]["part"].as_object_mut().expect("there is one");
    part.retain(|name, _| name != "at" && name != "made");
    assert_eq!(decode(&saved.to_string()).expect("it is read"), world.export);
}

#[test]
fn a_code_is_asked_for_again_only_where_the_service_has_no_request() {
    let mut world = World::new(true);
    world.kill();
    world.answer(0, false, 0.0);
    assert_eq!(world.export.waits(), Some(Waits::Code { refused: None }));
    assert_eq!(world.requests().0, 0);
    world.goes_well();
    assert!(matches!(world.export.stage, Stage::Verified { .. }));

    let mut world = World::new(true);
    world.answer(0, true, 0.0);
    world.kill();
    world.happens(Event::Resume { elsewhere: None });
    world.answer(0, false, 0.0);
    assert!(
        matches!(world.export.stage, Stage::Submitted { .. }),
        "it arrived: {:?}",
        world.export
    );
}

#[test]
fn another_code_goes_under_another_key() {
    let mut world = World::new(true);
    let before = world.export.outstanding[0].sequence;
    world.refuses_the_code();
    let refused = Some(CodeRefusal::Wrong {
        attempts_left: Some(4),
    });
    assert_eq!(world.export.waits(), Some(Waits::Code { refused }));
    assert_ne!(world.export.outstanding[0].sequence, before);
    world.goes_well();
    assert!(matches!(world.export.stage, Stage::Verified { .. }));
    assert_eq!(world.requests(), (1, 1));
}

#[test]
fn an_export_that_waits_for_a_code_is_cancelled_without_asking_anybody() {
    let mut world = World::new(true);
    world.kill();
    world.answer(0, false, 0.0);
    world.wish(Event::Cancel);
    assert!(
        world.export.outstanding.is_empty(),
        "{:?}",
        world.export.outstanding
    );
}

#[test]
fn what_shall_be_encrypted_is_once_it_was_checked_and_the_passphrase_is_asked_for_again_after_a_restart() {
    let mut world = World::new(true);
    world.encrypt();
    world.kill();
    while !matches!(world.export.stage, Stage::Verified { .. }) {
        if world.export.waits() == Some(Waits::Code { refused: None }) {
            world.goes_well();
            break;
        }
        world.answer(0, false, 0.0);
    }
    world.goes_well();
    assert!(
        matches!(world.export.stage, Stage::Verified { encrypted: true, .. }),
        "{:?}",
        world.export
    );

    let mut world = World::new(true);
    world.goes_well();
    world.encrypt();
    world.kill();
    world.answer(0, false, 0.0);
    assert_eq!(world.export.waits(), Some(Waits::Passphrase));
    assert!(world.export.sentence().contains("isn't encrypted yet"));
}

#[test]
fn encryption_that_fails_is_said_and_may_be_tried_again() {
    let mut world = World::new(true);
    world.goes_well();
    world.encrypt();
    world.refuses_to_seal();
    assert!(!world.export.is_sealing() && !world.export.encrypt);
    let says = world.export.sentence();
    assert!(
        says.contains("lies in plain") && says.contains("read-only"),
        "{says}"
    );
    world.goes_well();
    assert_eq!(world.told.last(), Some(&Notification::NotEncrypted));
    world.encrypt();
    assert!(!world.export.sentence().contains("in plain"));
    world.goes_well();
    assert!(
        matches!(world.export.stage, Stage::Verified { encrypted: true, .. }),
        "{:?}",
        world.export
    );
}

#[test]
fn what_ended_and_only_waits_for_the_person_can_be_left() {
    let mut world = World::new(true);
    world.goes_well();
    world.encrypt();
    assert!(!world.export.can_be_left(), "it is being encrypted");
    world.kill();
    world.answer(0, false, 0.0);
    assert_eq!(world.export.waits(), Some(Waits::Passphrase));
    assert!(world.export.can_be_left());
    assert!(!World::new(true).export.can_be_left(), "it is under way");
}

#[test]
fn a_cancelled_export_never_says_that_it_waits() {
    let mut world = World::new(true);
    world.needs_the_person(0);
    assert_eq!(world.export.sentence(), Waits::SignIn.sentence());
    world.happens(Event::Cancel);
    assert_eq!(world.export.sentence(), "You cancelled this export.");
}

#[test]
fn what_a_newer_program_wrote_is_left_alone() {
    let text = encode(&World::new(true).export).replacen("\"version\":2", "\"version\":3", 1);
    assert!(matches!(decode(&text), Err(Unreadable::Newer { version: 3 })));
    assert!(matches!(decode("{"), Err(Unreadable::Damaged(_))));
}

#[test]
fn what_is_logged_names_no_place() {
    let shown = format!("{:?}", World::new(true).export);
    assert!(!shown.contains("copy.zip"), "{shown}");
}
