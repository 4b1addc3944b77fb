//! Public items of `shared/` say what they are. The compiler's own lint asks the same of every field, and is answered with
//! words like "Its id."; fields speak where a name does not.

use std::path::{Path, PathBuf};

use anyhow::ensure;

use crate::paths::root;

/// What makes a line the beginning of a public item that needs words; modules have theirs in their own file.
const ITEMS: [&str; 8] = ["fn ", "async fn ", "const fn ", "struct ", "enum ", "trait ", "type ", "static "];

/// Fails naming every public item without documentation.
pub fn check() -> anyhow::Result<()> {
    let mut silent = Vec::new();
    for file in sources(&root().join("shared"))? {
        let text = std::fs::read_to_string(&file)?;
        let place = file.strip_prefix(root()).unwrap_or(&file).display().to_string();
        silent.extend(undocumented(&text).map(|(line, item)| format!("{place}:{line}: {item}")));
    }
    ensure!(silent.is_empty(), "public items without a word of documentation:\n{}", silent.join("\n"));
    Ok(())
}

/// The sources of all crates, their tests left out.
fn sources(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "tests" {
            found.extend(sources(&path)?);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            found.push(path);
        }
    }
    Ok(found)
}

/// Lines, from 1, that begin a public item with nothing said above it; attributes may stand in between.
fn undocumented(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut above = "";
    let lines = text.lines().map(str::trim).enumerate().filter_map(move |(index, line)| {
        let silent = is_item(line) && !above.starts_with("///");
        // What an attribute of several lines says ends in a bracket of its own.
        if !line.starts_with("#[") && !line.ends_with(")]") {
            above = line;
        }
        silent.then_some((index.saturating_add(1), line))
    });
    lines.take_while(|(_, line)| !line.starts_with("mod tests"))
}

fn is_item(line: &str) -> bool {
    let item = line.strip_prefix("pub ");
    // A macro takes the words along with the name.
    let is_named = !line.contains('$');
    is_named && item.is_some_and(|item| ITEMS.iter().any(|kind| item.starts_with(kind)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_items_need_words_and_fields_do_not() {
        let text = "/// Said.\n#[must_use]\npub fn said() {}\n\npub fn silent() {}\npub struct Id {\n    pub field: u8,\n}\n\
                    fn private() {}\npub mod elsewhere;\npub(crate) fn ours() {}\n";
        let found: Vec<usize> = undocumented(text).map(|(line, _)| line).collect();
        assert_eq!(found, [5, 6]);
    }
}
