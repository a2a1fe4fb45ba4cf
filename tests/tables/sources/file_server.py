"""A server of files over HTTP that answers ranges, as object stores do."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit


@contextmanager
def served(files: Mapping[str, bytes]) -> Iterator[str]:
    """Serve files by name on a port of this machine; the value is `host:port`.

    A name that is not there is answered with 404, and `secret.parquet` with 403. A directory is
    listed as a bucket of S3 is.
    """

    def bucket(name: str, prefix: str, after: str) -> bytes:
        keys = [key.removeprefix(f"{name}/") for key in sorted(files) if key.startswith(f"{name}/")]
        keys = [key for key in keys if key.startswith(prefix) and key > after]
        entries = (
            f"<Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
            f"<ETag>e</ETag><Size>{len(files[f'{name}/{key}'])}</Size></Contents>"
            for key in keys
        )
        return f"<ListBucketResult>{''.join(entries)}</ListBucketResult>".encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            split = urlsplit(self.path)
            name = unquote(split.path.lstrip("/"))
            query = parse_qs(split.query)
            data = files.get(name)
            if "list-type" in query:
                after = query.get("start-after", [""])[0]
                data = bucket(name.strip("/"), query.get("prefix", [""])[0], after)
            if name == "secret.parquet":
                self.send_error(403)
                return
            if data is None:
                self.send_error(404)
                return
            asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
            first, last = 0, len(data) - 1
            if asked and not asked[1]:
                first = max(len(data) - int(asked[2]), 0)
            elif asked:
                first = int(asked[1])
                last = min(int(asked[2] or last), last)
            self.send_response(206 if asked else 200)
            if asked:
                self.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(last + 1 - first))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(data[first : last + 1])

        do_HEAD = do_GET  # noqa: N815 - named by the server

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
