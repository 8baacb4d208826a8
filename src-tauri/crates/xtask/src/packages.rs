//! The system packages the project needs, and installing the ones that are missing (Debian and Ubuntu).

use std::env;
use std::io::{IsTerminal, stdin};
use std::process::{Command, Stdio};

use crate::command;
use crate::failure::{Failure, Outcome};

/// Packages that belong together, and the reason a person is given for installing them.
pub struct Group {
    why: &'static str,
    names: &'static [&'static str],
}

/// What compiling the window takes.
pub const BUILD: Group = Group {
    why: "to build the window",
    names: &[
        "build-essential",
        "pkg-config",
        "libwebkit2gtk-4.1-dev",
        "librsvg2-dev",
        "libayatana-appindicator3-dev",
        "libxdo-dev",
        "libssl-dev",
    ],
};

/// What showing the window without a display takes. The fonts are those of the languages the app speaks.
pub const HEADLESS: Group = Group {
    why: "to show the window without a display",
    names: &[
        "xvfb",
        "xauth",
        "x11-utils",
        "imagemagick",
        "dbus-daemon",
        "xdg-desktop-portal",
        "at-spi2-core",
        "libgl1-mesa-dri",
        "fonts-dejavu-core",
        "fonts-noto-cjk",
        "fonts-thai-tlwg",
    ],
};

/// What the tests take: a keyring, a permission store, Flatpak itself to agree with, a driver for the window, and
/// `strace` to kill at a system call. Python's libraries read an export as other programs would.
pub const TEST: Group = Group {
    why: "to test against a real keyring, Flatpak and window",
    names: &[
        "webkit2gtk-driver",
        "xdotool",
        "gnome-keyring",
        "libsecret-tools",
        "flatpak",
        "dbus-x11",
        "dbus",
        "strace",
        "curl",
        "python3-icalendar",
        "python3-vobject",
        "python3-jwcrypto",
        "python3-venv",
    ],
};

/// The browsers whose own files the tests look at.
pub const BROWSERS: Group = Group {
    why: "to test with real browsers",
    names: &["firefox-esr", "chromium"],
};

/// Makes sure the browsers are there, and says whether they are. Debian has both; elsewhere the packages of these names
/// are missing, or only bring a Snap, which keeps its profiles to itself.
pub fn ensure_browsers() -> Outcome<bool> {
    let there = || BROWSERS.names.iter().all(|program| command::on_path(program));
    if there() {
        return Ok(true);
    }
    let system = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    if is_debian(&system) {
        ensure(&[BROWSERS])?;
        return Ok(there());
    }
    println!(
        "Neither Debian nor {} here: what needs real browsers isn't tested.",
        BROWSERS.names.join(" and ")
    );
    Ok(false)
}

/// Whether `/etc/os-release` is Debian's own, not that of a system made from it.
fn is_debian(os_release: &str) -> bool {
    os_release
        .lines()
        .any(|line| line.strip_prefix("ID=").map(|id| id.trim_matches('"')) == Some("debian"))
}

/// Makes sure the packages are there: installs the missing ones after saying which and why, or says how.
pub fn ensure(groups: &[Group]) -> Outcome {
    if !cfg!(target_os = "linux") {
        return elsewhere();
    }
    if !command::on_path("dpkg-query") || !command::on_path("apt-get") {
        let names: Vec<&str> = groups.iter().flat_map(|group| group.names).copied().collect();
        println!(
            "This is neither Debian nor Ubuntu. If something is missing below, it is what these packages hold:"
        );
        println!("  {}", names.join(" "));
        return Ok(());
    }
    let mut wanted = Vec::new();
    for group in groups {
        let missing = missing(group.names, &installed(group.names)?);
        if !missing.is_empty() {
            println!("Missing {}: {}", group.why, missing.join(" "));
        }
        wanted.extend(missing);
    }
    if wanted.is_empty() {
        Ok(())
    } else {
        install(&wanted)
    }
}

/// dpkg's own word on which of these are installed.
fn installed(names: &[&str]) -> Outcome<String> {
    let mut query = Command::new("dpkg-query");
    query
        .args(["--show", "--showformat=${Package} ${db:Status-Status}\n"])
        .args(names);
    // It complains of every package it has never heard of, and returns 1: that is the answer, not an error.
    let result = query
        .stderr(Stdio::null())
        .output()
        .map_err(|source| Failure::Start {
            line: command::line(&query),
            source,
        })?;
    Ok(String::from_utf8_lossy(&result.stdout).into_owned())
}

