"""What an operator sees: health, figures and status of the real daemon, judged
by promtool and by a Prometheus that scrapes it."""
import contextlib
import glob
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

from hands import Hands
from service import ROOT, Service, wait_until
from way import EXPERT, Way, request_body, rfc3339, shanghai

EXAMPLES = os.path.join(ROOT, "examples", "prometheus")
TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
SAMPLE = re.compile(r'^([a-z_]+)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')


def samples(text):
    """{(name, frozenset of labels): value}; a line of another form fails."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, labels, value = SAMPLE.match(line).groups()
        key = (name, frozenset(LABEL.findall(labels or "")))
        assert key not in found, line
        found[key] = float(value)
    return found


def value(found, name, **labels):
    return found[(name, frozenset(labels.items()))]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


class Watched(Way):
    """The service of a small network, with somebody for each role."""

    def metrics(self, accept=None, who=None):
        answer = (who or self.admin).request(
            "GET", "/metrics", headers={"Accept": accept} if accept else {})
        self.assertEqual(answer.status, 200, answer)
        return answer

    def figures(self):
        return samples(self.metrics().text)

    def token(self, *scopes):
        body = {"name": "prometheus", "scopes": list(scopes)}
        if scopes != ("metrics",):
            body["site"] = "anzhen"
        answer = self.admin.post("/v1/tokens", body)
        self.assertEqual(answer.status, 201, answer)
        return answer.json["token"]


class Health(Watched):
    def test_anybody_at_either_listener(self):
        anybody = self.service.anybody()
        self.addCleanup(anybody.close)
        for path in ("/healthz", "/readyz"):
            for who in (anybody, self.one, self.auditor):
                answer = who.get(path)
                self.assertEqual((answer.status, answer.body),
                                 (200, b'{"status":"ok"}'))

    def test_head(self):
        anybody = self.service.anybody()
        self.addCleanup(anybody.close)
        self.assertEqual(anybody.request("HEAD", "/readyz").status, 200)


class Formats(Watched):
    def test_text(self):
        for accept in (None, "*/*", "text/plain", "application/json",
                       "application/openmetrics-text;q=0.1, text/plain"):
            answer = self.metrics(accept)
            self.assertEqual(answer.headers["content-type"], TEXT)
            self.assertNotIn("# EOF", answer.text)

    def test_openmetrics(self):
        answer = self.metrics(OPENMETRICS)
        self.assertEqual(answer.headers["content-type"], OPENMETRICS)
        self.assertEqual(answer.headers["cache-control"], "no-store")
        self.assertTrue(answer.text.endswith("\n# EOF\n"))

    def test_promtool(self):
        ran = subprocess.run(["promtool", "check", "metrics"],
                             input=self.metrics().body, timeout=60,
                             capture_output=True)
        self.assertEqual((ran.returncode, ran.stdout, ran.stderr),
                         (0, b"", b""))

    def test_strict_openmetrics(self):
        """The grammar's rules that a lenient parser does not hold."""
        text = self.metrics(OPENMETRICS).text
        family, kind, seen = None, None, set()
        ends = {"counter": ("_total",), "gauge": ("",), "info": ("_info",),
                "histogram": ("_bucket", "_sum", "_count")}
        lines = text.splitlines()
        self.assertEqual(lines.pop(), "# EOF")
        for line in lines:
            head = re.match(r"# (HELP|TYPE|UNIT) ([a-z_]+) (.+)$", line)
            if head and head[1] == "HELP":
                family, kind = head[2], None
                self.assertNotIn(family, seen)  # a family stands in one piece
                seen.add(family)
            elif head and head[1] == "TYPE":
                self.assertEqual(head[2], family)
                kind = head[3]
                self.assertIn(kind, ends)
            elif head:
                self.assertEqual(head[2], family)
                self.assertTrue(family.endswith("_" + head[3]))
            else:
                name = SAMPLE.match(line)[1]
                self.assertIn(name, {family + end for end in ends[kind]})

    def test_histograms_add_up(self):
        buckets = {}
        found = samples(self.metrics(OPENMETRICS).text)
        for (name, labels), n in found.items():
            if name.endswith("_bucket"):
                le = dict(labels)["le"]
                rest = frozenset(x for x in labels if x[0] != "le")
                buckets.setdefault((name[:-7], rest), []).append(
                    (float(le.replace("+Inf", "inf")), n))
        self.assertGreater(len(buckets), 10)
        for (name, labels), row in buckets.items():
            row.sort()
            counts = [n for _, n in row]
            self.assertEqual(counts, sorted(counts))
            self.assertEqual(counts[-1], found[(name + "_count", labels)])
            self.assertEqual(row[-1][0], float("inf"))
            if counts[-1] == 0:
                self.assertEqual(found[(name + "_sum", labels)], 0)


