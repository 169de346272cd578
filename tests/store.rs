//! The store against disks that fail, processes that are killed, and a plain model of itself.

mod store {
    mod backup;
    mod clocks;
    mod coarse;
    mod compact;
    mod damage;
    mod decoders;
    mod disk;
    mod evidence;
    mod faults;
    mod growth;
    mod injury;
    mod kill;
    mod losses;
    mod model;
    mod power;
    mod program;
    mod reads;
    mod recording;
    mod recovery;
    mod root;
    mod security;
    mod summaries;
    mod tracer;
    mod unopened;
    mod world;
}
