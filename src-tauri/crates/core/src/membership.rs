//! The end of a membership of an Organization (policy §5): an administrator ends it, what the Organization controls goes,
//! and the account stays as an individual one, which its user can end.

use jiff::civil::Date;

/// Who ended it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// An administrator of the Organization.
    Administrator,
    /// It isn't known.
    Unknown,
}

/// What it means, for the person whose membership it was. `on` is the day where they are.
pub fn ended_sentence(organization: &str, by: By, on: Date) -> String {
    let on = on.strftime("%-d %B %Y");
    let ended = match by {
        By::Administrator => format!("{organization} ended your membership on {on}."),
        By::Unknown => format!("Your membership of {organization} ended on {on}."),
    };
    format!(
        "{ended} What {organization} controlled is gone from your account. The account itself stays yours, and you can \
         delete it here."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_who_ended_it_when_what_is_gone_and_what_stays() {
        let on = Date::constant(2026, 8, 31);
        assert_eq!(
            ended_sentence("Corner Café", By::Administrator, on),
            "Corner Café ended your membership on 31 August 2026. What Corner Café controlled is gone from your account. \
             The account itself stays yours, and you can delete it here."
        );
        let unknown = ended_sentence("Corner Café", By::Unknown, on);
        assert!(
            unknown.starts_with("Your membership of Corner Café ended on 31 August 2026. "),
            "nobody is named who isn't known: {unknown}"
        );
    }
}
