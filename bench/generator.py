"""Load on one address for a few seconds: ``wrk`` where it is installed, else a plain client that is slower for all alike."""

import asyncio
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

CONNECTIONS = 32


@dataclass(frozen=True)
class Request:
    """What is asked again and again, and the status that makes it count."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    status: int = 200


@dataclass(frozen=True)
class Answered:
    per_second: float
    p99_ms: float


def fetch(request: Request) -> tuple[int, dict[str, str], bytes]:
    """Status, headers (lower case) and body of one request."""
    asked = urllib.request.Request(request.url, data=request.body, headers=request.headers)
    try:
        with urllib.request.urlopen(asked, timeout=30) as response:
            return response.status, {name.lower(): value for name, value in response.headers.items()}, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {name.lower(): value for name, value in error.headers.items()}, error.read()


def hammer(request: Request, seconds: float, scratch: Path) -> Answered:
    """Ask with 32 connections for some seconds.

    Raises:
        RuntimeError: an answer had another status than the one expected.
    """
    status, _, body = fetch(request)
    if status != request.status:
        raise RuntimeError(f"{request.url}: {status} instead of {request.status}: {body[:200]!r}")
    ask = _with_wrk if shutil.which("wrk") else _with_asyncio
    return ask(request, seconds, scratch)


def _with_wrk(request: Request, seconds: float, scratch: Path) -> Answered:
    command = ["wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{max(1, round(seconds))}s", "--latency"]
    for name, value in request.headers.items():
        command += ["-H", f"{name}: {value}"]
    if request.body is not None:
        script, body = scratch / "wrk.lua", scratch / "wrk.body"
        body.write_bytes(request.body)
        script.write_text(f'wrk.method = "POST"\nwrk.body = io.open("{body}"):read("*a")\n')
        command += ["-s", str(script)]
    said = subprocess.run([*command, request.url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said:
        raise RuntimeError(f"{request.url}: {said}")
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", said).groups()
    p99_ms = float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
    return Answered(float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]), p99_ms)


def _with_asyncio(request: Request, seconds: float, scratch: Path) -> Answered:
    parts = urlsplit(request.url)
    target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    headers = {"Host": parts.netloc, "Content-Length": str(len(request.body or b""))} | request.headers
    head = f"{'GET' if request.body is None else 'POST'} {target} HTTP/1.1\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
    sent = head.encode() + (request.body or b"")
    taken: list[float] = []

    async def client(until: float) -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        while time.perf_counter() < until:
            begun = time.perf_counter()
            writer.write(sent)
            answer = await reader.readuntil(b"\r\n\r\n")
            if answer.split(b" ", 2)[1] != str(request.status).encode():
                raise RuntimeError(f"{request.url}: {answer[:100]!r}")
            if length := re.search(rb"(?i)content-length: (\d+)", answer):
                await reader.readexactly(int(length[1]))
            elif re.search(rb"(?i)transfer-encoding: chunked", answer):
                await reader.readuntil(b"0\r\n\r\n")
            taken.append(time.perf_counter() - begun)
        writer.close()

    async def everybody() -> None:
        until = time.perf_counter() + seconds
        await asyncio.gather(*(client(until) for _ in range(CONNECTIONS)))

    asyncio.run(everybody())
    return Answered(len(taken) / seconds, sorted(taken)[int(len(taken) * 0.99)] * 1000)
