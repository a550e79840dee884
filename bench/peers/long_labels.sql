-- title: seatlock.stat_board
-- role: seatlock
-- uses: seatlock
-- weigh: SELECT bytes::float8 / num_seats FROM seatlock.stat_board WHERE event = 'on-sale' AND num_warm = num_seats

-- rows of 100 seats; each label has 16 bytes, as in Balcony-0001-001
CREATE OR REPLACE FUNCTION peer.fill(num_seats integer) RETURNS void LANGUAGE sql AS $$
    SELECT seatlock.create_venue('arena', jsonb_build_object(
        'name', 'Arena',
        'categories', jsonb_build_array(jsonb_build_object('name', 'Standard', 'color', '#888888')),
        'zones', jsonb_build_array(jsonb_build_object('name', 'Arena', 'rows', (
            SELECT jsonb_agg(jsonb_build_object(
                       'row_number', 'Balcony-' || to_char(r, 'FM0000'),
                       'seats', (SELECT jsonb_agg(jsonb_build_object(
                                            'seat_number', to_char(s, 'FM000'),
                                            'seat_guid', r || '-' || s,
                                            'position', jsonb_build_object('x', s, 'y', 0),
                                            'category', 'Standard'))
                                   FROM generate_series(1, 100) s)))
              FROM generate_series(1, num_seats / 100) r)))));
    SELECT seatlock.create_event('on-sale', 'arena');
$$;
