# SPDX-License-Identifier: Apache-2.0
"""A TPM 2.0 for what clevis seals; only inside the machine."""
import os
import time

from program import command

FOLDER = "/run/tpm"


def start():
    os.makedirs(FOLDER)
    command("modprobe", "tpm_vtpm_proxy")
    command("swtpm", "chardev", "--tpm2", "--vtpm-proxy", "--tpmstate", f"dir={FOLDER}", "--flags", "startup-clear",
            "--daemon")
    # The kernel asks the TPM who it is before there is a device.
    for _ in range(1200):
        if os.path.exists("/dev/tpmrm0"):
            return
        time.sleep(0.1)
    raise RuntimeError("the TPM has no device after two minutes")
