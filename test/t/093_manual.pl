# What the manual shows is what the scripts do: the three sets of grants in the
# README, and the first of them in plain SQL, are those of doc/grants.sql.
# Passes: plain preloaded
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Utils;
use SeatlockTest;
use Test::More;

my $node = seatlock_node('manual');
my $readme = slurp_file("$ENV{SEATLOCK_TOP}/README.md");
my ($statements) = $readme =~ /The first set in plain SQL:\s+```sql\n(.*?)```/s;

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

# The table names functions of all arguments; each set includes the one before.
sub names_granted_to
{
	my %names = map { s/^seatlock\.//r =~ s/\(.*//r => 1 } split /\n/, granted_to($_[0]);
	return join ' ', sort keys %names;
}
my @setup = split /\n/, $node->safe_psql('postgres',
	q{SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'seatlock'::regnamespace AND proname ~ '^(create|alter|grow|drop)_|^prune$|^sync_'});
my %told;
for my $level ('read', 'sell', 'administer')
{
	my ($row) = $readme =~ /^\| $level \|.*?\| (.*) \|$/m;

	$told{$_} = 1 for $row =~ /`(\w+)`/g;
	@told{@setup} = (1) x @setup if $row =~ /all of \[set-up\]/;
	$node->safe_psql('postgres', "CREATE ROLE to_$level");
	$node->command_ok([ 'psql', '-X', '-q', '-d', $node->connstr('postgres'), '-v', "role=to_$level", '-v', "level=$level", '-f', "$ENV{SEATLOCK_TOP}/doc/grants.sql" ],
		"doc/grants.sql runs for $level");
	is(names_granted_to("to_$level"), join(' ', sort keys %told), "the README names what doc/grants.sql grants to $level");
}
is( $node->safe_psql('postgres', q{SELECT string_agg(oid::regprocedure::text, ' ') FROM pg_proc
		WHERE pronamespace = 'seatlock'::regnamespace AND prorettype <> 'trigger'::regtype AND NOT has_function_privilege('to_administer', oid, 'EXECUTE')}),
	'', 'every function is in one of the sets');
is( $node->safe_psql('postgres', q{SELECT string_agg(oid::regclass::text, ' ') FROM pg_class
		WHERE relnamespace = 'seatlock'::regnamespace AND relkind = 'v' AND NOT has_table_privilege('to_administer', oid, 'SELECT')}),
	'', 'and so is every view');
$node->stop;
done_testing();
