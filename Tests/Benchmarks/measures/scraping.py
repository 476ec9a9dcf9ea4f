"""A client that asks for an exact number of scrapes, which wrk cannot."""

import http.client


class Scraper:
    """One connection that is kept alive, as a Prometheus server does."""

    def __init__(self, program, headers=None):
        self.path, self.headers = program.path, {"Host": "localhost"} | (headers or {})
        self.connection = http.client.HTTPConnection("127.0.0.1", int(program.port))
        self.connection.connect()
        self.connection.auto_open = False  # If the server closes it, that is an error.

    def scrape(self, times=1):
        for _ in range(times):
            # No header but these.
            self.connection.putrequest("GET", self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                self.connection.putheader(name, value)
            self.connection.endheaders()
            answer = self.connection.getresponse()
            body = answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{answer.status}: {body[:200]!r}")

    def close(self):
        self.connection.close()


def cpu_per_scrape(program, times):
    """Microseconds of the server's CPU time, of the best of five parts: the least disturbed one."""
    scraper = Scraper(program)
    scraper.scrape(10)
    best = float("inf")
    for _ in range(5):
        before = program.cpu_seconds()
        scraper.scrape(max(1, times // 5))
        best = min(best, (program.cpu_seconds() - before) / max(1, times // 5) * 1e6)
    scraper.close()
    return best
