//! A service's address: HTTPS, or plain HTTP to this computer itself.

use url::{Host, Url};

/// An address that may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAddress(Url);

/// Why an address can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It isn't an address.
    #[error("“{0}” isn't a web address. It should look like https://privacy.example.org")]
    NotAnAddress(String),
    /// It isn't encrypted.
    #[error(
        "This address isn't encrypted: others on the way could read and change what you send. Use one that begins with https://"
    )]
    NotHttps,
    /// It names a user or a password.
    #[error("Leave the name and password out of the address. You sign in with a code.")]
    HasCredentials,
}

impl ServiceAddress {
    /// Reads what a person typed. A bare host is taken as HTTPS.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let not_an_address = || AddressError::NotAnAddress(text.chars().take(80).collect());
        let full = if text.contains("://") {
            text.to_owned()
        } else {
            format!("https://{text}")
        };
        let mut url = Url::parse(&full).map_err(|_| not_an_address())?;
        let host = url
            .host()
            .map(|host| host.to_owned())
            .ok_or_else(not_an_address)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::HasCredentials);
        }
        match (url.scheme(), is_this_computer(&host)) {
            ("https", _) | ("http", true) => {}
            ("http", false) => return Err(AddressError::NotHttps),
            _ => return Err(not_an_address()),
        }
        url.set_query(None);
        url.set_fragment(None);
        Ok(Self(url))
    }

    /// The address as text, without a trailing slash.
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// The full address of a path of the service.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.as_str())
    }
}

/// Loopback only: `localhost`, 127.0.0.0/8, `::1`.
fn is_this_computer(host: &Host<String>) -> bool {
    match host {
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_encrypted_addresses_are_used_except_on_this_computer() {
        let good = [
            ("https://privacy.example.org/", "https://privacy.example.org"),
            ("privacy.example.org", "https://privacy.example.org"),
            (" https://example.org/dingtalk/ ", "https://example.org/dingtalk"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://localhost:8080", "http://localhost:8080"),
        ];
        for (typed, used) in good {
            assert_eq!(
                ServiceAddress::parse(typed).map(|a| a.as_str().to_owned()),
                Ok(used.to_owned())
            );
        }
        for typed in [
            "http://privacy.example.org",
            "http://127.0.0.1.evil.net",
            "http://localhost.evil.net",
        ] {
            assert_eq!(
                ServiceAddress::parse(typed),
                Err(AddressError::NotHttps),
                "{typed}"
            );
        }
        for typed in ["", "://", "ftp://example.org", "file:///etc/passwd", "https://"] {
            assert!(
                matches!(ServiceAddress::parse(typed), Err(AddressError::NotAnAddress(_))),
                "{typed}"
            );
        }
        assert_eq!(
            ServiceAddress::parse("https://a:b@example.org"),
            Err(AddressError::HasCredentials)
        );
    }
}
