// SPDX-License-Identifier: LGPL-2.1-or-later
// Only for a program that is linked statically. Without this file, the program
// would first construct the streams of the C++ library and their locale, which
// Boost's options refer to and which nothing uses. This takes a quarter of the
// instructions before main(), and a dozen pages of memory.
#include <ios>

// Weak: if the library's object file of these functions is linked for other
// functions, its definitions take precedence.
namespace std {

[[gnu::weak]] ios_base::Init::Init() = default;
[[gnu::weak]] ios_base::Init::~Init() = default;

}
