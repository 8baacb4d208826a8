//! Random lives of an export.

use proptest::prelude::*;

use super::*;

/// One thing that happens, and which of those it concerns.
fn anything() -> impl Strategy<Value = (u8, usize)> {
    (0u8..33, 0usize..8)
}

fn live(world: &mut World, (what, which): (u8, usize)) {
    match what {
        0..=11 => world.answer(which, false, 0.0),
        12..=13 => world.answer(which, true, 0.5),
        14 => world.unanswered(which, 0.9),
        15 => world.needs_the_person(which),
        16..=17 => world.repeat(which * 3),
        18..=19 => world.kill(),
        20..=24 => world.time(SignedDuration::from_secs(1 << which)),
        25 if which == 0 => world.time(SignedDuration::from_hours(40)),
        25 => world.time(SignedDuration::from_secs(2)),
        26 if which == 0 => world.replace_archive(),
        26 => world.happens(Event::Resume { elsewhere: None }),
        27 if which == 0 => world.wish(Event::Cancel),
        27 if which == 1 => world.wish(Event::Retry),
        27 if which == 2 => world.wish(Event::Resume {
            elsewhere: Some(Place("/elsewhere/copy.zip".into())),
        }),
        28 if which == 0 => world.expire(),
        28 => world.happens(Event::Download { to: somewhere() }),
        30 => world.refuses_the_code(),
        31 if which == 0 => world.encrypt(),
        _ => world.happens(Event::Resume { elsewhere: None }),
    }
}

#[test]
fn a_place_chosen_anew_before_it_is_ready_again_begins_from_nothing() {
    let happenings = [
        (0, 0),
        (0, 0),
        (20, 1),
        (0, 0),
        (20, 1),
        (0, 0),
        (20, 1),
        (0, 0),
        (0, 0),
        (28, 1),
        (27, 2),
        (0, 2),
        (0, 0),
        (0, 0),
        (28, 0),
        (0, 0),
        (20, 0),
        (0, 0),
        (27, 1),
        (28, 1),
    ];
    let mut world = World::new(false);
    for happening in happenings {
        live(&mut world, happening);
    }
    world.goes_well();
    assert!(world.export.has_ended(), "{:?}", world.export);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn whatever_happens_it_comes_to_rest_and_asks_only_once_a_wish(
        place in any::<bool>(),
        happenings in prop::collection::vec(anything(), 0..60),
    ) {
        let mut world = World::new(place);
        for happening in happenings {
            live(&mut world, happening);
        }
        world.kill();
        world.goes_well();
        let rests = world.export.has_ended() || matches!(world.export.stage, Stage::Ready { .. });
        prop_assert!(rests, "{:?}", world.export);
        prop_assert!(world.left_behind().is_empty(), "{:?}: {:?}", world.left_behind(), world.export);
        let (requests, wishes) = world.requests();
        prop_assert!(requests <= wishes, "{requests} requests for {wishes} wishes");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn cancelling_is_possible_at_any_time_and_leaves_nothing_at_the_service(
        happenings in prop::collection::vec(anything(), 0..40),
    ) {
        let mut world = World::new(true);
        for happening in happenings {
            live(&mut world, happening);
        }
        let ended = world.export.has_ended();
        world.wish(Event::Cancel);
        if !ended {
            prop_assert_eq!(&world.export.stage, &Stage::Cancelled);
        }
        world.kill();
        world.goes_well();
        if !ended {
            prop_assert_eq!(&world.export.stage, &Stage::Cancelled);
            prop_assert_eq!(world.alive(), 0);
            prop_assert!(world.export.outstanding.is_empty(), "{:?}", world.export.outstanding);
        }
    }
}
