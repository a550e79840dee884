-- uses: seatlock

-- in whose name claims that come through Redis are decided (seatlock.redis_role)
GRANT USAGE ON SCHEMA seatlock TO shop;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA seatlock TO shop;
