use super::*;
use crate::data::permissions;

fn context(lists: &[(List, &[&str])], buses: &[(Bus, &str, BusAccess)]) -> Context {
    Context {
        lists: lists
            .iter()
            .map(|(l, v)| (*l, v.iter().map(|s| (*s).to_owned()).collect()))
            .collect(),
        buses: buses
            .iter()
            .map(|(bus, name, access)| ((*bus, (*name).to_owned()), *access))
            .collect(),
    }
}

/// The manifest on Flathub.
fn flathub() -> Observation {
    let manifest = context(
        &[
            (List::Shared, &["network", "ipc"]),
            (List::Sockets, &["x11", "pulseaudio"]),
            (List::Devices, &["all"]),
            (List::Filesystems, &["xdg-download", "xdg-run/pipewire-0:ro"]),
        ],
        &[
            (Bus::Session, "org.freedesktop.Notifications", BusAccess::Talk),
            (Bus::Session, "org.kde.*", BusAccess::Own),
        ],
    );
    Observation {
        install: Install::Flatpak {
            app_id: "com.dingtalk.DingTalk".into(),
            version: None,
            scope: Scope::User,
        },
        layers: vec![LayerContext {
            layer: Layer::Manifest,
            context: manifest,
        }],
        store: Store::Answered(Default::default()),
        problems: Vec::new(),
    }
}

fn with_layer(mut seen: Observation, layer: Layer, context: Context) -> Observation {
    seen.layers.push(LayerContext { layer, context });
    seen.layers.sort_by_key(|layer| layer.layer);
    seen
}

fn id(text: &str) -> PermissionId {
    PermissionId::new(text)
}

fn standing(seen: &Observation, which: &str) -> Standing {
    resolve(permissions(), seen)
        .into_iter()
        .find(|s| s.permission == id(which))
        .expect("it is in the catalogue")
}

fn effective(seen: &Observation, which: &str) -> Effective {
    standing(seen, which).effective
}

fn planned(seen: &Observation, which: &str, wanted: Wanted) -> Plan {
    plan(permissions(), seen, &id(which), wanted).expect("it can be switched")
}

fn after(seen: &Observation, which: &str, wanted: Wanted) -> Observation {
    apply_edits(seen, &planned(seen, which, wanted).edits)
}

#[test]
fn the_catalogue_holds_the_ten_permissions_of_the_policy() {
    let ids: Vec<&str> = permissions().permissions.iter().map(|p| p.id.as_str()).collect();
    let expected = [
        "camera",
        "microphone",
        "face",
        "location",
        "notifications",
        "files",
        "photos",
        "contacts",
        "calendar",
        "wifi",
    ];
    assert_eq!(ids, expected);
}

#[test]
fn the_manifest_on_flathub_gives_what_it_gives() {
    let seen = flathub();
    let expected = [
        ("camera", Effective::Allowed),
        ("microphone", Effective::Allowed),
        ("face", Effective::Allowed),
        ("location", Effective::Asks),
        ("notifications", Effective::Allowed),
        ("files", Effective::Allowed),
        ("photos", Effective::NotRequested),
        ("contacts", Effective::NotRequested),
        ("calendar", Effective::NotRequested),
        ("wifi", Effective::NotEnforced),
    ];
    for (which, effective) in expected {
        assert_eq!(standing(&seen, which).effective, effective, "{which}");
    }
}

#[test]
fn denying_the_camera_keeps_the_graphics_card_and_takes_face_along() {
    let seen = flathub();
    let plan = planned(&seen, "camera", Wanted::Deny);
    let devices = Edit::List {
        list: List::Devices,
        remove: vec![],
        add: vec!["!all".into(), "dri".into()],
    };
    assert!(plan.edits.contains(&devices), "{:?}", plan.edits);
    assert_eq!(plan.expected, Effective::Denied);
    let also: Vec<(&str, Effective)> = plan
        .also
        .iter()
        .map(|e| (e.permission.as_str(), e.after))
        .collect();
    assert_eq!(
        also,
        [("face", Effective::Denied)],
        "the microphone has its own door and stays"
    );
}

