//! Firefox's origin attributes: which part of the storage something lies in.
//!
//! `^userContextId=2&partitionKey=%28https%2Cexample.org%29`, after `nsIPrincipal.originAttributes`: a query string
//! after a caret. The partition key is `(scheme,site[,port][,f])`; `f` marks a frame with a foreign one between.

use settings_privacy_core::storage::Partition;

/// Reads a suffix, with its caret or without.
pub(crate) fn partition(suffix: &str) -> Partition {
    let query = suffix.strip_prefix('^').unwrap_or(suffix);
    let mut partition = Partition {
        raw: suffix.to_owned(),
        ..Partition::default()
    };
    for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match &*key {
            "userContextId" => partition.container = value.parse().ok(),
            "partitionKey" => partition.top_site = top_site(&value),
            // First-party isolation, an older way to the same end.
            "firstPartyDomain" => partition.top_site = Some(format!("https://{value}")),
            _ => {}
        }
    }
    partition
}

fn top_site(key: &str) -> Option<String> {
    let mut parts = key.strip_prefix('(')?.strip_suffix(')')?.split(',');
    let (scheme, site) = (parts.next()?, parts.next()?);
    let port = parts.next().filter(|part| part.parse::<u16>().is_ok());
    Some(match port {
        Some(port) => format!("{scheme}://{site}:{port}"),
        None => format!("{scheme}://{site}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suffix_tells_the_container_and_the_site_in_the_address_bar() {
        let read = |suffix: &str| {
            let partition = partition(suffix);
            (partition.container, partition.top_site)
        };
        let site = |text: &str| Some(text.to_owned());
        assert_eq!(read(""), (None, None));
        assert_eq!(read("^userContextId=2"), (Some(2), None));
        assert_eq!(
            read("^partitionKey=%28https%2Cexample.org%29"),
            (None, site("https://example.org"))
        );
        assert_eq!(
            read("^userContextId=3&partitionKey=%28http%2Cexample.org%2C8080%29"),
            (Some(3), site("http://example.org:8080"))
        );
        assert_eq!(
            read("^partitionKey=%28https%2Cexample.org%2Cf%29"),
            (None, site("https://example.org"))
        );
        assert_eq!(
            read("^firstPartyDomain=example.org"),
            (None, site("https://example.org"))
        );
        assert_eq!(read("^partitionKey=nonsense"), (None, None));
    }
}
