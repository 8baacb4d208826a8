//! The page a person opens first: what the archive holds, in words. It needs no program of ours, loads nothing, runs
//! nothing.

use std::io::{self, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::bag::Listed;

/// Its path within the bag.
pub const PATH: &str = "data/index.html";

const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<title>Your data</title>
<style>
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 720px; margin: 32px auto; padding: 0 16px }
h1 { font-size: 22px } h2 { font-size: 17px; margin: 32px 0 0 }
p, ul { margin: 8px 0 } ul { padding-left: 24px } li { overflow-wrap: anywhere }
.small { font-size: 13px; opacity: .8 }
</style>
</head>
<body>
<h1>Your data</h1>
"#;

const FOOT: &str = r"<h2>Is it whole?</h2>
<p>The folder around this one lists every file with its checksum (manifest-sha256.txt), and the service signed that list
(signature.jws). Settings &amp; Privacy checks both for you; so does any program for BagIt and JOSE.</p>
<p class='small'>Settings &amp; Privacy isn't made by DingTalk.</p>
</body>
</html>
";

/// What a category came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it holds.
    pub holds: String,
    /// How many things were copied.
    pub items: u64,
    /// How large their files are.
    pub bytes: u64,
    /// How many files they are in.
    pub files: u64,
}

/// What the page says.
pub struct Front {
    /// When the copy was asked for.
    pub asked_at: Timestamp,
    /// Of what happened when.
    pub period: Option<(Timestamp, Timestamp)>,
    /// What was copied.
    pub summaries: Vec<Summary>,
    /// How many things weren't.
    pub left_out: u64,
}

impl Front {
    /// Writes it. The files come in the categories' order.
    pub fn write(
        &self,
        out: &mut impl Write,
        files: impl Iterator<Item = io::Result<Listed>>,
    ) -> io::Result<()> {
        out.write_all(HEAD.as_bytes())?;
        writeln!(out, "<p>The copy you asked for on {}.</p>", day(self.asked_at))?;
        match self.period {
            Some((from, to)) => writeln!(
                out,
                "<p>Of what happened from {} to {}. What isn't tied to a day, such as your contacts, is here whole.</p>",
                day(from),
                day(to)
            )?,
            None => writeln!(out, "<p>Of everything, from the first day on.</p>")?,
        }
        match self.left_out {
            0 => writeln!(out, "<p>Nothing was left out.</p>")?,
            1 => writeln!(
                out,
                "<p>One thing couldn't be copied: <a href=\"report.json\">the report</a> says what and why.</p>"
            )?,
            more => writeln!(
                out,
                "<p>{more} things couldn't be copied: <a href=\"report.json\">the report</a> says what and why.</p>"
            )?,
        }
        let mut files = files.peekable();
        for summary in &self.summaries {
            writeln!(out, "<h2>{}</h2>", escaped(&summary.name))?;
            writeln!(
                out,
                "<p>{}</p>\n<p class='small'>{}, {}</p>",
                escaped(&summary.holds),
                counted(summary.items, "thing", "things"),
                size(summary.bytes)
            )?;
            let prefix = format!("data/{}/", summary.id);
            let mut is_open = false;
            while let Some(listed) = files.next_if(|listed| {
                listed.as_ref().map_or(true, |listed| {
                    listed.path.starts_with(&prefix) || !is_of(&self.summaries, &listed.path)
                })
            }) {
                let listed = listed?;
                let Some(name) = listed.path.strip_prefix(&prefix) else {
                    continue;
                };
                if !is_open {
                    writeln!(out, "<ul>")?;
                    is_open = true;
                }
                // Names inside are ASCII letters, digits, points and hyphens: nothing to escape.
                writeln!(out, "<li><a href=\"{}/{name}\">{name}</a></li>", summary.id)?;
            }
            if is_open {
                writeln!(out, "</ul>")?;
            }
        }
        out.write_all(FOOT.as_bytes())
    }
}

fn is_of(summaries: &[Summary], path: &str) -> bool {
    let category = path.strip_prefix("data/").and_then(|rest| rest.split('/').next());
    summaries
        .iter()
        .any(|summary| Some(summary.id.as_str()) == category)
}

fn day(at: Timestamp) -> String {
    at.to_zoned_datetime(TimeZone::UTC)
        .strftime("%-d %B %Y")
        .to_string()
}

fn counted(count: u64, one: &str, more: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {more}"),
    }
}

/// A size as people say it: with one digit after the point from a kilobyte on.
fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    for (unit, name) in UNITS {
        if bytes >= unit {
            let tenths = u128::from(bytes) * 10 / u128::from(unit);
            return format!("{}.{} {name}", tenths / 10, tenths % 10);
        }
    }
    counted(bytes, "byte", "bytes")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
