# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests mdev.Error and its subclasses."""
import errno
import pickle
import uuid

import pytest

import mdev
from mdev import _errors

U = uuid.UUID("11111111-2222-3333-4444-5555555555ab")
BASES = {
    "not_defined": FileNotFoundError,
    "not_active": FileNotFoundError,
    "already_defined": FileExistsError,
    "already_active": FileExistsError,
    "no_such_parent": FileNotFoundError,
    "no_such_type": FileNotFoundError,
    "no_instance_left": OSError,
    "ambiguous": OSError,
    "invalid_name": ValueError,
    "invalid_definition": ValueError,
    "invalid_index": IndexError,
    "callout_rejected": PermissionError,
    "not_supported": OSError,
    "timed_out": TimeoutError,
    "partial_failure": OSError,
    "incomplete": ValueError,
    "lock_held": OSError,
    "cancelled": OSError,
    "in_use": OSError,
}


@pytest.mark.parametrize("code", mdev.Errc, ids=lambda code: code.name)
def test_each_code_has_an_exception_of_its_name(code):
    name = "".join(word.capitalize() for word in code.name.split("_"))
    cls = getattr(mdev, name)

    error = _errors.from_library(code.value, 0, "subject", "A sentence")

    assert type(error) is cls
    assert issubclass(cls, (mdev.Error, OSError))
    assert isinstance(error, BASES[code.name])
    assert (error.code, cls.code) == (code, code)
    assert error.errno in errno.errorcode
    assert error.subject == "subject"
    assert str(error) == error.strerror == "A sentence"


def test_the_kernels_number_comes_first():
    error = _errors.from_library(
        mdev.Errc.not_active.value, errno.ENODEV, "/sys/x", "gone")

    assert error.errno == errno.ENODEV
    assert error.filename == "/sys/x"
    assert str(error) == "gone"


@pytest.mark.parametrize("number, base", [
    (errno.ENOENT, FileNotFoundError), (errno.EACCES, PermissionError),
    (errno.EPERM, PermissionError), (errno.EEXIST, FileExistsError),
    (errno.EISDIR, IsADirectoryError), (errno.ENOTDIR, NotADirectoryError),
    (errno.EAGAIN, BlockingIOError), (errno.ETIMEDOUT, TimeoutError),
    (errno.EIO, OSError), (errno.EBUSY, OSError)])
def test_other_errors_of_the_kernel_have_pythons_classes(number, base):
    error = _errors.from_library(None, number, "x", "Cannot")

    assert isinstance(error, mdev.Error)
    assert isinstance(error, base)
    assert (error.errno, error.code) == (number, None)


def test_a_code_of_a_newer_library_is_also_an_error():
    error = _errors.from_library(9999, 0, "x", "Cannot")

    assert type(error) is mdev.Error
    assert error.code is None


def test_errors_are_pickled_with_all_values():
    with pytest.raises(mdev.InvalidDefinition) as caught:
        mdev.Definition.from_json("", U, "mtty", source="/there")

    back = pickle.loads(pickle.dumps(caught.value))

    assert type(back) is mdev.InvalidDefinition
    assert str(back) == str(caught.value)
    assert (back.code, back.subject, back.filename, back.errno) == (
        mdev.Errc.invalid_definition, "/there", "/there", errno.EINVAL)


def test_a_program_may_raise_them_itself():
    assert str(mdev.NotDefined("not there")) == "not there"
    assert mdev.NotDefined("x").code is mdev.Errc.not_defined
    assert mdev.NotDefined("x").subject == ""


def test_a_sentence_of_arbitrary_bytes_is_preserved(root):
    with pytest.raises(mdev.InvalidName) as caught:
        mdev.ParentDevice.find("a/\udcff", root.env)

    assert caught.value.subject == "a/\udcff"
    assert "\udcff" in str(caught.value)


def test_the_kernel_may_refuse(root):
    (root.path / "etc").write_text("in the way")

    with pytest.raises(NotADirectoryError) as caught:
        mdev.ConfigStore(root.env).lock()

    assert isinstance(caught.value, mdev.Error)
    assert caught.value.filename.startswith(str(root.path))
