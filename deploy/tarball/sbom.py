#!/usr/bin/env python3
"""The program's bill of materials as SPDX 2.3: sbom.py PROGRAM"""

import hashlib
import json
import re
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
HOME = "https://github.com/page-migration-exporter/page-migration-exporter"

# The Debian packages whose archives are linked in.
ARCHIVES = {"libmicrohttpd-dev": "LGPL-2.1-or-later", "libdeflate-dev": "MIT",
            "libbpf-dev": "LGPL-2.1-only OR BSD-2-Clause", "libelf-dev": "LGPL-3.0-or-later OR GPL-2.0-or-later",
            "libyaml-dev": "MIT", "libcrypt-dev": "LGPL-2.1-or-later", "zlib1g-dev": "Zlib",
            "libstdc++-12-dev": "GPL-3.0-or-later WITH GCC-exception-3.1"}


def output(*command):
    return subprocess.check_output(command, cwd=REPOSITORY, text=True).strip()


def package(name, version, licence, where, **more):
    return {"SPDXID": f"SPDXRef-{re.sub('[^A-Za-z0-9.-]', '-', name)}", "name": name, "versionInfo": version,
            "licenseConcluded": licence, "licenseDeclared": licence, "copyrightText": "NOASSERTION",
            "downloadLocation": where, "filesAnalyzed": False} | more


def main():
    program = Path(sys.argv[1])
    commit = output("git", "rev-parse", "HEAD")
    made = datetime.fromtimestamp(int(output("git", "log", "-1", "--format=%ct")), timezone.utc)
    ours = package("page-migration-exporter", output("deploy/version"), "Apache-2.0", f"git+{HOME}@{commit}", checksums=[
        {"algorithm": "SHA256", "checksumValue": hashlib.sha256(program.read_bytes()).hexdigest()}])
    parts = [package("swift-runtime", re.search(r"Swift version (\S+)", output("swift", "--version"))[1],
                     "Apache-2.0 WITH Swift-exception", "https://www.swift.org/download/")]
    for pin in json.loads((REPOSITORY / "Package.resolved").read_text())["pins"]:
        parts.append(package(pin["identity"], pin["state"]["version"], "Apache-2.0",
                             f"git+{pin['location']}@{pin['state']['revision']}"))
    for name, licence in ARCHIVES.items():
        version, source = output("dpkg-query", "-W", "-f", "${Version} ${source:Package}", name).split()
        parts.append(package(name, version, licence, "NOASSERTION", sourceInfo=f"Debian source package {source}"))
    shared = re.findall(r"NEEDED.*\[(.*)\]", output("readelf", "-dW", program))
    document = {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"page-migration-exporter-{ours['versionInfo']}",
        "documentNamespace": f"{HOME}/sbom/{commit}",
        "creationInfo": {"created": made.strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: page-migration-exporter-sbom"]},
        "comment": f"Linked at run time, from the host: {', '.join(sorted(shared))}",
        "packages": [ours, *parts],
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": ours["SPDXID"]},
            *({"spdxElementId": ours["SPDXID"], "relationshipType": "STATIC_LINK", "relatedSpdxElement": part["SPDXID"]}
              for part in parts)]}
    print(json.dumps(document, indent=2, sort_keys=True))


main()
