"""Runs the checks in order, the quick ones first."""

import argparse

import dashboards
import deployment
import fleet
import live
import names
import newest
import rules
from harness.report import Report


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--static", action="store_true", help="only what needs no running exporter")
    arguments.add_argument("--long", action="store_true", help="the fleet test for five minutes at 1 s")
    options = arguments.parse_args()

    report = Report()
    sections = {"Rules": rules.check, "Dashboards": dashboards.check, "Names": names.check, "Deployment": deployment.check}
    if not options.static:
        sections |= {"Live": live.check, "Debian unstable's Prometheus": newest.check,
                     "Fleet": lambda report: fleet.check(report, options.long)}
    for name, check in sections.items():
        with report.section(name):
            check(report)
    report.finish()


if __name__ == "__main__":
    main()
