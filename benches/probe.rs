//! What the prober measures and costs, beside the wire and beside nmap.
fn main() {}
