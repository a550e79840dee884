// tokio-postgres (Debian: librust-tokio-postgres-dev).  It asks the server for the types and is strict about
// them: i64 for bigint, &str for text.
use serde_json::Value;
use std::env::var;
use std::time::{Duration, SystemTime};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, GenericClient, NoTls, Row};

async fn one(db: &impl GenericClient, call: &str, args: &[&(dyn ToSql + Sync)]) -> Result<Row, Error> {
    db.query_one(&format!("SELECT * FROM seatlock.{call}"), args).await
}

fn count(row: &Row) -> usize {
    row.get::<_, Value>("seats").as_array().map_or(0, Vec::len)
}

fn outcome(row: &Row) -> String {
    row.get("outcome")
}

fn sqlstate(result: Result<Row, Error>) -> String {
    match result {
        Ok(row) => outcome(&row),
        Err(e) => e.code().map_or(e.to_string(), |c| c.code().to_string()),
    }
}

async fn sale(db: &mut Client, event: &str) -> Result<(), Error> {
    let first = one(db, "claim($1, $2, $3)", &[&event, &r#"["A-1","A-2"]"#, &"ann"]).await?;
    let token: String = first.get("token");
    println!("claim {} {}", outcome(&first), count(&first));

    let r = one(db, "claim($1, $2::text[], $3)", &[&event, &vec!["A-2", "A-3"], &"bob"]).await?;
    let conflicts: Value = r.get("conflicts");
    println!("conflicts {} {} {}", outcome(&r), conflicts[0]["seat"].as_str().unwrap(), conflicts[0]["reason"].as_str().unwrap());

    let r = one(db, "claim($1, $2, $3, token => $4)", &[&event, &"A-3", &"ann", &token]).await?;
    println!("add {} {}", outcome(&r), count(&r));

    let r = one(db, "claim_best($1, $2, $3)", &[&event, &3_i64, &"bob"]).await?;
    println!("best {} {} {}", outcome(&r), count(&r), r.get::<_, Option<bool>>("together").unwrap());

    let r = one(db, "confirm($1, $2, $3)", &[&event, &token, &"order 4711"]).await?;
    println!("confirm {} {}", outcome(&r), r.get::<_, bool>("replayed"));

    let call = "claim($1, $2, $3, request_key => $4)";
    let a = one(db, call, &[&event, &"D-1", &"ann", &"cart 1"]).await?;
    let b = one(db, call, &[&event, &"D-1", &"ann", &"cart 1"]).await?;
    println!("replay {} {} {}", outcome(&b), b.get::<_, bool>("replayed"), a.get::<_, String>("token") == b.get::<_, String>("token"));

    println!("now {}", sqlstate(one(db, "claim_now($1, $2, $3, request_key => $4)", &[&event, &"D-2", &"ann", &"cart 2"]).await));
    println!("unknown {}", sqlstate(one(db, "claim($1, $2, $3)", &[&"no such event", &"A-1", &"ann"]).await));
    let (no_ttl, no_text) = (None::<i64>, None::<&str>);
    println!("nulls {}", sqlstate(one(db, "claim($1, $2, $3, $4, $5, $6)", &[&event, &"E-1", &"ann", &no_ttl, &no_text, &no_text]).await));
    println!("named {}", sqlstate(one(db, "claim(event => $1, holder => $2, seats => $3, ttl_seconds => $4)", &[&event, &"ann", &"E-2", &600_i64]).await));
    println!("ints {}", sqlstate(one(db, "claim_best($1, $2, $3)", &[&event, &2_i64, &"ann"]).await));

    let later = format!("{event} later");
    db.execute("SELECT seatlock.create_event($1, $2, opens_at => $3)",
               &[&later, &"Odeon", &(SystemTime::now() + Duration::from_secs(3600))]).await?;
    let r = one(db, "claim($1, $2, $3)", &[&later, &"A-1", &"ann"]).await?;
    let left = first.get::<_, SystemTime>("expires_at").duration_since(SystemTime::now()).unwrap();
    println!("time {} {}", outcome(&r), left.as_secs_f64().round());

    let tx = db.transaction().await?;
    let refused = one(&tx, "claim($1, $2, $3)", &[&event, &"A-1", &"cy"]).await?;
    let won = one(&tx, "claim($1, $2, $3)", &[&event, &r#"["F-1","F-2"]"#, &"cy"]).await?;
    tx.rollback().await?;
    println!("tx {} {} {}", outcome(&refused), outcome(&won), sqlstate(one(db, "claim($1, $2, $3)", &[&event, &"F-1", &"dan"]).await));

    let statement = db.prepare("SELECT ok FROM seatlock.claim($1, $2, $3)").await?;
    let mut held = 0;
    for n in 1..=12 {
        held += db.query_one(&statement, &[&event, &format!("H-{n}"), &"eve"]).await?.get::<_, bool>(0) as i32;
    }
    println!("many {held}");
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let get = |name| var(name).expect(name);
    let config = format!("host={} port={} user={} password={} dbname={}",
                         get("PGHOST"), get("PGPORT"), get("PGUSER"), get("PGPASSWORD"), get("PGDATABASE"));
    let (mut client, connection) = tokio_postgres::connect(&config, NoTls).await.expect("connect");
    tokio::spawn(connection);
    if let Err(e) = sale(&mut client, &get("EVENT")).await {
        println!("claim FAILED {e}: {}", e.as_db_error().map_or("", |d| d.message()));
    }
}
