//! The stylesheet, the script and the icon. Their addresses carry a hash of what is in them, so a browser keeps them for a year.

use std::sync::LazyLock;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// A file that every page needs.
pub struct Asset {
    /// Its name with the hash, such as `console-5f0c1a2b.css`.
    pub name: String,
    pub kind: &'static str,
    pub text: &'static str,
}

impl Asset {
    fn new(ending: &str, kind: &'static str, text: &'static str) -> Self {
        let hash = Sha256::digest(text.as_bytes());
        let hash = HEXLOWER.encode(hash.get(..6).unwrap_or_default());
        Self { name: format!("console-{hash}.{ending}"), kind, text }
    }
}

/// How pages look.
pub static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("css", "text/css; charset=utf-8", include_str!("../assets/console.css")));

/// What pages do beyond links and forms; none of them needs it.
pub static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("js", "text/javascript; charset=utf-8", include_str!("../assets/console.js"))
});

/// What stands in the browser's tab.
pub static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("svg", "image/svg+xml", include_str!("../assets/icon.svg")));

/// The file of that name; also of another version's: a page that is open while this one is deployed asks for the old one once more.
pub fn find(name: &str) -> Option<&'static Asset> {
    let (_, ending) = name.strip_prefix("console-")?.rsplit_once('.')?;
    match ending {
        "css" => Some(&STYLE),
        "js" => Some(&SCRIPT),
        "svg" => Some(&ICON),
        _ => None,
    }
}
