//! What the terminal shows: plain sentences and aligned tables for people, one JSON object for programs.

use std::io::{self, BufRead, IsTerminal, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use settings_privacy_engine::Notice;

use crate::exit::Failure;

/// What a command has to show, for either reader.
#[derive(Debug)]
pub struct Reply {
    /// For programs: an object of a documented shape.
    pub json: Value,
    /// For people: lines, without the last line's end.
    pub text: String,
    /// Why it wasn't simply done, though there is something to show.
    pub failure: Option<Failure>,
}

impl Reply {
    /// Something that was simply done.
    pub fn new(json: Value, text: impl Into<String>) -> Self {
        Self {
            json,
            text: text.into(),
            failure: None,
        }
    }

    /// The same, if it wasn't simply done.
    #[must_use]
    pub fn but(mut self, failure: Option<Failure>) -> Self {
        self.failure = failure;
        self
    }
}

/// Where and how to show things.
#[derive(Debug, Clone, Copy)]
pub struct Face {
    json: bool,
    bold: bool,
}

impl Face {
    /// Decides by what the program is connected to.
    pub fn new(json: bool) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self {
            json,
            bold: !json && !plain && io::stdout().is_terminal(),
        }
    }

    /// Whether a program reads it.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Shows what a command brought and what stands besides; gives the exit code.
    pub fn show(&self, outcome: Result<Reply, Failure>, notices: &[Notice]) -> u8 {
        let (reply, failure) = match outcome {
            Ok(Reply { json, text, failure }) => (Some((json, text)), failure),
            Err(failure) => (None, Some(failure)),
        };
        let told_on_stdout = reply.is_some();
        if let Some((json, text)) = reply {
            let text = if self.json {
                with_notices(json, notices).to_string()
            } else {
                self.dress(&text)
            };
            line(io::stdout(), &text);
        }
        if !self.json {
            notices
                .iter()
                .for_each(|notice| line(io::stderr(), &notice_line(notice)));
        }
        let Some(failure) = failure else { return 0 };
        if self.json {
            let error = json!({
                "code": failure.code,
                "message": failure.message,
                "retryable": failure.retryable,
            });
            let mut error = if told_on_stdout {
                error
            } else {
                with_notices(error, notices)
            };
            if let Value::Object(fields) = &mut error {
                fields.extend(failure.more);
            }
            line(io::stderr(), &error.to_string());
        } else {
            self.say(&failure.message);
        }
        failure.exit as u8
    }

    /// Talks to the person while a command runs. Never on standard output, which is for the result.
    pub fn say(&self, text: &str) {
        text.lines().for_each(|said| line(io::stderr(), &printable(said)));
    }

    /// A table's head is bold where the terminal can; nothing is told by that alone.
    fn dress(&self, text: &str) -> String {
        let dressed = |line: &str| match line.strip_prefix(HEAD) {
            Some(head) if self.bold => format!("\u{1b}[1m{}\u{1b}[0m", printable(head)),
            Some(head) => printable(head),
            None => printable(line),
        };
        text.lines().map(dressed).collect::<Vec<_>>().join("\n")
    }
}

/// Stands before a line that is a head, until it is shown.
const HEAD: char = '\u{1}';

fn notice_line(notice: &Notice) -> String {
    match &notice.file {
        Some(file) => format!("Note: {} ({file})", notice.message),
        None => format!("Note: {}", notice.message),
    }
}

fn with_notices(mut value: Value, notices: &[Notice]) -> Value {
    let told = |notice: &Notice| json!({"code": notice.code, "message": notice.message, "file": notice.file});
    if let Value::Object(fields) = &mut value
        && !notices.is_empty()
    {
        fields.insert("notices".to_owned(), notices.iter().map(told).collect());
    }
    value
}

/// A reader that went away (`| head`) is no failure.
fn line(mut to: impl Write, text: &str) {
    let _ = writeln!(to, "{text}");
}

/// Whether there is somebody to ask.
pub fn somebody_is_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks whether to go on. Silence is a no.
pub fn asked(told: &str) -> bool {
    let mut stderr = io::stderr();
    // Where the question can't be shown, no answer is a yes.
    let shown = write!(stderr, "{told}\nGo on? [y/N] ").and_then(|()| stderr.flush());
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    shown.is_ok() && read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}

/// Without what a terminal would obey: names of cookies and profiles are chosen by others.
fn printable(text: &str) -> String {
    let plain = |letter: char| if letter.is_control() { '\u{fffd}' } else { letter };
    text.chars().map(plain).collect()
}

/// A table with a head; columns are as wide as their widest cell.
pub fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let rows: Vec<[String; N]> = rows
        .iter()
        .map(|row| row.each_ref().map(|cell| printable(cell)))
        .collect();
    let mut widths = head.map(|cell| cell.chars().count());
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let aligned = |row: [&str; N]| {
        let cells = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let head = format!("{HEAD}{}", aligned(head));
    let rows = rows.iter().map(|row| aligned(row.each_ref().map(String::as_str)));
    std::iter::once(head).chain(rows).collect::<Vec<_>>().join("\n")
}

/// A time as the person's clock shows it.
pub fn local(at: Timestamp) -> String {
    at.to_zoned_datetime(TimeZone::system())
        .strftime("%Y-%m-%d %H:%M")
        .to_string()
}

/// `1 change waits`, `2 changes wait`: the number with the word that fits it.
pub fn count<'a>(number: u32, one: &'a str, many: &'a str) -> String {
    match number {
        1 => format!("1 {one}"),
        number => format!("{number} {many}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tables_columns_stand_below_each_other() {
        let rows = [
            ["camera".to_owned(), "Denied".to_owned()],
            ["wifi".to_owned(), "Allowed".to_owned()],
        ];
        let shown = Face {
            json: false,
            bold: false,
        }
        .dress(&table(["ID", "State"], &rows));
        assert_eq!(shown, "ID      State\ncamera  Denied\nwifi    Allowed");
    }

    #[test]
    fn a_name_that_others_chose_tells_the_terminal_nothing_and_stays_in_its_row() {
        let rows = [["a\u{1b}[2J\nb".to_owned()]];
        let shown = Face {
            json: false,
            bold: false,
        }
        .dress(&table(["Name"], &rows));
        assert_eq!(shown, "Name\na\u{fffd}[2J\u{fffd}b");
    }

    #[test]
    fn only_a_head_is_bold_and_only_where_that_is_wanted() {
        let rows = [["a".to_owned()]];
        let shown = Face {
            json: false,
            bold: true,
        }
        .dress(&table(["ID"], &rows));
        assert_eq!(shown, "\u{1b}[1mID\u{1b}[0m\na");
    }
}
