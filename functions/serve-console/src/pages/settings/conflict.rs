//! Two people at once: what each of them changed, side by side, and a form that keeps both where they do not contradict.

use serde_json::Value;

use super::change::{is_changed, seen_name};
use super::groups::Group;
use crate::asked::Asked;
use crate::failure::Failure;
use crate::view::cell;
use crate::view::html::Html;
use crate::view::notice::Notice;
use crate::view::table::{Column, Row, Table};

const COLUMNS: &[Column] =
    &[Column::new("Setting"), Column::new("What you saw"), Column::new("There now"), Column::new("Yours")];

/// What is different on any side.
///
/// # Errors
/// [`Failure`].
pub fn shown(group: &Group, merchant: &Value, form: &Asked) -> Result<Html, Failure> {
    let mut rows = Vec::new();
    for setting in &group.settings {
        let (seen, there) = (form.text(&seen_name(setting)), setting.shown(merchant));
        let yours = if is_changed(setting, form) { form.text(&setting.name) } else { "as it is" };
        if seen == there && !is_changed(setting, form) {
            continue;
        }
        let cells = [&setting.label, seen, &there, yours].into_iter().map(cell::text);
        rows.push(Row {
            key: setting.name.clone(),
            cells: cells.collect::<Result<_, _>>()?,
            ..Row::default()
        });
    }
    let said =
        "Somebody changed the settings meanwhile, so nothing was saved. To save again puts yours there.";
    let table = Table::new("What you saw, what is there now and what you filled in", COLUMNS, rows, "");
    Ok(Html::join([Notice::warning(said).html()?, table.html()?]))
}

/// What to fill in now: what somebody changed, and else what is there.
pub fn merged(group: &Group, merchant: &Value, form: &Asked) -> Asked {
    let value = |setting: &super::groups::Setting| match is_changed(setting, form) {
        true => form.text(&setting.name).to_owned(),
        false => setting.shown(merchant),
    };
    Asked::new(group.settings.iter().map(|setting| (setting.name.clone(), value(setting))).collect())
}
