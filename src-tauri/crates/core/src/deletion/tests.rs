use jiff::SignedDuration;

use super::world::World;
use super::world_service::COOLING_OFF;
use super::*;

mod keeping;
mod simulation;

fn asked() -> World {
    let mut world = World::new();
    world.begin(0);
    world.enter_code(0, true);
    world.answer(0, 0, false, 0.0);
    world
}

fn stage(world: &World, which: usize) -> &Stage {
    &world.devices[which].deletion.as_ref().expect("it began").stage
}

#[test]
fn an_account_is_deleted_and_the_receipt_comes_before_anything_goes_here() {
    let mut world = asked();
    assert!(matches!(stage(&world, 0), Stage::CoolingOff { .. }));
    world.goes_well();
    assert_eq!(stage(&world, 0), &Stage::Wiping);
    let told = &world.devices[0].told;
    assert!(
        matches!(
            told[..],
            [
                Notification::CoolingOff { .. },
                Notification::Finalising,
                Notification::Deleted
            ]
        ),
        "{told:?}"
    );
}

#[test]
fn a_cancelled_deletion_stays_cancelled() {
    let mut world = asked();
    world.happens(0, Event::Cancel);
    world.goes_well();
    assert_eq!(stage(&world, 0), &Stage::Cancelled);
    world.time(COOLING_OFF * 2);
    world.goes_well();
    assert_eq!(stage(&world, 0), &Stage::Cancelled);
    assert_eq!(world.outcomes().into_values().collect::<Vec<_>>(), ["cancelled"]);
}

#[test]
fn cancelled_after_the_end_it_goes_on_and_says_so() {
    let mut world = asked();
    // The service's clock has reached the end; this device hasn't looked.
    world.service.now += COOLING_OFF;
    world.happens(0, Event::Cancel);
    assert!(
        matches!(stage(&world, 0), Stage::Cancelling { .. }),
        "nothing is promised yet"
    );
    world.goes_well();
    assert_eq!(stage(&world, 0), &Stage::Wiping);
}

#[test]
fn a_request_whose_answer_is_lost_with_the_program_is_asked_for_and_never_sent_again() {
    let mut world = World::new();
    world.begin(0);
    world.enter_code(0, true);
    world.kill(0, 0);
    world.arrives_late(0);
    assert!(
        matches!(stage(&world, 0), Stage::Reauthenticated),
        "it isn't known yet: {:?}",
        stage(&world, 0)
    );
    world.answer(0, 0, false, 0.0);
    assert!(matches!(stage(&world, 0), Stage::CoolingOff { .. }));
}

#[test]
fn a_service_that_fails_for_hours_is_waited_for_and_begins_one_end() {
    let mut world = World::new();
    world.begin(0);
    world.enter_code(0, true);
    let mut tries = 0;
    for _ in 0..6 * 60 {
        world.time(SignedDuration::from_mins(1));
        while !world.devices[0].running.is_empty() {
            world.unanswered(0, 0, 0.9);
            tries += 1;
        }
        assert_eq!(stage(&world, 0), &Stage::Reauthenticated, "nothing is promised");
    }
    assert!(
        (5..=120).contains(&tries),
        "it isn't pressed, and not given up: {tries}"
    );
    world.goes_well();
    assert_eq!(stage(&world, 0), &Stage::Wiping);
    assert_eq!(world.service.endings.len(), 1);
}

#[test]
fn a_request_that_never_arrived_needs_a_fresh_code() {
    let mut world = World::new();
    world.begin(0);
    world.enter_code(0, true);
    world.kill(0, -10);
    world.answer(0, 0, false, 0.0);
    let lost = Stage::Confirmed {
        need: CodeNeeded::Lost,
    };
    assert_eq!(stage(&world, 0), &lost);
    world.enter_code(0, true);
    world.goes_well();
    assert_eq!(world.service.endings.len(), 1);
}

#[test]
fn a_wrong_code_asks_for_another_and_nothing_happened() {
    let mut world = World::new();
    world.begin(0);
    world.enter_code(0, false);
    world.answer(0, 0, false, 0.0);
    assert!(matches!(
        stage(&world, 0),
        Stage::Confirmed {
            need: CodeNeeded::Wrong { .. }
        }
    ));
    assert!(world.service.endings.is_empty());
    world.enter_code(0, true);
    world.answer(0, 0, false, 0.0);
    assert!(matches!(stage(&world, 0), Stage::CoolingOff { .. }));
}

