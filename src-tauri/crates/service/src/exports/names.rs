//! Names inside an archive: ASCII, safe on every system, never two alike. A person's own name for a file is in its
//! record.

/// The longest part of a name that comes from a person, in bytes. With its number, its ending and its folders, a path
/// stays under 120.
const LONGEST: usize = 40;

/// What is left of a text in a file's name: lower-case ASCII letters, digits and single hyphens.
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    for character in text.chars() {
        let kept = character.to_ascii_lowercase();
        if kept.is_ascii_alphanumeric() {
            slug.push(kept);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() == LONGEST {
            break;
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

/// The path of a category's records, within the bag. `number` counts its files from 1.
pub fn records(category: &str, collection: &str, number: u32) -> String {
    let slug = Some(slug(collection)).filter(|slug| !slug.is_empty());
    let slug = slug.as_deref().unwrap_or(category);
    format!("data/{category}/{number:04}-{slug}.records.json")
}

/// The path of a file, within the bag. `number` is its own within its category.
pub fn file(category: &str, number: i64, name: &str, media_type: &str) -> String {
    if media_type == "message/rfc822" {
        return format!("data/{category}/{number:06}.eml");
    }
    let folder = match category {
        "messages" => "attachments",
        "calls" => "recordings",
        _ => "files",
    };
    let is_ending = |ending: &str| {
        (1..=8).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if is_ending(ending) => (stem, ending.to_ascii_lowercase()),
        Some(_) | None => (name, "bin".to_owned()),
    };
    match slug(stem).as_str() {
        "" => format!("data/{category}/{folder}/{number:06}.{ending}"),
        stem => format!("data/{category}/{folder}/{number:06}-{stem}.{ending}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_say_what_they_can() {
        for (name, path) in [
            (
                "Büro plan (final).PNG",
                "data/messages/attachments/000007-b-ro-plan-final.png",
            ),
            (
                "../../etc/passwd",
                "data/messages/attachments/000007-etc-passwd.bin",
            ),
            ("CON.txt", "data/messages/attachments/000007-con.txt"),
            ("会議.pdf", "data/messages/attachments/000007.pdf"),
            ("", "data/messages/attachments/000007.bin"),
        ] {
            assert_eq!(file("messages", 7, name, "text/plain"), path, "{name}");
        }
        assert_eq!(file("mail", 7, "../x", "message/rfc822"), "data/mail/000007.eml");
        assert_eq!(
            records("messages", "Design team", 3),
            "data/messages/0003-design-team.records.json"
        );
        assert_eq!(records("calls", "", 1), "data/calls/0001-calls.records.json");
    }

    proptest! {
        #[test]
        fn no_name_leaves_its_folder_or_is_too_long_or_trips_any_system(
            name in "\\PC{0,300}", collection in ".{0,300}", number in 1_i64..1_000_000_000,
        ) {
            for path in [
                file("organizations", number, &name, "text/plain"),
                records("organizations", &collection, 4_000_000_000),
            ] {
                prop_assert!(path.len() <= 120, "{path}");
                prop_assert!(path.is_ascii());
                for part in path.split('/') {
                    prop_assert!(part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte)), "{path}");
                    prop_assert!(!part.starts_with('.') && !part.ends_with('.'), "{path}");
                }
                prop_assert!(path.starts_with("data/organizations/"));
            }
        }
    }
}
