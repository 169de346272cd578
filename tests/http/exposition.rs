//! A strict reader of the text format of Prometheus, version 0.0.4: it refuses what `promtool check metrics` refuses.

use std::collections::{BTreeMap, BTreeSet};

/// A page that is as it should be.
#[derive(Debug, Default)]
pub struct Page {
    /// Each series, by its name and its labels in order of their names.
    pub series: BTreeMap<Series, f64>,
}

pub type Series = (String, Vec<(String, String)>);

struct Family {
    name: String,
    kind: String,
}

impl Page {
    #[track_caller]
    pub fn read(text: &str) -> Self {
        assert!(text.ends_with('\n'), "the last line has no end");
        let (mut page, mut seen) = (Self::default(), BTreeSet::new());
        let mut family: Option<Family> = None;
        let mut helped: Option<String> = None;
        for line in text.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, words) = help.split_once(' ').expect("words of help");
                assert!(is_name(name) && words.ends_with('.') && !words.contains('\\'), "{line}");
                assert!(seen.insert(name.to_owned()), "{name} comes twice");
                helped = Some(name.to_owned());
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').expect("a kind");
                assert_eq!(helped.take().as_deref(), Some(name), "no help before {line}");
                conventions(name, kind);
                family = Some(Family { name: name.to_owned(), kind: kind.to_owned() });
            } else {
                let (series, value) = sample(line);
                let family = family.as_ref().expect("a family before its series");
                assert!(belongs(family, &series.0), "{line} stands in {}", family.name);
                assert!(page.series.insert(series, value).is_none(), "twice: {line}");
            }
        }
        page.histograms();
        page
    }

    /// A series without labels, or with these in the order of their names.
    #[track_caller]
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.get(name, labels).unwrap_or_else(|| panic!("no {name} {labels:?}"))
    }

    pub fn get(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.series.get(&(name.to_owned(), labels)).copied()
    }

    /// Buckets never shrink, end with all, and have a sum and a count.
    fn histograms(&self) {
        let mut buckets: BTreeMap<Series, Vec<(f64, f64)>> = BTreeMap::new();
        for ((name, labels), count) in &self.series {
            let Some(name) = name.strip_suffix("_bucket") else { continue };
            let (bound, others): (Vec<_>, Vec<_>) = labels.iter().cloned().partition(|(label, _)| label == "le");
            let bound = bound.first().expect("a bound").1.parse().expect("a number");
            buckets.entry((name.to_owned(), others)).or_default().push((bound, *count));
        }
        for ((name, labels), mut rows) in buckets {
            rows.sort_by(|one, other| one.0.total_cmp(&other.0));
            assert!(rows.windows(2).all(|pair| pair[0].1 <= pair[1].1), "{name} shrinks: {rows:?}");
            let (last, all) = rows.last().copied().expect("a bucket");
            let count = self.series.get(&(format!("{name}_count"), labels.clone())).copied();
            assert_eq!((last, Some(all)), (f64::INFINITY, count), "{name} {labels:?}");
            assert!(self.series.contains_key(&(format!("{name}_sum"), labels)), "{name} has no sum");
        }
    }
}

fn is_name(name: &str) -> bool {
    let first = name.chars().next().unwrap_or('0');
    (first.is_ascii_alphabetic() || first == '_') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// What the field expects of names: base units, `_total` on counters and on nothing else.
fn conventions(name: &str, kind: &str) {
    assert!(name.starts_with("portpulse_"), "{name}");
    assert!(["counter", "gauge", "histogram"].contains(&kind), "{kind}");
    assert_eq!(kind == "counter", name.ends_with("_total"), "{name} is a {kind}");
    for unit in ["milli", "micro", "minute", "hour", "_ms", "percent", "kilo", "mega"] {
        assert!(!name.contains(unit), "{name}: {unit}");
    }
    assert!(!["_count", "_sum", "_bucket"].iter().any(|end| name.ends_with(end)), "{name}");
}

fn belongs(family: &Family, series: &str) -> bool {
    match family.kind.as_str() {
        "histogram" => ["_bucket", "_sum", "_count"].iter().any(|end| series == format!("{}{end}", family.name)),
        _ => series == family.name,
    }
}

fn sample(line: &str) -> (Series, f64) {
    let (name, rest) = line.split_at(line.find(['{', ' ']).expect("a value"));
    assert!(is_name(name), "{line}");
    let (labels, value) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest),
        None => (Vec::new(), rest),
    };
    let value = value.strip_prefix(' ').expect("one space");
    assert!(!value.contains(' '), "{line}");
    let value: f64 = value.parse().expect("a number");
    assert!(value.is_finite(), "{line}");
    let mut sorted = labels.clone();
    sorted.sort();
    assert!(sorted.windows(2).all(|pair| pair[0].0 != pair[1].0), "a label twice: {line}");
    ((name.to_owned(), sorted), value)
}

fn labels(text: &str) -> (Vec<(String, String)>, &str) {
    let (mut labels, mut rest) = (Vec::new(), text);
    loop {
        let (name, value) = rest.split_once("=\"").expect("a label");
        assert!(is_name(name), "{text}");
        let mut taken = String::new();
        let mut letters = value.char_indices();
        let end = loop {
            match letters.next().expect("an end") {
                (_, '\\') => taken.push(match letters.next().expect("something escaped").1 {
                    'n' => '\n',
                    c @ ('\\' | '"') => c,
                    other => panic!("\\{other} in {text}"),
                }),
                (place, '"') => break place,
                (_, c) => taken.push(c),
            }
        };
        labels.push((name.to_owned(), taken));
        let after = &value[end + 1..];
        match after.strip_prefix('}') {
            Some(after) => return (labels, after),
            None => rest = after.strip_prefix(',').expect("a comma"),
        }
    }
}
