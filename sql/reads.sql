-- seat_map, availability, changes and seat_history: what a buyer's page and a
-- poller see, at every state of a seat
SELECT seatlock.create_grid('reads', 'Stalls', 2, 8, 'Gold');
SELECT seatlock.create_grid('reads', 'Circle', 1, 5, 'Silver');
SELECT seatlock.create_area('reads', 'Floor', 6, 'Gold');
SELECT seatlock.create_event('reads', 'reads');

-- seat order: sections as created, rows, seats; places of general admission too
SELECT label, section, row_label, seat_number, category, status, version, x < 100 AS near
  FROM seatlock.seat_map('reads');
SELECT * FROM seatlock.availability('reads');

-- a run of free neighbours ends at a seat that is not free, and at the row's end
SELECT token AS hold FROM seatlock.claim('reads', '["Stalls-A-3", "Stalls-A-4", "Circle-A-1"]', 'ann') \gset
SELECT ok FROM seatlock.book('reads', '["Stalls-B-8", "Floor-2"]', 'bob', 'order 7');
SELECT ok FROM seatlock.block('reads', 'Circle-A-3', 'camera');
SELECT label, status, version FROM seatlock.seat_map('reads') WHERE status <> 'free';
SELECT * FROM seatlock.availability('reads');

-- a row of two categories, and one that an aisle parts: neither joins
SELECT seatlock.create_venue('parted', '{
  "categories": [{"name": "Gold", "color": "#c90"}, {"name": "Silver"}],
  "zones": [{"name": "Zone", "rows": [
    {"row_number": "A", "seats": [
      {"seat_number": "1", "position": {"x": 0, "y": 0}, "category": "Gold"},
      {"seat_number": "2", "position": {"x": 20, "y": 0}, "category": "Gold"},
      {"seat_number": "3", "position": {"x": 40, "y": 0}, "category": "Silver"},
      {"seat_number": "4", "position": {"x": 60, "y": 0}, "category": "Silver"},
      {"seat_number": "5", "position": {"x": 80, "y": 0}, "category": "Silver"},
      {"seat_number": "6", "position": {"x": 140, "y": 0}, "category": "Silver"},
      {"seat_number": "7", "position": {"x": 160, "y": 0}, "category": "Silver"}]}]}]}');
SELECT seatlock.create_event('parted', 'parted');
SELECT * FROM seatlock.availability('parted');

-- an expired hold is free at once, though nothing has recorded it; the version is the stored one
SELECT ok FROM seatlock.claim('parted', '["A-1", "A-4"]', 'eve', 1);
-- not recorded yet: a worker, if there is one, finds a table locked
BEGIN;
LOCK TABLE seatlock.request IN SHARE MODE;
SELECT t.wait_expiry('parted');
SELECT label, status, version FROM seatlock.seat_map('parted') WHERE label IN ('A-1', 'A-4');
SELECT * FROM seatlock.availability('parted');
SELECT count(*) FROM seatlock.changes('parted', 0, 100) WHERE action = 'expired';
COMMIT;

-- the feed: tokens and labels in seat order, who did what
SELECT seatlock.create_event('feed', 'reads');
SELECT token AS t1 FROM seatlock.claim('feed', '["Circle-A-2", "Stalls-A-1"]', 'ann') \gset
SELECT ok FROM seatlock.extend('feed', :'t1', 3600);
SELECT ok FROM seatlock.set_holder('feed', :'t1', 'anna');
SELECT ok FROM seatlock.release('feed', :'t1', 'Circle-A-2');
SELECT ok FROM seatlock.confirm('feed', :'t1', 'order 8');
SELECT ok FROM seatlock.cancel('feed', :'t1');
SELECT ok FROM seatlock.block('feed', '["Floor-2", "Floor-1"]', 'wet');
SELECT ok FROM seatlock.unblock('feed', 'Floor-1');
SELECT action, token = :'t1' AS is_t1, holder, seats, order_ref, actor = current_user AS by_me,
       seq > lag(seq) OVER () AS rises, changed_at <= clock_timestamp() AS past
  FROM seatlock.changes('feed', 0, 100);