#[test]
fn denying_the_microphone_says_that_sound_goes_with_it() {
    let plan = planned(&flathub(), "microphone", Wanted::Deny);
    assert!(plan.warning.expect("it is said first").contains("sound"));
    assert_eq!(plan.expected, Effective::Denied);
}

#[test]
fn allowing_the_camera_does_not_give_the_microphone_back() {
    let seen = after(&flathub(), "microphone", Wanted::Deny);
    let seen = after(&seen, "camera", Wanted::Deny);
    let seen = after(&seen, "camera", Wanted::Allow);
    assert_eq!(effective(&seen, "camera"), Effective::Allowed);
    assert_eq!(effective(&seen, "microphone"), Effective::Denied);
}

#[test]
fn every_switch_goes_both_ways_and_reset_forgets_it() {
    for which in [
        "camera",
        "microphone",
        "face",
        "location",
        "notifications",
        "files",
    ] {
        let seen = flathub();
        let was = effective(&seen, which);
        let denied = after(&seen, which, Wanted::Deny);
        assert_eq!(effective(&denied, which), Effective::Denied, "{which}");
        let allowed = after(&denied, which, Wanted::Allow);
        assert_eq!(effective(&allowed, which), Effective::Allowed, "{which}");
        let reset = after(&denied, which, Wanted::Reset);
        assert_eq!(effective(&reset, which), was, "{which}");
        for own in reset.layers.iter().filter(|l| l.layer == Layer::UserApp) {
            assert!(
                own.context.lists.values().all(Vec::is_empty),
                "{which}: {:?}",
                own.context
            );
            assert!(own.context.buses.is_empty(), "{which}");
        }
        assert_eq!(reset.store, seen.store, "{which}");
    }
}

#[test]
fn a_wish_already_met_writes_nothing() {
    let denied = after(&flathub(), "camera", Wanted::Deny);
    assert_eq!(planned(&denied, "camera", Wanted::Deny).edits, []);
    assert_eq!(planned(&flathub(), "files", Wanted::Allow).edits, []);
}

#[test]
fn the_administrators_no_is_named_and_the_users_yes_wins_over_it() {
    let no = context(
        &[
            (List::Devices, &["!all"]),
            (List::Filesystems, &["!xdg-run/pipewire-0"]),
        ],
        &[],
    );
    let mut seen = with_layer(flathub(), Layer::SystemApp, no);
    let key = StoreKey {
        table: "devices".into(),
        entry: "camera".into(),
    };
    seen.store = Store::Answered([(key, vec!["no".to_owned()])].into());
    let camera = standing(&seen, "camera");
    assert_eq!(
        (camera.effective, camera.decided_by),
        (Effective::Denied, Decider::SystemOverride)
    );
    assert_eq!(
        effective(&after(&seen, "camera", Wanted::Allow), "camera"),
        Effective::Allowed
    );
}

#[test]
fn a_later_layer_wins_entry_by_entry() {
    let seen = with_layer(
        flathub(),
        Layer::UserGlobal,
        context(&[(List::Sockets, &["!pulseaudio"])], &[]),
    );
    let seen = with_layer(
        seen,
        Layer::UserApp,
        context(&[(List::Sockets, &["pulseaudio"])], &[]),
    );
    let microphone = standing(&seen, "microphone");
    assert_eq!(
        (microphone.effective, microphone.decided_by),
        (Effective::Allowed, Decider::UserOverride)
    );
}

#[test]
fn a_narrow_no_holds_under_a_wide_yes() {
    let home = context(&[(List::Filesystems, &["home"])], &[]);
    let seen = with_layer(flathub(), Layer::SystemApp, home);
    assert_eq!(effective(&seen, "photos"), Effective::Allowed);
    let seen = after(&seen, "photos", Wanted::Deny);
    assert_eq!(effective(&seen, "photos"), Effective::Denied);
    assert_eq!(effective(&seen, "files"), Effective::Allowed);
}

