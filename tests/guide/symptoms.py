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
LOG = ("root", "journalctl --sync; journalctl -q -o cat --since @$begun")
DROP_IN = "/run/systemd/system/teleconsultd.service.d"

# A certificate of the service's own authority for any time: FROM TO KEY USE
# FILE, the times as YYYYMMDD.
SIGN = """sign() {
    cd ~; ca=/var/lib/teleconsult/ca; : >index; rm -f index.attr; echo 7f >serial
    cat >sign.conf <<END
[ca]
default_ca = own
[own]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
x509_extensions = leaf
unique_subject = no
[any]
commonName = supplied
[leaf]
basicConstraints = CA:FALSE
keyUsage = digitalSignature
$4
END
    openssl req -new -key $3 -subj /CN=somebody -out asked.csr
    openssl ca -batch -notext -config sign.conf -cert $ca.pem -keyfile $ca.key \\
        -startdate $1000000Z -enddate $2000000Z -in asked.csr -out $5 2>sign.log
}
"""
# A certificate that is not the service's to renew: FROM TO.
OWN = SIGN + """own() {
    cp -a /etc/teleconsult/teleconsultd.conf ~/kept
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out own.key 2>own.log
    cd ~; sign $1 $2 own.key 'extendedKeyUsage = serverAuth
subjectAltName = DNS:tele.example.org' own.pem
    install -o teleconsult -m 600 own.key own.pem /var/lib/teleconsult
    sed -i '/^\\[tls\\]/,/^\\[ca\\]/{
        s,^certificate =.*,certificate = /var/lib/teleconsult/own.pem,
        s,^key =.*,key = /var/lib/teleconsult/own.key,}' \\
        /etc/teleconsult/teleconsultd.conf
    systemctl reload teleconsultd; sleep 0.5
}
"""
NOT_OWN = "cp -a ~/kept /etc/teleconsult/teleconsultd.conf"
SUBMIT = """teleconsult submit remote-consultation --specialty coronary \\
    --site liaoyang-central --reason again --patient patient.json || :"""
ASK = ("partner", "teleconsult list || :")

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
    ("a restore by root alone",
     """teleconsultd restore --state /var/lib/teleconsult \
         --from /var/lib/teleconsult/teleconsult.db || :""", LOG, ""),
    ("sockets that are not enabled",
     """systemctl disable --now teleconsultd-partners.socket \
         teleconsultd-people.socket
     systemctl restart teleconsultd || :""", LOG,
     "systemctl enable teleconsultd"),
    ("a port that somebody else has",
     """systemctl stop 'teleconsultd*'
     systemd-run -q --unit=other --socket-property=ListenStream=8443 \
         --socket-property=Accept=yes cat
     systemctl start teleconsultd || :""", LOG,
     "systemctl stop other.socket"),
    ("a worker that hangs",
     f"""mkdir -p {DROP_IN}
     printf '[Service]\\nWatchdogSec=1s\\n' >{DROP_IN}/hang.conf
     systemctl daemon-reload; systemctl restart teleconsultd
     kill -STOP $(systemctl show --value -p MainPID teleconsultd)
     sleep 3""", LOG,
     f"rm -r {DROP_IN}; systemctl daemon-reload"),
)


