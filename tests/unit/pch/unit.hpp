// SPDX-License-Identifier: LGPL-2.1-or-later
// Compiled once for all unit tests, and included in front of each.

#include "catch.hpp"

#include <mdev/mdev.hpp>
