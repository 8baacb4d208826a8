//! What this program writes and reads, and what the real `flatpak` writes and reads, are the same; and what the plan
//! said would be is what is there afterwards.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use settings_privacy_core::permission::{
    Bus, BusAccess, Context, Granted, Ground, Layer, LayerContext, List, Observation, Wanted, apply_edits,
    plan, resolve,
};

use crate::computer::{APP, Computer, METADATA, Whose, catalogue, id, layer, without_empties, write};

type Sets = (
    BTreeMap<List, BTreeSet<String>>,
    BTreeMap<(Bus, String), BusAccess>,
);

/// A context as sets: Flatpak sorts what it shows.
fn as_sets(context: Option<&Context>) -> Sets {
    let Some(context) = context else {
        return Default::default();
    };
    let lists = context.lists.iter().filter(|(_, entries)| !entries.is_empty());
    let lists = lists.map(|(list, entries)| (*list, entries.iter().cloned().collect()));
    (lists.collect(), context.buses.clone())
}

/// What this program reads in a text, as the user's override.
async fn read(text: &str) -> Observation {
    let computer = Computer::without_bus();
    computer.install(Whose::User, METADATA);
    computer.write_override(text);
    computer.desktop().observe(catalogue()).await
}

/// What the real `flatpak` reads in a text, as it writes it back when it is given something else to do.
fn rewritten(text: &str) -> String {
    let computer = Computer::without_bus();
    computer.write_override(text);
    computer.flatpak(&["override", "--user", "--env=A=1", APP]);
    computer.override_text().unwrap()
}

#[tokio::test]
async fn what_flatpak_writes_is_read_as_it_was_meant() {
    let computer = Computer::without_bus();
    computer.install(Whose::User, METADATA);
    computer.flatpak(&[
        "override",
        "--user",
        "--nodevice=all",
        "--device=dri",
        "--nosocket=pulseaudio",
        "--unshare=network",
        "--filesystem=xdg-download:ro",
        "--nofilesystem=home",
        "--filesystem=/srv/a;b c",
        "--nofilesystem=host:reset",
        "--no-talk-name=org.freedesktop.Notifications",
        "--system-talk-name=org.freedesktop.GeoClue2",
        "--own-name=org.kde.*",
        APP,
    ]);
    let seen = computer.desktop().observe(catalogue()).await;
    let (lists, buses) = as_sets(layer(&seen, Layer::UserApp));
    let set = |entries: &[&str]| {
        entries
            .iter()
            .map(|entry| (*entry).to_owned())
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(lists[&List::Devices], set(&["!all", "dri"]));
    assert_eq!(lists[&List::Sockets], set(&["!pulseaudio"]));
    assert_eq!(lists[&List::Shared], set(&["!network"]));
    let files = ["xdg-download:ro", "!home", "/srv/a;b c", "!host:reset", "!host"];
    assert_eq!(lists[&List::Filesystems], set(&files));
    let expected = [
        (
            (Bus::Session, "org.freedesktop.Notifications".to_owned()),
            BusAccess::None,
        ),
        ((Bus::Session, "org.kde.*".to_owned()), BusAccess::Own),
        (
            (Bus::System, "org.freedesktop.GeoClue2".to_owned()),
            BusAccess::Talk,
        ),
    ];
    assert_eq!(buses, expected.into());
}

#[tokio::test]
async fn odd_but_valid_files_are_read_as_flatpak_reads_them() {
    let texts = [
        "[Context]\r\ndevices=!all;dri\r\n",
        "[Context]\ndevices=dri;\n[Session Bus Policy]\na.b=talk\n[Context]\ndevices=!all;\nsockets=!x11;\n",
        "  [Context]  \n  devices = !all;dri;\nshared =\n",
        "[Context]\nfilesystems=/a\\;b;\\s/x;xdg-download\n[Session Bus Policy]\na.b=talk \nc.d=whatever\ne.f = own\n",
        "#c\n\n[Context]\nsockets=!pulseaudio;pulseaudio;\ndevices[de]=all;\n",
        "[Context]\ndevices=dri;\ndevices=!all;",
    ];
    for text in texts {
        let theirs = read(&rewritten(text)).await;
        let ours = read(text).await;
        let (mut ours, theirs) = (
            as_sets(layer(&ours, Layer::UserApp)),
            as_sets(layer(&theirs, Layer::UserApp)),
        );
        // Flatpak passes over a path that means nothing, and keeps only the last word on a socket.
        if let Some(files) = ours.0.get_mut(&List::Filesystems) {
            assert!(files.remove(" /x"));
        }
        if let Some(sockets) = ours.0.get_mut(&List::Sockets)
            && sockets.contains("pulseaudio")
        {
            assert!(sockets.remove("!pulseaudio"));
        }
        assert_eq!(ours, theirs, "{text}");
    }
}

/// Entries of a list, in any order and number.
fn tokens(of: &'static [&'static str]) -> impl Strategy<Value = String> {
    let token = proptest::sample::select(of).prop_map(|token| format!("{token};"));
    proptest::collection::vec(token, 0..4).prop_map(|tokens| tokens.concat())
}

