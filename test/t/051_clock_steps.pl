# The server's clock steps, forth and back, by hours: holds expire early or live
# longer, but no seat has two owners, and the board agrees with the tables.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;
use Time::HiRes qw(time usleep);

my $num_clients = 10;
my ($faketime) = glob '/usr/lib/*/faketime/libfaketimeMT.so.1';
my $node = seatlock_node('clock', conf => "shared_preload_libraries = 'seatlock'");
my $file = PostgreSQL::Test::Utils::tempdir . '/clock';
random_seed();
ok(defined $faketime, 'libfaketime is there') or BAIL_OUT('no libfaketime');

sub sql { return $node->safe_psql('postgres', $_[0]) }
sub show { return sql("SELECT t.show(c) FROM seatlock.$_[0] c") =~ s/(?<=held)(, [\d.]+ s)//r }

# Only the server gets another clock; it reads it anew each time.
sub set_clock
{
	my ($seconds) = @_;

	open my $clock, '>', "$file.new" or die "could not write $file: $!";
	printf $clock "%+d\n", $seconds;
	close $clock;
	rename "$file.new", $file or die "could not rename $file: $!";
	return;
}

sub step_to
{
	my ($seconds) = @_;

	set_clock($seconds);
	return ok(wait_until('the clock has stepped', sub {
		abs(sql('SELECT extract(epoch FROM clock_timestamp())') - time - $seconds) < 60 }, 60), "the clock is at $seconds");
}

# All but what compares two readings of the clock.
sub order_is_sound
{
	my ($name) = @_;

	is(sql(q{SELECT * FROM t.broken_history() WHERE what NOT LIKE '%is older than version%' AND what NOT LIKE '%before its end' LIMIT 20}), '', "$name: the history is sound");
	is(sql(q{SELECT * FROM t.broken_audit() WHERE rule <> 'H2' LIMIT 20}), '', "$name: the clients' records agree");
	is(sql('SELECT * FROM seatlock.check_integrity() LIMIT 20'), '', "$name: check_integrity() finds nothing");
	board_is_true($node, $name);
	no_locks_left($node, $name);
	return;
}

$node->stop;
append_to_file($file, "+0\n");
{
	local %ENV = (%ENV, LD_PRELOAD => $faketime, FAKETIME_TIMESTAMP_FILE => $file, FAKETIME_NO_CACHE => 1, DONT_FAKE_MONOTONIC => 1);
	$node->start;
}
make_event($node, 'e', 4, 20);

# Forth: holds have expired, for claims and for their owners.
my $ann = sql(q{SELECT token FROM seatlock.claim('e', '{A-1,A-2}', 'ann', 600)});
my $bob = sql(q{SELECT token FROM seatlock.claim('e', 'A-3', 'bob', 7200)});
my $cat = sql(q{SELECT token FROM seatlock.claim('e', 'A-4', 'cat', 600)});
sql(q{SELECT seatlock.book('e', 'A-5', 'dan')});
warm_board($node, 'e', 'warm');
is(show(q{claim('e', 'A-1', 'eve')}), 'no taken | A-1 held', 'held');
step_to(3600);
is(show(q{claim('e', 'A-1', 'eve', 600)}), 'ok held A-1', 'an hour later it is free');
is(show(q{claim_now('e', 'A-2', 'eve', 600)}), 'ok held A-2', 'also to the worker');
is(sql("SELECT outcome FROM seatlock.confirm('e', '$ann')"), 'expired', 'its first owner comes too late');
is(sql("SELECT outcome FROM seatlock.release('e', '$ann')"), 'expired', 'for all');
is(show(q{claim('e', 'A-3', 'eve')}), 'no taken | A-3 held', 'a longer one holds');
is(show(q{claim('e', 'A-5', 'eve')}), 'no taken | A-5 booked', 'a sale stands');
warm_board($node, 'e', 'warm an hour later');

# Back, to before they were made: they live longer, and are still the owners'.
step_to(-7200);
is(show(q{claim('e', 'A-1', 'fay')}), 'no taken | A-1 held', 'three hours back: held by the second owner');
is(show(q{claim_now('e', 'A-2', 'fay')}), 'no taken | A-2 held', 'so says the worker');
is(sql("SELECT outcome FROM seatlock.confirm('e', '$ann')"), 'expired', 'the first owner has lost it for good');
is(show(q{claim('e', 'A-3', 'fay')}), 'no taken | A-3 held', 'the longer one holds');
is(sql("SELECT outcome FROM seatlock.extend('e', '$bob', 600)"), 'cannot_extend', 'and is never shortened');
is(sql("SELECT outcome FROM seatlock.confirm('e', '$bob')"), 'booked', 'it can be paid');
like(sql("SELECT outcome FROM seatlock.confirm('e', '$cat')"), qr/^(booked|expired)$/, 'one that had expired, recorded or not, is paid or gone');
is(show(q{claim('e', 'B-1', 'fay', 60)}), 'ok held B-1', 'new holds are made');
warm_board($node, 'e', 'warm three hours back');
step_to(0);
is(show(q{claim('e', 'B-1', 'gus')}), 'ok held B-1', 'and expire as the clock says');
order_is_sound('one by one');

# Waits are measured by a clock that nobody sets: a step forth does not end one,
# a step back does not lengthen it.
my ($locker, $waiter) = sessions($node, 2);
my $waiter_pid = in_session($waiter, 'SELECT pg_backend_pid()');
sub start_waiting
{
	$waiter->{stdin} .= "SET seatlock.lock_wait = '$_[0]';\nSELECT outcome FROM seatlock.claim('e', 'D-1', 'waiter', 600);\n\\echo answered\n";
	return ok(wait_until('it waits', sub {
		$waiter->{run}->pump_nb;
		sql("SELECT wait_event_type = 'Extension' FROM pg_stat_activity WHERE pid = $waiter_pid") eq 't' }), 'a claim waits for a lock');
}
sub answer
{
	wait_until('it is answered', sub { $waiter->{run}->pump_nb; $waiter->{stdout} =~ /answered/ }, 120);
	my ($outcome) = $waiter->{stdout} =~ /^(\w+)\n.*answered/m;
	$waiter->{stdout} = '';
	return $outcome // 'none';
}
in_session($locker, q{BEGIN; SELECT * FROM seatlock.lock('e', 'D-1')});
start_waiting('2s');
set_clock(-36000);
is(answer(), 'busy', 'the wait ends although the clock was set back by hours');
step_to(0);
start_waiting('100s');
step_to(36000);
is(sql("SELECT state FROM pg_stat_activity WHERE pid = $waiter_pid"), 'active', 'a wait does not end because the clock was set forth by hours');
in_session($locker, 'ROLLBACK');
is(answer(), 'held', 'but when the lock is free');
$_->quit for $locker, $waiter;
step_to(0);

# A crowd, while the clock steps all the time.
make_event($node, 'crowd', 2, 20, 'max_seats_per_holder => 1000, hold_seconds => 60');
my @seats = seats_of($node, 'crowd');
my $crowd = start_crowd($node, [ map { random_buyer($_, 'crowd', \@seats, 3000) } 1 .. $num_clients ]);
my $steps = 0;
while ($steps % 10 || sql(q{SELECT count(*) FROM pg_stat_activity WHERE application_name = 'crowd'}) ne '0')
{
	set_clock((0, 30, 90, -90, 3600, -7200, 10, 100000)[ rand 8 ]);
	usleep(1000 * rand 100);
	$steps++;
}
finish_crowd($crowd);
cmp_ok($steps, '>', 10, 'the clock stepped while they were at work');
nobody_failed($crowd, 'crowd');
load_records($node, $crowd);
order_is_sound('crowd');
# neither owner of a seat can do without the other's end
is(sql(q{
	SELECT s.event_id, s.seat_no, count(*) FROM seatlock.seat_state s
	  JOIN seatlock.hold h ON h.event_id = s.event_id AND s.seat_no = ANY (h.seats) AND h.state IN ('h', 'b')
	 GROUP BY 1, 2 HAVING count(*) > 1}), '', 'no seat belongs to two live tokens');
step_to(200000);
is(sql(q{SELECT label FROM seatlock.seat_map('crowd') m WHERE status = 'free' AND
		(SELECT c.conflicts FROM seatlock.claim('crowd', jsonb_build_array(m.label, 'no such seat')::text, 'probe') c)::text ~ 'held|booked'}),
	'', 'days later all holds have expired');
warm_board($node, 'crowd', 'warm days later');
order_is_sound('at the end');
log_is_clean($node, 'clock steps');
$node->stop;
done_testing();
