"""Waiting for what another process does, and a port that is free."""

import socket
import time


def wait_for(what, question, seconds=60, pause=0.05):
    """Asks until the answer is true; an OSError is a no."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if answer := question():
                return answer
        except OSError:
            pass
        time.sleep(pause)
    raise TimeoutError(f"waited {seconds} s for {what}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
