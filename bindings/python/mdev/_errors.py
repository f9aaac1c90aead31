# SPDX-License-Identifier: LGPL-2.1-or-later
"""The exceptions of the package. Each is an OSError, and also the built-in
exception of the same meaning, such as FileNotFoundError or ValueError."""
import errno
import os
from typing import ClassVar, Dict, List, NamedTuple, Optional, Tuple, Type

from ._mdev import Errc, Outcome


class DeviceUser(NamedTuple):
    """A visible process in /proc that has a device open."""
    #: The number of the process.
    pid: int
    #: The name of its program, shortened by the kernel; empty if unknown.
    command: str


DeviceUser.__module__ = "mdev"


class Error(OSError):
    """A failure of the library.

    str() is one sentence for an administrator. `errno` is the kernel's error
    number; if the kernel reported no error, it is the closest number."""

    #: The kind of failure; None if the library knows only the errno.
    code: Optional[Errc] = None
    #: The path, UUID or name that caused the failure; may be empty.
    subject: str = ""
    #: The processes that have the device open, for InUse, and for Cancelled if
    #: waiting for them was cancelled; otherwise empty.
    users: List[DeviceUser] = []
    #: The results of the devices that failed, after a command for several
    #: devices, for example with PartialFailure; otherwise empty.
    outcomes: List[Outcome] = []
    _errno: ClassVar[int] = errno.EIO

    def __str__(self) -> str:
        return self.strerror or super().__str__()


class NotDefined(Error, FileNotFoundError):
    """No definition with that UUID (and parent) exists."""
    code = Errc.not_defined
    _errno = errno.ENOENT


class NotActive(Error, FileNotFoundError):
    """No device of that UUID is active."""
    code = Errc.not_active
    _errno = errno.ENODEV


class AlreadyDefined(Error, FileExistsError):
    """That UUID is already defined on that parent."""
    code = Errc.already_defined
    _errno = errno.EEXIST


class AlreadyActive(Error, FileExistsError):
    """That device is active."""
    code = Errc.already_active
    _errno = errno.EEXIST


class NoSuchParent(Error, FileNotFoundError):
    """The kernel has no parent device of that name."""
    code = Errc.no_such_parent
    _errno = errno.ENODEV


class NoSuchType(Error, FileNotFoundError):
    """The parent does not offer that type."""
    code = Errc.no_such_type
    _errno = errno.ENOENT


class NoInstanceLeft(Error):
    """The parent has no available instance."""
    code = Errc.no_instance_left
    _errno = errno.ENOSPC


class Ambiguous(Error):
    """Several definitions match; a parent is needed."""
    code = Errc.ambiguous
    _errno = errno.ENOTUNIQ


class InvalidName(Error, ValueError):
    """A name that could leave its directory."""
    code = Errc.invalid_name
    _errno = errno.EINVAL


class InvalidDefinition(Error, ValueError):
    """A malformed or invalid definition."""
    code = Errc.invalid_definition
    _errno = errno.EINVAL


class InvalidIndex(Error, IndexError):
    """An attribute number beyond the list."""
    code = Errc.invalid_index
    _errno = errno.ERANGE


class CalloutRejected(Error, PermissionError):
    """A callout script refused the command."""
    code = Errc.callout_rejected
    _errno = errno.EPERM


class NotSupported(Error):
    """No script or driver can do that."""
    code = Errc.not_supported
    _errno = errno.EOPNOTSUPP


class TimedOut(Error, TimeoutError):
    """A time limit of the Environment has passed."""
    code = Errc.timed_out
    _errno = errno.ETIMEDOUT


class PartialFailure(Error):
    """Some of several devices failed; `outcomes` has their results."""
    code = Errc.partial_failure
    _errno = errno.EIO


class Incomplete(Error, ValueError):
    """The device is insufficiently specified."""
    code = Errc.incomplete
    _errno = errno.EINVAL


class LockHeld(Error):
    """A command would wait for its own caller."""
    code = Errc.lock_held
    _errno = errno.EDEADLK


class Cancelled(Error):
    """Cancelled through the Environment's cancel descriptor."""
    code = Errc.cancelled
    _errno = errno.ECANCELED


class InUse(Error):
    """A process has the device open; `users` has the processes."""
    code = Errc.in_use
    _errno = errno.EBUSY


# Programs catch an error that has only an errno as Error, or as Python's own
# class for the errno. So these classes are not public.

class _BlockingIOError(Error, BlockingIOError):
    pass


class _FileExistsError(Error, FileExistsError):
    pass


class _FileNotFoundError(Error, FileNotFoundError):
    pass


class _IsADirectoryError(Error, IsADirectoryError):
    pass


class _NotADirectoryError(Error, NotADirectoryError):
    pass


class _PermissionError(Error, PermissionError):
    pass


class _TimeoutError(Error, TimeoutError):
    pass


_BY_CODE: Dict[Optional[Errc], Type[Error]] = {
    each.code: each for each in Error.__subclasses__() if each.code}
_BY_ERRNO: Dict[type, Type[Error]] = {
    each.__bases__[1]: each for each in Error.__subclasses__()
    if not each.code}


def _class_of(number: Optional[int], cause: int) -> Tuple[
        Optional[Errc], Type[Error]]:
    """A newer library may have a `number` that this module does not know."""
    if number is None:
        return None, _BY_ERRNO.get(type(OSError(cause, "")), Error)
    try:
        return Errc(number), _BY_CODE.get(Errc(number), Error)
    except ValueError:
        return None, Error


def make_users(users: List[Tuple[int, str]]) -> List[DeviceUser]:
    """Returns the users of a device, which the library has as pairs."""
    return [DeviceUser(pid, command) for pid, command in users]


def make_code(number: int) -> Optional[Errc]:
    """Returns the Errc; None if a newer library has one that is unknown."""
    return _class_of(number, 0)[0]


def from_library(number: Optional[int], cause: int, subject: str,
                 message: str, users: Optional[List[DeviceUser]] = None,
                 outcomes: Optional[List[Outcome]] = None) -> Error:
    """Returns the exception for an error of the library. `number` is its Errc,
    or None; `cause` is the kernel's errno, or 0."""
    code, kind = _class_of(number, cause)
    error = kind(cause or kind._errno, message)
    error.code = code
    error.subject = subject
    error.users = users or []
    error.outcomes = outcomes or []
    if os.path.isabs(subject):
        error.filename = subject
    return error
