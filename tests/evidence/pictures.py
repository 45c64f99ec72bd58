"""Good and bad files for the tests, made on the spot."""

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image
from PIL.TiffImagePlugin import IFDRational
from werkzeug.datastructures import FileStorage

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HIDDEN = b"<script>alert(document.cookie)</script>"


def sent(content: bytes, name: str = "photo.jpg") -> FileStorage:
    """The content as a browser sends it."""
    return FileStorage(io.BytesIO(content), name)


def scene(size: tuple[int, int] = (640, 480), seed: int = 0) -> Image.Image:
    """A picture with something to see; another seed is another place."""
    small = Image.new("RGB", (8, 6))
    levels = [(seed * 97 + place * 89 + place * place * 31) % 251 for place in range(48)]
    small.putdata([(level, 255 - level, level // 2) for level in levels])
    return small.resize(size, Image.Resampling.BICUBIC)


def saved(image: Image.Image, format_: str = "JPEG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, format_, **options)
    return out.getvalue()


def photo(seed: int = 0, size: tuple[int, int] = (640, 480)) -> bytes:
    return saved(scene(size, seed), quality=90)


def camera_photo(orientation: int = 1, size: tuple[int, int] = (640, 480), comment: bytes = b"") -> bytes:
    """A photo as a phone writes it: time, place, maker, and which way up."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Phone of somebody"
    exif.get_ifd(0x8769)[0x9003] = "2026:10:09 05:33:10"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2] = "N", tuple(IFDRational(part) for part in (23, 2, 36))
    gps[3], gps[4] = "E", tuple(IFDRational(part) for part in (113, 45, 0))
    return saved(scene(size), exif=exif, quality=90, comment=comment)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(side: int) -> bytes:
    """A PNG of a few kilobytes that unfolds to ``side`` x ``side`` pixels."""
    packer = zlib.compressobj(9)
    row = b"\0" * (side // 8 + 1)
    body = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def webp_claiming(width: int, height: int) -> bytes:
    """A WebP whose head alone is there and promises a large canvas."""
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + canvas
    return b"RIFF" + struct.pack("<I", len(body)) + body


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("licence.jpg", photo())
    return out.getvalue()


def pdf(extra: bytes = b"") -> bytes:
    return b"%PDF-1.7\n1 0 obj<</Type/Catalog" + extra + b">>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def _many_scans() -> bytes:
    whole = photo()
    return whole[:-2] + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" * 4_000 + whole[-2:]


def bad_files() -> dict[str, bytes]:
    """The battery: what must never be taken for a photo."""
    whole = photo()
    png = saved(scene(), "PNG")
    two = {"save_all": True, "append_images": [scene(seed=1)]}
    return {
        "nothing at all": b"",
        "one byte": b"\xff",
        "plain text": "今天市场很好".encode(),
        "a page named .jpg": b"<!doctype html><html>" + HIDDEN,
        "SVG with a script": b'<svg xmlns="http://www.w3.org/2000/svg">' + HIDDEN + b"</svg>",
        "SVG behind an XML head": b'<?xml version="1.0"?><svg onload="alert(1)"/>',
        "JavaScript": b"alert(1)//",
        "PHP": b"<?php system($_GET['c']); ?>",
        "shell script": b"#!/bin/sh\nrm -rf /\n",
        "Windows program": b"MZ" + b"\0" * 200,
        "Linux program": b"\x7fELF" + b"\0" * 200,
        "zip": archive(),
        "zip behind a JPEG's first bytes": b"\xff\xd8\xff\xe0" + archive(),
        "page behind a JPEG's first bytes": b"\xff\xd8\xff\xe0" + HIDDEN,
        "page behind a GIF's first bytes": b"GIF89a/*" + HIDDEN,
        "GIF": saved(scene().quantize(16), "GIF"),
        "moving GIF": saved(
            scene().quantize(16), "GIF", save_all=True, append_images=[scene(seed=1).quantize(16)]
        ),
        "TIFF": saved(scene(), "TIFF"),
        "BMP": saved(scene(), "BMP"),
        "ICO": saved(scene((64, 64)), "ICO"),
        "AVIF head": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf",
        "PDF": pdf(),
        "moving PNG": saved(scene(), "PNG", **two),
        "moving WebP": saved(scene(), "WEBP", **two),
        "half a JPEG": whole[: len(whole) // 2],
        "head of a JPEG": whole[:300],
        "half a PNG": png[: len(png) // 2],
        "PNG with a broken sum": png[:29] + b"\0\0\0\0" + png[33:],
        "half a WebP": saved(scene(), "WEBP")[:200],
        "HEIC head and nothing behind": b"\0\0\0\x1cftypheic\0\0\0\0mif1heic" + b"\0" * 40,
        "PNG bomb of 20,000 a side": bomb(20_000),
        "PNG bomb of 13,000 a side": bomb(13_000),
        "PNG bomb of 7,100 a side": bomb(7_100),
        "WebP that promises 16,000 a side": webp_claiming(16_000, 16_000),
        "one pixel high and endless": saved(Image.new("L", (33_000, 1)), "PNG"),
        "JPEG of four thousand scans": _many_scans(),
    }
