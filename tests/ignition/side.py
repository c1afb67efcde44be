# SPDX-License-Identifier: Apache-2.0
"""The two programs that a config goes through: upstream's ignition and node-agent."""
import json
import os
import re
import shutil
import subprocess

import volumes

UPSTREAM = "/usr/lib/dracut/modules.d/30ignition/ignition"
STUBS = "/run/stubs"
ENVIRONMENT = {"PATH": f"{STUBS}:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C",
               "HOME": "/root", "TZ": "UTC"}
# Seconds for one stage: far more than any takes on a busy host.
LIMIT = 120


class Outcome:
    """Whether a config was accepted; if not, at which stage and what was said. And the config that takes
    effect, when it came so far."""

    def __init__(self, accepted, stage, said):
        self.accepted = accepted
        self.stage = stage
        self.said = said
        self.config = None

    def __str__(self):
        told = "\n".join(line for line in self.said.splitlines() if not re.match("(INFO|DEBUG) ", line))
        return "accepted" if self.accepted else f"refused at {self.stage}: {told.strip()[-1500:]}"


def stage(name, argv, environment=None):
    try:
        done = subprocess.run(argv, env={**ENVIRONMENT, **(environment or {})}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return Outcome(False, name, f"{name}: no end within {LIMIT} s")
    said = done.stdout.decode(errors="replace")
    if done.returncode < 0 or "Sanitizer" in said or "runtime error:" in said:
        said = f"CRASHED with {done.returncode}\n{said}"
    return Outcome(done.returncode == 0, name, said)


class Upstream:
    name = "upstream"

    def __init__(self, folder):
        self.folder = folder

    def run(self, config, root, stages):
        work = {kind: os.path.join(self.folder, kind) for kind in ("cache", "state", "neednet")}
        for path in work.values():
            if os.path.exists(path):
                os.unlink(path)
        config_then = None
        for name in ["fetch"] + stages:
            outcome = stage(name, [UPSTREAM, "--platform", "file", "--root", root, "--config-cache", work["cache"],
                                   "--state-file", work["state"], "--neednet", work["neednet"], "--log-to-stdout",
                                   "--stage", name], {"IGNITION_CONFIG_FILE": config})
            if name == "fetch" and outcome.accepted:
                with open(work["cache"], encoding="utf-8") as file:
                    config_then = json.load(file)
            outcome.config = config_then
            if not outcome.accepted:
                # The whole config follows what went wrong.
                outcome.said = re.sub(r"(?ms)^Full config:$.*?^}$\n", "", outcome.said)
                break
        return outcome


class Agent:
    name = "node-agent"
    # Upstream's stage "mount" is a part of "disks".
    stages = {"disks": "disks", "files": "files"}

    def __init__(self, program):
        self.program = program

    def run(self, config, root, stages):
        config_then = None
        if not volumes.HERE:
            outcome = stage("fetch", [self.program, "apply", "--print", config])
            if not outcome.accepted:
                return outcome
            config_then = json.loads(outcome.said)
        for name in [self.stages[name] for name in stages if name in self.stages]:
            where = [] if name == "disks" else ["--root", root]
            outcome = stage(name, [self.program, "apply", *where, "--stage", name, config])
            if not outcome.accepted:
                break
        outcome.config = config_then
        return outcome


def stubs():
    """Debian's upstream always relabels and waits for udev: neither is a part of the comparison. A kernel
    that cannot read GUID partition tables is told of what sgdisk has written. In the machine are a udev and a
    kernel that can."""
    os.makedirs(STUBS, exist_ok=True)
    nothing = "#!/bin/sh\nexit 0\n"
    sgdisk = f"""#!/bin/sh
{shutil.which('sgdisk', path=ENVIRONMENT['PATH'])} "$@" || exit
case $1 in --pretend) exit ;; esac
for device; do :; done
partx --update "$(readlink -f "$device")" || true
"""
    texts = {"setfiles": nothing} if volumes.HERE else \
        {"setfiles": nothing, "udevadm": nothing, "sgdisk": sgdisk}
    for name, text in texts.items():
        path = os.path.join(STUBS, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        os.chmod(path, 0o755)
