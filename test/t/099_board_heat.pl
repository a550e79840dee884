# Thousands of events and one seat board: it holds as many as there is room for,
# what is asked for often keeps its place, and what is asked for once in a while
# is neither loaded nor in the way.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('heat', conf => "shared_preload_libraries = 'seatlock'\nseatlock.board_size = 16MB\nmax_locks_per_transaction = 200");

sub sql { return $node->safe_psql('postgres', $_[0]) }
sub on_board { return sql("SELECT count(*) FROM seatlock.stat_board WHERE event LIKE '$_[0]'") }
sub counters { return sql("SELECT coalesce(sum(loads), 0), coalesce(sum(evictions), 0) FROM seatlock.stat_board WHERE event LIKE '$_[0]'") }

# So many asks for each of the events, that many to a statement.
sub ask
{
	my ($event, $times) = @_;
	return sql("SELECT count(*) FROM (SELECT seatlock.claim(event, 'A-1', 'bob') FROM seatlock.events, generate_series(1, $times) WHERE event LIKE '$event' OFFSET 0) c");
}

# The worker is asleep: what was to be loaded is.
sub at_rest
{
	return $node->poll_query_until('postgres',
		q{SELECT wait_event = 'Extension' FROM pg_stat_activity WHERE backend_type = 'seatlock worker' AND datname = 'postgres'});
}

# As many events as there is room for.
sql(q{SELECT seatlock.create_grid('box', 'S', 2, 5, 'c');
	SELECT count(seatlock.create_event('box ' || i, 'box', max_seats_per_holder => 1000)) FROM generate_series(1, 1500) i;
	SELECT count(seatlock.claim('box ' || i, 'A-1', 'ann')) FROM generate_series(1, 1500) i});
ok(wait_until('they are on the board', sub { ask('box %', 1); on_board('box %') == 1500 }, 5), '1,500 events of ten seats are on a board of 16 MB');
my ($buyer) = sessions($node, 1);
is(in_session($buyer, q{SELECT count(*) FROM seatlock.check_board()}), '0', 'and it is right about them');
my $before = sql(q{SELECT sum(hits), sum(asks) FROM seatlock.stat_board});
is(in_session($buyer, q{SELECT count(*) FILTER (WHERE (c).outcome = 'taken') FROM (SELECT seatlock.claim('box ' || i, 'A-1', 'bob') AS c FROM generate_series(1, 1500) i OFFSET 0) c}),
	'1500', 'each is refused');
is(sql(q{SELECT sum(hits), sum(asks) FROM seatlock.stat_board}), join('|', map { $_ + 1500 } split /\|/, $before), 'by the board, also in a session that has met none of them');
$buyer->quit;

# There is room for a hall; but it is not read for an ask or two.
sql(q{SELECT seatlock.create_grid('wide', 'S', 20, 200, 'c'); SELECT seatlock.create_event('wide', 'wide')});
for my $round (1 .. 5)
{
	ask('wide', 1);
	at_rest();
}
is(on_board('wide'), '0', 'a hall of 4,000 seats does not come for an ask or two');
ok(wait_until('it is on the board', sub { ask('wide', 63); at_rest(); on_board('wide') == 1 }, 5), 'but it does for as many as pay for it');

# What is granted goes to the tables anyway; a look at the whole house would have been spared its reading.
sql(q{SELECT seatlock.create_event('fresh', 'wide', max_seats_per_holder => 1000);
	SELECT count((c).ok) FROM (SELECT seatlock.claim('fresh', 'A-' || n, 'ann') AS c FROM generate_series(1, 150) n OFFSET 0) c});
at_rest();
is(on_board('fresh'), '0', 'nor does it come for claims that are granted');
for my $verb ('claim_best', 'claim_best_now')
{
	sql("SELECT seatlock.create_event('$verb', 'wide')");
	sql("SELECT seatlock.$verb('$verb', 2, 'bob')");
	at_rest();
	is(on_board($verb), '1', "but for a search of all its seats by $verb");
}
sql(q{SELECT * FROM seatlock.seat_map_compact('fresh')});
at_rest();
is(on_board('fresh'), '1', 'but for one look at all its seats');
all_is_sound($node, 'many events');

