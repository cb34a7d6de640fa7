"""Files of strangers are read only where they are ordinary, inside their folder and not too large."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from corridors.files import UnsuitableFile, read_bytes, read_text


def test_an_ordinary_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1\r\n2")
    assert read_bytes(tmp_path / "a", inside=tmp_path, most=4) == b"1\r\n2"


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbf{}\r\n")
    assert read_text(tmp_path / "a") == "{}\r\n"


def test_other_encodings_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes("Актау".encode("cp1251"))
    with pytest.raises(UnicodeDecodeError):
        read_text(tmp_path / "a")


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    with pytest.raises(UnsuitableFile, match="larger than 4 bytes"):
        read_bytes(tmp_path / "a", most=4)


def test_a_named_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a")
    with pytest.raises(UnsuitableFile, match="a named pipe, not an ordinary file"):
        read_bytes(tmp_path / "a")


def test_a_device_is_refused() -> None:
    with pytest.raises(UnsuitableFile, match="a device, not an ordinary file"):
        read_bytes(Path("/dev/zero"))


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # names of sockets are short
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("a")
        with pytest.raises(OSError, match="a"):
            read_bytes(tmp_path / "a")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsuitableFile, match="a folder, not an ordinary file"):
        read_bytes(tmp_path)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    package = tmp_path / "package"
    package.mkdir()
    (package / "LICENSE.md").symlink_to(tmp_path / "secret")
    with pytest.raises(UnsuitableFile, match="a link to a file outside"):
        read_bytes(package / "LICENSE.md", inside=package)
    (package / "inner").symlink_to(tmp_path)
    with pytest.raises(UnsuitableFile, match="a link to a file outside"):
        read_bytes(package / "inner" / "secret", inside=package)


def test_a_linked_folder_and_links_inside_it_are_read(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "a").write_text("1")
    (package / "b").symlink_to("a")
    (tmp_path / "door").symlink_to(package)
    assert read_bytes(tmp_path / "door" / "b", inside=tmp_path / "door") == b"1"


def test_errors_name_the_file_as_it_was_given(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        read_bytes(tmp_path / "missing")
    assert caught.value.filename == str(tmp_path / "missing")
    with pytest.raises(UnsuitableFile, match="NUL"):
        read_bytes(tmp_path / "a\0b")
