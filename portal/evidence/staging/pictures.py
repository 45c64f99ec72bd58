"""What is done to a picture before it is kept: told by its content, bounded before decoding, drawn anew.

Drawing anew leaves behind whatever hides in the file (scripts, second files, the place where somebody lives);
the time and the place the camera wrote are handed on as claims, for a person to believe or not.
"""

import io
import threading
import warnings
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import pillow_heif
from flask_babel import lazy_gettext as _l
from PIL import Image, ImageFile

from portal.core import clock

MOST_PIXELS = 50_000_000
LONGEST_SIDE = 32_000
MOST_SCANS = 32  # a camera writes about ten; thousands of empty ones keep a decoder busy for minutes
KEPT_SIDE, THUMB_SIDE = 1600, 320
QUALITY, THUMB_QUALITY = 80, 72

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)
pillow_heif.register_heif_opener()

_at_once = threading.BoundedSemaphore(2)  # what is decoded at one time in this process, and so its memory


class Format(StrEnum):
    """What a file is, by its first bytes; the values are Pillow's words."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    HEIF = "HEIF"
    PDF = "PDF"


HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
ORIENTATION, CAMERA, GPS, TAKEN, TAKEN_ZONE = 0x0112, 0x8769, 0x8825, 0x9003, 0x9011
TOO_LARGE: Any = _l("照片尺寸太大，最多 5000 万像素，请换一张。")
BROKEN: Any = _l("这张照片打不开或者不完整，请重新拍一张。")
MOVING: Any = _l("动图不收，请传一张照片。")


class Unfit(Exception):
    """A picture that is not taken; ``words`` says why to the person who sent it."""

    def __init__(self, words: Any) -> None:
        self.words = words
        super().__init__("unfit")


@dataclass(frozen=True)
class Claims:
    """What the camera wrote: when, where (latitude, longitude in degrees), and which way up."""

    taken_at: datetime | None = None
    position: tuple[float, float] | None = None
    orientation: int = 1


@dataclass(frozen=True)
class Picture:
    """A picture drawn anew."""

    content: bytes
    thumb: bytes
    width: int
    height: int
    phash: str | None
    claims: Claims


def told_by_content(data: bytes) -> Format | None:
    """What the first bytes say the file is; None for anything we do not take."""
    if data.startswith(b"\xff\xd8\xff"):
        return Format.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return Format.PNG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Format.WEBP
    if data[4:8] == b"ftyp" and data[8:12] in HEIF_BRANDS:
        return Format.HEIF
    if data.startswith(b"%PDF-"):
        return Format.PDF
    return None


def draw_anew(data: bytes, format_: Format) -> Picture:
    """Decode within bounds and write a JPEG of at most 1600 px a side; raises Unfit."""
    with _at_once:
        ImageFile.LOAD_TRUNCATED_IMAGES = False  # importing WeasyPrint turns it on for the whole process
        try:
            return _draw(_opened(data, format_))
        except Unfit:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise Unfit(TOO_LARGE) from error
        except Exception as error:  # hostile bytes make decoders raise anything
            raise Unfit(BROKEN) from error


def _opened(data: bytes, format_: Format) -> Image.Image:
    if format_ is Format.WEBP:
        _check_size(*_webp_size(data))  # its decoder reserves the canvas on opening
    if format_ is Format.JPEG and data.count(b"\xff\xda") > MOST_SCANS:
        raise Unfit(BROKEN)
    image = Image.open(io.BytesIO(data), formats=[format_.value])
    _check_size(*image.size)
    # A second picture in a JPEG is a preview for the screen; anywhere else it is a film.
    if format_ is not Format.JPEG and getattr(image, "is_animated", False):
        raise Unfit(MOVING)
    return image


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise Unfit(TOO_LARGE)


def _webp_size(data: bytes) -> tuple[int, int]:
    chunk = data[12:16]
    if chunk == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if chunk == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF


def _draw(image: Image.Image) -> Picture:
    claims = read_claims(image)
    image.thumbnail((KEPT_SIDE, KEPT_SIDE), reducing_gap=2.0)  # a JPEG is decoded at a fraction of its size
    if claims.orientation in TURNS:
        image = image.transpose(TURNS[claims.orientation])
    clean = _plain(image)
    thumb = clean.copy()
    thumb.thumbnail((THUMB_SIDE, THUMB_SIDE))
    return Picture(
        content=_as_jpeg(clean, QUALITY),
        thumb=_as_jpeg(thumb, THUMB_QUALITY),
        width=clean.width,
        height=clean.height,
        phash=difference_hash(thumb),
        claims=claims,
    )


def _plain(image: Image.Image) -> Image.Image:
    """The same picture in RGB on white paper, with nothing of the file's own beside it."""
    if image.mode.startswith("I;16"):
        image = image.convert("I").point([level >> 8 for level in range(65536)], "L")
    if image.mode in {"P", "PA", "LA", "La", "RGBa"} or "transparency" in image.info:
        image = image.convert("RGBA")
    paper = Image.new("RGB", image.size, "white")
    if image.mode == "RGBA":
        paper.paste(image, mask=image.getchannel("A"))
    else:
        paper.paste(image.convert("RGB"))
    return paper


def _as_jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def difference_hash(image: Image.Image) -> str | None:
    """64 bits, one for each step to the right that darkens, as 16 hexadecimal digits; None on a blank one.

    Two photos of one scene differ in a few bits; re-saving or shrinking a photo changes hardly any.
    """
    grey = image.convert("L").resize((9, 8), Image.Resampling.BOX)
    levels = grey.tobytes()
    if max(levels) - min(levels) < 8:  # a wall, a night: such hashes resemble one another and prove nothing
        return None
    bits = "".join("1" if levels[i] > levels[i + 1] else "0" for i in range(72) if i % 9 < 8)
    return f"{int(bits, 2):016x}"


def read_claims(image: Image.Image) -> Claims:
    """What the camera wrote, as far as it can be read; a spoilt record is no reason to refuse a photo."""
    try:
        exif = image.getexif()
        camera, gps = exif.get_ifd(CAMERA), exif.get_ifd(GPS)
        orientation = exif.get(ORIENTATION, 1)
    except Exception:  # whatever a spoilt record raises
        return Claims()
    return Claims(_moment(camera.get(TAKEN), camera.get(TAKEN_ZONE)), _position(gps), orientation)


def _moment(text: object, zone: object) -> datetime | None:
    try:
        naive = datetime.strptime(str(text).strip("\0 "), "%Y:%m:%d %H:%M:%S")
        if zone:
            offset = datetime.strptime(str(zone).strip("\0 "), "%z").tzinfo
            return naive.replace(tzinfo=offset)
    except (ValueError, OverflowError):
        return None
    return naive.replace(tzinfo=clock.ZONE)


def _position(gps: dict[int, Any]) -> tuple[float, float] | None:
    try:
        latitude = _degrees(gps[2], gps[1] in {"S", b"S"})
        longitude = _degrees(gps[4], gps[3] in {"W", b"W"})
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return None
    is_on_earth = abs(latitude) <= 90 and abs(longitude) <= 180  # also false for "not a number"
    return (round(latitude, 6), round(longitude, 6)) if is_on_earth else None


def _degrees(parts: Any, is_negative: bool) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    return -value if is_negative else value
