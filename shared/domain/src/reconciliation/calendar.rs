//! Business days: Monday to Friday. Holidays differ by country and are not known here; a lag in business days is the
//! shortest that a provider promises, so a holiday shows up as one day late.

/// The day `count` business days after `day`. 1 January 1970 was a Thursday.
#[must_use]
pub const fn business_days_after(day: i32, count: u32) -> i32 {
    let mut day = day;
    let mut left = count;
    while left > 0 {
        day = day.saturating_add(1);
        // 0 is Thursday; 2 and 3 are Saturday and Sunday.
        if !matches!(day.rem_euclid(7), 2 | 3) {
            left = left.saturating_sub(1);
        }
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekends_do_not_count() {
        // 2026-11-20 is a Friday.
        let friday: i32 = 20_777;
        assert_eq!(friday.rem_euclid(7), 1);
        assert_eq!(business_days_after(friday, 0), friday);
        assert_eq!(business_days_after(friday, 1), friday + 3);
        assert_eq!(business_days_after(friday, 2), friday + 4);
        assert_eq!(business_days_after(friday + 1, 1), friday + 3);
        assert_eq!(business_days_after(friday - 4, 5), friday + 3);
    }
}