# A small board, and more than it holds.
$node->append_conf('postgresql.conf', 'seatlock.board_size = 1MB');
$node->restart;
sql(q{SELECT seatlock.create_grid('hall', 'S', 20, 200, 'c');
	SELECT count(seatlock.create_event(name || ' ' || i, 'hall', max_seats_per_holder => 1000)) FROM unnest('{hot,once,warm}'::text[]) name, generate_series(1, 40) i WHERE name <> 'hot' OR i <= 5;
	SELECT count(seatlock.claim(event, 'A-1', 'ann')) FROM seatlock.events WHERE venue = 'hall'});
at_rest();
cmp_ok(on_board('%'), '<', 40, 'the board has no room for 85 halls');
ok(wait_until('the hot ones are there', sub { ask('hot %', 40); on_board('hot %') == 5 }, 5), 'five that are asked for often come onto it');
ask('hot %', 400);
is(counters('hot %'), '5|0', 'each was loaded once');
my $heat = sql(q{SELECT min(heat) FROM seatlock.stat_board WHERE event LIKE 'hot %'});
# half a minute may have ended
cmp_ok($heat, '>=', 200, 'and is as hot as it was asked for');

# Others pass by, once each: none costs a load, though there is room; none of the hot ones goes.
sub labels_read { return sql(q{SELECT pg_stat_force_next_flush(); SELECT idx_tup_fetch FROM pg_stat_user_tables WHERE relid = 'seatlock.seat'::regclass}) =~ s/^\n//r }
my $others = on_board('%');
my $read = labels_read();
for my $round (1 .. 5)
{
	ask('once %', 1);
	at_rest();
}
is(counters('hot %'), '5|0', 'many that are asked for once push out none of the hot ones');
is(on_board('%'), $others, 'and nothing else');
cmp_ok(labels_read() - $read, '<', 2000, 'nor is one of them read');

# What is counted adds up.
is(sql(q{SELECT count(*) FROM seatlock.stat_board WHERE hits > asks OR loads < 1 OR evictions >= loads OR heat > asks * (1 + num_seats / 64)}), '0', 'hits, asks, loads and evictions agree');
$before = sql(q{SELECT hits, asks FROM seatlock.stat_board WHERE event = 'hot 1'});
sql(q{SELECT seatlock.claim('hot 1', 'A-1', 'bob'), seatlock.claim_now('hot 1', 'A-1', 'bob'); SELECT count(*) FROM seatlock.seat_map_compact('hot 1'); SELECT count(*) FROM seatlock.availability('hot 1');
	SELECT seatlock.claim_best('hot 1', 2, 'bob'), seatlock.claim('hot 1', 'no such seat', 'bob')});
is(sql(q{SELECT hits, asks FROM seatlock.stat_board WHERE event = 'hot 1'}), join('|', map { $_ + 6 } split /\|/, $before), 'each call that asks the board is one ask and one hit');

# One that is asked for more than those that it pushes out comes, at their cost and no other's.
ok(wait_until('it is full', sub { ask('warm %', 70); at_rest(); on_board('%') > 5 }, 5), 'others that are asked for more often fill it');
$others = on_board('%');
my $newcomer = sql(q{SELECT min(event) FROM seatlock.events WHERE event LIKE 'warm %' AND event NOT IN (SELECT event FROM seatlock.stat_board)});
ok(wait_until('it is there', sub { ask($newcomer, 200); at_rest(); on_board($newcomer) == 1 }, 5), 'one that is asked for more than the coldest comes');
is(counters('hot %'), '5|0', 'not at the cost of the hot ones');
cmp_ok(on_board('%'), '<=', $others, 'but of others');

# What was hot gives way in the end: to others that are asked for more by now.
my $rounds = 0;
ok(wait_until('they are gone', sub { ask('warm %', 100); at_rest(); ++$rounds; on_board('hot %') == 0 }, 1), 'what was hot gives way to what is hotter');
note "after $rounds rounds";
cmp_ok($rounds, '>', 4, 'but not to what is asked for as often');

# Those that are asked for alike do not push each other out in turn, and what will
# not come is no business of the worker's: he alone looks events up by number.
sub looked_up { return sql(q{SELECT pg_stat_force_next_flush(); SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelid = 'seatlock.event_pkey'::regclass}) =~ s/^\n//r }
# A load reads 4,000 rows, an ask one.
sub seats_read { return sql(q{SELECT pg_stat_force_next_flush(); SELECT idx_tup_fetch FROM pg_stat_user_tables WHERE relid = 'seatlock.seat_state'::regclass}) =~ s/^\n//r }
$read = seats_read();
for my $round (1 .. 5)
{
	ask('warm %', 100);
	at_rest();
}
$read = seats_read() - $read;
cmp_ok($read, '<', 5 * 40 * 100 + 3 * 4000, 'forty that are asked for alike are not loaded in turn');

# Nor does one come that is asked for half as much again as the coldest.  Heats may be halved meanwhile.
sub least_heat { return sql(q{SELECT min(heat) FROM seatlock.stat_board WHERE event LIKE 'warm %' OR event LIKE 'hot %'}) }
sql(q{SELECT count(seatlock.create_event('rival ' || i, 'hall', max_seats_per_holder => 1000)) FROM generate_series(1, 5) i;
	SELECT count(seatlock.claim(event, 'A-1', 'ann')) FROM seatlock.events WHERE event LIKE 'rival %'});
my $came;
for my $rival (map { "rival $_" } 1 .. 5)
{
	ask('warm %', 100);
	at_rest();
	my $least = least_heat();
	ask($rival, 63 + int(1.5 * $least));
	# what was left out is not tried again for two seconds
	my $until = time + 4;
	do { ask($rival, 1); at_rest(); $came = on_board($rival) } while (!$came && time < $until);
	last if least_heat() >= $least;
}
is($came, '0', 'and who pushes another out is asked for twice as much');
ok(wait_until('none of them is tried', sub { my $tried = looked_up(); ask('box 1__', 1); at_rest(); looked_up() < $tried + 5 }, 1), 'a hundred others are soon not even tried');
ok(wait_until('they are back', sub { ask('hot %', 1000); at_rest(); on_board('hot %') == 5 }, 1), 'and comes back when it is asked for');
is(counters('hot %'), '10|5', 'its loads and evictions were counted');

# Those that are dropped are in nobody's way, however hot they were.
ok(wait_until('they are all there', sub { ask('warm %', 1000); at_rest(); on_board('warm %') > 10 }, 1), 'the board is full of hot events');
sql(q{SELECT count(seatlock.drop_event(event, 'yes')) FROM seatlock.events WHERE event LIKE 'warm %' OR event LIKE 'hot %'});
sql(q{SELECT count(seatlock.create_event('heir ' || i, 'hall', max_seats_per_holder => 1000)) FROM generate_series(1, 10) i;
	SELECT count(seatlock.claim(event, 'A-1', 'ann')) FROM seatlock.events WHERE event LIKE 'heir %'});
ask('heir %', 80);
ok(wait_until('they are there', sub { ask('heir %', 1); at_rest(); on_board('heir %') == 10 }, 3), 'once these are dropped, others come for what their loads cost');

# An event that nobody asks for cools.
if ($ENV{SEATLOCK_LONG})
{
	$heat = sql(q{SELECT heat FROM seatlock.stat_board WHERE event = 'heir 1'});
	ok(wait_until('it has cooled', sub { sql(q{SELECT heat FROM seatlock.stat_board WHERE event = 'heir 1'}) <= $heat / 4 }, 90), 'within two half-lives the heat is a quarter');
}
else
{
	diag 'NOT RUN: the heat of an event that nobody asks for (SEATLOCK_LONG=1 runs it)';
}
all_is_sound($node, 'at the end');
$node->stop;
done_testing();
