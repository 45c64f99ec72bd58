"""What is taken in, what is refused, and what is left of a photo."""

import io
import os
import resource
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image, ImageFile

from portal.core import clock
from portal.evidence import storage
from portal.evidence.models import Kind
from portal.evidence.staging import Refused, Staged, stage
from portal.evidence.staging import pictures as drawing
from portal.evidence.staging.taking import MOST_BYTES, safe_name
from tests.evidence import pictures
from tests.evidence.pictures import sent

BAD = pictures.bad_files()


def take(content: bytes, name: str = "photo.jpg", *, documents: bool = False) -> Staged:
    taken = stage(sent(content, name), documents=documents)
    assert isinstance(taken, Staged), str(getattr(taken, "words", ""))
    return taken


def kept(files: storage.LocalStorage, content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(files.read(take(content).sha256)))


@pytest.mark.parametrize("content", BAD.values(), ids=BAD.keys())
def test_what_is_no_whole_and_still_photo_is_refused_in_words_and_leaves_nothing(files, content):
    answer = stage(sent(content))

    assert isinstance(answer, Refused)
    assert str(answer.words).endswith("。")
    assert list(files.walk()) == []


def test_half_a_photo_is_refused_beside_a_library_that_takes_halves(files, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)

    assert isinstance(stage(sent(BAD["half a JPEG"])), Refused)


def test_the_battery_has_thirty_files_or_more():
    assert len(BAD) >= 30


@pytest.mark.parametrize("side", [20_000, 13_000])
def test_a_bomb_is_refused_from_its_head_in_no_time_and_no_memory(files, side):
    content = pictures.bomb(side)
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()

    answer = stage(sent(content, "bomb.png"))

    assert time.perf_counter() - start < 0.05
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024
    assert isinstance(answer, Refused)
    assert "尺寸" in str(answer.words)


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "HEIF", "MPO"])
def test_every_kind_of_photo_a_phone_makes_is_taken_and_kept_as_jpeg(files, format_):
    pillow_heif.register_heif_opener()
    options = {"save_all": True, "append_images": [pictures.scene(seed=1)]} if format_ == "MPO" else {}

    image = kept(files, pictures.saved(pictures.scene(), format_, **options))

    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (640, 480))


@pytest.mark.parametrize(
    ("mode", "format_"),
    [
        ("CMYK", "JPEG"),
        ("L", "JPEG"),
        ("1", "PNG"),
        ("L", "PNG"),
        ("P", "PNG"),
        ("RGBA", "PNG"),
        ("LA", "PNG"),
        ("I;16", "PNG"),
        ("RGBA", "WEBP"),
    ],
)
def test_every_way_of_keeping_colours_comes_out_as_plain_rgb(files, mode, format_):
    image = kept(files, pictures.saved(pictures.scene().convert("L").convert(mode), format_))

    assert (image.mode, image.size) == ("RGB", (640, 480))


def test_sixteen_bits_a_colour_keep_their_shades(files):
    image = kept(files, pictures.saved(Image.new("I;16", (64, 64), 0x8000), "PNG"))

    assert abs(image.getpixel((30, 30))[0] - 128) < 3


def test_what_is_transparent_lies_on_white_paper(files):
    image = kept(files, pictures.saved(Image.new("RGBA", (64, 64), (0, 0, 0, 0)), "PNG"))

    assert min(image.getpixel((30, 30))) > 250


def test_a_large_photo_is_drawn_at_most_1600_a_side_with_a_thumb_of_320(files):
    taken = take(pictures.photo(size=(4000, 3000)))

    assert (taken.width, taken.height) == (1600, 1200)
    assert Image.open(io.BytesIO(files.read(taken.thumb_sha256 or ""))).size == (320, 240)
    assert taken.size < 700_000


