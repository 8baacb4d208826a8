//! Hosts of DingTalk's named in files of other kinds: session files, cache entries.

use std::collections::BTreeMap;

use settings_privacy_core::storage::Sites;

/// How often each host of DingTalk's is named in these bytes. Outside an address, what stands before a domain may be
/// part of somebody's value, so only the site's domain is told then.
pub(crate) fn count(bytes: &[u8], sites: &Sites, counts: &mut BTreeMap<String, u64>) {
    let is_host = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let mut from = 0;
    // Every domain has a dot: whoever looks around dots looks at few places.
    while let Some(found) = bytes
        .get(from..)
        .and_then(|rest| rest.iter().position(|byte| *byte == b'.'))
    {
        let dot = from + found;
        let start = bytes[..dot]
            .iter()
            .rposition(|byte| !is_host(byte))
            .map_or(0, |before| before + 1);
        let end = bytes[dot..]
            .iter()
            .position(|byte| !is_host(byte))
            .map_or(bytes.len(), |after| dot + after);
        from = end.max(dot + 1);
        if end - start > 253 {
            continue;
        }
        if let Ok(host) = std::str::from_utf8(&bytes[start..end])
            && let Some(site) = sites.of_host(host)
        {
            let told = match bytes[..start].ends_with(b"://") {
                true => host.trim_matches('.').to_ascii_lowercase(),
                false => site.domain.clone(),
            };
            *counts.entry(told).or_default() += 1;
        }
    }
}

/// How often something is of each host of DingTalk's, as `walk` asks of host by host. `None` where it can't walk.
pub(crate) fn of_sites<T>(
    sites: &Sites,
    walk: impl FnOnce(&mut dyn FnMut(&str) -> bool) -> Option<T>,
) -> Option<BTreeMap<String, u64>> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut is_ours = |host: &str| {
        let ours = sites.of_host(host).is_some();
        if ours {
            *counts.entry(host.to_owned()).or_default() += 1;
        }
        ours
    };
    walk(&mut is_ours)?;
    Some(counts)
}

#[cfg(test)]
mod tests {
    use settings_privacy_core::data;

    use super::*;

    #[test]
    fn nothing_of_a_value_is_told() {
        let bytes = br#"{"value":"secret-session-of-app.dingtalk.com","host":".im.dingtalk.com"}"#;
        let mut counts = BTreeMap::new();
        count(bytes, data::sites(), &mut counts);
        assert_eq!(counts, BTreeMap::from([("dingtalk.com".to_owned(), 2)]));
    }

    #[test]
    fn whole_hosts_are_counted_and_look_alikes_arent() {
        let bytes =
            b"\x00\x12https://im.dingtalk.com/a\0https://notdingtalk.com/ http://dingtalk.com.evil.net/\xff\
            https://IM.dingtalk.com:8443/ x.y ...... aliwork.com";
        let mut counts = BTreeMap::new();
        count(bytes, data::sites(), &mut counts);
        let told: Vec<(&str, u64)> = counts.iter().map(|(host, n)| (host.as_str(), *n)).collect();
        assert_eq!(told, [("aliwork.com", 1), ("im.dingtalk.com", 2)]);
    }
}
