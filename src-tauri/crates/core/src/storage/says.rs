//! The sentences that every face says alike: what a browser decides for a site, what came back, how much there is, what
//! stays.

use super::{Counts, DecidedBy, Decision, Effective, Family, Left, Plan, Report, SiteRule};

impl SiteRule {
    /// What a browser does about a site's cookies, and whose word that is; `None` where it takes them as it takes
    /// everybody's.
    pub fn says_of_cookies(&self, browser: &str) -> Option<String> {
        let site = &self.site;
        let does = match self.effective {
            Effective::All(Decision::Deny) => format!("{browser} refuses {site}'s cookies and storage"),
            Effective::All(Decision::UntilClosed) => {
                format!("{browser} keeps {site}'s cookies until it is closed")
            }
            Effective::All(Decision::Allow | Decision::Ask) => format!("{browser} takes {site}'s cookies"),
            Effective::Differs => format!("{browser} refuses parts of {site}, and takes cookies of others"),
        };
        match (self.decided_by, self.effective) {
            (DecidedBy::Policy, _) => Some(format!(
                "{does}. That is set by your organization: only whoever manages this computer can change it."
            )),
            (DecidedBy::Rule, _) => Some(format!("{does}. The rule is {browser}'s own.")),
            (DecidedBy::Default, Effective::All(Decision::Allow | Decision::Ask)) => None,
            (DecidedBy::Default, _) => Some(format!("{does}, as it does with every site.")),
        }
    }
}

impl Report {
    /// What is new in a browser since something was cleared or refused there. `when` that was stands at the end of a
    /// sentence: `on Tuesday`.
    pub fn says(&self, browser: &str, when: &str) -> String {
        match self {
            Report::RuleVanished { site, .. } => {
                format!(
                    "{browser} no longer refuses {site}'s cookies. The rule you made {when} was taken out of {browser} since."
                )
            }
            Report::CameBack {
                site,
                more,
                refused_now,
                ..
            } => {
                let now = match refused_now {
                    true => " It is refused now, so no more will come.",
                    false => "",
                };
                format!(
                    "{} of {site} came back since you cleared it {when}.{now}",
                    more.says()
                )
            }
        }
    }
}

impl Plan {
    /// What stays, a sentence each: what wasn't chosen or can't go, and where nobody looks.
    pub fn stays(&self) -> Vec<String> {
        let mut says: Vec<String> = self.left.iter().filter_map(Left::says).collect();
        if !self.is_empty() {
            says.push(self.unlooked());
        }
        once(says)
    }

    /// Where the browser may name the sites, too, and nothing here looks.
    fn unlooked(&self) -> String {
        let browser = self.profile.browser.name();
        let places = match self.profile.family {
            Family::Firefox => {
                "saved sign-ins and forms, zoom levels, and its notes on secure connections and on tracking"
            }
            Family::Chromium => {
                "saved sign-ins and forms, zoom levels, how often you visit, and its notes on connections"
            }
        };
        format!(
            "{browser} may also name these sites in {places}. Nothing here looks there; its own settings clear them."
        )
    }
}

impl Counts {
    /// `3 cookies and 1 other thing`.
    pub fn says(&self) -> String {
        let of = |number: u64, one: &str, many: &str| match number {
            1 => format!("1 {one}"),
            _ => format!("{number} {many}"),
        };
        let cookies = of(self.cookies, "cookie", "cookies");
        match (self.cookies, self.other) {
            (_, 0) => cookies,
            (0, other) => of(other, "thing", "things"),
            (_, other) => format!("{cookies} and {}", of(other, "other thing", "other things")),
        }
    }
}

/// Each sentence once, in the order first said.
pub fn once(sentences: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut once: Vec<String> = Vec::new();
    for sentence in sentences {
        if !once.contains(&sentence) {
            once.push(sentence);
        }
    }
    once
}

#[cfg(test)]
mod tests {
    use super::super::About;
    use super::*;

    fn rule(effective: Effective, decided_by: DecidedBy) -> SiteRule {
        SiteRule {
            site: "dingtalk.com".to_owned(),
            about: About::Cookies,
            effective,
            decided_by,
            rules: Vec::new(),
        }
    }

    #[test]
    fn whose_word_it_is_is_said_unless_it_is_everybodys() {
        let (deny, allow) = (Effective::All(Decision::Deny), Effective::All(Decision::Allow));
        let cases = [
            (allow, DecidedBy::Default, None),
            (
                allow,
                DecidedBy::Policy,
                Some(
                    "Firefox takes dingtalk.com's cookies. That is set by your organization: only whoever manages this computer can change it.",
                ),
            ),
            (
                deny,
                DecidedBy::Rule,
                Some("Firefox refuses dingtalk.com's cookies and storage. The rule is Firefox's own."),
            ),
            (
                deny,
                DecidedBy::Default,
                Some("Firefox refuses dingtalk.com's cookies and storage, as it does with every site."),
            ),
        ];
        for (effective, by, says) in cases {
            let said = rule(effective, by).says_of_cookies("Firefox");
            assert_eq!(said.as_deref(), says);
        }
    }

    #[test]
    fn one_is_one_and_more_are_more() {
        let cases = [
            ((1, 0), "1 cookie"),
            ((2, 1), "2 cookies and 1 other thing"),
            ((0, 1), "1 thing"),
            ((0, 3), "3 things"),
        ];
        for ((cookies, other), said) in cases {
            assert_eq!(Counts { cookies, other }.says(), said);
        }
    }

    #[test]
    fn what_came_back_is_said_with_its_day() {
        let report = Report::CameBack {
            profile: "/p".into(),
            site: "dingtalk.com".to_owned(),
            more: Counts { cookies: 3, other: 0 },
            since: jiff::Timestamp::UNIX_EPOCH,
            refused_now: true,
        };
        assert_eq!(
            report.says("Firefox", "on Tuesday"),
            "3 cookies of dingtalk.com came back since you cleared it on Tuesday. It is refused now, so no more will come."
        );
    }

    #[test]
    fn a_sentence_is_said_once() {
        let said = ["b", "a", "b"].map(str::to_owned);
        assert_eq!(once(said), ["b", "a"]);
    }
}
