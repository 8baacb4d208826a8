//! Firefox's `serviceworker.txt`: a version, then records of lines, each closed by a line `#`. The first line of a
//! record is the origin's attributes, the second the scope's address.

use std::collections::BTreeSet;

use super::target::Target;
use crate::firefox::partition;
use crate::look::Origin;

/// The file in two: what stays, and what goes. Both are whole files. `None` when nothing goes.
pub(super) fn divide(file: &str, targets: &BTreeSet<Target>) -> Option<(String, String)> {
    let (version, records) = records(file);
    let (go, stay): (Vec<&str>, Vec<&str>) = records.into_iter().partition(|record| {
        let mut lines = record.lines();
        let (attributes, scope) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        Origin::parse(scope, partition(attributes))
            .is_some_and(|origin| targets.contains(&Target::of(&origin)))
    });
    (!go.is_empty()).then(|| {
        (
            version.to_owned() + &stay.concat(),
            version.to_owned() + &go.concat(),
        )
    })
}

/// What is there, and of the kept records those whose scope has none, with how many were added and how many weren't.
/// `None` when the file is of another version by now.
pub(super) fn merged(current: &str, kept: &str) -> Option<(String, u64, u64)> {
    let ((version, now), (theirs, kept)) = (records(current), records(kept));
    if version != theirs {
        return None;
    }
    let scope = |record: &str| record.lines().take(2).map(str::to_owned).collect::<Vec<_>>();
    let taken: BTreeSet<Vec<String>> = now.iter().map(|record| scope(record)).collect();
    let missing: Vec<&str> = kept
        .iter()
        .copied()
        .filter(|record| !taken.contains(&scope(record)))
        .collect();
    // What was never gone, or is back already, isn't newer.
    let other = |record: &&&str| !now.contains(*record);
    let (put, all) = (missing.len() as u64, kept.iter().filter(other).count() as u64);
    Some((
        version.to_owned() + &now.concat() + &missing.concat(),
        put,
        all - put,
    ))
}

/// The line of the version, and the records, each with all its lines.
fn records(file: &str) -> (&str, Vec<&str>) {
    let version = file.find('\n').map_or(file.len(), |end| end + 1);
    let (version, mut rest) = file.split_at(version);
    let mut records = Vec::new();
    while !rest.is_empty() {
        let end = match rest.strip_prefix("#\n") {
            Some(_) => 2,
            None => rest.find("\n#\n").map_or(rest.len(), |end| end + 3),
        };
        let (record, after) = rest.split_at(end);
        records.push(record);
        rest = after;
    }
    (version, records)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "\nhttps://im.dingtalk.com/\nhttps://im.dingtalk.com/w.js\n0\n#\n";
    const PARTED: &str = "^partitionKey=%28https%2Cexample.org%29\nhttps://im.dingtalk.com/\nhttps://im.dingtalk.com/w.js\n0\n#\n";
    const OTHERS: &str = "\nhttps://www.example.org/\nhttps://www.example.org/w.js\n0\n#\n";

    fn targets() -> BTreeSet<Target> {
        BTreeSet::from([Target {
            origin: "https://im.dingtalk.com".to_owned(),
            part: String::new(),
        }])
    }

    #[test]
    fn the_meant_records_go_and_every_other_byte_stays() {
        let file = format!("12\n{OTHERS}{OURS}{PARTED}{OTHERS}");
        let (stay, go) = divide(&file, &targets()).unwrap();
        assert_eq!(stay, format!("12\n{OTHERS}{PARTED}{OTHERS}"));
        assert_eq!(go, format!("12\n{OURS}"));
        assert_eq!(divide(&stay, &targets()), None);
    }

    #[test]
    fn what_was_removed_comes_back_once_and_never_over_what_came_since() {
        let now = format!("12\n{OTHERS}");
        let (back, put, stayed) = merged(&now, &format!("12\n{OURS}")).unwrap();
        assert_eq!(
            (back.as_str(), put, stayed),
            (format!("12\n{OTHERS}{OURS}").as_str(), 1, 0)
        );
        let newer = OURS.replace("\n0\n", "\n7\n");
        let now = format!("12\n{newer}");
        assert_eq!(merged(&now, &format!("12\n{OURS}")), Some((now.clone(), 0, 1)));
        assert_eq!(merged("13\n", &format!("12\n{OURS}")), None);
    }
}
