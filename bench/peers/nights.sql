-- One house of rows of 40 seats, and the nights that are sold in it.
CREATE EXTENSION seatlock;

CREATE FUNCTION peer.open_house(num_seats integer) RETURNS bigint LANGUAGE sql AS $$
    SELECT seatlock.create_grid('house', 'House', num_seats / 40, 40, 'Standard');
$$;

CREATE FUNCTION peer.create_event(event integer, num_seats integer) RETURNS bigint LANGUAGE sql AS $$
    SELECT seatlock.create_event(event::text, 'house');
$$;

CREATE FUNCTION peer.seats() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT label FROM seatlock.seat_map('1');
$$;

CREATE FUNCTION peer.held() RETURNS TABLE (seat text, token text, event text) LANGUAGE sql AS $$
    SELECT unnest(seats), token, event FROM seatlock.holds;
$$;

CREATE FUNCTION peer.take(seats text[], event integer) RETURNS void LANGUAGE sql AS $$
    SELECT FROM seatlock.claim(event::text, seats, 'early', 7200);
$$;

-- what is timed of a long history
CREATE FUNCTION peer.show_holds() RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM (SELECT * FROM seatlock.holds OFFSET 0) h;
$$;

CREATE FUNCTION peer.show_history(seat text) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM seatlock.seat_history('1', seat);
$$;

CREATE FUNCTION peer.prune_nothing() RETURNS bigint LANGUAGE sql AS $$
    SELECT seatlock.prune('1', now());
$$;
