//! Tables. On a narrow screen their rows are cards, each cell with the name of its column.

use askama::Template;

use super::html::Html;

/// A column; amounts are to the right.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    pub name: &'static str,
    pub is_amount: bool,
}

impl Column {
    pub const fn new(name: &'static str) -> Self {
        Self { name, is_amount: false }
    }

    pub const fn amount(name: &'static str) -> Self {
        Self { name, is_amount: true }
    }
}

/// A row. Its first cell names it.
#[derive(Debug, Default)]
pub struct Row {
    /// What it is about: the page's script finds the row of before by it.
    pub key: String,
    /// Changes when what it is about does.
    pub version: String,
    pub cells: Vec<Html>,
}

#[derive(Template)]
#[template(path = "view/table.html")]
pub struct Table<'a> {
    pub caption: &'a str,
    pub columns: &'a [Column],
    pub rows: Vec<Row>,
    /// What is said when there is no row.
    pub empty: &'a str,
    /// The form that the boxes of the rows belong to, if they have any.
    pub selects: Option<&'a str>,
    /// Whether the page's script keeps it up to date.
    pub is_live: bool,
}

impl<'a> Table<'a> {
    pub fn new(caption: &'a str, columns: &'a [Column], rows: Vec<Row>, empty: &'a str) -> Self {
        Self { caption, columns, rows, empty, selects: None, is_live: false }
    }

    /// # Errors
    /// When the template fails, which it does not.
    pub fn html(&self) -> Result<Html, askama::Error> {
        Html::of(self)
    }

    /// The cells of a row with their columns.
    fn cells<'b>(&'b self, row: &'b Row) -> impl Iterator<Item = (usize, &'b Column, &'b Html)> {
        self.columns.iter().zip(&row.cells).enumerate().map(|(place, (column, cell))| (place, column, cell))
    }
}
