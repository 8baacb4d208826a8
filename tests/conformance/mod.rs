//! What must hold of the whole.

mod architecture;
#[cfg(target_os = "linux")]
mod terminal_json;
