"""A real server that speaks OpenAI's POST /v1/audio/transcriptions around faster-whisper tiny.en.

Used by tests of the OpenAI-compatible recognizer and as the peer of bench/wer.ts. bench/whisper.ts installs what it
needs. Arguments: model directory, threads. Prints one line, {"port": n}, when it listens on the loopback interface.
"""

import io
import json
import sys
import time
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock

from faster_whisper import WhisperModel

model = WhisperModel(sys.argv[1], device="cpu", compute_type="int8", cpu_threads=int(sys.argv[2]))
one_at_a_time = Lock()


def parse_form(headers, body):
    """Fields of a multipart/form-data body."""
    head = b"Content-Type: " + headers["content-type"].encode() + b"\r\n\r\n"
    parts = BytesParser(policy=HTTP).parsebytes(head + body).iter_parts()
    return {part.get_param("name", header="content-disposition"): part.get_payload(decode=True) for part in parts}


def transcribe(form):
    verbose = form.get("response_format", b"json").decode() == "verbose_json"
    started = time.process_time()
    with one_at_a_time:
        segments, info = model.transcribe(
            io.BytesIO(form["file"]),
            language=form.get("language", b"en").decode(),
            beam_size=5,
            vad_filter=form.get("vad_filter", b"false") == b"true",
            word_timestamps=verbose,
            initial_prompt=form["prompt"].decode() if "prompt" in form else None,
        )
        segments = list(segments)
    answer = {"text": "".join(segment.text for segment in segments).strip()}
    if verbose:
        words = [word for segment in segments for word in segment.words or []]
        answer |= {
            "language": info.language,
            "duration": info.duration,
            "cpu_seconds": time.process_time() - started,
            "words": [{"word": word.word, "start": word.start, "end": word.end} for word in words],
        }
    return answer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path != "/v1/audio/transcriptions":
            return self.answer(404, {"error": {"message": "no such route"}})
        try:
            self.answer(200, transcribe(parse_form(self.headers, body)))
        except Exception as error:  # the client shall hear of whatever went wrong
            self.answer(500, {"error": {"message": str(error)}})

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(json.dumps({"port": server.server_port}), flush=True)
server.serve_forever()