def test_a_phone_photo_of_20_megabytes_is_taken(files):
    content = pictures.photo(size=(3000, 2000))
    padding = b"\xff\xfe" + (65_000).to_bytes(2, "big") + b"\0" * 64_998
    large = content[:2] + padding * (20 * 1024 * 1024 // len(padding)) + content[2:]

    taken = take(large)

    assert len(large) > 19 * 1024 * 1024
    assert taken.size < 700_000


def test_more_than_25_megabytes_are_refused(files):
    answer = stage(sent(pictures.photo() + b"\0" * MOST_BYTES))

    assert isinstance(answer, Refused)
    assert "25 MB" in str(answer.words)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_stands_upright_whichever_way_the_phone_was_held(files, orientation):
    upright = Image.new("RGB", (600, 400), "white")
    upright.paste("red", (0, 0, 300, 200))  # the top left quarter
    back = {6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
    turn = back.get(orientation, drawing.TURNS.get(orientation))
    exif = Image.Exif()
    exif[0x0112] = orientation

    image = kept(
        files, pictures.saved(upright if turn is None else upright.transpose(turn), exif=exif, quality=95)
    )

    assert image.size == (600, 400)
    assert image.getpixel((100, 100))[1] < 60
    assert min(image.getpixel((500, 300))) > 230


def test_where_it_was_taken_is_a_claim_beside_the_photo_and_nowhere_in_it(files):
    taken = take(pictures.camera_photo(comment=b"home of somebody"))
    content = files.read(taken.sha256) + files.read(taken.thumb_sha256 or "")

    assert taken.position == (23.043333, 113.75)
    assert taken.taken_at == datetime(2026, 10, 9, 5, 33, 10, tzinfo=clock.ZONE)
    assert b"Exif" not in content and b"Phone of" not in content and b"home of" not in content
    assert not Image.open(io.BytesIO(files.read(taken.sha256))).getexif()


def test_the_zone_the_camera_names_is_believed():
    assert drawing._moment("2026:10:09 05:33:10", "+09:00") == datetime(
        2026, 10, 9, 5, 33, 10, tzinfo=timezone(timedelta(hours=9))
    )


@pytest.mark.parametrize(
    "gps",
    [
        {},
        {1: "N", 2: (1, 2, 3)},
        {1: "N", 2: "x", 3: "E", 4: "y"},
        {1: "N", 2: (95, 0, 0), 3: "E", 4: (1, 0, 0)},
        {1: "N", 2: (float("nan"), 0, 0), 3: "E", 4: (1, 0, 0)},
    ],
)
def test_a_place_that_is_none_claims_nothing(gps):
    assert drawing._position(gps) is None


@pytest.mark.parametrize("text", [None, "", "0000:00:00 00:00:00", "yesterday", "2026:13:40 99:00:00"])
def test_a_time_that_is_none_claims_nothing(text):
    assert drawing._moment(text, None) is None


def test_a_huge_record_of_the_camera_is_no_reason_to_refuse(files):
    exif = Image.Exif()
    exif[0x010E] = "a" * 60_000

    assert take(pictures.saved(pictures.scene(), exif=exif)).size < 100_000


def test_a_spoilt_record_of_the_camera_is_no_reason_to_refuse(files):
    content = pictures.camera_photo().replace(b"2026:10:09", b"\xff\x00\xff\x00:10:09")

    assert take(content).taken_at is None


def test_what_hides_behind_a_photo_is_gone(files):
    taken = take(pictures.photo() + pictures.HIDDEN + pictures.archive())

    assert b"<script" not in files.read(taken.sha256)
    assert b"PK\x03\x04" not in files.read(taken.sha256)


def test_the_same_photo_smaller_or_saved_again_still_looks_the_same(files):
    image = pictures.scene((1200, 900))
    first, again = (
        take(pictures.saved(image, quality=95)),
        take(pictures.saved(image.resize((640, 480)), quality=40)),
    )
    other = take(pictures.photo(seed=5))

    assert distance(first.phash, again.phash) <= 6 < distance(first.phash, other.phash)
    assert first.sha256_in != again.sha256_in


def test_a_wall_or_the_night_looks_like_nothing(files):
    assert take(pictures.saved(Image.new("RGB", (400, 300), "grey"))).phash is None


def test_a_pdf_is_taken_only_where_papers_are_asked_for_and_kept_as_it_came(files):
    taken = take(pictures.pdf(), "licence.pdf", documents=True)

    assert (taken.kind, taken.thumb_sha256, taken.phash) == (Kind.DOCUMENT, None, None)
    assert files.read(taken.sha256) == pictures.pdf()
    assert isinstance(stage(sent(pictures.pdf())), Refused)


@pytest.mark.parametrize(
    "content",
    [
        pictures.pdf()[:-20],
        pictures.pdf(b"/OpenAction<</S/JavaScript/JS(app.alert)>>"),
        pictures.pdf(b"/EmbeddedFiles"),
        pictures.pdf(b"/Encrypt 5 0 R"),
        b"GIF89a" + pictures.pdf(),
    ],
)
def test_a_pdf_cut_off_or_acting_by_itself_is_refused(files, content):
    assert isinstance(stage(sent(content, "a.pdf"), documents=True), Refused)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\照片.jpg", "照片.jpg"),
        ("a\x00b.jpg", "ab.jpg"),
        (None, ""),
        ("gpj.\u202eexe", "gpj.exe"),
        ("a" * 300, "a" * 120),
        ("  两  个.jpg ", "两 个.jpg"),
    ],
)
def test_a_file_name_is_only_ever_words_to_show(given, shown):
    assert safe_name(given) == shown


