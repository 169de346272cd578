//! The files of a store, and ways to damage them.

use std::fs;
use std::path::{Path, PathBuf};

/// A store as its files, by their names in its directory.
pub type Files = Vec<(PathBuf, Vec<u8>)>;

/// All files below a directory.
pub fn read_all(root: &Path) -> Files {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a directory").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else {
                let name = entry.strip_prefix(root).expect("a name").to_owned();
                files.push((name, fs::read(entry).expect("a file")));
            }
        }
    }
    files
}

/// Puts files below a directory.
pub fn write_all(root: &Path, files: &Files) {
    for (name, bytes) in files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, bytes).expect("a file");
    }
}

/// The files that can be damaged, each as often as it is to be hit.
const VICTIMS: [&str; 12] = [
    "sled/db",
    "sled/db",
    "sled/db",
    "sled/db",
    "sled/snap",
    "sled/snap",
    "sled/conf",
    "FORMAT",
    "WITNESS",
    "WITNESS",
    "LOCK",
    "sled",
];

#[derive(Clone, Copy, Debug)]
enum Way {
    Flip,
    Flips,
    Cut,
    Remove,
    Empty,
    Page,
    Noise,
    AllNoise,
    NoiseBehind,
    HalfSnapshot,
    Swap,
}

const WAYS: [Way; 11] = [
    Way::Flip,
    Way::Flips,
    Way::Cut,
    Way::Remove,
    Way::Empty,
    Way::Page,
    Way::Noise,
    Way::AllNoise,
    Way::NoiseBehind,
    Way::HalfSnapshot,
    Way::Swap,
];

/// Damages the files in one way, or now and then in several, and says how. What is swapped comes from another store.
pub fn damage(files: &mut Files, other: &Files, random: &mut fastrand::Rng) -> String {
    let mut how = damage_once(files, other, random);
    // A whole other store in the place of this one is no damage.
    while is_other(files, other) || random.u8(0..10) == 0 {
        how = format!("{how}; {}", damage_once(files, other, random));
    }
    how
}

fn is_other(files: &Files, other: &Files) -> bool {
    let bytes = |files: &Files, name: &str| place(files, name).map(|which| files[which].1.clone());
    ["WITNESS", "sled/db"].into_iter().all(|name| bytes(files, name) == bytes(other, name))
}

fn place(files: &Files, name: &str) -> Option<usize> {
    files.iter().position(|(path, _)| path.to_string_lossy().starts_with(name))
}

fn is_of_sled(path: &Path) -> bool {
    path.starts_with("sled")
}

fn damage_once(files: &mut Files, other: &Files, random: &mut fastrand::Rng) -> String {
    let name = VICTIMS[random.usize(0..VICTIMS.len())];
    let way = WAYS[random.usize(0..WAYS.len())];
    if name == "sled" {
        files.retain(|(path, _)| !is_of_sled(path));
        if random.bool() {
            return "no sled at all".to_owned();
        }
        files.extend(other.iter().filter(|(path, _)| is_of_sled(path)).cloned());
        return "the sled of another store".to_owned();
    }
    let Some(which) = place(files, name) else { return format!("{name} is missing already") };
    let how = match way {
        Way::Remove => {
            files.remove(which);
            "removed".to_owned()
        }
        Way::HalfSnapshot => {
            let bytes = &files[which].1;
            let half = bytes[..bytes.len() / 2].to_vec();
            files.push((PathBuf::from("sled/snap.000000000001234.generating"), half));
            "half of it as a snapshot".to_owned()
        }
        Way::Swap => {
            let Some(from) = place(other, name) else { return format!("{name} has no counterpart") };
            files[which] = other[from].clone();
            "of another store".to_owned()
        }
        _ => spoil(&mut files[which].1, way, random),
    };
    format!("{name} {how}")
}

fn spoil(bytes: &mut Vec<u8>, way: Way, random: &mut fastrand::Rng) -> String {
    let length = bytes.len();
    let at = random.usize(0..length.max(1));
    let flip = |bytes: &mut Vec<u8>, at: usize, bit: u8| {
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1 << bit;
        }
    };
    match way {
        Way::Flip => {
            flip(bytes, at, random.u8(0..8));
            format!("bit flipped at {at}")
        }
        Way::Flips => {
            let count = random.usize(2..64);
            for _ in 0..count {
                flip(bytes, random.usize(0..length.max(1)), random.u8(0..8));
            }
            format!("{count} bits flipped")
        }
        Way::Cut => {
            bytes.truncate(at);
            format!("cut to {at}")
        }
        Way::Empty => {
            bytes.clear();
            "emptied".to_owned()
        }
        Way::Page => {
            let start = at & !4095;
            bytes[start..(start + 4096).min(length)].fill(0);
            format!("page zeroed at {start}")
        }
        Way::Noise => {
            bytes[at..(at + 512).min(length)].fill_with(|| random.u8(..));
            format!("noise at {at}")
        }
        Way::AllNoise => {
            bytes.fill_with(|| random.u8(..));
            "all noise".to_owned()
        }
        _ => {
            bytes.extend(std::iter::repeat_with(|| random.u8(..)).take(length / 2 + 10));
            "noise behind it".to_owned()
        }
    }
}
