use std::collections::BTreeSet;

use jiff::SignedDuration;
use proptest::prelude::*;

use super::world::World;
use super::world_service::COOLING_OFF;
use super::*;

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

/// Whether a request for the end may still be sent.
fn asks(world: &World, which: usize) -> bool {
    let deletion = world.devices[which].deletion.as_ref().expect("it began");
    let asks = |open: &Outstanding| matches!(open.effect, Effect::Ask { .. });
    deletion.outstanding.iter().any(asks)
}

/// The request arrived and its answer was lost; by the time it is repeated the service has forgotten its key, and the code
/// was used.
fn arrived_and_forgotten() -> World {
    let mut world = World::new();
    world.begin(0);
    world.enter_code(0, true);
    world.answer(0, 0, true, 0.5);
    world.service.forgets_answers();
    world.time(SignedDuration::from_hours(100));
    world
}

#[test]
fn a_code_refused_at_the_second_try_says_nothing_of_the_first() {
    let mut world = arrived_and_forgotten();
    world.answer(0, 0, false, 0.0);
    assert_eq!(stage(&world, 0), &Stage::Reauthenticated, "it isn't known yet");
    world.answer(0, 0, false, 0.0);
    assert!(matches!(stage(&world, 0), Stage::CoolingOff { .. }));
}

#[test]
fn a_code_refused_while_the_account_is_kept_says_nothing_of_it() {
    let mut world = arrived_and_forgotten();
    world.happens(0, Event::Cancel);
    world.answer(0, 0, false, 0.0);
    assert_eq!(stage(&world, 0), &Stage::Cancelling { deletion: None });
    world.goes_well();
    assert_eq!(stage(&world, 0), &Stage::Cancelled);
    assert_eq!(world.service.runs(), None);
}

#[test]
fn a_request_refused_at_the_second_try_or_while_the_account_is_kept_is_asked_about() {
    let refused = |code: &str| Reply::Refused {
        code: code.into(),
        message: "No.".into(),
    };
    let mut first = World::new();
    first.begin(0);
    first.enter_code(0, true);
    first.reply(0, refused("deletion-blocked"));
    assert!(
        matches!(stage(&first, 0), Stage::Failed { .. }),
        "nothing was sent before"
    );

    let mut second = arrived_and_forgotten();
    second.reply(0, refused("deletion-preflight-stale"));
    second.answer(0, 0, false, 0.0);
    assert!(matches!(stage(&second, 0), Stage::CoolingOff { .. }));

    let mut kept = arrived_and_forgotten();
    kept.happens(0, Event::Cancel);
    kept.reply(0, refused("deletion-preflight-stale"));
    kept.goes_well();
    assert_eq!(stage(&kept, 0), &Stage::Cancelled);
    assert_eq!(kept.service.runs(), None);
}

#[test]
fn tries_are_counted_across_a_sign_in() {
    let mut world = arrived_and_forgotten();
    world.reply(0, Reply::Waits(Waits::SignIn));
    world.happens(0, Event::Resume { elsewhere: None });
    world.answer(0, 0, false, 0.0);
    assert_eq!(stage(&world, 0), &Stage::Reauthenticated, "it isn't known yet");
}

#[test]
fn the_account_is_kept_on_the_page_for_the_code_too_when_another_device_asked() {
    let mut world = World::new();
    world.begin(0);
    world.begin(1);
    world.enter_code(1, true);
    world.answer(1, 0, false, 0.0);
    world.happens(0, Event::Cancel);
    assert_eq!(stage(&world, 0), &Stage::Cancelling { deletion: None });
    world.goes_well();
    assert_eq!(stage(&world, 0), &Stage::Cancelled);
    assert_eq!(world.service.runs(), None);
}

#[test]
fn what_another_device_asked_for_meanwhile_removes_nothing_here_by_itself() {
    let mut world = World::new();
    world.begin(0);
    world.begin(1);
    world.enter_code(1, true);
    world.answer(1, 0, false, 0.0);
    world.look_at_account(0);
    world.answer(0, 0, false, 0.0);
    world.goes_well();
    let kept = matches!(stage(&world, 0), Stage::RemoteDeleted { kept: Some(_), .. });
    assert!(kept, "{:?}", stage(&world, 0));
}

