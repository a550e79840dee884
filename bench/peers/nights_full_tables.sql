-- As full_tables, of many nights: holds, and a history of what became of each.
CREATE TABLE peer.hold (
    token      uuid PRIMARY KEY,
    holder     text NOT NULL,
    event_id   integer NOT NULL,
    seats      integer[] NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE TABLE peer.history (
    seq        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    change     text NOT NULL,
    token      uuid NOT NULL,
    holder     text NOT NULL,
    event_id   integer NOT NULL,
    seats      integer[] NOT NULL
);

-- Some of their seats have been taken over: the holds are no more, and the history says so.  Who
-- takes over another of their seats finds nothing left to do.
CREATE FUNCTION peer.lapse(tokens uuid[]) RETURNS void LANGUAGE sql AS $$
    WITH lapsed AS (
        SELECT token FROM peer.hold WHERE token = ANY (tokens) AND expires_at <= clock_timestamp()
         ORDER BY token FOR UPDATE
    ), gone AS (
        DELETE FROM peer.hold h USING lapsed l WHERE h.token = l.token RETURNING h.*
    )
    INSERT INTO peer.history (change, token, holder, event_id, seats)
    SELECT 'lapsed', token, holder, event_id, seats FROM gone;
$$;
