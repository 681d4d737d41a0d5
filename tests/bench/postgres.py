"""The peer of P1 and P2: PostgreSQL with the same bookings in it.

A cluster of its own under build/bench, on loopback with TLS, run by a user
without rights. The rows are those of a filled state (state.py), the indexes
those of our schema, an exclusion constraint stands for the guard's triggers;
foreign keys and the chain's trigger are left out, in the peer's favour.
Durable: synchronous_commit and full_page_writes are on; checkpoints are kept
far apart, and memory is plenty.
"""
import contextlib
import json
import os
import pwd
import random
import shutil
import socket
import sqlite3
import subprocess
import tempfile

import state

PAPERS, BODY = 70, 560   # bytes of them in a booking of ours
BIN = "/usr/lib/postgresql/15/bin"
SETTINGS = {
    "listen_addresses": "'127.0.0.1'", "unix_socket_directories": "''",
    "ssl": "on", "ssl_min_protocol_version": "'TLSv1.3'",
    "synchronous_commit": "on", "fsync": "on", "full_page_writes": "on",
    "shared_buffers": "'2GB'", "effective_cache_size": "'8GB'",
    "wal_buffers": "'64MB'", "max_wal_size": "'16GB'",
    "checkpoint_timeout": "'1h'", "max_connections": "200",
    "logging_collector": "off", "jit": "off",
}
SCHEMA = """
CREATE EXTENSION btree_gist;
CREATE TABLE subject (id bigint PRIMARY KEY, slug text NOT NULL UNIQUE);
CREATE TABLE site (id bigint PRIMARY KEY, slug text NOT NULL UNIQUE);
CREATE TABLE booking (id bigint PRIMARY KEY, code text NOT NULL,
    agreement bigint NOT NULL, lead bigint NOT NULL, partner bigint NOT NULL,
    kind text NOT NULL, status text NOT NULL, expert bigint,
    from_time bigint NOT NULL, to_time bigint NOT NULL, owner bigint NOT NULL,
    owner_site bigint NOT NULL, patient bigint, papers bytea,
    version bigint NOT NULL);
CREATE TABLE claim (subject bigint NOT NULL, during int8range NOT NULL,
    booking bigint NOT NULL, role text NOT NULL, place bigint, session bigint);
CREATE TABLE event (seq bigint PRIMARY KEY, at bigint NOT NULL,
    actor text NOT NULL, actor_site bigint, lead bigint, partner bigint,
    thing text NOT NULL, id bigint NOT NULL, code text, version bigint NOT NULL,
    verb text NOT NULL, to_state text, request_id text NOT NULL,
    class text NOT NULL, prev bytea NOT NULL, hash bytea NOT NULL);
CREATE TABLE idempotency (identity bigint NOT NULL, route text NOT NULL,
    key text NOT NULL, body_hash bytea NOT NULL, status int NOT NULL,
    etag text NOT NULL, location text NOT NULL, body bytea NOT NULL,
    at bigint NOT NULL);
CREATE TABLE week (n bigint PRIMARY KEY, subject bigint, during int8range);
CREATE TABLE free (n bigint PRIMARY KEY, agreement bigint, lead bigint,
    partner bigint, expert bigint, place bigint, patient bigint,
    from_time bigint, to_time bigint, code text, papers bytea, hash bytea,
    key text, body bytea);
CREATE SEQUENCE booking_id; CREATE SEQUENCE event_seq;
"""
INDEXES = """
CREATE UNIQUE INDEX ON booking (code);
CREATE INDEX ON booking (agreement, from_time, kind);
CREATE INDEX ON booking (expert, from_time)
    WHERE expert IS NOT NULL AND status NOT IN ('pending', 'booked');
ALTER TABLE claim ADD EXCLUDE USING gist (subject WITH =, during WITH &&);
CREATE INDEX ON claim (booking);
CREATE INDEX ON event (thing, id, seq);
ALTER TABLE idempotency ADD PRIMARY KEY (identity, route, key);
SELECT setval('booking_id', (SELECT max(id) FROM booking));
SELECT setval('event_seq', (SELECT max(seq) FROM event));
"""
BOOK = """
WITH f AS MATERIALIZED (SELECT *, nextval('booking_id') AS id FROM free
        WHERE n = :n),
    b AS (INSERT INTO booking SELECT id, code, agreement, lead, partner,
        'clinic-slot', 'booked', expert, from_time, to_time, 2, lead, patient,
        papers, 1 FROM f),
    c AS (INSERT INTO claim SELECT s, int8range(from_time, to_time), id, role,
        place, from_time FROM f, LATERAL (VALUES (expert, 'expert'),
        (place, 'place'), (patient, 'patient')) AS v (s, role)),
    e AS (INSERT INTO event SELECT nextval('event_seq'), from_time, 'lead desk',
        lead, lead, partner, 'booking', id, code, 1, 'book', 'booked',
        substr(key, 1, 16), 'change', hash, hash FROM f),
    k AS (INSERT INTO idempotency SELECT 2, '/v1/bookings', key, hash, 201,
        '"1"', '/v1/bookings/' || code, body, from_time FROM f)
SELECT code FROM f;
"""
# The same six rows from within one function: one call, plans kept.
FUNCTION = """
CREATE FUNCTION book(wanted bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    f free%%ROWTYPE;
    i bigint := nextval('booking_id');
BEGIN
    SELECT * INTO f FROM free WHERE n = wanted;
    INSERT INTO booking VALUES (i, f.code, f.agreement, f.lead, f.partner,
        'clinic-slot', 'booked', f.expert, f.from_time, f.to_time, 2, f.lead,
        f.patient, f.papers, 1);
    INSERT INTO claim VALUES
        (f.expert, int8range(f.from_time, f.to_time), i, 'expert', f.place,
         f.from_time),
        (f.place, int8range(f.from_time, f.to_time), i, 'place', NULL, NULL),
        (f.patient, int8range(f.from_time, f.to_time), i, 'patient', NULL,
         NULL);
    INSERT INTO event VALUES (nextval('event_seq'), f.from_time, 'lead desk',
        f.lead, f.lead, f.partner, 'booking', i, f.code, 1, 'book', 'booked',
        substr(f.key, 1, 16), 'change', f.hash, f.hash);
    INSERT INTO idempotency VALUES (2, '/v1/bookings', f.key, f.hash, 201,
        '"1"', '/v1/bookings/' || f.code, f.body, f.from_time);
    RETURN f.code;
END $$;
""".replace("%%", "%")
# A variable of pgbench lasts as long as its client.
COUNT = "\\set n :i * 32 + :client_id\n\\set i :i + 1\n"
SCRIPTS = {
    "function": COUNT + "SELECT book(:n);\n",
    "statement": COUNT + BOOK.strip() + "\n",
    "week": """\\set n random(1, :weeks)
SELECT json_agg(t) FROM (
    SELECT lower(c.during) AS "from", upper(c.during) AS "to", b.status,
        c.role, b.code AS booking, b.kind, p.slug AS partner, l.slug AS lead,
        e.slug AS expert, r.slug AS place
    FROM week w JOIN claim c ON c.subject = w.subject AND c.during && w.during
        JOIN booking b ON b.id = c.booking JOIN site p ON p.id = b.partner
        JOIN site l ON l.id = b.lead JOIN subject e ON e.id = b.expert
        LEFT JOIN subject r ON r.id = c.place
    WHERE w.n = :n ORDER BY 1) t;
""",
}