-- page by page it is the same feed; null is from the start
DO $$
DECLARE
    position bigint;
    page bigint[];
    pages bigint[] := '{}';
BEGIN
    LOOP
        SELECT array_agg(seq) INTO page FROM seatlock.changes('feed', position, 3);
        EXIT WHEN page IS NULL;
        ASSERT cardinality(page) <= 3;
        pages := pages || page;
        position := page[cardinality(page)];
    END LOOP;
    ASSERT pages = (SELECT array_agg(seq) FROM seatlock.changes('feed', 0, 1000));
    RAISE NOTICE '% changes', cardinality(pages);
END
$$;
SELECT count(*) FROM seatlock.changes('feed', 9223372036854775807, 10);

-- what the caller's own transaction has written may yet be undone: it stays out
BEGIN;
SELECT ok FROM seatlock.claim('feed', 'Stalls-A-5', 'fay');
SELECT action FROM seatlock.changes('feed', 0, 100);
ROLLBACK;
SELECT ok FROM seatlock.claim('feed', 'Stalls-A-6', 'gil');
SELECT action, seats FROM seatlock.changes('feed', 0, 100) ORDER BY seq DESC LIMIT 1;
-- and another event's feed goes on meanwhile
BEGIN;
SELECT ok FROM seatlock.claim('reads', 'Floor-6', 'fay');
SELECT count(*) FROM seatlock.changes('feed', 0, 100);
ROLLBACK;

-- rows that were restored from a cluster far ahead are complete: no open writer holds them back
BEGIN;
UPDATE seatlock.change SET fence = '99999999999'
 WHERE event_id = (SELECT event_id FROM seatlock.event WHERE name = 'feed');
SELECT ok FROM seatlock.claim('feed', 'Stalls-A-5', 'fay');
SELECT count(*) FROM seatlock.changes('feed', 0, 100);
ROLLBACK;

-- the history of a seat: status and version that each action led to
SELECT seq > 0 AS seq, action, status, version, token = :'t1' AS is_t1, holder, actor = current_user AS by_me
  FROM seatlock.seat_history('feed', 'Stalls-A-1');
SELECT action, status, version, holder FROM seatlock.seat_history('feed', 'Circle-A-2');
SELECT action, status, version, token, holder FROM seatlock.seat_history('feed', 'Floor-1');
SELECT count(*) FROM seatlock.seat_history('feed', 'Circle-A-5');

-- read-only transactions may read, at every level of isolation
BEGIN TRANSACTION ISOLATION LEVEL SERIALIZABLE READ ONLY;
SELECT count(*) FROM seatlock.seat_map('feed');
SELECT count(*) FROM seatlock.availability('feed');
SELECT count(*) FROM seatlock.changes('feed', 0, 100);
SELECT count(*) FROM seatlock.seat_history('feed', 'Stalls-A-1');
SELECT count(*) FROM seatlock.check_integrity();
COMMIT;

-- an event that is not there, and arguments that cannot be
\set VERBOSITY sqlstate
SELECT * FROM seatlock.seat_map('nowhere');
SELECT * FROM seatlock.seat_map(NULL);
SELECT * FROM seatlock.seat_map('');
SELECT * FROM seatlock.availability('nowhere');
SELECT * FROM seatlock.availability(NULL);
SELECT * FROM seatlock.changes('nowhere', 0, 1);
SELECT * FROM seatlock.seat_history('nowhere', 'A-1');
\set VERBOSITY default
SELECT * FROM seatlock.changes('feed', -1, 10);
SELECT * FROM seatlock.changes('feed', 0, 0);
SELECT * FROM seatlock.changes('feed', 0, NULL);
SELECT * FROM seatlock.seat_history('feed', 'A-1');
SELECT * FROM seatlock.seat_history('feed', '');
SELECT * FROM seatlock.seat_history('feed', NULL);

SELECT seatlock.drop_event(event, 'yes') FROM (VALUES ('reads'), ('feed'), ('parted')) AS v (event);
SELECT seatlock.drop_venue(venue) FROM (VALUES ('reads'), ('parted')) AS v (venue);
