// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/uuid.hpp>

#include <chrono>
#include <cstddef>
#include <mdev.h>
#include <optional>
#include <string>
#include <utility>

// The boundary: exceptions become codes here, arguments become values, and
// nowhere else.

/// Remembers the exception that is being handled as this thread's last error;
/// returns its code.
int remember_failure() noexcept;

/// Passes on what a caller's function has answered: not 0.
struct CallbackFailed {
    int code;
};

[[noreturn]] void throw_bad_argument(const char* name, const char* rule);
[[noreturn]] void throw_bad_index(std::size_t index, std::size_t count);

/// Runs `call`; returns 0 or the code of what it threw.
template <class Call> int guard(Call&& call) noexcept
{
    try {
        std::forward<Call>(call)();
        return 0;
    } catch (...) {
        return remember_failure();
    }
}

/// Returns what `call` returns, a number; or the code of what it threw.
template <class Call>
auto guard_number(Call&& call) noexcept -> decltype(call())
{
    try {
        return std::forward<Call>(call)();
    } catch (...) {
        return remember_failure();
    }
}

/// Returns what `call` returns, a pointer or a size; null or 0 if it threw.
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

/// What an argument points to.
template <class T> T& require(T* pointer, const char* name)
{
    if (!pointer)
        throw_bad_argument(name, "must not be NULL");
    return *pointer;
}

/// Puts a new handle of what `call` returns into `*out`; null if it throws.
template <class Handle, class Call>
int make(Handle** out, const char* name, Call&& call) noexcept
{
    if (out)
        *out = nullptr;
    return guard([&] {
        Handle*& made = require(out, name); // before anything happens
        made = new Handle{std::forward<Call>(call)()};
    });
}

/// The same where `call` may return nothing, for which null stands.
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

/// The same where the caller may not want it.
template <class Handle, class Call>
int make_if_wanted(Handle** out, Call&& call) noexcept
{
    if (out)
        return make(out, "", std::forward<Call>(call));
    return guard(std::forward<Call>(call));
}

template <class Handle> int copy(const Handle* handle, Handle** out) noexcept
{
    return make(out, "copy", [&] { return require(handle, "handle"); });
}

template <class List> std::size_t count_of(const List* list) noexcept
{
    return guard_pointer([&] { return require(list, "list").items.size(); });
}

/// An item of a list that is there.
template <class List> auto& item(const List* list, std::size_t index)
{
    const auto& items = require(list, "list").items;
    if (index >= items.size())
        throw_bad_index(index, items.size());
    return items[index];
}

/// The enumerator of that number, which are those from 0 to `last`.
template <class Enum> Enum require_enum(int number, Enum last, const char* name)
{
    if (number < 0 || number > static_cast<int>(last))
        throw_bad_argument(name, "is none of the enumeration's");
    return static_cast<Enum>(number);
}

mdev_uuid uuid_of(const mdev::Uuid& uuid) noexcept;
mdev::Uuid require_uuid(const mdev_uuid* uuid);
std::optional<mdev::Uuid> optional_uuid(const mdev_uuid* uuid);

const char* require_text(const char* text, const char* name);
std::optional<std::string> optional_text(const char* text);

std::chrono::milliseconds require_time(long milliseconds);
