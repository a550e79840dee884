"""asyncpg (Debian: python3-asyncpg).  It asks the server for the types, and prepares each statement.

jsonb comes as text unless the connection is told otherwise, once, as here.
"""
import asyncio
import datetime
import json
import os

import asyncpg

from report import EVENT, failed, show


async def main():
    # behind PgBouncer in transaction mode, before 1.21
    options = {"statement_cache_size": 0} if os.environ.get("POOLED") else {}
    conn = await asyncpg.connect(**options)
    await conn.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
    first = None

    async def claim():
        nonlocal first
        first = await conn.fetchrow("SELECT * FROM seatlock.claim($1, $2, $3)", EVENT, '["A-1","A-2"]', "ann")
        return first["outcome"], len(first["seats"])

    async def conflicts():
        row = await conn.fetchrow("SELECT * FROM seatlock.claim($1, $2, $3)", EVENT, '["A-2","A-3"]', "bob")
        conflict = row["conflicts"][0]
        return row["outcome"], conflict["seat"], conflict["reason"]

    async def add():
        row = await conn.fetchrow("SELECT * FROM seatlock.claim($1, $2::text[], $3, token => $4)",
                                  EVENT, ["A-3"], "ann", first["token"])
        return row["outcome"], len(row["seats"])

    async def best():
        row = await conn.fetchrow("SELECT * FROM seatlock.claim_best($1, $2, $3)", EVENT, 3, "bob")
        return row["outcome"], len(row["seats"]), row["together"]

    async def confirm():
        row = await conn.fetchrow("SELECT * FROM seatlock.confirm($1, $2, $3)", EVENT, first["token"], "order 4711")
        return row["outcome"], row["replayed"]

    async def replay():
        call = "SELECT * FROM seatlock.claim($1, $2, $3, request_key => $4)"
        a = await conn.fetchrow(call, EVENT, "D-1", "ann", "cart 1")
        b = await conn.fetchrow(call, EVENT, "D-1", "ann", "cart 1")
        return b["outcome"], b["replayed"], a["token"] == b["token"]

    async def now():
        try:
            row = await conn.fetchrow("SELECT * FROM seatlock.claim_now($1, $2, $3, request_key => $4)",
                                      EVENT, "D-2", "ann", "cart 2")
            return row["outcome"],
        except asyncpg.PostgresError as error:
            return error.sqlstate,

    async def unknown():
        try:
            await conn.fetchrow("SELECT * FROM seatlock.claim($1, $2, $3)", "no such event", "A-1", "ann")
        except asyncpg.UndefinedObjectError as error:
            return error.sqlstate,

    async def nulls():
        row = await conn.fetchrow("SELECT * FROM seatlock.claim($1, $2, $3, $4, $5, $6)",
                                  EVENT, "E-1", "ann", None, None, None)
        return row["outcome"],

    async def named():
        row = await conn.fetchrow(
            "SELECT * FROM seatlock.claim(event => $1, holder => $2, seats => $3, ttl_seconds => $4)",
            EVENT, "ann", "E-2", 600)
        return row["outcome"],

    async def ints():
        return (await conn.fetchrow("SELECT * FROM seatlock.claim_best($1, $2, $3)", EVENT, 2, "ann"))["outcome"],

    async def time():
        opens_at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
        await conn.execute("SELECT seatlock.create_event($1, $2, opens_at => $3)", EVENT + " later", "Odeon", opens_at)
        row = await conn.fetchrow("SELECT * FROM seatlock.claim($1, $2, $3)", EVENT + " later", "A-1", "ann")
        left = first["expires_at"] - datetime.datetime.now(datetime.timezone.utc)
        return row["outcome"], round(left.total_seconds())

    async def tx():
        transaction = conn.transaction()
        await transaction.start()
        refused = await conn.fetchrow("SELECT * FROM seatlock.claim($1, $2, $3)", EVENT, "A-1", "cy")
        won = await conn.fetchrow("SELECT * FROM seatlock.claim($1, $2, $3)", EVENT, '["F-1","F-2"]', "cy")
        await transaction.rollback()
        after = await conn.fetchrow("SELECT * FROM seatlock.claim($1, $2, $3)", EVENT, "F-1", "dan")
        return refused["outcome"], won["outcome"], after["outcome"]

    async def many():
        call = "SELECT * FROM seatlock.claim($1, $2, $3)"
        return sum([(await conn.fetchrow(call, EVENT, f"H-{n}", "eve"))["ok"] for n in range(1, 13)]),

    for function in (claim, conflicts, add, best, confirm, replay, now, unknown, nulls, named, ints, time, tx, many):
        try:
            show(function.__name__, *await function())
        except Exception as error:              # a step of its own must not stop the others
            failed(function.__name__, error)
    await conn.close()


asyncio.run(main())
