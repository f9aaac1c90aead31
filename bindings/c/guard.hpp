// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/uuid.hpp>

#include <chrono>
#include <cstddef>
#include <mdev.h>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

// The boundary between C and C++. Every exported function runs inside one of
// the guards, which turn exceptions into codes. The require functions turn
// arguments into values, and throw if an argument is bad.

/// Stores the exception that is being handled as this thread's last error.
/// Returns its code.
int remember_failure() noexcept;

/// Returns the code of this interface for an error of the library; 0 for none.
int code_of(const std::error_code& code);
/// Returns the kernel's number; 0 if the error is not one of the kernel's.
int kernel_number(const std::error_code& code);

/// A callback has returned this code, which is not 0.
struct CallbackFailed {
    int code;
};

[[noreturn]] void throw_bad_argument(const char* name, const char* rule);
[[noreturn]] void throw_bad_index(std::size_t index, std::size_t count);

/// Runs `call`. Returns 0, or the code of what `call` threw.
template <class Call> int guard(Call&& call) noexcept
{
    try {
        std::forward<Call>(call)();
        return 0;
    } catch (...) {
        return remember_failure();
    }
}

/// Returns the number that `call` returns, or the code of what `call` threw.
template <class Call>
auto guard_number(Call&& call) noexcept -> decltype(call())
{
    try {
        return std::forward<Call>(call)();
    } catch (...) {
        return remember_failure();
    }
}

/// Returns the pointer or size that `call` returns; null or 0 if `call` threw.
template <class Call>
auto guard_pointer(Call&& call) noexcept -> decltype(call())
{
    try {
        return std::forward<Call>(call)();
    } catch (...) {
        remember_failure();
        return {};
    }
}

/// Returns what an argument points to.
template <class T> T& require(T* pointer, const char* name)
{
    if (!pointer)
        throw_bad_argument(name, "must not be NULL");
    return *pointer;
}

/// Returns what a handle points to. The argument has the handle's usual name.
template <class Handle> Handle& require(Handle* handle)
{
    return require(handle, Handle::argument);
}

/// Returns the C++ object of a handle.
template <class Handle> auto& value_of(Handle* handle)
{
    return require(handle).value;
}

/// Stores a new handle of what `call` returns in `*out`; null if `call` throws.
/// A bad `out` is noticed before `call` does anything.
template <class Handle, class Call>
int make(Handle** out, const char* name, Call&& call) noexcept
{
    if (out)
        *out = nullptr;
    return guard([&] {
        Handle*& made = require(out, name);
        made = new Handle{std::forward<Call>(call)()};
    });
}

/// Does what make() does for a `call` that may return nothing, which is null.
template <class Handle, class Call>
int find(Handle** out, const char* name, Call&& call) noexcept
{
    if (out)
        *out = nullptr;
    return guard([&] {
        Handle*& found = require(out, name);
        if (auto value = std::forward<Call>(call)())
            found = new Handle{std::move(*value)};
    });
}

/// Does what make() does, or only runs `call` if `out` is null.
template <class Handle, class Call>
int make_if_wanted(Handle** out, Call&& call) noexcept
{
    if (out)
        return make(out, "", std::forward<Call>(call));
    return guard(std::forward<Call>(call));
}

template <class Handle> int copy(const Handle* handle, Handle** out) noexcept
{
    return make(out, "copy", [&] { return require(handle); });
}

/// Applies `change` to a copy of the handle's value and then replaces the
/// handle by a new one, so that what the handle lends fits. Changes nothing on
/// failure.
template <class Handle, class Change>
int change(Handle* handle, Change&& change) noexcept
{
    return guard([&] {
        auto value = value_of(handle);
        std::forward<Change>(change)(value);
        *handle = Handle{std::move(value)};
    });
}

template <class List> std::size_t count_of(const List* list) noexcept
{
    return guard_pointer([&] { return require(list).items.size(); });
}

/// Returns the item number `index` of a list.
template <class List> auto& item(const List* list, std::size_t index)
{
    const auto& items = require(list).items;
    if (index >= items.size())
        throw_bad_index(index, items.size());
    return items[index];
}

/// The first and the last enumerator of an enumeration that C passes as a
/// number. Every number between them is an enumerator.
template <class Enum> struct Enumeration;

/// Returns the enumerator whose number is `number`.
template <class Enum> Enum require_enum(int number, const char* name)
{
    if (number < static_cast<int>(Enumeration<Enum>::first) ||
        number > static_cast<int>(Enumeration<Enum>::last))
        throw_bad_argument(name, "is none of the enumeration's");
    return static_cast<Enum>(number);
}

mdev_uuid uuid_of(const mdev::Uuid& uuid) noexcept;
std::optional<mdev_uuid> uuid_of(
    const std::optional<mdev::Uuid>& uuid) noexcept;
mdev::Uuid require_uuid(const mdev_uuid* uuid);
std::optional<mdev::Uuid> optional_uuid(const mdev_uuid* uuid);

const char* require_text(const char* text, const char* name);
std::optional<std::string> optional_text(const char* text);

std::chrono::milliseconds require_time(long milliseconds);
/// The moment `milliseconds` from now.
std::chrono::steady_clock::time_point require_deadline(long milliseconds);
long time_of(std::chrono::milliseconds time);
