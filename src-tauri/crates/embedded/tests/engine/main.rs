//! The engine with the real service inside, on temporary places and a line that can be cut.

mod browsers;
mod exports;
mod outbox;
mod settling;
mod support;
