"""The commands that the documents tell people to type, and where each is tried."""

import re
import subprocess
from dataclasses import dataclass

from harness import ROOT


# Where commands of these beginnings are tried. Whatever begins with none of them is run by Tests/Packaging/documents.
ELSEWHERE = {
    "make ": "CI (.ci/run) and people run them",
    "Tests/": "CI (.ci/run) runs them by make",
    ".cache/monitoring/": "Tests/Monitoring/run checks that it would write what there is",
    "sudo ": "in a guest with systemd",
    "systemctl ": "in a guest with systemd",
    "journalctl ": "in a guest with systemd",
    "tar ": "in a guest with systemd",
}

# What is run nowhere, and why.
NOWHERE = {
    "podman ": "it needs systemd, and cgroups that a container in CI may not have; buildah runs the same image in Tests/Packaging/deploy",
    "kubectl apply": "there is no cluster; the manifests are rendered and validated in Tests/Packaging/deploy",
    "kubectl rollout": "there is no cluster",
    "kubectl logs": "there is no cluster",
    "kubectl describe": "there is no cluster",
    "kubectl get": "there is no cluster",
    "kubectl port-forward": "there is no cluster",
    "(cd deploy/kubernetes": "kustomize sets an image that only the reader's registry has",
    "URL=": "the address of the reader's exporter; the test has its own",
    "grep -E 'CONFIG_": "a file of Debian's kernel packages, which need not be there",
    "cat /sys/kernel/mm/lru_gen": "a file of kernels that are built with it",
    "ras-mc-ctl": "it needs hardware that reports its errors",
    "page-migration-exporter check-config": "it shows an error by intent; Tests/WebConfigTests has many",
    "page-migration-exporter --": "each of them fails by intent, as Tests/EndToEndTests/CommandLineTests.swift shows",
    "page-migration-exporter explain": "it answers for the reader's exporter; Tests/EndToEndTests/ExplainCommandTests.swift runs it",
    "page-migration-exporter watch --url http://db1": "another host; the same with the test's own address is run",
    "curl localhost:10057": "the guest with systemd has this port, and tries it there",
}


@dataclass(frozen=True)
class Command:
    text: str
    document: str

    @property
    def without_comment(self):
        return re.sub(r"\s{2,}#.*$", "", self.text)


def commands():
    """All of them, in the order of the documents."""
    documents = subprocess.check_output(["git", "ls-files", "*.md"], cwd=ROOT, text=True).split()
    return [Command(text, document) for document in documents if document != "CHANGELOG.md"
            for text in _in_text((ROOT / document).read_text())]


def _in_text(text):
    """Lines of fences without a language, and of indented blocks; where a fence has a prompt, only what follows it."""
    for language, body in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S):
        lines = [line for line in body.splitlines() if line.strip()]
        if language or any(re.search("[─▶▲│]", line) for line in lines):
            continue
        prompted = [line[2:] for line in lines if line.startswith("$ ")]
        # What begins with a digit, or has columns, is what a command printed.
        yield from prompted or [line for line in lines if not re.match(r"\d|\S+ {2,}\S+ {2,}", line)]
    outside = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    for block in re.findall(r"(?:^    .*\n)+", outside, re.M):
        # A command may go on in the next line, within quotes.
        pending = ""
        for line in block.splitlines():
            pending = f"{pending}\n{line[4:]}" if pending else line[4:]
            if re.sub(r"\s#.*$", "", pending).count("'") % 2 == 0:
                yield pending
                pending = ""
        if pending:
            yield pending


def reason_not_here(command):
    """Where it is tried instead, or why nowhere. None where it is to be run here."""
    for table in (NOWHERE, ELSEWHERE):
        for beginning, reason in table.items():
            if command.text.startswith(beginning):
                return reason
    return None


def in_guest():
    """Those for a guest with systemd, as root types them, each once."""
    found = [command.without_comment.replace("sudo ", "") for command in commands()
             if command.text.startswith(("sudo ", "systemctl ", "journalctl ", "tar ", "curl localhost"))]
    return list(dict.fromkeys(found))
