import io
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import fsspec
import pyarrow as pa
import pytest
from pyarrow import parquet

from mmaudit.errors import InputError, MissingError, UsageError
from mmaudit.manifest import _web, locate, remote
from mmaudit.manifest.load import load
from mmaudit.manifest.write import write
from mmaudit.stores import cache as stores
from mmaudit.stores import urls

TABLE = "id,text\n{},hello there my friend\n"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MMAUDIT_HOSTS", "127.0.0.1")
    return stores.folder(remote.SOURCES)


@pytest.fixture
def memory():
    files = fsspec.filesystem("memory")
    files.store.clear()
    yield files
    files.store.clear()
    files.pseudo_dirs[:] = [""]


class Web:
    """What a server on this machine has, how it was asked, and how it answers."""

    def __init__(self):
        self.files, self.asked, self.sent = {}, [], 0
        self.etag, self.cut, self.moved = True, False, {}
        self.url = ""


@contextmanager
def served():
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            web.asked.append(self.path)
            if self.path in web.moved:
                self.send_response(302)
                self.send_header("Location", web.moved[self.path])
                self.end_headers()
                return
            content = web.files.get(self.path)
            if content is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            if web.etag:
                self.send_header("ETag", f'"{hash(content)}"')
            self.end_headers()
            try:
                self.wfile.write(content[: len(content) // 2] if web.cut else content)
            except ConnectionError:
                return  # who has the file already hangs up
            web.sent += 1

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    web.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def web():
    with served() as found:
        yield found


def ids(path, folder):
    return locate.opened(path, folder).reader.column("id").to_pylist()


def left(cache):
    return sorted(p.name for p in cache.rglob("*") if p.is_file())


def test_a_table_on_a_web_server_is_read(web, tmp_path):
    sink = io.BytesIO()
    parquet.write_table(pa.table({"id": ["a", "b"]}), sink)
    web.files["/set/train.parquet?download=true"] = sink.getvalue()
    assert ids(f"{web.url}/set/train.parquet?download=true", tmp_path) == ["a", "b"]


def test_a_file_is_kept_while_it_stays_the_same(web, tmp_path, cache):
    web.files["/a.csv"] = TABLE.format("one").encode()
    first = remote.fetch(f"{web.url}/a.csv")
    before = first.path.stat().st_mtime_ns
    assert remote.fetch(f"{web.url}/a.csv") == first
    assert first.path.stat().st_mtime_ns == before
    web.files["/a.csv"] = TABLE.format("two").encode()
    assert ids(f"{web.url}/a.csv", tmp_path) == ["two"]
    assert first.path.read_text() == TABLE.format("one")
    assert len(web.asked) == 3
    assert left(cache) == ["a.csv", "a.csv"]


def test_without_a_version_it_is_fetched_each_time(web, tmp_path):
    web.etag = False
    for name in ("one", "two", "two"):  # of one size: nothing but the content tells them apart
        web.files["/a.csv"] = TABLE.format(name).encode()
        assert ids(f"{web.url}/a.csv", tmp_path) == [name]
    assert web.sent == 3


def test_a_version_that_a_run_began_with_is_read_to_its_end(web):
    url = f"{web.url}/a.csv"
    web.files["/a.csv"] = b"one"
    first = remote.fetch(url)
    web.files["/a.csv"] = b"two"
    assert remote.fetch(url, {url: first.version}).path.read_bytes() == b"one"
    assert len(web.asked) == 1
    first.path.unlink()
    with pytest.raises(MissingError, match="changed while it was in use"):
        remote.fetch(url, {url: first.version})


def test_braces_are_expanded_and_a_pattern_is_refused(web, tmp_path):
    for i in (9, 10):
        web.files[f"/c-{i:02}.csv"] = TABLE.format(i).encode()
    assert ids(f"{web.url}/c-{{09..10}}.csv", tmp_path) == ["9", "10"]
    with pytest.raises(UsageError, match="does not say what files it has"):
        ids(f"{web.url}/c-*.csv", tmp_path)


def test_what_is_not_there_is_missing_and_nothing_is_kept(web, tmp_path, cache):
    with pytest.raises(MissingError, match="404") as caught:
        ids(f"{web.url}/a.csv?signature=secret", tmp_path)
    assert caught.value.exit_code == 4
    assert caught.value.where == f"{web.url}/a.csv"
    assert left(cache) == []


def test_a_file_that_is_cut_off_is_refused_and_not_kept(web, tmp_path, cache):
    web.files["/a.csv"] = TABLE.format("one").encode()
    web.cut = True
    with pytest.raises(MissingError, match="cut off after 17 of 34 bytes"):
        ids(f"{web.url}/a.csv", tmp_path)
    assert left(cache) == []


def test_a_server_that_is_not_there_is_missing(tmp_path):
    with served() as web:
        url = web.url
    with pytest.raises(MissingError, match="cannot be fetched") as caught:
        ids(f"{url}/a.csv", tmp_path)
    assert caught.value.where == f"{url}/a.csv"


def test_other_schemes_are_listed_and_fetched(memory, tmp_path):
    for name in ("/d/b-1.csv", "/d/b-0.csv", "/d/c.csv"):
        memory.pipe_file(name, TABLE.format(name).encode())
    memory.pipe_file("/d/readme.md", b"#")
    assert ids("memory://d/b-*.csv", tmp_path) == ["/d/b-0.csv", "/d/b-1.csv"]
    assert ids("memory://d/{c,b-1}.csv", tmp_path) == ["/d/c.csv", "/d/b-1.csv"]
    assert ids("memory://d", tmp_path) == ["/d/b-0.csv", "/d/b-1.csv", "/d/c.csv"]
    assert ids("memory://d/", tmp_path) == ["/d/b-0.csv", "/d/b-1.csv", "/d/c.csv"]


def test_a_file_of_another_scheme_that_changed_is_fetched_again(memory, tmp_path):
    for name in ("one", "two"):
        memory.pipe_file("/a.csv", TABLE.format(name).encode())
        assert ids("memory://a.csv", tmp_path) == [name]


def test_what_another_scheme_does_not_have_is_missing(memory, tmp_path):
    memory.pipe_file("/d/a.jpg", b"")
    for path in ("memory://a.csv", "memory://d/x*.csv"):
        with pytest.raises(MissingError, match="no such file") as caught:
            ids(path, tmp_path)
        assert caught.value.where == path
    with pytest.raises(InputError, match="no data file"):
        ids("memory://d", tmp_path)


def test_a_file_url_is_the_file_itself(tmp_path, cache):
    (tmp_path / "a b.csv").write_text(TABLE.format("one"))
    located = locate.opened((tmp_path / "a b.csv").as_uri(), tmp_path / "elsewhere")
    assert located.reader.column("id").to_pylist() == ["one"]
    assert located.root == tmp_path
    assert left(cache) == []


def test_urls_that_cannot_be_meant_are_refused(tmp_path):
    for url, what in {
        "file://data/a.csv": "names the host 'data'",
        "http://[1/a.csv": "not a URL",
        "htps3://a/a.csv": "no scheme 'htps3'",
        "http://me:pass@host/a.csv": "with a user or a password",
        "zip://a.csv::memory://a.zip": "URL inside a URL",
    }.items():
        with pytest.raises(UsageError, match=what):
            ids(url, tmp_path)


def test_a_scheme_without_its_package_says_what_to_install(tmp_path):
    fsspec.register_implementation("mmtest", "mmaudit_no_such_package.Files", clobber=True)
    with pytest.raises(MissingError, match="mmtest:// needs the package") as caught:
        ids("mmtest://bucket/a.csv", tmp_path)
    assert caught.value.fix == "pip install mmaudit_no_such_package"


def test_errors_do_not_tell_secrets():
    assert urls.shown("https://me:pass@host/a.csv?token=1#x") == "https://host/a.csv"


def test_no_room_is_said(web, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    web.files["/a.csv"] = b"id\n1\n"
    with pytest.raises(MissingError, match="no room for a fetched file") as caught:
        ids(f"{web.url}/a.csv", tmp_path)
    assert "XDG_CACHE_HOME" in caught.value.fix


def test_a_manifest_is_inferred_and_written_for_a_url(web, tmp_path):
    web.files["/visits.csv"] = TABLE.format("one").encode()
    url = f"{web.url}/visits.csv"
    manifest = load(url)
    assert (manifest.name, manifest.source.path) == ("visits", url)
    written = write(url, tmp_path / "dataset.toml")
    assert load(tmp_path / "dataset.toml").source.path == url
    assert written.at == url
    with pytest.raises(UsageError, match="not read over the network"):
        load(f"{web.url}/dataset.toml")


def test_an_address_inside_this_network_is_asked_only_where_a_person_allows_it(
    web, tmp_path, monkeypatch
):
    web.files["/a.csv"] = TABLE.format("one").encode()
    monkeypatch.delenv("MMAUDIT_HOSTS")
    for host in ("127.0.0.1", "localhost"):
        with pytest.raises(InputError, match="inside this network") as caught:
            ids(web.url.replace("127.0.0.1", host) + "/a.csv", tmp_path)
        assert f"MMAUDIT_HOSTS={host}" in caught.value.fix
    assert web.asked == []


def test_a_server_may_lead_to_itself_and_not_to_another_host(web, tmp_path, monkeypatch):
    web.files["/a.csv"] = TABLE.format("one").encode()
    web.moved = {
        "/old.csv": "/a.csv",
        "/away.csv": f"{web.url}/a.csv".replace("127.0.0.1", "localhost"),
    }
    assert ids(f"{web.url}/old.csv", tmp_path) == ["one"]
    with pytest.raises(InputError, match="leads to another host, localhost"):
        ids(f"{web.url}/away.csv", tmp_path)
    monkeypatch.setenv("MMAUDIT_HOSTS", "127.0.0.1,localhost")
    assert ids(f"{web.url}/away.csv", tmp_path) == ["one"]
    web.moved["/file.csv"] = "file:///etc/passwd"
    with pytest.raises(MissingError, match="not allowed"):
        ids(f"{web.url}/file.csv", tmp_path)


def test_a_download_is_bounded_in_bytes_and_in_time(web, tmp_path, cache, monkeypatch):
    web.files["/a.csv"] = TABLE.format("one").encode()
    monkeypatch.setenv("MMAUDIT_MAX_DOWNLOAD", "33")
    with pytest.raises(
        InputError, match=r"34 bytes or more, more than 33 \(MMAUDIT_MAX_DOWNLOAD\)"
    ) as caught:
        ids(f"{web.url}/a.csv", tmp_path)
    assert "MMAUDIT_MAX_DOWNLOAD" in caught.value.fix
    assert left(cache) == []
    monkeypatch.delenv("MMAUDIT_MAX_DOWNLOAD")
    pace = _web.Pace("https://slow", None)
    pace._began -= 100.0
    with pytest.raises(InputError, match="less than 10,000 bytes a second"):
        pace.check(399_000)
    pace.check(500_000)
