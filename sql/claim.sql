-- claim and book: all the seats or none
SELECT seatlock.create_event('claim', 'hall');

-- one seat, a JSON array, an array literal, a typed array
SELECT t.show(c) FROM seatlock.claim('claim', 'A-1', 'ann') c;
SELECT t.show(c) FROM seatlock.claim('claim', '["A-2", "A-3"]', 'ann') c;
SELECT t.show(c) FROM seatlock.claim('claim', '{A-4,A-5}', 'ann') c;
SELECT t.show(c) FROM seatlock.claim('claim', ARRAY['A-6', 'A-7'], 'ann') c;
SELECT t.show(c) FROM seatlock.claim(event => 'claim', seat_labels => '{A-8}'::text[], holder => 'ann') c;
SELECT t.show(c) FROM seatlock.claim(holder => 'ann', seats => 'A-9', event => 'claim', ttl_seconds => 60) c;

-- order and duplicates do not matter, the answer is in seat order
SELECT t.show(c) FROM seatlock.claim('claim', '["B-3", "B-1", "B-2", "B-1"]', 'bob') c;

-- the hold's length: the event's, the caller's, cut to the cap
SELECT expires_in_seconds FROM seatlock.claim('claim', 'B-4', 'bob');
SELECT expires_in_seconds FROM seatlock.claim('claim', 'B-5', 'bob', 30);
SELECT expires_in_seconds FROM seatlock.claim('claim', 'B-6', 'bob', 2000000000);
SELECT expires_in_seconds FROM seatlock.claim('claim', 'B-7', 'bob', NULL, NULL, NULL);
SELECT expires_at - clock_timestamp() BETWEEN '29 s' AND '30 s' AS about_30
  FROM seatlock.claim('claim', 'B-8', 'bob', 30);

-- refused: every seat that stood in the way and why, and no other touched
SELECT ok FROM seatlock.book('claim', 'C-1', 'box office', 'order 1');
SELECT ok FROM seatlock.block('claim', 'C-2');
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('claim', '["A-1","C-1","C-2","C-3","Z-9"]', 'eve') c$$);
SELECT label, status, version FROM seatlock.seat_map('claim') WHERE label IN ('A-1', 'C-1', 'C-2', 'C-3') ORDER BY label;
SELECT c.conflicts->0->'seconds_left' BETWEEN '895' AND '900' AS seconds_left, c.retry_after_ms > 0 AS retry
  FROM seatlock.claim('claim', 'A-1', 'eve') c;
SELECT c.conflicts, c.retry_after_ms FROM seatlock.claim('claim', '["C-1","C-2","Z-9"]', 'eve') c;

-- one's own seats are taken too, unless the token says so
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('claim', '["A-1","C-3"]', 'ann') c$$);

-- book: one step, straight to booked
SELECT t.show(c) AS answer, c.token AS sale FROM seatlock.book('claim', '["D-2","D-1"]', 'box office', 'order 2') c \gset
\echo :answer
SELECT t.try($$SELECT t.show(c) FROM seatlock.book('claim', '["D-2","D-3"]', 'box office') c$$);
SELECT event, holder, status, seats, order_ref, expires_at FROM seatlock.holds WHERE token = :'sale';

-- a claim inside larger SQL: prepared, limited, in a CTE twice, in a function, in a cursor
PREPARE claim(text, text, text) AS SELECT t.show(c) FROM seatlock.claim($1, $2, $3) c LIMIT 1;
EXECUTE claim('claim', 'D-3', 'pat');
EXECUTE claim('claim', 'D-3', 'pat');
SET plan_cache_mode = force_generic_plan;
EXECUTE claim('claim', 'D-4', 'pat');
EXECUTE claim('claim', 'D-4', 'pat');
RESET plan_cache_mode;
DEALLOCATE claim;
WITH one AS MATERIALIZED (SELECT * FROM seatlock.claim('claim', 'D-5', 'cte')),
     two AS MATERIALIZED (SELECT * FROM seatlock.claim('claim', 'D-5', 'cte'))
SELECT one.outcome, two.outcome FROM one, two;
CREATE FUNCTION pg_temp.claim_twice(seat text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    first text;
    second text;
BEGIN
    SELECT outcome INTO first FROM seatlock.claim('claim', seat, 'plpgsql');
    SELECT outcome INTO second FROM seatlock.claim('claim', seat, 'plpgsql');
    RETURN first || ', then ' || second;
END
$$;
SELECT pg_temp.claim_twice('D-6');
BEGIN;
DECLARE both_calls CURSOR FOR SELECT outcome FROM unnest(ARRAY['D-7', 'D-7']) AS s, seatlock.claim('claim', s, 'cursor');
FETCH 1 FROM both_calls;
FETCH 1 FROM both_calls;
COMMIT;
SELECT outcome FROM unnest(ARRAY['D-8', 'D-9', 'D-8']) AS s, seatlock.claim('claim', s, 'lateral');

-- the sale window: claims only
SELECT seatlock.create_event('claim later', 'hall', opens_at => 'infinity');
SELECT seatlock.create_event('claim over', 'hall', closes_at => '-infinity');
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('claim later', 'A-1', 'ann') c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('claim over', 'A-1', 'ann') c$$);
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim_best('claim over', 2, 'ann') c$$);
SELECT t.show(c) FROM seatlock.book('claim over', 'A-1', 'box office') c;
SELECT seatlock.alter_event('claim later', opens_at => '2000-01-01');
SELECT t.show(c) AS answer, c.token AS late FROM seatlock.claim('claim later', '["A-1","A-2"]', 'ann') c \gset
\echo :answer
SELECT seatlock.alter_event('claim later', closes_at => '2000-01-02');
SELECT t.try($$SELECT t.show(c) FROM seatlock.claim('claim later', 'A-3', 'ann') c$$);
SELECT t.show(c) FROM seatlock.extend('claim later', :'late', 1000) c;
SELECT t.show(c) FROM seatlock.release('claim later', :'late', 'A-2') c;
SELECT t.show(c) FROM seatlock.confirm('claim later', :'late') c;
SELECT t.show(c) FROM seatlock.cancel('claim later', :'late') c;

-- the same label in two events are two seats
SELECT seatlock.create_event('claim twin', 'hall');
SELECT t.show(c) FROM seatlock.claim('claim twin', 'A-1', 'ann') c;

-- what was written: one row of history per step, versions that rise by one
SELECT action, holder, order_ref, actor = current_user AS actor, string_agg(label || ':' || version, ' ' ORDER BY seat_no)
  FROM t.history WHERE event = 'claim later' GROUP BY seq, action, holder, order_ref, actor ORDER BY seq;
SELECT * FROM t.broken_history();
SELECT * FROM seatlock.check_integrity();