#[test]
fn allowing_gives_back_no_more_than_the_manifest_asked_for() {
    let read_only = |entry: &str| context(&[(List::Filesystems, &[entry])], &[]);
    let mut seen = flathub();
    seen.layers[0]
        .context
        .lists
        .insert(List::Filesystems, vec!["xdg-download:ro".into()]);
    let seen = with_layer(seen, Layer::UserGlobal, read_only("!xdg-download"));
    let plan = planned(&seen, "files", Wanted::Allow);
    let expected = Edit::List {
        list: List::Filesystems,
        remove: vec![],
        add: vec!["xdg-download:ro".into()],
    };
    assert!(plan.edits.contains(&expected), "{:?}", plan.edits);
}

#[test]
fn one_open_door_is_enough_to_be_allowed() {
    let mut seen = after(&flathub(), "camera", Wanted::Deny);
    let key = StoreKey {
        table: "devices".into(),
        entry: "camera".into(),
    };
    if let Store::Answered(answers) = &mut seen.store {
        answers.insert(key, vec!["yes".into()]);
    }
    let camera = standing(&seen, "camera");
    assert_eq!(
        (camera.effective, camera.decided_by),
        (Effective::Allowed, Decider::PermissionStore)
    );
}

#[test]
fn without_the_permission_store_nothing_is_claimed() {
    let mut seen = flathub();
    seen.store = Store::Unavailable {
        reason: "It is not running.".into(),
    };
    assert_eq!(effective(&seen, "location"), Effective::Unknown);
    assert_eq!(
        effective(&seen, "camera"),
        Effective::Allowed,
        "the device is open whatever the store says"
    );
    let denied = after(&seen, "camera", Wanted::Deny);
    assert_ne!(
        effective(&denied, "camera"),
        Effective::Denied,
        "the portal may still say yes"
    );
}

#[test]
fn a_program_outside_a_sandbox_is_not_said_to_be_held() {
    let mut seen = flathub();
    seen.install = Install::Package {
        kind: PackageKind::Deb,
        found: "com.alibabainc.dingtalk".into(),
    };
    seen.layers.clear();
    for standing in resolve(permissions(), &seen) {
        assert_eq!(standing.effective, Effective::NotEnforced);
        assert!(matches!(standing.control, Control::NotEnforced { .. }));
    }
    let refused = plan(permissions(), &seen, &id("camera"), Wanted::Deny);
    assert!(matches!(refused, Err(Refusal::NotEnforced(_))));
}

#[test]
fn beside_a_damaged_override_nothing_is_claimed_and_nothing_switched() {
    let mut seen = flathub();
    seen.problems.push(Problem {
        code: "override-malformed",
        message: "The override file is damaged.".into(),
        file: Some("x".into()),
    });
    for standing in resolve(permissions(), &seen) {
        assert_eq!(standing.effective, Effective::Unknown, "{}", standing.permission);
    }
    let refused = plan(permissions(), &seen, &id("camera"), Wanted::Deny);
    assert_eq!(
        refused,
        Err(Refusal::Blocked("The override file is damaged.".into()))
    );
}

fn with_user(lists: &[(List, &[&str])]) -> Observation {
    with_layer(flathub(), Layer::UserApp, context(lists, &[]))
}

#[test]
fn without_the_apps_metadata_a_closed_door_is_not_claimed() {
    let mut seen = flathub();
    seen.layers.clear();
    for which in ["camera", "microphone", "files", "contacts"] {
        assert_eq!(effective(&seen, which), Effective::Unknown, "{which}");
    }
}

#[test]
fn a_door_open_on_a_condition_counts_as_open_and_is_shut_whole() {
    let seen = with_user(&[(List::Devices, &["!all", "dri", "if:all:has-input-device"])]);
    assert_eq!(effective(&seen, "camera"), Effective::Allowed);
    let seen = after(&seen, "camera", Wanted::Deny);
    let own = seen.layers.last().expect("the user's own");
    assert_eq!(own.context.lists[&List::Devices], ["!all", "dri"]);
}

#[test]
fn a_reset_of_the_file_system_forgets_the_layers_below_and_keeps_its_own() {
    for token in ["!host:reset", "!host-reset"] {
        let seen = with_user(&[(List::Filesystems, &["xdg-pictures", token])]);
        assert_eq!(effective(&seen, "photos"), Effective::Allowed, "{token}");
        let files = standing(&seen, "files");
        assert_eq!(files.effective, Effective::Denied, "{token}");
        assert_eq!(files.decided_by, Decider::UserOverride, "{token}");
    }
}

