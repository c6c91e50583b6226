"""Streams a WAV file to a speakr server as if it were spoken now, and prints captions and notes.

    pip install websockets
    speakr serve                      # prints url and token
    SPEAKR_URL=... SPEAKR_TOKEN=... python3 record.py talk.wav

The file is a WAV as ffmpeg writes it: ffmpeg -i talk.m4a -ac 1 -ar 16000 talk.wav
"""

import asyncio
import json
import os
import secrets
import struct
import sys
import time
import uuid
import wave

import websockets

SAMPLE_RATE = 16_000
CHUNK_SAMPLES = SAMPLE_RATE // 10


def new_id():
    """A UUIDv7: whoever records makes the id, so that a recording can begin without a server."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | (7 << 76) | (secrets.randbits(12) << 64) | (2 << 62) | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def frame(track, offset, pcm):
    """Version, track, flags, offset of the first sample (big-endian), then PCM16 little-endian."""
    return struct.pack(">BBHQ", 1, track, 0, offset) + pcm


async def send_audio(socket, pcm, from_sample, pace):
    for offset in range(from_sample, len(pcm) // 2, CHUNK_SAMPLES):
        await socket.send(frame(0, offset, pcm[offset * 2 : (offset + CHUNK_SAMPLES) * 2]))
        await asyncio.sleep(pace)
    samples = len(pcm) // 2
    captured = round(samples / SAMPLE_RATE * 1000)
    tracks = [{"track": 0, "samples": samples}]
    await socket.send(
        json.dumps({"type": "finish", "tracks": tracks, "capturedMs": captured, "spooledMs": captured})
    )


async def record(path, url, token, pace):
    with wave.open(path) as file:
        if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, SAMPLE_RATE):
            raise SystemExit(f"{path} is not 16 bit, mono, 16 kHz.")
        pcm = file.readframes(file.getnframes())
    address = url.replace("http", "ws", 1) + "/ws/transcribe"
    async with websockets.connect(address, subprotocols=["speakr.v1", f"speakr.token.{token}"]) as socket:
        start = {
            "type": "start",
            "protocol": 1,
            "recordingId": new_id(),
            "mode": "live",
            "language": "en",
            "startedAt": time.time_ns() // 1_000_000,
            "source": "example",
            "tags": ["example"],
            "template": "meeting",
            "tracks": [{"track": 0, "label": "me"}],
        }
        await socket.send(json.dumps(start))
        sending = None
        async for text in socket:
            message = json.loads(text)
            if message["type"] == "ready":
                first = message["resumeFrom"][0]["sample"] if message["resumeFrom"] else 0
                sending = asyncio.create_task(send_audio(socket, pcm, first, pace))
            elif message["type"] == "final":
                print(f"{message['startMs'] / 1000:.1f} s  {message['text']}")
            elif message["type"] == "notes":
                print("\n" + message["notes"]["markdown"])
            elif message["type"] == "error":
                raise SystemExit(message["problem"]["title"])
            elif message["type"] == "finished":
                print(f"{message['receipt']['transcribedMs']} ms transcribed", file=sys.stderr)
                break
        if sending:
            await sending


if __name__ == "__main__":
    asyncio.run(
        record(
            sys.argv[1] if len(sys.argv) > 1 else "talk.wav",
            os.environ.get("SPEAKR_URL", "http://127.0.0.1:4711"),
            os.environ.get("SPEAKR_TOKEN", ""),
            float(os.environ.get("PACE_MS", "100")) / 1000,
        )
    )
