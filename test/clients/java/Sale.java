// JDBC, pgjdbc 42.5 (Debian: libpostgresql-jdbc-java), default stringtype:
//   javac Sale.java && java -cp .:/usr/share/java/postgresql.jar Sale
import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.OffsetDateTime;

public class Sale {
    static final String EVENT = System.getenv("EVENT");
    static Connection conn;
    static String token;
    static OffsetDateTime expiresAt;

    record Answer(boolean ok, String outcome, String token, OffsetDateTime expiresAt, String seats, String conflicts,
                  boolean replayed, Boolean together) {
        /** jsonb is text to JDBC: an application gives it to its JSON library. */
        int count() {
            return seats.equals("[]") ? 0 : seats.split(",").length;
        }
    }

    interface Step {
        String run() throws SQLException;
    }

    static void step(String name, Step step) {
        try {
            System.out.println(name + " " + step.run());
        } catch (Exception e) {             // a step of its own must not stop the others
            String state = e instanceof SQLException s ? s.getSQLState() : "";
            System.out.println(name + " FAILED " + state + " " + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        }
    }

    static Answer one(String sql, Object... args) throws SQLException {
        try (PreparedStatement st = conn.prepareStatement(sql)) {
            for (int i = 0; i < args.length; i++)
                st.setObject(i + 1, args[i]);
            try (ResultSet rs = st.executeQuery()) {
                rs.next();
                return new Answer(rs.getBoolean("ok"), rs.getString("outcome"), rs.getString("token"),
                        rs.getObject("expires_at", OffsetDateTime.class), rs.getString("seats"),
                        rs.getString("conflicts"), rs.getBoolean("replayed"), (Boolean) rs.getObject("together"));
            }
        }
    }

    static Array seats(String... labels) throws SQLException {
        return conn.createArrayOf("text", labels);
    }

    static String field(String json, String name) {
        return json.replaceFirst("(?s).*?\"" + name + "\": \"([^\"]*)\".*", "$1");
    }

    public static void main(String[] argv) throws SQLException {
        // behind PgBouncer in transaction mode, before 1.21
        String pooled = System.getenv("POOLED") != null ? "?prepareThreshold=0" : "";
        conn = DriverManager.getConnection("jdbc:postgresql://%s:%s/%s%s".formatted(System.getenv("PGHOST"),
                System.getenv("PGPORT"), System.getenv("PGDATABASE"), pooled),
                System.getenv("PGUSER"), System.getenv("PGPASSWORD"));

        step("claim", () -> {
            Answer a = one("SELECT * FROM seatlock.claim(?, ?, ?)", EVENT, seats("A-1", "A-2"), "ann");
            token = a.token();
            expiresAt = a.expiresAt();
            return a.outcome() + " " + a.count();
        });
        step("conflicts", () -> {
            Answer a = one("SELECT * FROM seatlock.claim(?, ?, ?)", EVENT, "[\"A-2\",\"A-3\"]", "bob");
            return a.outcome() + " " + field(a.conflicts(), "seat") + " " + field(a.conflicts(), "reason");
        });
        step("add", () -> {
            Answer a = one("SELECT * FROM seatlock.claim(?, ?, ?, token => ?)", EVENT, "A-3", "ann", token);
            return a.outcome() + " " + a.count();
        });
        step("best", () -> {
            Answer a = one("SELECT * FROM seatlock.claim_best(?, ?, ?)", EVENT, 3, "bob");
            return a.outcome() + " " + a.count() + " " + a.together();
        });
        step("confirm", () -> {
            Answer a = one("SELECT * FROM seatlock.confirm(?, ?, ?)", EVENT, token, "order 4711");
            return a.outcome() + " " + a.replayed();
        });
        step("replay", () -> {
            String call = "SELECT * FROM seatlock.claim(?, ?, ?, request_key => ?)";
            Answer a = one(call, EVENT, "D-1", "ann", "cart 1");
            Answer b = one(call, EVENT, "D-1", "ann", "cart 1");
            return b.outcome() + " " + b.replayed() + " " + a.token().equals(b.token());
        });
        step("now", () -> {
            try {
                return one("SELECT * FROM seatlock.claim_now(?, ?, ?, request_key => ?)", EVENT, "D-2", "ann", "cart 2").outcome();
            } catch (SQLException e) {
                return e.getSQLState();
            }
        });
        step("unknown", () -> {
            try {
                return one("SELECT * FROM seatlock.claim(?, ?, ?)", "no such event", "A-1", "ann").outcome();
            } catch (SQLException e) {
                return e.getSQLState();
            }
        });
        step("nulls", () -> {
            try (PreparedStatement st = conn.prepareStatement("SELECT * FROM seatlock.claim(?, ?, ?, ?, ?, ?)")) {
                st.setString(1, EVENT);
                st.setString(2, "E-1");
                st.setString(3, "ann");
                st.setNull(4, Types.BIGINT);
                st.setNull(5, Types.VARCHAR);
                st.setNull(6, Types.VARCHAR);
                ResultSet rs = st.executeQuery();
                rs.next();
                return rs.getString("outcome");
            }
        });
        step("named", () -> one("SELECT * FROM seatlock.claim(event => ?, holder => ?, seats => ?, ttl_seconds => ?)",
                EVENT, "ann", "E-2", 600).outcome());
        step("ints", () -> one("SELECT * FROM seatlock.claim_best(?, ?, ?)", EVENT, 2, "ann").outcome());
        step("time", () -> {
            try (PreparedStatement st = conn.prepareStatement("SELECT seatlock.create_event(?, ?, opens_at => ?)")) {
                st.setString(1, EVENT + " later");
                st.setString(2, "Odeon");
                st.setObject(3, OffsetDateTime.now().plusHours(1));
                st.executeQuery();
            }
            Answer a = one("SELECT * FROM seatlock.claim(?, ?, ?)", EVENT + " later", "A-1", "ann");
            return a.outcome() + " " + Math.round(Duration.between(OffsetDateTime.now(), expiresAt).toMillis() / 1000.0);
        });
        step("tx", () -> {
            conn.setAutoCommit(false);
            Answer refused = one("SELECT * FROM seatlock.claim(?, ?, ?)", EVENT, "A-1", "cy");
            Answer won = one("SELECT * FROM seatlock.claim(?, ?, ?)", EVENT, seats("F-1", "F-2"), "cy");
            conn.rollback();
            Answer after = one("SELECT * FROM seatlock.claim(?, ?, ?)", EVENT, "F-1", "dan");
            conn.commit();
            conn.setAutoCommit(true);
            return refused.outcome() + " " + won.outcome() + " " + after.outcome();
        });
        step("many", () -> {
            int held = 0;
            try (PreparedStatement st = conn.prepareStatement("SELECT ok FROM seatlock.claim(?, ?, ?)")) {
                for (int n = 1; n <= 12; n++) {
                    st.setString(1, EVENT);
                    st.setString(2, "H-" + n);
                    st.setString(3, "eve");
                    ResultSet rs = st.executeQuery();
                    rs.next();
                    held += rs.getBoolean("ok") ? 1 : 0;
                }
            }
            return "" + held;
        });
        conn.close();
    }
}