/// A file as a person might write it.
fn file() -> impl Strategy<Value = String> {
    let name = proptest::sample::select(
        &[
            "org.freedesktop.Notifications",
            "org.freedesktop.*",
            "org.gnome.evolution.dataserver.*",
            "org.gnome.evolution.dataserver.Calendar8",
            "org.freedesktop.GeoClue2",
        ][..],
    );
    let access = proptest::sample::select(&["none", "see", "talk", "own"][..]);
    let policy = (name, access).prop_map(|(name, access)| format!("{name}={access}\n"));
    let policies = || proptest::collection::vec(policy.clone(), 0..3).prop_map(|all| all.concat());
    let lists = (
        tokens(&["all", "!all"]),
        tokens(&["all", "!all", "dri", "!dri"]),
        tokens(&["pulseaudio", "!pulseaudio", "session-bus", "!session-bus", "x11"]),
        tokens(&["network", "!network"]),
        tokens(&[
            "xdg-download",
            "!xdg-download",
            "xdg-download/",
            "!xdg-pictures",
            "xdg-pictures:ro",
            "home",
            "!home",
            "~",
            "host",
            "!host",
            "!host:reset",
            "xdg-run/pipewire-0:ro",
            "!xdg-run/pipewire-0",
        ]),
    );
    (lists, policies(), policies()).prop_map(|((earlier, devices, sockets, shared, files), session, system)| {
        format!(
            "[Context]\ndevices={earlier}\n[Other]\ndevices=all;\n[Context]\ndevices={devices}\nsockets={sockets}\nshared={shared}\nfilesystems={files}\n\n[Session Bus Policy]\n{session}\n[System Bus Policy]\n{system}"
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1, ..ProptestConfig::default() })]

    /// Whatever stands in the metadata and the overrides, a door is open here when Flatpak opens it.
    #[test]
    fn every_door_is_open_or_shut_as_flatpak_has_it(
        cases in proptest::collection::vec((proptest::collection::vec(file(), 5), any::<bool>()), 64),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            // One computer with both installations; only the files change.
            let computers = [Whose::User, Whose::System].map(|whose| {
                let computer = Computer::without_bus();
                computer.install_for_real(whose);
                (whose, computer)
            });
            for (files, system) in cases {
                let (whose, computer) = &computers[usize::from(system)];
                let app = computer.installation(*whose).join("app").join(APP);
                let head = METADATA.split("[Context]").next().unwrap();
                write(&app.join("current/active/metadata"), &format!("{head}{}", files[0]));
                for (place, text) in [
                    (computer.installation(Whose::System).join("overrides/global"), &files[1]),
                    (computer.installation(Whose::System).join("overrides").join(APP), &files[2]),
                    (computer.installation(Whose::User).join("overrides/global"), &files[3]),
                    (computer.override_path(), &files[4]),
                ] {
                    write(&place, text);
                }
                let ours = computer.desktop().observe(catalogue()).await;
                let given = computer.flatpak_gives(*whose);
                let mut theirs = read(&given).await;
                theirs.layers.retain(|layer| layer.layer == Layer::UserApp);
                for layer in &mut theirs.layers {
                    layer.layer = Layer::Manifest;
                }
                if theirs.layers.is_empty() {
                    theirs.layers.push(LayerContext { layer: Layer::Manifest, context: Context::default() });
                }
                let doors = resolve(catalogue(), &ours).into_iter().zip(resolve(catalogue(), &theirs));
                for (mine, yours) in doors.flat_map(|(mine, yours)| mine.grounds.into_iter().zip(yours.grounds)) {
                    // Flatpak's answer leaves out a no to a folder inside a wider one.
                    let hidden = matches!(&mine.ground, Ground::Filesystem { path, .. } if path != "home");
                    if mine.granted != yours.granted && !(hidden && mine.granted == Granted::No) {
                        panic!("{:?}: {:?}, by Flatpak {:?}\n{}\n=>\n{given}", mine.ground, mine.granted, yours.granted, files.join("\n--\n"));
                    }
                }
            }
        });
    }
}

