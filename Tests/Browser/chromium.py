"""Debian's Chromium without a window, driven through a pipe by its own protocol.

The DevTools protocol is JSON with a zero byte behind each message; Python has all that it takes, so
nothing is fetched from anywhere for it.
"""

import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import time

# A browser of a test talks to nobody but the page's own server: its own errands are turned off, and
# no name leads anywhere.
FLAGS = [
    "--headless=new", "--no-sandbox", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-default-apps", "--disable-extensions", "--disable-dev-shm-usage", "--hide-scrollbars",
    "--force-color-profile=srgb", "--lang=en-GB",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


class Chromium:
    """A running browser. Each `open` is a fresh tab."""

    def __init__(self):
        self._profile = tempfile.mkdtemp(prefix="page-migration-browser-")
        to_browser, self._write = os.pipe()
        self._read, to_us = os.pipe()
        # It reads descriptor 3 and writes descriptor 4.
        placed = ["bash", "-c", f'exec chromium "$@" 3<&{to_browser} 4>&{to_us}', "chromium"]
        self._process = subprocess.Popen(
            [*placed, *FLAGS, f"--user-data-dir={self._profile}", "about:blank"], pass_fds=(to_browser, to_us),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(to_us)
        self._rest, self._number, self._tabs = b"", 0, {}

    def open(self, address, **looks):
        target = self.call("Target.createTarget", url="about:blank", newWindow=True)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = self._tabs[session] = Tab(self, target, session)
        tab.prepare(**looks)
        tab.go(address)
        return tab

    def complaints(self):
        return [complaint for tab in self._tabs.values() for complaint in tab.complaints]

    def close_tabs(self):
        for tab in list(self._tabs.values()):
            self.call("Target.closeTarget", targetId=tab.target)
        self._tabs = {}

    def tell(self, method, session=None, **parameters):
        """The number by which the answer will be known."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        return self._number

    def call(self, method, session=None, **parameters):
        number = self.tell(method, session, **parameters)
        deadline = time.monotonic() + 60
        while True:
            answer = self._next(deadline)
            if answer is None:
                raise TimeoutError(f"Chromium does not answer {method}")
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def listen(self, seconds):
        """Takes in what the tabs report in the next `seconds`."""
        deadline = time.monotonic() + seconds
        while self._next(deadline) is not None:
            pass

    def _next(self, deadline):
        while b"\0" not in self._rest:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._read], [], [], left)[0]:
                return None
            piece = os.read(self._read, 1 << 20)
            if not piece:
                raise RuntimeError("Chromium has ended")
            self._rest += piece
        raw, self._rest = self._rest.split(b"\0", 1)
        message = json.loads(raw)
        if "method" in message and message.get("sessionId") in self._tabs:
            self._tabs[message["sessionId"]].report(message["method"], message["params"])
        return message

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.call("Browser.close")
            self._process.wait(10)
        except (OSError, RuntimeError, TimeoutError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._profile, ignore_errors=True)


class Tab:
    """A page, and all that was said about it: its requests, its complaints."""

    def __init__(self, browser, target, session):
        self._browser, self.target, self._session = browser, target, session
        self.requests = []
        self.complaints = []
        self.is_expecting_loss = False
        self._answer = None

    def prepare(self, width=1280, height=900, dark=False, scale=1):
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=scale, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def replace_answers(self, pattern, body):
        """Requests for such addresses get what `body()` gives."""
        self._answer = body
        self.call("Fetch.enable", patterns=[{"urlPattern": pattern}])

    def call(self, method, **parameters):
        return self._browser.call(method, session=self._session, **parameters)

    def go(self, address):
        self.call("Page.navigate", url=address)
        self.wait_for("document.readyState === 'complete'", 60)

    def report(self, method, what):
        if method == "Network.requestWillBeSent":
            self.requests.append(what["request"]["url"])
        elif method == "Fetch.requestPaused":
            try:
                body = base64.b64encode(self._answer().encode()).decode()
            except OSError:  # The exporter that was asked is gone.
                self._browser.tell("Fetch.failRequest", self._session, requestId=what["requestId"],
                                   errorReason="ConnectionRefused")
                return
            self._browser.tell("Fetch.fulfillRequest", self._session, requestId=what["requestId"],
                               responseCode=200, body=body)
        elif method == "Runtime.exceptionThrown":
            details = what["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append(f"console.{what['type']}: {what['args']}")
        elif method == "Log.entryAdded":
            entry = what["entry"]
            # The browser itself logs a request that nobody answers; where the exporter was ended on
            # purpose, that is right.
            if not (self.is_expecting_loss and entry["source"] == "network"):
                self.complaints.append(f"{entry['source']}: {entry['text']} {entry.get('url', '')}")

    def value(self, expression):
        """What the expression gives in the page, which may be a promise."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                           awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"]["description"])
        return answer["result"].get("value")

    def text(self, selector):
        return self.value(f"document.querySelector({json.dumps(selector)}).textContent")

    def wait_for(self, expression, seconds=15):
        """Returns once the expression is true."""
        deadline = time.monotonic() + seconds
        while not self.value(f"Boolean({expression})"):
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {seconds} s: {expression}")
            self._browser.listen(0.05)

    def listen(self, seconds):
        self._browser.listen(seconds)

    def press(self, key):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key)

    def point(self, selector, from_right):
        """Moves the pointer into the middle of what is so high, so far from its right end."""
        box = self.value(f"document.querySelector({json.dumps(selector)}).getBoundingClientRect().toJSON()")
        x, y = box["right"] - from_right, (box["top"] + box["bottom"]) / 2
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def screenshot(self, path, whole=True):
        image = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole, **(
            {"clip": self._whole_page()} if whole else {}))
        pathlib.Path(path).write_bytes(base64.b64decode(image["data"]))

    def _whole_page(self):
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        return {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