/// Those of `names` that `dpkg_says` does not list as installed, in their order.
fn missing<'a>(names: &[&'a str], dpkg_says: &str) -> Vec<&'a str> {
    let there = |name: &str| {
        dpkg_says
            .lines()
            .any(|line| line.split_once(' ') == Some((name, "installed")))
    };
    names.iter().copied().filter(|name| !there(name)).collect()
}

fn install(names: &[&str]) -> Outcome {
    let manual = format!(
        "apt-get update && apt-get install --no-install-recommends {}",
        names.join(" ")
    );
    let Some(sudo) = authority() else {
        return Err(Failure::Needed(format!(
            "These packages have to be installed by an administrator. The command is:\n  {manual}"
        )));
    };
    println!(
        "Installing {} packages{}.",
        names.len(),
        if sudo { " with sudo" } else { "" }
    );
    command::run(apt(sudo).args(["update", "-qq"]).stdout(Stdio::null()))?;
    let quiet = [
        "install",
        "-y",
        "-qq",
        "--no-install-recommends",
        "-o",
        "DPkg::Lock::Timeout=600",
    ];
    command::run(apt(sudo).args(quiet).args(names).stdout(Stdio::null()))
}

/// How we may install: `Some(false)` as root, `Some(true)` by sudo, `None` not at all.
fn authority() -> Option<bool> {
    let root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|id| id.stdout.trim_ascii() == b"0");
    if root {
        return Some(false);
    }
    let unasked = || {
        let mut sudo = Command::new("sudo");
        sudo.args(["-n", "true"])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    (command::on_path("sudo") && (stdin().is_terminal() || unasked())).then_some(true)
}

fn apt(sudo: bool) -> Command {
    let mut command = if sudo {
        Command::new("sudo")
    } else {
        Command::new("env")
    };
    if sudo {
        command.arg("env");
    }
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    command
}

/// What the other systems need. Nothing is installed there: the tools come with installers of their own.
fn elsewhere() -> Outcome {
    if cfg!(target_os = "macos") {
        let tools = Command::new("xcode-select")
            .arg("-p")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if !tools.is_ok_and(|status| status.success()) {
            return Err(Failure::Needed(
                "Apple's command line tools are missing. Run: xcode-select --install".into(),
            ));
        }
    } else if cfg!(windows) {
        println!(
            "On {} this needs the Visual Studio Build Tools (\"Desktop development with C++\") and the WebView2 runtime, \
             which Windows 11 brings along.",
            env::consts::OS
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{BROWSERS, BUILD, HEADLESS, TEST, is_debian, missing};

    #[test]
    fn only_packages_that_are_fully_installed_count() {
        let dpkg_says = "xvfb installed\nxauth config-files\nflatpak not-installed\n";
        assert_eq!(
            missing(&["xvfb", "xauth", "flatpak", "dbus"], dpkg_says),
            ["xauth", "flatpak", "dbus"]
        );
    }

    #[test]
    fn a_package_of_two_architectures_is_there_when_one_is() {
        assert_eq!(
            missing(
                &["libxdo-dev"],
                "libxdo-dev not-installed\nlibxdo-dev installed\n"
            ),
            [""; 0]
        );
    }

    #[test]
    fn a_longer_name_does_not_stand_for_a_shorter_one() {
        assert_eq!(missing(&["dbus"], "dbus-x11 installed\n"), ["dbus"]);
    }

    #[test]
    fn ubuntu_isnt_debian_though_it_is_like_it() {
        assert!(is_debian(
            "PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\nVERSION_ID=\"12\"\n"
        ));
        assert!(!is_debian("NAME=\"Ubuntu\"\nID=ubuntu\nID_LIKE=debian\n"));
        assert!(!is_debian(""));
    }

    #[test]
    fn no_package_is_listed_twice() {
        let mut names: Vec<&str> = [BUILD, HEADLESS, TEST, BROWSERS]
            .iter()
            .flat_map(|group| group.names)
            .copied()
            .collect();
        let listed = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), listed);
    }
}
