//! The address an account signs in with, in the one spelling under which it is kept.

use std::fmt;

use lettre::Address;
use settings_privacy_api::Problem;
use url::Host;

use crate::problem;

/// RFC 5321 allows a path of 256 octets with its brackets.
const LONGEST: usize = 254;

/// An e-mail address: trimmed, lower case, its domain as it is looked up. It can't be printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Identifier(Address);

impl Identifier {
    /// Reads what a person typed.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let refused = || problem::malformed("The identifier isn't an e-mail address.");
        let (local, domain) = text.trim().rsplit_once('@').ok_or_else(refused)?;
        let domain = match Host::parse(domain) {
            Ok(Host::Domain(domain)) => domain,
            Ok(Host::Ipv4(_) | Host::Ipv6(_)) | Err(_) => return Err(refused()),
        };
        let whole = local.len() + 1 + domain.len();
        if !local.is_ascii() || whole > LONGEST {
            return Err(refused());
        }
        let address = Address::new(local.to_ascii_lowercase(), domain);
        address.map(Self).map_err(|_| refused())
    }

    /// As text, to be kept or answered.
    pub fn as_str(&self) -> &str {
        self.0.as_ref()
    }

    /// As the address of a letter.
    pub fn address(&self) -> &Address {
        &self.0
    }

    /// What a new account is called until its owner says otherwise: what stands before the @.
    pub fn display_name(&self) -> &str {
        self.0.user()
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identifier(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mailbox_has_one_spelling() {
        let table = [
            (" Mei.Lin@Example.ORG ", "mei.lin@example.org"),
            ("a+b@example.org", "a+b@example.org"),
            ("a@bücher.example", "a@xn--bcher-kva.example"),
            ("sample@example.invalid", "sample@example.invalid"),
        ];
        for (typed, kept) in table {
            let identifier = Identifier::parse(typed).unwrap();
            assert_eq!(identifier.as_str(), kept);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_without_being_repeated() {
        let long = format!("{}@example.org", "a".repeat(260));
        for typed in [
            "",
            "mei",
            "@example.org",
            "mei@",
            "mei@127.0.0.1",
            "a b@example.org",
            "mei@example.org\r\nBcc: x@example.org",
            "méi@example.org",
            "mei@exa mple.org",
            &long,
        ] {
            let problem = Identifier::parse(typed).unwrap_err();
            assert_eq!(problem.status, 400, "{typed}");
            let told = format!("{problem:?}");
            assert!(typed.is_empty() || !told.contains(typed), "{told}");
        }
    }
}
