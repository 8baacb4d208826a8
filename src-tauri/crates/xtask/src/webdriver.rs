//! tauri-driver, which lets a test use the real window.

use std::path::PathBuf;

use crate::command;
use crate::failure::Outcome;
use crate::paths;

const VERSION: &str = "2.1.0";

/// Where tauri-driver is, after installing it where it isn't. It is kept between checkouts.
pub fn ensure() -> Outcome<PathBuf> {
    let folder = paths::tools()?.join(format!("tauri-driver-{VERSION}"));
    let driver = folder
        .join("bin")
        .join(format!("tauri-driver{}", std::env::consts::EXE_SUFFIX));
    if driver.is_file() {
        return Ok(driver);
    }
    println!("Installing tauri-driver {VERSION}, once.");
    let mut install = command::cargo();
    install
        .args([
            "install",
            "--quiet",
            "tauri-driver",
            "--version",
            VERSION,
            "--locked",
            "--root",
        ])
        .arg(&folder);
    // Into a folder of its own that goes afterwards: nothing of it is shared with the project's dependencies.
    install.env_remove("CARGO_TARGET_DIR");
    command::run(&mut install)?;
    Ok(driver)
}
