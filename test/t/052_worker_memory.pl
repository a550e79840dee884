# Neither the worker nor a session that lives long grows with the number of
# claims, whatever their outcome.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my ($num_clients, $num_calls) = (6, 6000);
my $node = seatlock_node('memory', conf => "shared_preload_libraries = 'seatlock'\nautovacuum = off");
make_event($node, 'e', 20, 20);
my @seats = seats_of($node, 'e');
random_seed();

# Private memory alone: shared pages are counted where they are touched first.
sub memory_of
{
	my ($pid) = @_;
	return slurp_file("/proc/$pid/status") =~ /^RssAnon:\s+(\d+) kB/m ? $1 : die "no memory of $pid";
}

# The same of a worker, without its list of holds that will expire, which has room for
# so many and is filled by these claims.
sub memory_of_worker
{
	my ($pid) = @_;
	my $from = -s $node->logfile;
	my $list = qr/seatlock known holds: (\d+) total/;

	$node->safe_psql('postgres', "SELECT pg_log_backend_memory_contexts($pid)");
	wait_until('it has logged its memory', sub { slurp_file($node->logfile, $from) =~ /Grand total/ }) or die 'no memory contexts';
	return memory_of($pid) - int((slurp_file($node->logfile, $from) =~ $list)[0] / 1024);
}

# Each statement is many calls, each decided by itself: through the worker all
# kinds of claims, good and refused, with keys and errors, and plain ones.
sub load
{
	my ($client, $calls) = @_;
	my $script = '';

	for my $part (1 .. $calls / 300)
	{
		my $which = "'[\"' || ('{@{[join ',', @seats]}}'::text[])[1 + (random() * 399)::int] || '\"]'";
		$script .= <<"SQL";
DO \$\$
DECLARE
	c seatlock.claim_result;
BEGIN
	FOR i IN 1..100 LOOP
		SELECT * INTO c FROM seatlock.claim_now('e', $which, 'holder $client', 600);
		IF c.ok THEN
			PERFORM seatlock.release('e', c.token);
		END IF;
		SELECT * INTO c FROM seatlock.claim_best_now('e', 1 + i % 3, 'holder $client', request_key => 'key ' || '$client ' || i % 10);
		IF c.ok AND NOT c.replayed THEN
			PERFORM seatlock.release('e', c.token);
		END IF;
		BEGIN
			SELECT * INTO c FROM seatlock.claim_now(CASE i % 10 WHEN 0 THEN 'nowhere' ELSE 'e' END, $which, 'holder $client', 600);
		EXCEPTION WHEN undefined_object THEN
		END;
		IF c.ok THEN
			COMMIT;
			PERFORM seatlock.release('e', c.token);
		END IF;
	END LOOP;
END
\$\$;
SQL
	}
	return $script;
}

sub run_load { my $crowd = run_crowd($node, [ map { load($_, $num_calls * $_[0]) } 1 .. $num_clients ]); nobody_failed($crowd, $_[1]); return; }
sub requests { return $node->safe_psql('postgres', 'SELECT requests FROM seatlock.stat_worker') }

# what every process has after its first work
run_load(0.3, 'to begin with');
my $worker = $node->safe_psql('postgres', 'SELECT pid FROM seatlock.stat_worker');
my ($before, $requests) = (memory_of_worker($worker), requests());
run_load(1, 'tens of thousands');
my $after = memory_of_worker($worker);
is($node->safe_psql('postgres', 'SELECT pid FROM seatlock.stat_worker'), $worker, 'it is the same worker');
cmp_ok(requests() - $requests, '>=', 20_000, 'it decided tens of thousands of claims');
note "the worker had $before kB, then $after kB";
cmp_ok($after - $before, '<', 1024, 'the worker did not grow by a megabyte');

# A session with as many transactions of its own.
my ($session) = sessions($node, 1);
my $pid = in_session($session, 'SELECT pg_backend_pid()');
my $work = q{
	CREATE OR REPLACE PROCEDURE public.work(n integer) LANGUAGE plpgsql AS $$
	DECLARE
		c seatlock.claim_result;
	BEGIN
		FOR i IN 1..n LOOP
			SELECT * INTO c FROM seatlock.claim('e', 'A-' || 1 + i % 20, 'session', 600);
			IF i % 3 = 0 THEN
				ROLLBACK;
			ELSE
				COMMIT;
				PERFORM seatlock.claim('e', 'A-' || 1 + i % 20, 'refused');
				PERFORM seatlock.release('e', c.token);
				COMMIT;
			END IF;
		END LOOP;
	END
	$$};
in_session($session, $work);
in_session($session, 'CALL public.work(2000)');
$before = memory_of($pid);
in_session($session, 'CALL public.work(10000)');
$after = memory_of($pid);
note "the session had $before kB, then $after kB";
cmp_ok($after - $before, '<', 1024, 'a session did not grow by a megabyte');
$session->quit;

warm_board($node, 'e');
all_is_sound($node, 'afterwards');
$node->stop;
done_testing();
