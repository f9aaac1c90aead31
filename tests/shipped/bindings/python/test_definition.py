# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests Definition, and the conversion of values."""
import copy
import json
import pathlib
import pickle
import sys
import uuid

import pytest

import mdev
from mdev import StartMode

U = uuid.UUID("11111111-2222-3333-4444-5555555555ab")


def definition(**others):
    return mdev.Definition(U, "mtty", "mtty-1", **others)


def test_a_definition_has_its_arguments():
    made = definition(start=StartMode.automatic,
                      attributes=[("a", "1"), ("a", "2")])

    assert made.uuid == U
    assert isinstance(made.uuid, uuid.UUID)
    assert made.parent == "mtty"
    assert made.type_id == "mtty-1"
    assert made.start is StartMode.automatic
    assert made.attributes == [("a", "1"), ("a", "2")]


def test_a_definition_starts_manually_without_attributes_by_default():
    assert definition().start is StartMode.manual
    assert definition().attributes == []


@pytest.mark.parametrize("spelling", [
    str(U), str(U).upper(), U.hex, f"{{{U}}}", f"urn:uuid:{U}"])
def test_a_uuid_may_be_a_text(spelling):
    assert mdev.Definition(spelling, "p", "t").uuid == U


@pytest.mark.parametrize("text", [
    "", "x", str(U)[:-1], str(U) + "0", str(U).replace("-", "_"), "../" * 12,
    "\0", "\udcff", "١" * 32])
def test_text_that_is_not_a_uuid_is_a_value_error(text):
    with pytest.raises(ValueError, match="badly formed UUID"):
        mdev.Definition(text, "p", "t")


def test_foreign_uuids_keep_every_bit():
    for number in (0, 2**128 - 1, 1 << 127, 0x0123456789abcdef << 64):
        foreign = uuid.UUID(int=number)
        assert mdev.Definition(foreign, "p", "t").uuid == foreign


class LyingUuid(uuid.UUID):
    @property
    def bytes(self):
        return b"short"


@pytest.mark.parametrize("wrong", [
    None, 1, 1.5, U.bytes, [U], object(), LyingUuid(int=1)])
def test_neither_uuid_nor_str_is_a_type_error(wrong):
    with pytest.raises(TypeError):
        mdev.Definition(wrong, "p", "t")


@pytest.mark.parametrize("wrong", [None, 1, b"mtty", ["mtty"], pathlib.Path()])
def test_names_are_str(wrong):
    with pytest.raises(TypeError):
        mdev.Definition(U, wrong, "t")
    with pytest.raises(TypeError):
        mdev.Definition(U, "p", wrong)
    with pytest.raises(TypeError):
        definition().type_id = wrong


@pytest.mark.parametrize("name", [
    "", ".", "..", "a/b", "/", "../x", "a\0b", "x" * 300])
def test_names_that_could_leave_their_directory_are_refused(name):
    made = definition()
    for attempt in (lambda: mdev.Definition(U, name, "t"),
                    lambda: mdev.Definition(U, "p", name),
                    lambda: setattr(made, "type_id", name)):
        with pytest.raises(mdev.InvalidName) as caught:
            attempt()
        assert isinstance(caught.value, ValueError)
    assert made == definition()


@pytest.mark.parametrize("name", ["", "/a", "a//b", "../a", "a/..", "a\0"])
def test_attribute_names_stay_below_the_device(name):
    made = definition(attributes=[("power/control", "on")])
    for attempt in (lambda: made.append_attribute(name, "1"),
                    lambda: made.insert_attribute(0, name, "1"),
                    lambda: setattr(made, "attributes", [(name, "1")]),
                    lambda: definition(attributes=[(name, "1")])):
        with pytest.raises(mdev.InvalidName):
            attempt()
    assert made.attributes == [("power/control", "on")]


@pytest.mark.parametrize("wrong", [
    None, 1, "ab", b"ab", {"a": "1"}, ["ab"], [("a",)], [("a", "1", "2")],
    [("a", 1)], [(b"a", "1")], [None], [{"a", "b"}]])
def test_attributes_are_pairs_of_str(wrong):
    with pytest.raises(TypeError):
        definition(attributes=wrong)
    with pytest.raises(TypeError):
        definition().attributes = wrong


