//! A display without a screen: Xvfb on a number it chooses itself, and pictures of what it shows.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::command;
use crate::failure::{Failure, Outcome};

/// A picture with fewer colours is an empty window: text and icons alone bring dozens.
const COLOURS_OF_A_PAINTED_WINDOW: u32 = 24;

/// Whether this machine shows windows.
pub fn exists() -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// A virtual display, gone when this is dropped.
pub struct Display {
    server: Child,
    name: String,
}

impl Display {
    /// Starts one of 1280 by 800.
    pub fn start() -> Outcome<Self> {
        let mut xvfb = command::bound("Xvfb");
        xvfb.args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            "1280x800x24",
            "-nolisten",
            "tcp",
        ]);
        // It complains of keymaps at every start; what matters is whether a number comes.
        let mut server = command::start(
            xvfb.stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::null()),
        )?;
        let mut number = String::new();
        if let Some(stdout) = server.stdout.take() {
            // An error leaves the number empty, which is what is looked at.
            let _ = BufReader::new(stdout).read_line(&mut number);
        }
        if number.trim().parse::<u32>().is_err() {
            command::end(&mut server);
            return Err(Failure::Unmet(
                "Xvfb gave no display. Run it yourself to see why: Xvfb -displayfd 1".into(),
            ));
        }
        Ok(Self {
            server,
            name: format!(":{}", number.trim()),
        })
    }

    /// As `DISPLAY` wants it: `:99`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Lets a program show its windows here and nowhere else.
    pub fn offer_to(&self, program: &mut Command) {
        program
            .env("DISPLAY", &self.name)
            .env_remove("WAYLAND_DISPLAY")
            .env("GDK_BACKEND", "x11");
    }

    /// Writes a picture of the whole display; says whether something has been painted.
    pub fn capture(&self, to: &Path) -> Outcome<bool> {
        command::run(
            Command::new("import")
                .args(["-display", &self.name, "-window", "root"])
                .arg(to),
        )?;
        let said = command::output(Command::new("identify").args(["-format", "%k"]).arg(to))?;
        Ok(is_painted(&said))
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        command::end(&mut self.server);
    }
}

/// Reads ImageMagick's count of colours.
fn is_painted(colours: &str) -> bool {
    colours
        .trim()
        .parse::<u32>()
        .is_ok_and(|colours| colours >= COLOURS_OF_A_PAINTED_WINDOW)
}

#[cfg(test)]
mod tests {
    use super::is_painted;

    #[test]
    fn a_blank_picture_is_not_a_window() {
        for blank in ["1", "2\n", "", "not a number"] {
            assert!(!is_painted(blank), "{blank:?}");
        }
        assert!(is_painted("731\n"));
    }
}
