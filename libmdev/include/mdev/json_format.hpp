// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace mdev {

/// The layout of a list in JSON. Numbers are never reused.
enum class JsonFormat {
    compatible = 1, ///< the format of mdevctl 1.x, nested by parent
    flat = 2, ///< `{"version": 1, …}` and an array of objects
};

}
