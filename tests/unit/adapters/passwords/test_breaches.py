"""Breached passwords, from each place that they can be in."""

import random
from collections.abc import Callable
from hashlib import sha1
from pathlib import Path

import pytest

from identity_service.adapters.breaches import range_folder
from identity_service.adapters.breaches.range_folder import RangeFolder
from identity_service.adapters.breaches.range_service import RangeService
from identity_service.adapters.breaches.sorted_file import SortedFileRanges
from identity_service.ports.fetch import Fetched, Unfetchable
from identity_service.ports.passwords import BreachRanges, RangeUnavailable

DIGESTS = sorted(
    sha1(str(number).encode(), usedforsecurity=False).hexdigest().upper() for number in range(3_000)
)
ENDS = ("0" * 40, "F" * 40)
SHARED = "ABCDE" + "0" * 34


def ranges() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for digest in (*DIGESTS, *ENDS, SHARED + "1", SHARED + "2"):
        found.setdefault(digest[:5], set()).add(digest[5:])
    return found


RANGES = ranges()


class Service:
    """Answers as the public service does, with padding."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def get(self, url: str, *, accept: object, most_bytes: int) -> Fetched:
        self.asked.append(url)
        prefix = url.rpartition("/")[2]
        lines = [f"{suffix}:{len(suffix)}" for suffix in sorted(RANGES.get(prefix, ()))]
        padding = [f"{'0' * 30}{number:05}:0" for number in range(20)] if prefix != "00000" else []
        return Fetched(body="\r\n".join(lines + padding).encode(), media_type="text/plain")


def sorted_file(folder: Path) -> BreachRanges:
    path = folder / "breached.txt"
    every = sorted(prefix + suffix for prefix, suffixes in RANGES.items() for suffix in suffixes)
    path.write_bytes(
        "".join(f"{digest}:{number % 9 + 1}\r\n" for number, digest in enumerate(every)).encode()
    )
    return SortedFileRanges(path)


def digests_alone(folder: Path) -> BreachRanges:
    path = folder / "digests.txt"
    every = sorted(prefix + suffix for prefix, suffixes in RANGES.items() for suffix in suffixes)
    path.write_text("\n".join(every).lower())
    return SortedFileRanges(path)


def folder_of_ranges(folder: Path) -> BreachRanges:
    for prefix in ("00001", "12345", *RANGES):
        lines = "\n".join(f"{suffix}:3" for suffix in sorted(RANGES.get(prefix, ())))
        (folder / f"{prefix}.txt").write_text(lines)
    return RangeFolder(folder)


def service(folder: Path) -> BreachRanges:
    return RangeService("https://breaches.example/range/", fetch=Service())


@pytest.mark.parametrize("made", [sorted_file, digests_alone, folder_of_ranges, service])
async def test_a_range_holds_exactly_what_begins_with_it(
    made: Callable[[Path], BreachRanges], tmp_path: Path
) -> None:
    known = made(tmp_path)
    some = random.Random(4711).sample(sorted(RANGES), 150)  # the others are like these
    for prefix in (*some, "00000", "FFFFF", "ABCDE"):
        assert set(await known.suffixes(prefix)) == RANGES[prefix], prefix
    for prefix in ("00001", "12345"):
        assert set(await known.suffixes(prefix)) == RANGES.get(prefix, set())


async def test_a_service_is_asked_with_the_five_digits_and_nothing_else() -> None:
    fetch = Service()
    await RangeService("https://breaches.example/range/", fetch=fetch).suffixes("ABCDE")
    assert fetch.asked == ["https://breaches.example/range/ABCDE"]


async def test_a_service_that_does_not_answer_is_unavailable() -> None:
    class Silent:
        async def get(self, url: str, *, accept: object, most_bytes: int) -> Fetched:
            raise Unfetchable("no answer")

    with pytest.raises(RangeUnavailable):
        await RangeService("https://breaches.example/range", fetch=Silent()).suffixes("ABCDE")


async def test_what_has_gone_meanwhile_is_unavailable(tmp_path: Path) -> None:
    file, folder = sorted_file(tmp_path), folder_of_ranges(tmp_path)
    (tmp_path / "breached.txt").unlink()
    (tmp_path / "ABCDE.txt").unlink()
    for known in (file, folder):
        with pytest.raises(RangeUnavailable):
            await known.suffixes("ABCDE")


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("", "lines SHA1:COUNT"),
        ("password\n123456\n", "lines SHA1:COUNT"),
        ("\n".join(reversed(DIGESTS)), "sorted by digest"),
        ("\n".join(f"{digest}:1" for digest in random.Random(1).sample(DIGESTS, len(DIGESTS))), "sorted"),
    ],
    ids=["empty", "passwords in the clear", "the other way round", "ordered by count"],
)
def test_a_file_of_another_form_is_refused(content: str, wanted: str, tmp_path: Path) -> None:
    path = tmp_path / "breached.txt"
    path.write_text(content)
    with pytest.raises(ValueError, match=wanted):
        SortedFileRanges(path)


def test_a_folder_without_ranges_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="00000"):
        RangeFolder(tmp_path)


async def test_no_range_is_read_without_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = "0" * 34 + "{}:1\n"
    (tmp_path / "00000.txt").write_text(line.format(1) + line.format(2))
    monkeypatch.setattr(range_folder, "MOST_BYTES", len(line) - 1)
    assert await RangeFolder(tmp_path).suffixes("00000") == {"0" * 34 + "1"}
