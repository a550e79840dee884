# Savepoints and EXCEPTION blocks: what is rolled back has never been, rows,
# history and locks alike, also when there are many and they are nested.
# Passes: plain preloaded
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('savepoints');
my $rows = 19; # row T is left for later
make_event($node, 'e', 20, 20);
my ($session, $other) = sessions($node, 2);

# A random walk through a tree of savepoints, with a model beside it: a stack of
# what each level has claimed.
random_seed();

my @levels = ({});
my %claimed;
my $lies = 0;
in_session($session, 'BEGIN');
for my $step (1 .. 400)
{
	my $dice = rand;

	if ($dice < 0.15 && @levels < 40)
	{
		push @levels, {};
		in_session($session, 'SAVEPOINT s' . $#levels);
	}
	elsif ($dice < 0.25 && @levels > 1)
	{
		in_session($session, 'ROLLBACK TO s' . $#levels);
		delete @claimed{ keys %{ $levels[-1] } };
		$levels[-1] = {};
	}
	elsif ($dice < 0.35 && @levels > 1)
	{
		in_session($session, 'RELEASE s' . $#levels);
		my $done = pop @levels;
		$levels[-1] = { %{ $levels[-1] }, %$done };
	}
	else
	{
		my $seat = chr(ord('A') + int(rand $rows)) . '-' . (1 + int(rand 20));
		my $outcome = in_session($session, "SELECT outcome FROM seatlock.claim('e', '$seat', 'walker')");

		$lies++ if $outcome ne ($claimed{$seat} ? 'taken' : 'held');
		$claimed{$seat} = $levels[-1]{$seat} = 1 if $outcome eq 'held';
	}
}
is($lies, 0, 'every answer fitted what had been claimed and not rolled back');

# a seat that was rolled back is free for others at once, one that was not is busy
my ($free) = grep { !$claimed{$_} } map { "A-$_" } 1 .. 20;
my ($mine) = sort keys %claimed;
is(in_session($other, "SELECT outcome FROM seatlock.claim('e', '$free', 'other')"), 'held', 'others get what is not claimed');
is(in_session($other, "SELECT outcome FROM seatlock.claim('e', '$mine', 'other')"), 'busy', 'and are told busy otherwise');
in_session($session, 'COMMIT');
is( $node->safe_psql('postgres', q{SELECT string_agg(seat, ' ' ORDER BY seat COLLATE "C")
		FROM seatlock.holds, unnest(seats) AS seat WHERE holder = 'walker'}),
	join(' ', sort keys %claimed), 'exactly the claims that survived are there');
history_is_sound($node, 'after the walk');
no_locks_left($node, 'after the walk');

# a claim that was rolled back leaves no row and no lock, at any level
for my $how ('ROLLBACK', 'SAVEPOINT s; ROLLBACK TO s; COMMIT')
{
	my $before = $node->safe_psql('postgres', 'SELECT t.digest()');
	my ($claim, $rest) = split / /, $how, 2;
	in_session($session, 'BEGIN');
	in_session($session, 'SAVEPOINT s') if $rest;
	is(in_session($session, "SELECT outcome FROM seatlock.claim('e', '{T-18,T-19,T-20}', 'gone', request_key => 'gone')"),
		'held', "claimed before $how");
	if ($rest)
	{
		in_session($session, 'ROLLBACK TO s');
		is( $node->safe_psql('postgres', 'SELECT count(*) FROM seatlock.locks'), '0', 'the savepoint took its locks with it');
		in_session($session, 'COMMIT');
	}
	else
	{
		in_session($session, 'ROLLBACK');
	}
	is($node->safe_psql('postgres', 'SELECT t.digest()'), $before, "$how leaves nothing");
	no_locks_left($node, $how);
}

# hundreds of EXCEPTION blocks, more subtransactions than a backend remembers
is( in_session($session, q{
	SELECT seatlock.create_event('e2', 'hall of e');
	DO $$
	DECLARE
		seat text;
		outcome text;
		n integer := 0;
	BEGIN
		FOR seat IN SELECT label FROM seatlock.seat_map('e2') LOOP
			n := n + 1;
			BEGIN
				SELECT c.outcome INTO outcome FROM seatlock.claim('e2', seat, 'block') c;
				IF outcome <> 'held' THEN
					RAISE 'seat % is %', seat, outcome;
				END IF;
				IF n % 2 = 0 THEN
					RAISE division_by_zero;
				END IF;
			EXCEPTION WHEN division_by_zero THEN
				SELECT c.outcome INTO outcome FROM seatlock.claim('e2', seat, 'again') c;
				IF outcome <> 'held' THEN
					RAISE 'seat % is % after its block was rolled back', seat, outcome;
				END IF;
			END;
		END LOOP;
	END
	$$;
	SELECT holder, count(*) FROM seatlock.holds WHERE event = 'e2' GROUP BY 1 ORDER BY 1}),
	"400\nagain|200\nblock|200", '400 EXCEPTION blocks');
history_is_sound($node, 'after the blocks');

# an error of ours inside a block is caught like any other
is( in_session($session, q{
	DO $$
	BEGIN
		BEGIN
			PERFORM seatlock.claim('nowhere', 'A-1', 'x');
		EXCEPTION WHEN undefined_object THEN
		END;
		BEGIN
			PERFORM seatlock.claim('e', '[', 'x');
		EXCEPTION WHEN invalid_parameter_value THEN
		END;
		PERFORM seatlock.release('e', token) FROM seatlock.holds WHERE holder = 'other';
	END
	$$;
	SELECT count(*) FROM seatlock.holds WHERE holder = 'other'}), '0', 'errors are caught by their SQLSTATE');

# a refused claim in a long transaction leaves none of its locks and pins behind
in_session($other, q{BEGIN; SELECT outcome FROM seatlock.claim('e2', 'A-1', 'x')});
in_session($session, 'BEGIN');
my $all = $node->safe_psql('postgres', q{SELECT jsonb_agg(label) FROM seatlock.seat_map('e2')});
in_session($session, "SELECT outcome FROM seatlock.claim('e2', '$all', 'greedy')");
in_session($other, 'ROLLBACK');
$node->safe_psql('postgres', q{SELECT seatlock.release('e2', token) FROM seatlock.holds WHERE event = 'e2'});
is( $node->safe_psql('postgres', qq{SELECT outcome FROM seatlock.claim('e2', '$all', 'third')}),
	'held', 'a refused claim of 400 seats keeps none of them from others');
in_session($session, 'COMMIT');

$_->quit for $session, $other;
history_is_sound($node, 'at the end');
log_is_clean($node, 'savepoints');
$node->stop;
done_testing();
