"""The plain join tier.

Pairs ledger and statement rows that are equal in reference, kind, direction, currency and amount, repetitions one by one,
and writes a line per pair. That is the first of the engine's passes and half of its output: no tolerance, no fallback ids,
no payouts, no digest.
"""

import os

THREADS = 2
KEY = ["reference", "kind", "direction", "currency", "amount"]


def duckdb_join(ledger, statement, out):
    import duckdb

    database = duckdb.connect()
    database.execute(f"SET threads = {THREADS}")
    for name, path in (("ledger", ledger), ("statement", statement)):
        database.execute(
            f"CREATE VIEW {name} AS SELECT *, row_number() OVER (PARTITION BY {', '.join(KEY)}) AS nth "
            f"FROM (SELECT {', '.join(KEY[:-1])}, amount::DECIMAL(18, 2) AS amount FROM read_csv('{path}', all_varchar = true))"
        )
    on = " AND ".join(f"l.{column} = s.{column}" for column in [*KEY, "nth"])
    columns = ", ".join(f"coalesce(l.{column}, s.{column}) AS {column}" for column in KEY)
    outcome = (
        "CASE WHEN s.nth IS NULL THEN 'MISSING_EXTERNAL' WHEN l.nth IS NULL THEN 'MISSING_INTERNAL' ELSE 'MATCHED' END"
    )
    database.execute(
        f"COPY (SELECT {outcome} AS outcome, {columns} FROM ledger l FULL JOIN statement s ON {on}) "
        f"TO '{out}' (HEADER, DELIMITER ',')"
    )


def polars_join(ledger, statement, out):
    os.environ["POLARS_MAX_THREADS"] = str(THREADS)
    import polars

    def side(path):
        rows = polars.scan_csv(path, infer_schema=False).select(KEY)
        rows = rows.with_columns(polars.col("amount").cast(polars.Decimal(18, 2)))
        return rows.with_columns(polars.int_range(polars.len()).over(KEY).alias("nth"))

    on = [*KEY, "nth"]
    ours = side(ledger).with_columns(polars.lit(True).alias("ours"))
    theirs = side(statement).with_columns(polars.lit(True).alias("theirs"))
    joined = ours.join(theirs, on=on, how="full", coalesce=True)
    outcome = (
        polars.when(polars.col("theirs").is_null())
        .then(polars.lit("MISSING_EXTERNAL"))
        .when(polars.col("ours").is_null())
        .then(polars.lit("MISSING_INTERNAL"))
        .otherwise(polars.lit("MATCHED"))
    )
    joined.select(outcome.alias("outcome"), *KEY).collect().write_csv(out)


def pandas_join(ledger, statement, out):
    import pandas

    def side(path):
        rows = pandas.read_csv(path, usecols=KEY, dtype=str)
        # Exact: minor units, never a float.
        whole_and_cents = rows["amount"].str.partition(".")
        rows["amount"] = whole_and_cents[0].astype("int64") * 100 + whole_and_cents[2].str.ljust(2, "0").astype("int64")
        rows["nth"] = rows.groupby(KEY, sort=False).cumcount()
        return rows

    joined = side(ledger).merge(side(statement), on=[*KEY, "nth"], how="outer", indicator="outcome")
    names = {"both": "MATCHED", "left_only": "MISSING_EXTERNAL", "right_only": "MISSING_INTERNAL"}
    joined["outcome"] = joined["outcome"].cat.rename_categories(names)
    joined[["outcome", *KEY]].to_csv(out, index=False)