def found():
    return os.path.exists(os.path.join(BIN, "initdb"))


def version():
    return subprocess.run([f"{BIN}/postgres", "--version"], text=True,
                          capture_output=True, check=True).stdout.strip()


def as_user(command):
    """It does not run as root."""
    if os.getuid() != 0:
        return command
    return ["setpriv", "--reuid=postgres", "--regid=postgres",
            "--init-groups", *command]


def give(folder):
    if os.getuid() == 0:
        who = pwd.getpwnam("postgres")
        os.chown(folder, who.pw_uid, who.pw_gid)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Cluster:
    """Runs on that data directory; made when it is empty."""

    def __init__(self, data):
        self.data, self.port = data, free_port()

    def run(self, program, *args, **kwargs):
        return subprocess.run(as_user([f"{BIN}/{program}", *args]), check=True,
                              text=True, cwd="/", stdout=subprocess.DEVNULL,
                              **kwargs)

    def make(self):
        os.mkdir(self.data, 0o700)
        give(self.data)
        self.run("initdb", "-D", self.data, "-A", "trust", "-U", "bench",
                 "--locale=C", "-E", "UTF8")
        subprocess.run(as_user(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost",
             "-keyout", f"{self.data}/server.key",
             "-out", f"{self.data}/server.crt"]), check=True, cwd="/",
            capture_output=True)
        with open(f"{self.data}/postgresql.auto.conf", "a",
                  encoding="ascii") as f:
            f.writelines(f"{k} = {v}\n" for k, v in SETTINGS.items())

    def __enter__(self):
        self.run("pg_ctl", "-D", self.data, "-w", "-t", "120", "-o",
                 f"-p {self.port}", "-l", f"{self.data}/log", "start")
        return self

    def __exit__(self, *exc):
        self.run("pg_ctl", "-D", self.data, "-w", "-m", "fast", "stop")

    def pid(self):
        with open(f"{self.data}/postmaster.pid", encoding="ascii") as f:
            return int(f.readline())

    @property
    def target(self):
        return (f"host=127.0.0.1 port={self.port} user=bench dbname=postgres "
                "sslmode=require")

    def sql(self, text):
        return subprocess.run(
            [f"{BIN}/psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-d",
             self.target], input=text, text=True, check=True,
            stdout=subprocess.PIPE).stdout

    def copy_in(self, table, rows):
        """rows: of numbers, texts, None and bytes."""
        with subprocess.Popen(
                [f"{BIN}/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d",
                 self.target, "-c", f"COPY {table} FROM STDIN"],
                stdin=subprocess.PIPE, text=True) as psql:
            for row in rows:
                psql.stdin.write("\t".join(map(shown, row)) + "\n")
            psql.stdin.close()
            if psql.wait() != 0:
                raise RuntimeError(f"COPY {table} failed")

    def bench(self, script, seconds, weeks=1, begun=0):
        """Transactions a second, and how many there were."""
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as f:
            f.write(SCRIPTS[script])
            f.flush()
            said = subprocess.run(
                [f"{BIN}/pgbench", "-n", "-M", "prepared", "-c", "32", "-j",
                 "2", "-T", str(max(1, round(seconds))), "-f", f.name, "-D", f"i={begun}",
                 "-D", f"weeks={weeks}", self.target], text=True,
                check=True, capture_output=True).stdout
        row = dict(line.split(" = ", 1) for line in said.splitlines()
                   if " = " in line)
        done = next(line for line in said.splitlines()
                    if "transactions actually processed" in line)
        return (float(row["tps"].split()[0]),
                int(done.rsplit(":", 1)[1].split("/")[0]))


