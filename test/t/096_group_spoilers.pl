# One caller who makes his group fail, again and again, costs the others nothing:
# an answer that has no room is refused before anything is done, and whoever has
# spoiled a group runs by himself from then on.
# Passes: one, since it preloads the library itself.
# Alone: it counts the callers that meet in one commit.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('spoilers', conf => "shared_preload_libraries = 'seatlock'");
my $long = 'Section ' . 'x' x 180;
$node->safe_psql('postgres', "SELECT seatlock.create_grid('long', '$long', 1, 200, 'c'); SELECT seatlock.create_grid('long', 'other', 1, 200, 'c');
	SELECT seatlock.create_event('long', 'long')");
make_event($node, 'e', 40, 50);

sub retried { return $node->safe_psql('postgres', 'SELECT sum(retried) FROM seatlock.stat_worker') }
sub spoil
{
	my ($name, $error, $script) = @_;
	my $before = retried();
	my $crowd = run_crowd($node, [
		$script,
		map { my $client = $_; join '', map {
			my $label = chr(65 + $client) . '-' . (1 + $_ % 50);
			"SELECT outcome FROM seatlock.claim_now('e', '$label', 'holder $client', 1);\n" } 1 .. 300 } 0 .. 7 ]);
	my $errors = SeatlockTest::errors_of([ $crowd->[0] ]);
	my $count = 0;

	$count += $errors->{$_} for grep { /$error/ } keys %$errors;
	cmp_ok($count, '>=', 200, "$name: the spoiler met his error each time");
	is_deeply(SeatlockTest::errors_of([ @$crowd[ 1 .. $#$crowd ] ]), {}, "$name: nobody else met one");
	cmp_ok(retried() - $before, '<=', 40, "$name: hardly any group had to be decided again");
	return;
}

# Work that cannot be answered, and one that grows with a token.
spoil('best seats without room', qr/^54000: /, "SELECT seatlock.claim_best_now('long', 60, 'spoiler', category => 'c');\n" x 200);
is($node->safe_psql('postgres', q{SELECT count(*) FROM seatlock.holds WHERE event = 'long'}), '0', 'nothing of that was done');
my $token = $node->safe_psql('postgres', q{SELECT token FROM seatlock.claim('long', (SELECT jsonb_agg(label)::text FROM seatlock.seat_map('long') WHERE seat_number::int <= 45 AND section <> 'other'), 'spoiler', 3600)});
my $label = $node->safe_psql('postgres', q{SELECT label FROM seatlock.seat_map('long') WHERE seat_number = '46' LIMIT 1});
spoil('a token of many seats', qr/^54000: /, "SELECT seatlock.claim_now('long', '$label', 'spoiler', NULL, '$token');\n" x 200);
is($node->safe_psql('postgres', "SELECT jsonb_array_length(seats) FROM seatlock.hold('long', '$token')"), '45', 'the token has what it had');
is($node->safe_psql('postgres', q{SELECT outcome FROM seatlock.claim_best_now('long', 20, 'ann')}), 'held', 'what has room is answered');

# Errors that nobody could foresee: what an administrator has added to a table.
$node->safe_psql('postgres', q{CREATE FUNCTION public.spoil(text) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$BEGIN RAISE EXCEPTION 'spoiled'; END$$;
	CREATE INDEX ON seatlock.hold (public.spoil(holder)) WHERE holder = 'spoiler 2'});
spoil('an error in a write', qr/^P0001: spoiled/, "SELECT seatlock.claim_now('e', 'Z-1', 'spoiler 2', 1);\n" x 200);
is($node->safe_psql('postgres', q{SELECT count(*) FROM seatlock.holds WHERE holder = 'spoiler 2'}), '0', 'nothing of that was done');
# Errors that are nobody's fault make nobody a suspect: groups go on.
$node->safe_psql('postgres', q{CREATE FUNCTION public.not_now(text) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$BEGIN RAISE lock_not_available; END$$;
	CREATE INDEX ON seatlock.hold (public.not_now(holder)) WHERE holder LIKE 'unlucky%'});
$node->append_conf('postgresql.conf', "commit_delay = 50000\ncommit_siblings = 0");
$node->reload;
make_event($node, 'e2', 8, 20);
my $crowd = run_crowd($node, [ map { my $client = $_; join '', map {
	my $label = chr(64 + $client) . "-$_";
	"SELECT outcome FROM seatlock.claim_now('e2', '$label', '" . ($_ == 1 ? 'unlucky' : 'buyer') . " $client', 600);\n" } 1 .. 20 } 1 .. 8 ]);
nobody_failed($crowd, 'transient errors');
is($node->safe_psql('postgres', q{SELECT count(*), count(*) FILTER (WHERE holder LIKE 'unlucky%') FROM seatlock.holds WHERE event = 'e2'}), '152|0', 'who met one was told busy');
my $commits = $node->safe_psql('postgres', q{SELECT count(DISTINCT h.xmin::text) FROM seatlock.hold h JOIN seatlock.event USING (event_id) WHERE name = 'e2'});
cmp_ok($commits, '<', 100, "and the next 152 claims of the same callers shared commits ($commits)");
no_locks_left($node, 'at the end');
history_is_sound($node, 'at the end');
$node->stop;
done_testing();
