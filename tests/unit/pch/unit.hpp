// SPDX-License-Identifier: LGPL-2.1-or-later
// The precompiled header of all unit tests.

#include "catch.hpp"

#include <mdev/mdev.hpp>
