"""What the door answers to what no honest browser sends: refused in few words, nothing echoed, nothing kept."""

import gzip
from typing import Annotated
from urllib.parse import quote

import pytest
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response
from fastapi.testclient import TestClient
from pydantic import Field
from sqlalchemy import Engine

from backend.fields import Email, FormModel, Line, Password, Text
from backend.main import create_api
from backend.security import HEADERS, Guard, allow_body
from backend.web import Form, form, read_file
from tests.security.door import Door, endless

URLENCODED = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=grens"}
JSON = {"Content-Type": "application/json"}
SECRET = "hunter2-nooit-tonen"


class Note(FormModel):
    text: Annotated[Text, Field(max_length=200)]
    number: int | None = Field(None, ge=0, le=1000)
    password: Password = ""
    email: Email | None = None


class Strict(FormModel, strict=True, extra="forbid"):
    text: Line
    number: int = Field(ge=0, le=1000)
    share: float = 0


proof = APIRouter()


@proof.get("/proef")
def show(search: Annotated[str, Query(max_length=200)] = "") -> JSONResponse:
    return JSONResponse({"search": search})


@proof.get("/proef/{number}")
def show_one(number: int) -> JSONResponse:
    return JSONResponse({"number": number})


@proof.post("/proef")
def save(note: Annotated[Form[Note], Depends(form(Note))]) -> Response:
    if note.data is None:
        return JSONResponse(note.errors, 422)
    return JSONResponse(note.data.model_dump(exclude={"password"}))


@proof.post("/proef-bestand")
async def keep(request: Request) -> JSONResponse:
    allow_body(request.scope, 2_500_000, "Hoogstens 2 MB.")
    return JSONResponse({"size": len(await read_file(request, "bestand"))})


@proof.post("/proef-json")
def save_json(sent: Strict) -> Response:
    return JSONResponse(sent.model_dump())


@pytest.fixture(scope="module")
def client(engine: Engine) -> TestClient:
    """The application with a few proof routes beside its own."""
    api = create_api(engine)
    api.include_router(proof)
    return TestClient(
        Guard(api), follow_redirects=False, headers={"Sec-Fetch-Site": "same-origin"}, raise_server_exceptions=False
    )  # fmt: skip


def part(name: str, value: bytes, more: str = "") -> bytes:
    return (
        f'--grens\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + value + b"\r\n"
    )


