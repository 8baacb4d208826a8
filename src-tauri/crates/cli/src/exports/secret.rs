//! Passphrases: asked for at the terminal, or read from standard input, never an argument.

use secrecy::SecretString;

use crate::exit::{Exit, Failure};

/// A new passphrase, entered twice where somebody types it.
pub fn new(stdin: bool) -> Result<SecretString, Failure> {
    if stdin {
        return line();
    }
    let first = prompt("A passphrase for the file. Without it nobody can open the file, you neither: ")?;
    if first.is_empty() {
        return Err(nothing());
    }
    if prompt("The same again: ")? != first {
        let message = "The two passphrases differ. Nothing was done.";
        return Err(Failure::new(Exit::Usage, "passphrases-differ", message));
    }
    Ok(first.into())
}

/// The passphrase of a file.
pub fn known(stdin: bool) -> Result<SecretString, Failure> {
    if stdin {
        return line();
    }
    let entered = prompt("The file's passphrase: ")?;
    if entered.is_empty() {
        return Err(nothing());
    }
    Ok(entered.into())
}

fn prompt(question: &str) -> Result<String, Failure> {
    if !crate::output::somebody_is_there() {
        let message = "There is no terminal to ask for the passphrase at. Use --passphrase-stdin, and write it to standard input.";
        return Err(Failure::new(Exit::Usage, "no-terminal", message));
    }
    rpassword::prompt_password(question).map_err(|error| {
        Failure::new(
            Exit::Other,
            "not-read",
            format!("What you enter can't be read ({error})."),
        )
    })
}

fn line() -> Result<SecretString, Failure> {
    let mut line = String::new();
    let read = std::io::stdin().read_line(&mut line);
    let entered = line.trim_end_matches(['\r', '\n']);
    if read.is_err() || entered.is_empty() {
        return Err(nothing());
    }
    Ok(entered.to_owned().into())
}

fn nothing() -> Failure {
    Failure::new(
        Exit::Usage,
        "nothing-entered",
        "No passphrase was entered, so nothing was done.",
    )
}
