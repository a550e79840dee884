-- title: INSERT of a whole copy
-- role: yardstick
-- claim: SELECT NULL::text
-- (sells nothing: what it takes to store a house anew for each night)

CREATE TABLE peer.plan (
    seat_no integer PRIMARY KEY, section_no integer NOT NULL, category_no integer NOT NULL,
    row_no integer, run_no integer, x float8 NOT NULL, y float8 NOT NULL,
    label text COLLATE "C" NOT NULL, row_label text COLLATE "C", seat_number text COLLATE "C" NOT NULL);

CREATE TABLE peer.seat (
    event_id integer NOT NULL,
    LIKE peer.plan,
    PRIMARY KEY (event_id, seat_no),
    UNIQUE (event_id, label) INCLUDE (seat_no)
);

CREATE TABLE peer.seat_state (
    event_id   integer NOT NULL,
    seat_no    integer NOT NULL,
    version    bigint NOT NULL DEFAULT 0,
    expires_at timestamptz,
    token      uuid,
    status     "char" NOT NULL DEFAULT 'f',
    PRIMARY KEY (event_id, seat_no)
) WITH (fillfactor = 50);

CREATE FUNCTION peer.open_house(num_seats integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO peer.plan
    SELECT n, 1, 1, n / 40, n / 40, n % 40, n / 40,
           'R' || n / 40 || '-' || n % 40 + 1, 'R' || n / 40, n % 40 + 1
      FROM generate_series(0, num_seats - 1) n;
$$;

CREATE FUNCTION peer.create_event(event integer, num_seats integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO peer.seat SELECT event, * FROM peer.plan ORDER BY seat_no;
    INSERT INTO peer.seat_state (event_id, seat_no) SELECT event, seat_no FROM peer.plan ORDER BY seat_no;
$$;
