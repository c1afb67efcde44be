# SPDX-License-Identifier: Apache-2.0
"""A TPM 2.0 for what clevis seals; only inside the machine."""
import os

from program import command

FOLDER = "/run/tpm"


def start():
    os.makedirs(FOLDER)
    command("modprobe", "tpm_vtpm_proxy")
    command("swtpm", "chardev", "--tpm2", "--vtpm-proxy", "--tpmstate", f"dir={FOLDER}", "--flags", "startup-clear",
            "--daemon")
    command("udevadm", "settle")
