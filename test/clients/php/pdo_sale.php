<?php
// PHP PDO (Debian: php-pgsql).  php pdo_sale.php [emulate]
// jsonb comes as text: json_decode it.  Booleans come as booleans with native prepares and emulated ones.
$event = getenv('EVENT');
$db = new PDO(sprintf('pgsql:host=%s;port=%s;dbname=%s', getenv('PGHOST'), getenv('PGPORT'), getenv('PGDATABASE')),
    getenv('PGUSER'), getenv('PGPASSWORD'), [
        PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
        PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_OBJ,
        PDO::ATTR_EMULATE_PREPARES => ($argv[1] ?? '') === 'emulate',
    ]);
if (getenv('POOLED'))                       // behind PgBouncer in transaction mode
    $db->setAttribute(PDO::PGSQL_ATTR_DISABLE_PREPARES, true);

function one(string $sql, array $args): object
{
    global $db;
    $statement = $db->prepare($sql);
    $statement->execute($args);
    return $statement->fetch();
}

function step(string $name, callable $run): void
{
    try {
        $values = array_map(fn ($v) => is_bool($v) ? ($v ? 'true' : 'false') : $v, (array) $run());
        echo $name, ' ', implode(' ', $values), "\n";
    } catch (Throwable $e) {                // a step of its own must not stop the others
        echo $name, ' FAILED ', $e->getCode(), ' ', strtok($e->getMessage(), "\n"), "\n";
    }
}

step('claim', function () use ($event) {
    global $first;
    $first = one('SELECT * FROM seatlock.claim(?, ?, ?)', [$event, json_encode(['A-1', 'A-2']), 'ann']);
    return [$first->outcome, count(json_decode($first->seats))];
});
step('conflicts', function () use ($event) {
    $r = one('SELECT * FROM seatlock.claim(?, ?, ?)', [$event, json_encode(['A-2', 'A-3']), 'bob']);
    $conflict = json_decode($r->conflicts)[0];
    return [$r->outcome, $conflict->seat, $conflict->reason];
});
step('add', function () use ($event) {
    global $first;
    $r = one('SELECT * FROM seatlock.claim(:event, :seats, :holder, token => :token)',
        ['event' => $event, 'seats' => 'A-3', 'holder' => 'ann', 'token' => $first->token]);
    return [$r->outcome, count(json_decode($r->seats))];
});
step('best', function () use ($event) {
    $r = one('SELECT * FROM seatlock.claim_best(?, ?, ?)', [$event, 3, 'bob']);
    return [$r->outcome, count(json_decode($r->seats)), $r->together];
});
step('confirm', function () use ($event) {
    global $first;
    $r = one('SELECT * FROM seatlock.confirm(?, ?, ?)', [$event, $first->token, 'order 4711']);
    return [$r->outcome, $r->replayed];
});
step('replay', function () use ($event) {
    $call = 'SELECT * FROM seatlock.claim(?, ?, ?, request_key => ?)';
    $a = one($call, [$event, 'D-1', 'ann', 'cart 1']);
    $b = one($call, [$event, 'D-1', 'ann', 'cart 1']);
    return [$b->outcome, $b->replayed, $a->token === $b->token];
});
step('now', function () use ($event) {
    try {
        return one('SELECT * FROM seatlock.claim_now(?, ?, ?, request_key => ?)', [$event, 'D-2', 'ann', 'cart 2'])->outcome;
    } catch (PDOException $e) {
        return $e->getCode();               // the SQLSTATE
    }
});
step('unknown', function () {
    try {
        return one('SELECT * FROM seatlock.claim(?, ?, ?)', ['no such event', 'A-1', 'ann'])->outcome;
    } catch (PDOException $e) {
        return $e->getCode();
    }
});
step('nulls', fn () => one('SELECT * FROM seatlock.claim(?, ?, ?, ?, ?, ?)', [$event, 'E-1', 'ann', null, null, null])->outcome);
step('named', fn () => one('SELECT * FROM seatlock.claim(event => :event, holder => :holder, seats => :seats, ttl_seconds => :ttl)',
    ['event' => $event, 'holder' => 'ann', 'seats' => 'E-2', 'ttl' => 600])->outcome);
step('ints', function () use ($db, $event) {
    $statement = $db->prepare('SELECT * FROM seatlock.claim_best(?, ?, ?)');
    $statement->bindValue(1, $event);
    $statement->bindValue(2, 2, PDO::PARAM_INT);
    $statement->bindValue(3, 'ann');
    $statement->execute();
    return $statement->fetch()->outcome;
});
step('time', function () use ($event) {
    global $first;
    $opensAt = new DateTimeImmutable('+1 hour');
    one('SELECT seatlock.create_event(?, ?, opens_at => ?)', ["$event later", 'Odeon', $opensAt->format(DateTimeInterface::ATOM)]);
    $r = one('SELECT * FROM seatlock.claim(?, ?, ?)', ["$event later", 'A-1', 'ann']);
    return [$r->outcome, (new DateTimeImmutable($first->expires_at))->getTimestamp() - time()];
});
step('tx', function () use ($db, $event) {
    $db->beginTransaction();
    $refused = one('SELECT * FROM seatlock.claim(?, ?, ?)', [$event, 'A-1', 'cy']);
    $won = one('SELECT * FROM seatlock.claim(?, ?, ?)', [$event, '["F-1","F-2"]', 'cy']);
    $db->rollBack();
    $after = one('SELECT * FROM seatlock.claim(?, ?, ?)', [$event, 'F-1', 'dan']);
    return [$refused->outcome, $won->outcome, $after->outcome];
});
step('many', function () use ($db, $event) {
    $statement = $db->prepare('SELECT ok FROM seatlock.claim(?, ?, ?)');
    $held = 0;
    for ($n = 1; $n <= 12; $n++) {
        $statement->execute([$event, "H-$n", 'eve']);
        $held += (int) $statement->fetchColumn();
    }
    return $held;
});
