//! What changed between two exports.

use std::cmp::Ordering;

use jiff::Timestamp;

use super::Sha256;

/// A record, as far as comparing goes. Ordered by category, then by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// Its category.
    pub category: String,
    /// Its id there.
    pub id: String,
    /// Of everything in it.
    pub digest: Sha256,
    /// When it happened.
    pub at: Option<Timestamp>,
}

/// How a record differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Changed {
    /// It is only in the later one.
    Added,
    /// It is only in the earlier one.
    Removed,
    /// It is in both, and differs.
    Changed,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// How.
    pub changed: Changed,
    /// What, as the later one has it, or the earlier one if it was removed.
    pub record: Fingerprint,
}

/// Goes along both at once; both must be sorted by category and id. `covers(earlier, record)` says whether that export
/// asked for such a record at all: what it didn't ask for is neither missing nor new.
pub fn compare<'a, E>(
    earlier: impl Iterator<Item = Result<Fingerprint, E>> + 'a,
    later: impl Iterator<Item = Result<Fingerprint, E>> + 'a,
    covers: impl Fn(bool, &Fingerprint) -> bool + 'a,
) -> impl Iterator<Item = Result<Change, E>> + 'a {
    let mut earlier = earlier.peekable();
    let mut later = later.peekable();
    std::iter::from_fn(move || {
        loop {
            let order = match (earlier.peek(), later.peek()) {
                (None, None) => return None,
                (Some(Err(_)), _) | (_, Some(Err(_))) => {
                    let fault = earlier.next_if(Result::is_err).or_else(|| later.next());
                    return fault?.err().map(Err);
                }
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(Ok(old)), Some(Ok(new))) => (&old.category, &old.id).cmp(&(&new.category, &new.id)),
            };
            let (changed, record) = match order {
                Ordering::Less => (Changed::Removed, earlier.next()?.ok()?),
                Ordering::Greater => (Changed::Added, later.next()?.ok()?),
                Ordering::Equal => {
                    let (old, new) = (earlier.next()?.ok()?, later.next()?.ok()?);
                    if old.digest == new.digest {
                        continue;
                    }
                    (Changed::Changed, new)
                }
            };
            let counts = match changed {
                Changed::Added => covers(true, &record),
                Changed::Removed => covers(false, &record),
                Changed::Changed => true,
            };
            if counts {
                return Some(Ok(Change { changed, record }));
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::*;

    fn records(of: &BTreeMap<String, u8>) -> impl Iterator<Item = Result<Fingerprint, Infallible>> {
        of.iter().map(|(id, value)| {
            Ok(Fingerprint {
                category: "messages".into(),
                id: id.clone(),
                digest: Sha256([*value; 32]),
                at: None,
            })
        })
    }

    fn told(earlier: &BTreeMap<String, u8>, later: &BTreeMap<String, u8>) -> Vec<(Changed, String)> {
        compare(records(earlier), records(later), |_, _| true)
            .map(|change| change.expect("nothing fails here"))
            .map(|change| (change.changed, change.record.id))
            .collect()
    }

    #[test]
    fn what_an_export_did_not_ask_for_is_neither_missing_nor_new() {
        let earlier = BTreeMap::from([("a".to_owned(), 1), ("b".to_owned(), 1)]);
        let later = BTreeMap::from([("b".to_owned(), 2), ("c".to_owned(), 1)]);
        let all: Vec<_> = compare(records(&earlier), records(&later), |earlier, _| earlier)
            .map(|change| change.expect("nothing fails here").changed)
            .collect();
        assert_eq!(all, [Changed::Changed, Changed::Added]);
    }

    proptest! {
        #[test]
        fn the_differences_turn_the_earlier_into_the_later(
            earlier in prop::collection::btree_map("[a-f]{1,2}", 0u8..3, 0..20),
            later in prop::collection::btree_map("[a-f]{1,2}", 0u8..3, 0..20),
        ) {
            let mut patched = earlier.clone();
            for (changed, id) in told(&earlier, &later) {
                match changed {
                    Changed::Removed => prop_assert!(patched.remove(&id).is_some()),
                    Changed::Added => prop_assert_eq!(patched.insert(id.clone(), later[&id]), None),
                    Changed::Changed => prop_assert!(patched.insert(id.clone(), later[&id]).is_some()),
                }
            }
            prop_assert_eq!(patched, later);
        }

        #[test]
        fn nothing_differs_from_itself(of in prop::collection::btree_map("[a-f]{1,3}", 0u8..3, 0..20)) {
            prop_assert_eq!(told(&of, &of), []);
        }
    }
}
