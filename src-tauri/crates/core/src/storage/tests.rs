use proptest::prelude::*;

use super::{Purpose, Purposes, Sites};
use crate::data;

const SITES: [&str; 5] = [
    "dingtalk.com",
    "dingtalk.io",
    "dingtalkapps.com",
    "aliwork.com",
    "teambition.com",
];

fn site_of(host: &str) -> Option<&'static str> {
    data::sites().of_host(host).map(|site| site.domain.as_str())
}

#[test]
fn the_data_files_parse_and_name_the_sites() {
    let named: Vec<&str> = data::sites()
        .sites
        .iter()
        .map(|site| site.domain.as_str())
        .collect();
    assert_eq!(named, SITES);
    assert_eq!(data::cookie_purposes().version, 1);
    assert!(data::cookie_purposes().refusing.contains("by site"));
}

#[test]
fn a_site_is_its_domain_and_whatever_lies_below_it() {
    for domain in SITES {
        for host in [
            domain.to_owned(),
            format!(".{domain}"),
            format!("{domain}."),
            format!("im.{domain}"),
            format!(".a.b.c.{domain}"),
            format!("im.{domain}:8443"),
            format!("{domain}.:443"),
            format!("xn--fiqs8s.{domain}"),
            format!("_dmarc.{domain}"),
            domain.to_uppercase(),
        ] {
            assert_eq!(site_of(&host), Some(domain), "{host}");
        }
    }
}

#[test]
fn look_alikes_are_nobodys() {
    for host in [
        "",
        ".",
        "com",
        "notdingtalk.com",
        "not-dingtalk.com",
        "dingtalk.com.evil.net",
        "dingtalk.co",
        "dingtalk.community",
        "dingtalk.com.cn",
        "dingtalk-com.example.org",
        "dingtalkcom",
        "xn--dingtlk-9ua.com",
        "xn--dngtalk-zwa.com",
        "dingtаlk.com",
        "ｄingtalk.com",
        "dingtalk。com",
        "dıngtalk.com",
        "..dingtalk.com",
        "a..dingtalk.com",
        "dingtalk.com..",
        "dingtalk.com:evil.net",
        "dingtalk.com:99999",
        "dingtalk.com:443:443",
        "evil.net/dingtalk.com",
        "evil.net@dingtalk.com",
        "evil.net?.dingtalk.com",
        "evil.net\\.dingtalk.com",
        "evil.net\0.dingtalk.com",
        "%64ingtalk.com",
        " dingtalk.com",
        "127.0.0.1",
        "127.0.0.1:8080",
        "[::1]:8080",
        "::1",
        "localhost",
        "g.alicdn.com",
        "bucket.oss-cn-hangzhou.aliyuncs.com",
        "open-dingtalk.github.io",
    ] {
        assert_eq!(site_of(host), None, "{host:?}");
    }
}

#[test]
fn an_origin_is_its_hosts() {
    let of = |origin: &str| data::sites().of_origin(origin).map(|site| site.domain.as_str());
    for origin in [
        "https://dingtalk.com",
        "https://dingtalk.com/",
        "http://im.dingtalk.com:8080/",
        "https://IM.DingTalk.com",
    ] {
        assert_eq!(of(origin), Some("dingtalk.com"), "{origin}");
    }
    for origin in [
        "dingtalk.com",
        "://dingtalk.com",
        "https://evil.net/dingtalk.com",
        "https://evil.net?dingtalk.com",
        "https://evil.net#.dingtalk.com",
        "https://evil.net@dingtalk.com",
        "https://dingtalk.com@evil.net",
        "https:///dingtalk.com",
        "view source:https://dingtalk.com",
    ] {
        assert_eq!(of(origin), None, "{origin}");
    }
}

#[test]
fn a_list_with_a_mistake_is_refused() {
    let entry = |domain: &str| {
        format!("[[site]]\ndomain=\"{domain}\"\nname=\"n\"\nreason=\"r\"\nevidence=\"e\"\nclause=\"§6\"\n")
    };
    let shared = "[[shared]]\ndomain=\"alicdn.com\"\nreason=\"r\"\n";
    let parse = |text: String| Sites::parse(&format!("version=1\n{text}"));
    assert!(parse(entry("dingtalk.com")).is_ok());
    for bad in [
        "com",
        ".dingtalk.com",
        "Dingtalk.com",
        "10.0.0.1",
        "dingtalk.com:443",
        "dingtalk.com.",
        "a b.com",
    ] {
        assert!(parse(entry(bad)).is_err(), "{bad}");
    }
    assert!(parse(entry("dingtalk.com") + &entry("im.dingtalk.com")).is_err());
    assert!(parse(entry("g.alicdn.com") + shared).is_err());
    assert!(parse(entry("dingtalk.com") + "surprise=1\n").is_err());
    assert!(parse(entry("dingtalk.com") + "hosts=[\"im.dingtalk.com\"]\n").is_ok());
    assert!(parse(entry("dingtalk.com") + "hosts=[\"im.dingtalk.io\"]\n").is_err());
    assert!(parse(entry("dingtalk.com") + "hosts=[\"https://im.dingtalk.com\"]\n").is_err());
}

