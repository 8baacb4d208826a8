//! Which hosts are DingTalk's.

use serde::Deserialize;

use crate::data::DataError;

/// A registrable domain of DingTalk's, with the reason it belongs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// The registrable domain, lower case, without dots around it: `dingtalk.com`.
    pub domain: String,
    /// What people call it.
    pub name: String,
    /// Hosts of it that are known, besides the domain itself: the browsers keep some settings by host.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Why it belongs.
    pub reason: String,
    /// What that is known from.
    pub evidence: String,
    /// The policy's clause.
    pub clause: String,
}

/// A domain that DingTalk's pages use and others use too. It is never a site of DingTalk's.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharedHost {
    /// The domain.
    pub domain: String,
    /// Who else uses it.
    pub reason: String,
}

/// The sites of DingTalk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sites {
    /// Raised with every change of the list.
    pub version: u32,
    /// The sites, in the order shown.
    pub sites: Vec<Site>,
    /// What was left out, and why.
    pub shared: Vec<SharedHost>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    #[serde(default)]
    site: Vec<Site>,
    #[serde(default)]
    shared: Vec<SharedHost>,
}

impl Sites {
    /// Reads the list.
    ///
    /// # Errors
    /// When it isn't valid TOML, has a key that isn't known, names a domain twice, names something that isn't a
    /// domain in lower-case ASCII with at least two labels, or a shared host.
    pub fn parse(text: &str) -> Result<Self, DataError> {
        let wrong = |reason: String| DataError {
            file: "sites.toml",
            reason,
        };
        let File {
            version,
            site: sites,
            shared,
        } = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        for (index, site) in sites.iter().enumerate() {
            let domain = &site.domain;
            if !is_domain(domain) {
                return Err(wrong(format!("“{domain}” is not a domain")));
            }
            if let Some(host) = site
                .hosts
                .iter()
                .find(|host| !is_domain(host) || !is_below(host, domain))
            {
                return Err(wrong(format!("“{host}” isn't a host of “{domain}”")));
            }
            let said = [&site.name, &site.reason, &site.evidence, &site.clause];
            if said.iter().any(|text| text.trim().is_empty()) {
                return Err(wrong(format!("“{domain}” says too little")));
            }
            if sites
                .iter()
                .take(index)
                .any(|other| is_below(domain, &other.domain))
            {
                return Err(wrong(format!("“{domain}” is named twice")));
            }
            if let Some(host) = shared.iter().find(|host| is_below(domain, &host.domain)) {
                return Err(wrong(format!("“{domain}” is shared: {}", host.reason)));
            }
        }
        Ok(Self {
            version,
            sites,
            shared,
        })
    }

    /// The site a host belongs to.
    ///
    /// The host is taken as browsers keep it: ASCII (international names as `xn--…`), perhaps with a dot before
    /// it (a cookie for the domain and all below), a dot after it, or a port. Letter case doesn't count. A site
    /// matches whole labels from the right, so `notdingtalk.com` and `dingtalk.com.evil.net` are nobody's here.
    /// Anything that isn't a host in that form (an IP address, a URL, letters beyond ASCII) is no site's.
    pub fn of_host(&self, host: &str) -> Option<&Site> {
        let host = plain_host(host)?;
        self.sites.iter().find(|site| is_below(host, &site.domain))
    }

    /// The site of an origin or of a schemeful site, as browsers write them: `https://im.dingtalk.com:8443`,
    /// `https://dingtalk.com/`.
    pub fn of_origin(&self, origin: &str) -> Option<&Site> {
        let (scheme, rest) = origin.split_once("://")?;
        let scheme_is_plain = scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'+');
        if scheme.is_empty() || !scheme_is_plain {
            return None;
        }
        let authority = rest.split(['/', '?', '#']).next()?;
        // Browsers never keep an origin with a user name in it; what follows an `@` would be another host.
        self.of_host(authority)
    }
}

/// The host without what may stand around it: one leading dot, a port, one trailing dot. `None` when the rest
/// isn't a host name in ASCII.
fn plain_host(host: &str) -> Option<&str> {
    let host = host.strip_prefix('.').unwrap_or(host);
    let host = match host.split_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() => name,
        Some(_) => return None,
        None => host,
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    (host.len() <= 253 && host.split('.').all(is_label)).then_some(host)
}

fn is_domain(domain: &str) -> bool {
    plain_host(domain) == Some(domain)
        && domain.contains('.')
        && !domain.bytes().any(|byte| byte.is_ascii_uppercase())
        && !domain.ends_with(|last: char| last.is_ascii_digit())
}

/// Whether `host` is `domain` or lies below it, label by label, whatever the letter case.
fn is_below(host: &str, domain: &str) -> bool {
    let Some(start) = host.len().checked_sub(domain.len()) else {
        return false;
    };
    let (before, end) = host.as_bytes().split_at(start);
    end.eq_ignore_ascii_case(domain.as_bytes()) && (before.is_empty() || before.ends_with(b"."))
}
