use super::document;
#[test]
fn smoke() {
    assert!(document::operations().len() > 50);
}
