"""Restart, reload, stop and a sudden end, while many clients ask."""
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time

import hold
from load import Crowd, Desk, Reader, Wire
from nets import (agreement, at, expert, network, next_day, patient, resource,
                  rfc3339, rule, site)
from service import new_key, wait_until
from unit import (UNIT, Booted, journal, journal_end, main_pid, show,
                  systemctl, threads)

KIND = "remote-consultation"
DESKS, FRESH, READERS = 16, 6, 6


def desks():
    """An expert, and a studio at each end, for every desk."""
    net = network(
        sites=[site("heart"), site("north")],
        agreements=[agreement("heart-north", "heart", "north", [KIND])])
    for i in range(DESKS):
        net["experts"].append(expert(f"expert-{i}", "heart", [KIND]))
        net["resources"] += [resource(f"heart/studio-{i}", "studio"),
                             resource(f"north/studio-{i}", "studio")]
        net["availability"].append(rule(f"expert-{i}", "", "07:00", "19:00",
                                        at=f"heart/studio-{i}"))
    return net


class Load(Booted):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service.load(desks())
        cls.lead = cls.service.person("lead", "lead-coordinator", "heart")
        cls.north = cls.service.person("north", "site-coordinator", "north")

    hours = iter(range(7, 19))

    def setUp(self):
        """Every test has a time of its own."""
        self.at = rfc3339(at(next_day(2, 2), f"{next(self.hours):02}:00"))
        self.part()

    def part(self):
        """Nobody's connection is older than what is tried."""
        for client in (self.lead, self.north):
            client.close()

    def accepted(self, i):
        """A request that may be booked with the desk's expert."""
        asked = self.north.post("/v1/requests", {
            "kind": KIND, "site": "north", "specialty": "heart",
            "reason": "chest pain", "duration_minutes": 30,
            "patient": patient(i)})
        self.assertEqual(asked.status, 201, asked)
        code = asked.json["code"]
        answer = self.lead.post(f"/v1/requests/{code}/accept",
                                {"expert": f"expert-{i}"}, match=asked.etag)
        self.assertEqual(answer.status, 200, answer)
        return code

    def crowd(self, forgives=False):
        """Desks that keep their connections, and clients that come anew."""
        crowd = Crowd(forgives)
        for i in range(DESKS):
            crowd.add(Desk, self.north, self.accepted(i), self.at)
        for i in range(READERS):
            crowd.add(Reader, self.north, "/v1/whoami", pause_s=i % 2 * 0.5)
        for i in range(FRESH):
            crowd.add(Reader, self.lead, "/v1/whoami", keep=False)
        crowd.add(Reader, self.service.anybody(), "/healthz", keep=False)
        self.part()
        return crowd

    def judge(self, crowd):
        """Every desk's last word is what the service has."""
        for desk in crowd.askers:
            if not isinstance(desk, Desk) or desk.last is None:
                continue
            code, status = desk.last
            got = self.north.get(f"/v1/bookings/{code}")
            self.assertEqual((got.status, got.json["status"]),
                             (200, status), got)

    def tell(self, what, crowd):
        print(f"{what}: {crowd.figures()}", flush=True)

    def verified(self):
        admin = self.service.admin()
        log = admin.post("/v1/log/verify")
        admin.close()
        self.assertEqual((log.status, log.json["ok"]), (200, True), log)

    def test_restart_without_a_failed_request(self):
        took, pids = [], {main_pid()}
        with self.crowd() as crowd:
            crowd.start()
            for _ in range(3):
                time.sleep(0.8)
                took.append(self.timed("restart", UNIT))
                pids.add(main_pid())
            time.sleep(0.8)
        self.tell("restart under load: " + ", ".join(
            f"{s:.2f} s" for s in took), crowd)
        self.assertEqual(crowd.failed, [])
        self.assertEqual(len(pids), 4)
        self.assertGreater(crowd.counts["changes"], 200)
        self.judge(crowd)
        self.verified()

    def test_killed_under_load_nothing_acknowledged_is_lost(self):
        with self.crowd(forgives=True) as crowd:
            crowd.start()
            for _ in range(2):
                time.sleep(0.7)
                pid = main_pid()
                os.kill(pid, signal.SIGKILL)
                self.await_new(pid)
            time.sleep(0.7)
        self.tell("kill -9 under load", crowd)
        self.assertEqual(crowd.failed, [])
        self.assertGreater(crowd.counts["asked again"], 0)
        self.judge(crowd)
        self.verified()

    # --- reload ---

    def certificate(self, days):
        """Another one for the server, by its own CA; answers (path, serial).
        """
        state, work = self.service.state, self.service.folder
        order = os.path.join(work, "server.csr")
        path = os.path.join(work, f"server-{days}.pem")
        subprocess.run(
            ["openssl", "req", "-new", "-key", f"{state}/server.key", "-subj",
             "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
             "-out", order], check=True, capture_output=True)
        subprocess.run(
            ["openssl", "x509", "-req", "-in", order, "-CA",
             f"{state}/ca.pem", "-CAkey", f"{state}/ca.key", "-days",
             str(days), "-copy_extensions", "copy", "-out", path],
            check=True, capture_output=True)
        with open(path, encoding="ascii") as f:
            return path, ssl.PEM_cert_to_DER_cert(f.read())

    def seen(self):
        """The server's certificate, as a new connection sees it."""
        found = []
        for client in (self.north, self.service.anybody()):
            wire = Wire(client.port, client.context)
            found.append(wire.sock.getpeercert(True))
            wire.close()
        self.assertEqual(found[0], found[1])
        return found[0]

    def put(self, path):
        """As an administrator would: with the service's user, at once."""
        target = os.path.join(self.service.state, "server.pem")
        shutil.copy(path, target + ".new")
        shutil.chown(target + ".new", "teleconsult", "teleconsult")
        os.rename(target + ".new", target)

    def reload(self, event):
        """The row of that event. TLS is spoken of before any option; nothing
        is done where an option is wrong."""
        before, rows = journal_end(), []
        systemctl("reload", UNIT)

        def over():
            rows[:] = [r for r in journal(before) if re.match(
                f"event=({event}|tls-.*|option-wrong)( |$)", r["MESSAGE"])]
            return rows and f"event={event}" in rows[-1]["MESSAGE"]
        wait_until(over, 10)
        return rows[-1]

    def await_status(self, said):
        wait_until(lambda: re.search(said, show("StatusText")), 5)

    def test_reload_without_a_failed_request(self):
        target = os.path.join(self.service.state, "server.pem")
        first = os.path.join(self.service.folder, "first.pem")
        broken = os.path.join(self.service.folder, "broken.pem")
        shutil.copy(target, first)
        with open(broken, "w", encoding="ascii") as f:
            f.write("-----BEGIN CERTIFICATE-----\nbm8=\n"
                    "-----END CERTIFICATE-----\n")
        pid, serials = main_pid(), [self.seen()]
        with self.crowd() as crowd:
            crowd.start()
            for days in (30, 31, 32):
                path, der = self.certificate(days)
                self.put(path)
                self.reload("tls-reloaded")
                self.assertEqual(self.seen(), der)
                serials.append(der)
            # What does not do changes nothing, and is said.
            self.put(broken)
            self.assertEqual(self.reload("tls-kept")["PRIORITY"], "3")
            self.assertEqual(self.seen(), serials[-1])
            self.await_status("the reload failed")
            self.put(path)
            back = self.configure("log_level = info", "log_level = loud")
            said = self.reload("option-wrong")
            self.assertIn("teleconsultd.conf:", said["MESSAGE"])
            self.assertEqual(said["PRIORITY"], "3")
            self.await_status("the reload failed")
            back()
            # And what only a restart can change is said, too.
            back = self.configure("workers = 0", "workers = 3")
            self.reload("option-needs-restart")
            back()
            self.put(first)
            self.reload("tls-reloaded")
            self.assertEqual(self.seen(), serials[0])
            self.await_status("Serving$")
        self.tell("reload under load", crowd)
        self.assertEqual(crowd.failed, [])
        self.assertEqual(len(set(serials)), 4)
        self.assertEqual(main_pid(), pid)
        self.judge(crowd)

    # --- drain ---

    def under_way(self, request):
        """A booking whose body is only half sent yet: (wire, the rest)."""
        body = f'{{"request":"{request}","at":"{self.at}"}}'.encode()
        wire = Wire(self.north.port, self.north.context)
        wire.sock.sendall(
            f"POST /v1/bookings HTTP/1.1\r\nHost: localhost\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}"
            f"\r\nIdempotency-Key: {new_key()}\r\n\r\n".encode() + body[:9])
        return wire, body[9:]

    def test_a_stop_answers_what_is_under_way(self):
        """One waits for the writer, one has sent half of its body."""
        waiting, rest = self.under_way(self.accepted(0))
        half, half_rest = self.under_way(self.accepted(1))
        idle = Wire(self.north.port, self.north.context)
        with hold.Held(threads(main_pid(), "writer")[0]):
            waiting.sock.sendall(rest)
            time.sleep(0.3)
            systemctl("stop", "--no-block", UNIT)
            idle.sock.settimeout(3)
            self.assertEqual(idle.sock.recv(1), b"")   # in order, soon
            self.assertEqual(show("ActiveState"), "deactivating")
        answers = []
        for wire, more in ((waiting, b""), (half, half_rest)):
            status, headers, data = wire.ask(more, b"")
            self.assertEqual((status, headers["connection"]), (201, "close"))
            answers.append(json.loads(data))
            wire.close()
        wait_until(lambda: show("ActiveState") == "inactive", 10)
        self.assertEqual((show("Result"), show("ExecMainStatus")),
                         ("success", "0"))
        systemctl("start", UNIT)
        self.part()
        for booked in answers:
            got = self.north.get(f"/v1/bookings/{booked['code']}")
            self.assertEqual((got.status, got.json["status"]),
                             (200, "booked"), got)

    def test_streams_of_events_end_with_a_restart(self):
        """In order, at once, and may be opened again."""
        streams = []
        for _ in range(3):
            wire = Wire(self.north.port, self.north.context)
            wire.sock.sendall(b"GET /v1/events HTTP/1.1\r\n"
                              b"Host: localhost\r\n\r\n")
            self.assertIn(b"200 OK", wire.sock.recv(4096))
            streams.append(wire)
        took = self.timed("restart", UNIT)
        print(f"restart with open streams: {took:.2f} s", flush=True)
        self.assertLess(took, 5)
        for wire in streams:
            said = b""
            while piece := wire.sock.recv(65536):  # raises if it is ragged
                said += piece
            self.assertTrue(said.endswith(b"0\r\n\r\n"), said[-200:])
            wire.close()

    def test_who_only_connects_does_not_hold_up_a_restart(self):
        """A monitor that opens a port and says nothing, and slow TLS."""
        mute = [socket.create_connection(("127.0.0.1", port))
                for port in self.service.ports.values() for _ in range(3)]
        self.north.get("/v1/whoami")
        took = self.timed("restart", UNIT)
        print(f"restart with mute connections: {took:.2f} s", flush=True)
        for sock in mute:
            sock.close()
        self.assertLess(took, 5)
