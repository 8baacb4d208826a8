//! The part of Flatpak's metadata and overrides that says what an app may reach, and the edits of it.
//!
//! Tokens stand as written: what they mean is decided elsewhere. The groups and keys are those of
//! [flatpak-metadata(5)](https://docs.flatpak.org/en/latest/flatpak-command-reference.html#flatpak-metadata).

use settings_privacy_core::permission::{Bus, BusAccess, Context, Edit, List};

use super::keyfile::{KeyFile, Malformed};
use super::list::{BadEscape, RawList, unescape};

const CONTEXT: &str = "Context";

fn policy_group(bus: Bus) -> &'static str {
    match bus {
        Bus::Session => "Session Bus Policy",
        Bus::System => "System Bus Policy",
    }
}

fn policy(access: BusAccess) -> &'static str {
    match access {
        BusAccess::None => "none",
        BusAccess::See => "see",
        BusAccess::Talk => "talk",
        BusAccess::Own => "own",
    }
}

/// What a file says. Policies that Flatpak doesn't know are passed over, as it does.
///
/// # Errors
/// A list that GLib couldn't read: Flatpak would refuse the whole file.
pub(crate) fn read(file: &KeyFile) -> Result<Context, Malformed> {
    let mut context = Context::default();
    for list in List::ALL {
        if let Some((raw, line)) = file.raw(CONTEXT, list.key()) {
            let entries = RawList::cut(raw)
                .entries()
                .map_err(|BadEscape(escape)| Malformed {
                    line,
                    reason: format!("“{escape}” isn't a valid escape"),
                })?;
            context.lists.insert(list, entries);
        }
    }
    for bus in [Bus::Session, Bus::System] {
        for name in file.keys(policy_group(bus)) {
            let Some((raw, _)) = file.raw(policy_group(bus), name) else {
                continue;
            };
            let access = match unescape(raw).as_deref() {
                Ok("none") => BusAccess::None,
                Ok("see") => BusAccess::See,
                Ok("talk") => BusAccess::Talk,
                Ok("own") => BusAccess::Own,
                Ok(_) | Err(_) => continue,
            };
            context.buses.insert((bus, name.to_owned()), access);
        }
    }
    Ok(context)
}

/// Makes the edits that concern the file; those of the permission store are passed over. A key that an edit emptied
/// goes, one that was empty before stays.
pub(crate) fn edit(file: &mut KeyFile, edits: &[Edit]) {
    for edit in edits {
        match edit {
            Edit::List { list, remove, add } => edit_list(file, *list, remove, add),
            Edit::Bus { bus, name, access } => match access {
                Some(access) => file.set(policy_group(*bus), name, policy(*access)),
                None => file.remove(policy_group(*bus), name),
            },
            Edit::Store { .. } => {}
        }
    }
}

fn edit_list(file: &mut KeyFile, list: List, remove: &[String], add: &[String]) {
    let before = file.raw(CONTEXT, list.key()).map(|(raw, _)| raw.to_owned());
    let mut entries = RawList::cut(before.as_deref().unwrap_or_default());
    for entry in remove {
        entries.remove(entry);
    }
    for entry in add {
        entries.push(entry);
    }
    let after = entries.join();
    if after == before.unwrap_or_default() {
        return;
    }
    if entries.is_empty() {
        file.remove(CONTEXT, list.key());
    } else {
        file.set(CONTEXT, list.key(), &after);
    }
}

/// Whether any of the edits concerns the file.
pub(crate) fn concerns_file(edits: &[Edit]) -> bool {
    edits.iter().any(|edit| match edit {
        Edit::List { .. } | Edit::Bus { .. } => true,
        Edit::Store { .. } => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_read_as_written_and_unknown_ones_passed_over() {
        let all = [
            ("none", Some(BusAccess::None)),
            ("see", Some(BusAccess::See)),
            ("talk", Some(BusAccess::Talk)),
            ("own", Some(BusAccess::Own)),
            ("filtered", None),
            ("talk ", None),
        ];
        for (word, expected) in all {
            let text = format!("[Session Bus Policy]\na.b={word}\n");
            let file = KeyFile::parse(text.as_bytes()).unwrap();
            let access = read(&file)
                .unwrap()
                .buses
                .get(&(Bus::Session, "a.b".to_owned()))
                .copied();
            assert_eq!(access, expected, "{word}");
        }
    }
}
