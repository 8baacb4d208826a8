//! Firefox's `sessionstore.jsonlz4` and its backups: `mozLz40\0`, the length (32 bits, little-endian), one LZ4 block
//! of JSON.
//!
//! Firefox keeps cookies that end with the browser here, and what pages kept for a tab. Whatever is of one of the
//! hosts goes: a page of a tab's history, a cookie, an origin's entries; a tab or window in which nothing is left
//! goes too. What only mentions a host stays: another site's address may carry one, and so may what a person typed.

use serde_json::Value;

/// The file without what is of a host that goes. `None` when it can't be read.
pub(crate) fn without(file: &[u8], goes: &mut dyn FnMut(&str) -> bool) -> Option<Vec<u8>> {
    let mut session: Value = serde_json::from_slice(&super::unpacked(file)?).ok()?;
    prune(&mut session, &mut |text| goes(&host(text)));
    let json = serde_json::to_vec(&session).ok()?;
    let mut packed = b"mozLz40\0".to_vec();
    packed.extend(u32::try_from(json.len()).ok()?.to_le_bytes());
    packed.extend(lz4_flex::block::compress(&json));
    Some(packed)
}

/// The host of an address, an origin or a cookie, without its port and in lower case.
fn host(text: &str) -> String {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#', '^']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    host.trim_matches('.').to_ascii_lowercase()
}

/// Takes out what is of a host. Says whether the value itself is to go from what holds it.
fn prune(value: &mut Value, is_of: &mut impl FnMut(&str) -> bool) -> bool {
    match value {
        Value::Array(values) => {
            values.retain_mut(|value| !prune(value, is_of));
            false
        }
        Value::Object(members) => {
            let is_page_or_cookie = ["url", "host", "origin"].iter().any(|told_by| {
                let told = members.get(*told_by).and_then(Value::as_str);
                told.is_some_and(&mut *is_of)
            });
            if is_page_or_cookie {
                return true;
            }
            let held = |members: &serde_json::Map<String, Value>, list: &str| {
                members.get(list).and_then(Value::as_array).map(Vec::len)
            };
            let before = ["entries", "tabs"].map(|list| held(members, list));
            members.retain(|name, value| {
                let is_its_origin = name.contains("://") && is_of(name);
                !is_its_origin && !prune(value, is_of)
            });
            let after = ["entries", "tabs"].map(|list| held(members, list));
            for (list, at) in [("entries", "index"), ("tabs", "selected")] {
                // Both count from one, and must lie within.
                if let (Some(length), Some(now)) =
                    (held(members, list), members.get(at).and_then(Value::as_u64))
                {
                    let within = now.min(length as u64).max(1);
                    members.insert(at.to_owned(), Value::from(within));
                }
            }
            // A tab without a page, a window without a tab.
            before
                .iter()
                .zip(after)
                .any(|(before, after)| before.is_some_and(|count| count > 0) && after == Some(0))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(session: &Value) -> Vec<u8> {
        let json = serde_json::to_vec(session).unwrap();
        let mut file = b"mozLz40\0".to_vec();
        file.extend(u32::try_from(json.len()).unwrap().to_le_bytes());
        file.extend(lz4_flex::block::compress(&json));
        file
    }

    fn cleared(session: &Value) -> Value {
        let mut goes = |host: &str| ["im.dingtalk.com", "dingtalk.com"].contains(&host);
        let file = without(&packed(session), &mut goes).unwrap();
        serde_json::from_slice(&super::super::unpacked(&file).unwrap()).unwrap()
    }

    #[test]
    fn pages_cookies_and_entries_of_the_hosts_go_and_the_rest_stays_as_it_was() {
        let page = |host: &str| serde_json::json!({"url": format!("https://{host}/a"), "title": "t"});
        let others = serde_json::json!({
            "entries": [page("www.example.org")], "index": 1,
            "storage": {"https://www.example.org": {"k": "v"}}
        });
        let mut mixed = others.clone();
        mixed["entries"] = serde_json::json!([page("www.example.org"), page("im.dingtalk.com")]);
        mixed["index"] = 2.into();
        mixed["storage"]["https://im.dingtalk.com"] = serde_json::json!({"token": "secret"});
        let ours = serde_json::json!({"entries": [page("im.dingtalk.com")], "index": 1});
        let window =
            |tabs: Vec<&Value>, selected: u64| serde_json::json!({"tabs": tabs, "selected": selected});
        let cookie = |host: &str| serde_json::json!({"host": host, "name": "n", "value": "v"});
        let session = serde_json::json!({
            "version": ["sessionrestore", 1],
            "windows": [window(vec![&others, &mixed, &ours], 3), window(vec![&ours], 1)],
            "cookies": [cookie(".dingtalk.com"), cookie("www.example.org"), cookie("notdingtalk.com")],
        });
        let expected = serde_json::json!({
            "version": ["sessionrestore", 1],
            "windows": [window(vec![&others, &others], 2)],
            "cookies": [cookie("www.example.org"), cookie("notdingtalk.com")],
        });
        assert_eq!(cleared(&session), expected);
        assert_eq!(cleared(&expected), expected);
    }

    #[test]
    fn what_another_site_or_the_person_only_mentions_stays() {
        let session = serde_json::json!({
            "windows": [{"tabs": [{
                "entries": [
                    {"url": "https://search.example.org/?q=im.dingtalk.com", "title": "im.dingtalk.com"},
                    {"url": "https://example.org/https://im.dingtalk.com/", "title": "t"},
                    {"url": "https://im.dingtalk.com@example.org/", "title": "t"},
                ],
                "index": 1,
                "userTypedValue": "im.dingtalk.com",
                "formdata": {"url": "https://example.org/", "id": {"im.dingtalk.com": "typed", "names": ["im.dingtalk.com"]}},
            }], "selected": 1}],
        });
        assert_eq!(cleared(&session), session);
        let ours = serde_json::json!({"windows": [{"tabs": [{
            "entries": [{"url": "HTTPS://user@IM.dingtalk.com:443/a?b#c", "title": "t"}], "index": 1,
        }], "selected": 1}]});
        assert_eq!(cleared(&ours), serde_json::json!({"windows": []}));
    }

    #[test]
    fn what_is_no_session_isnt_touched() {
        assert_eq!(without(b"mozLz40\0nonsense", &mut |_| true), None);
        assert_eq!(without(b"", &mut |_| true), None);
    }
}
