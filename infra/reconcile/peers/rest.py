"""The passes over what is not equal one to one, in Python, the same for all peers: a few rows in a hundred.

A row is a tuple in the order of COLUMNS. Amounts are minor units, seconds and days count from 1970. The engine also tells
rows apart by parts of a second, of which the generator writes none.
"""

from collections import defaultdict
from itertools import groupby

COLUMNS = ["line", "reference", "provider_id", "group", "kind", "direction", "amount", "currency", "day", "standing", "second", "identity"]
LINE, REFERENCE, PROVIDER_ID, GROUP, KIND, DIRECTION, AMOUNT, CURRENCY, DAY, STANDING, SECOND, IDENTITY = range(12)
KINDS = ["Transfer", "Fee", "Tax"]
LAG_DAYS = 2
ROUNDING_STEP = 100


def business_days_after(day, count):
    while count:
        day += 1
        # 1 January 1970 was a Thursday.
        if day % 7 not in (2, 3):
            count -= 1
    return day


class Rest:
    """Outcomes by side and line: `verdicts[side][line] = (outcome, counterpart)`."""

    def __init__(self, paired_kinds):
        # Kinds of a reference that were paired one to one already.
        self.paired_kinds = paired_kinds
        self.verdicts = ({}, {})
        self.open = ([], [])

    def pair(self, ours, theirs):
        outcome = judge(ours, theirs)
        self.verdicts[0][ours[LINE]] = (outcome, theirs[LINE])
        self.verdicts[1][theirs[LINE]] = (outcome, ours[LINE])

    def all(self, side, rows, outcome):
        for row in rows:
            self.verdicts[side][row[LINE]] = (outcome, 0)

    def leave(self, ours, theirs):
        self.open[0].extend(ours)
        self.open[1].extend(theirs)

    def by_reference(self, ours, theirs):
        for reference, own, other in walk(ours, theirs, REFERENCE, REFERENCE):
            paired = self.paired_kinds.get(reference, ())
            if not reference or (not paired and (not own or not other)):
                self.leave(own, other)
            else:
                self.claim(own, other, "Transfer" in paired)

    def claim(self, own, other, transfer_paired):
        for kind in KINDS:
            left = [row for row in own if row[KIND] == kind]
            right = [row for row in other if row[KIND] == kind]
            left, right, paired = self.claim_equal(left, right)
            if left and right:
                paired = paired or len(left) == 1
                if len(left) == len(right) == 1:
                    self.pair(left[0], right[0])
                else:
                    self.all(0, left, "AMBIGUOUS")
                    self.all(1, right, "AMBIGUOUS")
                left, right = [], []
            transfer_paired |= paired and kind == "Transfer"
            if transfer_paired and kind != "Transfer":
                self.all(0, left, "FEE_MISSING" if kind == "Fee" else "TAX_VARIANCE")
                self.all(1, right, "FEE_OVER" if kind == "Fee" else "TAX_VARIANCE")
            else:
                self.leave(left, right)

    def claim_equal(self, ours, theirs):
        rest, paired = ([], []), False
        for _, own, other in walk(ours, theirs, *[lambda row: (row[DIRECTION], row[CURRENCY], row[AMOUNT])] * 2):
            if own and other:
                paired = True
                own, other = self.claim_bucket(own, other)
            rest[0].extend(own)
            rest[1].extend(other)
        return *rest, paired

    def claim_bucket(self, own, other):
        left, right = [], []
        for provider_id, mine, yours in walk(*self.claim_surplus(own, other), PROVIDER_ID, PROVIDER_ID):
            if provider_id and mine and yours:
                mine, yours = self.pair_alike(mine, yours)
            left.extend(mine)
            right.extend(yours)
        left, right = self.pair_alike(left, right)
        if left and right:
            self.all(0, left, "AMBIGUOUS")
            self.all(1, right, "AMBIGUOUS")
            return [], []
        return left, right

    def claim_surplus(self, own, other):
        """Repetitions of the side that has more rows, as far as the other does not repeat as often."""
        sides = ((own, *repeats(own)), (other, *repeats(other)))
        kept = []
        for side, outcome in enumerate(("DUPLICATE_INTERNAL", "DUPLICATE_EXTERNAL")):
            (rows, again, once), (others, also, _) = sides[side], sides[1 - side]
            duplicates = max(0, min(len(again) - len(also), len(rows) - len(others)))
            again, surplus = again[: len(again) - duplicates], again[len(again) - duplicates :]
            self.all(side, surplus, outcome)
            kept.append(once + again)
        return kept

    def pair_alike(self, own, other):
        own, other = (sorted(rows, key=lambda row: (row[STANDING], row[SECOND], content(row))) for rows in (own, other))
        for compare in (same_second, settled_in_time, same_standing):
            own, other = self.pair_where(own, other, compare)
        return self.pair_where(own, other, lambda *_: 0) if len(own) == len(other) else (own, other)

    def pair_where(self, own, other, compare):
        """Pairs rows in order; negative where ours fits none that is still to come, positive where theirs does."""
        left, right, ours, theirs = [], [], 0, 0
        while ours < len(own) and theirs < len(other):
            fit = compare(own[ours], other[theirs])
            if fit == 0:
                self.pair(own[ours], other[theirs])
            elif fit < 0:
                left.append(own[ours])
            else:
                right.append(other[theirs])
            ours, theirs = ours + (fit <= 0), theirs + (fit >= 0)
        return left + own[ours:], right + other[theirs:]

    def by_key(self, our_key, their_key):
        ours, theirs = self.open
        self.open = ([], [])
        for key, own, other in walk(ours, theirs, our_key, their_key):
            if key[0]:
                self.claim_by_id(own, other)
            else:
                self.leave(own, other)

    def claim_by_id(self, own, other):
        left, right = [], []
        for _, mine, yours in walk(own, other, *[lambda row: (row[DIRECTION], row[CURRENCY], row[AMOUNT])] * 2):
            if mine and yours and are_interchangeable(mine, yours):
                mine, yours = self.claim_bucket(mine, yours)
            left.extend(mine)
            right.extend(yours)
        if len(left) == len(right) == 1:
            self.pair(left[0], right[0])
        elif left and right:
            self.all(0, left, "AMBIGUOUS")
            self.all(1, right, "AMBIGUOUS")
        else:
            self.leave(left, right)

    def by_repetition(self):
        ours, theirs = self.open
        self.open = ([], [])
        for side, rows, outcome in ((0, ours, "DUPLICATE_INTERNAL"), (1, theirs, "DUPLICATE_EXTERNAL")):
            self.open[side].extend(row for row in rows if not row[REFERENCE])
            again, kept = repeats([row for row in rows if row[REFERENCE]])
            self.all(side, again, outcome)
            self.open[side].extend(kept)

    def by_payout(self):
        ours, theirs = self.open
        self.open = ([], [])
        for group, own, other in walk(ours, theirs, GROUP, GROUP):
            if not group or not own or len(other) != 1:
                self.leave(own, other)
                continue
            payout = other[0]
            one_currency = all(row[CURRENCY] == payout[CURRENCY] for row in own)
            if one_currency and sum(map(signed, own)) == signed(payout):
                for row in own:
                    self.verdicts[0][row[LINE]] = ("MATCHED", payout[LINE])
                self.verdicts[1][payout[LINE]] = ("MATCHED", own[0][LINE])
            else:
                self.all(0, own, "GROUP_INCOMPLETE")
                self.all(1, other, "UNEXPLAINED_RESIDUAL")

    def close(self, as_of):
        for row in self.open[0]:
            pending = business_days_after(row[DAY], LAG_DAYS) > as_of
            self.verdicts[0][row[LINE]] = ("PENDING_SETTLEMENT" if pending else "MISSING_EXTERNAL", 0)
        self.all(1, self.open[1], "MISSING_INTERNAL")


