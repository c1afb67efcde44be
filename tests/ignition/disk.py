# SPDX-License-Identifier: Apache-2.0
"""Disks of a case: sparse files behind loop devices, under names that are the same on every run."""
import json
import os
import subprocess
import time

# Where configs find them: FOLDER/NAME, and FOLDER/NAME1 for a partition.
FOLDER = "/run/disks"
# Where udev would name them, by what is in them.
NAMES = "/dev/disk"
PARTITIONS = 16


def command(*argv, data=None):
    done = subprocess.run(argv, input=data, capture_output=True, check=False, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(argv)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def attach(image, sector):
    """Somebody else may take the device that was found free."""
    for left in range(20, -1, -1):
        try:
            return command("losetup", "--find", "--show", "--partscan", "--sector-size", str(sector), image).strip()
        except RuntimeError:
            if left == 0:
                raise
            time.sleep(0.05)


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
            return value if value is None or value.lower() in known else "new"

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

    def __init__(self, folder, specs):
        self.folder = folder
        self.specs = specs
        self.disks = []
        self.known = set()
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

    def image(self, name, kind):
        return os.path.join(self.folder, f"{name}.{kind}")

    def learn(self, disk):
        """The UUIDs that are there before a run: an equal one afterwards means that the thing is kept."""
        table = disk.table() or {}
        for part in table.get("partitions", []):
            self.known.add(part.get("uuid", "").lower())
        for where in [""] + [part["node"][len(disk.device):] for part in table.get("partitions", [])]:
            self.known.add(disk.holds(where).get("UUID", "").lower())

    def attach(self):
        for name, spec in self.specs.items():
            command("cp", "--sparse=always", "--reflink=auto", self.image(name, "first"), self.image(name, "now"))
            self.disks.append(Disk(name, self.image(name, "now"), spec))

    def detach(self):
        for disk in self.disks:
            disk.detach()
            os.unlink(disk.image)
        self.disks = []

    def untouched(self):
        """Whether every byte is as it was before."""
        for disk in self.disks:
            command("sync", disk.device)
            if subprocess.run(["cmp", "--silent", self.image(disk.name, "first"), disk.image], check=False).returncode:
                return False
        return True

    def snapshot(self):
        return {f"{disk.name}/{what}": value for disk in self.disks
                for what, value in disk.snapshot(self.known).items()}

    def remove(self):
        for name in self.specs:
            os.unlink(self.image(name, "first"))