#[test]
fn a_no_to_home_closes_nothing_under_the_whole_computer() {
    let host = context(&[(List::Filesystems, &["host"])], &[]);
    let seen = with_layer(flathub(), Layer::SystemApp, host);
    let seen = with_layer(
        seen,
        Layer::UserApp,
        context(
            &[(List::Filesystems, &["!home", "!xdg-download", "!xdg-documents"])],
            &[],
        ),
    );
    assert_eq!(effective(&seen, "files"), Effective::Allowed);
    let seen = after(&seen, "files", Wanted::Deny);
    assert_eq!(effective(&seen, "files"), Effective::Denied);
    let seen = after(&seen, "files", Wanted::Reset);
    assert_eq!(effective(&seen, "files"), Effective::Allowed);
}

#[test]
fn one_folder_written_in_several_ways_is_one_folder() {
    for token in [
        "!xdg-download/",
        "!xdg-download//",
        "!xdg\\-download",
        "!xdg-download:ro",
    ] {
        let seen = with_user(&[(List::Filesystems, &[token])]);
        assert_eq!(effective(&seen, "files"), Effective::Denied, "{token}");
    }
    assert_eq!(
        effective(&with_user(&[(List::Filesystems, &["~"])]), "photos"),
        Effective::Allowed
    );
}

#[test]
fn an_app_with_the_whole_bus_reaches_every_name_on_it() {
    let whole = context(&[(List::Sockets, &["session-bus"])], &[]);
    let seen = with_layer(flathub(), Layer::SystemApp, whole);
    assert_eq!(effective(&seen, "contacts"), Effective::Allowed);
    let denied = after(&seen, "contacts", Wanted::Deny);
    assert_eq!(effective(&denied, "contacts"), Effective::Denied);
    let reset = after(&denied, "contacts", Wanted::Reset);
    assert_eq!(effective(&reset, "contacts"), Effective::Allowed);
}

#[test]
fn a_no_that_a_later_yes_overruled_is_not_lost_with_it() {
    let seen = with_user(&[(List::Devices, &["!all", "all"])]);
    assert_eq!(effective(&seen, "camera"), Effective::Allowed);
    let seen = after(&seen, "camera", Wanted::Deny);
    assert_eq!(effective(&seen, "camera"), Effective::Denied);
}

#[test]
fn names_on_a_bus_match_at_dots_only() {
    let cases = [
        (
            "org.gnome.evolution.dataserver.*",
            "org.gnome.evolution.dataserver.Calendar8",
            true,
        ),
        (
            "org.gnome.evolution.dataserver.*",
            "org.gnome.evolution.dataserver",
            true,
        ),
        (
            "org.gnome.evolution.dataserver.*",
            "org.gnome.evolution.dataserverX",
            false,
        ),
        ("org.*", "org.gnome.evolution.dataserver.*", true),
        (
            "org.freedesktop.Notifications",
            "org.freedesktop.Notifications2",
            false,
        ),
    ];
    for (one, other, expected) in cases {
        assert_eq!(grounds::covers(one, other), expected, "{one} and {other}");
    }
}

proptest::proptest! {
    /// Whatever was switched in whatever order, the last word on a permission holds.
    #[test]
    fn the_last_word_holds(words in proptest::collection::vec((0usize..6, 0u8..3), 1..12)) {
        let all = ["camera", "microphone", "face", "location", "notifications", "files"];
        let mut seen = flathub();
        for (which, wanted) in words {
            let wanted = [Wanted::Allow, Wanted::Deny, Wanted::Reset][wanted as usize];
            let plan = planned(&seen, all[which], wanted);
            seen = apply_edits(&seen, &plan.edits);
            proptest::prop_assert_eq!(effective(&seen, all[which]), plan.expected);
            match wanted {
                Wanted::Allow => proptest::prop_assert_eq!(plan.expected, Effective::Allowed),
                Wanted::Deny => proptest::prop_assert_eq!(plan.expected, Effective::Denied),
                Wanted::Reset => {}
            }
            proptest::prop_assert!(planned(&seen, all[which], wanted).edits.is_empty());
        }
    }
}
