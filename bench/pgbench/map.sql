-- what any reading costs at least
SELECT peer.claim('{}', 'nobody', 0);
