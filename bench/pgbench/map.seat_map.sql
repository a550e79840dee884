SELECT label, status FROM seatlock.seat_map('on-sale');