#[test]
fn refused_because_it_is_final_it_is_looked_how_it_stands() {
    let mut world = World::new();
    world.begin(0);
    world.begin(1);
    world.enter_code(1, true);
    world.answer(1, 0, false, 0.0);
    world.enter_code(0, true);
    world.service.now += COOLING_OFF;
    world.answer(0, 0, false, 0.0);
    assert_eq!(
        stage(&world, 0),
        &Stage::Reauthenticated,
        "its end isn't the account's"
    );
    world.goes_well();
    let deletion = world.devices[0].deletion.as_ref().expect("it began");
    assert_eq!(deletion.waits(), Some(Waits::SignIn));
}

#[test]
fn nobody_asks_any_more_once_the_account_is_kept() {
    let mut waiting = World::new();
    waiting.begin(0);
    waiting.enter_code(0, true);
    waiting.unanswered(0, 0, 0.9);
    waiting.happens(0, Event::Cancel);
    assert!(!asks(&waiting, 0));

    let unanswered = Reply::Unanswered {
        retry_after: None,
        dice: 0.0,
    };
    for reply in [unanswered, Reply::Waits(Waits::SignIn)] {
        let mut handed = World::new();
        handed.begin(0);
        handed.enter_code(0, true);
        handed.happens(0, Event::Cancel);
        assert!(asks(&handed, 0), "what is on its way is answered first");
        handed.reply(0, reply);
        assert!(!asks(&handed, 0));
        handed.goes_well();
        assert_eq!(stage(&handed, 0), &Stage::Cancelled);
        assert_eq!(handed.service.runs(), None);
        assert!(handed.service.endings.is_empty(), "it was never asked for");
    }
}

#[test]
fn another_deletion_than_the_one_that_was_asked_for_here_is_followed() {
    let mut world = asked();
    world.look_at_account(1);
    world.happens(1, Event::Cancel);
    while stage(&world, 1) != &Stage::Cancelled {
        world.answer(1, 0, false, 0.0);
    }
    world.begin(1);
    world.enter_code(1, true);
    world.answer(1, 0, false, 0.0);
    world.loses_token(0);
    world.look_at_account(0);
    while let Stage::CoolingOff { deletion, .. } = stage(&world, 0)
        && deletion.0 == "1"
    {
        world.answer(0, 0, false, 0.0);
    }
    let deletion = world.devices[0].deletion.as_ref().expect("it began");
    assert!(matches!(&deletion.stage, Stage::CoolingOff { deletion, .. } if deletion.0 == "2"));
    assert!(!deletion.here);
    world.goes_well();
    let kept = matches!(stage(&world, 0), Stage::RemoteDeleted { kept: Some(_), .. });
    assert!(kept, "{:?}", stage(&world, 0));
}

#[test]
fn what_was_taken_back_before_the_answer_came_says_nothing_of_one_asked_for_since() {
    let mut world = World::new();
    world.begin(0);
    world.enter_code(0, true);
    world.answer(0, 0, true, 0.5);
    world.look_at_account(1);
    world.happens(1, Event::Cancel);
    while stage(&world, 1) != &Stage::Cancelled {
        world.answer(1, 0, false, 0.0);
    }
    world.begin(1);
    world.enter_code(1, true);
    world.answer(1, 0, false, 0.0);
    world.time(SignedDuration::from_hours(1));
    while !matches!(stage(&world, 0), Stage::CoolingOff { .. }) {
        assert_ne!(stage(&world, 0), &Stage::Cancelled, "the account doesn't stay");
        world.answer(0, 0, false, 0.0);
    }
    let deletion = world.devices[0].deletion.as_ref().expect("it began");
    assert!(matches!(&deletion.stage, Stage::CoolingOff { deletion, .. } if deletion.0 == "2"));
    assert!(!deletion.here, "that one was asked for elsewhere");
}

#[test]
fn what_was_taken_back_before_the_answer_came_is_told_once_nothing_else_is_under_way() {
    let mut world = World::new();
    world.begin(0);
    world.enter_code(0, true);
    world.answer(0, 0, true, 0.5);
    world.look_at_account(1);
    world.happens(1, Event::Cancel);
    world.goes_well();
    assert_eq!(stage(&world, 0), &Stage::Cancelled);
}

/// One thing that happens: what, on which device, and which of those it concerns.
fn anything() -> impl Strategy<Value = (u8, usize, usize)> {
    (0u8..32, 0usize..2, 0usize..8)
}

