"""Every row of the guide's table of symptoms, brought about and mended.

A row begins with what is seen, between backquotes. Each provocation here does
to a service what happens to services, prints what is seen then, and does what
the row says against it; a row that nothing here brings about, and a thing seen
that is in no row, is a fault of the guide.
"""
import re

import pages

PAGE = "docs/administration/troubleshooting.md"
ROW = re.compile(r"^\| `([^`]+)` \|")
LOG = "journalctl --sync; journalctl -q -o cat --since @$begun"
STATUS = "systemctl status teleconsultd || :"
DROP_IN = "/run/systemd/system/teleconsultd.service.d"

# (what happens, what makes it happen, where it is seen, what mends it)
PROVOCATIONS = (
    ("another field key",
     """cp -a /etc/teleconsult/field.key ~/kept
     sed -i 's/^....../012345/' /etc/teleconsult/field.key
     systemctl restart teleconsultd || :""", LOG,
     "cp -a ~/kept /etc/teleconsult/field.key"),
    ("no field key",
     """mv /etc/teleconsult/field.key ~/kept
     systemctl restart teleconsultd || :""", LOG,
     "mv ~/kept /etc/teleconsult/field.key"),
    ("a word in the configuration that is no option",
     """cp -a /etc/teleconsult/teleconsultd.conf ~/kept
     echo 'wrokers = 2' >>/etc/teleconsult/teleconsultd.conf
     systemctl restart teleconsultd || :""", LOG,
     "cp -a ~/kept /etc/teleconsult/teleconsultd.conf"),
    ("the same, found by a reload",
     """cp -a /etc/teleconsult/teleconsultd.conf ~/kept
     echo 'wrokers = 2' >>/etc/teleconsult/teleconsultd.conf
     systemctl reload teleconsultd; sleep 0.5""", LOG,
     """cp -a ~/kept /etc/teleconsult/teleconsultd.conf
     systemctl reload teleconsultd"""),
    ("a key that does not belong to the certificate",
     """cp -a /var/lib/teleconsult/server.key ~/kept
     openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
         -out /var/lib/teleconsult/server.key 2>/dev/null
     systemctl restart teleconsultd || :""", LOG,
     "cp -a ~/kept /var/lib/teleconsult/server.key"),
    ("a file that only root may read",
     """chown root: /var/lib/teleconsult/teleconsult.db
     chmod 600 /var/lib/teleconsult/teleconsult.db
     systemctl restart teleconsultd || :""", LOG,
     "chown teleconsult: /var/lib/teleconsult/*"),
    ("no database",
     """systemctl stop 'teleconsultd*'
     mv /var/lib/teleconsult/teleconsult.db ~/kept
     systemctl start teleconsultd || :""", LOG,
     "mv ~/kept /var/lib/teleconsult/teleconsult.db"),
    ("a damaged database",
     """systemctl stop 'teleconsultd*'
     cp -a /var/lib/teleconsult/teleconsult.db ~/kept
     printf damaged | dd of=/var/lib/teleconsult/teleconsult.db conv=notrunc \
         status=none
     systemctl start teleconsultd || :""", LOG,
     "cp -a ~/kept /var/lib/teleconsult/teleconsult.db"),
    ("a port that somebody else has",
     """systemctl stop 'teleconsultd*'
     systemd-run -q --unit=other --property=Type=exec \
         python3 -m http.server 8443; sleep 0.7
     systemctl start teleconsultd || :""", LOG,
     "systemctl stop other"),
    ("a worker that hangs",
     f"""mkdir -p {DROP_IN}
     printf '[Service]\\nWatchdogSec=1s\\n' >{DROP_IN}/hang.conf
     systemctl daemon-reload; systemctl restart teleconsultd
     kill -STOP $(systemctl show --value -p MainPID teleconsultd)
     sleep 3""", LOG,
     f"rm -r {DROP_IN}; systemctl daemon-reload"),
)


def rows(root):
    """(line, what is seen) of every row of the table."""
    with open(f"{root}/{PAGE}", encoding="utf-8") as f:
        return [(number, ROW.match(row)[1])
                for number, row in enumerate(f.read().splitlines(), 1)
                if ROW.match(row)]


def shows(wanted, seen):
    found = pages.pattern(wanted, {})[0]
    return any(found.search(pages.squeeze(row)) for row in seen.splitlines())


def provoke(root, say, verbose):
    """say(script) runs as root at the server; answers how many were right."""
    table, wrong, told = rows(root), [], set()
    for name, happens, look, mend in PROVOCATIONS:
        seen = say(f"cd\nbegun=$(date +%s.%N)\n{happens}\n{look or ''}")
        fitting = [number for number, wanted in table if shows(wanted, seen)]
        told.update(fitting)
        if verbose or not fitting:
            print(f"-- {name}\n{seen}")
        if not fitting:
            wrong.append(f"{PAGE}: no row says what is seen after: {name}")
        after = say(f"cd\n{mend}\nsystemctl reset-failed\n"
                    "systemctl restart teleconsultd-partners.socket "
                    "teleconsultd-people.socket teleconsultd\n"
                    "systemctl is-active teleconsultd")
        if after.splitlines()[-1:] != ["active"]:
            wrong.append(f"{PAGE}: not mended: {name}:\n{after}")
    wrong += [f"{PAGE}:{number}: nothing brings this about"
              for number, _ in table if number not in told]
    return len(told), wrong
