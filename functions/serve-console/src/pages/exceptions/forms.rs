//! The forms below the list. They are sent to addresses with the query of the view, so that they come back to it.

use paywarden_domain::access::Scope;

use super::Said;
use crate::failure::Failure;
use crate::view::cell;
use crate::view::filters::Filters;
use crate::view::form::{Field, Form};
use crate::view::html::Html;
use crate::visit::Visit;

/// The form that the boxes of the rows belong to.
pub const SELECTED: &str = "selected";

/// Longest table that is taken back, as a person may be told.
const PASTED: &str = "about 40,000 characters";

/// All three, where somebody may decide; one that was refused stands open.
pub fn all(visit: &Visit<'_>, filters: &Filters, said: &Said) -> Result<Html, Failure> {
    if !visit.may(Scope::ReconciliationWrite) {
        return Ok(cell::paragraph("Somebody with the permission reconciliation:write decides these.")?);
    }
    let selected = said.selected.as_ref().map_or_else(|| selected(visit).html(), Form::html)?;
    let of_all = said.whole.as_ref().map_or_else(|| whole(visit).html(), Form::html)?;
    let table = said.table.as_ref().map_or_else(|| table(visit).html(), Form::html)?;
    let all = if filters.is_set() {
        "Decide everything that passes these filters…"
    } else {
        "Decide everything that is open…"
    };
    Ok(Html::join([
        cell::heading("Decide the selected")?,
        selected,
        cell::heading("Decide more at once")?,
        cell::folded(all, &of_all, said.whole.is_some())?,
        cell::folded("Send a table back…", &table, said.table.is_some())?,
    ]))
}

/// What all forms ask for.
fn decision(form: Form, visit: &Visit<'_>) -> Form {
    let actions = [
        ("resolve", "Resolve: it is dealt with"),
        ("assign", "Assign: somebody looks at it"),
        ("void", "Void: it was none"),
    ];
    let actions = actions.map(|(action, name)| (action.to_owned(), name.to_owned())).to_vec();
    form.field(Field::choice("action", "What to do", actions))
        .field(
            Field::text("reason", "Reason")
                .required()
                .help("Stands in the history, with your name and the time"),
        )
        .field(
            Field::text("assignee", "Who looks at it")
                .value(visit.who.principal.clone())
                .help("Only counts when it is assigned: a name or an id; yours stands there to begin with"),
        )
}

fn address(visit: &Visit<'_>, behind: &str) -> String {
    let query = visit.query.query(|name| !matches!(name, "done" | "format"));
    let mark = if query.is_empty() { "" } else { "?" };
    visit.link(&format!("/reconciliation/exceptions{behind}{mark}{query}"))
}

/// About the rows whose boxes are ticked.
pub fn selected(visit: &Visit<'_>) -> Form {
    decision(Form::new(address(visit, ""), "Decide the selected").with_id(SELECTED), visit)
}

/// About all that the view covers, on every page of it; it only counts at first.
pub fn whole(visit: &Visit<'_>) -> Form {
    decision(Form::new(address(visit, "/all"), "Count them first"), visit)
}

/// A table with a decision in each row.
pub fn table(visit: &Visit<'_>) -> Form {
    let help = format!(
        "Paste the CSV of this view with its columns action (assign, resolve or void), reason and assignee filled in, header \
         included: 500 decisions and {PASTED} at the most. Rows without an action are passed over."
    );
    Form::new(address(visit, "/csv"), "Carry the table out")
        .field(Field::area("table", "The table").required().help(help))
}
