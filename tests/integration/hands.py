"""People with the real teleconsult at a real daemon, each with a profile."""
import os
import shutil
import subprocess
import tempfile

import clock


class Hands:
    """A home of profiles; "admin" is there from the beginning."""

    def __init__(self, service):
        self.service = service
        self.tool = service.program("teleconsult")
        self.home = tempfile.mkdtemp(prefix="teleconsult-home-")
        self.enroll("admin", service.invite(name="Hands",
                                            role="administrator"))

    def close(self):
        shutil.rmtree(self.home, ignore_errors=True)

    def url(self):
        """The port is another one after a restart."""
        return f"https://localhost:{self.service.ports['partners']}"

    def environment(self, profile, **more):
        env = {"PATH": os.environ["PATH"], "XDG_CONFIG_HOME": self.home,
               "TELECONSULT_PROFILE": profile,
               "TELECONSULT_SERVER": self.url()}
        env.update((k, v) for k, v in self.service.environment().items()
                   if k.endswith("SAN_OPTIONS") or k == clock.VARIABLE)
        return {**env, **more}

    def run(self, profile, *args, stdin="", **env):
        return subprocess.run([self.tool, *args], input=stdin, text=True,
                              env=self.environment(profile, **env),
                              timeout=60, capture_output=True, check=False)

    def must(self, profile, *args, stdin="", **env):
        ran = self.run(profile, *args, stdin=stdin, **env)
        if ran.returncode or ran.stderr:
            raise AssertionError(f"{args}: {ran.returncode} {ran.stdout}"
                                 f"{ran.stderr}")
        return ran.stdout

    def invite(self, name, role, *more):
        """The text of an invitation."""
        return self.must("admin", "admin", "invite", "--name", name,
                         "--role", role, *more)

    def enroll(self, profile, text, *more):
        return self.must(profile, "enroll", "-", *more, stdin=text)

    def person(self, profile, role, *more):
        return self.enroll(profile, self.invite(profile, role, *more))
