"""Unpacks those members of wheels whose names start with one of the given prefixes.

usage: unpackWheels.py FOLDER PREFIX[,PREFIX...] WHEEL...
"""

import sys
import zipfile

folder, prefixes, *wheels = sys.argv[1:]
for wheel in wheels:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.startswith(tuple(prefixes.split(","))) and not name.endswith(".py"):
                archive.extract(name, folder)
