# The owner of a database, who is no superuser, makes the schema seatlock before
# a superuser says CREATE EXTENSION, and plants functions there that a column
# default, a view or a call could take for the server's.  The extension refuses
# the schema; and if it did not, it would not run what is planted.
# Passes: plain preloaded
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use SeatlockTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = seatlock_node('planted');
$node->safe_psql('postgres', q{CREATE ROLE mallory LOGIN; CREATE ROLE boss SUPERUSER LOGIN});

# each is a better match for some call than what the server has, and makes its author a superuser
my $steal = q{RETURNS %s LANGUAGE plpgsql AS $$ BEGIN IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
	ALTER ROLE mallory SUPERUSER; END IF; RETURN NULL; END $$};
my $planted = join "\n", map { my ($name, $returns) = split / -> /; "CREATE FUNCTION seatlock.$name " . sprintf($steal, $returns) . ';' }
  'nextval(text) -> bigint', 'unnest(integer[]) -> SETOF integer', 'collect(text[], text) -> text[]', 'count_one(bigint, integer) -> bigint',
  'same(text, "char") -> boolean', 'same(text, name) -> boolean', 'same("char", text) -> boolean', 'same(integer, oid) -> boolean',
  'concat(text, text) -> text', 'format(text, text) -> text',
  'generate_series(bigint, integer) -> SETOF bigint', 'cardinality(integer[]) -> integer', 'array_length(integer[], integer) -> integer';
$planted =~ s/(RETURNS SETOF [^;]*; END IF;) RETURN NULL;/$1 RETURN;/gs;
$planted .= q{
	CREATE AGGREGATE seatlock.array_agg(text) (SFUNC = seatlock.collect, STYPE = text[]);
	CREATE AGGREGATE seatlock.count(integer) (SFUNC = seatlock.count_one, STYPE = bigint);
	CREATE OPERATOR seatlock.= (FUNCTION = seatlock.same, LEFTARG = text, RIGHTARG = "char");
	CREATE OPERATOR seatlock.= (FUNCTION = seatlock.same, LEFTARG = text, RIGHTARG = name);
	CREATE OPERATOR seatlock.= (FUNCTION = seatlock.same, LEFTARG = integer, RIGHTARG = oid);
};

sub fresh_database
{
	my ($name) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $name OWNER mallory");
	return $name;
}

sub as_mallory
{
	my ($dbname, $sql) = @_;
	return sqlstate($node, "SET SESSION AUTHORIZATION mallory; $sql", $dbname);
}

sub is_superuser { return $node->safe_psql('postgres', q{SELECT rolsuper FROM pg_roles WHERE rolname = 'mallory'}) }

# 1. a schema of somebody else, with something in it or not
my $db = fresh_database('planted');
is(as_mallory($db, 'CREATE SCHEMA seatlock'), 'none', 'the owner of a database can make the schema');
is(sqlstate($node, 'CREATE EXTENSION seatlock', $db), '42501', 'the extension refuses a schema of his');
is(as_mallory($db, $planted), 'none', 'he can plant functions there');
is(sqlstate($node, 'CREATE EXTENSION seatlock', $db), '42501', 'the extension refuses it still');
is($node->safe_psql($db, q{SELECT count(*) FROM pg_class WHERE relnamespace = 'seatlock'::regnamespace}), '0', 'and leaves nothing behind');

# 2. a schema of ours that is not empty
$node->safe_psql($db, 'ALTER SCHEMA seatlock OWNER TO postgres');
my ($ret, $out, $err) = $node->psql($db, 'CREATE EXTENSION seatlock');
like($err, qr/ERROR:  schema "seatlock" is not empty\nDETAIL:  It holds \w+ /, 'the extension refuses a schema that is not empty, and says what is there');
is(sqlstate($node, 'CREATE EXTENSION seatlock', $db), '55000', 'with its SQLSTATE');
is(sqlstate($node, 'DROP SCHEMA seatlock CASCADE; CREATE SCHEMA seatlock; CREATE TYPE seatlock.color AS ENUM (); CREATE EXTENSION seatlock', $db),
	'55000', 'a type is enough');

