//! Safari, whose data macOS protects from every other program: it is cleared in Safari itself.

use std::io;

/// A browser that can't be reached from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfReach {
    /// Its name.
    pub browser: &'static str,
    /// Why, and where it is done instead.
    pub says: &'static str,
}

/// The browsers of this system that can't be reached.
pub fn out_of_reach() -> &'static [OutOfReach] {
    match cfg!(target_os = "macos") {
        true => &[OutOfReach {
            browser: "Safari",
            says: "macOS protects what Safari keeps, so nothing here can look at it. In Safari, open Settings, then Privacy, then Manage Website Data, and search for dingtalk, aliwork and teambition.",
        }],
        false => &[],
    }
}

/// Opens such a browser, where its own pages are.
///
/// # Errors
/// When there is no such browser here, or it doesn't start.
pub fn open(browser: &str) -> io::Result<()> {
    if !out_of_reach().iter().any(|known| known.browser == browser) {
        return Err(io::ErrorKind::NotFound.into());
    }
    std::process::Command::new("/usr/bin/open")
        .args(["-a", browser])
        .spawn()
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_browser_that_is_out_of_reach_is_opened() {
        let refused = open("/bin/sh").map_err(|error| error.kind());
        assert_eq!(refused, Err(io::ErrorKind::NotFound));
    }
}
