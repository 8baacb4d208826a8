//! How Chromium writes whose something is: storage keys, and origins as file names.

use settings_privacy_core::storage::Partition;

use crate::look::Origin;

/// A storage key (`blink::StorageKey::Serialize`): `https://host[:port]/`, and, in a part of its own, `^0` with the
/// site in the address bar, and other attributes after further carets.
pub(crate) fn storage_key(text: &str) -> Option<Origin> {
    let at = text.find('^').unwrap_or(text.len());
    let (origin, raw) = text.split_at(at);
    let top_site = raw
        .split('^')
        .find_map(|attribute| attribute.strip_prefix('0'))
        .map(|site| site.trim_end_matches('/').to_owned());
    let partition = Partition {
        top_site,
        container: None,
        raw: raw.to_owned(),
    };
    Origin::parse(origin, partition)
}

/// An origin as a file name (`storage::GetIdentifierFromOrigin`): `https_host_port`, port 0 for the usual one.
pub(crate) fn identifier(name: &str) -> Option<Origin> {
    let (scheme, rest) = name.split_once('_')?;
    let (host, port) = rest.rsplit_once('_')?;
    let port: u16 = port.parse().ok()?;
    Origin::new(scheme, host, (port != 0).then_some(port), Partition::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_file_names_tell_the_origin() {
        let read = |origin: Option<Origin>| {
            origin.map(|origin| (origin.text, origin.host, origin.partition.top_site))
        };
        let is = |text: &str, host: &str, top: Option<&str>| {
            Some((text.to_owned(), host.to_owned(), top.map(str::to_owned)))
        };
        assert_eq!(
            read(storage_key("https://a.org/")),
            is("https://a.org", "a.org", None)
        );
        assert_eq!(
            read(storage_key("http://a.org:81")),
            is("http://a.org:81", "a.org", None)
        );
        assert_eq!(
            read(storage_key("https://a.org/^0https://b.org")),
            is("https://a.org", "a.org", Some("https://b.org"))
        );
        assert_eq!(
            read(storage_key("https://a.org/^31^0https://b.org/")),
            is("https://a.org", "a.org", Some("https://b.org"))
        );
        assert_eq!(read(storage_key("chrome-extension://abc/")), None);
        assert_eq!(
            read(identifier("https_a_b.org_0")),
            is("https://a_b.org", "a_b.org", None)
        );
        assert_eq!(
            read(identifier("http_a.org_81")),
            is("http://a.org:81", "a.org", None)
        );
        assert_eq!(read(identifier("file__0")), None);
    }
}
