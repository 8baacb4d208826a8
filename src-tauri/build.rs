//! Tells Tauri where its files lie, and says how the program that people get is linked. The configuration and the
//! capabilities are at the root: Tauri leaves out commands of its own that the window may not call only where it finds both
//! in one folder.

use std::env;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Tauri watches its configuration alone: without these, what the window may call is what it was at the last clean build.
    for folder in ["capabilities", "src-tauri/permissions"] {
        println!("cargo:rerun-if-changed={folder}");
    }
    let manifest = tauri_build::AppManifest::new().permissions_path_pattern("./src-tauri/permissions/**/*");
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest))?;
    link_small();
    Ok(())
}

/// A program that ends at a panic never unwinds, and without symbols its traces name nothing: the tables for both are a
/// tenth of it. Addresses that the loader fills in take a twentieth as they are, and next to nothing packed (glibc 2.36).
fn link_small() {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|told| told == value);
    println!("cargo:rerun-if-changed=src-tauri/no_unwind.ld");
    if is("CARGO_CFG_TARGET_OS", "linux") && is("PROFILE", "release") {
        let script = env::var("CARGO_MANIFEST_DIR").unwrap_or_default() + "/src-tauri/no_unwind.ld";
        for argument in [
            &format!("-T,{script}"),
            "--no-eh-frame-hdr",
            "-z,pack-relative-relocs",
        ] {
            println!("cargo:rustc-link-arg-bins=-Wl,{argument}");
        }
    }
}