class Access(Watched):
    def test_who_may_read(self):
        anybody = self.service.anybody()
        self.addCleanup(anybody.close)
        self.assertEqual(anybody.get("/metrics").status, 401)
        for who in (self.lead, self.one, self.expert):
            self.assertEqual(who.get("/metrics").status, 403)
        self.metrics(who=self.auditor)
        for scopes, status in ((("metrics",), 200),
                               (("read", "bookings"), 403),
                               (("metrics", "read"), 200)):
            token = self.token(*scopes)
            answer = anybody.request("GET", "/metrics", headers={
                "Authorization": "Bearer " + token})
            self.assertEqual(answer.status, status, scopes)
            # a token of figures opens nothing else
            if scopes == ("metrics",):
                self.assertEqual(403, anybody.request(
                    "GET", "/v1/bookings", headers={
                        "Authorization": "Bearer " + token}).status)


class Figures(Watched):
    def test_requests(self):
        before = self.figures()
        for _ in range(3):
            self.assertEqual(self.one.get("/v1/whoami").status, 200)
        self.assertEqual(self.one.get("/v1/export").status, 403)
        self.assertEqual(self.one.get("/v1/no/such").status, 404)
        after = self.figures()

        def rise(name, **labels):
            return value(after, name, **labels) - value(before, name, **labels)

        who = {"route": "/v1/whoami", "method": "GET"}
        self.assertEqual(3, rise("teleconsult_http_requests_total",
                                 status="2xx", **who))
        self.assertEqual(3, rise(
            "teleconsult_http_request_duration_seconds_count", **who))
        self.assertEqual(1, rise("teleconsult_http_requests_total",
                                 route="/v1/export", method="GET",
                                 status="4xx"))
        self.assertEqual(1, rise("teleconsult_http_requests_total",
                                 route="none", method="other", status="4xx"))
        self.assertEqual(1, rise("teleconsult_errors_total",
                                 code="forbidden"))
        self.assertEqual(1, rise("teleconsult_errors_total",
                                 code="not-found"))

    def test_what_becomes_of_bookings(self):
        kind = {"kind": "remote-consultation"}
        before = self.figures()
        asked = self.one.post("/v1/requests",
                              request_body("liaoyang-central"))
        self.assertEqual(asked.status, 201, asked)
        code = asked.json["code"]
        taken = self.lead.post(f"/v1/requests/{code}/accept",
                               {"expert": EXPERT}, match=asked.etag)
        self.assertEqual(taken.status, 200, taken)
        free = self.one.get("/v1/slots", request=code, n=20).json["slots"]
        key = "once-and-for-all"
        for _ in range(2):  # the second time is none
            booked = self.one.post(
                "/v1/bookings",
                {"request": code, "at": free[0]["from"]}, key=key)
            self.assertEqual(booked.status, 201, booked)
        refused = self.one.post(
            f"/v1/bookings/{booked.json['code']}/move",
            {"at": rfc3339(shanghai(5, "03:00"))}, match=booked.etag)
        self.assertEqual(refused.code, "time-refused", refused)
        moved = self.one.post(
            f"/v1/bookings/{booked.json['code']}/move",
            {"at": free[6]["from"]}, match=booked.etag)
        self.assertEqual(moved.status, 200, moved)
        ended = self.one.post(
            f"/v1/bookings/{booked.json['code']}/cancel",
            {"reason": "done"}, match=moved.etag)
        self.assertEqual(ended.status, 200, ended)
        after = self.figures()

        def rise(name, **labels):
            return value(after, name, **labels) - value(before, name, **labels)

        for change, n in (("booked", 1), ("moved", 1), ("cancelled", 1),
                          ("held", 0), ("lapsed", 0), ("released", 0)):
            self.assertEqual(n, rise("teleconsult_bookings_total",
                                     change=change, **kind), change)
        for change, n in (("submitted", 1), ("accepted", 1), ("declined", 0)):
            self.assertEqual(n, rise("teleconsult_requests_total",
                                     change=change, **kind), change)
        self.assertEqual(1, rise("teleconsult_refusals_total",
                                 reason="closed"))
        self.assertEqual(1, rise("teleconsult_errors_total",
                                 code="time-refused"))
        self.assertGreaterEqual(rise("teleconsult_events_total"), 5)
        self.assertGreaterEqual(rise("teleconsult_writer_commits_total"), 5)

    def test_the_machine(self):
        found = self.figures()
        pid = self.service.process.pid
        with open(f"/proc/{pid}/statm", encoding="ascii") as f:
            resident = int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE")
        self.assertLess(abs(value(found, "process_resident_memory_bytes") -
                            resident), 32 << 20)
        self.assertLess(abs(value(found, "process_open_fds") -
                            len(os.listdir(f"/proc/{pid}/fd"))), 8)
        self.assertGreater(value(found, "process_cpu_seconds_total"), 0)
        self.assertLess(abs(value(found, "process_start_time_seconds") -
                            time.time()), 3600)
        self.assertGreater(value(found, "teleconsult_database_size_bytes"),
                           100000)
        days = (value(found, "teleconsult_certificate_expiry_timestamp_"
                      "seconds", certificate="server") - time.time()) / 86400
        self.assertGreater(days, 300)
        self.assertEqual(value(found, "teleconsult_ready"), 1)
        self.assertGreaterEqual(value(found, "teleconsult_connections"), 1)

    def test_nothing_of_anybody(self):
        """No person, no site, no code, no patient: the labels' sets are
        closed."""
        text = self.metrics().text
        for word in ("anzhen", "liaoyang", EXPERT, "127.0.0.1"):
            self.assertNotIn(word, text)
        names = {label for line in text.splitlines()
                 if not line.startswith("#")
                 for label, _ in LABEL.findall(line)}
        self.assertEqual(names, {
            "version", "schema", "route", "status", "method", "le", "code",
            "kind", "change", "reason", "thread", "certificate", "level",
            "urgency", "promise"})


