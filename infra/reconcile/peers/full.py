"""The full tier: all passes of the engine, and a line for every row of both sides, digest aside.

Rows that are equal one to one in reference, kind, direction, currency and amount are most of them; the peer pairs and judges
those. What is left is a few in a hundred and goes through `rest`. Lines are written in whatever order the peer has them in;
the engine keeps that of the files.
"""

import os
from collections import defaultdict

import rest

THREADS = 2
DAY = 86_400
KEY = ["reference", "kind", "direction", "currency", "amount"]
AS_OF = 20_777  # 2026-11-20, the day that the generator's statement is complete by
STANDINGS = {"PAID": 0, "COMPLETED": 0, "SETTLED": 0, "REVERSED": 1}
SHOWN = ["outcome", "side", "line", "counterpart_line", "reference", "kind", "direction", "amount", "currency"]

# The columns of either side, in the order in which `rest` names them.
SIDES = (
    ("provider_transaction_id", "payment_reference", "occurred_at", "transaction_id"),
    ("provider_transaction_id", "settlement_id", "booked_at", "''"),
)


def paired_kinds_of(pairs):
    kinds = defaultdict(set)
    for reference, kind in pairs:
        kinds[reference].add(kind)
    return kinds


def duckdb_full(ledger, statement, out):
    import duckdb

    database = duckdb.connect()
    database.execute(f"SET threads = {THREADS}")
    database.execute("SET TimeZone = 'UTC'")
    for name, path, (provider_id, group, at, identity) in (("l", ledger, SIDES[0]), ("s", statement, SIDES[1])):
        database.execute(
            f"""CREATE TABLE {name} AS
            SELECT row_number() OVER () + 1 AS line, reference, {provider_id} AS provider_id, {group} AS "group", kind,
                direction, currency, amount AS shown,
                CASE WHEN regexp_full_match(currency, '[A-Z]{{3}}')
                    THEN (TRY_CAST(amount AS DECIMAL(18, 2)) * 100)::BIGINT END AS amount,
                epoch({at}::TIMESTAMPTZ)::BIGINT AS second,
                CASE WHEN status IN ('PAID', 'COMPLETED', 'SETTLED') THEN 0 WHEN status = 'REVERSED' THEN 1 ELSE 2 END AS standing,
                {identity} AS identity
            FROM read_csv('{path}', all_varchar = true, force_not_null = ['reference', '{provider_id}', '{group}'])"""
        )
    # The day two business days later: Thursday is 0.
    database.execute(
        "CREATE MACRO due(day) AS day + CASE (day % 7) WHEN 0 THEN 4 WHEN 1 THEN 4 WHEN 2 THEN 3 ELSE 2 END"
    )
    one = lambda name: (
        f"SELECT {', '.join(KEY)}, min(line) AS line, min(second) AS second, min(standing) AS standing FROM {name} "
        f"WHERE reference <> '' AND amount IS NOT NULL GROUP BY {', '.join(KEY)} HAVING count(*) = 1"
    )
    database.execute(
        f"""CREATE TABLE pairs AS
        SELECT l.line AS ours, s.line AS theirs, reference, kind,
            CASE WHEN l.standing <> s.standing THEN 'STATUS' WHEN s.second // {DAY} > due(l.second // {DAY}) THEN 'LATE'
                ELSE 'MATCHED' END AS outcome
        FROM ({one('l')}) l JOIN ({one('s')}) s USING ({', '.join(KEY)})"""
    )
    columns = f"line, reference, provider_id, \"group\", kind, direction, amount, currency, second // {DAY}, standing, second, identity"
    left = [
        database.execute(f"SELECT {columns} FROM {name} ANTI JOIN pairs ON {name}.line = pairs.{side}").fetchall()
        for name, side in (("l", "ours"), ("s", "theirs"))
    ]
    references = {(row[rest.REFERENCE],) for rows in left for row in rows}
    import pandas

    wanted = pandas.DataFrame(references, columns=["reference"])
    database.register("wanted", wanted)
    known = database.execute("SELECT reference, kind FROM pairs SEMI JOIN wanted USING (reference)").fetchall()
    verdicts = rest.settle(*left, paired_kinds_of(known), AS_OF)
    for name, rows in zip(("l", "s"), verdicts):
        frame = pandas.DataFrame([(line, *verdict) for line, verdict in rows.items()], columns=["line", "outcome", "counterpart"])
        database.register(f"rest_{name}", frame)
    select = " UNION ALL ".join(
        f"SELECT v.outcome, '{side}' AS side, line, v.counterpart AS counterpart_line, reference, kind, direction, shown AS amount, currency "
        f"FROM {name} JOIN (SELECT {own} AS line, outcome, {other} AS counterpart FROM pairs "
        f"UNION ALL SELECT line, outcome, counterpart FROM rest_{name}) v USING (line)"
        for name, side, own, other in (("l", "ledger", "ours", "theirs"), ("s", "statement", "theirs", "ours"))
    )
    database.execute(f"COPY ({select}) TO '{out}' (HEADER, DELIMITER ',')")
    counts = database.execute("SELECT outcome, count(*) FROM pairs GROUP BY outcome").fetchall()
    return count(counts, verdicts)


