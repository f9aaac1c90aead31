# SPDX-License-Identifier: LGPL-2.1-or-later
"""CalloutEngine, CalloutResult and test_script()."""
import json
import uuid

import pytest

import mdev
from mdev import CalloutAction, CalloutEvent, CalloutState

U = uuid.UUID("11111111-2222-3333-4444-5555555555ab")
V = uuid.UUID("11111111-2222-3333-4444-5555555555cd")
PRE_START = (CalloutEvent.pre, CalloutAction.start)


def definition(which=U):
    return mdev.Definition(which, "mtty", "mtty-1")


def test_without_scripts_there_is_no_answer(root):
    engine = mdev.CalloutEngine(root.env)

    assert engine.has_scripts is False
    assert engine.versioned_script(definition()) is None
    assert engine.run(*PRE_START, definition()) is None
    assert engine.post(None, CalloutAction.start, CalloutState.success,
                       definition()) is None
    assert engine.notify(CalloutAction.start, CalloutState.success,
                         definition()) == []
    assert engine.attributes(definition()) == []


def test_a_script_answers(root):
    path = root.script('echo out; printf "err\\377" >&2; exit 1')

    result = mdev.CalloutEngine(root.env).run(*PRE_START, definition())

    assert result.script == path
    assert result.is_accepted is False
    assert result.exit_status == 1
    assert result.reason == "it exited with status 1"
    assert result.output == "out\n"
    assert result.errors == "err\udcff"
    assert repr(result) == (
        f"<mdev.CalloutResult {path}: it exited with status 1>")


def test_a_script_that_accepts_has_no_reason(root):
    root.script("exit 0")

    result = mdev.CalloutEngine(root.env).run(*PRE_START, definition())

    assert (result.is_accepted, result.reason) == (True, "")
    assert result.exit_status == 0
    assert repr(result).endswith(": accepted>")


def test_scripts_get_event_action_and_state(root):
    root.script('echo "$event $action $state" >>"$root/calls"')
    engine = mdev.CalloutEngine(root.env)

    pre = engine.run(*PRE_START, definition())
    engine.post(pre, CalloutAction.stop, CalloutState.failure, definition())

    assert root.calls()[-2:] == ["pre start none", "post stop failure"]


def test_notifiers_are_called_in_order(root):
    root.script("echo one", "notifiers", "1")
    root.script("exit 3", "notifiers", "2")

    first, second = mdev.CalloutEngine(root.env).notify(
        CalloutAction.define, CalloutState.success, definition())

    assert first.output == "one\n"
    assert second.reason == "it exited with status 3"


def test_a_versioned_script_is_known(root):
    path = root.versioned("exit 0")

    assert mdev.CalloutEngine(root.env).versioned_script(definition()) == path


def test_attributes_come_from_the_script(root):
    root.versioned("""echo '[{"a": "1"}, {"b": "2"}]'""")

    assert mdev.CalloutEngine(root.env).attributes(definition()) == [
        ("a", "1"), ("b", "2")]


def test_an_invalid_answer_is_a_rejection(root):
    path = root.versioned("echo nonsense")

    with pytest.raises(mdev.CalloutRejected) as caught:
        mdev.CalloutEngine(root.env).attributes(definition())

    assert caught.value.subject == str(path)
    assert isinstance(caught.value, PermissionError)


def test_attributes_are_added_to_the_devices(root):
    root.versioned("""case ${10} in
        *ab) echo '[{"a": "1"}]' ;;
        *) exit 1 ;;
        esac""")
    devices = [definition(U), definition(V)]
    first, second = devices

    mdev.CalloutEngine(root.env).add_attributes(devices)

    assert first.attributes == [("a", "1")]
    assert second.attributes == []


def test_the_listener_may_be_called_by_the_librarys_threads(root):
    root.versioned("echo said >&2; exit 1")
    devices = [definition(uuid.UUID(int=i)) for i in range(8)]

    mdev.CalloutEngine(root.env).add_attributes(devices)

    assert len([m for _, m in root.messages if "said" in m]) >= 8


def test_an_engine_for_another_environment(root):
    root.script("sleep 60")
    engine = mdev.CalloutEngine(root.env)
    hasty = engine.with_environment(root.env.with_deadline(0.1))

    result = hasty.run(*PRE_START, definition())

    assert "deadline" in result.reason
    assert result.signal is None


def test_a_signal_is_reported(root):
    root.script("kill -9 $$")

    result = mdev.CalloutEngine(root.env).run(*PRE_START, definition())

    assert result.signal == 9


def test_a_script_has_a_time_limit(root):
    root.script("sleep 60")
    engine = mdev.CalloutEngine(root.env.with_script_timeout(0.1))

    result = engine.run(*PRE_START, definition())

    assert result.reason.startswith("it did not finish within 100 ms")
    assert result.exit_status is None


def test_arguments_have_their_types(root):
    engine = mdev.CalloutEngine(root.env)
    start = CalloutAction.start
    for wrong in (None, 1, "pre", mdev.StartMode.manual):
        for attempt in (lambda: engine.run(wrong, start, definition()),
                        lambda: engine.run(CalloutEvent.pre, wrong,
                                           definition()),
                        lambda: engine.run(*PRE_START, wrong),
                        lambda: engine.notify(start, wrong, definition()),
                        lambda: engine.attributes(wrong),
                        lambda: engine.versioned_script(wrong),
                        lambda: engine.add_attributes(wrong),
                        lambda: engine.add_attributes([definition(), wrong]),
                        lambda: mdev.CalloutEngine(wrong)):
            with pytest.raises(TypeError):
                attempt()
    with pytest.raises(TypeError):
        engine.post(1, start, CalloutState.none, definition())
    with pytest.raises(TypeError):
        engine.add_attributes((definition(),))


def test_a_script_is_tested(root):
    good = root.script(f'[ "$2" = {definition().type_id} ] || exit 2')
    bad = root.script("sleep 60", name="bad")
    env = root.env.with_script_timeout(0.05)

    remarks = mdev.test_script(str(good), definition(), root.env)
    failures = [one for one in mdev.test_script(bad, definition(), env)
                if one.kind is mdev.RemarkKind.failure]

    first = remarks[0]
    assert {one.word for one in remarks} <= {"ok", "note"}
    assert first.what and first.why == ""
    assert json.loads(first.to_json())["what"] == first.what
    assert repr(first) == f"<mdev.ScriptRemark {first.word} {first.what}>"
    assert all(one.word == "FAIL" and one.why for one in failures)
    assert failures


def test_a_script_to_test_must_exist(root):
    with pytest.raises(FileNotFoundError):
        mdev.test_script(root.path / "none", definition(), root.env)
    for attempt in (lambda: mdev.test_script(None, definition(), root.env),
                    lambda: mdev.test_script("x", U, root.env),
                    lambda: mdev.test_script("x", definition(), None)):
        with pytest.raises(TypeError):
            attempt()