def test_attributes_may_be_any_iterable_of_pairs():
    made = definition(attributes=(pair for pair in (["a", "1"], ("b", "2"))))

    assert made.attributes == [("a", "1"), ("b", "2")]


def test_the_exception_of_an_iterator_is_raised():
    def pairs():
        yield ("a", "1")
        raise KeyError("b")

    with pytest.raises(KeyError):
        definition(attributes=pairs())


def test_changing_the_list_of_attributes_changes_nothing_else():
    made = definition(attributes=[("a", "1")])

    made.attributes.append(("b", "2"))

    assert made.attributes == [("a", "1")]


def test_attributes_can_be_changed_one_by_one():
    made = definition()

    made.append_attribute("b", "2")
    made.insert_attribute(0, "a", "1")
    made.insert_attribute(2, "c", "3")
    made.erase_attribute(1)

    assert made.attributes == [("a", "1"), ("c", "3")]


@pytest.mark.parametrize("index", [-1, 1, sys.maxsize])
def test_an_index_beyond_the_attributes_is_an_index_error(index):
    made = definition()
    with pytest.raises(mdev.InvalidIndex) as caught:
        made.erase_attribute(index)
    assert isinstance(caught.value, IndexError)
    with pytest.raises(mdev.InvalidIndex):
        made.insert_attribute(index, "a", "1")


@pytest.mark.parametrize("index", [None, "0", 0.5, 2**80])
def test_an_index_is_an_int(index):
    with pytest.raises(TypeError):
        definition().erase_attribute(index)


def test_bytes_of_the_kernel_are_preserved():
    assert mdev.Definition(U, "p\udcff", "t").parent == "p\udcff"


def test_the_contents_of_a_file_are_text():
    for attempt in (lambda: mdev.Definition(U, "p", "t\udcff"),
                    lambda: definition(attributes=[("a", "\udc80")]),
                    lambda: definition(attributes=[("a", "\0")])):
        with pytest.raises((mdev.InvalidDefinition, mdev.InvalidName)):
            attempt()


def test_a_surrogate_without_a_byte_is_a_value_error():
    with pytest.raises(ValueError):
        mdev.Definition(U, "\ud800", "t")


def test_properties_have_types():
    for wrong in (None, 1, "automatic", mdev.LogLevel.warning):
        with pytest.raises(TypeError):
            definition().start = wrong
        with pytest.raises(TypeError):
            definition(start=wrong)


def test_read_only_properties_cannot_be_set():
    made = definition()
    for name in ("uuid", "parent", "to_json", "surprise"):
        with pytest.raises(AttributeError):
            setattr(made, name, "x")


def test_json_is_written_and_read():
    made = definition(start=StartMode.automatic, attributes=[("a", "ä")])

    back = mdev.Definition.from_json(made.to_json(), U, "mtty")

    assert json.loads(made.to_json()) == {
        "mdev_type": "mtty-1", "start": "auto", "attrs": [{"a": "ä"}]}
    assert back == made


def test_the_error_of_invalid_json_names_its_source():
    for text in ("", "[]", '{"mdev_type": 1}', '{"mdev_type": "a/b"}'):
        with pytest.raises(mdev.InvalidDefinition, match="here") as caught:
            mdev.Definition.from_json(text, U, "mtty", source="here")
        assert isinstance(caught.value, ValueError)
        assert caught.value.code is mdev.Errc.invalid_definition


def test_a_file_is_read(tmp_path):
    file = tmp_path / "d.json"
    file.write_text('{"mdev_type": "mtty-2", "start": "auto"}')

    for spelled in (file, str(file)):
        read = mdev.Definition.from_file(spelled, U, "mtty")
        assert read.type_id == "mtty-2"


