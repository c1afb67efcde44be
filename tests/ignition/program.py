# SPDX-License-Identifier: Apache-2.0
"""Programs that a test itself runs."""
import subprocess


def command(*argv, data=None):
    """What it says; RuntimeError when it fails."""
    done = subprocess.run(argv, input=data, capture_output=True, check=False, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(argv)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout
