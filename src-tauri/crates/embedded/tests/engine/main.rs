//! The engine with the real service inside, on temporary places and a line that can be cut.

#[cfg(unix)] // What holds a profile open is told by a link there.
mod browsers;
mod exports;
mod outbox;
mod settling;
mod support;
