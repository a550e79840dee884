# DBD::Pg (Debian: libdbd-pg-perl).  An array reference becomes a PostgreSQL array; jsonb comes as text.
use strict;
use warnings;
use DBI;
use JSON::PP qw(decode_json);
use POSIX qw(strftime);

my $event = $ENV{EVENT};
my $db = DBI->connect('dbi:Pg:', undef, undef, {RaiseError => 1, PrintError => 0, AutoCommit => 1});
$db->{pg_server_prepare} = 0 if $ENV{POOLED};    # behind PgBouncer in transaction mode

sub one { my ($sql, @args) = @_; return $db->selectrow_hashref($sql, undef, @args) }

sub step {
	my ($name, $run) = @_;
	my @said = eval { $run->() };
	@said = ('FAILED', $db->state, split /\n/, $@, 1) if $@;    # it must not stop the others
	print join(' ', $name, map { $_ // '' } @said), "\n";
}

my $first;
step claim => sub {
	$first = one('SELECT * FROM seatlock.claim(?, ?, ?)', $event, ['A-1', 'A-2'], 'ann');
	return $first->{outcome}, scalar @{decode_json $first->{seats}};
};
step conflicts => sub {
	my $r = one('SELECT * FROM seatlock.claim(?, ?, ?)', $event, ['A-2', 'A-3'], 'bob');
	my $conflict = decode_json($r->{conflicts})->[0];
	return $r->{outcome}, $conflict->{seat}, $conflict->{reason};
};
step add => sub {
	my $r = one('SELECT * FROM seatlock.claim(?, ?, ?, token => ?)', $event, 'A-3', 'ann', $first->{token});
	return $r->{outcome}, scalar @{decode_json $r->{seats}};
};
step best => sub {
	my $r = one('SELECT * FROM seatlock.claim_best(?, ?, ?)', $event, 3, 'bob');
	return $r->{outcome}, scalar @{decode_json $r->{seats}}, $r->{together} ? 'true' : 'false';
};
step confirm => sub {
	my $r = one('SELECT * FROM seatlock.confirm(?, ?, ?)', $event, $first->{token}, 'order 4711');
	return $r->{outcome}, $r->{replayed} ? 'true' : 'false';
};
step replay => sub {
	my @call = ('SELECT * FROM seatlock.claim(?, ?, ?, request_key => ?)', $event, 'D-1', 'ann', 'cart 1');
	my ($a, $b) = (one(@call), one(@call));
	return $b->{outcome}, $b->{replayed} ? 'true' : 'false', $a->{token} eq $b->{token} ? 'true' : 'false';
};
step now => sub {
	my $r = eval { one('SELECT * FROM seatlock.claim_now(?, ?, ?, request_key => ?)', $event, 'D-2', 'ann', 'cart 2') };
	return $r ? $r->{outcome} : $db->state;
};
step unknown => sub {
	my $r = eval { one('SELECT * FROM seatlock.claim(?, ?, ?)', 'no such event', 'A-1', 'ann') };
	return $r ? $r->{outcome} : $db->state;
};
step nulls => sub { one('SELECT * FROM seatlock.claim(?, ?, ?, ?, ?, ?)', $event, 'E-1', 'ann', undef, undef, undef)->{outcome} };
step named => sub {
	one('SELECT * FROM seatlock.claim(event => ?, holder => ?, seats => ?, ttl_seconds => ?)', $event, 'ann', 'E-2', 600)->{outcome};
};
step ints => sub { one('SELECT * FROM seatlock.claim_best(?, ?, ?)', $event, 2, 'ann')->{outcome} };
step time => sub {
	my $opens_at = strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(time + 3600));
	one('SELECT seatlock.create_event(?, ?, opens_at => ?)', "$event later", 'Odeon', $opens_at);
	return one('SELECT * FROM seatlock.claim(?, ?, ?)', "$event later", 'A-1', 'ann')->{outcome}, $first->{expires_in_seconds};
};
step tx => sub {
	$db->begin_work;
	my $refused = one('SELECT * FROM seatlock.claim(?, ?, ?)', $event, 'A-1', 'cy');
	my $won = one('SELECT * FROM seatlock.claim(?, ?, ?)', $event, ['F-1', 'F-2'], 'cy');
	$db->rollback;
	my $after = one('SELECT * FROM seatlock.claim(?, ?, ?)', $event, 'F-1', 'dan');
	return $refused->{outcome}, $won->{outcome}, $after->{outcome};
};
step many => sub {
	my $st = $db->prepare('SELECT ok FROM seatlock.claim(?, ?, ?)');
	my $held = 0;
	for my $n (1 .. 12) {
		$st->execute($event, "H-$n", 'eve');
		$held += $st->fetchrow_arrayref->[0];
		$st->finish;
	}
	return $held;
};
$db->disconnect;
