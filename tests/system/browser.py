"""Chromium without a window, which looks at a page as an operator's browser does."""

import os
import re
import subprocess

LOOK_SECONDS_MAX = 60


class Look:
    """What Chromium makes of a page.

    text: its elements after all was loaded.
    complaints: what its console shows, as breaches of the page's Content-Security-Policy.
    """

    def __init__(self, url, folder, picture=None, size=(1200, 1060), dark=False):
        command = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
                   "--hide-scrollbars", "--enable-logging=stderr", "--dump-dom",
                   f"--user-data-dir={os.path.join(folder, 'chromium')}",
                   f"--window-size={size[0]},{size[1]}"]
        if dark:
            command.append("--blink-settings=preferredColorScheme=0")
        if picture:
            command.append(f"--screenshot={picture}")
        done = subprocess.run(
            [*command, url], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, timeout=LOOK_SECONDS_MAX, check=True,
            env={**os.environ, "HOME": folder, "TMPDIR": folder})
        self.text = done.stdout
        self.complaints = re.findall(r"CONSOLE.*", done.stderr)
