//! The store against disks that fail, processes that are killed, and a plain model of itself.

mod store {
    mod backup;
    mod damage;
    mod evidence;
    mod faults;
    mod growth;
    mod kill;
    mod model;
    mod root;
    mod summaries;
    mod world;
}
