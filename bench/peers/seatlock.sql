-- title: seatlock.claim
-- role: seatlock
-- claim: SELECT token, outcome FROM seatlock.claim('on-sale', $1::text[], $2, $3)

CREATE EXTENSION seatlock;

-- rows of 100 seats, each labelled with its number, from 1: what scripts of pgbench can draw
CREATE FUNCTION peer.fill(num_seats integer) RETURNS void LANGUAGE sql AS $$
    SELECT seatlock.create_venue('arena', jsonb_build_object(
        'name', 'Arena',
        'categories', jsonb_build_array(jsonb_build_object('name', 'Standard', 'color', '#888888')),
        'zones', jsonb_build_array(jsonb_build_object('name', 'Arena', 'rows', (
            SELECT jsonb_agg(jsonb_build_object(
                       'row_number', r::text,
                       'seats', (SELECT jsonb_agg(jsonb_build_object(
                                            'seat_number', s::text,
                                            'seat_guid', (100 * r + s)::text,
                                            'position', jsonb_build_object('x', s, 'y', 0),
                                            'category', 'Standard') ORDER BY s)
                                   FROM generate_series(1, 100) s)) ORDER BY r)
              FROM generate_series(0, num_seats / 100 - 1) r)))), 'guid');
    SELECT seatlock.create_event('on-sale', 'arena');
$$;

CREATE FUNCTION peer.seats() RETURNS SETOF text LANGUAGE sql AS $$
    -- as seat_map has them, without the work that it takes to tell their status
    SELECT s.label FROM seatlock.seat s JOIN seatlock.event e USING (layout_id)
     WHERE e.name = 'on-sale' ORDER BY s.seat_no;
$$;

CREATE FUNCTION peer.held() RETURNS TABLE (seat text, token text) LANGUAGE sql AS $$
    SELECT unnest(seats), token FROM seatlock.holds;
$$;

CREATE FUNCTION peer.take(seats text[]) RETURNS void LANGUAGE sql AS $$
    SELECT FROM seatlock.claim('on-sale', seats, 'early', 7200);
$$;

-- a look at the whole house brings it onto the seat board, where there is one
CREATE OR REPLACE FUNCTION peer.warm() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM seatlock.seat_map_compact('on-sale');
    FOR i IN 1 .. 200 LOOP
        EXIT WHEN current_setting('shared_preload_libraries') !~ 'seatlock'
               OR EXISTS (SELECT FROM seatlock.stat_board WHERE event = 'on-sale');
        PERFORM pg_sleep(0.05);
    END LOOP;
END
$$;