fn live(world: &mut World, (what, which, nth): (u8, usize, usize)) {
    match what {
        0..=9 => world.answer(which, nth, false, 0.0),
        10..=12 => world.answer(which, nth, true, 0.5),
        13 => world.unanswered(which, nth, 0.9),
        14..=15 => world.repeat(which, nth * 3),
        16..=17 => world.kill(which, [0, -10, 10, 1, -1, 3, -7, 0][nth]),
        18 => world.arrives_late(nth),
        19..=20 => world.time(SignedDuration::from_secs(1 << nth)),
        21 => world.time(SignedDuration::from_hours(100)),
        22 if nth < 3 => world.time(COOLING_OFF),
        22 => world.time(SignedDuration::from_secs(60)),
        23..=24 => world.begin(which),
        25..=26 => world.enter_code(which, nth > 1),
        27 => world.happens(which, Event::Cancel),
        28 => world.look_at_account(which),
        29 if nth == 0 => world.happens(which, Event::Wipe),
        29 if nth == 1 => world.forge(true),
        29 => world.happens(which, Event::Resume { elsewhere: None }),
        30 => world.happens(which, Event::Retry),
        31 if nth < 3 => world.service.forgets_answers(),
        31 if nth < 5 => world.loses_token(which),
        31 if nth < 7 => world.signs_out(which),
        _ => world.look_at_account(which),
    }
}

#[test]
fn a_wrong_code_at_a_second_try_still_says_how_often_another_may_be_tried() {
    let mut world = World::new();
    world.begin(0);
    world.enter_code(0, false);
    world.unanswered(0, 0, 0.0);
    world.time(SignedDuration::from_hours(1));
    let attempts_left = Some(3);
    world.reply(
        0,
        Reply::CodeRefused {
            wrong: Some(attempts_left),
        },
    );
    assert_eq!(stage(&world, 0), &Stage::Reauthenticated, "it isn't known yet");
    world.answer(0, 0, false, 0.0);
    let need = CodeNeeded::Wrong { attempts_left };
    assert_eq!(stage(&world, 0), &Stage::Confirmed { need });
}

#[test]
fn what_is_found_while_an_account_is_kept_before_any_code_removes_nothing_here_by_itself() {
    let mut world = World::new();
    world.begin(0);
    world.begin(1);
    world.enter_code(1, true);
    world.answer(1, 0, false, 0.0);
    world.happens(0, Event::Cancel);
    world.answer(0, 0, false, 0.0);
    // Found, and about to be taken back: too late.
    world.service.now += COOLING_OFF;
    world.goes_well();
    let kept = matches!(stage(&world, 0), Stage::RemoteDeleted { kept: Some(_), .. });
    assert!(kept, "{:?}", stage(&world, 0));
    assert!(!world.devices[0].deletion.as_ref().expect("it began").here);
}

/// Everything that would open the service is gone from this computer, and the account with it.
fn nobody_signs_in(world: &mut World) {
    world.loses_token(0);
    world.signs_out(0);
    world.service.now += COOLING_OFF;
    world.service.finishes();
}

#[test]
fn wherever_nobody_can_sign_in_any_more_the_person_can_go_without_a_proof() {
    let cooling_off = || {
        let mut world = asked();
        nobody_signs_in(&mut world);
        world.time(SignedDuration::from_hours(1));
        world
    };
    let cancelling = || {
        let mut world = asked();
        world.happens(0, Event::Cancel);
        nobody_signs_in(&mut world);
        world
    };
    let finalising = || {
        let mut world = asked();
        world.service.now += COOLING_OFF;
        world.time(SignedDuration::from_hours(1));
        while !matches!(stage(&world, 0), Stage::Finalising { .. }) {
            world.answer(0, 0, false, 0.0);
        }
        nobody_signs_in(&mut world);
        world.time(SignedDuration::from_hours(1));
        world
    };
    let fetching = || {
        let mut world = asked();
        world.service.now += COOLING_OFF;
        world.service.finishes();
        world.time(SignedDuration::from_hours(1));
        while !matches!(stage(&world, 0), Stage::RemoteDeleted { .. }) {
            world.answer(0, 0, false, 0.0);
        }
        nobody_signs_in(&mut world);
        world
    };
    for (name, mut world) in [
        ("cooling-off", cooling_off()),
        ("cancelling", cancelling()),
        ("finalising", finalising()),
        ("fetching", fetching()),
    ] {
        for _ in 0..4 {
            world.answer(0, 0, false, 0.0);
        }
        let deletion = world.devices[0].deletion.clone().expect("it began");
        assert_eq!(deletion.waits(), Some(Waits::SignIn), "{name}: {deletion:?}");
        assert!(deletion.can_wipe(), "{name}");
        let says = deletion.sentence();
        assert!(
            !says.contains("is deleted") && says.contains("no receipt"),
            "{name}: {says}"
        );
        world.happens(0, Event::Wipe);
        world.happens(0, Event::Wipe);
        let deletion = world.devices[0].deletion.as_ref().expect("it began");
        assert!(!deletion.can_wipe(), "{name}: it was said once");
        for _ in 0..4 {
            world.answer(0, 0, false, 0.0);
        }
        assert_eq!(stage(&world, 0), &Stage::Wiping, "{name}");
        assert!(world.devices[0].unproven, "{name}");
        assert!(!world.devices[0].told.contains(&Notification::Deleted), "{name}");
    }
}