#[test]
fn another_device_sees_it_takes_it_back_and_both_agree() {
    let mut world = asked();
    world.look_at_account(1);
    assert!(matches!(stage(&world, 1), Stage::CoolingOff { .. }));
    world.happens(1, Event::Cancel);
    world.goes_well();
    assert_eq!(
        (stage(&world, 0), stage(&world, 1)),
        (&Stage::Cancelled, &Stage::Cancelled)
    );
}

#[test]
fn what_another_device_asked_for_removes_nothing_here_by_itself() {
    let mut world = asked();
    world.look_at_account(1);
    world.goes_well();
    let kept = matches!(stage(&world, 1), Stage::RemoteDeleted { kept: Some(_), .. });
    assert!(kept, "{:?}", stage(&world, 1));
    world.happens(1, Event::Wipe);
    world.goes_well();
    assert_eq!(stage(&world, 1), &Stage::Wiping);
}

#[test]
fn a_receipt_that_proves_nothing_removes_nothing() {
    let mut world = asked();
    world.forge(true);
    world.time(COOLING_OFF);
    for _ in 0..30 {
        world.answer(0, 0, false, 0.0);
        world.time(SignedDuration::from_secs(2));
    }
    assert!(
        matches!(stage(&world, 0), Stage::Unproven { .. }),
        "{:?}",
        stage(&world, 0)
    );
    world.goes_well();
    assert_eq!(stage(&world, 0), &Stage::Wiping, "once it does, it goes on");
}

#[test]
fn where_nobody_can_ask_any_more_it_says_that_it_does_not_know() {
    let mut world = World::new();
    world.begin(0);
    world.enter_code(0, true);
    world.kill(0, 0);
    // It arrives, and the account ends before this program is opened again.
    world.arrives_late(0);
    world.service.now += COOLING_OFF;
    world.service.finishes();
    world.answer(0, 0, false, 0.0);
    let deletion = world.devices[0].deletion.as_ref().expect("it began");
    assert_eq!(
        (&deletion.stage, deletion.waits()),
        (&Stage::Reauthenticated, Some(Waits::SignIn))
    );
    assert!(deletion.sentence().contains("isn't known"));
    world.happens(0, Event::Wipe);
    world.answer(0, 1, false, 0.0);
    assert_eq!(stage(&world, 0), &Stage::Wiping);
}

#[test]
fn an_effect_whose_holder_is_gone_is_handed_out_again() {
    let mut world = asked();
    world.happens(0, Event::Cancel);
    let deletion = world.devices[0].deletion.clone().expect("it began");
    let handed = |open: &&Outstanding| matches!(open.effect, Effect::CancelRemote { .. });
    let sequence = deletion
        .outstanding
        .iter()
        .find(handed)
        .expect("it is under way")
        .sequence;
    let at = deletion.wake_at().expect("it wakes");
    let again = step(
        deletion,
        Event::Tick,
        at.max(world.service.now + SignedDuration::from_secs(60)),
    );
    assert!(again.effects.iter().any(|keyed| keyed.sequence == sequence));
}

#[test]
fn another_program_that_asks_is_left_to_it() {
    let mut world = World::new();
    world.begin(0);
    world.enter_code(0, true);
    let before = world.devices[0].deletion.clone().expect("it began");
    world.happens(
        0,
        Event::Opened {
            asking_elsewhere: true,
        },
    );
    assert_eq!(world.devices[0].deletion.as_ref(), Some(&before));
}

#[test]
fn what_is_kept_has_no_code_and_what_is_logged_no_place() {
    let world = asked();
    let deletion = world.devices[0].deletion.as_ref().expect("it began");
    assert!(!format!("{deletion:?}").contains("receipt.jws"));
    let text = encode(deletion).replacen("\"version\":1", "\"version\":2", 1);
    assert!(matches!(
        decode::<Deletion>(&text),
        Err(Unreadable::Newer { version: 2 })
    ));
    assert!(matches!(decode::<Deletion>("{"), Err(Unreadable::Damaged(_))));
}
