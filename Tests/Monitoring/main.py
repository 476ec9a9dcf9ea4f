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
    with report.section("Rules"):
        rules.check(report)
    with report.section("Dashboards"):
        dashboards.check(report)
    with report.section("Names"):
        names.check(report)
    with report.section("Deployment"):
        deployment.check(report)
    if not options.static:
        with report.section("Live"):
            live.check(report)
        with report.section("Debian unstable's Prometheus"):
            newest.check(report)
        with report.section("Fleet"):
            fleet.check(report, options.long)
    report.finish()


if __name__ == "__main__":
    main()
