"""Asks every article's address whether it still answers; for maintainers with internet.

Polite: four requests at a time at most, one at a time to a host with a pause between, a clear user agent, no body
read, addresses outside http(s) never asked.
"""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bench import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

TIMEOUT = 20.0
PAUSE = 1.0
AT_ONCE = 4
_AGENT = f"counterclaim-link-check/{__version__}"
_REFUSES_HEAD = (403, 405, 501)


def status(url: str, timeout: float = TIMEOUT) -> str:
    """`200`, another HTTP status, or the reason why there was no answer."""
    if urlsplit(url).scheme not in ("http", "https"):
        return "not http(s)"
    answer = ""
    for method in ("HEAD", "GET"):
        request = urllib.request.Request(url, method=method, headers={"User-Agent": _AGENT})  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:  # noqa: S310
                return str(response.status)
        except urllib.error.HTTPError as error:
            answer = str(error.code)
            error.close()
            if error.code not in _REFUSES_HEAD:
                break
        except (OSError, ValueError) as error:
            return str(getattr(error, "reason", error)) or type(error).__name__
    return answer


def check_links(
    urls: Sequence[str], console: Console, *, timeout: float = TIMEOUT, pause: float = PAUSE
) -> int:
    """Ask every address once, host by host; print those that do not answer with 200.

    Returns:
        0 if all answer, else 1.
    """
    hosts: dict[str, list[str]] = {}
    for url in dict.fromkeys(urls):
        hosts.setdefault(urlsplit(url).netloc, []).append(url)

    def ask(addresses: Iterable[str]) -> list[tuple[str, str]]:
        answers = []
        for n, url in enumerate(addresses):
            if n:
                time.sleep(pause)
            answers.append((url, status(url, timeout)))
        return answers

    gone = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for answers in pool.map(ask, hosts.values()):
            for url, answer in answers:
                if answer != "200":
                    gone += 1
                    console.print(f"{answer}: {url}", highlight=False, soft_wrap=True)
    console.print(
        f"{gone} of {sum(map(len, hosts.values()))} addresses of {len(hosts)} hosts do not answer with 200"
    )
    return 1 if gone else 0
