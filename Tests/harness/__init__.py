"""What the checks in Python share: how the exporter is started, the kernel is made to migrate, answers are read, and
what was found is reported. Used by Browser, Monitoring, Guests, Packaging and Benchmarks; needs nothing but Python."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "Tests/Fixtures"
NAME = "page-migration-exporter"
EXPORTER = ROOT / ".build/release" / NAME