def count(bulk, verdicts):
    """Rows by side and outcome."""
    sides = {}
    for side, rows in zip(("ledger", "statement"), verdicts):
        counts = defaultdict(int, {outcome: int(number) for outcome, number in bulk})
        for outcome, _ in rows.values():
            counts[outcome] += 1
        sides[side] = dict(counts)
    return sides


def polars_full(ledger, statement, out):
    os.environ["POLARS_MAX_THREADS"] = str(THREADS)
    import polars
    from polars import col

    def side(path, names):
        provider_id, group, at, identity = names
        rows = polars.read_csv(path, infer_schema=False).with_columns(polars.all().fill_null(""))
        amount = (col("amount").cast(polars.Decimal(18, 2), strict=False) * 100).cast(polars.Int64)
        return rows.select(
            polars.int_range(2, polars.len() + 2, dtype=polars.Int64).alias("line"),
            "reference",
            col(provider_id).alias("provider_id"),
            col(group).alias("group"),
            "kind",
            "direction",
            polars.when(col("currency").str.contains("^[A-Z]{3}$")).then(amount).alias("amount"),
            "currency",
            col(at).str.to_datetime(time_zone="UTC", time_unit="us").dt.epoch("s").alias("second"),
            col("status").replace_strict(STANDINGS, default=2).alias("standing"),
            (polars.lit("") if identity == "''" else col(identity)).alias("identity"),
            col("amount").alias("shown"),
        )

    ours, theirs = side(ledger, SIDES[0]), side(statement, SIDES[1])

    def ones(rows):
        whole = rows.lazy().filter((col("reference") != "") & col("amount").is_not_null())
        groups = whole.group_by(KEY).agg(polars.len().alias("n"), col("line", "second", "standing").first())
        return groups.filter(col("n") == 1).drop("n")

    day = col("second").floordiv(DAY)
    due = day + polars.when(day % 7 < 2).then(4).when(day % 7 == 2).then(3).otherwise(2)
    outcome = (
        polars.when(col("standing") != col("standing_right"))
        .then(polars.lit("STATUS"))
        .when(col("second_right").floordiv(DAY) > due)
        .then(polars.lit("LATE"))
        .otherwise(polars.lit("MATCHED"))
    )
    pairs = ones(ours).join(ones(theirs), on=KEY).select(
        col("line").alias("ours"), col("line_right").alias("theirs"), "reference", "kind", outcome.alias("outcome")
    ).collect()
    columns = [column if column != "day" else col("second").floordiv(DAY).alias("day") for column in rest.COLUMNS]
    left = [
        rows.join(pairs, left_on="line", right_on=own, how="anti").select(columns).rows()
        for rows, own in ((ours, "ours"), (theirs, "theirs"))
    ]
    references = list({row[rest.REFERENCE] for rows in left for row in rows})
    known = pairs.filter(col("reference").is_in(references)).select("reference", "kind").rows()
    verdicts = rest.settle(*left, paired_kinds_of(known), AS_OF)
    parts = []
    for rows, name, own, other, more in (
        (ours, "ledger", "ours", "theirs", verdicts[0]),
        (theirs, "statement", "theirs", "ours", verdicts[1]),
    ):
        schema = {"line": polars.Int64, "outcome": polars.String, "counterpart_line": polars.Int64}
        more = polars.DataFrame([(line, *verdict) for line, verdict in more.items()], schema=schema, orient="row")
        bulk = pairs.select(col(own).alias("line"), "outcome", col(other).alias("counterpart_line"))
        joined = rows.join(polars.concat([bulk, more]), on="line")
        joined = joined.with_columns(polars.lit(name).alias("side"), col("shown").alias("amount"))
        parts.append(joined.select(SHOWN))
    polars.concat(parts).write_csv(out)
    return count(pairs.group_by("outcome").len().rows(), verdicts)