@pytest.mark.parametrize(
    "name", ["../../../evil.jpg", "/etc/cron.d/x.jpg", "..\\x.jpg", "a\x00.jpg", "x" * 5000]
)
def test_no_name_becomes_a_path(files, name, tmp_path):
    taken = take(pictures.photo(), name)

    inside = {str(place.relative_to(tmp_path)) for place in tmp_path.rglob("*") if place.is_file()}
    assert inside == {f"files/kept/{one[:2]}/{one}" for one in (taken.sha256, taken.thumb_sha256 or "")}


@pytest.mark.parametrize("key", ["", "..", "../" * 20 + "etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n"])
def test_nothing_but_a_hash_opens_the_storage(files, key):
    with pytest.raises(ValueError, match="hash"):
        files.read(key)


def test_a_file_is_synced_before_it_is_named_and_its_folder_after(files, monkeypatch):
    deeds: list[str] = []
    fsync, replace = os.fsync, os.replace

    def see_fsync(descriptor: int) -> None:
        deeds.append("folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "content")
        fsync(descriptor)

    def see_replace(source: Path, target: Path) -> None:
        deeds.append("rename")
        replace(source, target)

    files.put(b"first, so that the folders are there")
    monkeypatch.setattr(os, "fsync", see_fsync)
    monkeypatch.setattr(os, "replace", see_replace)
    files.put(b"first, so that the folders are there")

    assert deeds == ["content", "rename", "folder"]


def test_files_and_folders_are_their_owners_alone(files, tmp_path):
    take(pictures.photo())

    modes = {place.stat().st_mode & 0o777 for place in (tmp_path / "files").rglob("*")}
    assert modes == {0o600, 0o700}


def test_a_symbolic_link_is_not_followed(files, tmp_path):
    secret, sha256 = tmp_path / "secret", "ab" * 32
    secret.write_bytes(b"secret")
    place = tmp_path / "files" / "kept" / "ab" / sha256
    place.parent.mkdir(parents=True)
    place.symlink_to(secret)

    with pytest.raises(OSError, match="symbolic"):
        files.read(sha256)
    assert not files.has(sha256)


@pytest.mark.slow
def test_killed_between_file_and_row_there_is_a_file_the_sweep_will_find_and_nothing_half(files, tmp_path):
    program = (
        "import io, os, signal; from pathlib import Path; from tests.evidence import pictures;"
        "from portal.core.settings import Settings; from portal.evidence import storage, staging;"
        f"storage.use(Settings(Path({str(tmp_path)!r}), 'sqlite://', b''));"
        "staging.stage(pictures.sent(pictures.photo())); os.kill(os.getpid(), signal.SIGKILL)"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=False)

    assert done.returncode == -9
    assert len(list(files.walk())) == 2
    assert list(files.arriving.iterdir()) == []


def distance(one: str | None, other: str | None) -> int:
    return (int(one or "", 16) ^ int(other or "", 16)).bit_count()
