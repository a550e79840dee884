# lock() against the group worker, which gives its locks on seats back before it
# commits: a seat that is told locked and free is nobody else's until the end.
# Passes: one, since it preloads the library itself.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('lock_and_group', conf => "shared_preload_libraries = 'seatlock'
seatlock.lock_wait = 0
# a commit takes its time: in that the seats' locks are free and the rows written
fsync = on
commit_delay = 30000
commit_siblings = 0
");
# lock() reads the whole house before it locks the first seat: in between there is
# time for a group to sell that
make_event($node, 'e', 30, 100);
$node->safe_psql('postgres', q{
CREATE TABLE public.told (seat text, outcome text);
CREATE PROCEDURE public.lock_and_claim(times integer) LANGUAGE plpgsql AS $$
DECLARE l record; answer text; wrong integer := 0; free integer := 0; house text;
BEGIN
    SELECT jsonb_agg(label) INTO house FROM seatlock.seat_map('e');
    FOR i IN 1 .. times LOOP
        FOR l IN SELECT * FROM seatlock.lock('e', house, 0) k WHERE k.seat LIKE 'A-%' AND k.locked AND k.status = 'free' LIMIT 30 LOOP
            free := free + 1;
            SELECT outcome INTO answer FROM seatlock.claim('e', l.seat, 'locker');
            wrong := wrong + (answer <> 'held')::integer;
        END LOOP;
        ROLLBACK;
    END LOOP;
    INSERT INTO public.told VALUES ('free', free), ('wrong', wrong);
    COMMIT;
END $$});
sub claims_and_releases
{
	my ($client) = @_;

	return join '', map { "SELECT coalesce(token, 'none') AS token FROM seatlock.claim_now('e', 'A-" . (4 * $client + $_ % 4) . "', 'holder $client') \\gset\n"
		  . "SELECT outcome AS o FROM seatlock.release('e', :'token') \\gset\n" } 1 .. 50;
}
my $crowd = run_crowd($node, [ "CALL public.lock_and_claim(80);\n", map { claims_and_releases($_) } 1 .. 6 ]);
nobody_failed($crowd, 'the crowd');
cmp_ok($node->safe_psql('postgres', q{SELECT sum(outcome::integer) FROM public.told WHERE seat = 'free'}), '>', 100, 'seats were told locked and free');
is($node->safe_psql('postgres', q{SELECT sum(outcome::integer) FROM public.told WHERE seat = 'wrong'}), '0', 'and each of these could be claimed');
no_locks_left($node, 'at the end');
history_is_sound($node, 'at the end');
$node->stop;
done_testing();
