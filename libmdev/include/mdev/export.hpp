// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Marks what the shared library exports; everything else stays hidden.
#define MDEV_API __attribute__((visibility("default")))
