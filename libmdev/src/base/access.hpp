// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <utility>

namespace mdev {

/// Opens the public classes to the library's own sources: every class with
/// insides has this one friend.
struct Access {
    template <class Class> using Impl = typename Class::Impl;

    template <class Class>
    static const typename Class::Impl& impl(const Class& object)
    {
        return *object.impl_;
    }
    template <class Class> static Class make(typename Class::Impl impl)
    {
        return Class(
            std::make_shared<const typename Class::Impl>(std::move(impl)));
    }
};

}