def pandas_full(ledger, statement, out):
    import pandas

    def side(path, names):
        provider_id, group, at, identity = names
        columns = ["reference", provider_id, group, "kind", "direction", "amount", "currency", at, "status"]
        columns += [identity] if identity != "''" else []
        rows = pandas.read_csv(path, usecols=columns, dtype=str, keep_default_na=False)
        rows = rows.rename(columns={provider_id: "provider_id", group: "group", identity: "identity", "amount": "shown"})
        rows["line"] = range(2, len(rows) + 2)
        if "identity" not in rows:
            rows["identity"] = ""
        # Exact: minor units, never a float.
        parts = rows["shown"].str.partition(".")
        rows["amount"] = parts[0].astype("int64") * 100 + parts[2].str.ljust(2, "0").astype("int64")
        rows["amount"] = rows["amount"].astype("Int64").where(rows["currency"].str.fullmatch("[A-Z]{3}"))
        seconds = pandas.to_datetime(rows[at], utc=True, format="ISO8601").astype("datetime64[s, UTC]").astype("int64")
        rows["second"] = seconds
        rows["standing"] = rows["status"].map(STANDINGS).fillna(2).astype("int8")
        return rows.drop(columns=[at, "status"])

    ours, theirs = side(ledger, SIDES[0]), side(statement, SIDES[1])

    def ones(rows):
        whole = rows[(rows["reference"] != "") & rows["amount"].notna()]
        return whole[~whole.duplicated(KEY, keep=False)][[*KEY, "line", "second", "standing"]]

    pairs = ones(ours).merge(ones(theirs), on=KEY, suffixes=("", "_right"))
    day = pairs["second"] // DAY
    due = day + (day % 7).map({0: 4, 1: 4, 2: 3, 3: 2, 4: 2, 5: 2, 6: 2})
    pairs["outcome"] = "MATCHED"
    pairs.loc[pairs["second_right"] // DAY > due, "outcome"] = "LATE"
    pairs.loc[pairs["standing"] != pairs["standing_right"], "outcome"] = "STATUS"
    left = []
    for rows, own in ((ours, "line"), (theirs, "line_right")):
        more = rows[~rows["line"].isin(pairs[own])].copy()
        more["day"] = more["second"] // DAY
        more["amount"] = more["amount"].astype(object).where(more["amount"].notna(), None)
        left.append(list(more[rest.COLUMNS].itertuples(index=False, name=None)))
    references = {row[rest.REFERENCE] for rows in left for row in rows}
    known = pairs.loc[pairs["reference"].isin(references), ["reference", "kind"]].itertuples(index=False, name=None)
    verdicts = rest.settle(*left, paired_kinds_of(known), AS_OF)
    with open(out, "w", encoding="utf-8") as file:
        file.write(",".join(SHOWN) + "\n")
        for rows, name, own, other, more in (
            (ours, "ledger", "line", "line_right", verdicts[0]),
            (theirs, "statement", "line_right", "line", verdicts[1]),
        ):
            bulk = pandas.DataFrame({"line": pairs[own], "outcome": pairs["outcome"], "counterpart_line": pairs[other]})
            more = pandas.DataFrame(
                [(line, *verdict) for line, verdict in more.items()], columns=["line", "outcome", "counterpart_line"]
            )
            joined = rows.drop(columns="amount").merge(pandas.concat([bulk, more]), on="line")
            joined["side"] = name
            joined.rename(columns={"shown": "amount"})[SHOWN].to_csv(file, index=False, header=False)
    return count(list(pairs["outcome"].value_counts().items()), verdicts)
