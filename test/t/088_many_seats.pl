# Each function's work for many seats grows with their number and little more,
# and it can be cancelled at any moment.  The measure is the processor time of
# the backend, for ten times as many seats: what others do meanwhile is no part
# of it.  SEATLOCK_LONG=1 adds the rest of the family.
# Passes: preloaded, since a claim looks at the board and then takes the same way.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

plan skip_all => 'no processor times in /proc' if !-r '/proc/self/schedstat';

my $few = 10_000;
my $many = 100_000;
# n log n is 12.6 times as much; a comparison of all with all is 100 times
my $most_growth = 20;
# longer than the server sorts so many names; what it does to clean up is in it
my $most_delay = 0.4;

my $node = seatlock_node('many_seats');

$node->safe_psql('postgres', q{
	CREATE FUNCTION cpu() RETURNS float8 LANGUAGE sql VOLATILE
		AS $$SELECT split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::float8 / 1e9$$;
	CREATE FUNCTION plan_of(n integer, zones integer) RETURNS jsonb LANGUAGE sql AS $$
		SELECT jsonb_build_object('name', 'plan', 'categories',
				(SELECT jsonb_agg(jsonb_build_object('name', 'c' || c, 'color', '#123456')) FROM generate_series(1, 1000) c),
			'zones', (SELECT jsonb_agg(jsonb_build_object('name', 'z' || z, 'position', jsonb_build_object('x', 0, 'y', 30 * z),
				'rows', jsonb_build_array(jsonb_build_object('row_number', 'r' || z, 'position', jsonb_build_object('x', 0, 'y', 0),
				'seats', (SELECT jsonb_agg(jsonb_build_object('seat_number', s::text, 'seat_guid', 'seat ' || s || ' of zone ' || z, 'category', 'c' || ((z * s) % 1000 + 1), 'position', jsonb_build_object('x', 20 * s, 'y', 0)))
					FROM generate_series(1, n / zones) s))))) FROM generate_series(1, zones) z)) $$;
});

# A hold of the event's first n seats; what each statement names as <token>.
my %state = (
	held => "SELECT token FROM seatlock.claim('<event>', (SELECT seats FROM lists WHERE n = <n>), 'ann')",
	booked => "SELECT token FROM seatlock.book('<event>', (SELECT seats FROM lists WHERE n = <n>), 'ann')",
	blocked => "SELECT NULL AS token FROM seatlock.block('<event>', (SELECT seats FROM lists WHERE n = <n>))",
	# one hold for each seat, all expired
	lapsed => "INSERT INTO seatlock.hold (event_id, state, capped, token, created_at, expires_at, holder, seats)"
	  . " SELECT event_id, 'h', false, gen_random_uuid(), now() - interval '1 hour', now() - interval '1 minute', 'bob', ARRAY[seat_no]"
	  . " FROM seatlock.seat_state JOIN seatlock.event USING (event_id) WHERE name = '<event>';"
	  . " UPDATE seatlock.seat_state s SET status = 'h', token = h.token, expires_at = h.expires_at, version = version + 1"
	  . " FROM seatlock.hold h WHERE s.event_id = h.event_id AND s.seat_no = h.seats[1] AND h.state = 'h'"
	  . " AND s.event_id = (SELECT event_id FROM seatlock.event WHERE name = '<event>'); SELECT NULL AS token",
	free => 'SELECT NULL AS token',
);
my $seats = '(SELECT seats FROM lists WHERE n = <n>)';
my $no_seats = '(SELECT no_seats FROM lists WHERE n = <n>)';
my @calls = (
	[ 'claim', 'free', "seatlock.claim('<event>', $seats, 'ann')" ],
	[ 'claim by guid', 'free', "seatlock.claim('<event>', (SELECT guids FROM lists WHERE n = <n>), 'ann')" ],
	[ 'claim of expired holds', 'lapsed', "seatlock.claim('<event>', $seats, 'ann')" ],
	[ 'claim of unknown seats', 'free', "seatlock.claim('<event>', $no_seats, 'bob')" ],
	[ 'claim under a key', 'keyed', "seatlock.claim('<event>', $seats, 'ann', NULL, NULL, 'key')" ],
	[ 'hold', 'held', "seatlock.hold('<event>', '<token>')" ],
	[ 'release of named seats', 'held', "seatlock.release('<event>', '<token>', $seats)" ],
	[ 'cancel of named seats', 'booked', "seatlock.cancel('<event>', '<token>', $seats)" ],
	[ 'unblock', 'blocked', "seatlock.unblock('<event>', $seats)" ],
	[ 'lock', 'free', "seatlock.lock('<event>', $seats)" ],
	[ 'seat_map_svg', 'held', "seatlock.seat_map_svg('<event>')" ],
	[ 'create_venue', 'free', "seatlock.create_venue('venue <n>', (SELECT plan FROM lists WHERE n = <n>))" ],
	[ 'create_event', 'free', "seatlock.create_event('another <n>', 'hall <n>')" ],
);
my @more_calls = (
	[ 'claim of seats that others have', 'held', "seatlock.claim('<event>', $seats, 'bob')" ],
	[ 'claim_best', 'free', "seatlock.claim_best('<event>', <n>, 'ann')" ],
	[ 'confirm', 'held', "seatlock.confirm('<event>', '<token>')" ],
	[ 'block', 'free', "seatlock.block('<event>', $seats)" ],
	[ 'seat_map', 'held', "seatlock.seat_map('<event>')" ],
	[ 'seat_map_text', 'held', "seatlock.seat_map_text('<event>')" ],
	[ 'availability', 'held', "seatlock.availability('<event>')" ],
	[ 'create_area', 'free', "seatlock.create_area('area <n>', 'S', <n>, 'c')" ],
	[ 'claim of seats that it has', 'held', "seatlock.claim('<event>', $seats, 'ann', NULL, '<token>')" ],
	[ 'claim_best, any', 'free', "seatlock.claim_best('<event>', <n>, 'ann', adjacency => 'any')" ],
	[ 'extend', 'held', "seatlock.extend('<event>', '<token>', 7000)" ],
	[ 'set_holder', 'held', "seatlock.set_holder('<event>', '<token>', 'bob')" ],
	[ 'release', 'held', "seatlock.release('<event>', '<token>')" ],
	[ 'block of expired holds', 'lapsed', "seatlock.block('<event>', $seats)" ],
	[ 'lock of seats that wait', 'free', "seatlock.lock('<event>', $seats, 100)" ],
	[ 'create_grid', 'free', "seatlock.create_grid('grid <n>', 'S', <n> / 100, 100, 'c')" ],
);
$state{keyed} = "SELECT NULL AS token FROM seatlock.claim('<event>', $seats, 'ann', NULL, NULL, 'key')";

