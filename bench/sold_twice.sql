-- How many seats were sold twice, by plain SQL over the change history alone:
-- no function of seatlock takes part.  Needs the variable event.
--
-- A seat's own versions put its steps in order.  Wrong is a seat that passes
--   from a sale to another token, without a cancel in between,
--   from a hold to another token, without a release or a lapse in between,
--   from a hold that is recorded as lapsed before its time was up,
-- and two steps that claim to be the same version of a seat.
WITH step AS (
    SELECT s.seat_no, s.version, c.action, c.token, c.changed_at,
           lag(s.version) OVER seat AS version_before,
           lag(c.action) OVER seat AS action_before,
           lag(c.token) OVER seat AS token_before
      FROM seatlock.event e
      JOIN seatlock.change c ON c.event_id = e.event_id
     CROSS JOIN unnest(c.seats, c.versions) AS s (seat_no, version)
     WHERE e.name = :'event' AND c.action <> 'extended'
    WINDOW seat AS (PARTITION BY s.seat_no ORDER BY s.version, c.seq)
)
SELECT count(DISTINCT step.seat_no)
  FROM step
 WHERE (action_before IN ('booked', 'held') AND action IN ('booked', 'held') AND token <> token_before)
    OR version = version_before
    OR (action = 'expired' AND EXISTS (
            SELECT FROM seatlock.hold h
             WHERE h.token = step.token AND h.state = 'l' AND h.expires_at > step.changed_at));
