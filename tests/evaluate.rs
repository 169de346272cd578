//! The policies against the functions of the documents, and scripts of every kind in the real engine.

mod evaluate {
    mod command;
    mod hostile;
    mod kener;
    mod process;
    mod script;
    mod stage;
}