#[test]
fn a_cookies_purpose_is_told_from_its_name_or_not_at_all() {
    let of = |name: &str| data::cookie_purposes().of(name);
    for name in ["JSESSIONID", "XSRF-TOKEN", "__Host-XSRF-TOKEN", "acw_sc__v2"] {
        assert_eq!(of(name), Purpose::Security, "{name}");
    }
    for name in ["_ga", "_ga_ABC123", "Hm_lvt_0123", "_bl_uid"] {
        assert_eq!(of(name), Purpose::Statistics, "{name}");
    }
    for name in ["", "jsessionid", "JSESSIONIDX", "_gat", "account", "__Host-"] {
        assert_eq!(of(name), Purpose::Unknown, "{name}");
    }
}

#[test]
fn a_purpose_without_evidence_is_refused() {
    let parse = |row: &str| {
        Purposes::parse(&format!(
            "version=1\n[[cookie]]\n{row}\npurpose=\"security\"\nsays=\"s\"\nclause=\"§6\"\n"
        ))
    };
    assert!(parse("name=\"a\"\nevidence=\"e\"").is_ok());
    for bad in [
        "name=\"a\"\nevidence=\" \"",
        "name=\"a\"",
        "evidence=\"e\"",
        "name=\"a\"\nprefix=\"abcd\"\nevidence=\"e\"",
        "prefix=\"a\"\nevidence=\"e\"",
    ] {
        assert!(parse(bad).is_err(), "{bad}");
    }
}

proptest! {
    #[test]
    fn a_host_is_a_sites_exactly_when_its_last_labels_are(
        labels in proptest::collection::vec("[a-z0-9_-]{1,12}", 0..4),
        tail in proptest::sample::select(vec!["dingtalk.com", "aliwork.com", "example.org", "dingtalk.net", "com"]),
        leading in any::<bool>(), trailing in any::<bool>(), port in proptest::option::of(any::<u16>()),
    ) {
        let mut name = labels.join(".");
        if !name.is_empty() { name.push('.'); }
        name.push_str(tail);
        let expected = SITES.iter().copied().find(|site| {
            let theirs: Vec<&str> = site.split('.').collect();
            let ours: Vec<&str> = name.split('.').collect();
            ours.ends_with(&theirs)
        });
        let mut host = format!("{}{name}{}", if leading { "." } else { "" }, if trailing { "." } else { "" });
        if let Some(port) = port { host.push_str(&format!(":{port}")); }
        prop_assert_eq!(site_of(&host), expected, "{}", host);
        prop_assert_eq!(site_of(&host.to_uppercase()), expected);
    }

    #[test]
    fn letters_glued_to_a_domain_make_it_another(glue in "[a-z0-9-]{1,20}", site in proptest::sample::select(SITES.to_vec())) {
        let (before, after) = (format!("{glue}{site}"), format!("{site}{glue}"));
        let below = format!("{}.{}.net", site, glue);
        prop_assert_eq!(site_of(&before), None);
        prop_assert_eq!(site_of(&after), None);
        prop_assert_eq!(site_of(&below), None);
    }

    #[test]
    fn nothing_makes_the_matching_panic(host in ".*") {
        let _ = (data::sites().of_host(&host), data::sites().of_origin(&host));
    }

    #[test]
    fn a_match_always_ends_in_the_domain(host in "[a-zA-Z.:0-9@/\\-]{0,20}(dingtalk\\.com|aliwork\\.com)[.:a-z0-9/]{0,8}") {
        if let Some(site) = site_of(&host) {
            let name = host.split(':').next().unwrap_or_default().trim_end_matches('.').to_lowercase();
            let below = format!(".{site}");
            prop_assert!(name == site || name.ends_with(&below));
        }
    }
}
