"""A speech engine of your own behind speakr: the one endpoint of OpenAI's API that speakr needs, around any program that
prints the words of a WAV file.

    python3 server.py 8010 whisper-cli --no-prints --no-timestamps --model ggml-base.en.bin --file

and in config.json (`speakr config` says where it is)

    { "recognizer": "openai", "recognizerUrl": "http://127.0.0.1:8010/v1", "recognizerModel": "whisper-cli" }

The path of the WAV file (PCM16, mono, 16 kHz, up to 30 s) is put after the words of the command.
"""

import json
import subprocess
import sys
import tempfile
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT, *COMMAND = sys.argv[1:]


class Recognizer(BaseHTTPRequestHandler):
    def do_POST(self):
        if not self.path.endswith("/audio/transcriptions"):
            return self.answer(404, {"error": {"message": "There is nothing here."}})
        form = self.form()
        with tempfile.NamedTemporaryFile(suffix=".wav") as wav:
            wav.write(form["file"])
            wav.flush()
            heard = subprocess.run([*COMMAND, wav.name], capture_output=True, text=True)
        if heard.returncode != 0:
            # speakr tries again after 5xx, and reports the code; what the program said stays in this log.
            print(heard.stderr, file=sys.stderr)
            return self.answer(500, {"error": {"message": f"The program ended with {heard.returncode}."}})
        # With "words": [{"word": …, "start": seconds, "end": seconds}, …] speakr knows when each was said.
        self.answer(200, {"text": heard.stdout.strip()})

    def form(self):
        """The parts of a multipart/form-data body, by name."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        parts = BytesParser(policy=HTTP).parsebytes(head + body).iter_parts()
        return {
            part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
            for part in parts
        }

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        """Not a line for each request."""


print(f"http://127.0.0.1:{PORT}/v1", flush=True)
ThreadingHTTPServer(("127.0.0.1", int(PORT)), Recognizer).serve_forever()
