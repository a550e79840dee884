-- title: seatlock.claim
-- role: seatlock
-- claim: SELECT token, outcome FROM seatlock.claim('on-sale', $1::text[], $2, $3)

CREATE EXTENSION seatlock;

CREATE FUNCTION peer.fill(num_seats integer) RETURNS void LANGUAGE sql AS $$
    SELECT seatlock.create_grid('arena', 'Arena', num_seats / 100, 100, 'Standard');
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
