# SPDX-License-Identifier: Apache-2.0
"""Makes a case that fails as small as it can be while it still fails."""
import copy

# Tries for one case: each is two runs.
TRIES = 250


def places(value, path=()):
    """Every key and element below VALUE as a path, the outer ones first."""
    found = []
    if isinstance(value, dict):
        steps = list(value)
    elif isinstance(value, list):
        steps = range(len(value) - 1, -1, -1)
    else:
        return found
    for step in steps:
        found.append(path + (step,))
        found += places(value[step], path + (step,))
    return sorted(found, key=len)


def without(value, path):
    out = copy.deepcopy(value)
    inner = out
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return out


def smallest(case, fails):
    """CASE without what its failure does not need; FAILS says whether one still fails."""
    left = TRIES
    parts = {key: case[key] for key in ("config", "root", "disks") if key in case}
    again = True
    while again and left > 0:
        again = False
        for path in places(parts):
            if path in (("config",), ("config", "ignition", "version")) or left == 0:
                continue
            try:
                tried = without(parts, path)
            except (KeyError, IndexError, TypeError):
                continue
            left -= 1
            if fails({**{key: case[key] for key in case if key not in parts}, **tried}):
                parts = tried
                again = True
    return {**{key: case[key] for key in case if key not in ("config", "root", "disks")}, **parts}