END = b"--grens--\r\n"
FORMS = {
    "an honest form": (200, URLENCODED, b"text=dag"),
    "an honest multipart form": (200, MULTIPART, part("text", "één".encode()) + END),
    "fields that nobody asked for are ignored": (200, URLENCODED, b"text=dag&is_admin=1&status=member&id=7"),
    "emoji and other scripts": (200, URLENCODED, f"text={quote('👩🏽‍🏫 مرحبا Здравей')}".encode()),
    "a text of the largest size": (200, URLENCODED, b"text=" + b"a" * 200),
    "one character more": (422, URLENCODED, b"text=" + b"a" * 201),
    "a field of 990 kB": (422, URLENCODED, b"text=" + b"a" * 990_000),
    "a field of 3 MB": (413, URLENCODED, b"text=" + b"a" * 3_000_000),
    "a part of 3 MB": (413, MULTIPART, part("text", b"a" * 3_000_000) + END),
    "no fields at all": (422, URLENCODED, b""),
    "no body and no type": (422, {}, b""),
    "1,500 fields": (400, URLENCODED, b"&".join(b"f%d=1" % n for n in range(1500))),
    "1,500 parts": (400, MULTIPART, b"".join(part(f"f{n}", b"1") for n in range(1500)) + END),
    "no boundary": (400, {"Content-Type": "multipart/form-data"}, part("text", b"dag") + END),
    "a boundary of 300 bytes": (400, {"Content-Type": "multipart/form-data; boundary=" + "g" * 300}, b"x"),
    "another boundary than announced": (400, {"Content-Type": "multipart/form-data; boundary=x"}, END),
    "cut off in a part": (400, MULTIPART, part("text", b"dag")[:-6]),
    "cut off after a part": (400, MULTIPART, part("text", b"dag")),
    "a part without a name": (400, MULTIPART, b"--grens\r\nX-A: 1\r\n\r\ndag\r\n" + END),
    "a file where none is asked": (400, MULTIPART, part("text", b"dag", '; filename="../../etc/passwd"') + END),
    "bytes that are not UTF-8": (400, URLENCODED, b"text=\xff\xfe"),
    "escaped bytes that are not UTF-8": (400, URLENCODED, b"text=%ff%fe"),
    "an overlong slash": (400, URLENCODED, b"text=%c0%af"),
    "an escaped surrogate": (400, URLENCODED, b"text=%ed%a0%80"),
    "a name that is not UTF-8": (400, URLENCODED, b"text=dag&%ff=1"),
    "a part that is not UTF-8": (400, MULTIPART, part("text", b"\xff\xfe") + END),
    "UTF-16 parts": (400, MULTIPART, part("text", "dag é".encode("utf-16")) + END),
    "UTF-7 parts": (415, {"Content-Type": "multipart/form-data; boundary=grens; charset=utf-7"}, END),
    "NUL in a field": (422, URLENCODED, b"text=dag%00x"),
    "NUL in a field that is not cleaned": (422, URLENCODED, f"text=dag&password={SECRET}%00".encode()),
    "NUL in a name": (422, URLENCODED, b"text=dag&a%00b=1"),
    "NUL in a part": (422, MULTIPART, part("text", b"dag\0x") + END),
    "an escape character": (422, URLENCODED, b"text=dag%1b[31m"),
    "only a zero-width space": (422, URLENCODED, b"text=%e2%80%8b"),
    "300,000 accents on one letter": (422, URLENCODED, b"text=a" + "\u0315\u0300".encode() * 150_000),
    "the same field twice": (422, URLENCODED, b"text=dag&text=avond"),
    "a number too large": (422, URLENCODED, b"text=dag&number=99999999999999999999999"),
    "a number in other digits": (422, URLENCODED, f"text=dag&number={quote('١')}".encode()),
    "no number": (422, URLENCODED, b"text=dag&number=NaN"),
    "two addresses in one": (422, URLENCODED, b"text=dag&email=a@x.be,b@y.be"),
    "an address with a second line": (422, URLENCODED, b"text=dag&email=a@x.be%0d%0aBcc:c@y.be"),
    "a form that says it is JSON": (415, JSON, b'{"text": "dag"}'),
    "a form without a type": (415, {}, b"text=dag"),
    "text": (415, {"Content-Type": "text/plain"}, b"text=dag"),
    "XML": (415, {"Content-Type": "application/xml"}, b"<text>dag</text>"),
    "compressed": (415, URLENCODED | {"Content-Encoding": "gzip"}, gzip.compress(b"text=dag")),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_read_strictly(client: TestClient, name: str) -> None:
    status, headers, body = FORMS[name]
    answer = client.post("/proef", content=body, headers=headers)
    assert answer.status_code == status, answer.text[:1500]
    assert SECRET not in answer.text
    assert "etc/passwd" not in answer.text


AS_FILE = '; filename="../../etc/passwd"'
FILES = {
    "a file": (200, MULTIPART, part("bestand", b"\0\xff binary", AS_FILE) + END),
    "a file beside other fields": (200, MULTIPART, part("text", b"dag") + part("bestand", b"x", AS_FILE) + END),
    "a file larger than other forms may be": (200, MULTIPART, part("bestand", b"a" * 2_400_000, AS_FILE) + END),
    "a file larger than was allowed": (413, MULTIPART, part("bestand", b"a" * 2_600_000, AS_FILE) + END),
    "no file chosen": (200, MULTIPART, part("bestand", b"", '; filename=""') + END),
    "text in the place of a file": (200, MULTIPART, part("bestand", b"dag") + END),
    "a field larger than others may be": (400, MULTIPART, part("text", b"a" * 1_500_000) + END),
    "nothing": (200, {}, b""),
    "two files": (400, MULTIPART, part("bestand", b"a", AS_FILE) + part("ander", b"b", AS_FILE) + END),
    "a file cut off on the way": (400, MULTIPART, part("bestand", b"a" * 50, AS_FILE)),
    "a file without a form": (415, {"Content-Type": "application/zip"}, b"PK"),
    "an ordinary form": (415, URLENCODED, b"bestand=dag"),
    "a form in another alphabet": (415, {"Content-Type": "multipart/form-data; boundary=grens; charset=utf-7"}, END),
    "1,500 parts": (400, MULTIPART, b"".join(part(f"f{n}", b"1") for n in range(1500)) + END),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_taken_only_where_it_is_asked_and_never_by_its_name(client: TestClient, name: str) -> None:
    status, headers, body = FILES[name]
    answer = client.post("/proef-bestand", content=body, headers=headers)
    assert answer.status_code == status, answer.text[:1500]
    assert "etc/passwd" not in answer.text
    if status == 413:
        assert "Hoogstens 2 MB." in answer.text
    if status == 200:
        sizes = {
            "a file": 9,
            "a file beside other fields": 1,
            "a file larger than other forms may be": 2_400_000,
        }
        assert answer.json() == {"size": sizes.get(name, 0)}
    # Negative control: where no file is asked, none of these that holds one is taken.
    assert client.post("/proef", content=body, headers=headers).status_code != 200 or b"filename" not in body


JSONS = {
    "honest": (200, b'{"text": "dag", "number": 5}'),
    "NaN": (422, b'{"text": "dag", "number": 5, "share": NaN}'),
    "NaN for a whole number": (422, b'{"text": "dag", "number": NaN}'),
    "a number beyond any": (422, b'{"text": "dag", "number": 1e400}'),
    "a whole number of 78 bits": (422, b'{"text": "dag", "number": 151115727451828646838272}'),
    "a number in quotes": (422, b'{"text": "dag", "number": "5"}'),
    "false for a number": (422, b'{"text": "dag", "number": false}'),
    "half a surrogate pair": (422, b'{"text": "\\ud800", "number": 5}'),
    "NUL": (422, b'{"text": "a\\u0000b", "number": 5}'),
    "a non-character": (422, b'{"text": "a\\uffff", "number": 5}'),
    "a field that nobody asked for": (422, b'{"text": "dag", "number": 5, "is_admin": true}'),
    "100,000 brackets": (400, b"[" * 100_000),
    "no JSON": (422, f"{{password: {SECRET}".encode()),
    "a secret in the wrong place": (422, f'{{"text": ["{SECRET}"], "number": 5}}'.encode()),
    "nothing": (422, b""),
}


@pytest.mark.parametrize("name", JSONS)
def test_json_is_read_strictly_and_never_echoed(client: TestClient, name: str) -> None:
    status, body = JSONS[name]
    answer = client.post("/proef-json", content=body, headers=JSON)
    assert answer.status_code == status, answer.text[:1500]
    assert SECRET not in answer.text


def test_json_is_not_taken_for_another_type(client: TestClient) -> None:
    answer = client.post(
        "/proef-json", content=b'{"text": "dag", "number": 5}', headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 422


ADDRESSES = {
    "honest": ("/proef?search=Sint-Niklaas+%C3%A9", 200),
    "a tab that was pasted along": ("/proef?search=Gent%09", 200),
    "NUL in the query": ("/proef?search=%00", 400),
    "NUL in the path": ("/proef/%00", 400),
    "a line end in the query": ("/proef?search=a%0d%0aSet-Cookie:+x=1", 400),
    "a line end in the path": ("/proef%0d%0aSet-Cookie:x=1", 400),
    "bytes that are not UTF-8 in the query": ("/proef?search=%ff%fe", 400),
    "bytes that are not UTF-8 in the path": ("/%ff%fe", 400),
    "an overlong dot": ("/static/%c0%ae%c0%ae/app.db", 400),
    "20 kB": ("/" + "a" * 20_000, 414),
    "20 kB of query": ("/proef?search=" + "a" * 20_000, 414),
    "a search of 300 letters": ("/proef?search=" + "a" * 300, 404),
    "the way up": ("/static/..%2fapp.db", 404),
    "the way up, escaped twice": ("/static/%252e%252e%252fapp.db", 404),
    "another site in the path": ("//evil.be/%2e%2e", 404),
    "a number that is none": ("/proef/abc", 404),
    "a number in other digits": (f"/proef/{quote('١')}", 404),
    "a script in the path": ("/proef/<script>alert(1)<%2fscript>", 404),
    "the description of the interface": ("/openapi.json", 404),
    "its pages": ("/docs", 404),
    "its other pages": ("/redoc", 404),
    "the source": ("/.git/config", 404),
    "the settings": ("/.env", 404),
}


@pytest.mark.parametrize("name", ADDRESSES)
def test_an_address_is_read_strictly(client: TestClient, name: str) -> None:
    path, status = ADDRESSES[name]
    answer = client.get(path)
    assert answer.status_code == status, answer.text[:1500]
    assert "<script>alert" not in answer.text
    assert "set-cookie" not in answer.headers


HOSTS = {
    "testserver": 200, "testserver:8000": 200, "TESTSERVER": 200, "127.0.0.1:80": 200, "[::1]:8000": 200,
    "evil.be": 400, "testserver.evil.be": 400, "evil.be:testserver": 400, "testserver:@evil.be": 400,
    "user@testserver": 400, "testserver, evil.be": 400, "testserver:80:80": 400, "testserver:": 400, "[::1": 400,
    "testserver/..": 400, "testserver?": 400, "": 400, "testserver.": 400,
}  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
def test_only_our_own_names_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/proef", headers={"Host": host}).status_code == HOSTS[host]


def test_a_forwarded_host_is_not_believed(client: TestClient) -> None:
    claims = {
        "X-Forwarded-Host": "evil.be",
        "X-Forwarded-Proto": "https",
        "Forwarded": "host=evil.be",
        "X-Host": "evil.be",
    }
    page = client.get("/huisregels", headers=claims)
    assert page.status_code == 200
    assert "evil.be" not in page.text
    assert "evil.be" not in str(client.post("/taal", data={"taal": "en"}, headers=claims).headers)


METHODS = {
    "TRACE": 405,
    "OPTIONS": 405,
    "PUT": 405,
    "PATCH": 405,
    "DELETE": 405,
    "FOO": 405,
    "HEAD": 200,
}


@pytest.mark.parametrize("method", METHODS)
def test_only_three_methods_exist(client: TestClient, method: str) -> None:
    answer = client.request(method, "/proef", headers={"X-HTTP-Method-Override": "DELETE"})
    assert answer.status_code == METHODS[method]
    assert answer.text == "" or method not in answer.text
    assert answer.status_code == 200 or answer.headers["allow"] == "GET, HEAD, POST"


def test_a_wrong_method_on_a_page_says_which_ones_it_has(client: TestClient) -> None:
    answer = client.post("/huisregels", data={"a": "b"})
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


def test_a_monitor_may_ask_for_the_head_of_a_page(client: TestClient) -> None:
    head, whole = client.head("/huisregels"), client.get("/huisregels")
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-type"] == whole.headers["content-type"]


def test_headers_have_a_limit(client: TestClient) -> None:
    assert client.get("/proef", headers={"X-Long": "a" * 20_000}).status_code == 200
    assert client.get("/proef", headers={"X-Long": "a" * 100_000}).status_code == 431
    assert client.get("/proef", headers={"Cookie": "a=" + "b" * 50_000}).status_code == 431


@pytest.mark.parametrize(
    "cookie",
    [
        "ln_session=" + "x" * 4000,
        "ln_session=\x80\xff",
        "ln_flash=a.b; taal=xx",
        "ln_flash=;;=;",
        'taal="',
        "=x",
    ],
)
def test_broken_cookies_are_those_of_a_visitor(client: TestClient, cookie: str) -> None:
    answer = client.get("/huisregels", headers={"Cookie": cookie.encode("latin-1")})
    assert answer.status_code == 200
    assert 'lang="nl-BE"' in answer.text


@pytest.mark.parametrize("language", ["*", "xx", "en;q=abc", "a," * 5000, "\xff"])
def test_a_strange_language_is_dutch(client: TestClient, language: str) -> None:
    answer = client.get("/huisregels", headers={"Accept-Language": language.encode("latin-1")})
    assert 'lang="nl-BE"' in answer.text


# ── what no client library would send, against a server that runs ──


HOST = b"Host: 127.0.0.1\r\n"
FORM = HOST + b"Content-Type: application/x-www-form-urlencoded\r\n"
GET = b"GET /huisregels HTTP/1.1\r\n"
POST = b"POST /taal HTTP/1.1\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
STOWAWAY = b"0\r\n\r\nGET /huisregels HTTP/1.1\r\n" + HOST + b"\r\n"
RAW = {
    "an honest request": (200, GET + HOST),
    "an honest form": (303, POST + FORM + b"Content-Length: 7\r\n\r\ntaal=en"),
    "an honest form in chunks": (303, POST + FORM + CHUNKED + b"\r\n7\r\ntaal=en\r\n0\r\n\r\n"),
    "no host": (400, GET),
    "two hosts": (400, GET + HOST + b"Host: evil.be\r\n"),
    "the same host twice": (400, GET + HOST + HOST),
    "an address with another host": (404, b"GET http://evil.be/nergens HTTP/1.1\r\n" + HOST),
    "an address that is no path": (400, b"GET @evil.be HTTP/1.1\r\n" + HOST),
    "a raw byte in the path": (400, b"GET /\xff HTTP/1.1\r\n" + HOST),
    "a space in the path": (400, b"GET /a b HTTP/1.1\r\n" + HOST),
    "length and chunks": (400, POST + FORM + CHUNKED + b"Content-Length: 4\r\n\r\n" + STOWAWAY),
    "length and chunks, in the other order": (400, POST + FORM + b"Content-Length: 4\r\n" + CHUNKED + b"\r\n" + STOWAWAY),
    "two lengths": (400, POST + FORM + b"Content-Length: 7\r\nContent-Length: 9\r\n\r\ntaal=en"),
    "a list of lengths": (400, POST + FORM + b"Content-Length: 7, 7\r\n\r\ntaal=en"),
    "a negative length": (400, POST + FORM + b"Content-Length: -7\r\n\r\ntaal=en"),
    "a signed length": (400, POST + FORM + b"Content-Length: +7\r\n\r\ntaal=en"),
    "a length beyond any": (400, POST + FORM + b"Content-Length: 99999999999999999999999\r\n\r\n"),
    "a length of 300 MB": (413, POST + FORM + b"Content-Length: 300000000\r\n\r\n"),
    "another encoding than chunks": (400, POST + FORM + b"Transfer-Encoding: xchunked\r\n\r\n" + STOWAWAY),
    "two encodings": (400, POST + FORM + CHUNKED + b"Transfer-Encoding: identity\r\n\r\n" + STOWAWAY),
    "chunks that are not last": (400, POST + FORM + b"Transfer-Encoding: chunked, identity\r\n\r\n" + STOWAWAY),
    "a space before the colon": (400, POST + FORM + b"Transfer-Encoding : chunked\r\n\r\n" + STOWAWAY),
    "a chunk size that is no number": (400, POST + FORM + CHUNKED + b"\r\nzz\r\ntaal=en\r\n0\r\n\r\n"),
    "a chunk size with a sign": (400, POST + FORM + CHUNKED + b"\r\n-7\r\ntaal=en\r\n0\r\n\r\n"),
    "a chunk size beyond any": (400, POST + FORM + CHUNKED + b"\r\nfffffffffffffffff\r\ntaal=en\r\n0\r\n\r\n"),
    "chunks with bare line feeds": (400, POST + FORM + CHUNKED + b"\r\n7\ntaal=en\n0\n\n"),
    "a chunk longer than it says": (400, POST + FORM + CHUNKED + b"\r\n3\r\ntaal=en\r\n0\r\n\r\n"),
    "a header on two lines": (400, GET + HOST + b"X-A: b\r\n c\r\n"),
    "a bare carriage return in a header": (400, GET + HOST + b"X-A: b\rX-B: c\r\n"),
    "NUL in a header": (400, GET + HOST + b"X-A: b\0c\r\n"),
    "a method in lower case": (400, b"get / HTTP/1.1\r\n" + HOST),
    "a method that nobody knows": (400, b"FOO / HTTP/1.1\r\n" + HOST),
    "TRACE": (405, b"TRACE / HTTP/1.1\r\n" + HOST + b"X-Secret: " + SECRET.encode() + b"\r\n"),
    "CONNECT": (400, b"CONNECT evil.be:443 HTTP/1.1\r\n" + HOST),
    "a header of 100 kB": (431, GET + HOST + b"X-A: " + b"a" * 100_000 + b"\r\n"),
    "an address of 20 kB": (414, b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n" + HOST),
    "no HTTP at all": (400, b"\x16\x03\x01\x02\x00\x01\x00"),
}  # fmt: skip


@pytest.mark.parametrize("name", RAW)
def test_the_server_and_the_application_agree_on_where_a_request_ends(door: Door, name: str) -> None:
    status, request = RAW[name]
    if b"\r\n\r\n" not in request:
        request += b"Connection: close\r\n\r\n"
    else:
        request = request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
    assert door.status(request) == status


def test_an_endless_body_is_refused_and_leaves_nothing(door: Door) -> None:
    disk, memory = door.bytes_on_disk(), door.memory()
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=grens", "text/plain"):
        # 0: still sending, so it lost the answer.
        assert door.status(*endless("/taal", kind, megabytes=20)) in (0, 413)
    assert door.bytes_on_disk() == disk
    assert door.memory() - memory < 20_000_000


def test_every_answer_of_the_application_carries_its_headers(door: Door) -> None:
    for start in (
        GET,
        POST,
        b"GET /nergens HTTP/1.1\r\n",
        b"PUT / HTTP/1.1\r\n",
        b"GET /static/manifest.json HTTP/1.1\r\n",
    ):
        head = (
            door.send(start + HOST + b"Connection: close\r\n\r\n").partition(b"\r\n\r\n")[0].decode().lower()
        )
        assert all(f"{name.lower()}: " in head for name in HEADERS), head
