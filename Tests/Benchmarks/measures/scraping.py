"""A client that asks for an exact number of scrapes, which wrk cannot."""

import re
import socket


class Scraper:
    """One connection that is kept alive, as a Prometheus server does."""

    def __init__(self, program, headers=None):
        self.socket = socket.create_connection(("127.0.0.1", program.port))
        lines = [f"GET {program.path} HTTP/1.1", "Host: localhost"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.request = ("\r\n".join(lines) + "\r\n\r\n").encode()
        self.buffer = b""

    def scrape(self, times=1):
        for _ in range(times):
            self.socket.sendall(self.request)
            head = self._take(self._find(b"\r\n\r\n")).decode()
            if not head.startswith("HTTP/1.1 200 "):
                raise RuntimeError(head)
            if length := re.search(r"^content-length: (\d+)", head, re.M | re.I):
                self._take(int(length[1]))
            else:
                self._take_chunks()

    def close(self):
        self.socket.close()

    def _take_chunks(self):
        while size := int(self._take(self._find(b"\r\n")), 16):
            self._take(size + 2)
        self._take(2)

    def _find(self, mark):
        while (at := self.buffer.find(mark)) < 0:
            self._receive()
        return at + len(mark)

    def _take(self, count):
        while len(self.buffer) < count:
            self._receive()
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def _receive(self):
        piece = self.socket.recv(1 << 16)
        if not piece:
            raise RuntimeError("the server closed the connection")
        self.buffer += piece


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
