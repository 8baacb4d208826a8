//! What is refused, lost or another device's, and the account that is kept or left all the same.

use super::*;

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
