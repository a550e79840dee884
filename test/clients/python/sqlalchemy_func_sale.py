"""SQLAlchemy 1.4: func.seatlock.claim(…) with table_valued(), instead of text()."""
import datetime

from sqlalchemy import (Boolean, Column, DateTime, Integer, Text, create_engine, exc, func, null, select)
from sqlalchemy.dialects.postgresql import JSONB

from report import EVENT, step

engine = create_engine("postgresql+psycopg2://", future=True)


def answer(call):
    """The columns of seatlock.claim_result, for SELECT … FROM call."""
    return select(call.table_valued(
        Column("ok", Boolean), Column("outcome", Text), Column("token", Text),
        Column("expires_at", DateTime(timezone=True)), Column("expires_in_seconds", Integer),
        Column("retry_after_ms", Integer), Column("seats", JSONB), Column("conflicts", JSONB),
        Column("replayed", Boolean), Column("together", Boolean), Column("order_ref", Text)))


def one(call):
    with engine.begin() as conn:
        return conn.execute(answer(call)).one()


@step("claim")
def _():
    global first
    first = one(func.seatlock.claim(EVENT, ["A-1", "A-2"], "ann"))
    return first.outcome, len(first.seats)


@step("conflicts")
def _():
    row = one(func.seatlock.claim(EVENT, ["A-2", "A-3"], "bob"))
    return row.outcome, row.conflicts[0]["seat"], row.conflicts[0]["reason"]


@step("add")
def _():                                        # func knows no named arguments: null() for what is left out
    row = one(func.seatlock.claim(EVENT, ["A-3"], "ann", null(), first.token))
    return row.outcome, len(row.seats)


@step("best")
def _():
    row = one(func.seatlock.claim_best(EVENT, 3, "bob"))
    return row.outcome, len(row.seats), row.together


@step("confirm")
def _():
    row = one(func.seatlock.confirm(EVENT, first.token, "order 4711"))
    return row.outcome, row.replayed


@step("replay")
def _():
    a = one(func.seatlock.claim(EVENT, ["D-1"], "ann", null(), null(), "cart 1"))
    b = one(func.seatlock.claim(EVENT, ["D-1"], "ann", null(), null(), "cart 1"))
    return b.outcome, b.replayed, a.token == b.token


@step("now")
def _():
    try:
        return one(func.seatlock.claim_now(EVENT, ["D-2"], "ann", null(), null(), "cart 2")).outcome,
    except exc.DBAPIError as error:
        return error.orig.pgcode,


@step("unknown")
def _():
    try:
        one(func.seatlock.claim("no such event", ["A-1"], "ann"))
    except exc.DBAPIError as error:
        return error.orig.pgcode,


@step("nulls")
def _():
    return one(func.seatlock.claim(EVENT, ["E-1"], "ann", None, None, None)).outcome,


@step("named")
def _():                                        # there are none; the same by place
    return one(func.seatlock.claim(EVENT, "E-2", "ann", 600)).outcome,


@step("ints")
def _():
    return one(func.seatlock.claim_best(EVENT, 2, "ann")).outcome,


@step("time")
def _():
    opens_at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    with engine.begin() as conn:
        conn.execute(select(func.seatlock.create_event(EVENT + " later", "Odeon", opens_at)))
    row = one(func.seatlock.claim(EVENT + " later", "A-1", "ann"))
    left = first.expires_at - datetime.datetime.now(datetime.timezone.utc)
    return row.outcome, round(left.total_seconds())


@step("tx")
def _():
    with engine.connect() as conn:
        refused = conn.execute(answer(func.seatlock.claim(EVENT, ["A-1"], "cy"))).one()
        won = conn.execute(answer(func.seatlock.claim(EVENT, ["F-1", "F-2"], "cy"))).one()
        conn.rollback()
    after = one(func.seatlock.claim(EVENT, ["F-1"], "dan"))
    return refused.outcome, won.outcome, after.outcome


@step("many")
def _():
    return sum(one(func.seatlock.claim(EVENT, [f"H-{n}"], "eve")).ok for n in range(1, 13)),
