"""UTS #39 §5.2, highly restrictive: one script in a name, or such as are written together."""

import pytest

from identity_service.domain.value_objects.invalid_name import InvalidName
from identity_service.domain.value_objects.scripts import check_scripts
from identity_service.domain.value_objects.username import Username


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("alice_01-x", id="Latin, with signs and digits"),
        pytest.param("łukasz.nguyễn", id="Latin with marks"),
        pytest.param("zoe\u0308", id="a mark of its own"),
        pytest.param("kaʻahumanu", id="a modifier letter"),
        pytest.param("иван-7", id="Cyrillic"),
        pytest.param("ελένη", id="Greek"),
        pytest.param("山田タロウ々です", id="Han with both kana"),
        pytest.param("コーヒーcafe", id="katakana with Latin"),
        pytest.param("漢ㄅa", id="Han with Bopomofo and Latin"),
        pytest.param("김金kim", id="Hangul with Han and Latin"),
        pytest.param("علی۵", id="Arabic with the digits of Persian"),
        pytest.param("नमस्ते", id="Devanagari with its marks"),
        pytest.param("иван@example.com", id="an address of two scripts, on either side"),
        pytest.param("ivan@почта.example", id="a domain of two scripts, each in a label of its own"),
    ],
)
def test_attack_39_a_name_of_scripts_that_are_written_together_may_be_taken(key: str) -> None:
    check_scripts(Username(entered=key, key=key))


@pytest.mark.parametrize(
    ("key", "mixed"),
    [
        pytest.param("p\u0430ypal", "Cyrillic and Latin", id="a Cyrillic a"),
        pytest.param("g\u03bf\u03bfgle", "Greek and Latin", id="a Greek omicron"),
        pytest.param("\u0570ello", "Armenian and Latin", id="an Armenian ho"),
        pytest.param("\uab83lice", "Cherokee and Latin", id="a Cherokee letter"),
        pytest.param("\ua4f2alice", "Latin and Lisu", id="a Lisu letter"),
        pytest.param("g\u09e6\u09e6gle", "Bengali and Latin", id="a Bengali zero"),
        pytest.param("иva\u03bd", "Cyrillic and Greek and Latin", id="three"),
        pytest.param("иванタ", "Cyrillic and Katakana", id="what goes with Latin alone"),
        pytest.param("漢ㄅタ", "Bopomofo and Han and Katakana", id="of two that go with Han"),
        pytest.param("p\u0430ypal@x.example", "Cyrillic and Latin", id="in front of an at sign"),
        pytest.param("a@p\u0430ypal.example", "Cyrillic and Latin", id="in a label of a domain"),
    ],
)
def test_attack_39_a_name_that_mixes_look_alikes_is_refused_and_told_which(key: str, mixed: str) -> None:
    with pytest.raises(InvalidName) as caught:
        check_scripts(Username(entered=key, key=key))
    assert (caught.value.field, caught.value.reason) == ("username", "mixed_scripts")
    assert caught.value.description == f"username mixes scripts that are not written together: {mixed}"
