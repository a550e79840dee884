# R with RPostgreSQL (Debian: r-cran-rpostgresql, r-cran-jsonlite).  Everything but numbers and booleans comes as text.
suppressPackageStartupMessages({library(RPostgreSQL); library(jsonlite)})
event <- Sys.getenv("EVENT")
db <- dbConnect(PostgreSQL(), host = Sys.getenv("PGHOST"), port = Sys.getenv("PGPORT"), dbname = Sys.getenv("PGDATABASE"),
                user = Sys.getenv("PGUSER"), password = Sys.getenv("PGPASSWORD"))
# it warns of each jsonb column that it takes for text
one <- function(sql, ...) suppressWarnings(dbGetQuery(db, sql, list(...)))
say <- function(...) cat(tolower(paste(...)), "\n", sep = "")

first <- one("SELECT * FROM seatlock.claim($1, $2, $3)", event, toJSON(c("A-1", "A-2")), "ann")
say("claim", first$outcome, length(fromJSON(first$seats)))

r <- one("SELECT * FROM seatlock.claim($1, $2, $3)", event, toJSON(c("A-2", "A-3")), "bob")
conflicts <- fromJSON(r$conflicts)
cat("conflicts", r$outcome, conflicts$seat[1], conflicts$reason[1], "\n")

r <- one("SELECT * FROM seatlock.claim($1, $2, $3, token => $4)", event, "A-3", "ann", first$token)
say("add", r$outcome, length(fromJSON(r$seats)))

r <- one("SELECT * FROM seatlock.claim_best($1, $2, $3)", event, 3, "bob")
say("best", r$outcome, length(fromJSON(r$seats)), r$together)

r <- one("SELECT * FROM seatlock.confirm($1, $2, $3)", event, first$token, "order 4711")
say("confirm", r$outcome, r$replayed)

call <- "SELECT * FROM seatlock.claim($1, $2, $3, request_key => $4)"
a <- one(call, event, "D-1", "ann", "cart 1")
b <- one(call, event, "D-1", "ann", "cart 1")
say("replay", b$outcome, b$replayed, a$token == b$token)

sqlstate <- function(...) {
  r <- one(...)                               # the driver tells no SQLSTATE, only a message
  if (is.null(r)) paste("no SQLSTATE, only:", strsplit(trimws(dbGetException(db)$errorMsg), "\n")[[1]][1]) else r$outcome
}
cat("now", sqlstate("SELECT * FROM seatlock.claim_now($1, $2, $3, request_key => $4)", event, "D-2", "ann", "cart 2"), "\n")
cat("unknown", sqlstate("SELECT * FROM seatlock.claim($1, $2, $3)", "no such event", "A-1", "ann"), "\n")
# NA cannot be bound as NULL: write it, or leave the argument out
say("nulls", one("SELECT * FROM seatlock.claim($1, $2, $3, NULL, NULL, NULL)", event, "E-1", "ann")$outcome)
say("named", one("SELECT * FROM seatlock.claim(event => $1, holder => $2, seats => $3, ttl_seconds => $4)", event, "ann", "E-2", 600)$outcome)
say("ints", one("SELECT * FROM seatlock.claim_best($1, $2, $3)", event, 2L, "ann")$outcome)

opens_at <- format(Sys.time() + 3600, "%Y-%m-%dT%H:%M:%SZ", tz = "UTC")
invisible(one("SELECT seatlock.create_event($1, $2, opens_at => $3)", paste(event, "later"), "Odeon", opens_at))
say("time", one("SELECT * FROM seatlock.claim($1, $2, $3)", paste(event, "later"), "A-1", "ann")$outcome, first$expires_in_seconds)

dbBegin(db)
refused <- one("SELECT * FROM seatlock.claim($1, $2, $3)", event, "A-1", "cy")
won <- one("SELECT * FROM seatlock.claim($1, $2, $3)", event, '["F-1","F-2"]', "cy")
dbRollback(db)
say("tx", refused$outcome, won$outcome, one("SELECT * FROM seatlock.claim($1, $2, $3)", event, "F-1", "dan")$outcome)

held <- 0
for (n in 1:12) held <- held + one("SELECT ok FROM seatlock.claim($1, $2, $3)", event, paste0("H-", n), "eve")$ok
say("many", held)
invisible(dbDisconnect(db))
