"""SQLAlchemy 1.4 (Debian: python3-sqlalchemy), here over psycopg2: text() with named parameters."""
import datetime

from sqlalchemy import create_engine, exc, text

from report import EVENT, step

engine = create_engine("postgresql+psycopg2://", future=True)

CLAIM = text("SELECT * FROM seatlock.claim(:event, :seats, :holder)")


def one(sql, **args):
    with engine.begin() as conn:                # commits at the end
        return conn.execute(sql, args).one()


@step("claim")
def _():
    global first
    first = one(CLAIM, event=EVENT, seats=["A-1", "A-2"], holder="ann")
    return first.outcome, len(first.seats)


@step("conflicts")
def _():
    row = one(CLAIM, event=EVENT, seats=["A-2", "A-3"], holder="bob")
    conflict = row.conflicts[0]
    return row.outcome, conflict["seat"], conflict["reason"]


@step("add")
def _():
    row = one(text("SELECT * FROM seatlock.claim(:event, :seats, :holder, token => :token)"),
              event=EVENT, seats=["A-3"], holder="ann", token=first.token)
    return row.outcome, len(row.seats)


@step("best")
def _():
    row = one(text("SELECT * FROM seatlock.claim_best(:event, :quantity, :holder)"),
              event=EVENT, quantity=3, holder="bob")
    return row.outcome, len(row.seats), row.together


@step("confirm")
def _():
    row = one(text("SELECT * FROM seatlock.confirm(:event, :token, :order)"),
              event=EVENT, token=first.token, order="order 4711")
    return row.outcome, row.replayed


@step("replay")
def _():
    call = text("SELECT * FROM seatlock.claim(:event, :seats, :holder, request_key => :key)")
    a = one(call, event=EVENT, seats=["D-1"], holder="ann", key="cart 1")
    b = one(call, event=EVENT, seats=["D-1"], holder="ann", key="cart 1")
    return b.outcome, b.replayed, a.token == b.token


@step("now")
def _():
    try:
        return one(text("SELECT * FROM seatlock.claim_now(:event, :seats, :holder, request_key => :key)"),
                   event=EVENT, seats=["D-2"], holder="ann", key="cart 2").outcome,
    except exc.DBAPIError as error:
        return error.orig.pgcode,


@step("unknown")
def _():
    try:
        one(CLAIM, event="no such event", seats=["A-1"], holder="ann")
    except exc.DBAPIError as error:
        return error.orig.pgcode,


@step("nulls")
def _():
    return one(text("SELECT * FROM seatlock.claim(:event, :seats, :holder, :ttl, :token, :key)"),
               event=EVENT, seats=["E-1"], holder="ann", ttl=None, token=None, key=None).outcome,


@step("named")
def _():
    return one(text("SELECT * FROM seatlock.claim(event => :event, holder => :holder, seats => :seats, ttl_seconds => :ttl)"),
               event=EVENT, holder="ann", seats="E-2", ttl=600).outcome,


@step("ints")
def _():
    return one(text("SELECT * FROM seatlock.claim_best(:event, :quantity, :holder)"),
               event=EVENT, quantity=2, holder="ann").outcome,


@step("time")
def _():
    opens_at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    one(text("SELECT seatlock.create_event(:event, :venue, opens_at => :opens_at)"),
        event=EVENT + " later", venue="Odeon", opens_at=opens_at)
    row = one(CLAIM, event=EVENT + " later", seats=["A-1"], holder="ann")
    left = first.expires_at - datetime.datetime.now(datetime.timezone.utc)
    return row.outcome, round(left.total_seconds())


@step("tx")
def _():
    with engine.connect() as conn:              # begins by itself, rolls back unless told to commit
        refused = conn.execute(CLAIM, dict(event=EVENT, seats=["A-1"], holder="cy")).one()
        won = conn.execute(CLAIM, dict(event=EVENT, seats=["F-1", "F-2"], holder="cy")).one()
        conn.rollback()
    after = one(CLAIM, event=EVENT, seats=["F-1"], holder="dan")
    return refused.outcome, won.outcome, after.outcome


@step("many")
def _():
    return sum(one(CLAIM, event=EVENT, seats=[f"H-{n}"], holder="eve").ok for n in range(1, 13)),