const TEXTS: [&str; 4] = [
    "",
    "# mine\n[Context]\nsockets=!x11;wayland;\n# keep\n\n[Environment]\nA=1",
    "[Context]\r\ndevices=all;\r\nfilesystems=home;!xdg-pictures;\r\n\r\n[Session Bus Policy]\r\norg.kde.*=none\r\n",
    "[Session Bus Policy]\norg.gnome.evolution.dataserver.*=talk\n\n[System Bus Policy]\norg.freedesktop.GeoClue2=talk\n",
];

fn wishes() -> impl Strategy<Value = Vec<(usize, u8)>> {
    proptest::collection::vec((0..catalogue().permissions.len(), 0u8..3), 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, max_shrink_iters: 64, ..ProptestConfig::default() })]

    /// On real files and a real store.
    #[test]
    fn what_was_planned_is_what_is_observed_afterwards(
        wishes in wishes(), text in 0..TEXTS.len(), system in any::<bool>(), global in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let computer = Computer::new();
            computer.install(if system { Whose::System } else { Whose::User }, METADATA);
            if !TEXTS[text].is_empty() {
                computer.write_override(TEXTS[text]);
            }
            if global {
                let path = computer.installation(Whose::User).join("overrides/global");
                write(&path, "[Context]\ndevices=!all;\nfilesystems=!xdg-download;\n");
            }
            let desktop = computer.desktop();
            let first = desktop.observe(catalogue()).await;
            let mut undo = Vec::new();
            for (which, wanted) in wishes {
                let wanted = [Wanted::Allow, Wanted::Deny, Wanted::Reset][usize::from(wanted)];
                let which = &catalogue().permissions[which].id;
                let seen = desktop.observe(catalogue()).await;
                let Ok(plan) = plan(catalogue(), &seen, which, wanted) else { continue };
                let file = computer.override_text();
                undo.push((desktop.snapshot(catalogue(), &plan.edits).await.unwrap(), file));
                desktop.apply(catalogue(), &plan.edits).await.unwrap();
                let expected = without_empties(apply_edits(&seen, &plan.edits));
                let observed = desktop.observe(catalogue()).await;
                assert_eq!(without_empties(observed.clone()), expected);
                if plan.edits.is_empty() {
                    assert_eq!(&computer.override_text(), &undo.last().unwrap().1);
                }
                // And the real Flatpak reads the same in it.
                let shown = read(&rewritten(&computer.override_text().unwrap_or_default())).await;
                let last_words = |seen: &Observation| {
                    let mut sets = as_sets(layer(seen, Layer::UserApp));
                    for entries in sets.0.values_mut() {
                        let given: Vec<String> = entries.iter().map(|entry| entry.replace('!', "")).collect();
                        assert_eq!(given.iter().collect::<BTreeSet<_>>().len(), given.len(), "both yes and no");
                        entries.retain(|entry| entry != "xdg-download:rw");
                    }
                    sets
                };
                assert_eq!(last_words(&observed), last_words(&shown));
            }
            for (snapshot, file) in undo.into_iter().rev() {
                desktop.restore(catalogue(), &snapshot).await.unwrap();
                assert_eq!(computer.override_text(), file);
            }
            assert_eq!(without_empties(desktop.observe(catalogue()).await), without_empties(first));
        });
    }
}

#[tokio::test]
async fn a_wish_that_is_already_met_leaves_the_file_alone() {
    let computer = Computer::with_dingtalk();
    computer.write_override(TEXTS[1]);
    let desktop = computer.desktop();
    desktop.apply(catalogue(), &[]).await.unwrap();
    let seen = desktop.observe(catalogue()).await;
    let plan = plan(catalogue(), &seen, &id("files"), Wanted::Allow).unwrap();
    desktop.apply(catalogue(), &plan.edits).await.unwrap();
    assert_eq!(computer.override_text().as_deref(), Some(TEXTS[1]));
}