class Status(Watched):
    def test_status(self):
        for who in (self.lead, self.one, self.auditor):
            self.assertEqual(who.get("/v1/status").status, 403)
        answer = self.admin.get("/v1/status")
        self.assertEqual(answer.status, 200, answer)
        said = answer.json
        self.assertEqual(next(iter(said)), "warnings")
        self.assertIs(said["ready"], True)
        self.assertEqual(said["store"]["queue"], 0)
        self.assertEqual([t["name"] for t in said["threads"]][:4],
                         ["main", "writer", "reports", "worker-0"])
        self.assertLess(max(t["silent_ms"] for t in said["threads"]), 8000)
        report = self.admin.post("/v1/log/verify").json
        self.assertEqual(said["store"]["epoch"], report["epoch"])
        self.assertEqual({c["of"] for c in said["certificates"]},
                         {"server", "ca"})
        for c in said["certificates"]:
            self.assertGreater(c["days"], 300)

    def test_backup(self):
        self.assertIn("no backup was ever made",
                      [w["warning"] for w in
                       self.admin.get("/v1/status").json["warnings"]])
        before = time.time()
        self.assertEqual(self.admin.post("/v1/backups").status, 200)

        def on_record():
            return "backup_at" in self.admin.get("/v1/status").json["store"]
        wait_until(on_record, 5)
        said = self.admin.get("/v1/status").json
        self.assertEqual([], [w for w in said["warnings"]
                              if "backup" in w["warning"]])
        found = self.figures()
        self.assertGreaterEqual(
            value(found, "teleconsult_backup_timestamp_seconds"),
            int(before))

    def test_what_ends(self):
        answer = self.admin.post("/v1/tokens", {
            "name": "short", "scopes": ["metrics"], "days": 7})
        self.assertEqual(answer.status, 201, answer)
        said = self.admin.get("/v1/status").json
        row = [u for u in said["users"] if u["id"] == answer.json["user"]]
        self.assertEqual((row[0]["name"], row[0]["role"]),
                         ("short", "system"))
        self.assertIn(row[0]["days"], (6, 7))
        found = self.figures()
        self.assertEqual(said["users_all"], len(said["users"]))
        self.assertEqual(
            value(found, "teleconsult_user_certificates_ending"),
            said["users_all"])
        # who is let in no more is not missed
        self.assertEqual(200, self.admin.post(
            f"/v1/users/{answer.json['user']}/revoke",
            {"reason": "a trial"}).status)
        self.assertEqual(said["users_all"] - 1, self.admin.get(
            "/v1/status").json["users_all"])


