"""ODBC, here with pyodbc (Debian: python3-pyodbc, odbc-postgresql).

Texts are bound as varchar or text, so integers must be bound as integers; jsonb comes as text, booleans as '1' and
'0' (BoolsAsChar=0 makes them bits).  Times: bind text with a zone, read expires_in_seconds.
"""
import datetime
import json
import os
import sys

import pyodbc

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "python"))
from report import EVENT, step  # noqa: E402

# behind PgBouncer in transaction mode, before 1.21
POOLED = "UseServerSidePrepare=0;" if os.environ.get("POOLED") else ""

conn = pyodbc.connect(f"Driver={{PostgreSQL Unicode}};Server={os.environ['PGHOST']};Port={os.environ['PGPORT']};"
                      f"Database={os.environ['PGDATABASE']};Uid={os.environ['PGUSER']};Pwd={os.environ['PGPASSWORD']};"
                      "BoolsAsChar=0;" + POOLED, autocommit=True)


def one(sql, *args):
    return conn.execute(sql, args).fetchone()


@step("claim")
def _():
    global first
    first = one("SELECT * FROM seatlock.claim(?, ?, ?)", EVENT, json.dumps(["A-1", "A-2"]), "ann")
    return first.outcome, len(json.loads(first.seats))


@step("conflicts")
def _():
    row = one("SELECT * FROM seatlock.claim(?, ?, ?)", EVENT, json.dumps(["A-2", "A-3"]), "bob")
    conflict = json.loads(row.conflicts)[0]
    return row.outcome, conflict["seat"], conflict["reason"]


@step("add")
def _():
    row = one("SELECT * FROM seatlock.claim(?, ?, ?, token => ?)", EVENT, "A-3", "ann", first.token)
    return row.outcome, len(json.loads(row.seats))


@step("best")
def _():
    row = one("SELECT * FROM seatlock.claim_best(?, ?, ?)", EVENT, 3, "bob")
    return row.outcome, len(json.loads(row.seats)), row.together


@step("confirm")
def _():
    row = one("SELECT * FROM seatlock.confirm(?, ?, ?)", EVENT, first.token, "order 4711")
    return row.outcome, row.replayed


@step("replay")
def _():
    call = "SELECT * FROM seatlock.claim(?, ?, ?, request_key => ?)"
    a = one(call, EVENT, "D-1", "ann", "cart 1")
    b = one(call, EVENT, "D-1", "ann", "cart 1")
    return b.outcome, b.replayed, a.token == b.token


@step("now")
def _():
    try:
        row = one("SELECT * FROM seatlock.claim_now(?, ?, ?, request_key => ?)", EVENT, "D-2", "ann", "cart 2")
        return row.outcome,
    except pyodbc.Error as error:
        return error.args[0],


@step("unknown")
def _():
    try:
        one("SELECT * FROM seatlock.claim(?, ?, ?)", "no such event", "A-1", "ann")
    except pyodbc.Error as error:
        return error.args[0],


@step("nulls")
def _():
    return one("SELECT * FROM seatlock.claim(?, ?, ?, ?, ?, ?)", EVENT, "E-1", "ann", None, None, None).outcome,


@step("named")
def _():
    return one("SELECT * FROM seatlock.claim(event => ?, holder => ?, seats => ?, ttl_seconds => ?)",
               EVENT, "ann", "E-2", 600).outcome,


@step("ints")
def _():
    return one("SELECT * FROM seatlock.claim_best(?, ?, ?)", EVENT, 2, "ann").outcome,


@step("time")
def _():
    opens_at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    one("SELECT seatlock.create_event(?, ?, opens_at => CAST(? AS timestamptz))", EVENT + " later", "Odeon", opens_at.isoformat())
    row = one("SELECT * FROM seatlock.claim(?, ?, ?)", EVENT + " later", "A-1", "ann")
    return row.outcome, first.expires_in_seconds


@step("tx")
def _():
    conn.autocommit = False
    refused = one("SELECT * FROM seatlock.claim(?, ?, ?)", EVENT, "A-1", "cy")
    won = one("SELECT * FROM seatlock.claim(?, ?, ?)", EVENT, '["F-1","F-2"]', "cy")
    conn.rollback()
    after = one("SELECT * FROM seatlock.claim(?, ?, ?)", EVENT, "F-1", "dan")
    conn.commit()
    return refused.outcome, won.outcome, after.outcome


@step("many")
def _():
    return sum(bool(one("SELECT * FROM seatlock.claim(?, ?, ?)", EVENT, f"H-{n}", "eve").ok) for n in range(1, 13)),
