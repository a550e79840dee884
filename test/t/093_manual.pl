# What the manual shows is what the scripts do: the first set of grants, in plain
# SQL in the README, is that of doc/grants.sql.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('manual');
my ($statements) = slurp_file("$ENV{SEATLOCK_TOP}/README.md") =~ /The first set in plain SQL:\s+```sql\n(.*?)```/s;

ok($statements, 'the README has the first set of grants');
$node->safe_psql('postgres', 'CREATE ROLE web; CREATE ROLE scripted');
$node->safe_psql('postgres', $statements);
$node->command_ok([ 'psql', '-X', '-q', '-d', $node->connstr('postgres'), '-v', 'role=scripted', '-v', 'level=read', '-f', "$ENV{SEATLOCK_TOP}/doc/grants.sql" ],
	'doc/grants.sql runs');

sub granted_to
{
	return $node->safe_psql('postgres', "SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
		WHERE nspname = 'seatlock' AND has_function_privilege('$_[0]', p.oid, 'EXECUTE') ORDER BY 1::text");
}
is(granted_to('web'), granted_to('scripted'), 'both grant the same functions');
isnt(granted_to('web'), '', 'and they grant some');
$node->stop;
done_testing();
