# SPDX-License-Identifier: LGPL-2.1-or-later
"""ConfigStore and StoreLock."""
import errno
import os
import uuid

import pytest

import mdev

U = uuid.UUID("11111111-2222-3333-4444-5555555555ab")
V = uuid.UUID("11111111-2222-3333-4444-5555555555cd")


@pytest.fixture
def store(root):
    return mdev.ConfigStore(root.env)


def definition(which=U, parent="mtty", **others):
    return mdev.Definition(which, parent, "mtty-1", **others)


def test_an_empty_store_has_nothing(store):
    assert store.all() == list(store) == []
    assert store.of_parent("mtty") == []
    assert store.of_uuid(U) == []
    assert store.parents_of(U) == []
    assert store.find(U, "mtty") is None


def test_an_added_definition_is_found(store):
    with store.lock() as lock:
        for one in (definition(V), definition(), definition(parent="a")):
            store.add(one, lock)

    assert store.all() == [definition(parent="a"), definition(), definition(V)]
    assert list(store) == store.all()
    assert store.of_parent("mtty") == [definition(), definition(V)]
    assert store.of_uuid(str(U)) == [definition(parent="a"), definition()]
    assert store.parents_of(U) == ["a", "mtty"]
    assert store.find(V, "mtty") == definition(V)


def test_adding_twice_is_refused_and_saving_is_not(store):
    changed = definition(attributes=[("a", "1")])
    with store.lock() as lock:
        store.add(definition(), lock)
        with pytest.raises(mdev.AlreadyDefined) as caught:
            store.add(changed, lock)
        assert store.find(U, "mtty") == definition()
        store.save(changed, lock)

    assert isinstance(caught.value, FileExistsError)
    assert caught.value.subject == str(U)
    assert store.find(U, "mtty") == changed


def test_erasing_returns_whether_the_definition_existed(store):
    with store.lock() as lock:
        store.add(definition(), lock)
        assert store.erase(U, "mtty", lock) is True
        assert store.erase(U, "mtty", lock) is False

    assert store.all() == []


def test_a_definition_has_a_path(store, root):
    assert store.path(U, "mtty") == (
        root.env.definitions_directory / "mtty" / str(U))


def test_a_broken_file_is_an_error_that_names_it(store, root):
    root.define(str(U), "mtty", "{")

    assert store.all() == []
    with pytest.raises(mdev.InvalidDefinition) as caught:
        store.find(U, "mtty")

    assert caught.value.subject == str(store.path(U, "mtty"))
    assert caught.value.filename == caught.value.subject


def test_the_lock_of_another_store_is_refused(store, tmp_path):
    other = mdev.ConfigStore(mdev.Environment(tmp_path / "other"))
    with other.lock() as lock, pytest.raises(mdev.Error) as caught:
        store.add(definition(), lock)

    assert caught.value.errno == errno.EINVAL
    assert store.all() == []


def test_the_lock_excludes_others_until_it_is_released(root, store):
    impatient = mdev.ConfigStore(root.env.with_lock_timeout(0))
    with store.lock() as lock:
        assert lock.is_held
        with pytest.raises(mdev.TimedOut) as caught:
            impatient.lock()
        assert isinstance(caught.value, TimeoutError)

    assert not lock.is_held
    impatient.lock().release()


def test_the_lock_ends_with_an_exception(root, store):
    with pytest.raises(KeyError):
        with store.lock():
            raise KeyError

    mdev.ConfigStore(root.env.with_lock_timeout(0)).lock()


def test_the_lock_ends_when_it_is_deleted(root, store):
    lock = store.lock()
    del lock

    mdev.ConfigStore(root.env.with_lock_timeout(0)).lock()


def test_releasing_twice_is_harmless(store):
    lock = store.lock()
    lock.release()
    lock.release()

    assert not lock.is_held


def test_a_released_lock_cannot_be_used(store):
    with store.lock() as lock:
        pass

    for attempt in (lambda: store.add(definition(), lock),
                    lambda: store.save(definition(), lock),
                    lambda: store.erase(U, "mtty", lock),
                    lock.__enter__):
        with pytest.raises(ValueError, match="released"):
            attempt()
    assert store.all() == []


def test_arguments_have_their_types(store, root):
    lock = store.lock()
    for wrong in (None, 1, b"mtty"):
        for attempt in (lambda: store.of_parent(wrong),
                        lambda: store.find(U, wrong),
                        lambda: store.find(wrong, "mtty"),
                        lambda: store.of_uuid(wrong),
                        lambda: store.parents_of(wrong),
                        lambda: store.path(U, wrong),
                        lambda: store.add(wrong, lock),
                        lambda: store.save(definition(), wrong),
                        lambda: store.erase(U, wrong, lock),
                        lambda: mdev.ConfigStore(wrong)):
            with pytest.raises(TypeError):
                attempt()
    assert os.listdir(root.env.definitions_directory) == [".lock"]


@pytest.mark.parametrize("name", ["", "..", "a/b", ".hidden", "scripts.d"])
def test_bad_names_of_parents_are_refused(store, name):
    with store.lock() as lock:
        for attempt in (lambda: store.of_parent(name),
                        lambda: store.find(U, name),
                        lambda: store.path(U, name),
                        lambda: store.erase(U, name, lock)):
            with pytest.raises(mdev.InvalidName):
                attempt()
