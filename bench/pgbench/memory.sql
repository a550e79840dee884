-- a seat that is taken, on a board where all of them are warm
SELECT token, outcome FROM seatlock.claim('on-sale', ARRAY['Balcony-0001-001'], :client_id::text, 900);
