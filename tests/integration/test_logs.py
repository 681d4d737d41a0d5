"""The log: what stands in it under a flood, and that it says what to do."""
import glob
import os
import re
import unittest

from service import ROOT, Service

CALL = re.compile(r"log_event\(\s*(LOG_LVL_ERR|LOG_LVL_WARN)\s*,(.*?)\);",
                  re.S)
GUIDE = os.path.join(ROOT, "docs/administration/troubleshooting.md")


class Lines(unittest.TestCase):
    def setUp(self):
        self.service = Service({"daemon": {"log_lines": 30}}).init()
        self.addCleanup(self.service.close)
        self.service.start()

    def lines(self, event):
        return [line for line in self.service.log().splitlines()
                if re.search(rf"event={event}( |$)", line)]

    def test_requests_are_summed_up(self):
        somebody, admin = self.service.anybody(), self.service.admin()
        for _ in range(200):
            self.assertEqual(somebody.get("/healthz").status, 200)
        for _ in range(5):
            self.assertEqual(admin.get("/v1/nothing").status, 404)
        somebody.close()
        admin.close()
        self.assertEqual(self.service.stop(), 0)
        fine = [x for x in self.lines("request") if "status=200" in x]
        self.assertGreaterEqual(len(fine), 30)
        # what others are told is not lost in it
        self.assertEqual(5, len([x for x in self.lines("request")
                                 if "status=404" in x]))
        more = sum(int(re.search(r" lines=(\d+) ", line)[1])
                   for line in self.lines("suppressed")
                   if 'of=request whose=200,127.0.0.1 ' in line)
        # and the administrator's enrolment
        self.assertEqual(len(fine) + more, 201)

    def test_every_line_has_its_form(self):
        self.service.admin().get("/v1/whoami")
        self.service.stop()
        pair = r'[a-z_]+=(?:[^\s"=]+|"(?:[^"\\]|\\.)*")'
        for line in self.service.log().splitlines():
            self.assertRegex(line, rf"^{pair}( {pair})*$")


class Sources(unittest.TestCase):
    def test_whoever_reads_it_knows_what_to_do(self):
        events = set()
        for path in glob.glob(os.path.join(ROOT, "daemon", "*", "*.c")):
            with open(path, encoding="utf-8") as f:
                text = f.read()
            for call in CALL.finditer(text):
                events.add(call[2].split('"')[1])
                self.assertIn("LOG_DO", call[2], os.path.basename(path))
        self.assertGreater(len(events), 10)
        with open(GUIDE, encoding="utf-8") as f:
            told = re.findall(r"^- `event=([a-z-]+)`: ", f.read(), re.M)
        self.assertEqual(told, sorted(events))


if __name__ == "__main__":
    unittest.main()