# What people see, of the desks and the administrator of the first hour.
PEOPLE = (
    ("the service is not there", "systemctl stop 'teleconsultd*'", ASK, ""),
    ("a name that nobody knows", "",
     ("partner",
      "teleconsult --server https://tele.example.net:8443 list || :"), ""),
    ("another name than the certificate's",
     "cp /etc/hosts ~/kept; echo 192.0.2.10 tele.example.net >>/etc/hosts",
     ("partner",
      "teleconsult --server https://tele.example.net:8443 list || :"),
     "cat ~/kept >/etc/hosts"),
    ("the server's certificate, of another's making, has ended",
     OWN + "own 20200101 20210101", ASK, NOT_OWN),
    ("a clock that is late", OWN + "own 20400101 20410101", ASK, NOT_OWN),
    ("a person's certificate has ended",
     f"""{SIGN}
     profiles=~partner/.config/teleconsult
     cp -a $profiles/default $profiles/ended
     sign 20200101 20210101 $profiles/ended/identity.pem \\
         'extendedKeyUsage = clientAuth' ended.pem
     openssl pkey -in $profiles/ended/identity.pem >new.pem
     cat new.pem ended.pem >$profiles/ended/identity.pem""",
     ("partner", "teleconsult --profile ended list || :"),
     "rm -r ~partner/.config/teleconsult/ended"),
    ("an invitation is used twice", "",
     ("partner",
      "teleconsult --profile second enroll <INVITATION-PARTNER> || :"), ""),
    ("an invitation was taken back", "",
     ("partner",
      "teleconsult --profile second enroll <INVITATION-WRONG> || :"), ""),
    ("an invitation lost a letter", "",
     ("partner",
      "w=<INVITATION-WRONG>; teleconsult --profile second enroll ${w%?} || :"),
     ""),
    ("somebody was revoked",
     "",
     ("administrator", """
     word=$(teleconsult admin invite --name x --role auditor --site anzhen)
     export XDG_CONFIG_HOME=$(mktemp -d)
     teleconsult enroll $word >/dev/null; XDG=$XDG_CONFIG_HOME
     unset XDG_CONFIG_HOME
     user=$(teleconsult admin users -o csv | sed -n '2s/,.*//p')
     teleconsult admin revoke $user --reason x
     XDG_CONFIG_HOME=$XDG teleconsult whoami || :"""), ""),
    ("a role that may not", "",
     ("partner", "teleconsult admin users || :"), ""),
    ("no enrolment", "", ("monitor", "teleconsult list || :"), ""),
    ("a disk that cannot be read",
     """systemctl stop 'teleconsultd*'
     truncate -s 64M ~/disk; mkfs.ext4 -q ~/disk; mkdir -p ~/failing
     for n in 0 1 2 3 4 5 6 7; do
         [ -e /dev/loop$n ] || mknod /dev/loop$n b 7 $n; done
     [ -e /dev/loop-control ] || mknod /dev/loop-control c 10 237
     mount -o loop ~/disk ~/failing
     cp -a /var/lib/teleconsult/. ~/failing
     chown teleconsult: ~/failing
     mount --bind ~/failing /var/lib/teleconsult
     systemctl start teleconsultd; sync
     perl -e 'open(F, "<", $ARGV[0]) or die; $f = pack("L", 2);
         ioctl(F, 0x8004587d, $f) or die $!' ~/failing/server.pem""",
     ("partner", SUBMIT),
     """systemctl stop 'teleconsultd*'
     umount /var/lib/teleconsult; umount ~/failing"""),
    ("a full disk",
     """systemctl stop 'teleconsultd*'
     mkdir -p ~/full; mount -t tmpfs -o size=3m tmpfs ~/full
     cp -a /var/lib/teleconsult/. ~/full
     chown teleconsult: ~/full; mount --bind ~/full /var/lib/teleconsult
     systemctl start teleconsultd
     head -c 9m /dev/zero >~/full/something 2>/dev/null || :""",
     ("partner", """teleconsult submit remote-consultation --specialty coronary \
     --site liaoyang-central --reason again --patient patient.json || :"""),
     """systemctl stop 'teleconsultd*'
     umount /var/lib/teleconsult; umount ~/full"""),
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
    """say(user, script) runs at the server; answers how many were right."""
    table, wrong, told = rows(root), [], set()
    for name, happens, (user, look), mend in PROVOCATIONS + PEOPLE:
        if user == "root":
            happens, look = f"begun=$(date +%s.%N)\n{happens}\n{look}", ""
        done = say("root", happens)
        seen = say(user, look) if look else done
        fitting = [number for number, wanted in table if shows(wanted, seen)]
        told.update(fitting)
        if verbose or not fitting:
            print(f"-- {name}\n{done if look else ''}\n{seen}")
        if not fitting:
            wrong.append(f"{PAGE}: no row says what is seen after: {name}")
        after = say("root", f"{mend}\nsystemctl reset-failed\n"
                    "systemctl restart teleconsultd-partners.socket "
                    "teleconsultd-people.socket teleconsultd\n"
                    "systemctl is-active teleconsultd")
        if verbose:
            print(after)
        if after.splitlines()[-1:] != ["active"]:
            wrong.append(f"{PAGE}: not mended: {name}:\n{after}")
    wrong += [f"{PAGE}:{number}: nothing brings this about"
              for number, _ in table if number not in told]
    return len(told), wrong
