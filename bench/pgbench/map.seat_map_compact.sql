SELECT version, seats FROM seatlock.seat_map_compact('on-sale');
