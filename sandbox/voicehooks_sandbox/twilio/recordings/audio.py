"""Audio that can be played: what a recording sounds like in the sandbox.

Both forms are made in code, of a recording's own length: WAV with a quiet tone (Twilio: 8 kHz, 16 bit, 128
kbit/s a channel) and MP3 with silence (32 kbit/s).
"""

from __future__ import annotations

import io
import math
import struct
import wave

_RATE = 8_000
_TONES = (440.0, 660.0)
_AMPLITUDE = 3_000
# MPEG-2.5 Layer III, 32 kbit/s, 8 kHz: 72 * 32000 / 8000 = 288 bytes and 576 samples a frame.
_MP3_FRAME_BYTES = 288
_MP3_FRAME_SECONDS = 576 / _RATE
_MP3_STEREO, _MP3_MONO = 0x00, 0xC0


def wav(seconds: int, channels: int) -> bytes:
    """A WAV file of so many seconds; the channels carry tones of different pitch, to tell them apart."""
    period = [
        struct.pack(
            f"<{channels}h",
            *(round(_AMPLITUDE * math.sin(2 * math.pi * tone * n / _RATE)) for tone in _TONES[:channels]),
        )
        for n in range(_RATE // 20)  # both tones fill a twentieth of a second with whole waves
    ]
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(b"".join(period) * (20 * max(seconds, 0)))
    return buffer.getvalue()


def mp3(seconds: int, channels: int) -> bytes:
    """An MP3 stream of so many seconds of silence: frames whose side information says "no sound"."""
    mode = _MP3_MONO if channels == 1 else _MP3_STEREO
    # Sync and MPEG-2.5 Layer III without CRC; bit rate index 4 (32 kbit/s), rate index 2 (8 kHz); mode.
    header = bytes([0xFF, 0xE3, 0x48, mode])
    frame = header + bytes(_MP3_FRAME_BYTES - len(header))
    return frame * max(1, round(max(seconds, 0) / _MP3_FRAME_SECONDS))
