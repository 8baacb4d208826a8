//! What is made from the code (bindings, the OpenAPI document) and from the whole (packages, a clean room).

use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::command;
use crate::failure::{Failure, Outcome};
use crate::frontend;
use crate::packages;
use crate::paths;

/// Writes the TypeScript bindings. The same test, without the variable, fails when the committed file is stale.
pub fn bindings() -> Outcome {
    packages::ensure(&[packages::BUILD])?;
    frontend::build()?;
    let test = ["test", "--package", paths::APP, "--lib", "bindings"];
    command::run(command::cargo().args(test).env("UPDATE_BINDINGS", "1"))
}

/// Writes the OpenAPI document. The same test, without the variable, fails when the committed file is stale.
pub fn openapi() -> Outcome {
    let test = ["test", "--package", "settings-privacy-service", "openapi"];
    command::run(command::cargo().args(test).env("UPDATE_OPENAPI", "1"))
}

/// Makes a .deb and an .rpm.
pub fn package() -> Outcome {
    packages::ensure(&[packages::BUILD])?;
    frontend::install()?;
    let mut tauri = Command::new(if cfg!(windows) { "npx.cmd" } else { "npx" });
    tauri
        .args(["--prefix", "ui", "tauri", "build", "--bundles", "deb,rpm"])
        .current_dir(paths::root());
    command::run(&mut tauri)?;
    println!(
        "The packages: {}",
        paths::target().join("release/bundle").display()
    );
    Ok(())
}

/// Tries the README's two commands where nothing is installed, with the script that `CLEAN_ROOM` names: its
/// `make DIR` builds a bare Debian, its `run DIR REPOSITORY COMMAND` clones into it and runs the command there.
pub fn clean_room() -> Outcome {
    let Some(script) = env::var_os("CLEAN_ROOM")
        .map(PathBuf::from)
        .filter(|script| script.is_file())
    else {
        return Err(Failure::Needed(
            "Set CLEAN_ROOM to a script that makes a bare Debian (`make DIR`) and runs a command in it \
             (`run DIR REPOSITORY COMMAND`)."
                .into(),
        ));
    };
    let room = paths::tools()?.join("clean-room");
    if !room.is_dir() {
        command::run(Command::new(&script).arg("make").arg(&room))?;
    }
    let commands = "cargo xtask run && cargo xtask test";
    command::run(
        Command::new(&script)
            .arg("run")
            .arg(&room)
            .arg(paths::root())
            .arg(commands),
    )
}
