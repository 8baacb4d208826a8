//! Random lives of two devices and a service.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

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