def shown(value):
    if value is None:
        return "\\N"
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    return str(value).replace("\\", "\\\\")


def claims_of(db):
    for s, begin, end, *rest in db.execute(
            "SELECT subject, from_time, to_time, booking, role, place, session"
            " FROM claim"):
        yield (s, f"[{begin},{end})", *rest)


def weeks_of(folder, db):
    from way import utc
    ids = dict(db.execute("SELECT slug, id FROM subject"))
    with open(os.path.join(folder, "week.paths"), encoding="ascii") as f:
        for n, path in enumerate(f, 1):
            slug = path.split("/")[3]
            begin, end = (utc(part.split("=")[1].strip()) for part in
                          path.split("?")[1].split("&"))
            yield n, ids[slug], f"[{int(begin)},{int(end)})"


def free_of(folder, db):
    """The places that spread.bodies has for our side."""
    from way import utc
    chance = random.Random(1)
    clinics = {slug: (s, place, 60 * minutes) for slug, s, place, minutes in
               db.execute("SELECT s.slug, s.id, r.place, r.slot_minutes"
                          " FROM rule r JOIN subject s ON s.id = r.subject"
                          " WHERE r.slot_minutes > 0")}
    agreements = {slug: row for slug, *row in db.execute(
        "SELECT slug, id, lead, partner FROM agreement")}
    # Patients are numbered in the order in which they were entered.
    patients = [p for p, in db.execute(
        "SELECT id FROM subject WHERE type = 'patient' ORDER BY id")]
    with open(os.path.join(folder, "spread.bodies"), encoding="utf-8") as f:
        for n, line in enumerate(f):
            asked = json.loads(line)
            expert, place, length = clinics[asked["expert"]]
            begin = int(utc(asked["at"]))
            yield (n, *agreements[asked["agreement"]], expert, place,
                   patients[int(asked["patient"]["local_id"][1:])], begin,
                   begin + length, f"{n:08X}", chance.randbytes(PAPERS),
                   chance.randbytes(32), chance.randbytes(16).hex(),
                   b"x" * BODY)


def fill(cluster, folder):
    with contextlib.closing(sqlite3.connect(
            f"file:{folder}/state/teleconsult.db?immutable=1",
            uri=True)) as db:
        cluster.sql(SCHEMA)
        for table, select in (
                ("subject", "id, slug FROM subject"),
                ("site", "id, slug FROM site"),
                ("booking", "id, code, agreement, lead, partner, kind, status,"
                 " expert, from_time, to_time, owner, owner_site, patient,"
                 " papers, version FROM booking"),
                ("event", "seq, at, actor, actor_site, lead, partner, thing,"
                 " id, code, version, verb, to_state, request_id, class, prev,"
                 " hash FROM event"),
                ("idempotency", "identity, route, key, body_hash, status, etag,"
                 " location, body, at FROM idempotency")):
            cluster.copy_in(table, db.execute(f"SELECT {select}"))
        cluster.copy_in("claim", claims_of(db))
        cluster.copy_in("week", weeks_of(folder, db))
        cluster.copy_in("free", free_of(folder, db))
    cluster.sql(INDEXES + FUNCTION)
    cluster.sql("VACUUM ANALYZE; CHECKPOINT;")


def ready(folder):
    """The data directory with that state's rows; it is not to be changed."""
    made = folder.replace("state-", "postgres-")
    if not os.path.isdir(made):
        shutil.rmtree(made + ".draft", ignore_errors=True)
        cluster = Cluster(made + ".draft")
        cluster.make()
        with cluster:
            fill(cluster, folder)
        os.rename(made + ".draft", made)
    return made


@contextlib.contextmanager
def on_copy(made):
    """The cluster runs on a copy."""
    with tempfile.TemporaryDirectory(dir=state.BENCH, prefix="run-") as run:
        os.chmod(run, 0o755)
        data = os.path.join(run, "data")
        subprocess.run(["cp", "-a", "--reflink=auto", made, data], check=True)
        state.settle(data)
        with Cluster(data) as cluster:
            yield cluster