# Each n has an event of its own, and all is taken back after each call.
my $setup = q{SET client_min_messages = error; CREATE TABLE lists (n integer, seats text, no_seats text, guids text, plan jsonb);};
for my $n ($few, $many)
{
	$setup .= "SELECT seatlock.create_venue('hall $n', plan_of($n, $n / 40)); SELECT seatlock.create_event('night $n', 'hall $n');"
	  . " INSERT INTO lists SELECT $n, jsonb_agg(label), jsonb_agg('no ' || label), jsonb_agg(jsonb_build_object('guid', guid)), plan_of($n, $n / 40) FROM seatlock.seat JOIN seatlock.event USING (layout_id) WHERE name = 'night $n';";
}
$node->safe_psql('postgres', $setup . ' ANALYZE');

sub statement
{
	my ($text, $n) = @_;
	my $filled = $text =~ s/<event>/night $n/gr =~ s/<n>/$n/gr;

	return $filled =~ s/'<token>'/:'token'/gr;
}

# Seconds of processor time for one call; then, if wanted, how much longer than
# it may a call takes that is to end after that share of the time.
sub seconds
{
	my ($call, $n, $share) = @_;
	my ($what, $state, $text) = @$call;
	my ($out, $err);
	my $statement = statement("SELECT count(*) FROM $text", $n);

	$node->psql('postgres', join("\n", 'SET seatlock.lock_wait = 0;', 'BEGIN;', statement($state{$state}, $n) . ' \gset',
			'SAVEPOINT here;', 'SELECT cpu() AS before \gset', "$statement;", 'SELECT cpu() - :before AS whole \gset',
			q{SELECT 'spent', :whole;},
			defined $share ? ('ROLLBACK TO here;', "SELECT ceil(1000 * $share * :whole) AS moment \\gset", 'SET LOCAL statement_timeout = :moment;',
				'SELECT cpu() AS before \gset', "$statement;", 'ROLLBACK TO here;', q{SELECT 'late', cpu() - :before - :moment / 1000.0;}) : ()),
		stdout => \$out, stderr => \$err, on_error_stop => 0, extra_params => ['--quiet']);
	die "$what: $err" if $err =~ /ERROR/ && $err !~ /canceling statement due to statement timeout/;
	return map { $out =~ /$_\|(.*)/ ? $1 : die "$what: $out$err" } 'spent', defined $share ? 'late' : ();
}

diag 'NOT RUN: calls that look at seats in the same loops as others do (SEATLOCK_LONG=1 runs them)' if !$ENV{SEATLOCK_LONG};
for my $call (@calls, $ENV{SEATLOCK_LONG} ? @more_calls : ())
{
	my ($one) = seconds($call, $few);
	my ($ten, $late) = seconds($call, $many, 0.5);

	note sprintf '%s: %.3f s, %.3f s, ends late by %.3f s', $call->[0], $one, $ten, $late;
	cmp_ok($ten, '<', $most_growth * ($one + 0.005), "$call->[0]: ten times the seats");
	cmp_ok($late, '<', $most_delay, "$call->[0]: can be cancelled");
}

done_testing();
