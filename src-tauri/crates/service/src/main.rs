//! The account service as a server.

fn main() {}