#[test]
fn who_can_sign_in_again_goes_on_where_it_was() {
    let mut world = asked();
    world.loses_token(0);
    world.signs_out(0);
    world.time(SignedDuration::from_hours(1));
    world.answer(0, 0, false, 0.0);
    world.answer(0, 0, false, 0.0);
    let deletion = world.devices[0].deletion.as_ref().expect("it began");
    assert_eq!(deletion.waits(), Some(Waits::SignIn));
    world.look_at_account(0);
    world.happens(0, Event::Cancel);
    world.goes_well();
    assert_eq!(stage(&world, 0), &Stage::Cancelled);
}

proptest! {
    // Whoever shrinks a failure wants to see the world, not the vector.
    #![proptest_config(ProptestConfig::with_cases(100_000))]

    #[test]
    fn whatever_happens_both_sides_agree_in_the_end_and_there_is_one_outcome(
        happenings in prop::collection::vec(anything(), 0..60),
    ) {
        let mut world = World::new();
        for happening in happenings {
            live(&mut world, happening);
        }
        for which in 0..2 {
            world.kill(which, 10 - 20 * i64::try_from(which).expect("a small number"));
        }
        while world.is_late() {
            world.arrives_late(0);
        }
        for _ in 0..2 {
            for which in 0..2 {
                world.look_at_account(which);
            }
            world.goes_well();
            world.service.finishes();
        }
        let outcomes = world.outcomes();
        for (deletion, claim) in world.claims() {
            prop_assert_eq!(outcomes.get(deletion), Some(claim), "{:?}", deletion);
        }
        prop_assert!(!outcomes.values().any(|outcome| *outcome == "open"), "{:?}", outcomes);
        let deleted = outcomes.values().filter(|outcome| **outcome == "deleted").count();
        prop_assert!(deleted <= 1, "{:?}", outcomes);
        let codes: usize = world.devices.iter().map(|device| device.codes_entered).sum();
        prop_assert!(outcomes.len() <= codes, "{} deletions for {codes} codes", outcomes.len());
        for device in &world.devices {
            let Some(deletion) = &device.deletion else { continue };
            let waits = BTreeSet::from_iter(deletion.waits().map(|waits| waits.code()));
            match &deletion.stage {
                // Somebody who couldn't sign in any more had everything removed there: that says nothing of the account.
                Stage::Wiping => prop_assert!(deleted == 1 || device.unproven),
                // Its receipt can't be fetched any more.
                Stage::RemoteDeleted { receipt: None, .. } if device.lost_token => {
                    prop_assert!(deleted == 1 && waits.contains("sign-in"), "{:?}", deletion);
                }
                Stage::RemoteDeleted { kept, .. } => {
                    prop_assert!(deleted == 1 && kept.is_some() && !deletion.here, "{:?}", deletion);
                }
                Stage::Cancelled | Stage::Failed { .. } => {}
                Stage::Confirmed { .. } => prop_assert!(deletion.outstanding.is_empty() || deleted == 1),
                // Its request was under way when it was last heard of, and the account is gone: it says that it doesn't know.
                Stage::Reauthenticated | Stage::Cancelling { .. } => {
                    prop_assert!(deleted == 1 && waits.contains("sign-in"), "{:?}", deletion);
                }
                // Nothing is left to ask the service with, and nobody signs in any more.
                Stage::CoolingOff { .. } | Stage::Finalising { .. } if device.lost_token => {
                    prop_assert!(deleted == 1 && waits.contains("sign-in"), "{:?}", deletion);
                }
                Stage::CoolingOff { .. } | Stage::Finalising { .. } | Stage::Unproven { .. } => {
                    prop_assert!(false, "it doesn't come to rest: {:?}", deletion);
                }
            }
        }
    }
}
