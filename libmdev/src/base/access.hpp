// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace mdev {

/// The one friend of the public classes. The library's own sources reach the
/// Impl through this struct; a program cannot, because the header is not
/// installed.
///
/// A public class is one pointer wide and keeps its members in a shared Impl,
/// so that members can be added without a change of the ABI. Copies of a value
/// share one Impl, which is therefore const: a setter replaces the pointer and
/// never the contents.
struct Access {
    /// The Impl of `object`, which must outlive the reference.
    template <class Class>
    static const typename Class::Impl& impl(const Class& object)
    {
        return *object.impl_;
    }
    /// Wraps an Impl that is complete. The class needs no public constructor
    /// for every combination of members.
    template <class Class> static Class make(typename Class::Impl&& impl)
    {
        return Class(
            std::make_shared<const typename Class::Impl>(std::move(impl)));
    }

    /// The type of the Impl. clang 14 lets a friend's functions name it, but
    /// not a friend's alias.
    template <class Class>
    using Impl =
        std::remove_cvref_t<decltype(impl(std::declval<const Class&>()))>;
};

}