# 3. an empty schema of ours, which is what DROP EXTENSION leaves
$db = fresh_database('emptied');
for my $time ('the first time', 'again')
{
	is(sqlstate($node, 'CREATE EXTENSION seatlock', $db), 'none', "the extension is created $time");
	is(as_mallory($db, q{CREATE FUNCTION seatlock.claim(text, text, varchar) RETURNS integer LANGUAGE sql AS 'SELECT 1'}),
		'42501', 'the owner of the database can add no overload');
	is(sqlstate($node, 'DROP EXTENSION seatlock', $db), 'none', 'it can be dropped');
}
is(sqlstate($node, 'SET SESSION AUTHORIZATION boss; CREATE EXTENSION seatlock', $db), 'none',
	'another superuser may use what is left, as a restore does');

# 4. what would run if the script were not to look: its statements, without that look
$db = fresh_database('unguarded');
is(as_mallory($db, "CREATE SCHEMA seatlock; $planted"), 'none', 'planted once more');
my $script = slurp_file($node->safe_psql('postgres', q{SELECT setting FROM pg_config() WHERE name = 'SHAREDIR'}) . '/extension/seatlock--1.0.sql');
$script =~ s/^\\echo.*$//m;
$script =~ s/^SELECT pg_catalog\.pg_extension_config_dump.*$//mg;
$script =~ s/MODULE_PATHNAME/\$libdir\/seatlock/g;
$script =~ s/^DO \$\$.*?^\$\$;$//ms or fail('the script has no look at its schema');
$node->safe_psql($db, "SET search_path = seatlock, pg_temp;\n$script");
for my $call (
	q{SELECT seatlock.create_grid('hall', 'S', 2, 10, 'c'), seatlock.create_area('hall', 'pit', 5, 'c')},
	q{SELECT seatlock.create_venue('club', '{"name": "club", "categories": [{"name": "c"}], "zones": [{"name": "Stalls", "position": {"x": 0, "y": 0},
		"rows": [{"row_number": "A", "seats": [{"seat_number": "1", "category": "c", "position": {"x": 0, "y": 0}}]}], "areas": []}]}')},
	q{SELECT seatlock.create_event('e', 'hall', max_seats_per_holder => 9)},
	q{SELECT count(*) FROM generate_series(1, 2) i, seatlock.claim('e', 'A-' || i, 'ann', request_key => 'k' || i) c WHERE c.ok},
	q{SELECT ok FROM seatlock.claim_best('e', 2, 'bob')},
	q{SELECT ok FROM seatlock.holds h, seatlock.confirm('e', h.token, 'o') WHERE holder = 'bob'},
	q{SELECT * FROM seatlock.holds}, q{SELECT * FROM seatlock.events}, q{SELECT * FROM seatlock.venues}, q{SELECT * FROM seatlock.locks},
	q{SELECT * FROM seatlock.availability('e')}, q{SELECT * FROM seatlock.seat_map('e')}, q{SELECT seatlock.seat_map_svg('e')},
	q{SELECT * FROM seatlock.changes('e', 0, 100)}, q{SELECT * FROM seatlock.seat_history('e', 'A-1')}, q{SELECT * FROM seatlock.check_integrity()},
	q{SELECT seatlock.alter_event('e', hold_seconds => 60)}, q{SELECT seatlock.prune('e', now())},
	q{SELECT seatlock.drop_event('e', 'yes'), seatlock.drop_venue('hall')})
{
	# also with the planted schema first in the path: every body has its own, or needs none
	for my $path ('', 'SET search_path = seatlock, pg_catalog; ')
	{
		my $bare = $path eq '' ? $call : $call =~ /generate_series|now\(|\|\|/ ? next : $call;
		next if $path ne '' && $call =~ /create|drop/;
		is(sqlstate($node, "$path$bare", $db), 'none', "$path$bare");
	}
}
is(is_superuser(), 'f', 'nothing of all that ran a planted function');

# the test itself can tell: the server's superuser has to call one only once
is(sqlstate($node, q{SELECT seatlock.nextval('x'::text)}, $db), 'none', 'a planted function that is called');
is(is_superuser(), 't', 'makes its author a superuser');

done_testing();