class Tool(unittest.TestCase):
    """teleconsult admin status."""

    def setUp(self):
        service = Service().init().start()
        self.addCleanup(service.close)
        self.hands = Hands(service)
        self.addCleanup(self.hands.close)

    def test_as_people_read_it(self):
        said = self.hands.must("admin", "admin", "status")
        self.assertTrue(said.startswith("warning  no backup was ever made\n"
                                        "         teleconsult admin backup"))
        for line in (r"version +\d+\.\d+\.\d+", "ready +yes",
                     r"last moved +main \d+\.\d s, writer \d",
                     "backup +never", r"event log +\d+ records, epoch [0-9a-f]",
                     r"queue +0 of 4096 changes, 0 reports",
                     r"connections +1 of 16384, 0 streams",
                     r"server cert +until .*, \d+ days",
                     r"ca cert +until .*, \d{4} days"):
            self.assertRegex(said, f"(?m)^{line}")
        self.hands.must("admin", "admin", "backup",
                        os.path.join(self.hands.home, "backup.db"))
        wait_until(lambda: self.hands.must("admin", "admin", "status")
                   .startswith("All is well.\n"), 10)

    def test_what_ends(self):
        self.hands.must("admin", "admin", "token", "--name", "prometheus",
                        "--scope", "metrics", "--days", "5")
        said = self.hands.must("admin", "admin", "status")
        self.assertIn("credentials that soon end and that none follows: 1", said)
        self.assertRegex(said, r"user-\d+ +prometheus +system .* [45]\n")

    def test_as_programs_read_it(self):
        said = json.loads(self.hands.must("admin", "admin", "status", "-o",
                                          "json"))
        self.assertIs(said["ready"], True)
        self.assertEqual(said["warnings"][0]["warning"],
                         "no backup was ever made")


class Examples(unittest.TestCase):
    """The files that an operator starts from."""

    def promtool(self, *args):
        ran = subprocess.run(["promtool", *args], cwd=EXAMPLES, timeout=300,
                             capture_output=True, text=True)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        return ran.stdout

    def test_rules(self):
        self.assertRegex(self.promtool("check", "rules",
                                       "teleconsult.rules.yml"),
                         r"SUCCESS: \d+ rules found")
        self.promtool("test", "rules", "teleconsult.rules.test.yml")

    def test_configuration(self):
        # the token and the keys are not on this machine
        self.promtool("check", "config", "--syntax-only", "prometheus.yml")

    def test_rules_ask_for_what_there_is(self):
        with open(os.path.join(ROOT, "docs", "metrics.md"),
                  encoding="utf-8") as f:
            known = set(re.findall(r"^\| `([a-z_]+)` \|", f.read(), re.M))
        with open(os.path.join(EXAMPLES, "teleconsult.rules.yml"),
                  encoding="utf-8") as f:
            text = f.read()
        asked = {re.sub("_bucket$", "", name) for expr in
                 re.findall(r"expr: ((?:.|\n)+?)\n        (?:for|labels):",
                            text)
                 for name in re.findall(r"\b((?:teleconsult|process)_\w+)",
                                        expr)}
        self.assertGreater(len(asked), 15)
        self.assertEqual(asked - known, set())

    def test_each_alert_is_tried(self):
        texts = []
        for name in ("teleconsult.rules.yml", "teleconsult.rules.test.yml"):
            with open(os.path.join(EXAMPLES, name), encoding="utf-8") as f:
                texts.append(f.read())
        alerts = set(re.findall(r"alert: (\w+)", texts[0]))
        fired = set(re.findall(
            r"alertname: (\w+)\n        exp_alerts:", texts[1]))
        self.assertEqual(alerts, fired)


