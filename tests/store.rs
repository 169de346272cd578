//! The store against disks that fail, processes that are killed, and a plain model of itself.

mod store {
    mod damage;
    mod faults;
    mod injury;
    mod kill;
    mod model;
    mod program;
    mod root;
    mod world;
}