def test_a_missing_file_is_not_found(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        mdev.Definition.from_file(tmp_path / "none", U, "mtty")
    assert isinstance(caught.value, mdev.Error)
    assert caught.value.filename == str(tmp_path / "none")


@pytest.mark.parametrize("wrong", [None, 1, object(), "a\0b"])
def test_a_path_is_a_path(wrong):
    with pytest.raises((TypeError, ValueError)):
        mdev.Definition.from_file(wrong, U, "mtty")


def test_equal_definitions_are_equal():
    assert definition() == definition()
    assert definition() != definition(attributes=[("a", "1")])
    assert definition() != mdev.Definition(U, "other", "mtty-1")
    assert definition() != 1
    assert definition() != None  # noqa: E711, what == says is the question


def test_unknown_members_make_a_difference():
    text = '{"mdev_type": "mtty-1", "start": "manual", "x": 1, "attrs": []}'
    assert mdev.Definition.from_json(text, U, "mtty") != definition()


def test_a_definition_changes_and_so_has_no_hash():
    with pytest.raises(TypeError, match="unhashable"):
        hash(definition())


@pytest.mark.parametrize("copied", [
    copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies_are_equal_and_independent(copied):
    made = definition(attributes=[("a", "1")])

    other = copied(made)
    assert other == made
    other.append_attribute("b", "2")

    assert other != made


def test_repr_has_the_values():
    assert repr(definition(attributes=[("a", "1")])) == (
        f"mdev.Definition('{U}', 'mtty', 'mtty-1', start=StartMode.manual, "
        "attributes=[('a', '1')])")


def test_a_list_as_json_equals_the_output_of_mdevctl():
    assert json.loads(mdev.Definition.list_to_json([])) == []
    assert json.loads(mdev.Definition.list_to_json([definition()])) == [
        {"mtty": [{str(U): {"mdev_type": "mtty-1", "start": "manual",
                            "attrs": []}}]}]


@pytest.mark.parametrize("wrong", [None, 1, "x", [None], definition(), [U]])
def test_a_list_as_json_takes_definitions(wrong):
    with pytest.raises(TypeError):
        mdev.Definition.list_to_json(wrong)


def test_a_spec_has_its_arguments():
    spec = mdev.DeviceSpec(U, "mtty", "mtty-1", StartMode.automatic)

    assert (spec.uuid, spec.parent, spec.type_id) == (U, "mtty", "mtty-1")
    assert spec.start is StartMode.automatic
    assert repr(spec) == (
        f"mdev.DeviceSpec('{U}', 'mtty', 'mtty-1', start=StartMode.automatic)")


def test_a_spec_specifies_nothing_by_default():
    spec = mdev.DeviceSpec()

    assert spec.uuid is spec.parent is spec.type_id is None
    assert spec.start is StartMode.manual
    assert repr(spec) == (
        "mdev.DeviceSpec(None, None, None, start=StartMode.manual)")


def test_specs_are_immutable_values():
    spec = mdev.DeviceSpec(str(U), type_id="t\udcff")

    assert spec == mdev.DeviceSpec(uuid=U, type_id="t\udcff")
    assert spec != mdev.DeviceSpec(U) and spec != U
    assert len({spec, mdev.DeviceSpec(U, None, "t\udcff")}) == 1
    for name in ("uuid", "parent", "type_id", "start", "surprise"):
        with pytest.raises(AttributeError):
            setattr(spec, name, None)


def test_arguments_of_a_spec_have_types():
    for given in ({"uuid": 1}, {"parent": b"p"}, {"type_id": 1},
                  {"start": None}, {"start": "auto"}, {"type": "t"}):
        with pytest.raises(TypeError):
            mdev.DeviceSpec(**given)
    with pytest.raises(ValueError):
        mdev.DeviceSpec("x")


def test_an_object_without_init_is_a_type_error():
    for made_by in (mdev.Environment, mdev.Definition, mdev.Device,
                    mdev.MdevType, mdev.ParentDevice, mdev.Event):
        with pytest.raises(TypeError):
            repr(made_by.__new__(made_by))
    half = mdev.Definition.__new__(mdev.Definition)
    for attempt in (lambda: half.to_json(), lambda: half == definition(),
                    lambda: copy.copy(half), lambda: pickle.dumps(half),
                    lambda: mdev.Definition.list_to_json([half])):
        with pytest.raises(TypeError):
            attempt()


def test_a_subclass_without_init_is_a_type_error():
    class Forgetful(mdev.Definition):
        def __init__(self):  # pylint: disable=super-init-not-called
            pass

    with pytest.raises(TypeError):
        Forgetful()


def test_classes_of_results_cannot_be_created():
    for cls in (mdev.Device, mdev.MdevType, mdev.ParentDevice, mdev.Event,
                mdev.CalloutResult, mdev.StoreLock):
        with pytest.raises(TypeError):
            cls()
