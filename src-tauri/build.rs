//! Tells Tauri where its files lie: the configuration is at the root, capabilities and permissions are here.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Tauri watches its configuration alone: without these, what the window may call is what it was at the last clean build.
    for folder in ["src-tauri/capabilities", "src-tauri/permissions"] {
        println!("cargo:rerun-if-changed={folder}");
    }
    let manifest = tauri_build::AppManifest::new().permissions_path_pattern("./src-tauri/permissions/**/*");
    let attributes = tauri_build::Attributes::new()
        .app_manifest(manifest)
        .capabilities_path_pattern("./src-tauri/capabilities/**/*");
    tauri_build::try_build(attributes)?;
    // Tauri watches these only where it looks for them by itself; without this, a new command stays forbidden.
    println!("cargo:rerun-if-changed=src-tauri/permissions");
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    Ok(())
}
