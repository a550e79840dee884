/* What the tests share, in schema t.  The checks of the history are plain SQL
 * over the tables: they call nothing of the engine they judge. */

-- An answer as one stable line, and a complaint when it breaks the contract's
-- rules about its own columns.
CREATE FUNCTION t.show(r seatlock.claim_result) RETURNS text LANGUAGE sql AS $$
SELECT concat_ws(' ',
    CASE WHEN r.ok THEN 'ok' ELSE 'no' END, r.outcome,
    (SELECT string_agg(s, ',' ORDER BY n)
       FROM jsonb_array_elements_text(r.seats) WITH ORDINALITY AS a(s, n)),
    CASE WHEN r.replayed THEN '(replayed)' END,
    CASE r.together WHEN true THEN '(together)' WHEN false THEN '(apart)' END,
    (SELECT '| ' || string_agg((c->>'seat') || ' ' || (c->>'reason'), ', ' ORDER BY n)
       FROM jsonb_array_elements(r.conflicts) WITH ORDINALITY AS a(c, n)),
    (SELECT 'BAD: ' || string_agg(what, ', ') FROM t.bad_answer(r) AS what))
$$;

CREATE FUNCTION t.bad_answer(r seatlock.claim_result) RETURNS SETOF text LANGUAGE sql AS $$
SELECT what FROM (VALUES
    (r.ok IS DISTINCT FROM (r.outcome IN ('held', 'booked', 'extended', 'released', 'cancelled', 'blocked', 'unblocked')),
     'ok and outcome differ'),
    (r.outcome NOT IN ('held', 'booked', 'extended', 'released', 'cancelled', 'blocked', 'unblocked',
                       'taken', 'busy', 'expired', 'not_found', 'limit', 'not_together', 'sold_out',
                       'not_on_sale', 'key_reused', 'cannot_extend', 'order_reused') OR r.outcome IS NULL, 'unknown outcome'),
    (r.ok AND r.token IS NULL AND r.outcome NOT IN ('blocked', 'unblocked'), 'no token'),
    (r.token !~ '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$', 'token is no UUIDv7'),
    (r.ok AND r.outcome IN ('held', 'extended') AND NOT r.replayed AND r.expires_at IS NULL, 'no expires_at'),
    ((r.expires_at IS NULL) <> (r.expires_in_seconds IS NULL), 'expires_at and expires_in_seconds differ'),
    (r.outcome IN ('booked', 'released', 'cancelled') AND r.expires_at IS NOT NULL
        AND jsonb_array_length(r.seats) = 0, 'expires_at without a hold'),
    (r.outcome = 'booked' AND r.expires_at IS NOT NULL, 'expires_at of a sale'),
    (r.expires_at <> date_trunc('milliseconds', r.expires_at), 'expires_at is finer than a millisecond'),
    (jsonb_typeof(r.seats) IS DISTINCT FROM 'array', 'seats is no array'),
    (jsonb_typeof(r.conflicts) IS DISTINCT FROM 'array', 'conflicts is no array'),
    (r.replayed IS NULL, 'replayed is null'),
    (r.ok AND r.retry_after_ms IS NOT NULL, 'retry_after_ms of a success'),
    (r.outcome = 'busy' AND r.retry_after_ms IS NULL, 'busy without retry_after_ms'),
    (r.outcome = 'taken' AND r.retry_after_ms IS NOT NULL
        AND NOT jsonb_path_exists(r.conflicts, '$[*] ? (@.reason == "held" || @.reason == "busy")'),
     'retry_after_ms of a lasting refusal'),
    (r.outcome = 'taken' AND r.retry_after_ms IS NULL
        AND NOT jsonb_path_exists(r.conflicts, '$[*] ? (@.reason != "held")'), 'taken by holds without retry_after_ms'),
    (r.outcome = 'taken' AND jsonb_array_length(r.conflicts) = 0, 'taken without conflicts'),
    (EXISTS (SELECT FROM jsonb_array_elements(r.conflicts) AS c
              WHERE NOT c ?& ARRAY['seat', 'reason', 'seconds_left']
                 OR (SELECT count(*) FROM jsonb_object_keys(c)) <> 3
                 OR c->>'reason' NOT IN ('held', 'booked', 'not_for_sale', 'unknown_seat', 'busy')
                 OR (c->>'reason' = 'held') <> (jsonb_typeof(c->'seconds_left') = 'number')),
     'malformed conflict')
) AS v(bad, what) WHERE bad
$$;

-- One digest of everything that seatlock stores (never of the sequences).
-- What the tables say, but for lapses: the worker records these whenever it likes.
CREATE FUNCTION t.digest() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    digest text := '';
    part text;
    rel text;
