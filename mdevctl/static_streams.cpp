// SPDX-License-Identifier: LGPL-2.1-or-later
// Only in a program that is linked statically: without this file it would begin
// with making the streams of the C++ library and their locale, which Boost's
// options ask for and which nothing uses. They are a quarter of what the
// program executes until main(), and a dozen pages of memory.
#include <ios>

// Weak: a C++ library whose object of these functions has others that are
// needed brings its own.
namespace std {

[[gnu::weak]] ios_base::Init::Init() = default;
[[gnu::weak]] ios_base::Init::~Init() = default;

}
