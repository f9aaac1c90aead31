// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

// The common features of Catch2 2.13 and Catch2 3, under one name.
#define CATCH_CONFIG_ENABLE_ALL_STRINGMAKERS
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#define MDEV_TEST_CATCH2_V2
#endif

#include <mdev/uuid.hpp>

#include <string>

namespace Catch {

template <> struct StringMaker<mdev::Uuid> {
    static std::string convert(const mdev::Uuid& uuid) { return uuid.string(); }
};

}

namespace mdev::test {

inline auto contains(const std::string& part)
{
#ifdef MDEV_TEST_CATCH2_V2
    return Catch::Matchers::Contains(part);
#else
    return Catch::Matchers::ContainsSubstring(part);
#endif
}

inline auto starts_with(const std::string& beginning)
{
    return Catch::Matchers::StartsWith(beginning);
}

/// Reports that the running test case is skipped, and the reason. The test case
/// must return afterwards.
void skip(const std::string& why);

}
