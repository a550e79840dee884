# All nights of a house share one layout: what a further night takes on disk, that
# a venue which grows changes no event, and that no crash leaves half a layout.
# Passes: plain, since layouts are in tables.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('layouts');
sub sql { return $node->safe_psql('postgres', $_[0]) }

sub bytes_on_disk
{
	return sql(q{SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relnamespace = 'seatlock'::regnamespace AND relkind = 'r'});
}

sub num_rows { return sql(q{SELECT concat_ws(' ', (SELECT count(*) FROM seatlock.layout), (SELECT count(*) FROM seatlock.seat), (SELECT count(*) FROM seatlock.seat_state))}) }

# A further night takes the states of its seats, and nothing else.
make_event($node, 'night 1', 40, 50);
my $before = bytes_on_disk();
sql(q{SELECT seatlock.create_event('night ' || n, 'hall of night 1') FROM generate_series(2, 11) AS n});
my $bytes = (bytes_on_disk() - $before) / 20_000;
cmp_ok($bytes, '<=', 130, 'bytes that a seat of a further night takes');
note "bytes a seat: $bytes";
is(num_rows(), '1 2000 22000', 'eleven nights have one layout');

# A seat is its event's, whatever the night.
is( sql(q{
		SELECT outcome FROM seatlock.book('night 1', 'A-1', 'ann');
		SELECT outcome FROM seatlock.book('night 2', 'A-2', 'bob');
		SELECT outcome FROM seatlock.claim('night 1', '["A-1","A-2"]', 'cat');
		SELECT outcome FROM seatlock.claim('night 2', '["A-1","A-2"]', 'cat');
		SELECT outcome FROM seatlock.claim('night 3', '["A-1","A-2"]', 'cat')}),
	"booked\nbooked\ntaken\ntaken\nheld", 'nights are sold apart');

# A venue that grows gets another layout; a label that must change reaches no event.
sql(q{SELECT seatlock.create_grid('hall of night 1', 'Balcony', 1, 50, 'Standard'), seatlock.create_event('larger', 'hall of night 1')});
is(sql(q{SELECT event, min(label), max(label), count(*) FROM seatlock.events CROSS JOIN LATERAL seatlock.seat_map(event) WHERE event IN ('night 1', 'larger') GROUP BY 1 ORDER BY 1}),
	"larger|Balcony-A-1|S-Z-9|2050\nnight 1|A-1|Z-9|2000", 'an event keeps its labels when the venue grows');
is(num_rows(), '2 4050 24050', 'and there are two layouts');
sql(q{SELECT seatlock.create_area('hall of night 1', 'Floor ' || n, 2, 'Standard') FROM generate_series(1, 3) AS n});
is(num_rows(), '3 6106 24050', 'a layout without an event grows where it is');
is(sql(q{SELECT * FROM seatlock.check_integrity()}), '', 'all of it agrees');

# Layouts go with the last that has them.
sql(q{SELECT seatlock.drop_event('larger', 'yes')});
is(num_rows(), '2 4056 22000', 'a layout goes with its only event');
sql(q{SELECT seatlock.drop_event('night ' || n, 'yes') FROM generate_series(2, 11) AS n});
is(num_rows(), '2 4056 2000', 'and not before the last');
sql(q{SELECT seatlock.drop_event('night 1', 'yes'), seatlock.drop_venue('hall of night 1')});
is(num_rows(), '0 0 0', 'nothing is left');

# Crashes while venues grow and nights come and go.
my $builder = join '', map { <<"SQL" } 1 .. 300;
SELECT seatlock.create_grid('house :client', 'S $_', 2, 3, 'Standard');
SELECT seatlock.create_event('first $_ of :client', 'house :client'), seatlock.create_event('second $_ of :client', 'house :client');
SELECT outcome FROM seatlock.claim('first $_ of :client', 'S 1 A-1', 'ann');
SELECT seatlock.drop_event('first $_ of :client', 'yes');
SQL
for my $round (1 .. 2)
{
	my @scripts = map { "\\set client '${round}_$_'\n" . $builder =~ s/':client'/:'client'/gr =~ s/'([^']*):client'/'$1${round}_$_'/gr } 1 .. 4;
	my $crowd = start_crowd($node, \@scripts);
	my $moment = 60 + int rand 100;

	ok($node->poll_query_until('postgres', "SELECT count(*) > $moment FROM seatlock.event WHERE name LIKE 'second % of ${round}_%'"), "round $round: houses are being built");
	kill_all($node);
	finish_crowd($crowd);
	$node->start;
	is(sql(q{SELECT * FROM seatlock.check_integrity()}), '', "round $round: all layouts are whole");
	is(sql(q{SELECT count(*) FROM seatlock.events e WHERE num_seats <> (SELECT count(*) FROM seatlock.seat_map(e.event))}), '0', "round $round: and so are the maps of events");
	is(sql(qq{SELECT outcome FROM seatlock.claim_best('second 1 of ${round}_1', 2, 'bob')}), 'held', "round $round: which sell");
}

$node->stop;
done_testing();
