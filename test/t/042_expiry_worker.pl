# The worker records lapses as they come due, so that the feed and the versions
# tell of them within a second, though nobody asks for the seats.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use SeatlockTest;
use Test::More;
use Time::HiRes qw(time);

my $node = seatlock_node('expiry_worker', conf => "shared_preload_libraries = 'seatlock'");
make_event($node, 'e', 20, 40);

# Holds from before there is a worker, made by the tables' owner as if long ago.
my $old = $node->safe_psql('postgres', q{SELECT token FROM seatlock.claim('e', '{T-1,T-2}', 'old', 1)});
is($node->safe_psql('postgres', q{SELECT outcome FROM seatlock.claim_now('e', 'A-1', 'wakes the worker')}), 'held', 'a worker runs');

sub expired { return $node->safe_psql('postgres', "SELECT count(*) FROM seatlock.changes('e', 0, 100000) WHERE action = 'expired' AND holder = '$_[0]'") }
sub lateness { return $node->safe_psql('postgres', "SELECT max(extract(epoch FROM c.changed_at - h.expires_at)) FROM seatlock.change c JOIN seatlock.hold h USING (event_id, token) WHERE c.action = 'expired' AND c.holder = '$_[0]'") }

ok(wait_until('recorded', sub { expired('old') eq '1' }), 'a hold from before the worker came');
$node->safe_psql('postgres', q{SELECT seatlock.claim('e', '{A-2,A-3}', 'plain', 1)});
$node->safe_psql('postgres', q{SELECT seatlock.claim_now('e', '{A-4}', 'now', 1)});
ok(wait_until('recorded', sub { expired('plain') eq '1' }), 'a plain hold');
ok(wait_until('recorded', sub { expired('now') eq '1' }), 'a hold of the worker\'s own');
cmp_ok(lateness($_), '<', 1, "told within a second: $_") for 'plain', 'now';
is($node->safe_psql('postgres', q{SELECT string_agg(label || ' ' || status || ' ' || version, ', ') FROM seatlock.seat_map('e') WHERE label IN ('A-2', 'A-3')}),
	'A-2 free 2, A-3 free 2', 'all its seats at once, one version later');
is($node->safe_psql('postgres', q{SELECT DISTINCT actor FROM seatlock.changes('e', 0, 1000) WHERE action = 'expired'}), 'postgres', 'by the extension\'s owner');

# What changed since the worker heard of the hold is seen.
# All in one go, well before their ends.
$node->safe_psql('postgres', join '', map { "SELECT token FROM seatlock.claim('e', '$_->[0]', 'holder $_->[0]', 2) \\gset\nSELECT seatlock.$_->[1];\n" }
	[ 'B-1', q{confirm('e', :'token')} ], [ 'B-2', q{extend('e', :'token', 4)} ], [ 'B-3', q{release('e', :'token')} ]);
ok(wait_until('recorded', sub { expired('holder B-2') eq '1' }), 'an extended hold expires later');
cmp_ok(lateness('holder B-2'), '<', 1, 'and within a second of that');
cmp_ok($node->safe_psql('postgres', q{SELECT min(extract(epoch FROM c.changed_at - h.expires_at)) FROM seatlock.change c JOIN seatlock.hold h USING (event_id, token) WHERE c.action = 'expired'}), '>=', 0, 'none expires early');
is(expired('holder B-1') . expired('holder B-3'), '00', 'a sold and a released one do not expire');

# Somebody at work on the hold is not waited for.
my ($other) = sessions($node, 1);
in_session($other, q{SELECT seatlock.claim('e', 'C-1', 'locked', 1); BEGIN; SELECT seatlock.lock('e', 'C-1')});
$node->poll_query_until('postgres', q{SELECT clock_timestamp() > expires_at + interval '500 ms' FROM seatlock.hold WHERE holder = 'locked'});
is(expired('locked'), '0', 'a locked hold is left alone');
is($node->safe_psql('postgres', q{SELECT outcome FROM seatlock.claim_now('e', 'C-2', 'served')}), 'held', 'and nobody waits for it');
in_session($other, 'COMMIT');
ok(wait_until('recorded', sub { expired('locked') eq '1' }), 'and recorded when it is free');

# Many at once, more than one batch and more than the list of hints holds.
$node->safe_psql('postgres', q{SELECT seatlock.claim('e', label, 'many', 2) FROM seatlock.seat_map('e') WHERE status = 'free'});
my $held = $node->safe_psql('postgres', q{SELECT count(*) FROM seatlock.hold WHERE holder = 'many'});
ok(wait_until('recorded', sub { expired('many') eq $held }), "$held holds that expire together are all recorded");
make_event($node, 'big', 40, 40);
$node->safe_psql('postgres', q{SELECT seatlock.claim('big', label, 'very many', 2) FROM seatlock.seat_map('big')});
ok(wait_until('recorded', sub { $node->safe_psql('postgres', q{SELECT count(*) FROM seatlock.change WHERE action = 'expired' AND holder = 'very many'}) eq '1600' }),
	'also when not every one could be hinted at');
is($node->safe_psql('postgres', q{SELECT s.lapsed = c.n AND last_error IS NULL FROM seatlock.stat_worker s, (SELECT count(*) AS n FROM seatlock.change WHERE action = 'expired') c}), 't', 'and counted');

# A table lock, and an event dropped with its holds, do not stop the worker.
in_session($other, 'BEGIN; LOCK TABLE seatlock.hold IN ACCESS EXCLUSIVE MODE');
$node->poll_query_until('postgres', q{SELECT pg_sleep(1.2) IS NOT NULL});
in_session($other, 'COMMIT');
$node->safe_psql('postgres', q{SELECT seatlock.claim('big', 'A-1', 'dropped', 1); SELECT seatlock.drop_event('big', 'yes')});
$node->safe_psql('postgres', q{SELECT seatlock.claim('e', 'D-1', 'after', 1)});
ok(wait_until('recorded', sub { expired('after') eq '1' }), 'the worker goes on after locks and dropped events');

$other->quit;
history_is_sound($node, 'at the end');
no_locks_left($node, 'at the end');
log_is_clean($node, 'expiry by the worker');
$node->stop;
done_testing();
