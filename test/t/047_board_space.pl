# Out of board space, from no board at all to one that holds a few of the
# events: never an error, always the right answer, and no space is lost.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my $num_events = 6;
my $node = seatlock_node('board_space', conf => "shared_preload_libraries = 'seatlock'");
my @events = map { "e$_" } 1 .. $num_events;
my $buyer;
random_seed();
make_event($node, $_, 100, 100, 'max_seats_per_holder => 1000') for @events;

sub sql { return $node->safe_psql('postgres', $_[0]) }
sub show { return in_session($buyer, "SELECT t.show(c) FROM seatlock.$_[0] c") }

# Less than it can work with is not used, and the server says what it needs.
is(sql(q{SELECT boot_val || unit FROM pg_settings WHERE name = 'seatlock.board_size'}), '65536kB', 'seatlock.board_size is 64 MB by default');
$node->append_conf('postgresql.conf', 'seatlock.board_size = 1kB');
$node->restart;
is(sql('SHOW seatlock.board_size'), '64MB', 'a board of 1 kB is not to be had');
my ($least) = slurp_file($node->logfile) =~ /at least (\d+) kB/;
ok(defined $least, 'and the server says what it needs') or $least = 1024;
my %sizes = map { $_ => 1 } 0, $least, 2 * $least;
my ($client, $seat_number) = (0, 0);

for my $size (sort { $a <=> $b } keys %sizes)
{
	my $name = "$size kB";

	$node->append_conf('postgresql.conf', "seatlock.board_size = ${size}kB");
	$node->restart;
	is(sql(q{SELECT setting FROM pg_settings WHERE name = 'seatlock.board_size'}), $size, "$name: it starts");
	($buyer) = sessions($node, 1);
	for my $event (@events, reverse @events)
	{
		# twice, since the first answer may only have loaded the event
		my $label = 'A-' . ++$seat_number;
		my @answers = map { show($_) } ("claim('$event', '$label', 'holder of $label')", ("claim('$event', '$label', 'bob')") x 2);
		my $token = in_session($buyer, "SELECT token FROM seatlock.hold JOIN seatlock.event USING (event_id) WHERE name = '$event' AND holder = 'holder of $label'");

		push @answers, show("release('$event', '$token')"), show("claim('$event', '$label', 'cat')"), show("claim_now('$event', '$label', 'bob')");
		is_deeply(\@answers, [ "ok held $label", ("no taken | $label held") x 2, "ok released", "ok held $label", "no taken | $label held" ],
			"$name: $event answers right");
	}
	is(sql("SELECT count(*) FROM seatlock.stat_board WHERE num_warm > num_seats OR bytes <= 0"), '0', "$name: stat_board makes sense");
	cmp_ok(sql('SELECT coalesce(sum(bytes), 0) FROM seatlock.stat_board'), '<=', 1024 * $size, "$name: the board keeps to its size");

	$buyer->quit;

	# all events at once, each asked for so often that it is to be read, so that they push each other off the board
	heat_event($node, $_) for @events;
	forget_records($node);
	my @seats = map { "C-$_" } 1 .. 20;
	my $crowd = run_crowd($node, [ map { my $event = $_; map { random_buyer(++$client, $event, \@seats, 80) } 1 .. 2 } @events ]);
	nobody_failed($crowd, $name);
	load_records($node, $crowd);
	# what was claimed by hand is in no client's record
	records_are_sound($node, $name, 1);
	refusals_are_sound($node, $name);
	history_is_sound($node, $name);
	board_is_true($node, $name);
	# 0 does without
	my $num_on_board = sql('SELECT count(*) FROM seatlock.stat_board');
	$size == 0 ? is($num_on_board, '0', "$name: there is no board") : cmp_ok($num_on_board, '>', 0, "$name: some events are on the board");
	cmp_ok($num_on_board, '<', $num_events, "$name: but not all") if $size == $least;
}

# Events that come and go give their space back; so do cold ones.
$node->append_conf('postgresql.conf', 'seatlock.board_size = 1024kB');
$node->restart;
sql("SELECT seatlock.create_grid('small', 'S', 10, 100, 'c')");
my $warmed = 0;
for my $round (1 .. 30)
{
	sql("SELECT seatlock.create_event('passing', 'small'); SELECT seatlock.claim('passing', 'A-1', 'ann')");
	$warmed++ if wait_until('it is on the board', sub {
		heat_event($node, 'passing');
		sql("SELECT outcome FROM seatlock.claim('passing', 'A-1', 'bob'); SELECT outcome FROM seatlock.claim('passing', 'A-1', 'bob');
			SELECT num_warm > 0 FROM seatlock.stat_board WHERE event = 'passing'") eq "taken\ntaken\nt" }, 60);
	sql(q{SELECT seatlock.board_reset('passing')}) if $round % 3 == 0;
	sql(q{SELECT seatlock.drop_event('passing', 'yes')});
}
is($warmed, 30, 'each of 30 events, one after another, has its place on the board');
is(sql(q{SELECT count(*) FROM seatlock.stat_board WHERE event = 'passing' OR event IS NULL}), '0', 'and none stays');
warm_board($node, 'e1');
sql(q{SELECT seatlock.board_reset('e1')});
is(sql(q{SELECT coalesce(sum(num_warm), 0) FROM seatlock.stat_board WHERE event = 'e1'}), '0', 'board_reset() makes an event cold');
is(sqlstate($node, q{SELECT seatlock.board_reset('nowhere')}), '42704', 'and knows its events');
warm_board($node, 'e1', 'then it is warm again');

# What does not fit is not read, however many of such events are asked for in turn.
$node->append_conf('postgresql.conf', "seatlock.board_size = ${least}kB");
$node->restart;
sql("SELECT seatlock.create_grid('huge', 'S', 300, 300, 'c')");
for my $event ('huge 1', 'huge 2')
{
	sql("SELECT seatlock.create_event('$event', 'huge')");
}
sub seats_read { return sql(q{SELECT pg_stat_force_next_flush(); SELECT idx_tup_fetch FROM pg_stat_user_tables WHERE relid = 'seatlock.seat'::regclass}) =~ s/^\n//r }
my $before = seats_read();
($buyer) = sessions($node, 1);
for my $round (1 .. 300)
{
	# between two answers of the worker there is a piece of a load, if one is due
	in_session($buyer, "SELECT count(*) FROM seatlock.availability('huge @{[ 1 + $round % 2 ]}')") if $round % 30 == 0;
	in_session($buyer, "SELECT seatlock.claim_now('e1', 'no such seat', 'bob')");
}
$buyer->quit;
# it has told what it read when it sleeps
ok($node->poll_query_until('postgres', q{SELECT wait_event = 'Extension' FROM pg_stat_activity WHERE backend_type = 'seatlock worker' AND datname = 'postgres'}), 'the worker has nothing to do');
cmp_ok(seats_read() - $before, '<', 11 * 90_000, 'two events that do not fit are read by the session, ten times, and not by the worker');
is(sql(q{SELECT count(*) FROM seatlock.stat_board WHERE event LIKE 'huge%'}), '0', 'since they are not on the board');

all_is_sound($node, 'at the end');
$node->stop;
done_testing();