def settle(ours, theirs, paired_kinds, as_of):
    """Outcomes of rows that are not equal one to one; `paired_kinds` are those of their references that are."""
    rest = Rest(paired_kinds)
    for side, rows in enumerate((ours, theirs)):
        rest.all(side, [row for row in rows if row[AMOUNT] is None], "PARSE_ERROR")
    ours, theirs = ([row for row in rows if row[AMOUNT] is not None] for rows in (ours, theirs))
    rest.by_reference(ours, theirs)
    rest.by_key(*[lambda row: (row[PROVIDER_ID], row[KIND])] * 2)
    rest.by_key(lambda row: (row[GROUP], row[KIND]), lambda row: (row[REFERENCE], row[KIND]))
    rest.by_repetition()
    rest.by_payout()
    rest.close(as_of)
    return rest.verdicts


def same_standing(ours, theirs):
    return ours[STANDING] - theirs[STANDING]


def same_second(ours, theirs):
    return same_standing(ours, theirs) or ours[SECOND] - theirs[SECOND]


def settled_in_time(ours, theirs):
    if ours[STANDING] != theirs[STANDING]:
        return same_standing(ours, theirs)
    if theirs[DAY] > business_days_after(ours[DAY], LAG_DAYS):
        return -1
    return 1 if theirs[DAY] < ours[DAY] else 0


def are_interchangeable(ours, theirs):
    more = max(ours, theirs, key=len)
    return len(ours) == len(theirs) or len({row[REFERENCE] for row in more}) == 1


def judge(ours, theirs):
    if ours[CURRENCY] != theirs[CURRENCY]:
        return "CURRENCY"
    if ours[DIRECTION] != theirs[DIRECTION]:
        return "DIRECTION"
    difference = theirs[AMOUNT] - ours[AMOUNT]
    if difference:
        if ours[KIND] == "Transfer":
            return "AMOUNT_OVER" if difference > 0 else "AMOUNT_UNDER"
        if abs(difference) < ROUNDING_STEP:
            return "ROUNDING"
        if ours[KIND] == "Tax":
            return "TAX_VARIANCE"
        return "FEE_OVER" if difference > 0 else "FEE_UNDER"
    if ours[STANDING] != theirs[STANDING]:
        return "STATUS"
    return "LATE" if theirs[DAY] > business_days_after(ours[DAY], LAG_DAYS) else "MATCHED"


def signed(row):
    return row[AMOUNT] if row[DIRECTION] == "credit" else -row[AMOUNT]


def content(row):
    return row[1:]


def repeats(rows):
    again, kept = [], []
    for _, same in groupby(sorted(rows, key=content), key=content):
        first, *others = same
        kept.append(first)
        again.extend(others)
    return again, kept


def walk(ours, theirs, our_key, their_key):
    """The rows of either side by key."""
    keyed = defaultdict(lambda: ([], []))
    for side, rows, key in ((0, ours, our_key), (1, theirs, their_key)):
        for row in rows:
            keyed[key(row) if callable(key) else row[key]][side].append(row)
    for key, (own, other) in keyed.items():
        yield key, own, other
