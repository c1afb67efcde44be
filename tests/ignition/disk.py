# SPDX-License-Identifier: Apache-2.0
"""Disks of a case: sparse files behind loop devices, under names that are the same on every run."""
import json
import os
import subprocess
import time

import volumes
from program import command
from volumes import plain

# Where configs find them: FOLDER/NAME, and FOLDER/NAME1 for a partition.
FOLDER = "/run/disks"
# Where udev would name them, by what is in them.
NAMES = "/dev/disk"
PARTITIONS = 16


def attach(image, sector):
    """Somebody else may take the device that was found free."""
    for left in range(20, -1, -1):
        try:
            return command("losetup", "--find", "--show", "--partscan", "--sector-size", str(sector), image).strip()
        except RuntimeError:
            if left == 0:
                raise
            time.sleep(0.05)


def flush(device):
    handle = os.open(device, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


class Disk:
    def __init__(self, name, image, spec):
        self.name = name
        self.image = image
        self.device = attach(image, spec.get("sector", 512))
        self.links = {f"{FOLDER}/{name}": "", **spec.get("names", {})}
        self.links.update({f"{FOLDER}/{name}{n}": f"p{n}" for n in range(1, PARTITIONS + 1)})
        for here, there in self.links.items():
            os.makedirs(os.path.dirname(here), exist_ok=True)
            os.symlink(self.device + there, here)

    def detach(self):
        for here in self.links:
            os.unlink(here)
        if not volumes.HERE:
            subprocess.run(["partx", "--delete", self.device], capture_output=True, check=False)
        command("losetup", "--detach", self.device)

    def fill(self, spec):
        """What is on it before: a partition table in sfdisk's language, file systems, bytes."""
        if "table" in spec:
            command("sfdisk", "--quiet", "--no-tell-kernel", self.device, data=spec["table"])
            # Without a partition there is nothing to tell, which it calls an error.
            subprocess.run(["partx", "--update", self.device], capture_output=True, check=False)
        for where, argv in spec.get("make", {}).items():
            command(*argv, self.device + where)

    def table(self):
        done = subprocess.run(["sfdisk", "--json", self.device], capture_output=True, check=False, text=True)
        if done.returncode != 0:
            return None
        return json.loads(done.stdout)["partitiontable"]

    def holds(self, where):
        """TYPE, LABEL and so on of what a device has on it."""
        done = subprocess.run(["blkid", "--probe", "--output", "export", self.device + where],
                              capture_output=True, check=False, text=True)
        if done.returncode == 8:
            return {"TYPE": "several"}
        return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)

    def snapshot(self, known):
        """{what: value}; a UUID that is not among the KNOWN ones is a new one."""
        def uuid(value):
            return value if value is None or plain(value) in known else "new"

        found = {}
        table = self.table()
        found["table"] = table and table["label"]
        parts = {"": ""}
        for part in (table or {}).get("partitions", []):
            number = part["node"][len(self.device) + 1:]
            parts[f"p{number}"] = f"p{number}"
            found[f"p{number}"] = " ".join([
                f"start={part['start']} size={part['size']} type={part['type']}", f"uuid={uuid(part.get('uuid'))}",
                f"name={part.get('name', '')!r}", f"attrs={part.get('attrs', '')}"])
        for where in parts:
            held = self.holds(where)
            if "TYPE" in held:
                found[f"fs{where}"] = " ".join(
                    f"{key}={uuid(held[key]) if key == 'UUID' else repr(held[key])}"
                    for key in ("TYPE", "VERSION", "LABEL", "UUID", "BLOCK_SIZE") if key in held)
        return found


class Disks:
    """The disks of a case. Their first state is built once and copied for each run."""

    def __init__(self, folder, case, uuids):
        self.folder = folder
        self.specs = specs = case.get("disks", {})
        self.disks = []
        self.known = {plain(uuid) for uuid in uuids}
        os.makedirs(folder, exist_ok=True)
        for name, spec in specs.items():
            first = self.image(name, "first")
            with open(first, "wb") as file:
                file.truncate(spec.get("size", 256) << 20)
            if set(spec) & {"table", "make"}:
                disk = Disk(name, first, spec)
                try:
                    disk.fill(spec)
                    self.learn(disk)
                finally:
                    disk.detach()
        self.built = bool(case.get("before"))
        if self.built:
            self.build(case["before"])

    def build(self, commands):
        """What stands on several disks: arrays, volumes on them."""
        self.attach("first")
        try:
            self.run(commands)
            self.known.update(plain(uuid) for uuid in volumes.learn())
            for disk in self.disks:
                self.learn(disk)
        finally:
            volumes.stop()
            self.detach("first")

    @staticmethod
    def run(commands):
        """With "<TEXT" in front: with that input."""
        for argv in commands:
            fed = argv[0].startswith("<")
            command(*argv[fed:], data=argv[0][1:] if fed else None)
        volumes.settle()

    def prepare(self, commands):
        """Runs them; untouched() is about what is there then."""
        if not commands:
            return
        self.run(commands)
        for disk in self.disks:
            flush(disk.device)
            command("cp", "--sparse=always", disk.image, self.image(disk.name, "was"))

    def image(self, name, kind):
        return os.path.join(self.folder, f"{name}.{kind}")

    def learn(self, disk):
        """The UUIDs that are there before a run: an equal one afterwards means that the thing is kept."""
        table = disk.table() or {}
        for part in table.get("partitions", []):
            self.known.add(plain(part.get("uuid")))
        for where in [""] + [part["node"][len(disk.device):] for part in table.get("partitions", [])]:
            self.known.add(plain(disk.holds(where).get("UUID")))

    def attach(self, kind="now"):
        for name, spec in self.specs.items():
            if kind == "now" and not (set(spec) & {"table", "make"} or self.built):
                with open(self.image(name, kind), "wb") as file:
                    file.truncate(os.path.getsize(self.image(name, "first")))
            elif kind == "now":
                command("cp", "--sparse=always", "--reflink=auto", self.image(name, "first"), self.image(name, kind))
            self.disks.append(Disk(name, self.image(name, kind), spec))
        volumes.settle()

    def detach(self, kind="now"):
        volumes.settle()
        for disk in self.disks:
            disk.detach()
            if kind == "now":
                os.unlink(disk.image)
        self.disks = []

    def untouched(self):
        """Whether every byte is as it was before."""
        for disk in self.disks:
            flush(disk.device)
            was = self.image(disk.name, "was")
            was = was if os.path.exists(was) else self.image(disk.name, "first")
            if subprocess.run(["cmp", "--silent", was, disk.image], check=False).returncode:
                return False
        return True

    def snapshot(self):
        return {f"{disk.name}/{what}": value for disk in self.disks
                for what, value in disk.snapshot(self.known).items()}

    def remove(self):
        for name in os.listdir(self.folder):
            os.unlink(os.path.join(self.folder, name))