BEGIN
    FOREACH rel IN ARRAY ARRAY['seatlock.venue', 'seatlock.layout', 'seatlock.layout_category', 'seatlock.layout_section', 'seatlock.seat',
        'seatlock.event', 'seatlock.request',
        $q$(SELECT event_id, seat_no, status, token FROM seatlock.seat_state WHERE status IN ('b', 'n'))$q$,
        $q$(SELECT event_id, token, CASE state WHEN 'l' THEN 'h' ELSE state END, expires_at, holder, order_ref, seats FROM seatlock.hold)$q$,
        $q$(SELECT * FROM seatlock.change WHERE action <> 'expired')$q$] LOOP
        EXECUTE format('SELECT md5(coalesce(string_agg(r::text, E''\n'' ORDER BY r::text), '''')) FROM %s r', rel)
           INTO part;
        digest := md5(digest || part);
    END LOOP;
    RETURN digest;
END
$$;

-- Run one statement: its first column, or its SQLSTATE and message.  The end
-- says CHANGED when a refusal or an error left anything different behind.
CREATE FUNCTION t.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    before text := t.digest();
    answer text;
    detail text;
BEGIN
    BEGIN
        EXECUTE statement INTO answer;
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
        answer := SQLSTATE || ': ' || SQLERRM || CASE WHEN detail <> '' THEN ' (' || detail || ')' ELSE '' END;
    END;
    IF answer !~ '^ok' AND t.digest() <> before THEN
        answer := answer || ' CHANGED';
    END IF;
    RETURN answer;
END
$$;

-- Wait until the event's short holds, those with two seconds to go at most,
-- have expired, by the server's own clock.
CREATE FUNCTION t.wait_expiry(event text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WHILE EXISTS (SELECT FROM seatlock.hold h JOIN seatlock.event e USING (event_id)
                   WHERE e.name = wait_expiry.event AND h.state = 'h'
                     AND h.expires_at > clock_timestamp()
                     AND h.expires_at < clock_timestamp() + interval '2 s') LOOP
        PERFORM pg_sleep(0.01);
    END LOOP;
    -- a worker records it at once, unless the caller keeps it from that
    FOR i IN 1 .. 1000 LOOP
        EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'seatlock worker' AND datname = current_database())
            OR EXISTS (SELECT FROM pg_locks WHERE relation = 'seatlock.request'::regclass AND mode = 'ShareLock' AND pid = pg_backend_pid())
            OR NOT EXISTS (SELECT FROM seatlock.hold h JOIN seatlock.event e USING (event_id)
                            WHERE e.name = wait_expiry.event AND h.state = 'h' AND h.expires_at <= clock_timestamp());
        PERFORM pg_sleep(0.01);
    END LOOP;
END
$$;

-- The history with a line per seat, numbers put back into labels.
CREATE VIEW t.history AS
SELECT e.name AS event, c.seq, c.changed_at, c.action, c.token, c.holder, c.order_ref, c.actor,
       u.seat_no, s.label, u.version
  FROM seatlock.change c
  JOIN seatlock.event e USING (event_id)
 CROSS JOIN LATERAL unnest(c.seats, c.versions) AS u(seat_no, version)
  LEFT JOIN seatlock.seat s ON s.layout_id = e.layout_id AND s.seat_no = u.seat_no;

-- Changes of status or owner, each beside the one before it; an extension is neither.
CREATE VIEW t.moves AS
SELECT *, lag(action) OVER w AS old_action, lag(token) OVER w AS old_token,
       lag(version) OVER w AS old_version, lag(changed_at) OVER w AS old_changed_at,
       lead(action) OVER w IS NULL AS is_last
  FROM t.history WHERE action <> 'extended'
WINDOW w AS (PARTITION BY event, seat_no ORDER BY seq);

/*
 * What is wrong with the history, one line per fault.  Complete histories only:
 * not for an event that has been pruned.
 *
 * H1  versions of a seat run 1, 2, 3 ... in feed order, and time never runs back
 * H3  every change of a seat follows from the one before it: a grant needs a
 *     free seat, and whoever gives back, confirms or expires owns it; a recorded
 *     lapse comes no earlier than the hold's end
 * H6  a token owns all the seats of its hold or none
 * H7  the seat's row is what the last change of its history says
 */
CREATE FUNCTION t.broken_history() RETURNS TABLE (rule text, event text, seat text, what text) LANGUAGE sql AS $$
SELECT 'H1', m.event, m.label, format('version %s after %s', m.version, coalesce(m.old_version, 0))
  FROM t.moves m
 WHERE m.version <> coalesce(m.old_version, 0) + 1
UNION ALL
SELECT 'H1', m.event, m.label, format('version %s is older than version %s', m.version, m.old_version)
  FROM t.moves m
 WHERE m.changed_at < m.old_changed_at
UNION ALL
SELECT 'H3', m.event, m.label, format('%s by %s after %s by %s', m.action, m.token, m.old_action, m.old_token)
  FROM t.moves m
 WHERE NOT coalesce(CASE m.action
    WHEN 'held' THEN m.old_action IS NULL OR m.old_action IN ('released', 'cancelled', 'expired', 'unblocked')
                     -- the same hold under another holder's name
                     OR m.old_action = 'held' AND m.old_token = m.token
    WHEN 'blocked' THEN m.old_action IS NULL OR m.old_action IN ('released', 'cancelled', 'expired', 'unblocked')
    WHEN 'booked' THEN m.old_action IS NULL OR m.old_action IN ('released', 'cancelled', 'expired', 'unblocked')
                       -- a sale too gets another holder's name
                       OR m.old_action IN ('held', 'booked') AND m.old_token = m.token
    WHEN 'released' THEN m.old_action = 'held' AND m.old_token = m.token
    WHEN 'expired' THEN m.old_action = 'held' AND m.old_token = m.token
    WHEN 'cancelled' THEN m.old_action = 'booked' AND m.old_token = m.token
    WHEN 'unblocked' THEN m.old_action = 'blocked'
    END, false)
UNION ALL
SELECT 'H3', m.event, m.label, format('%s lapsed at %s, before its end', m.token, m.changed_at)
  FROM t.moves m
  JOIN seatlock.event e ON e.name = m.event
  JOIN seatlock.hold h ON h.event_id = e.event_id AND h.token = m.token
 WHERE m.action = 'expired' AND m.changed_at < h.expires_at
UNION ALL
SELECT 'H6', e.name, NULL, format('token %s (%s) has seats %s, its hold says %s', h.token, h.state, owned.seats, h.seats)
  FROM seatlock.hold h
  JOIN seatlock.event e USING (event_id)
  LEFT JOIN (SELECT s.event_id, s.token, array_agg(s.seat_no ORDER BY s.seat_no) AS seats
               FROM seatlock.seat_state s WHERE s.token IS NOT NULL GROUP BY 1, 2) owned USING (event_id, token)
 WHERE coalesce(owned.seats, '{}') <> CASE WHEN h.state IN ('h', 'b') THEN h.seats ELSE '{}' END
UNION ALL
SELECT 'H6', e.name, s.seat_no::text, format('owner %s is no hold', s.token)
  FROM seatlock.seat_state s
  JOIN seatlock.event e USING (event_id)
 WHERE s.token IS NOT NULL
   AND NOT EXISTS (SELECT FROM seatlock.hold h WHERE h.event_id = s.event_id AND h.token = s.token)
UNION ALL
SELECT 'H7', e.name, s.seat_no::text,
       format('row says %s %s version %s, history says %s by %s version %s',
              s.status, s.token, s.version, m.action, m.token, m.version)
  FROM seatlock.seat_state s
  JOIN seatlock.event e USING (event_id)
  LEFT JOIN t.moves m ON m.event = e.name AND m.seat_no = s.seat_no AND m.is_last
 WHERE s.version <> coalesce(m.version, 0)
    OR s.status <> CASE m.action WHEN 'held' THEN 'h' WHEN 'booked' THEN 'b' WHEN 'blocked' THEN 'n' ELSE 'f' END
    OR s.token IS DISTINCT FROM CASE WHEN m.action IN ('held', 'booked') THEN m.token END
    OR (s.status = 'h') <> (s.expires_at IS NOT NULL)
$$;

-- What the clients saw, loaded from their own records.
CREATE TABLE t.audit (
    client  integer,
    op      integer,
    called  timestamptz,
    event   text,
    verb    text,
    asked   text,      -- the seats as a JSON array, when the client named them
    ok      boolean,
    outcome text,
    token   uuid,
    seats   jsonb,
    returned timestamptz,
    PRIMARY KEY (client, op)
);

/*
 * What the clients saw against what the history says.
 *
 * H2  who had an answer before another asked comes first in the history
 * H4  every acknowledged grant is in the history, and every grant in the
 *     history was acknowledged (unless unacknowledged ones are allowed: after
 *     a crash or a cut connection)
 * H5  refused calls left nothing
 * H6  grants are whole: what was asked, what was answered and what was written
 */
CREATE FUNCTION t.broken_audit(allow_unacknowledged boolean DEFAULT false)
RETURNS TABLE (rule text, client integer, op integer, what text) LANGUAGE sql AS $$
WITH grants AS (
    SELECT h.event, h.seq, h.token, h.action,
           jsonb_agg(h.label ORDER BY h.seat_no) AS seats
      FROM t.history h WHERE h.action IN ('held', 'booked')
     GROUP BY h.event, h.seq, h.token, h.action),
granted_seats AS (
    SELECT a.client, a.op, a.called, a.returned, h.event, h.label, h.version
      FROM t.audit a
      JOIN t.history h ON h.event = a.event AND h.token = a.token AND h.action = 'held'
     WHERE a.ok AND a.verb = 'claim')
SELECT 'H2', client, op, format('seat %s version %s was answered before version < it was asked for', label, version)
  FROM (SELECT *, max(called) OVER (PARTITION BY event, label ORDER BY version
                                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS latest_call
          FROM granted_seats) g
 WHERE returned < latest_call
UNION ALL
SELECT 'H4', a.client, a.op, format('acknowledged %s of %s is not in the history', a.outcome, a.seats)
  FROM t.audit a
 WHERE a.ok AND a.verb IN ('claim', 'confirm')
   AND NOT EXISTS (SELECT FROM grants g
                    WHERE g.event = a.event AND g.token = a.token AND g.action = a.outcome
                      AND g.seats @> a.seats AND g.seats <@ a.seats)
UNION ALL
SELECT 'H4', NULL, NULL, format('%s of %s in the history was never acknowledged', g.action, g.seats)
  FROM grants g
 WHERE NOT allow_unacknowledged AND g.event IN (SELECT a.event FROM t.audit a)
   AND NOT EXISTS (SELECT FROM t.audit a
                    WHERE a.ok AND a.event = g.event AND a.token = g.token AND a.outcome = g.action)
UNION ALL
SELECT 'H5', a.client, a.op, format('refused with %s, yet there is token %s', a.outcome, a.token)
  FROM t.audit a
  JOIN seatlock.hold h USING (token)
 WHERE NOT a.ok AND a.verb = 'claim'
UNION ALL
SELECT 'H6', a.client, a.op, format('asked %s, was answered %s', a.asked, a.seats)
  FROM t.audit a
 WHERE a.ok AND a.verb = 'claim' AND NOT (a.asked::jsonb @> a.seats AND a.asked::jsonb <@ a.seats)
$$;

-- Seats that were granted to more than one token at once, by the clients' own
-- records alone: for loads in which nobody gives back and nothing expires.
CREATE VIEW t.sold_twice AS
SELECT a.event, seat, count(DISTINCT a.token) AS winners
  FROM t.audit a CROSS JOIN LATERAL jsonb_array_elements_text(a.seats) AS seat
 WHERE a.ok AND a.verb = 'claim'
 GROUP BY a.event, seat HAVING count(DISTINCT a.token) > 1;

/*
 * Claims of one seat that were refused as taken although it was free all the
 * while: it never had an owner by then, or its last owner had been told, before
 * the claim was sent, that he had given it back.
 */
CREATE FUNCTION t.stale_refusals() RETURNS TABLE (client integer, op integer, event text, seat text, what text)
LANGUAGE sql AS $$
WITH refusals AS (
    SELECT a.client, a.op, a.event, a.called, a.returned, a.asked::jsonb->>0 AS label
      FROM t.audit a
     WHERE a.verb = 'claim' AND a.outcome = 'taken' AND a.returned IS NOT NULL
       AND jsonb_array_length(a.asked::jsonb) = 1),
moves AS MATERIALIZED (
    SELECT m.event, m.label, m.action, m.token, m.changed_at,
           lead(m.changed_at, 1, 'infinity') OVER (PARTITION BY m.event, m.seat_no ORDER BY m.version) AS until,
           lag(m.version) OVER (PARTITION BY m.event, m.seat_no ORDER BY m.version) IS NULL AS is_first
      FROM t.history m WHERE m.action <> 'extended'),
returns AS MATERIALIZED (
    SELECT r.event, r.token, seat AS label, r.returned
      FROM t.audit r CROSS JOIN LATERAL jsonb_array_elements_text(r.seats) AS seat
     WHERE r.ok AND r.verb IN ('release', 'cancel'))
SELECT r.client, r.op, r.event, r.label, format('free since %s', g.returned)
  FROM refusals r
  JOIN moves m ON m.event = r.event AND m.label = r.label AND m.changed_at <= r.returned AND m.until > r.returned
  JOIN returns g ON g.event = m.event AND g.token = m.token AND g.label = m.label
 WHERE m.action IN ('released', 'cancelled') AND g.returned <= r.called
UNION ALL
SELECT r.client, r.op, r.event, r.label, 'never had an owner'
  FROM refusals r
 WHERE NOT EXISTS (SELECT FROM moves m
                    WHERE m.event = r.event AND m.label = r.label AND m.is_first AND m.changed_at <= r.returned)
$$;
