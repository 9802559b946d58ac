"""What people type comes out clean, or with a sentence that says what is wrong: whatever it was."""

import unicodedata
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from backend.fields import (
    CONTROL,
    INVISIBLE,
    MARKS_PER_LETTER,
    Email,
    FormId,
    FormModel,
    Line,
    Password,
    Text,
)
from backend.web import Form, parse


class Everything(FormModel):
    line: Line = ""
    text: Text = ""
    short: Annotated[Text, Field(max_length=50)] = ""
    email: Email | None = None
    password: Password = ""
    form_id: FormId | None = None
    number: Annotated[int, Field(ge=0, le=1000)] = 0


NASTY = st.one_of(
    st.text(max_size=80),
    st.text(alphabet=st.characters(categories=["Cc", "Cf", "Cs", "Mn", "Me", "Zs", "Zl", "Zp", "Co"]), max_size=40),
    st.text(alphabet="a\u0301\u20dd\u034f\u200b\u202e\u2066\ufeff\0\r\n\t \ud800\uffff\u3164", max_size=40),
    st.builds(lambda a, b: a + b * 3000, st.text(max_size=3), st.text(min_size=1, max_size=8)),
    st.sampled_from(["a@b.be", "A@B.BE", "a@b.be\nBcc: c@d.be", "İ@x.be", "=?utf-8?q?=0d?=@x.be", "a@x..be", "٣", "1e3", "1_0"]),
)  # fmt: skip
VALUES = st.one_of(NASTY, st.lists(NASTY, max_size=3))


def assert_clean(text: str, *, lines: bool) -> None:
    assert not INVISIBLE.search(text)
    assert not CONTROL.search(text)
    assert "\r" not in text
    assert lines or not set(text) & set("\n\t")
    assert text == text.strip()
    assert unicodedata.is_normalized("NFC", text)
    text.encode()  # no half surrogate pairs: a database takes it


@given(st.fixed_dictionaries({}, optional=dict.fromkeys([*Everything.model_fields, "is_admin"], VALUES)))
def test_whatever_is_typed_comes_out_clean_or_with_a_sentence(typed: dict[str, Any]) -> None:
    form = parse(Everything, typed)
    assert (form.data is None) == bool(form.errors)
    assert set(form.errors) <= set(Everything.model_fields)
    assert all(said and said[0].isupper() and said.endswith(".") for said in form.errors.values())
    if form.data is None:
        return
    assert not hasattr(form.data, "is_admin")
    assert_clean(form.data.line, lines=False)
    assert len(form.data.line) <= 200
    assert_clean(form.data.text, lines=True)
    assert len(form.data.text) <= 20_000
    assert len(form.data.short) <= 50
    assert len(form.data.password) <= 1024
    assert form.data.password in ("", typed.get("password"))  # exactly as typed
    assert 0 <= form.data.number <= 1000
    if form.data.email:
        assert form.data.email.count("@") == 1
        assert form.data.email.isascii()
        assert form.data.email == form.data.email.lower()
        assert not set(form.data.email) & set(' ,;:<>"()\r\n')


@given(NASTY)
def test_cleaning_twice_changes_nothing(typed: str) -> None:
    once = parse(Everything, {"text": typed})
    if once.data:
        again = parse(Everything, {"text": once.data.text})
        assert again.data
        assert again.data.text == once.data.text


def one(**typed: Any) -> Form[Everything]:
    return parse(Everything, typed)


@pytest.mark.parametrize(
    "text",
    [
        "👩🏽‍🏫 en 🏳️‍🌈 en 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "مرحبا بالعالم",
        "שלום",
        "नमस्ते",
        "สวัสดี",
        "Nguyễn",
        "Zoë, François & Łukasz",
        "日本語",
    ],
)
def test_people_write_in_every_script(text: str) -> None:
    form = one(text=text)
    assert form.data
    assert form.data.text == unicodedata.normalize("NFC", text)


def test_two_ways_to_write_an_accent_are_the_same() -> None:
    composed, loose = one(line="Zoë"), one(line="Zoe\u0308")
    assert composed.data
    assert composed.data == loose.data


@pytest.mark.parametrize(
    "text",
    ["", "   ", "\u200b", "\ufeff\u2060", "\u00a0\u3000", "\u200d", "\u00ad", "\u0301", "\u3164", "\u2800"],
)
def test_what_cannot_be_seen_counts_as_not_filled_in(text: str) -> None:
    class Name(FormModel):
        name: Line

    assert parse(Name, {"name": text}).errors == {"name": "Vul dit in."}


def test_marks_that_turn_the_direction_are_taken_out() -> None:
    form = one(line="factuur\u202efdp.exe")
    assert form.data
    assert form.data.line == "factuurfdp.exe"


def test_zalgo_is_refused_at_once() -> None:
    assert one(text="a" + "\u0301" * MARKS_PER_LETTER).data
    assert "text" in one(text="a" + "\u0315\u0300" * 500_000).errors  # cleaning must not be quadratic


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1e"])
def test_a_line_is_one_line_whatever_ends_it(end: str) -> None:
    assert "line" in one(line=f"Noor{end}Bcc: c@d.be").errors


@pytest.mark.parametrize(
    "email",
    ["a", "a@b", "@b.be", "a@b..be", ".@", '"a b"@x.be', "a@x.be,b@y.be", "a@x.be b@y.be", "a@[127.0.0.1]", "a@-x.be", "é@x.be",
     "a@münchen.de", "a@x.be\nBcc:c@y.be", "a@x.be>", "a" * 65 + "@x.be", "a@" + "b" * 200 + ".be", "a@x.be."],
)  # fmt: skip
def test_what_is_no_single_address_is_refused(email: str) -> None:
    assert "email" in one(email=email).errors


@pytest.mark.parametrize("email", ["Noor.Claes+les@Elzendonk.be", "o'neill@x.be", " a@x.be "])
def test_an_address_is_kept_in_lower_case(email: str) -> None:
    form = one(email=email)
    assert form.data
    assert form.data.email == email.strip().lower()


@pytest.mark.parametrize("email", ["İ@x.be", "a@x.beſ", "ﬁ@x.be"])  # dotted I, long s, a ligature
def test_no_letter_folds_into_the_address_of_someone_else(email: str) -> None:
    assert "email" in one(email=email).errors


def test_a_password_is_kept_exactly_as_typed() -> None:
    form = one(password="  Pass\u200bwoord é e\u0301  ")
    assert form.data
    assert form.data.password == "  Pass\u200bwoord é e\u0301  "
    assert "password" in one(password="a" * 1025).errors


@pytest.mark.parametrize(
    "number", ["-1", "1001", "1.5", "١", "NaN", "inf", "9" * 5000, "0x10", "1e2", ["1", "2"]]
)
def test_a_number_has_bounds(number: Any) -> None:
    assert "number" in one(number=number).errors


def test_a_sentence_never_repeats_what_was_typed() -> None:
    form = one(
        line="geheim\n" * 2, email="geheim", password="geheim" * 1000, form_id="geheim", number="geheim"
    )
    assert set(form.errors) == {"line", "email", "password", "form_id", "number"}
    assert "geheim" not in str(form.errors)