class Scrape(Watched):
    """A real Prometheus, on loopback, over TLS."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="prometheus-")
        self.addCleanup(shutil.rmtree, self.folder, True)

    def start(self, **tls):
        job = {"job_name": "teleconsult", "scheme": "https",
               "scrape_interval": "1s", "metrics_path": "/metrics",
               "static_configs": [{"targets": [
                   f"localhost:{tls.pop('port')}"]}],
               "tls_config": {"ca_file": self.service.ca,
                              "server_name": "localhost",
                              **tls.pop("tls", {})}, **tls}
        path = os.path.join(self.folder, "prometheus.yml")
        rules = glob.glob(os.path.join(EXAMPLES, "*.rules.yml"))
        with open(path, "w", encoding="utf-8") as f:
            # JSON is YAML
            json.dump({"scrape_configs": [job], "rule_files": rules}, f)
        self.port = free_port()
        log = open(os.path.join(self.folder, "log"), "w", encoding="utf-8")
        self.addCleanup(log.close)
        process = subprocess.Popen(
            ["prometheus", f"--config.file={path}",
             f"--web.listen-address=127.0.0.1:{self.port}",
             f"--storage.tsdb.path={self.folder}/data",
             "--storage.tsdb.retention.time=1h"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.addCleanup(self.end, process)

    @staticmethod
    def end(process):
        process.send_signal(signal.SIGKILL)
        process.wait(30)

    def api(self, path, **query):
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?" + \
            urllib.parse.urlencode(query)
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]

    def ask(self, query):
        """{labels that are asked for: value}; {} while nothing answers."""
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            return {tuple(sorted(v for k, v in r["metric"].items()
                                 if k not in ("instance", "job",
                                              "__name__"))):
                    float(r["value"][1])
                    for r in self.api("query", query=query)["result"]}
        return {}

    def scraped(self):
        wait_until(lambda: self.ask("up") == {(): 1.0}, 60, 0.2)
        target = self.api("targets")["activeTargets"][0]
        self.assertEqual((target["health"], target["lastError"]), ("up", ""))

    def check(self):
        for _ in range(5):
            self.assertEqual(self.one.get("/v1/whoami").status, 200)
        want = value(self.figures(), "teleconsult_http_requests_total",
                     route="/v1/whoami", method="GET", status="2xx")
        self.scraped()
        query = ('teleconsult_http_requests_total{route="/v1/whoami",'
                 'status="2xx"}')
        wait_until(lambda: list(self.ask(query).values()) == [want], 30, 0.2)
        self.assertEqual(self.ask("teleconsult_ready"), {(): 1.0})
        schema = str(len(glob.glob(os.path.join(
            ROOT, "daemon", "store", "schema*_sqlite.sql"))))
        self.assertEqual(self.ask("teleconsult_build_info"),
                         {("0.1.0", schema): 1.0})
        self.assertEqual(self.ask("teleconsult_writer_queue_limit_jobs"),
                         {(): 4096.0})
        status = self.admin.get("/v1/status").json
        self.assertEqual(self.ask("teleconsult_events_total"),
                         {(): float(status["store"]["head"])})
        # it took the better of the two formats, and knows each type
        types = self.api("metadata")
        self.assertEqual(types["teleconsult_build"][0]["type"], "info")
        self.assertEqual(types["process_cpu_seconds"][0]["type"], "counter")
        self.assertEqual(types["process_cpu_seconds"][0]["unit"], "seconds")
        # and nothing was refused: no duplicate, no sample out of order
        self.assertEqual(
            self.ask("scrape_samples_scraped - "
                     "scrape_samples_post_metric_relabeling"), {(): 0.0})
        rules = self.api("rules")["groups"][0]["rules"]
        self.assertGreater(len(rules), 15)
        self.assertEqual({r.get("lastError", "") for r in rules}, {""})

    def test_with_a_certificate(self):
        who = self.auditor.identity
        self.start(port=self.service.ports["partners"],
                   tls={"cert_file": who.certificate, "key_file": who.key})
        self.check()

    def test_with_a_token(self):
        path = os.path.join(self.folder, "token")
        with open(path, "w", encoding="ascii") as f:
            f.write(self.token("metrics"))
        self.start(port=self.service.ports["people"],
                   authorization={"credentials_file": path})
        self.check()

    def test_without_either(self):
        self.start(port=self.service.ports["people"])
        wait_until(lambda: self.ask("up") == {(): 0.0}, 60, 0.2)
        target = self.api("targets")["activeTargets"][0]
        self.assertIn("401", target["lastError"])


if __name__ == "__main__":
    unittest.main()
