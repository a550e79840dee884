# A standing area grows while it sells: the board, Redis and sessions that know the
# event from before follow, nobody meets an error, and all that was added is sold.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use SeatlockRedis ':DEFAULT', ':faults';
use SeatlockTest;
use Test::More;

my $redis = redis_server('grow');
my $node = seatlock_node('grow', conf => "shared_preload_libraries = 'seatlock'\nseatlock.databases = 'postgres'\n");
sub sql { return $node->safe_psql('postgres', $_[0]) }

sql(q{
	SELECT seatlock.create_grid('park', 'Left', 5, 10, 'Seat'), seatlock.create_area('park', 'Floor', 30, 'Standing'), seatlock.create_grid('park', 'Right', 5, 10, 'Seat');
	SELECT seatlock.create_event('e', 'park'), seatlock.create_event('other night', 'park')});
join_redis($node, $redis);
my ($old, $new) = sessions($node, 2);
warm_board($node, 'e', 'at the start');
mirror_is_true($node, $redis, $_, 'at the start') for 'e', 'other night';

# A session that has the house of before, and the worker, which has it too.
sub best { return in_session($_[0], "SELECT outcome FROM seatlock.$_[1]('e', $_[2], 'ann', 'Floor', adjacency => 'require')") }
is(best($old, 'claim_best', 20), 'held', 'the house is known here');
is(best($old, 'claim_best_now', 10), 'held', 'and to the worker');
is(best($_, 'claim_best', 1), 'sold_out', 'sold out') for $old, $new;
is(sql(q{SELECT seatlock.grow_area('e', 'Floor', 20)}), '20', 'twenty more');
is(best($old, 'claim_best', 5), 'held', 'known at once to who knew the old house');
is(best($old, 'claim_best_now', 5), 'held', 'and to the worker');
is(in_session($old, q{SELECT outcome FROM seatlock.claim('e', '["Floor-1","Floor-31"]', 'ann')}), 'taken', 'by label too');
is(in_session($old, q{SELECT outcome FROM seatlock.claim('e', 'Floor-50', 'ann')}), 'held', 'the last of them');
mirror_is_true($node, $redis, $_, 'grown') for 'e', 'other night';
warm_board($node, 'e', 'grown');
board_is_true($node, 'grown');
is(best($old, 'claim_best', 10), 'sold_out', 'the board: not so many');
is(best($old, 'claim_best', 9), 'held', 'the board: so many');
is(best($new, 'claim_best', 1), 'sold_out', 'the board: full');

# Buyers of the area, of a seat beside it, and of both, while it grows.
my @scripts = map {
	my $client = $_;
	join '', map {
		$client % 3 == 0 ? "SELECT outcome FROM seatlock.claim_best('e', 1, 'c $client', 'Floor');\n"
		  : $client % 3 == 1 ? "SELECT outcome FROM seatlock.claim_best_now('e', 2, 'c $client', 'Floor', adjacency => 'any');\n"
		  : "SELECT outcome FROM seatlock.claim('e', '[\"Left-A-@{[ 1 + $_ % 10 ]}\",\"Floor-@{[ 51 + $_ % 200 ]}\"]', 'c $client');\nSELECT num_free FROM seatlock.availability('e');\n";
	} 1 .. 300;
} 0 .. 5;
my $crowd = start_crowd($node, \@scripts);
sql(qq{SELECT seatlock.grow_area('e', 'Floor', $_)}) for 10, 1, 30, 3, 50, 6;
finish_crowd($crowd);
nobody_failed($crowd, 'while it grows');
is(sql(q{SELECT capacity FROM seatlock.availability('e') WHERE section = 'Floor'}), '150', 'all of it was added');
sql(q{SELECT seatlock.claim_best('e', num_free, 'rest', 'Floor') FROM seatlock.availability('e') WHERE section = 'Floor' AND num_free > 0});
is(sql(q{SELECT num_free FROM seatlock.availability('e') WHERE section = 'Floor'}), '0', 'and is sold, to the last place');
is(sql(q{SELECT count(DISTINCT label), count(*) FROM seatlock.seat_map('e')}), '250|250', 'each under a label of its own');
is(sql(q{SELECT count(*) FROM seatlock.layout}), '2', 'the layouts in between are gone');
mirror_is_true($node, $redis, $_, 'at the end') for 'e', 'other night';
warm_board($node, 'e', 'at the end');
is(sql('SELECT * FROM seatlock.check_integrity()'), '', 'all of it agrees');
all_is_sound($node, 'at the end');

$node->stop;
done_testing();
